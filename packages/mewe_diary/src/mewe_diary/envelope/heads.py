"""What the whole diary holds: the listing of current versions, its root, and the sealed, chained head."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from attrs import field, frozen
from whenever import Instant

from mewe_diary.envelope.encoding import HASH, ID, NONCE, TAG, Kind, Reader, Secret, begin
from mewe_diary.envelope.errors import Malformed
from mewe_diary.envelope.keys import Diary, bound, opened, sha256
from mewe_diary.envelope.versions import Sealed

Listing: TypeAlias = Mapping[bytes, frozenset[bytes]]
"""Of each entry, by its id, the hashes of its current versions; tombstones are among them."""

NOTHING = bytes(HASH)
"""What the first head names as the one before."""

_MOST = 255
_COUNTERS = 2**53
_PLAIN = HASH + 4 + 8


@frozen
class Head:
    """What a sealed head says: its place in the chain, root and length of the listing, and when it was made."""

    counter: int
    previous: bytes
    root: bytes
    count: int
    written_at: Instant
    hash: bytes


@frozen
class Remembered:
    """What a device keeps of the last head that it trusted. After a hand-over the listing is empty: it knows the head alone."""

    counter: int
    head: bytes
    listing: Listing = field(factory=dict)


def write_listing(listing: Listing) -> bytes:
    """Its leaves, in ascending order of entry ids. Raises ValueError for an entry with no or more than 255 current versions."""
    return b"".join(leaf for _, leaf in _leaves(listing))


def read_listing(given: bytes) -> dict[bytes, frozenset[bytes]]:
    """The inverse. Raises Malformed for anything that ``write_listing`` would not have made."""
    reader, listing, last = Reader(given), dict[bytes, frozenset[bytes]](), b""
    while reader.left:
        entry_id = reader.take(ID)
        hashes = [reader.take(HASH) for _ in range(reader.number(1))]
        if entry_id <= last or not hashes or hashes != sorted(set(hashes)):
            raise Malformed
        listing[entry_id], last = frozenset(hashes), entry_id
    return listing


def listing_with(listing: Listing, versions: Iterable[Sealed]) -> dict[bytes, frozenset[bytes]]:
    """A listing once versions have been added, in the order in which they follow each other."""
    after = dict(listing)
    for version in versions:
        header = version.header
        after[header.entry_id] = after.get(header.entry_id, frozenset()) - set(header.parents) | {version.hash}
    return after


def bucket_hashes(listing: Listing) -> tuple[bytes, ...]:
    """256 hashes, one over the leaves of all entries whose id begins with the same byte."""
    buckets = defaultdict[int, list[bytes]](list)
    for entry_id, leaf in _leaves(listing):
        buckets[entry_id[0]].append(leaf)
    return tuple(sha256(b"\0" + b"".join(buckets[first])) for first in range(256))


def root(listing: Listing) -> bytes:
    """One hash over all of a listing."""
    return sha256(b"\1" + b"".join(bucket_hashes(listing)))


def seal_head(diary: Diary, listing: Listing, after: Head | Remembered | None, now: Instant, secret: Secret) -> bytes:
    """The head of a diary that holds what the listing says, following ``after`` (None for the first). Draws a nonce."""
    counter, previous = (1, NOTHING) if after is None else (after.counter + 1, _hash(after))
    header = begin(Kind.HEAD) + counter.to_bytes(8, "big") + previous
    plain = root(listing) + len(listing).to_bytes(4, "big") + now.timestamp(unit="millisecond").to_bytes(8, "big")
    nonce = secret(NONCE)
    return header + nonce + diary.purposes["head"].encrypt(nonce, plain, bound(diary.name, "head", header))


def open_head(diary: Diary, sealed: bytes) -> Head:
    """What a head says. Raises Malformed, DoesNotOpen."""
    reader = Reader(sealed)
    reader.begin(Kind.HEAD)
    counter, previous, nonce = reader.number(8), reader.take(HASH), reader.take(NONCE)
    content = reader.end(_PLAIN + TAG)
    header = sealed[: 2 + 8 + HASH]
    if not 1 <= counter < _COUNTERS or (counter == 1) != (previous == NOTHING):
        raise Malformed
    plain = Reader(opened(diary.purposes["head"], nonce, content, bound(diary.name, "head", header)))
    found, count, written = plain.take(HASH), plain.number(4), plain.moment()
    written_at = Instant.from_timestamp(written, unit="millisecond")
    return Head(counter, previous, found, count, written_at, sha256(sealed))


def write_remembered(remembered: Remembered) -> bytes:
    """What a device keeps, to be sealed as local."""
    return remembered.counter.to_bytes(8, "big") + remembered.head + write_listing(remembered.listing)


def read_remembered(given: bytes) -> Remembered:
    """The inverse. Raises Malformed."""
    reader = Reader(given)
    counter, head = reader.number(8), reader.take(HASH)
    return Remembered(counter, head, read_listing(reader.rest))


def _leaves(listing: Listing) -> Iterable[tuple[bytes, bytes]]:
    for entry_id, hashes in sorted(listing.items()):
        if not 1 <= len(hashes) <= _MOST:
            raise ValueError("an entry has one to 255 current versions")
        yield entry_id, entry_id + bytes((len(hashes),)) + b"".join(sorted(hashes))


def _hash(after: Head | Remembered) -> bytes:
    return after.hash if isinstance(after, Head) else after.head
