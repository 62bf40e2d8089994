"""Sessions are moved, cancelled and made up, and recorded once they were held; the follow-up and the group follow them."""

import pytest
from mewe_core.kit.access import Role
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.programme import LocalStart, errors
from mewe_core.programme.events import GroupChanged, GroupState, SessionHeld
from mewe_core.programme.handlers import groups, members, records, sessions
from mewe_core.programme.model import groups as g
from mewe_core.programme.model import sessions as s
from mewe_core.programme.model.summary import GetGroupSummaryRequest
from mewe_core.programme.testing import School
from whenever import Date, Instant

PLANNED, HELD, CANCELLED = s.SessionState.PLANNED, s.SessionState.HELD, s.SessionState.CANCELLED


def move(school: School, session: s.Session, date: Date, time: str = "16:00") -> s.Session:
    """Give it another start."""
    return school.stage.call(sessions.move_session, s.MoveSessionRequest("r", session.id, LocalStart(date, time)), by="karin")


def cancel(school: School, session: s.Session) -> s.Session:
    """Cancel it."""
    request = s.CancelSessionRequest("r", session.id, s.CancelReason.LEADER_AWAY)
    return school.stage.call(sessions.cancel_session, request, by="karin")


def make_up(school: School, session: s.Session, date: Date) -> s.Session:
    """Plan another date for it."""
    request = s.MakeUpSessionRequest("r", session.id, LocalStart(date, "16:00"))
    return school.stage.call(sessions.make_up_session, request, by="karin")


def state(school: School, group: g.Group) -> GroupState:
    """Where the group stands."""
    return school.stage.call(groups.get_group, g.GetGroupRequest(group.id), by="karin").state


def follow_up(school: School, group: g.Group) -> s.Session:
    """The follow-up that is planned or was held."""
    return next(one for one in school.sessions(group) if one.follow_up and one.state is not CANCELLED)


def test_a_group_goes_from_running_to_follow_up_to_completed(school: School) -> None:
    """By nothing but its records; each step is told once."""
    group = school.running()
    for session in school.sessions(group)[:6]:
        school.record(session)
    assert state(school, group) is GroupState.RUNNING
    school.record(school.sessions(group)[6])
    assert state(school, group) is GroupState.FOLLOW_UP
    school.record(follow_up(school, group))
    assert state(school, group) is GroupState.COMPLETED
    told = [one.state for one in school.stage.events if isinstance(one, GroupChanged) and one.group_id == group.id]
    assert told == ["planned", "running", "follow_up", "completed"]
    held = [one for one in school.stage.events if isinstance(one, SessionHeld) and one.group_id == group.id]
    assert [one.number for one in held] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [one.follow_up for one in held] == [False] * 7 + [True]


def test_a_moved_session_keeps_its_place_and_its_revision_rises(school: School) -> None:
    """On the clocks of the group, with the same length."""
    group = school.group()
    first = school.sessions(group)[0]
    moved = move(school, first, Date(2026, 10, 27), "17:30")
    assert (moved.number, moved.revision, moved.start) == (1, 1, LocalStart(Date(2026, 10, 27), "17:30"))
    assert moved.start_time == Instant.from_utc(2026, 10, 27, 16, 30)
    assert (moved.end_time - moved.start_time).total("minutes") == 120
    with pytest.raises(Invalid) as refused:
        move(school, first, Date(2027, 3, 28), "02:30")
    assert [one.path for one in refused.value.fields] == ["start.time"]


def test_the_follow_up_moves_with_the_last_session(school: School) -> None:
    """Three months after the last that is planned, whichever number it has."""
    group = school.group()
    there = school.sessions(group)
    assert follow_up(school, group).start.date == Date(2027, 1, 20)
    move(school, there[6], Date(2026, 11, 30))
    assert follow_up(school, group).start == LocalStart(Date(2027, 2, 28), "16:00")
    assert follow_up(school, group).revision == 1
    move(school, there[2], Date(2026, 12, 3))
    assert follow_up(school, group).start.date == Date(2027, 3, 3)


