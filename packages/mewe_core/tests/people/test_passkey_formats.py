"""Only two ways of stating an authenticator's make are taken, though the library knows more: less to be wrong about."""

import datetime
import hashlib
import json
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from mewe_core.people.base64url import from_text, to_text
from mewe_core.people.errors import PasskeyNotGood
from mewe_core.people.passkeys import rules
from mewe_core.people.passkeys.settings import PasskeySettings
from mewe_core.people.passkeys.testing import Authenticator
from webauthn import verify_registration_response

HERE = "https://mewe.example"
SETTINGS = PasskeySettings(rp_id="mewe.example", origins=(HERE,))
CHALLENGE = b"c" * 40
BEGUN, ENDED = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC)


def made() -> tuple[str, Authenticator]:
    """A passkey without any statement, and what made it."""
    device = Authenticator(HERE)
    return device.create(rules.registration_options(SETTINGS, "ada", CHALLENGE, [])), device


def stated(credential: str, kind: str, statement: dict[str, Any]) -> str:
    """The same passkey with a statement of its authenticator's make."""
    answer: dict[str, Any] = json.loads(credential)
    attested = cbor2.loads(from_text(answer["response"]["attestationObject"]))
    said = cbor2.dumps({**attested, "fmt": kind, "attStmt": statement})
    answer["response"]["attestationObject"] = to_text(said)
    return json.dumps(answer)


def hashed(credential: str) -> bytes:
    """The digest of what the browser says."""
    return hashlib.sha256(from_text(json.loads(credential)["response"]["clientDataJSON"])).digest()


def of_old_key(credential: str, device: Authenticator) -> str:
    """A good statement as keys of the first generation make it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A maker of keys")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, BEGUN, ENDED).sign(key, SHA256()).public_bytes(Encoding.DER)
    )
    numbers = device.held[0].key.public_key().public_numbers()
    point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    data = b"\x00" + hashlib.sha256(b"mewe.example").digest() + hashed(credential) + device.held[0].id + point
    return stated(credential, "fido-u2f", {"x5c": [certificate], "sig": key.sign(data, ec.ECDSA(SHA256()))})


def of_itself(credential: str, device: Authenticator) -> str:
    """A good statement that a passkey makes of itself."""
    attested = cbor2.loads(from_text(json.loads(credential)["response"]["attestationObject"]))
    signature = device.held[0].key.sign(attested["authData"] + hashed(credential), ec.ECDSA(SHA256()))
    return stated(credential, "packed", {"alg": -7, "sig": signature})


def test_a_statement_of_another_kind_is_refused_though_it_is_good() -> None:
    """The library believes it; we do not ask for it."""
    credential = of_old_key(*made())
    options: dict[str, Any] = {"expected_challenge": CHALLENGE, "expected_rp_id": "mewe.example", "expected_origin": HERE}
    assert verify_registration_response(credential=credential, **options).fmt == "fido-u2f"
    with pytest.raises(PasskeyNotGood):
        rules.registered(SETTINGS, credential, CHALLENGE)


def test_no_statement_and_one_of_the_passkey_itself_are_taken() -> None:
    """The second if it is signed by what it speaks of."""
    credential, device = made()
    assert rules.registered(SETTINGS, credential, CHALLENGE).credential_id
    assert rules.registered(SETTINGS, of_itself(credential, device), CHALLENGE).credential_id
    with pytest.raises(PasskeyNotGood):
        rules.registered(SETTINGS, of_itself(credential, made()[1]), CHALLENGE)
