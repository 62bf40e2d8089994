"""Diaries, versions, locks and parcels: tables and statements. What is sealed was sealed on a device."""

from collections.abc import Callable

from attrs import field, frozen
from mewe_core.kit.database import Database, Either, Executable, either, one_of
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

METADATA = MetaData()

MOST = 500
"""The most rows that one unit of a job changes."""

DIARY = Table(
    "diary_diary",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner_id", Text, nullable=False),
    Column("diary_id", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("adopt_time", BigInteger, nullable=False),
    Column("last_cursor", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("sealed_head", LargeBinary, nullable=False),
    Column("erased", Boolean, nullable=False),
    Index("diary_diary_of_owner", "owner_id", "place", unique=True),
    Index("diary_diary_erased", "erased"),
)
"""One a diary and person: who gets another account adopts what is on the device. Cursors, head and bytes are given out and
counted under this row; the highest place is the one in use."""

VERSION = Table(
    "diary_entry_version",
    METADATA,
    Column("diary_id", Text, ForeignKey("diary_diary.id"), primary_key=True),
    Column("cursor", BigInteger, primary_key=True, autoincrement=False),
    Column("version_id", Text, nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("newest", Boolean, nullable=False),
    Column("sealed_version", LargeBinary, nullable=False),
    Index("diary_entry_version_by_hash", "diary_id", "version_id", unique=True),
    Index("diary_entry_version_of_entry", "diary_id", "newest", "entry_id", "version_id"),
)
"""Versions that nothing follows, whole; of all others the stubs."""

LOCK = Table(
    "diary_lock",
    METADATA,
    Column("diary_id", Text, ForeignKey("diary_diary.id", ondelete="CASCADE"), primary_key=True),
    Column("lock_id", Text, primary_key=True),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("put_time", BigInteger, nullable=False),
)
"""Wrapped diary keys."""

PARCEL = Table(
    "diary_parcel",
    METADATA,
    Column("diary_id", Text, ForeignKey("diary_diary.id", ondelete="CASCADE"), primary_key=True),
    Column("parcel_id", Text, nullable=False),
    Column("sealed_parcel", LargeBinary, nullable=False),
    Column("expire_time", BigInteger, nullable=False),
    Index("diary_parcel_by_id", "parcel_id"),
    Index("diary_parcel_over", "expire_time"),
)
"""One a diary at most, for minutes."""

PACE = Table(
    "diary_pace",
    METADATA,
    Column("owner_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("hour", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
)
"""How much somebody has put within the last hour in which they put anything (its second since 1970)."""


@frozen
class KeptDiary:
    """A diary as kept. ``sealed_head`` is empty, and ``counter`` 0, until a head was put."""

    id: str
    owner_id: str
    diary_id: str
    place: int
    adopt_time: Instant
    last_cursor: int
    taken_up: int
    counter: int
    sealed_head: bytes = field(repr=False)


@frozen
class KeptVersion:
    """A version, or its stub, as kept."""

    cursor: int
    entry_id: str
    version_id: str
    sealed: bytes = field(repr=False)


@frozen
class Found:
    """Where a version is."""

    version_id: str
    cursor: int


@frozen
class Leaf:
    """A newest version of an entry."""

    entry_id: str
    version_id: str


@frozen
class Size:
    """How many bytes stand at a cursor."""

    cursor: int
    bytes: int


@frozen
class KeptLock:
    """A lock as kept."""

    lock_id: str
    sealed_key: bytes = field(repr=False)
    put_time: Instant


@frozen
class KeptParcel:
    """A parcel as kept: in which row, of which diary."""

    id: str
    diary_id: str
    sealed_parcel: bytes = field(repr=False)


@frozen
class Pace:
    """How much of a kind was put in an hour."""

    hour: int
    count: int


_DIARY_COLUMNS = (
    DIARY.c.id,
    DIARY.c.owner_id,
    DIARY.c.diary_id,
    DIARY.c.place,
    DIARY.c.adopt_time,
    DIARY.c.last_cursor,
    DIARY.c.bytes,
    DIARY.c.counter,
    DIARY.c.sealed_head,
)
_FRESH = {"last_cursor": 0, "bytes": 0, "counter": 0, "sealed_head": b"", "erased": False}
_OF_DIARY = VERSION.c.diary_id == bindparam("diary_id")
_VERSION_COLUMNS = (VERSION.c.cursor, VERSION.c.entry_id, VERSION.c.version_id, VERSION.c.sealed_version)
_BEHIND = (_OF_DIARY, VERSION.c.cursor > bindparam("after"))

MINE: Executable = (
    select(*_DIARY_COLUMNS)
    .where(DIARY.c.owner_id == bindparam("owner_id"), DIARY.c.erased.is_(False))
    .order_by(DIARY.c.place.desc())
)
LAST_PLACE: Executable = select(func.coalesce(func.max(DIARY.c.place), 0)).where(DIARY.c.owner_id == bindparam("owner_id"))
ADD_DIARY: Executable = insert(DIARY).values(
    {**{name: bindparam(name) for name in ("id", "owner_id", "diary_id", "place", "adopt_time")}, **_FRESH}
)
COUNT: Executable = (
    update(DIARY)
    .where(DIARY.c.id == bindparam("diary_id"))
    .values({name: bindparam(name) for name in ("last_cursor", "bytes")})
)
SET_HEAD: Executable = (
    update(DIARY)
    .where(DIARY.c.id == bindparam("diary_id"))
    .values({name: bindparam(name) for name in ("counter", "sealed_head")})
)
ERASE: Executable = update(DIARY).where(DIARY.c.id == bindparam("diary_id")).values(erased=true(), sealed_head=b"")

NEWEST: Executable = select(*_VERSION_COLUMNS).where(
    _OF_DIARY, VERSION.c.newest.is_(True), one_of(VERSION.c.entry_id, "entry_ids")
)
THERE: Executable = select(VERSION.c.version_id, VERSION.c.cursor).where(_OF_DIARY, one_of(VERSION.c.version_id, "version_ids"))
ADD_VERSION: Executable = insert(VERSION)
TO_STUB: Executable = (
    update(VERSION)
    .where(_OF_DIARY, VERSION.c.version_id == bindparam("of_version_id"))
    .values(newest=False, sealed_version=bindparam("stub"))
)
SIZES_BEHIND: Executable = (
    select(VERSION.c.cursor, func.length(VERSION.c.sealed_version))
    .where(*_BEHIND)
    .order_by(VERSION.c.cursor)
    .limit(bindparam("limit"))
)
WHOLE_SIZES_BEHIND: Executable = (
    select(VERSION.c.cursor, func.length(VERSION.c.sealed_version))
    .where(*_BEHIND, VERSION.c.newest.is_(True))
    .order_by(VERSION.c.cursor)
    .limit(bindparam("limit"))
)
SIZES_OF: Executable = (
    select(VERSION.c.cursor, func.length(VERSION.c.sealed_version))
    .where(_OF_DIARY, one_of(VERSION.c.version_id, "version_ids"))
    .order_by(VERSION.c.cursor)
)
VERSIONS_AT: Executable = (
    select(*_VERSION_COLUMNS).where(_OF_DIARY, one_of(VERSION.c.cursor, "cursors")).order_by(VERSION.c.cursor)
)
LEAVES: Executable = (
    select(VERSION.c.entry_id, VERSION.c.version_id)
    .where(_OF_DIARY, VERSION.c.newest.is_(True))
    .order_by(VERSION.c.entry_id, VERSION.c.version_id)
)
LEAVES_IN: Executable = (
    select(VERSION.c.entry_id, VERSION.c.version_id)
    .where(_OF_DIARY, VERSION.c.newest.is_(True), one_of(func.substr(VERSION.c.entry_id, 1, 2, type_=Text()), "buckets"))
    .order_by(VERSION.c.entry_id, VERSION.c.version_id)
)

LOCKS: Executable = (
    select(LOCK.c.lock_id, LOCK.c.sealed_key, LOCK.c.put_time)
    .where(LOCK.c.diary_id == bindparam("diary_id"))
    .order_by(LOCK.c.lock_id)
)
ADD_LOCK: Executable = insert(LOCK)
REMOVE_LOCK: Executable = delete(LOCK).where(LOCK.c.diary_id == bindparam("diary_id"), LOCK.c.lock_id == bindparam("lock_id"))
REMOVE_LOCKS: Executable = delete(LOCK).where(LOCK.c.diary_id == bindparam("diary_id"))


def _keep_parcel(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(PARCEL)
    changed = {name: row.excluded[name] for name in ("parcel_id", "sealed_parcel", "expire_time")}
    return row.on_conflict_do_update(index_elements=[PARCEL.c.diary_id], set_=changed)


KEEP_PARCEL: Either = either(_keep_parcel)
PARCEL_BY_ID: Executable = (
    select(PARCEL.c.diary_id, DIARY.c.diary_id, PARCEL.c.sealed_parcel)
    .join(DIARY, DIARY.c.id == PARCEL.c.diary_id)
    .where(
        PARCEL.c.parcel_id == bindparam("parcel_id"),
        PARCEL.c.expire_time > bindparam("now"),
        DIARY.c.owner_id == bindparam("owner_id"),
        DIARY.c.erased.is_(False),
    )
)
REMOVE_PARCEL: Executable = delete(PARCEL).where(PARCEL.c.diary_id == bindparam("diary_id"))
FORGET_PARCELS: Executable = delete(PARCEL).where(PARCEL.c.expire_time <= bindparam("now"))

PACE_OF: Executable = select(PACE.c.hour, PACE.c.count).where(
    PACE.c.owner_id == bindparam("owner_id"), PACE.c.kind == bindparam("kind")
)


def _keep_pace(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(PACE)
    changed = {name: row.excluded[name] for name in ("hour", "count")}
    return row.on_conflict_do_update(index_elements=[PACE.c.owner_id, PACE.c.kind], set_=changed)


KEEP_PACE: Either = either(_keep_pace)

FORGET_VERSIONS: Executable = delete(VERSION).where(
    tuple_(VERSION.c.diary_id, VERSION.c.cursor).in_(
        select(VERSION.c.diary_id, VERSION.c.cursor)
        .where(VERSION.c.diary_id.in_(select(DIARY.c.id).where(DIARY.c.erased.is_(True))))
        .limit(MOST)
    )
)
FORGET_DIARIES: Executable = delete(DIARY).where(DIARY.c.erased.is_(True), ~exists().where(VERSION.c.diary_id == DIARY.c.id))


async def mine(database: Database, owner_id: str) -> list[KeptDiary]:
    """The diaries of a person, the one in use first."""
    return await database.all(MINE, KeptDiary, owner_id=owner_id)


async def add_diary(database: Database, id_: str, diary_id: str, owner_id: str, adopted: Instant) -> None:
    """Link a diary with a person; it is the one in use from now on."""
    place = (await database.first(LAST_PLACE, int, owner_id=owner_id) or 0) + 1
    await database.execute(ADD_DIARY, id=id_, owner_id=owner_id, diary_id=diary_id, place=place, adopt_time=adopted)


async def newest(database: Database, diary_id: str, entry_ids: list[str]) -> list[KeptVersion]:
    """The newest versions of some entries."""
    return await database.all(NEWEST, KeptVersion, diary_id=diary_id, entry_ids=entry_ids)


async def there(database: Database, diary_id: str, version_ids: list[str]) -> dict[str, int]:
    """Those of some versions that are kept, with their cursors."""
    found = await database.all(THERE, Found, diary_id=diary_id, version_ids=version_ids)
    return {one.version_id: one.cursor for one in found}


async def versions_at(database: Database, diary_id: str, cursors: list[int]) -> list[KeptVersion]:
    """What stands at some cursors, in order."""
    return await database.all(VERSIONS_AT, KeptVersion, diary_id=diary_id, cursors=cursors) if cursors else []


async def pace(database: Database, owner_id: str, kind: str) -> Pace:
    """How much a person has put of a kind, and in which hour."""
    return await database.first(PACE_OF, Pace, owner_id=owner_id, kind=kind) or Pace(0, 0)