def test_a_follow_up_that_was_moved_itself_stays(school: School) -> None:
    """Somebody chose its date."""
    group = school.group()
    move(school, follow_up(school, group), Date(2027, 2, 1))
    move(school, school.sessions(group)[6], Date(2026, 11, 30))
    assert follow_up(school, group).start.date == Date(2027, 2, 1)


def test_the_follow_up_counts_from_the_day_on_which_the_last_session_was_really_held(school: School) -> None:
    """A day late: the follow-up is a day later too, at the planned time of the day."""
    group = school.running("ada")
    there = school.sessions(group)
    for session in there[:6]:
        school.record(session)
    school.until(there[6])
    school.stage.clock.advance(days=1, hours=2)
    [ada] = [one for one in _members(school, group) if one.person_id == "ada"]
    late = s.RecordSessionRequest(
        "r", there[6].id, there[6].start_time.add(hours=25), (s.AttendanceMark(ada.id, s.Attendance.LATE),)
    )
    school.stage.call(records.record_session, late, by="lena")
    assert there[6].start.date == Date(2026, 11, 17)
    assert follow_up(school, group).start == LocalStart(Date(2027, 2, 18), "16:00")


def _members(school: School, group: g.Group) -> tuple[g.Membership, ...]:
    return school.stage.call(members.list_members, g.ListMembersRequest(group.id), by="karin").memberships


def test_a_cancelled_session_is_made_up_and_the_series_waits_for_it(school: School) -> None:
    """The seventh that was held is then the one made up, and the follow-up counts from it."""
    group = school.running("ada")
    there = school.sessions(group)
    fourth = cancel(school, there[3])
    assert (fourth.state, fourth.cancel_reason, fourth.revision) == (CANCELLED, s.CancelReason.LEADER_AWAY, 1)
    made_up = make_up(school, there[3], Date(2026, 12, 1))
    assert (made_up.number, made_up.plan_id, made_up.makes_up_for_id, made_up.revision) == (4, "growing", there[3].id, 0)
    for session in school.sessions(group):
        if session.state is PLANNED and not session.follow_up and session.id != made_up.id:
            school.record(session)
    assert state(school, group) is GroupState.RUNNING
    school.record(made_up)
    assert state(school, group) is GroupState.FOLLOW_UP
    assert follow_up(school, group).start.date == Date(2027, 3, 1)


def test_a_series_without_its_cancelled_session_is_over_until_that_is_made_up(school: School) -> None:
    """Six held, one cancelled: the follow-up is next; with a new date the group runs again."""
    group = school.running("ada")
    last = cancel(school, school.sessions(group)[6])
    for session in school.sessions(group)[:6]:
        school.record(session)
    assert state(school, group) is GroupState.FOLLOW_UP
    assert follow_up(school, group).start.date == Date(2027, 2, 10)
    make_up(school, last, Date(2026, 12, 1))
    assert state(school, group) is GroupState.RUNNING
    assert follow_up(school, group).start.date == Date(2027, 3, 1)


def test_a_cancelled_follow_up_can_be_made_up_and_completes_the_group(school: School) -> None:
    """Until then the group waits."""
    group = school.running("ada")
    for session in school.sessions(group)[:7]:
        school.record(session)
    cancelled = cancel(school, follow_up(school, group))
    assert state(school, group) is GroupState.FOLLOW_UP
    school.record(make_up(school, cancelled, Date(2027, 3, 9)))
    assert state(school, group) is GroupState.COMPLETED


def test_only_what_is_planned_is_moved_or_cancelled(school: School) -> None:
    """Not what was held or cancelled, and nothing in a group that is over."""
    group = school.running("ada")
    first, second, third = school.sessions(group)[:3]
    school.record(first)
    cancel(school, second)
    for session in (first, second):
        with pytest.raises(errors.SessionNotPlanned):
            move(school, session, Date(2026, 12, 1))
        with pytest.raises(errors.SessionNotPlanned):
            cancel(school, session)
        with pytest.raises(errors.SessionNotPlanned):
            meet(school, session, s.MeetingMode.ONLINE, None, None)
    school.stage.call(groups.end_group, g.EndGroupRequest("r", group.id, g.EndReason.OTHER), by="karin")
    with pytest.raises(errors.GroupOver):
        move(school, third, Date(2026, 12, 1))
    with pytest.raises(errors.GroupOver):
        cancel(school, third)
    with pytest.raises(errors.GroupOver):
        make_up(school, second, Date(2026, 12, 1))


