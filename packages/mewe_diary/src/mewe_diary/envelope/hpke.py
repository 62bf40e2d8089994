"""HPKE (RFC 9180), base mode, single shot, with P-256, HKDF-SHA256 and AES-256-GCM: the sealing half.

The library seals as well, with an ephemeral key of its own; this takes it from the port of randomness, so that what is sealed
can be compared with the vectors byte for byte. What is sealed here is opened by the library.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mewe_diary.envelope.encoding import Secret
from mewe_diary.envelope.errors import Malformed

ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_KEM = b"KEM" + (0x0010).to_bytes(2, "big")
_SUITE = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x0010, 0x0001, 0x0002))
_BASE = b"\0"


def seal_to(public: bytes, plain: bytes, info: bytes, secret: Secret) -> bytes:
    """``enc ‖ ct`` for an uncompressed point. Draws the ephemeral scalar. Raises Malformed for a point that is none."""
    try:
        recipient = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError:
        raise Malformed from None
    if len(public) != 65:
        raise Malformed
    scalar = 0
    while not 1 <= scalar < ORDER:
        scalar = int.from_bytes(secret(32), "big")
    ephemeral = ec.derive_private_key(scalar, ec.SECP256R1())
    encapsulated = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    exchanged = _extract(_KEM, b"", b"eae_prk", ephemeral.exchange(ec.ECDH(), recipient))
    shared = _expand(_KEM, exchanged, b"shared_secret", encapsulated + public, 32)
    context = _BASE + _extract(_SUITE, b"", b"psk_id_hash", b"") + _extract(_SUITE, b"", b"info_hash", info)
    scheduled = _extract(_SUITE, shared, b"secret", b"")
    key, nonce = _expand(_SUITE, scheduled, b"key", context, 32), _expand(_SUITE, scheduled, b"base_nonce", context, 12)
    return encapsulated + AESGCM(key).encrypt(nonce, plain, b"")


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    mac = HMAC(salt or bytes(32), SHA256())
    mac.update(b"HPKE-v1" + suite + label + material)
    return mac.finalize()


def _expand(suite: bytes, extracted: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(SHA256(), length, labelled).derive(extracted)
