"""What binds a session to a device: which keys are keys, and which signatures are proofs. Pure."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from mewe_core.kit.errors import Field, Invalid
from mewe_core.people.base64url import from_text

CHALLENGE_MINUTES = 2
COORDINATE_BYTES = 32


def point(x: str, y: str) -> ec.EllipticCurvePublicKey:
    """The key of two coordinates. Raises Invalid if they are no point of P-256."""
    try:
        first, second = from_text(x), from_text(y)
        if len(first) != COORDINATE_BYTES or len(second) != COORDINATE_BYTES:
            raise ValueError("a coordinate has 32 bytes")
        at = int.from_bytes(first, "big"), int.from_bytes(second, "big")
        return ec.EllipticCurvePublicNumbers(*at, ec.SECP256R1()).public_key()
    except ValueError:
        raise Invalid(Field("x", "the coordinates of a P-256 key, as a JWK has them")) from None


def signed(country: str, session_id: str, challenge: str) -> bytes:
    """What the device signs."""
    return "\n".join(("mewe refresh", country, session_id, challenge)).encode()


def is_proof(key: ec.EllipticCurvePublicKey, signature: str, said: bytes) -> bool:
    """Whether the signature is the key's, over what was to be signed."""
    try:
        halves = from_text(signature)
        if len(halves) != 2 * COORDINATE_BYTES:
            return False
        r, s = (int.from_bytes(half, "big") for half in (halves[:COORDINATE_BYTES], halves[COORDINATE_BYTES:]))
        key.verify(encode_dss_signature(r, s), said, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
