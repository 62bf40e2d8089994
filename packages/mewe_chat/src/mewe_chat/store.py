"""Messages, and the places that a room gives out to them: tables and statements."""

from typing import Protocol

from attrs import field, frozen
from mewe_core.kit.access import Scope, ScopeKind
from mewe_core.kit.database import Database, Executable
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
    text,
    update,
)
from whenever import Instant

from mewe_chat.hours import Hours
from mewe_chat.model import MessageState, RoomKind

METADATA = MetaData()
_OF_SOMEBODY, _HOLDS_WORDS = "length(participant_id) > 0", "length(author_id) > 0 OR length(sealed_text) > 0"

ROOM = Table(
    "chat_room",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("group_id", Text, nullable=False),
    Column("organisation_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("participant_id", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("closed_by_leader", Boolean, nullable=False),
    Column("opens", BigInteger),
    Column("closes", BigInteger),
    Column("zone", Text),
    Column("last_sequence", BigInteger, nullable=False),
    Column("last_sent_at", BigInteger, nullable=False),
    Column("changes", BigInteger, nullable=False),
    Column("changes_before", BigInteger, nullable=False),
    Column("without_consent", Boolean, nullable=False),
    Column("ended_time", BigInteger),
    Column("archived", Boolean, nullable=False),
    Column("untold", Boolean, nullable=False),
    Index("chat_room_of_group", "group_id"),
    Index("chat_room_of_participant", "participant_id"),
    Index("chat_room_kept_from", "ended_time"),
    Index("chat_room_to_clear", "ended_time", sqlite_where=text(_OF_SOMEBODY), postgresql_where=text(_OF_SOMEBODY)),
)
"""The last sequence and moment are given out under this row, so that neither has a gap or falls.

``open``: the programme has not ended; ``ended_time``: when it had. ``opens``, ``closes``: minutes after midnight in ``zone``.
``changes`` counts what changed since the newest message came, ``changes_before`` between the one before and it.
``participant_id`` is empty but in a side room. ``untold``: nobody has looked yet for whom its newest message is new.
"""

Index(
    "chat_room_to_archive",
    ROOM.c.ended_time,
    sqlite_where=text("archived IS 0"),  # as SQLAlchemy writes it in a query: SQLite uses the index for these words alone
    postgresql_where=text("archived IS false"),
)

Index("chat_room_untold", ROOM.c.id, sqlite_where=text("untold IS 1"), postgresql_where=text("untold IS true"))

MESSAGE = Table(
    "chat_message",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("room_id", Text, ForeignKey("chat_room.id"), nullable=False),
    Column("author_id", Text, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("edited_time", BigInteger),
    Column("reply_to_id", Text, nullable=False),
    Column("changed", BigInteger),
    Index("chat_message_in_room", "room_id", "sequence", unique=True),
    Index("chat_message_by_time", "room_id", "sent_at", "sequence"),
    Index("chat_message_of_author", "author_id"),
    Index("chat_message_to_clear", "sent_at", sqlite_where=text(_HOLDS_WORDS), postgresql_where=text(_HOLDS_WORDS)),
)
"""What was said: sealed under the key of who said it. Its place in the room stays, whatever becomes of the words.

``changed`` is the cursor of its last change; most messages never do, and are not in the index of it.
"""

Index(
    "chat_message_changed",
    MESSAGE.c.room_id,
    MESSAGE.c.changed,
    sqlite_where=text("changed IS NOT NULL"),
    postgresql_where=text("changed IS NOT NULL"),
)

MEMBER = Table(
    "chat_member",
    METADATA,
    Column("room_id", Text, ForeignKey("chat_room.id"), primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("acknowledged_version", BigInteger, nullable=False),
    Column("acknowledged_time", BigInteger),
    Column("read_sequence", BigInteger, nullable=False),
    Column("told_sequence", BigInteger),
    Index("chat_member_of_person", "person_id"),
)
"""What somebody has read in a room: up to which message, and which version of the limit of confidentiality (0: none).

``told_sequence``: which message was the newest when they were told that there is something new; none: they were not since their
mark was moved.
"""

_CHANGES = 24

MOST_CHANGES = (1 << _CHANGES) - 1
"""The most changes between two messages of a room: sixteen million. None is made beyond."""


def cursor_at(sequence: int, changes: int = 0) -> int:
    """The cursor of a message's place, or of the change of that number since the newest message stood there. Pure."""
    return sequence << _CHANGES | changes


def sequence_at(cursor: int) -> int:
    """The sequence of the newest message at a cursor. Pure."""
    return cursor >> _CHANGES


@frozen
class KeptMessage:
    """A message as kept. ``sealed_text`` is empty where the words were cleared."""

    id: str
    room_id: str
    author_id: str
    sealed_text: bytes = field(repr=False)
    sent_at: Instant
    sequence: int
    state: MessageState = MessageState.VISIBLE
    edited_time: Instant | None = None
    reply_to_id: str = ""
    changed: int | None = None


@frozen
class Writing:
    """What decides whether somebody may write in a room now. ``acknowledged_version`` is their own; None: none."""

    kind: RoomKind
    open: bool
    closed_by_leader: bool
    opens: int | None
    closes: int | None
    zone: str | None
    acknowledged_version: int | None

    @property
    def hours(self) -> Hours | None:
        """The hours at which participants may write; None: at any time."""
        return hours_of(self.opens, self.closes, self.zone)


def hours_of(opens: int | None, closes: int | None, zone: str | None) -> Hours | None:
    """Hours as kept. Pure."""
    return None if opens is None or closes is None or zone is None else Hours(opens, closes, zone)


@frozen
class Place(Writing):
    """The same, with the next place in the room, taken."""

    sequence: int
    sent_at: Instant
    changes_before: int


@frozen
class _InGroup:
    """Whose room it is, whether nobody in it is asked for consent, and which participant it is for."""

    id: str
    without_consent: bool
    kind: RoomKind
    participant_id: str


class InRoom(Protocol):
    """A request about one room."""

    @property
    def room_id(self) -> str:
        """Which room."""


MESSAGE_COLUMNS = (
    MESSAGE.c.id,
    MESSAGE.c.room_id,
    MESSAGE.c.author_id,
    MESSAGE.c.sealed_text,
    MESSAGE.c.sent_at,
    MESSAGE.c.sequence,
    MESSAGE.c.state,
    MESSAGE.c.edited_time,
    MESSAGE.c.reply_to_id,
    MESSAGE.c.changed,
)
"""What a ``KeptMessage`` is read from."""

_WRITING = (
    ROOM.c.kind,
    ROOM.c.open,
    ROOM.c.closed_by_leader,
    ROOM.c.opens,
    ROOM.c.closes,
    ROOM.c.zone,
    select(MEMBER.c.acknowledged_version)
    .where(MEMBER.c.room_id == bindparam("room_id"), MEMBER.c.person_id == bindparam("person_id"))
    .scalar_subquery(),
)

GROUP_OF_ROOM: Executable = select(ROOM.c.group_id, ROOM.c.without_consent, ROOM.c.kind, ROOM.c.participant_id).where(
    ROOM.c.id == bindparam("room_id")
)

_NOW = bindparam("now", type_=BigInteger())
_LATEST = case((ROOM.c.last_sent_at > _NOW, ROOM.c.last_sent_at), else_=_NOW)

WRITING: Executable = select(*_WRITING).where(ROOM.c.id == bindparam("room_id"))

TAKE_PLACE: Executable = (
    update(ROOM)
    .where(ROOM.c.id == bindparam("room_id"))
    .values(last_sequence=ROOM.c.last_sequence + 1, last_sent_at=_LATEST, changes_before=ROOM.c.changes, changes=0, untold=True)
    .returning(*_WRITING, ROOM.c.last_sequence, ROOM.c.last_sent_at, ROOM.c.changes_before)
)

ADD_MESSAGE: Executable = insert(MESSAGE)

TAKE_CHANGE: Executable = (
    update(ROOM)
    .where(ROOM.c.id == bindparam("room_id"), ROOM.c.changes < MOST_CHANGES)
    .values(changes=ROOM.c.changes + 1)
    .returning(ROOM.c.last_sequence, ROOM.c.changes)
)

CHANGE_MESSAGE: Executable = (
    update(MESSAGE)
    .where(MESSAGE.c.id == bindparam("which"))
    .values(
        state=bindparam("now_state"),
        sealed_text=bindparam("now_sealed"),
        edited_time=bindparam("now_edited", type_=BigInteger()),
        changed=bindparam("now_changed"),
    )
)

MESSAGE_BY_ID: Executable = select(*MESSAGE_COLUMNS).where(MESSAGE.c.id == bindparam("which"))

MESSAGES_AFTER: Executable = (
    select(*MESSAGE_COLUMNS)
    .where(MESSAGE.c.room_id == bindparam("room_id"), MESSAGE.c.sequence > bindparam("after"))
    .order_by(MESSAGE.c.sequence)
    .limit(bindparam("limit"))
)

MESSAGES_BEFORE: Executable = (
    select(*MESSAGE_COLUMNS)
    .where(
        MESSAGE.c.room_id == bindparam("room_id"),
        MESSAGE.c.sent_at >= bindparam("since"),
        MESSAGE.c.sent_at <= bindparam("moment"),
        or_(MESSAGE.c.sent_at < bindparam("moment"), MESSAGE.c.sequence < bindparam("before")),
    )
    .order_by(MESSAGE.c.sent_at.desc(), MESSAGE.c.sequence.desc())
    .limit(bindparam("limit"))
)

CHANGED_AFTER: Executable = (
    select(*MESSAGE_COLUMNS)
    .where(MESSAGE.c.room_id == bindparam("room_id"), MESSAGE.c.changed > bindparam("after"))
    .order_by(MESSAGE.c.changed)
    .limit(bindparam("limit"))
)

LAST_BEFORE: Executable = (
    select(MESSAGE.c.sequence)
    .where(MESSAGE.c.room_id == bindparam("room_id"), MESSAGE.c.sent_at < bindparam("moment"))
    .order_by(MESSAGE.c.sent_at.desc(), MESSAGE.c.sequence.desc())
    .limit(1)
)

_REACHED: Executable = select(ROOM.c.last_sequence, ROOM.c.changes).where(ROOM.c.id == bindparam("room_id"))


@frozen
class _Reached:
    sequence: int
    changes: int


async def group_of_room(database: Database, request: InRoom) -> Scope | None:
    """The group whose room a request is about. It is given without its organisation: no role around the group reaches in.

    Of the participants, all are in the group's room, one in a side room, none in the leaders'.
    """
    return await scope_of_room(database, request.room_id)


async def scope_of_room(database: Database, room_id: str) -> Scope | None:
    """The same for a room by its id."""
    found = await database.first(GROUP_OF_ROOM, _InGroup, room_id=room_id)
    if found is None:
        return None
    participant = None if found.kind is RoomKind.GROUP else found.participant_id
    return Scope(ScopeKind.GROUP, found.id, without_consent=found.without_consent, participant=participant)


async def writing(database: Database, room_id: str, person_id: str) -> Writing | None:
    """What decides whether somebody may write in a room; no place is taken. None: there is no such room."""
    return await database.first(WRITING, Writing, room_id=room_id, person_id=person_id)


async def take_place(database: Database, room_id: str, person_id: str, now: Instant) -> Place | None:
    """Take the next place in a room, at ``now`` or the last place's moment, whichever is later; None: there is no such room."""
    return await database.first(TAKE_PLACE, Place, room_id=room_id, person_id=person_id, now=now)


async def append(database: Database, message: KeptMessage) -> None:
    """Keep a message at the place taken for it."""
    await database.execute(ADD_MESSAGE, **columns(message))


async def take_change(database: Database, room_id: str) -> int | None:
    """The cursor of the next change in a room, taken; None: there is no such room, or too many have been made in it."""
    taken = await database.first(TAKE_CHANGE, _Reached, room_id=room_id)
    return None if taken is None else cursor_at(taken.sequence, taken.changes)


async def change(database: Database, message: KeptMessage) -> None:
    """Keep how a message stands now: its state, words, and when they and it were changed."""
    await database.execute(
        CHANGE_MESSAGE,
        which=message.id,
        now_state=message.state,
        now_sealed=message.sealed_text,
        now_edited=message.edited_time,
        now_changed=message.changed,
    )


async def message(database: Database, message_id: str) -> KeptMessage | None:
    """One message."""
    return await database.first(MESSAGE_BY_ID, KeptMessage, which=message_id)


async def messages_after(database: Database, room_id: str, after: int, limit: int) -> list[KeptMessage]:
    """What was said in a room behind a sequence, in order."""
    return await database.all(MESSAGES_AFTER, KeptMessage, room_id=room_id, after=after, limit=limit)


async def messages_before(
    database: Database, room_id: str, since: Instant, moment: Instant, before: int, limit: int
) -> list[KeptMessage]:
    """What was said in a room from ``since`` to a moment (of it, below the sequence ``before``), newest first."""
    return await database.all(
        MESSAGES_BEFORE, KeptMessage, room_id=room_id, since=since, moment=moment, before=before, limit=limit
    )


async def changed_after(database: Database, room_id: str, after: int, limit: int) -> list[KeptMessage]:
    """What was changed in a room behind a cursor, in the order of the changes."""
    return await database.all(CHANGED_AFTER, KeptMessage, room_id=room_id, after=after, limit=limit)


async def last_before(database: Database, room_id: str, moment: Instant) -> int:
    """The sequence of the last message before a moment; 0 if there was none."""
    return await database.first(LAST_BEFORE, int, room_id=room_id, moment=moment) or 0


async def reached(database: Database, room_id: str) -> int:
    """The cursor behind everything that has been said and changed in a room; 0 if there is no such room."""
    found = await database.first(_REACHED, _Reached, room_id=room_id)
    return 0 if found is None else cursor_at(found.sequence, found.changes)
