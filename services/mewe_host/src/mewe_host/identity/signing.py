"""Signatures of the country: ES256 under the key that its access tokens are signed with, and never to be taken for a token.

What is signed begins with words that no token can begin with, then country and purpose. Verifying needs the public key alone.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.ports import PublicKey

_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_ES256 = ec.ECDSA(SHA256())


def signed(key: ec.EllipticCurvePrivateKey, country: str, purpose: str, said: bytes) -> Hexadecimal:
    """The two numbers of a signature, 64 hexadecimal digits each."""
    r, s = decode_dss_signature(key.sign(_told(country, purpose, said), _ES256))
    return Hexadecimal(f"{r:064x}{s:064x}")


def verified(key: PublicKey, country: str, purpose: str, said: bytes, signature: str) -> bool:
    """Whether this country has signed it for this purpose, with this key."""
    try:
        if not _SIGNATURE.fullmatch(signature):
            return False
        public = ec.EllipticCurvePublicNumbers(int(key.x, 16), int(key.y, 16), ec.SECP256R1()).public_key()
        numbers = encode_dss_signature(int(signature[:64], 16), int(signature[64:], 16))
        public.verify(numbers, _told(country, purpose, said), _ES256)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def key_set(keys: Iterable[PublicKey]) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Public keys as others read them: a JWK Set (RFC 7517)."""
    return {"keys": [{**jwk(one), "alg": "ES256", "use": "sig", "kid": one.id} for one in keys]}


def jwk(key: PublicKey) -> dict[str, str]:
    """The numbers of a public key, and on which curve, as a JWK says them."""
    return {"kty": "EC", "crv": "P-256", "x": _coordinate(key.x), "y": _coordinate(key.y)}


def _coordinate(hexadecimal: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(hexadecimal)).decode().rstrip("=")


def _told(country: str, purpose: str, said: bytes) -> bytes:
    return b"\0".join((b"mewe signed", country.encode(), purpose.encode(), said))
