"""The key of a device: a session that is bound to it is refreshed by nobody else, whoever has copied its secret."""

import base64
from typing import Protocol, Self

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from mewe.people.v1 import device_key_pb2

_COORDINATE_BYTES = 32


class DeviceKey(Protocol):
    """A P-256 key that can be held by anything: the memory of a process, a security chip."""

    @property
    def public(self) -> device_key_pb2.DeviceKey:
        """Its public half, told when a session begins."""
        ...

    def sign(self, said: bytes) -> bytes:
        """An ECDSA signature with SHA-256: r and s one after the other, 64 bytes."""
        ...


@frozen
class SoftwareKey:
    """A key in the memory of this process, for devices that have no better place."""

    _key: ec.EllipticCurvePrivateKey = field(factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False)

    @classmethod
    def unlocked(cls, pem: bytes, password: bytes) -> Self:
        """The key that ``locked`` gave. Raises ValueError if it is none, or for another password."""
        key = load_pem_private_key(pem, password)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise ValueError("this is no P-256 key")
        return cls(key)

    def locked(self, password: bytes) -> bytes:
        """The key for keeping, as PEM; nobody reads it without the password."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))

    @property
    def public(self) -> device_key_pb2.DeviceKey:
        """Its public half, told when a session begins."""
        at = self._key.public_key().public_numbers()
        return device_key_pb2.DeviceKey(x=_text(_bytes(at.x)), y=_text(_bytes(at.y)))

    def sign(self, said: bytes) -> bytes:
        """An ECDSA signature with SHA-256: r and s one after the other, 64 bytes."""
        r, s = decode_dss_signature(self._key.sign(said, ec.ECDSA(SHA256())))
        return _bytes(r) + _bytes(s)


def proof(key: DeviceKey, country: str, session_id: str, challenge: str) -> device_key_pb2.DeviceProof:
    """That the device has its key, for one session of one country."""
    said = "\n".join(("mewe refresh", country, session_id, challenge)).encode()
    return device_key_pb2.DeviceProof(challenge=challenge, signature=_text(key.sign(said)))


def _bytes(number: int) -> bytes:
    return number.to_bytes(_COORDINATE_BYTES, "big")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
