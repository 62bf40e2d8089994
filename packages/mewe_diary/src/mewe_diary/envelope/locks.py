"""Locks: ways to open the diary key. Each wraps it; any one of them opens it."""

import unicodedata
from enum import IntEnum
from typing import Final

from attrs import field, frozen
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from mewe_diary.envelope.encoding import ID, LABEL, NONCE, TAG, Kind, Reader, Secret, begin, fields
from mewe_diary.envelope.errors import DoesNotOpen, Malformed, PassphraseTooLong, PassphraseTooShort
from mewe_diary.envelope.keys import KEY, Diary, DiaryName, hkdf, opened

SALT: Final = 16
SHORTEST: Final = 12
LONGEST: Final = 1024
RECOVERY: Final = 16
_CREDENTIAL = range(1, 1024)
_MEMORY = range(65_536, 262_144 + 1)
_PASSES = range(3, 10 + 1)
_LANES = range(1, 4 + 1)


class Way(IntEnum):
    """What opens a lock."""

    PASSPHRASE = 1
    PASSKEY = 2
    DEVICE = 3
    RECOVERY = 4


@frozen
class Cost:
    """What one guess of a passphrase costs: memory in KiB, passes over it, lanes. Raises Malformed out of the bounds."""

    memory: int = 65_536
    passes: int = 3
    lanes: int = 1

    def __attrs_post_init__(self) -> None:
        if self.memory not in _MEMORY or self.passes not in _PASSES or self.lanes not in _LANES:
            raise Malformed


@frozen
class Lock:
    """A lock, parsed and not yet opened. ``cost`` is of a passphrase, ``credential_id`` of a passkey."""

    way: Way
    id: bytes
    salt: bytes
    cost: Cost | None
    credential_id: bytes
    before: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)

    def encoded(self) -> bytes:
        """Its bytes."""
        return self.before + self.nonce + self.wrapped


def lock_with_passphrase(diary: Diary, passphrase: str, secret: Secret, cost: Cost | None = None) -> Lock:
    """A lock that the passphrase opens. Draws lock id, salt, nonce. Raises PassphraseTooShort, PassphraseTooLong."""
    said = normalised(passphrase)
    if len(said) < SHORTEST:
        raise PassphraseTooShort
    if len(said) > LONGEST:
        raise PassphraseTooLong
    cost = cost or Cost()
    lock_id, salt = secret(ID), secret(SALT)
    parameters = cost.memory.to_bytes(4, "big") + cost.passes.to_bytes(4, "big") + bytes((cost.lanes,))
    return _lock(diary, Way.PASSPHRASE, lock_id, salt, parameters, _derived(said, salt, cost), secret)


def lock_with_passkey(diary: Diary, credential_id: bytes, lock_id: bytes, salt: bytes, output: bytes, secret: Secret) -> Lock:
    """A lock that a passkey opens. ``output`` is its PRF output for ``passkey_input`` of this salt. Draws a nonce."""
    if len(credential_id) not in _CREDENTIAL or len(output) != KEY:
        raise Malformed
    parameters = len(credential_id).to_bytes(2, "big") + credential_id
    return _lock(diary, Way.PASSKEY, lock_id, salt, parameters, output, secret)


def lock_with_device(diary: Diary, held: bytes, secret: Secret) -> Lock:
    """A lock that 32 bytes open which the device holds. Draws lock id, salt, nonce."""
    if len(held) != KEY:
        raise Malformed
    return _lock(diary, Way.DEVICE, secret(ID), secret(SALT), b"", held, secret)


def lock_with_recovery(diary: Diary, entropy: bytes, secret: Secret) -> Lock:
    """A lock that the recovery words of these 16 bytes open (``words.recovery_words``). Draws lock id, salt, nonce."""
    if len(entropy) != RECOVERY:
        raise Malformed
    return _lock(diary, Way.RECOVERY, secret(ID), secret(SALT), b"", entropy, secret)


def passkey_input(name: DiaryName, salt: bytes) -> bytes:
    """What a passkey's PRF is asked for."""
    return fields(LABEL, "passkey", name.country, name.id, salt)


def read_lock(given: bytes) -> Lock:
    """A lock from its bytes. Raises Malformed, also for figures that would cost a guess too little, or this device too much."""
    reader = Reader(given)
    reader.begin(Kind.LOCK)
    named = reader.number(1)
    if named not in list(Way):
        raise Malformed
    way, lock_id, salt, cost, credential_id = Way(named), reader.take(ID), reader.take(SALT), None, b""
    if way is Way.PASSPHRASE:
        cost = Cost(reader.number(4), reader.number(4), reader.number(1))
    if way is Way.PASSKEY:
        credential_id = reader.take(reader.number(2))
        if len(credential_id) not in _CREDENTIAL:
            raise Malformed
    before = given[: len(given) - reader.left]
    return Lock(way, lock_id, salt, cost, credential_id, before, reader.take(NONCE), reader.end(KEY + TAG))


def open_with_passphrase(name: DiaryName, lock: Lock, passphrase: str) -> Diary:
    """The open diary. Raises DoesNotOpen after the whole derivation, and not why; Malformed for a lock of another way.

    A passphrase that no lock can have is tried all the same, so that it takes as long as any other.
    """
    if lock.cost is None:
        raise Malformed
    return _opened(name, lock, _derived(normalised(passphrase), lock.salt, lock.cost))


def open_with_material(name: DiaryName, lock: Lock, material: bytes) -> Diary:
    """The open diary, by PRF output, the bytes that the device holds, or recovery entropy. Raises DoesNotOpen, Malformed."""
    if lock.way is Way.PASSPHRASE:
        raise Malformed
    return _opened(name, lock, material)


def normalised(passphrase: str) -> str:
    """A passphrase as it is used, whatever keyboard it came from."""
    return unicodedata.normalize("NFKC", passphrase).strip(" ")


def _derived(said: str, salt: bytes, cost: Cost) -> bytes:
    derivation = Argon2id(salt=salt, length=KEY, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory)
    return derivation.derive(said.encode("utf-8", "surrogatepass"))


def _wrapping(name: DiaryName, way: Way, lock_id: bytes, salt: bytes, material: bytes) -> AESGCM:
    return AESGCM(hkdf(material, salt, fields(LABEL, "lock", way.name.lower(), name.country, name.id, lock_id)))


def _lock(diary: Diary, way: Way, lock_id: bytes, salt: bytes, parameters: bytes, material: bytes, secret: Secret) -> Lock:
    before = begin(Kind.LOCK) + bytes((way,)) + lock_id + salt + parameters
    nonce = secret(NONCE)
    wrapping = _wrapping(diary.name, way, lock_id, salt, material)
    return read_lock(before + nonce + wrapping.encrypt(nonce, diary.key, _bound(diary.name, before)))


def _opened(name: DiaryName, lock: Lock, material: bytes) -> Diary:
    wrapping = _wrapping(name, lock.way, lock.id, lock.salt, material)
    key = opened(wrapping, lock.nonce, lock.wrapped, _bound(name, lock.before))
    if len(key) != KEY:
        raise DoesNotOpen
    return Diary(name, key)


def _bound(name: DiaryName, before: bytes) -> bytes:
    return fields(LABEL, "lock", name.country, name.id, before)
