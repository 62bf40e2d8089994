"""A diary's own key, and the keys that are derived from it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from attrs import field, frozen
from attrs.validators import matches_re
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mewe_diary.envelope.encoding import ID, LABEL, NONCE, TAG, Kind, Reader, Secret, begin, fields
from mewe_diary.envelope.errors import DoesNotOpen, Malformed

KEY: Final = 32


@frozen
class DiaryName:
    """Which diary: its id (16 random bytes, the *owner* of the protocol) and the country whose app made it."""

    id: bytes = field()
    country: str = field(validator=matches_re(r"[A-Z]{2}"))

    @id.validator
    def _is_an_id(self, _attribute: object, given: bytes) -> None:
        if len(given) != ID:
            raise ValueError(f"a diary's id has {ID} bytes")


@frozen
class Diary:
    """An open diary: whoever holds this reads and writes it. ``key`` is the diary key, 32 bytes."""

    name: DiaryName
    key: bytes = field(repr=False)

    @key.validator
    def _is_a_key(self, _attribute: object, given: bytes) -> None:
        if len(given) != KEY:
            raise ValueError(f"a diary's key has {KEY} bytes")

    @cached_property
    def purposes(self) -> Mapping[str, AESGCM]:
        """The key of each purpose (``entry``, ``head``, ``local``), ready to seal with."""
        infos = {purpose: fields(LABEL, "key", purpose, self.name.country) for purpose in ("entry", "head", "local")}
        return {purpose: AESGCM(hkdf(self.key, self.name.id, info)) for purpose, info in infos.items()}


def new_diary(country: str, secret: Secret) -> Diary:
    """A diary that there was not yet: id and key drawn at random, in this order."""
    return Diary(DiaryName(secret(ID), country), secret(KEY))


def sha256(said: bytes) -> bytes:
    """SHA-256."""
    digest = Hash(SHA256())
    digest.update(said)
    return digest.finalize()


def hkdf(material: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256, 32 bytes."""
    return HKDF(SHA256(), KEY, salt, info).derive(material)


def bound(name: DiaryName, what: str, header: bytes) -> bytes:
    """What a sealed thing of this diary is bound to."""
    return fields(LABEL, what, name.country, name.id, header)


def opened(key: AESGCM, nonce: bytes, sealed: bytes, additional: bytes) -> bytes:
    """AES-256-GCM. Raises DoesNotOpen."""
    try:
        return key.decrypt(nonce, sealed, additional)
    except InvalidTag:
        raise DoesNotOpen from None


def seal_local(diary: Diary, name: str, said: bytes, secret: Secret) -> bytes:
    """Seal what stays on this device; ``name`` says what it is, and is bound to it."""
    nonce = secret(NONCE)
    return begin(Kind.LOCAL) + nonce + diary.purposes["local"].encrypt(nonce, said, _local(diary.name, name))


def open_local(diary: Diary, name: str, sealed: bytes) -> bytes:
    """The inverse. Raises Malformed, DoesNotOpen."""
    reader = Reader(sealed)
    reader.begin(Kind.LOCAL)
    nonce = reader.take(NONCE)
    if reader.left < TAG:
        raise Malformed
    return opened(diary.purposes["local"], nonce, reader.rest, _local(diary.name, name))


def _local(diary: DiaryName, name: str) -> bytes:
    return fields(LABEL, "local", diary.country, diary.id, name)
