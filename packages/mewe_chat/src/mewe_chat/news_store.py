"""Who wants to be told of what is new, for whom something is, and what they were told: table and statements."""

from collections.abc import Callable

from attrs import frozen
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.database import Database, Either, Executable, either, one_of
from mewe_core.kit.records import STANDING
from sqlalchemy import (
    Column,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_chat.member_store import MUTE
from mewe_chat.model import MessageState
from mewe_chat.moderation.held_store import HELD
from mewe_chat.moderation.model import HeldState
from mewe_chat.room_store import is_in_room
from mewe_chat.store import MEMBER, MESSAGE, METADATA, ROOM

WANTED = Table("chat_notices_wanted", METADATA, Column("person_id", Text, primary_key=True))
"""A copy, fed by notices: who wants them. Nobody else is in it, and nobody at all where nothing sends any."""


@frozen
class Told:
    """Somebody was told, when a message was the newest of a room, that there is something new in it."""

    room_id: str
    person_id: str
    told_sequence: int


_UNTOLD = (
    select(ROOM.c.id).where(ROOM.c.untold.is_(True)).limit(bindparam("limit")).with_for_update(skip_locked=True, key_share=True)
)

TAKE_UNTOLD: Executable = update(ROOM).where(ROOM.c.id.in_(_UNTOLD)).values(untold=False).returning(ROOM.c.id)
"""A room in which somebody posts at this moment, or that another process looks at, is left for the next time: nobody waits."""

_NEW = exists().where(
    MESSAGE.c.room_id == ROOM.c.id,
    MESSAGE.c.sequence > func.coalesce(MEMBER.c.read_sequence, 0),
    MESSAGE.c.sent_at >= STANDING.c.since,
    MESSAGE.c.state == MessageState.VISIBLE.value,
    MESSAGE.c.author_id.not_in(("", WANTED.c.person_id)),
    ~exists().where(MUTE.c.person_id == WANTED.c.person_id, MUTE.c.muted_id == MESSAGE.c.author_id).correlate_except(MUTE),
)

_DUE = (
    select(
        ROOM.c.id,
        WANTED.c.person_id,
        literal(0),
        func.coalesce(MEMBER.c.read_sequence, 0),
        ROOM.c.last_sequence,
    )
    .join(STANDING, STANDING.c.scope_id == ROOM.c.group_id)
    .join(WANTED, WANTED.c.person_id == STANDING.c.person_id)
    .outerjoin(MEMBER, and_(MEMBER.c.room_id == ROOM.c.id, MEMBER.c.person_id == WANTED.c.person_id))
    .where(one_of(ROOM.c.id, "rooms"), *is_in_room(WANTED.c.person_id), MEMBER.c.told_sequence.is_(None), _NEW)
    .distinct()
    .order_by(ROOM.c.id, WANTED.c.person_id)
)


def _tell(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(MEMBER).from_select(
        [
            MEMBER.c.room_id,
            MEMBER.c.person_id,
            MEMBER.c.acknowledged_version,
            MEMBER.c.read_sequence,
            MEMBER.c.told_sequence,
        ],
        _DUE,
    )
    told = row.on_conflict_do_update(
        index_elements=[MEMBER.c.room_id, MEMBER.c.person_id],
        set_={"told_sequence": row.excluded.told_sequence},
        where=MEMBER.c.read_sequence == row.excluded.read_sequence,
    )
    return told.returning(MEMBER.c.room_id, MEMBER.c.person_id, MEMBER.c.told_sequence)


TELL: Either = either(_tell)
"""Finds for whom something is new in rooms, and keeps that they are told: nobody twice for a mark, nor whose mark moves now.

The rooms were taken in the same unit, so that no other tells of them, and nothing is said in them, before it ends."""

_TOLD = (MEMBER.c.person_id == bindparam("of"), MEMBER.c.told_sequence.is_not(None))

TOLD: Executable = (
    select(MEMBER.c.room_id, MEMBER.c.person_id, MEMBER.c.told_sequence)
    .join(ROOM, ROOM.c.id == MEMBER.c.room_id)
    .where(*_TOLD, or_(bindparam("anywhere") == "yes", ROOM.c.group_id == bindparam("group_id")))
    .order_by(MEMBER.c.room_id)
    .with_for_update(of=MEMBER)
)
FORGET_TOLD: Executable = (
    update(MEMBER).where(MEMBER.c.person_id == bindparam("of"), one_of(MEMBER.c.room_id, "rooms")).values(told_sequence=null())
)

WANTS: Either = either(lambda insert: insert(WANTED).on_conflict_do_nothing())
WANTS_NOT: Executable = delete(WANTED).where(WANTED.c.person_id == bindparam("person_id"))

_LEADS = (
    STANDING.c.scope_kind == ScopeKind.GROUP.value,
    STANDING.c.role == Role.LEADER.value,
    STANDING.c.scope_id == select(ROOM.c.group_id).where(ROOM.c.id == bindparam("room_id")).scalar_subquery(),
)
_LEADERS = select(WANTED.c.person_id).join(STANDING, STANDING.c.person_id == WANTED.c.person_id).where(*_LEADS)

LEADERS: Executable = (
    _LEADERS.where(STANDING.c.since <= bindparam("now"), or_(STANDING.c.until.is_(None), STANDING.c.until > bindparam("now")))
    .distinct()
    .order_by(WANTED.c.person_id)
)
LEADERS_EVER: Executable = _LEADERS.distinct().order_by(WANTED.c.person_id)

UNDECIDED: Executable = (
    select(HELD.c.id)
    .join(ROOM, ROOM.c.id == HELD.c.room_id)
    .join(WANTED, WANTED.c.person_id == bindparam("person_id"))
    .where(ROOM.c.group_id == bindparam("group_id"), HELD.c.state == HeldState.WAITING.value)
)


async def keep_wanted(database: Database, person_id: str, *, wanted: bool) -> None:
    """Keep that somebody wants notices, or nothing of those who do not."""
    await database.execute(WANTS if wanted else WANTS_NOT, person_id=person_id)


async def take_untold(database: Database, limit: int) -> list[str]:
    """The rooms of which nobody has looked yet for whom something is new in them, so many at most; they are looked at now."""
    return await database.all(TAKE_UNTOLD, str, limit=limit)


async def tell(database: Database, room_ids: list[str], now: Instant) -> list[Told]:
    """For whom something is new in rooms, of which they were not told since their mark was moved; kept as told."""
    return await database.all(TELL, Told, rooms=room_ids, now=now)


async def told(database: Database, person_id: str, group_id: str | None) -> list[Told]:
    """What somebody was told and has not looked at, in the rooms of a group; None: in all rooms."""
    anywhere = "yes" if group_id is None else "no"
    return await database.all(TOLD, Told, of=person_id, anywhere=anywhere, group_id=group_id or "")


async def forget_told(database: Database, person_id: str, room_ids: list[str]) -> None:
    """Let somebody have been told nothing in rooms."""
    await database.execute(FORGET_TOLD, of=person_id, rooms=room_ids)


async def leaders(database: Database, room_id: str, now: Instant) -> list[str]:
    """Who leads the group of a room now and wants notices."""
    return await database.all(LEADERS, str, room_id=room_id, now=now)


async def leaders_ever(database: Database, room_id: str) -> list[str]:
    """Who leads the group of a room or led it, and wants notices."""
    return await database.all(LEADERS_EVER, str, room_id=room_id)


async def undecided(database: Database, group_id: str, person_id: str) -> list[str]:
    """What is held back in the rooms of a group and was not decided, if somebody wants notices; else nothing."""
    return await database.all(UNDECIDED, str, group_id=group_id, person_id=person_id)
