"""What anybody can read of sealed bytes: the headers of docs/diary-protocol.md, and the names that follow from bytes alone.

The server reads these to keep things in their places. It has no key, and nothing of this package that opens anything is
imported here or by whatever imports this.
"""

from hashlib import sha256

from attrs import define, field, frozen
from mewe_core.kit.errors import Field, Invalid
from whenever import Instant

LABEL = b"MEWE diary 1"
FORMAT = 1
ENTRY, TOMBSTONE, HEAD, LOCK, SHARE, HAND_OVER = 1, 2, 3, 4, 5, 6
PASSPHRASE, PASSKEY, RECOVERY = 1, 2, 4
KEPT_WAYS = frozenset({PASSPHRASE, PASSKEY, RECOVERY})
"""Locks that leave a device. Its own (3) never does."""

SIZES = (1024, 2048, 4096, 8192, 16384, 32768, 65536)
"""What is sealed is padded to one of these."""

ID, HASH, NONCE, TAG, KEY = 16, 32, 12, 16, 32
POINT = 65
WRAP = NONCE + KEY + TAG
HEAD_LENGTH = 2 + 8 + HASH + NONCE + HASH + 4 + 8 + TAG
PARCEL_LENGTH = 2 + ID + 8 + NONCE + ID + KEY + 8 + HASH + TAG
MOST_PARENTS = 2
MOST_RECIPIENTS = 16
COST = 4 + 4 + 1
LONGEST_CREDENTIAL = 1023
LAST_MILLISECOND = 253402300799999
"""Of the year 9999."""

NOTHING = bytes(HASH)
"""What the first head names as the one before it."""


@frozen
class VersionHeader:
    """Of a version: its hash, its entry, its number, those that it follows, and whether the entry ends with it.

    ``stub`` is what stays of it once it is followed: its header, and the hash of the rest.
    """

    version_id: str
    entry_id: str
    number: int
    parent_ids: tuple[str, ...]
    deletes: bool
    stub: bytes = field(repr=False)


@frozen
class HeadHeader:
    """Of a head: its hash, its counter, and the hash of the head before it."""

    head_id: str
    counter: int
    previous_id: str


@frozen
class ShareHeader:
    """Of a share: its id, until when it is shared, and the keys that it is sealed to."""

    share_id: str
    until: Instant
    key_ids: tuple[str, ...]


@frozen
class ParcelHeader:
    """Of a parcel: its id, and when it is over."""

    parcel_id: str
    expires: Instant


def version(given: bytes, path: str) -> VersionHeader:
    """The header of a whole version. Raises Invalid, naming ``path``, for anything that is none."""
    reader = _Reader(given, path)
    kind = reader.begin(ENTRY, TOMBSTONE)
    entry_id, number, count = reader.take(ID), reader.number(4), reader.number(1)
    reader.must(count <= MOST_PARENTS)
    parents = [reader.take(HASH) for _ in range(count)]
    reader.must(parents == sorted(set(parents)) and number >= 1 and (number == 1) == (not parents))
    head = given[: len(given) - len(reader.rest)]
    reader.must(len(reader.rest) - WRAP - NONCE - TAG in SIZES)
    stub = head + sha256(reader.rest).digest()
    return VersionHeader(
        sha256(stub).hexdigest(), entry_id.hex(), number, tuple(one.hex() for one in parents), kind == TOMBSTONE, stub
    )


def head(given: bytes, path: str) -> HeadHeader:
    """The header of a head. Raises Invalid."""
    reader = _Reader(given, path)
    reader.begin(HEAD)
    counter, previous = reader.number(8), reader.take(HASH)
    reader.must(len(given) == HEAD_LENGTH and 1 <= counter < 2**63 and (counter == 1) == (previous == NOTHING))
    return HeadHeader(sha256(given).hexdigest(), counter, previous.hex())


def lock(given: bytes, path: str) -> str:
    """The id of a lock that may be kept. Raises Invalid, also for the lock of a device."""
    reader = _Reader(given, path)
    reader.begin(LOCK)
    way, lock_id, _ = reader.number(1), reader.take(ID), reader.take(ID)
    reader.must(way in KEPT_WAYS)
    if way == PASSPHRASE:
        reader.take(COST)
    elif way == PASSKEY:
        length = reader.number(2)
        reader.must(1 <= length <= LONGEST_CREDENTIAL)
        reader.take(length)
    reader.must(len(reader.rest) == WRAP)
    return lock_id.hex()


def share(given: bytes, path: str) -> ShareHeader:
    """The header of a share. Raises Invalid."""
    reader = _Reader(given, path)
    reader.begin(SHARE)
    share_id = reader.take(ID)
    reader.take(ID + ID + HASH)
    until, count = reader.moment(), reader.number(1)
    reader.must(1 <= count <= MOST_RECIPIENTS)
    key_ids = [reader.take(HASH) for _ in range(count)]
    reader.must(key_ids == sorted(set(key_ids)))
    reader.take(count * (POINT + KEY + TAG))
    reader.must(len(reader.rest) - NONCE - TAG in SIZES)
    return ShareHeader(share_id.hex(), until, tuple(one.hex() for one in key_ids))


def parcel(given: bytes, path: str) -> ParcelHeader:
    """The header of a parcel. Raises Invalid."""
    reader = _Reader(given, path)
    reader.begin(HAND_OVER)
    parcel_id, expires = reader.take(ID), reader.moment()
    reader.must(len(given) == PARCEL_LENGTH)
    return ParcelHeader(parcel_id.hex(), expires)


def key_id(country: str, point: bytes) -> str:
    """The id of a leader's public key in a country."""
    parts = (LABEL, b"recipient", country.encode(), point)
    return sha256(b"".join(len(part).to_bytes(2, "big") + part for part in parts)).hexdigest()


@define
class _Reader:
    """Takes bytes off the front."""

    rest: bytes
    path: str

    def must(self, fits: bool) -> None:
        """Raises Invalid unless it fits."""
        if not fits:
            raise Invalid(Field(self.path, "sealed bytes as docs/diary-protocol.md says"))

    def take(self, count: int) -> bytes:
        self.must(len(self.rest) >= count)
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def begin(self, *kinds: int) -> int:
        form, kind = self.take(2)
        self.must(form == FORMAT and kind in kinds)
        return kind

    def moment(self) -> Instant:
        milliseconds = self.number(8)
        self.must(milliseconds <= LAST_MILLISECOND)
        return Instant.from_timestamp(milliseconds, unit="millisecond")
