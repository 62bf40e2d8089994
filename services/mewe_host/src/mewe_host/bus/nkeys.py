"""Who a process is to NATS: an Ed25519 key whose seed never leaves its machine; the server knows the public half alone."""

import base64
import binascii

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.aio.client import Client

from mewe_host.bus.faults import BusFault

_USER = 20 << 3
_SEED = 18 << 3
_BYTES = 32


@frozen
class UserKey:
    """A user of NATS. ``seed`` is its secret, as the tools of NATS write it (``SU...``)."""

    seed: str = field(repr=False)

    @classmethod
    def fresh(cls) -> "UserKey":
        """A new one."""
        secret = Ed25519PrivateKey.generate().private_bytes_raw()
        return cls(_encoded(bytes((_SEED | _USER >> 5, (_USER & 31) << 3)) + secret))

    @classmethod
    def read(cls, text: str) -> "UserKey":
        """From what a file holds. Raises BusFault if that is no seed of a user."""
        key = cls(text.strip())
        try:
            whole = base64.b32decode(key.seed + "=" * (-len(key.seed) % 8))
            is_seed = len(whole) == _BYTES + 4 and _checked(whole[:-2]) == whole[-2:] and _encoded(whole[:-2]) == key.seed
        except (binascii.Error, ValueError):
            is_seed = False
        if not is_seed or not key.seed.startswith("SU"):
            raise BusFault("nats.credentials", "this file holds no key of a user", "a file that `mewe nats accounts` made")
        return key

    @property
    def public(self) -> str:
        """What the server is told of it (``U...``)."""
        return _encoded(bytes((_USER,)) + self._private().public_key().public_bytes_raw())

    def sign(self, nonce: str) -> bytes:
        """The answer to what a server asks of whoever says to be this user."""
        return base64.b64encode(self._private().sign(nonce.encode()))

    def _private(self) -> Ed25519PrivateKey:
        whole = base64.b32decode(self.seed + "=" * (-len(self.seed) % 8))
        return Ed25519PrivateKey.from_private_bytes(whole[2:-2])


class KeyedClient(Client):
    """A client of NATS that answers with a ``UserKey``: its own way to do so wants a library more."""

    def _setup_nkeys_seed_connect(self) -> None:
        key = UserKey(str(self._nkeys_seed_str))
        self._public_nkey = key.public
        self._signature_cb = key.sign


def _encoded(raw: bytes) -> str:
    return base64.b32encode(raw + _checked(raw)).decode().rstrip("=")


def _checked(raw: bytes) -> bytes:
    return binascii.crc_hqx(raw, 0).to_bytes(2, "little")