def test_only_a_cancelled_session_is_made_up_and_once(school: School) -> None:
    """The one that makes up can be cancelled and made up in turn."""
    group = school.group()
    first = school.sessions(group)[0]
    with pytest.raises(errors.SessionNotCancelled):
        make_up(school, first, Date(2026, 12, 1))
    cancel(school, first)
    again = make_up(school, first, Date(2026, 12, 1))
    with pytest.raises(errors.SessionMadeUp):
        make_up(school, first, Date(2026, 12, 2))
    cancel(school, again)
    assert make_up(school, again, Date(2026, 12, 2)).makes_up_for_id == again.id


def test_a_session_is_not_cancelled_because_the_group_ended(school: School) -> None:
    """That reason is given by ending the group."""
    request = s.CancelSessionRequest("r", school.sessions(school.group())[0].id, s.CancelReason.GROUP_ENDED)
    with pytest.raises(Invalid):
        school.stage.call(sessions.cancel_session, request, by="karin")


def meet(school: School, session: s.Session, mode: s.MeetingMode, place: str | None, link: str | None) -> s.Session:
    """Say how it meets, as a leader or coordinator."""
    return school.stage.call(sessions.set_meeting, s.SetMeetingRequest("r", session.id, mode, place, link), by="karin")


def test_each_session_has_its_own_way_to_meet(school: School) -> None:
    """One online, the others as the group was made."""
    group = school.running("ada")
    third = school.sessions(group)[2]
    changed = meet(school, third, s.MeetingMode.ONLINE, None, "https://meet.example.org/third")
    assert (changed.mode, changed.revision) == (s.MeetingMode.ONLINE, 1)
    seen = school.sessions(group, by="ada")
    assert [one.mode for one in seen].count(s.MeetingMode.ONLINE) == 1
    assert (seen[2].link, seen[2].place) == ("https://meet.example.org/third", None)
    assert seen[0].place == "Room 4"


def test_place_and_link_are_told_to_participants_and_leaders_alone(school: School) -> None:
    """The coordinator sets them and does not see them; who left does not either."""
    group = school.running("ada")
    for member in ("ada", "lena"):
        assert {one.place for one in school.sessions(group, by=member)} == {"Room 4"}
        assert {one.link for one in school.sessions(group, by=member)} == {"https://meet.example.org/oak"}
    for other in ("karin", "sven"):
        assert {(one.place, one.link) for one in school.sessions(group, by=other)} == {(None, None)}
        summary = school.stage.call(records.get_group_summary, GetGroupSummaryRequest(group.id), by=other)
        assert {(one.session.place, one.session.link) for one in summary.sessions} == {(None, None)}


def test_sessions_come_by_page_in_the_order_of_time(school: School) -> None:
    """Three at a time, none missed, none twice."""
    group = school.group()
    move(school, school.sessions(group)[0], Date(2026, 10, 1))
    token, seen = "", list[int]()
    for _ in range(3):
        page = school.stage.call(sessions.list_sessions, s.ListSessionsRequest(group.id, 3, token), by="karin")
        seen += [one.number for one in page.sessions]
        token = page.next_page_token
    assert seen == [2, 3, 4, 1, 5, 6, 7, 8]
    assert token == ""


