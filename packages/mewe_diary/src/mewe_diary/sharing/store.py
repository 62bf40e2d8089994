"""Keys of leaders and shares: tables and statements."""

from collections.abc import Callable
from typing import Protocol

from attrs import field, frozen
from mewe_core.kit.access import Role, Scope, ScopeKind
from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.records import STANDING
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_diary.store import METADATA, MOST

KEY = Table(
    "diary_sharing_key",
    METADATA,
    Column("group_id", Text, primary_key=True),
    Column("leader_id", Text, primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("put_time", BigInteger, nullable=False),
    Index("diary_sharing_key_of_leader", "leader_id"),
)
"""One a leader and group; the key in hexadecimal digits."""

SHARE = Table(
    "diary_share",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("writer_id", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("sealed_share", LargeBinary, nullable=False),
    Column("share_time", BigInteger, nullable=False),
    Column("expire_time", BigInteger, nullable=False),
    Index("diary_share_of_writer", "writer_id", "share_time", "id"),
    Index("diary_share_over", "expire_time"),
)
"""What is shared, until it is taken back or over."""

RECIPIENT = Table(
    "diary_share_recipient",
    METADATA,
    Column("share_id", Text, ForeignKey("diary_share.id", ondelete="CASCADE"), primary_key=True),
    Column("leader_id", Text, primary_key=True),
    Column("open_time", BigInteger),
    Index("diary_share_recipient_by_leader", "leader_id", "share_id"),
)
"""To whom; and when they opened it for the first time."""


@frozen
class KeptKey:
    """A leader's key as kept."""

    leader_id: str
    group_id: str
    key_id: str
    public_key: str
    put_time: Instant


@frozen
class Mine:
    """Something that one has shared, with one of its recipients."""

    id: str
    group_id: str
    share_time: Instant
    expire_time: Instant
    leader_id: str
    open_time: Instant | None


@frozen
class ForLeader:
    """Something that is shared with a leader."""

    id: str
    group_id: str
    writer_id: str
    share_time: Instant
    expire_time: Instant
    open_time: Instant | None


@frozen
class SealedForLeader(ForLeader):
    """The same with its bytes."""

    sealed_share: bytes = field(repr=False)


class InGroup(Protocol):
    """A request about a group."""

    @property
    def group_id(self) -> str:
        """Which."""


class OfShare(Protocol):
    """A request about a share."""

    @property
    def share_id(self) -> str:
        """Which."""


def _leads(group_id: object, leader_id: object) -> tuple[object, ...]:
    return (
        STANDING.c.person_id == leader_id,
        STANDING.c.scope_id == group_id,
        STANDING.c.scope_kind == ScopeKind.GROUP.value,
        STANDING.c.role == Role.LEADER.value,
        STANDING.c.since <= bindparam("now"),
        or_(STANDING.c.until.is_(None), STANDING.c.until > bindparam("now")),
    )


def _keep_key(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(KEY)
    changed = {name: row.excluded[name] for name in ("key_id", "public_key", "put_time")}
    return row.on_conflict_do_update(index_elements=[KEY.c.group_id, KEY.c.leader_id], set_=changed)


KEEP_KEY: Either = either(_keep_key)
KEYS: Executable = (
    select(KEY.c.leader_id, KEY.c.group_id, KEY.c.key_id, KEY.c.public_key, KEY.c.put_time)
    .where(KEY.c.group_id == bindparam("group_id"), exists().where(*_leads(KEY.c.group_id, KEY.c.leader_id)))  # type: ignore[arg-type]
    .order_by(KEY.c.leader_id)
)
ADD_SHARE: Executable = insert(SHARE)
ADD_RECIPIENT: Executable = insert(RECIPIENT)
GROUP_OF_SHARE: Executable = select(SHARE.c.group_id).where(SHARE.c.id == bindparam("share_id"))
COUNT: Executable = select(func.count()).where(
    SHARE.c.writer_id == bindparam("writer_id"), SHARE.c.expire_time > bindparam("now")
)
MINE: Executable = (
    select(SHARE.c.id, SHARE.c.group_id, SHARE.c.share_time, SHARE.c.expire_time, RECIPIENT.c.leader_id, RECIPIENT.c.open_time)
    .join(RECIPIENT, RECIPIENT.c.share_id == SHARE.c.id)
    .where(SHARE.c.writer_id == bindparam("writer_id"), SHARE.c.expire_time > bindparam("now"))
    .order_by(SHARE.c.share_time, SHARE.c.id, RECIPIENT.c.leader_id)
)
REVOKE: Executable = delete(SHARE).where(SHARE.c.id == bindparam("share_id"), SHARE.c.writer_id == bindparam("writer_id"))
_FOR_LEADER = (
    SHARE.c.id,
    SHARE.c.group_id,
    SHARE.c.writer_id,
    SHARE.c.share_time,
    SHARE.c.expire_time,
    RECIPIENT.c.open_time,
)
_SHARED_WITH = (RECIPIENT.c.leader_id == bindparam("leader_id"), SHARE.c.expire_time > bindparam("now"))
SHARED: Executable = (
    select(*_FOR_LEADER)
    .join(RECIPIENT, RECIPIENT.c.share_id == SHARE.c.id)
    .where(
        *_SHARED_WITH,
        RECIPIENT.c.share_id > bindparam("after"),
        exists().where(*_leads(SHARE.c.group_id, RECIPIENT.c.leader_id)),  # type: ignore[arg-type]
    )
    .order_by(RECIPIENT.c.share_id)
    .limit(bindparam("limit"))
)
ONE_SHARED: Executable = (
    select(*_FOR_LEADER, SHARE.c.sealed_share)
    .join(RECIPIENT, RECIPIENT.c.share_id == SHARE.c.id)
    .where(*_SHARED_WITH, SHARE.c.id == bindparam("share_id"))
)
OPENED: Executable = (
    update(RECIPIENT)
    .where(
        RECIPIENT.c.share_id == bindparam("share_id"),
        RECIPIENT.c.leader_id == bindparam("leader_id"),
        RECIPIENT.c.open_time.is_(None),
    )
    .values(open_time=bindparam("now"))
)
FORGET: Executable = delete(SHARE).where(
    SHARE.c.id.in_(select(SHARE.c.id).where(SHARE.c.expire_time <= bindparam("now")).limit(MOST))
)


async def group_of_request(database: Database, request: InGroup) -> Scope | None:
    """The group that is named; without its organisation: no role around it reaches in."""
    return Scope(ScopeKind.GROUP, request.group_id)


async def group_of_share(database: Database, request: OfShare) -> Scope | None:
    """The group with whose leaders something is shared; None once it is taken back or over."""
    found = await database.first(GROUP_OF_SHARE, str, share_id=request.share_id)
    return None if found is None else Scope(ScopeKind.GROUP, found)


async def keys_of(database: Database, group_id: str, now: Instant) -> list[KeptKey]:
    """The keys of those who lead a group now."""
    return await database.all(KEYS, KeptKey, group_id=group_id, now=now)


async def shared_by(database: Database, writer_id: str, now: Instant) -> list[Mine]:
    """What somebody has shared and is not over: a row for each recipient."""
    return await database.all(MINE, Mine, writer_id=writer_id, now=now)
