"""Sums of what nobody shows: each two countries share masks that cancel, so that only the total over all can be read.

Source: Bonawitz et al. (2017), "Practical Secure Aggregation for Privacy-Preserving Machine Learning", CCS, section 4 (pairwise
masks; without its part for countries that drop out: here a round needs all of them).
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mewe_eval.statistics.results import Vector

_BYTES = 32
MODULUS = 1 << (8 * _BYTES)
FRACTION = 1 << 96
"""A number is carried as a whole multiple of 2^-96, so that sums are exact in any order."""
LARGEST = float(1 << 128)
"""Numbers of this size and beyond are refused: their total over many countries could run over."""


@frozen
class MaskKey:
    """One country's key for one round. ``secret``: 32 random bytes, never used again."""

    secret: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """What the other countries are told (32 bytes)."""
        return X25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()


def masked(values: Sequence[float] | Vector, own: str, key: MaskKey, others: Mapping[str, bytes], context: bytes) -> list[int]:
    """The values of one country under its masks: each by itself is a random number below ``MODULUS``.

    ``others``: the public keys of every other country by its code. ``context`` binds the masks to one step of one round; it is
    never to be used for two lists of values. Raises ValueError for a value that is too large or no number.
    """
    numbers = np.asarray(values, dtype=float)
    if not np.isfinite(numbers).all() or (np.abs(numbers) >= LARGEST).any():
        raise ValueError("a value is too large to be summed, or no number")
    shown = [_whole(value) for value in numbers.tolist()]
    for other, public in others.items():
        sign = 1 if own < other else -1
        stream = _stream(key, public, context + b"|" + "|".join(sorted((own, other))).encode(), len(shown))
        shown = [(value + sign * mask) % MODULUS for value, mask in zip(shown, stream, strict=True)]
    return [value % MODULUS for value in shown]


def total(lists: Iterable[Sequence[int]]) -> Vector:
    """The sum of what all countries have shown, each once; without one of them it is a random number."""
    sums = [sum(column) % MODULUS for column in zip(*lists, strict=True)]
    return np.array([(value - MODULUS if value >= MODULUS // 2 else value) / FRACTION for value in sums])


def _whole(value: float) -> int:
    over, under = value.as_integer_ratio()
    return over * FRACTION // under


def _stream(key: MaskKey, public: bytes, context: bytes, count: int) -> list[int]:
    shared = X25519PrivateKey.from_private_bytes(key.secret).exchange(X25519PublicKey.from_public_bytes(public))
    derived = HKDF(SHA256(), 32, salt=None, info=b"mewe federated sums 1|" + context).derive(shared)
    random = Cipher(AES(derived), CTR(bytes(16))).encryptor().update(bytes(count * _BYTES))
    return [int.from_bytes(random[place : place + _BYTES], "big") for place in range(0, len(random), _BYTES)]
