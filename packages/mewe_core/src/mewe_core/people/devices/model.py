"""A device's key and its proof, as the contract has them."""

from attrs import field, frozen

from mewe_core.kit.checks import text
from mewe_core.people.devices.rules import point

_COORDINATE_LENGTH = 43


@frozen
class DeviceKey:
    """A P-256 key of a device: its coordinates as a JWK has them (43 characters of URL-safe base64 each)."""

    x: str = field(validator=text(_COORDINATE_LENGTH))
    y: str = field(validator=text(_COORDINATE_LENGTH))

    def __attrs_post_init__(self) -> None:
        point(self.x, self.y)


@frozen
class DeviceProof:
    """That the device has its key: an ECDSA signature (r and s, 64 bytes, URL-safe base64) over ``rules.signed(...)``."""

    challenge: str = field(validator=text(200))
    signature: str = field(validator=text(200), repr=False)


@frozen
class GetRefreshChallengeRequest:
    """Ask for something to sign."""


@frozen
class RefreshChallenge:
    """Something to sign with the country's code, good for two minutes."""

    challenge: str
    country: str
