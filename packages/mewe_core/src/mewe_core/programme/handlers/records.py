"""What came of the sessions: recorded, corrected, summed up. GroupService."""

from collections.abc import Sequence

from attrs import evolve

from mewe_core.kit.access import Role
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work
from mewe_core.programme import rules
from mewe_core.programme.events import AttendanceMarked, SessionHeld
from mewe_core.programme.handlers import changes
from mewe_core.programme.handlers.subject import group_here, is_member, programme_of, session_here
from mewe_core.programme.model.groups import Membership
from mewe_core.programme.model.kept import KeptGroup, KeptSession
from mewe_core.programme.model.sessions import (
    Fidelity,
    GetSessionRecordRequest,
    RecordSessionRequest,
    SessionRecord,
    SessionState,
)
from mewe_core.programme.model.summary import (
    GetGroupSummaryRequest,
    GroupSummary,
    MemberSummary,
    SessionMark,
    SessionSummary,
)
from mewe_core.programme.store import groups, sessions
from mewe_core.programme.store.sessions import Done, Marked


async def record_session(request: RecordSessionRequest, work: Work) -> SessionRecord:
    """Record that a session was held, or correct what was recorded: the newest record counts.

    Raises GroupNotStarted, SessionNotPlanned (cancelled), SessionToCome, SeriesNotOver; Invalid for marks that do not fit.
    """
    group = await group_here(work)
    session = await session_here(work, request.session_id)
    programme = await programme_of(work, group)
    hold_time = request.hold_time or session.start_time
    rules.may_record(group, session, hold_time, work.now)
    memberships = await groups.memberships(work.database, group.id)
    members = rules.marks_fit(request.attendance, memberships, hold_time, programme)
    rules.activities_fit(request.activities, programme.session(session.plan_id))
    first = session.state is SessionState.PLANNED
    held = evolve(
        session,
        state=SessionState.HELD,
        hold_time=hold_time,
        record_time=work.now,
        corrections=session.corrections + (0 if first else 1),
    )
    await sessions.change_session(work.database, held)
    before = await sessions.attendance_at(work.database, session.id)
    await sessions.keep_record(work.database, session.id, request.attendance, members, request.activities)
    if first:
        work.emit(SessionHeld(session.id, group.id, session.number, session.follow_up, hold_time))
    for person_id, present in rules.presence_changed(memberships, before, request.attendance):
        work.emit(AttendanceMarked(session.id, group.id, person_id, present, hold_time))
    await changes.settle(work, group, programme)
    return await _record(work, group, held)


async def get_session_record(request: GetSessionRecordRequest, work: Work) -> SessionRecord:
    """What was recorded of a session. Raises NotFound if nothing was."""
    return await _record(work, await group_here(work), await session_here(work, request.session_id))


async def _record(work: Work, group: KeptGroup, session: KeptSession) -> SessionRecord:
    if session.record_time is None:
        raise NotFound
    return SessionRecord(
        session=session.told(group.time_zone, with_place=is_member(work)),
        attendance=tuple(await sessions.attendance_at(work.database, session.id)),
        activities=tuple(await sessions.activities_at(work.database, session.id)),
        record_time=session.record_time,
        corrections=session.corrections,
    )


async def get_group_summary(request: GetGroupSummaryRequest, work: Work) -> GroupSummary:
    """A group whole: its sessions, who was at which, and what was done."""
    group = await group_here(work)
    members = await groups.memberships(work.database, group.id)
    marks = await sessions.attendance_in_group(work.database, group.id)
    done = await sessions.activities_in_group(work.database, group.id)
    participants = {one.id for one in members if one.role is Role.PARTICIPANT}
    return GroupSummary(
        group=group.told(),
        sessions=tuple(
            _session_summary(work, group, one, [mark for mark in marks if mark.membership_id in participants], done)
            for one in await sessions.sessions(work.database, group.id)
        ),
        members=tuple(_member_summary(one, marks) for one in members),
    )


def _session_summary(
    work: Work, group: KeptGroup, session: KeptSession, marks: Sequence[Marked], done: Sequence[Done]
) -> SessionSummary:
    here = [one.attendance for one in marks if one.session_id == session.id]
    fidelity = [one.fidelity for one in done if one.session_id == session.id]
    return SessionSummary(
        session=session.told(group.time_zone, with_place=is_member(work)),
        attended=sum(1 for one in here if one in rules.THERE),
        marked=len(here),
        delivered=fidelity.count(Fidelity.DELIVERED),
        adapted=fidelity.count(Fidelity.ADAPTED),
        skipped=fidelity.count(Fidelity.SKIPPED),
    )


def _member_summary(membership: Membership, marks: Sequence[Marked]) -> MemberSummary:
    own = tuple(SessionMark(one.session_id, one.attendance) for one in marks if one.membership_id == membership.id)
    return MemberSummary(membership, own, sum(1 for one in own if one.attendance in rules.THERE))
