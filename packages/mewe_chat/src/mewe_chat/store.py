"""Rooms and messages: tables and statements."""

from collections.abc import Callable
from typing import Protocol

from attrs import field, frozen
from mewe_core.kit.access import Purpose, Role, Scope, ScopeKind
from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.records import STANDING
from mewe_core.kit.standing import covers
from mewe_core.kit.values import columns
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    case,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_chat.model import Room
from mewe_chat.rules import MEMBERS

METADATA = MetaData()

ROOM = Table(
    "chat_room",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("group_id", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("last_sent_at", BigInteger, nullable=False),
    Column("without_consent", Boolean, nullable=False),
    Index("chat_room_of_group", "group_id", unique=True),
)
"""One a group. The last sequence and moment are given out under this row, so that neither has a gap or falls."""

MESSAGE = Table(
    "chat_message",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("room_id", Text, ForeignKey("chat_room.id"), nullable=False),
    Column("author_id", Text, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("chat_message_in_room", "room_id", "sequence", unique=True),
    Index("chat_message_by_time", "room_id", "sent_at", "sequence"),
    Index("chat_message_of_author", "author_id"),
)
"""What was said: sealed under the key of who said it. Its place in the room stays, whatever becomes of the words."""


@frozen
class KeptMessage:
    """A message as kept. ``sealed_text`` is empty where the words were cleared."""

    id: str
    room_id: str
    author_id: str
    sealed_text: bytes = field(repr=False)
    sent_at: Instant
    sequence: int


@frozen
class Place:
    """The next place in a room, taken."""

    open: bool
    sequence: int
    sent_at: Instant


@frozen
class _Group:
    """Whose room it is, and whether nobody in it is asked for consent."""

    id: str
    without_consent: bool


class InRoom(Protocol):
    """A request about one room."""

    @property
    def room_id(self) -> str:
        """Which room."""


_ROOM_COLUMNS = (ROOM.c.id, ROOM.c.group_id, ROOM.c.open, ROOM.c.last_sequence)
_MESSAGE_COLUMNS = (
    MESSAGE.c.id,
    MESSAGE.c.room_id,
    MESSAGE.c.author_id,
    MESSAGE.c.sealed_text,
    MESSAGE.c.sent_at,
    MESSAGE.c.sequence,
)

GROUP_OF_ROOM: Executable = select(ROOM.c.group_id, ROOM.c.without_consent).where(ROOM.c.id == bindparam("room_id"))

MY_ROOMS: Executable = (
    select(*_ROOM_COLUMNS)
    .join(STANDING, STANDING.c.scope_id == ROOM.c.group_id)
    .where(
        STANDING.c.person_id == bindparam("person_id"),
        STANDING.c.scope_kind == ScopeKind.GROUP.value,
        or_(*(STANDING.c.role == role.value for role in MEMBERS)),
        STANDING.c.since <= bindparam("now"),
        or_(STANDING.c.until.is_(None), STANDING.c.until > bindparam("now")),
        ROOM.c.id > bindparam("after"),
        or_(STANDING.c.role != Role.PARTICIPANT.value, ROOM.c.without_consent.is_(True), covers(Purpose.CHAT)),
    )
    .group_by(ROOM.c.id)
    .order_by(ROOM.c.id)
    .limit(bindparam("limit"))
)

_NOW = bindparam("now", type_=BigInteger())
_LATEST = case((ROOM.c.last_sent_at > _NOW, ROOM.c.last_sent_at), else_=_NOW)

TAKE_PLACE: Executable = (
    update(ROOM)
    .where(ROOM.c.id == bindparam("room_id"))
    .values(last_sequence=ROOM.c.last_sequence + 1, last_sent_at=_LATEST)
    .returning(ROOM.c.open, ROOM.c.last_sequence, ROOM.c.last_sent_at)
)

ADD_MESSAGE: Executable = insert(MESSAGE)

MESSAGES_AFTER: Executable = (
    select(*_MESSAGE_COLUMNS)
    .where(MESSAGE.c.room_id == bindparam("room_id"), MESSAGE.c.sequence > bindparam("after"))
    .order_by(MESSAGE.c.sequence)
    .limit(bindparam("limit"))
)

LAST_BEFORE: Executable = (
    select(MESSAGE.c.sequence)
    .where(MESSAGE.c.room_id == bindparam("room_id"), MESSAGE.c.sent_at < bindparam("moment"))
    .order_by(MESSAGE.c.sent_at.desc(), MESSAGE.c.sequence.desc())
    .limit(1)
)


def _keep_room(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(ROOM)
    return row.on_conflict_do_update(
        index_elements=[ROOM.c.id], set_={name: row.excluded[name] for name in ("open", "without_consent")}
    )


KEEP_ROOM: Either = either(_keep_room)


async def group_of_room(database: Database, request: InRoom) -> Scope | None:
    """The group whose room a request is about. It is given without its organisation: no role around the group reaches in."""
    found = await database.first(GROUP_OF_ROOM, _Group, room_id=request.room_id)
    return None if found is None else Scope(ScopeKind.GROUP, found.id, without_consent=found.without_consent)


async def my_rooms(database: Database, person_id: str, now: Instant, *, after: str, limit: int) -> list[Room]:
    """The rooms that a person is in at that moment, by id, behind the id ``after``."""
    return await database.all(MY_ROOMS, Room, person_id=person_id, now=now, after=after, limit=limit)


async def take_place(database: Database, room_id: str, now: Instant) -> Place | None:
    """Take the next place in a room, at ``now`` or the last place's moment, whichever is later; None: there is no such room."""
    return await database.first(TAKE_PLACE, Place, room_id=room_id, now=now)


async def append(database: Database, message: KeptMessage) -> None:
    """Keep a message at the place taken for it."""
    await database.execute(ADD_MESSAGE, **columns(message))


async def messages_after(database: Database, room_id: str, after: int, limit: int) -> list[KeptMessage]:
    """What was said in a room behind a sequence, in order."""
    return await database.all(MESSAGES_AFTER, KeptMessage, room_id=room_id, after=after, limit=limit)


async def last_before(database: Database, room_id: str, moment: Instant) -> int:
    """The sequence of the last message before a moment; 0 if there was none."""
    return await database.first(LAST_BEFORE, int, room_id=room_id, moment=moment) or 0


async def keep_room(database: Database, group_id: str, *, is_open: bool, without_consent: bool) -> None:
    """Have a room for the group, open or closed. Its id is the group's, so that telling it twice makes one room."""
    fresh = {"last_sequence": 0, "last_sent_at": 0, "without_consent": without_consent}
    await database.execute(KEEP_ROOM, id=group_id, group_id=group_id, open=is_open, **fresh)
