"""Versions of an entry: sealed, named by their hash, and chained by the hashes of those before."""

from collections.abc import Collection

from attrs import field, frozen
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from whenever import Instant

from mewe_diary.envelope.content import Content, read_entry, read_tombstone, write_entry, write_tombstone
from mewe_diary.envelope.encoding import BUCKETS, HASH, ID, NONCE, TAG, Kind, Reader, Secret, begin, padded, unpadded
from mewe_diary.envelope.errors import DoesNotOpen, Malformed
from mewe_diary.envelope.keys import KEY, Diary, bound, opened, sha256

_LENGTHS = {bucket + TAG for bucket in BUCKETS}
_MOST_PARENTS = 2


@frozen
class Header:
    """What anybody can read of a version: kind, entry, its number, and the hashes of those that it comes after."""

    kind: Kind
    entry_id: bytes
    number: int
    parents: tuple[bytes, ...]

    def encoded(self) -> bytes:
        """Its bytes."""
        counts = self.number.to_bytes(4, "big") + bytes((len(self.parents),))
        return begin(self.kind) + self.entry_id + counts + b"".join(self.parents)


@frozen
class Stub:
    """What is left of a version whose words are gone: its header, and the hash of the rest."""

    header: Header
    rest: bytes

    def encoded(self) -> bytes:
        """Its bytes; what is hashed to name the version."""
        return self.header.encoded() + self.rest

    @property
    def hash(self) -> bytes:
        """The name of the version."""
        return sha256(self.encoded())


@frozen
class Sealed:
    """A whole version, parsed and not yet opened."""

    header: Header
    wrap: bytes
    nonce: bytes
    content: bytes

    def encoded(self) -> bytes:
        """Its bytes."""
        return self.header.encoded() + self.wrap + self.nonce + self.content

    def stub(self) -> Stub:
        """What stays of it once it is superseded."""
        return Stub(self.header, sha256(self.wrap + self.nonce + self.content))

    @property
    def hash(self) -> bytes:
        """The name of the version."""
        return self.stub().hash


@frozen
class Version:
    """A version, opened. ``said`` is an entry's content, or the moment at which it was deleted."""

    header: Header
    hash: bytes
    said: Content | Instant = field(repr=False)

    @property
    def content(self) -> Content | None:
        """What the entry says; None of a tombstone."""
        return self.said if isinstance(self.said, Content) else None


def seal_entry(
    diary: Diary, entry_id: bytes, content: Content, secret: Secret, parents: Collection[Version | Stub | Sealed] = ()
) -> Sealed:
    """A new version of an entry; ``parents`` are those that it changes (one) or brings together (two).

    Draws entry key, wrap nonce, content nonce. Raises EntryTooLong; ValueError for parents of another entry.
    """
    return sealed_as(diary, _header(Kind.ENTRY, entry_id, parents), padded(write_entry(content)), secret)


def seal_tombstone(
    diary: Diary, entry_id: bytes, deleted_at: Instant, secret: Secret, parents: Collection[Version | Stub | Sealed] = ()
) -> Sealed:
    """The version that says that an entry is deleted; as ``seal_entry``."""
    return sealed_as(diary, _header(Kind.TOMBSTONE, entry_id, parents), padded(write_tombstone(deleted_at)), secret)


def sealed_as(diary: Diary, header: Header, plain: bytes, secret: Secret) -> Sealed:
    """A version of a padded content, whatever that says."""
    encoded = header.encoded()
    entry_key, wrap_nonce, nonce = secret(KEY), secret(NONCE), secret(NONCE)
    wrapping = diary.purposes["entry"]
    wrap = wrap_nonce + wrapping.encrypt(wrap_nonce, entry_key, bound(diary.name, "entry key", encoded))
    content = AESGCM(entry_key).encrypt(nonce, plain, bound(diary.name, _what(header.kind), encoded + wrap))
    return Sealed(header, wrap, nonce, content)


def parse(given: bytes) -> Sealed | Stub:
    """A version or a stub from its bytes, not yet opened. Raises Malformed."""
    reader = Reader(given)
    kind = reader.begin(Kind.ENTRY, Kind.TOMBSTONE)
    entry_id, number = reader.take(ID), reader.number(4)
    parents = tuple(reader.take(HASH) for _ in range(_few(reader.number(1))))
    if list(parents) != sorted(set(parents)) or number < 1 or (number == 1) != (not parents):
        raise Malformed
    header = Header(kind, entry_id, number, parents)
    if reader.left == HASH:
        return Stub(header, reader.rest)
    wrap, nonce = reader.take(NONCE + KEY + TAG), reader.take(NONCE)
    if reader.left not in _LENGTHS:
        raise Malformed
    return Sealed(header, wrap, nonce, reader.rest)


def unsealed(diary: Diary, sealed: Sealed) -> bytes:
    """The padded content. Raises DoesNotOpen unless it is, byte for byte, a version that was sealed for this diary."""
    header = sealed.header.encoded()
    wrapping = diary.purposes["entry"]
    entry_key = opened(wrapping, sealed.wrap[:NONCE], sealed.wrap[NONCE:], bound(diary.name, "entry key", header))
    if len(entry_key) != KEY:
        raise DoesNotOpen
    return opened(
        AESGCM(entry_key), sealed.nonce, sealed.content, bound(diary.name, _what(sealed.header.kind), header + sealed.wrap)
    )


def open_version(diary: Diary, sealed: Sealed) -> Version:
    """What a version says. Raises DoesNotOpen, Unreadable."""
    said = unpadded(unsealed(diary, sealed))
    read = read_entry(said) if sealed.header.kind is Kind.ENTRY else read_tombstone(said)
    return Version(sealed.header, sealed.hash, read)


def _header(kind: Kind, entry_id: bytes, parents: Collection[Version | Stub | Sealed]) -> Header:
    if len(entry_id) != ID or len(parents) > _MOST_PARENTS or {one.header.entry_id for one in parents} - {entry_id}:
        raise ValueError("an entry's version comes after at most two versions of the same entry")
    number = 1 + max((one.header.number for one in parents), default=0)
    return Header(kind, entry_id, number, tuple(sorted({one.hash for one in parents})))


def _few(count: int) -> int:
    if count > _MOST_PARENTS:
        raise Malformed
    return count


def _what(kind: Kind) -> str:
    return "tombstone" if kind is Kind.TOMBSTONE else "entry"
