"""Which rooms there are, and who is in them: statements."""

import hashlib
from collections.abc import Callable

from attrs import asdict, frozen
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.records import STANDING
from mewe_core.kit.standing import covers
from mewe_core.kit.values import Parameter, columns
from sqlalchemy import BigInteger, Boolean, ColumnElement, Table, Text, and_, bindparam, func, null, or_, select, update
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_chat.model import RoomKind
from mewe_chat.rules import MEMBERS
from mewe_chat.store import MEMBER, ROOM


@frozen
class KeptRoom:
    """A room as kept, and what the person who lists it has read in it (None: nothing yet)."""

    id: str
    group_id: str
    kind: RoomKind
    participant_id: str
    open: bool
    closed_by_leader: bool
    opens: int | None
    closes: int | None
    zone: str | None
    last_sequence: int
    archived: bool
    read_sequence: int | None
    acknowledged_version: int | None


@frozen
class _Fresh:
    """A room in which nothing has been said."""

    id: str
    group_id: str
    organisation_id: str
    kind: RoomKind
    participant_id: str
    open: bool
    without_consent: bool
    ended_time: Instant | None
    archived: bool
    closed_by_leader: bool = False
    opens: int | None = None
    closes: int | None = None
    zone: str | None = None
    last_sequence: int = 0
    last_sent_at: int = 0
    changes: int = 0
    changes_before: int = 0
    untold: bool = False


