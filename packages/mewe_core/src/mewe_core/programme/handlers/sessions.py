"""When a group meets, and where: sessions moved, cancelled, made up, shown. GroupService."""

from attrs import evolve

from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.ports import Work
from mewe_core.programme import calendar, rules
from mewe_core.programme.handlers import changes
from mewe_core.programme.handlers.subject import group_here, is_member, page, programme_of, session_here
from mewe_core.programme.model.kept import KeptGroup, KeptSession
from mewe_core.programme.model.sessions import (
    Calendar,
    CancelReason,
    CancelSessionRequest,
    GetCalendarRequest,
    ListSessionsRequest,
    ListSessionsResponse,
    MakeUpSessionRequest,
    MoveSessionRequest,
    Session,
    SessionState,
    SetMeetingRequest,
)
from mewe_core.programme.series import entered, lasting
from mewe_core.programme.store import sessions


async def list_sessions(request: ListSessionsRequest, work: Work) -> ListSessionsResponse:
    """The sessions of a group by time. Raises Invalid for a page token of another list."""
    group = await group_here(work)
    found, following = await page(
        f"sessions {request.group_id}",
        request.page_size,
        request.page_token,
        lambda after, limit: sessions.sessions_by_page(work.database, request.group_id, after, limit),
        lambda one: (one.start_time, one.id),
    )
    return ListSessionsResponse(tuple(_told(work, group, one) for one in found), following)


async def move_session(request: MoveSessionRequest, work: Work) -> Session:
    """Give a session another start. Raises GroupOver, SessionNotPlanned; Invalid for a time that the clocks skip."""
    group = await group_here(work)
    session = await session_here(work, request.session_id)
    rules.planned(group, session)
    programme = await programme_of(work, group)
    start = entered(request.start, group.time_zone, "start")
    moved = evolve(changes.restarted(work, programme, session, start), moved=True)
    await sessions.change_session(work.database, moved)
    await changes.settle(work, group, programme)
    return _told(work, group, moved)


async def cancel_session(request: CancelSessionRequest, work: Work) -> Session:
    """Cancel a session. Raises GroupOver, SessionNotPlanned; Invalid for the reason that the group has ended."""
    if request.reason is CancelReason.GROUP_ENDED:
        raise Invalid(Field("reason", "a reason of the session's own; EndGroup ends a group"))
    group = await group_here(work)
    session = await session_here(work, request.session_id)
    rules.planned(group, session)
    cancelled = evolve(
        session,
        state=SessionState.CANCELLED,
        cancel_reason=request.reason,
        revision=session.revision + 1,
        change_time=work.now,
    )
    await sessions.change_session(work.database, cancelled)
    await changes.settle(work, group, await programme_of(work, group))
    return _told(work, group, cancelled)


async def make_up_session(request: MakeUpSessionRequest, work: Work) -> Session:
    """Plan another date for a cancelled session. Raises GroupOver, SessionNotCancelled, SessionMadeUp; Invalid."""
    group = await group_here(work)
    session = await session_here(work, request.session_id)
    rules.may_make_up(group, session, await sessions.sessions(work.database, group.id))
    programme = await programme_of(work, group)
    start = entered(request.start, group.time_zone, "start")
    made_up = evolve(
        session,
        id=work.new_id(),
        state=SessionState.PLANNED,
        start_time=start,
        end_time=lasting(programme, start),
        makes_up_for_id=session.id,
        cancel_reason=None,
        revision=0,
        change_time=work.now,
        moved=True,
    )
    await sessions.add_session(work.database, made_up)
    await changes.settle(work, group, programme)
    return _told(work, group, made_up)


async def set_meeting(request: SetMeetingRequest, work: Work) -> Session:
    """Say how a session meets, and where. Raises GroupOver, SessionNotPlanned."""
    group = await group_here(work)
    session = await session_here(work, request.session_id)
    rules.planned(group, session)
    changed = evolve(
        session,
        mode=request.mode,
        place=request.place,
        link=request.link,
        revision=session.revision + 1,
        change_time=work.now,
    )
    await sessions.change_session(work.database, changed)
    return _told(work, group, changed)


async def get_calendar(request: GetCalendarRequest, work: Work) -> Calendar:
    """The sessions as an iCalendar file; with places and links for participants and leaders."""
    group = await group_here(work)
    there = await sessions.sessions(work.database, group.id)
    return Calendar(calendar.calendar(group, there, request.language or group.language, with_place=is_member(work)))


def _told(work: Work, group: KeptGroup, session: KeptSession) -> Session:
    return session.told(group.time_zone, with_place=is_member(work))
