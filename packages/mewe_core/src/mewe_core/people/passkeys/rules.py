"""What passkeys decide: whether a response of an authenticator is what was asked for. Pure.

The library verifies what the standard says (W3C Web Authentication, level 2, sections 7.1 and 7.2); whatever is wrong, the
answer is one and the same.
"""

import json
from collections.abc import Iterable

from attrs import field, frozen
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mewe_core.people.base64url import from_text, to_text
from mewe_core.people.errors import PasskeyNotGood
from mewe_core.people.passkeys.settings import PasskeySettings

MOST_PASSKEYS = 20
CHALLENGE_MINUTES = 5
FORMATS = ("none", "packed")
"""Statements that are taken of an authenticator's make; nobody's make is asked for, and none is kept."""

ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
NAME = "MEWE"

_FAULTS = (WebAuthnException, ValueError, TypeError, KeyError, LookupError, AttributeError, OverflowError, RecursionError)


@frozen
class Registered:
    """What is kept of a passkey that was made."""

    credential_id: str
    public_key: str = field(repr=False)
    sign_count: int


def registration_options(settings: PasskeySettings, person_id: str, challenge: bytes, known: Iterable[str]) -> str:
    """What ``navigator.credentials.create`` takes: a passkey that is found without a name, and whose holder is verified."""
    options = generate_registration_options(
        rp_id=settings.rp_id,
        rp_name=NAME,
        user_name=NAME,
        user_display_name=NAME,
        user_id=person_id.encode(),
        challenge=challenge,
        timeout=CHALLENGE_MINUTES * 60_000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=from_text(one)) for one in known],
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json(options)


def sign_in_options(settings: PasskeySettings, challenge: bytes) -> str:
    """What ``navigator.credentials.get`` takes: any passkey of this domain, whoever's it is."""
    options = generate_authentication_options(
        rp_id=settings.rp_id,
        challenge=challenge,
        timeout=CHALLENGE_MINUTES * 60_000,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def challenge_of(credential: str) -> bytes:
    """The challenge that a response answers, as it says itself. Raises PasskeyNotGood."""
    try:
        said = json.loads(from_text(json.loads(credential)["response"]["clientDataJSON"]))
        if said.get("crossOrigin", False) is not False:
            raise PasskeyNotGood
        return from_text(said["challenge"])
    except _FAULTS:
        raise PasskeyNotGood from None


def credential_of(credential: str) -> tuple[str, str]:
    """Which passkey answers, and whose it says it is (the person's id). Raises PasskeyNotGood."""
    try:
        brought = json.loads(credential)
        return to_text(from_text(brought["id"])), from_text(brought["response"]["userHandle"]).decode()
    except _FAULTS:
        raise PasskeyNotGood from None


def registered(settings: PasskeySettings, credential: str, challenge: bytes) -> Registered:
    """What is kept of a passkey that answers the challenge. Raises PasskeyNotGood."""
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=settings.rp_id,
            expected_origin=list(settings.origins),
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except _FAULTS:
        raise PasskeyNotGood from None
    if verified.fmt not in FORMATS:
        raise PasskeyNotGood
    public_key = to_text(verified.credential_public_key)
    return Registered(to_text(verified.credential_id), public_key, verified.sign_count)


def counted(settings: PasskeySettings, credential: str, challenge: bytes, public_key: str, sign_count: int) -> int:
    """The new sign count, if the passkey answers the challenge. Raises PasskeyNotGood, also if the count did not rise.

    A count that does not rise may mean that the passkey was copied; those that never count say 0 each time.
    """
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=settings.rp_id,
            expected_origin=list(settings.origins),
            credential_public_key=from_text(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except _FAULTS:
        raise PasskeyNotGood from None
    return verified.new_sign_count
