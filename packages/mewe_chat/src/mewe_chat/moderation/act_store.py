"""What leaders decided: table and statements."""

from attrs import field, frozen
from mewe_core.kit.access import Scope
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.values import columns
from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, bindparam, func, insert, select, update
from whenever import Instant

from mewe_chat.hours import Hours
from mewe_chat.moderation.rules import ActKind
from mewe_chat.store import METADATA, ROOM, InRoom, group_of_room

ACT = Table(
    "chat_act",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("room_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("leader_id", Text, nullable=False),
    Column("person_id", Text),
    Column("message_id", Text),
    Column("sealed_reason", LargeBinary),
    Column("act_time", BigInteger, nullable=False),
    Column("until_time", BigInteger),
    Index("chat_act_in_room", "room_id", "id"),
    Index("chat_act_about", "person_id", "id"),
    Index("chat_act_by_leader", "leader_id"),
    Index("chat_act_by_time", "act_time"),
)
"""What leaders decided, and why, sealed under a key of the act's own. ``person_id``: whom it is about; none: the room.
``until_time``: until when a pause lasts; one that was ended before lasts until then. Ids rise with time."""


@frozen
class KeptAct:
    """An act as kept."""

    id: str
    room_id: str
    kind: ActKind
    leader_id: str
    person_id: str | None
    message_id: str | None
    sealed_reason: bytes | None = field(repr=False)
    act_time: Instant
    until_time: Instant | None


@frozen
class Pause:
    """Until when somebody is paused in a room."""

    room_id: str
    until: Instant


ADD: Executable = insert(ACT)
ONE: Executable = select(ACT).where(ACT.c.id == bindparam("which"))
IN_ROOM: Executable = (
    select(ACT)
    .where(ACT.c.room_id == bindparam("room_id"), ACT.c.id < bindparam("before"))
    .order_by(ACT.c.id.desc())
    .limit(bindparam("limit"))
)
ABOUT: Executable = (
    select(ACT)
    .where(ACT.c.person_id == bindparam("person_id"), ACT.c.id < bindparam("before"))
    .order_by(ACT.c.id.desc())
    .limit(bindparam("limit"))
)
_PAUSES = (ACT.c.person_id == bindparam("person_id"), ACT.c.until_time > bindparam("now", type_=BigInteger()))
PAUSES: Executable = select(ACT.c.room_id, func.max(ACT.c.until_time)).where(*_PAUSES).group_by(ACT.c.room_id)
PAUSED: Executable = (
    select(ACT.c.until_time).where(*_PAUSES, ACT.c.room_id == bindparam("room_id")).order_by(ACT.c.until_time.desc()).limit(1)
)
END_PAUSE: Executable = (
    update(ACT).where(*_PAUSES, ACT.c.room_id == bindparam("room_id")).values(until_time=bindparam("now", type_=BigInteger()))
)
SET_CLOSED: Executable = update(ROOM).where(ROOM.c.id == bindparam("which")).values(closed_by_leader=bindparam("closed"))

SET_HOURS: Executable = (
    update(ROOM)
    .where(ROOM.c.id == bindparam("which"))
    .values(
        opens=bindparam("first", type_=BigInteger()),
        closes=bindparam("last", type_=BigInteger()),
        zone=bindparam("place", type_=Text()),
    )
)


async def group_of_own_room(database: Database, request: InRoom) -> Scope | None:
    """The group, of the room that is all of its: None for the leaders' room and for that of one participant."""
    scope = await group_of_room(database, request)
    return scope if scope is not None and scope.participant is None else None


async def keep(database: Database, one: KeptAct) -> None:
    """Keep an act."""
    await database.execute(ADD, **columns(one))


async def act(database: Database, act_id: str) -> KeptAct | None:
    """One act."""
    return await database.first(ONE, KeptAct, which=act_id)


async def in_room(database: Database, room_id: str, *, before: str, limit: int) -> list[KeptAct]:
    """What was decided in a room, newest first, before the id ``before``."""
    return await database.all(IN_ROOM, KeptAct, room_id=room_id, before=before, limit=limit)


async def about(database: Database, person_id: str, *, before: str, limit: int) -> list[KeptAct]:
    """What was decided about somebody, newest first, before the id ``before``."""
    return await database.all(ABOUT, KeptAct, person_id=person_id, before=before, limit=limit)


async def pauses(database: Database, person_id: str, now: Instant) -> dict[str, Instant]:
    """Until when somebody is paused, by room."""
    found = await database.all(PAUSES, Pause, person_id=person_id, now=now)
    return {one.room_id: one.until for one in found}


async def paused_until(database: Database, room_id: str, person_id: str, now: Instant) -> Instant | None:
    """Until when somebody is paused in a room; None: they are not."""
    return await database.first(PAUSED, Instant, room_id=room_id, person_id=person_id, now=now)


async def end_pause(database: Database, room_id: str, person_id: str, now: Instant) -> None:
    """End what pauses somebody in a room."""
    await database.execute(END_PAUSE, room_id=room_id, person_id=person_id, now=now)


async def set_closed(database: Database, room_id: str, *, closed: bool) -> None:
    """Keep whether a leader has closed a room."""
    await database.execute(SET_CLOSED, which=room_id, closed=closed)


async def set_hours(database: Database, room_id: str, hours: Hours | None) -> None:
    """Keep at which hours participants may write in a room; None: at any time."""
    await database.execute(
        SET_HOURS,
        which=room_id,
        first=None if hours is None else hours.opens,
        last=None if hours is None else hours.closes,
        place=None if hours is None else hours.zone,
    )