def test_a_record_says_who_was_there_and_what_was_done(school: School) -> None:
    """Attendance by member, fidelity by activity."""
    group = school.running("ada", "bo")
    first = school.sessions(group)[0]
    school.until(first)
    by_person = {one.person_id: one.id for one in _members(school, group)}
    attendance = (
        s.AttendanceMark(by_person["ada"], s.Attendance.PRESENT),
        s.AttendanceMark(by_person["bo"], s.Attendance.EXCUSED),
        s.AttendanceMark(by_person["lena"], s.Attendance.PRESENT),
    )
    plan = school.stage.call(groups.get_group_programme, g.GetGroupProgrammeRequest(group.id), by="lena").sessions[0]
    fidelity = (s.Fidelity.DELIVERED, s.Fidelity.ADAPTED, s.Fidelity.SKIPPED, s.Fidelity.DELIVERED, s.Fidelity.DELIVERED)
    activities = tuple(s.ActivityMark(one.id, what) for one, what in zip(plan.activities, fidelity, strict=True))
    request = s.RecordSessionRequest("r", first.id, None, attendance, activities)
    record = school.stage.call(records.record_session, request, by="lena")
    assert record == school.stage.call(records.get_session_record, s.GetSessionRecordRequest(first.id), by="lena")
    assert (record.session.state, record.session.hold_time, record.corrections) == (HELD, first.start_time, 0)
    assert set(record.attendance) == set(attendance)
    assert set(record.activities) == set(activities)
    summary = school.stage.call(records.get_group_summary, GetGroupSummaryRequest(group.id), by="lena")
    line = summary.sessions[0]
    assert (line.attended, line.marked, line.delivered, line.adapted, line.skipped) == (1, 2, 3, 1, 1)
    assert {one.membership.person_id: one.attended for one in summary.members} == {"lena": 1, "lars": 0, "ada": 1, "bo": 0}


def test_a_corrected_attendance_changes_what_is_listed(school: School) -> None:
    """The newest record counts; it is told that there was a correction, and no second time that the session was held."""
    group = school.running("ada", "bo")
    first = school.sessions(group)[0]
    school.record(first)
    before = school.stage.call(records.get_group_summary, GetGroupSummaryRequest(group.id), by="lena")
    corrected = school.record(first, absent=("bo",))
    after = school.stage.call(records.get_group_summary, GetGroupSummaryRequest(group.id), by="lena")
    assert corrected.corrections == 1
    assert (before.sessions[0].attended, after.sessions[0].attended) == (2, 1)
    assert [one.attended for one in after.members if one.membership.person_id == "bo"] == [0]
    assert len([one for one in school.stage.events if isinstance(one, SessionHeld) and one.group_id == group.id]) == 1


def test_a_record_can_be_corrected_when_the_group_is_over(school: School) -> None:
    """The group stays completed."""
    group = school.running("ada")
    for session in school.sessions(group)[:7]:
        school.record(session)
    school.record(follow_up(school, group))
    assert school.record(school.sessions(group)[0], absent=("ada",)).corrections == 1
    assert state(school, group) is GroupState.COMPLETED


def test_nothing_is_recorded_before_its_time(school: School) -> None:
    """Not in a group that has not begun, not before the session, and not the follow-up before the series is over."""
    planned = school.group()
    with pytest.raises(errors.GroupNotStarted):
        school.record(school.sessions(planned)[0])
    group = school.running("ada")
    first = school.sessions(group)[0]
    with pytest.raises(errors.SessionToCome):
        school.stage.call(records.record_session, s.RecordSessionRequest("r", first.id), by="lena")
    with pytest.raises(NotFound):
        school.stage.call(records.get_session_record, s.GetSessionRecordRequest(first.id), by="lena")
    with pytest.raises(errors.SeriesNotOver):
        school.record(follow_up(school, group))


def test_a_cancelled_session_is_not_recorded(school: School) -> None:
    """What makes up for it is."""
    group = school.running("ada")
    first = cancel(school, school.sessions(group)[0])
    with pytest.raises(errors.SessionNotPlanned):
        school.record(first)


def test_a_session_that_began_at_an_unlikely_moment_is_refused(school: School) -> None:
    """More than a month from the plan: it is to be moved first."""
    group = school.running("ada")
    first = school.sessions(group)[0]
    school.until(first)
    request = s.RecordSessionRequest("r", first.id, first.start_time.add(hours=-24 * 32))
    with pytest.raises(Invalid) as refused:
        school.stage.call(records.record_session, request, by="lena")
    assert [one.path for one in refused.value.fields] == ["hold_time"]


