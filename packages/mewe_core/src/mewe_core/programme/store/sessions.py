"""Sessions of groups and what was recorded of them: statements."""

from collections.abc import Mapping, Sequence

from attrs import frozen
from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.sql import Executable
from whenever import Instant

from mewe_core.kit.database import Database
from mewe_core.kit.values import columns
from mewe_core.programme.model.groups import Membership
from mewe_core.programme.model.kept import KeptSession
from mewe_core.programme.model.sessions import ActivityMark, Attendance, AttendanceMark, Fidelity
from mewe_core.programme.store.tables import ACTIVITY, ATTENDANCE, SESSION


@frozen
class Marked:
    """Whether a member was at a session of the group."""

    session_id: str
    membership_id: str
    attendance: Attendance


@frozen
class Done:
    """What became of an activity in a session of the group."""

    session_id: str
    activity_id: str
    fidelity: Fidelity


ADD_SESSION: Executable = insert(SESSION)
ONE_SESSION: Executable = select(*SESSION.c).where(SESSION.c.id == bindparam("session_id"))
SESSIONS: Executable = (
    select(*SESSION.c).where(SESSION.c.group_id == bindparam("group_id")).order_by(SESSION.c.start_time, SESSION.c.id)
)
SESSIONS_BY_PAGE: Executable = (
    select(*SESSION.c)
    .where(
        SESSION.c.group_id == bindparam("group_id"),
        or_(
            SESSION.c.start_time > bindparam("after_time"),
            (SESSION.c.start_time == bindparam("after_time")) & (SESSION.c.id > bindparam("after_id")),
        ),
    )
    .order_by(SESSION.c.start_time, SESSION.c.id)
    .limit(bindparam("limit"))
)
_FIXED = frozenset({"id", "group_id", "plan_id", "number", "follow_up", "makes_up_for_id"})
CHANGE_SESSION: Executable = (
    update(SESSION)
    .where(SESSION.c.id == bindparam("key"))
    .values({one.name: bindparam(f"new_{one.name}") for one in SESSION.c if one.name not in _FIXED})
)

ADD_ATTENDANCE: Executable = insert(ATTENDANCE)
CLEAR_ATTENDANCE: Executable = delete(ATTENDANCE).where(ATTENDANCE.c.session_id == bindparam("key"))
ADD_ACTIVITY: Executable = insert(ACTIVITY)
CLEAR_ACTIVITIES: Executable = delete(ACTIVITY).where(ACTIVITY.c.session_id == bindparam("key"))
ATTENDANCE_IN_GROUP: Executable = (
    select(ATTENDANCE.c.session_id, ATTENDANCE.c.membership_id, ATTENDANCE.c.attendance)
    .select_from(ATTENDANCE.join(SESSION, ATTENDANCE.c.session_id == SESSION.c.id))
    .where(SESSION.c.group_id == bindparam("group_id"))
    .order_by(SESSION.c.start_time, SESSION.c.id, ATTENDANCE.c.membership_id)
)
ACTIVITIES_IN_GROUP: Executable = (
    select(ACTIVITY.c.session_id, ACTIVITY.c.activity_id, ACTIVITY.c.fidelity)
    .select_from(ACTIVITY.join(SESSION, ACTIVITY.c.session_id == SESSION.c.id))
    .where(SESSION.c.group_id == bindparam("group_id"))
    .order_by(SESSION.c.start_time, SESSION.c.id, ACTIVITY.c.activity_id)
)
ATTENDANCE_AT: Executable = (
    select(ATTENDANCE.c.membership_id, ATTENDANCE.c.attendance)
    .where(ATTENDANCE.c.session_id == bindparam("session_id"))
    .order_by(ATTENDANCE.c.membership_id)
)
ACTIVITIES_AT: Executable = (
    select(ACTIVITY.c.activity_id, ACTIVITY.c.fidelity)
    .where(ACTIVITY.c.session_id == bindparam("session_id"))
    .order_by(ACTIVITY.c.activity_id)
)


async def add_session(database: Database, session: KeptSession) -> None:
    """Keep a new session."""
    await database.execute(ADD_SESSION, **columns(session))


async def session(database: Database, session_id: str) -> KeptSession | None:
    """One session."""
    return await database.first(ONE_SESSION, KeptSession, session_id=session_id)


async def sessions(database: Database, group_id: str) -> list[KeptSession]:
    """All sessions of a group by time."""
    return await database.all(SESSIONS, KeptSession, group_id=group_id)


async def sessions_by_page(database: Database, group_id: str, after: tuple[Instant, str], limit: int) -> list[KeptSession]:
    """The same behind a place in the list."""
    return await database.all(
        SESSIONS_BY_PAGE, KeptSession, group_id=group_id, after_time=after[0], after_id=after[1], limit=limit
    )


async def change_session(database: Database, session: KeptSession) -> None:
    """Keep a session as it is now."""
    row = {f"new_{name}": value for name, value in columns(session).items() if name not in _FIXED}
    await database.execute(CHANGE_SESSION, key=session.id, **row)


async def keep_record(
    database: Database,
    session_id: str,
    attendance: Sequence[AttendanceMark],
    members: Mapping[str, Membership],
    activities: Sequence[ActivityMark],
) -> None:
    """Keep who was at a session and what was done, in place of what was kept before. ``members`` by membership id."""
    await database.execute(CLEAR_ATTENDANCE, key=session_id)
    await database.execute(CLEAR_ACTIVITIES, key=session_id)
    for mark in attendance:
        await database.execute(
            ADD_ATTENDANCE,
            session_id=session_id,
            membership_id=mark.membership_id,
            person_id=members[mark.membership_id].person_id,
            attendance=mark.attendance,
        )
    for done in activities:
        await database.execute(ADD_ACTIVITY, session_id=session_id, activity_id=done.activity_id, fidelity=done.fidelity)


async def attendance_in_group(database: Database, group_id: str) -> list[Marked]:
    """Every mark of a group, by the time of the session."""
    return await database.all(ATTENDANCE_IN_GROUP, Marked, group_id=group_id)


async def activities_in_group(database: Database, group_id: str) -> list[Done]:
    """What became of every activity of a group, by the time of the session."""
    return await database.all(ACTIVITIES_IN_GROUP, Done, group_id=group_id)


async def attendance_at(database: Database, session_id: str) -> list[AttendanceMark]:
    """Who was at a session."""
    return await database.all(ATTENDANCE_AT, AttendanceMark, session_id=session_id)


async def activities_at(database: Database, session_id: str) -> list[ActivityMark]:
    """What became of the activities of a session."""
    return await database.all(ACTIVITIES_AT, ActivityMark, session_id=session_id)