def is_in_room(person: ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
    """For a statement about rooms and standings of their groups: that by this standing somebody is in the room at ``now``."""
    return (
        STANDING.c.person_id == person,
        STANDING.c.scope_kind == ScopeKind.GROUP.value,
        or_(*(STANDING.c.role == role.value for role in MEMBERS)),
        STANDING.c.since <= bindparam("now"),
        or_(STANDING.c.until.is_(None), STANDING.c.until > bindparam("now")),
        or_(
            STANDING.c.role != Role.PARTICIPANT.value,
            and_(
                or_(
                    ROOM.c.kind == RoomKind.GROUP.value,
                    and_(ROOM.c.participant_id != "", ROOM.c.participant_id == person),
                ),
                or_(ROOM.c.without_consent.is_(True), covers(Purpose.CHAT, person)),
            ),
        ),
    )


MY_ROOMS: Executable = (
    select(
        ROOM.c.id,
        ROOM.c.group_id,
        ROOM.c.kind,
        ROOM.c.participant_id,
        ROOM.c.open,
        ROOM.c.closed_by_leader,
        ROOM.c.opens,
        ROOM.c.closes,
        ROOM.c.zone,
        ROOM.c.last_sequence,
        ROOM.c.archived,
        func.max(MEMBER.c.read_sequence),
        func.max(MEMBER.c.acknowledged_version),
    )
    .join(STANDING, STANDING.c.scope_id == ROOM.c.group_id)
    .outerjoin(MEMBER, and_(MEMBER.c.room_id == ROOM.c.id, MEMBER.c.person_id == bindparam("person_id")))
    .where(
        *is_in_room(bindparam("person_id", type_=Text())),
        ROOM.c.id > bindparam("after"),
        or_(ROOM.c.archived.is_(False), bindparam("archived", type_=Boolean)),
        or_(bindparam("anywhere", type_=Boolean), ROOM.c.id == bindparam("only")),
    )
    .group_by(ROOM.c.id)
    .order_by(ROOM.c.id)
    .limit(bindparam("limit"))
)


def _keep_room(insert: Callable[[Table], Insert]) -> Executable:
    return insert(ROOM).on_conflict_do_nothing(index_elements=[ROOM.c.id])


KEEP_ROOM: Either = either(_keep_room)

GO_ON: Executable = (
    update(ROOM)
    .where(ROOM.c.group_id == bindparam("which"))
    .values(
        open=True,
        ended_time=null(),
        archived=False,
        without_consent=bindparam("nobody_asked"),
        organisation_id=bindparam("organisation"),
    )
)

END: Executable = (
    update(ROOM)
    .where(ROOM.c.group_id == bindparam("which"))
    .values(
        open=False,
        ended_time=func.coalesce(ROOM.c.ended_time, bindparam("now", type_=BigInteger())),
        without_consent=bindparam("nobody_asked"),
        organisation_id=bindparam("organisation"),
    )
)

GROUP: Executable = select(
    ROOM.c.organisation_id, ROOM.c.open, ROOM.c.without_consent, ROOM.c.ended_time, ROOM.c.archived
).where(ROOM.c.id == bindparam("group_id"))

TO_ARCHIVE = (
    select(ROOM.c.id)
    .where(ROOM.c.archived.is_(False), ROOM.c.ended_time <= bindparam("before", type_=BigInteger()))
    .limit(bindparam("limit"))
)

ARCHIVE: Executable = update(ROOM).where(ROOM.c.id.in_(TO_ARCHIVE)).values(archived=True)

PARTICIPANTS: Executable = (
    select(STANDING.c.person_id)
    .where(
        STANDING.c.scope_id == bindparam("group_id"),
        STANDING.c.scope_kind == ScopeKind.GROUP.value,
        STANDING.c.role == Role.PARTICIPANT.value,
        or_(STANDING.c.until.is_(None), STANDING.c.until > bindparam("now")),
    )
    .distinct()
)


@frozen
class Group:
    """How a group stands, as its rooms know it."""

    organisation_id: str
    open: bool
    without_consent: bool
    ended_time: Instant | None
    archived: bool = False


def room_id(kind: RoomKind, group_id: str, participant_id: str = "") -> str:
    """The id of a room: always the same for the same, so that hearing of it twice makes one. Pure.

    The group's own room bears the group's id. Those of the others tell nobody the participant's who does not know it.
    """
    if kind is RoomKind.GROUP:
        return group_id
    return hashlib.sha256(f"{kind}/{group_id}/{participant_id}".encode()).hexdigest()[:32]


async def my_rooms(
    database: Database, person_id: str, now: Instant, *, after: str, limit: int, archived: bool, only: str | None = None
) -> list[KeptRoom]:
    """The rooms that a person is in at that moment, by id, behind the id ``after``; with ``archived`` those too.

    ``only``: that room alone, if they are in it.
    """
    where: dict[str, Parameter] = {"archived": archived, "anywhere": only is None, "only": only or ""}
    return await database.all(MY_ROOMS, KeptRoom, person_id=person_id, now=now, after=after, limit=limit, **where)


async def group(database: Database, group_id: str) -> Group | None:
    """How a group stands, as far as has been heard."""
    return await database.first(GROUP, Group, group_id=group_id)


async def participants(database: Database, group_id: str, now: Instant) -> list[str]:
    """Who is a participant of a group now, or will be."""
    return await database.all(PARTICIPANTS, str, group_id=group_id, now=now)


async def keep_room(database: Database, kind: RoomKind, group_id: str, group: Group, participant_id: str = "") -> None:
    """Have a room of a group; one that is there stays as it is."""
    fresh = _Fresh(
        id=room_id(kind, group_id, participant_id),
        group_id=group_id,
        kind=kind,
        participant_id=participant_id,
        **asdict(group),
    )
    await database.execute(KEEP_ROOM, **columns(fresh))


async def set_group(database: Database, group_id: str, group: Group, now: Instant) -> None:
    """Let all rooms of a group stand as it does; when it ended is kept once."""
    which: dict[str, Parameter] = {
        "which": group_id,
        "nobody_asked": group.without_consent,
        "organisation": group.organisation_id,
    }
    if group.open:
        await database.execute(GO_ON, **which)
    else:
        await database.execute(END, now=now, **which)


async def archive(database: Database, before: Instant, limit: int) -> int:
    """Put rooms of groups that ended before a moment into the archive, so many at most; says how many."""
    return await database.execute(ARCHIVE, before=before, limit=limit)
