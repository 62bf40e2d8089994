"""Requests and answers of signing in at an issuer, as the contract has them."""

from attrs import field, frozen

from mewe_core.kit.checks import identifier, text
from mewe_core.people.devices.model import DeviceKey


@frozen
class ListStaffIssuersRequest:
    """Ask where staff sign in."""


@frozen
class ListStaffIssuersResponse:
    """Their addresses, in the order of the mix."""

    issuers: tuple[str, ...]


@frozen
class BeginStaffSignInRequest:
    """Ask where to go for an issuer."""

    issuer: str = field(validator=text(500))


@frozen
class StaffSignIn:
    """Where to go, and the secret to come back with."""

    url: str = field(repr=False)
    secret: str = field(repr=False)


@frozen
class FinishStaffSignInRequest:
    """Come back. ``state`` and ``code``: from the issuer, at most 1000 and 4000 characters; ``secret``: from the beginning."""

    request_id: str = field(validator=identifier)
    state: str = field(validator=text(1000), repr=False)
    code: str = field(validator=text(4000), repr=False)
    secret: str = field(validator=text(100), repr=False)
    device_key: DeviceKey | None = None
