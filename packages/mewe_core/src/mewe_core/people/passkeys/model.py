"""Requests and answers of passkeys, as the contract has them."""

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.checks import identifier, text
from mewe_core.people.devices.model import DeviceKey, DeviceProof

_credential = text(16_384)


@frozen
class GetPasskeyRegistrationOptionsRequest:
    """Ask what to make a passkey with."""


@frozen
class PasskeyRegistrationOptions:
    """What ``navigator.credentials.create`` takes as JSON; good until ``expire_time``, once."""

    options: str = field(repr=False)
    expire_time: Instant


@frozen
class RegisterPasskeyRequest:
    """Keep a passkey that was made. ``credential``: what ``create`` gave, as JSON, at most 16384 characters.

    ``session_token``: the secret of the device session that asks; ``proof`` of the key that it is bound to, if it is.
    """

    request_id: str = field(validator=identifier)
    credential: str = field(validator=_credential, repr=False)
    session_token: str = field(validator=text(200), repr=False)
    proof: DeviceProof | None = None


@frozen
class Passkey:
    """One of one's own passkeys. ``last_use_time`` None: never used yet."""

    id: str
    create_time: Instant
    last_use_time: Instant | None


@frozen
class ListPasskeysRequest:
    """One's own passkeys."""


@frozen
class ListPasskeysResponse:
    """All of them, oldest first; at most 20."""

    passkeys: tuple[Passkey, ...]


@frozen
class RemovePasskeyRequest:
    """Remove one of one's own. ``session_token`` and ``proof``: as for registering one."""

    request_id: str = field(validator=identifier)
    passkey_id: str = field(validator=identifier)
    session_token: str = field(validator=text(200), repr=False)
    proof: DeviceProof | None = None


@frozen
class RemovePasskeyResponse:
    """It is removed."""


@frozen
class GetPasskeySignInOptionsRequest:
    """Ask what to sign in with."""


@frozen
class PasskeySignInOptions:
    """What ``navigator.credentials.get`` takes as JSON; good until ``expire_time``, once."""

    options: str = field(repr=False)
    expire_time: Instant


@frozen
class SignInWithPasskeyRequest:
    """Sign in. ``credential``: what ``get`` gave, as JSON, at most 16384 characters."""

    request_id: str = field(validator=identifier)
    credential: str = field(validator=_credential, repr=False)
    device_key: DeviceKey | None = None