def test_marks_that_do_not_fit_are_refused(school: School) -> None:
    """Somebody left out, somebody twice, somebody of another group, somebody who waits or has left, and other activities."""
    other = school.group()
    [stranger] = school.join(other, "dina")
    group = school.running("ada", "bo", "cleo", capacity=2)
    by_person = {one.person_id: one.id for one in _members(school, group)}
    first = school.sessions(group)[0]
    school.until(first)
    there = s.Attendance.PRESENT
    both = (s.AttendanceMark(by_person["ada"], there), s.AttendanceMark(by_person["bo"], there))
    cases: list[tuple[tuple[s.AttendanceMark, ...], tuple[s.ActivityMark, ...], str]] = [
        (both[:1], (), "attendance"),
        ((*both, both[0]), (), "attendance[2].membership_id"),
        ((*both, s.AttendanceMark(stranger.id, there)), (), "attendance[2].membership_id"),
        ((*both, s.AttendanceMark(by_person["cleo"], there)), (), "attendance[2].membership_id"),
        (both, (s.ActivityMark("dancing", s.Fidelity.DELIVERED),), "activities[0].activity_id"),
        (both, (s.ActivityMark("welcome", s.Fidelity.DELIVERED),), "activities"),
    ]
    for attendance, activities, path in cases:
        request = s.RecordSessionRequest("r", first.id, None, attendance, activities)
        with pytest.raises(Invalid) as refused:
            school.stage.call(records.record_session, request, by="lena")
        assert [one.path for one in refused.value.fields] == [path]


def test_who_left_before_a_session_is_not_marked_and_who_leaves_during_one_may_be(school: School) -> None:
    """A record is of those who were in the group then."""
    group = school.running("ada", "bo")
    by_person = {one.person_id: one.id for one in _members(school, group)}
    first, second = school.sessions(group)[:2]
    school.until(first)
    school.stage.clock.advance(hours=1)
    school.stage.call(members.leave_group, g.LeaveGroupRequest("r", by_person["bo"]), by="bo")
    ada, bo = (s.AttendanceMark(by_person[one], s.Attendance.PRESENT) for one in ("ada", "bo"))
    school.stage.call(records.record_session, s.RecordSessionRequest("r", first.id, None, (ada, bo)), by="lena")
    school.stage.call(records.record_session, s.RecordSessionRequest("r", first.id, None, (ada,)), by="lena")
    school.until(second)
    with pytest.raises(Invalid):
        school.stage.call(records.record_session, s.RecordSessionRequest("r", second.id, None, (ada, bo)), by="lena")


def test_who_joined_after_a_session_was_not_there(school: School) -> None:
    """Who came in while it went on may have been."""
    group = school.running("ada")
    first = school.sessions(group)[0]
    school.until(first)
    school.stage.clock.advance(hours=1)
    [during] = school.join(group, "cleo")
    school.stage.clock.advance(hours=1, minutes=1)
    [after] = school.join(group, "dina")
    ada = next(one.id for one in _members(school, group) if one.person_id == "ada")
    marks = [s.AttendanceMark(one, s.Attendance.PRESENT) for one in (ada, during.id, after.id)]
    with pytest.raises(Invalid):
        school.stage.call(records.record_session, s.RecordSessionRequest("r", first.id, None, tuple(marks)), by="lena")
    request = s.RecordSessionRequest("r", first.id, None, tuple(marks[:2]))
    assert len(school.stage.call(records.record_session, request, by="lena").attendance) == 2


def test_leaders_of_a_group_record_it_and_leaders_of_another_do_not(school: School) -> None:
    """To them there is no such session."""
    group = school.running("ada")
    school.join(school.group(), "lotta", role=Role.LEADER)
    with pytest.raises(NotFound):
        school.record(school.sessions(group)[0], by="lotta")
    assert school.record(school.sessions(group)[0], by="lars").session.state is HELD
