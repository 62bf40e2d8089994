"""Who may do what: coordinators plan, leaders record, participants see, and to everybody else there is nothing."""

import pytest
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import Failure, NotFound, SignedOut
from mewe_core.kit.testing import STRANGER
from mewe_core.people.events import PersonInvited
from mewe_core.programme import LocalStart
from mewe_core.programme.emergency import handlers as emergency
from mewe_core.programme.emergency import model as e
from mewe_core.programme.funnel import RecruitmentReason, RecruitmentState
from mewe_core.programme.handlers import groups, members, records, recruitment, sessions, training
from mewe_core.programme.model import groups as g
from mewe_core.programme.model import recruitment as r
from mewe_core.programme.model import sessions as s
from mewe_core.programme.model import training as t
from mewe_core.programme.model.summary import GetGroupSummaryRequest
from mewe_core.programme.testing import School
from whenever import Date

PEOPLE = {"participant": "ada", "waiting": "bo", "leader": "lena", "coordinator": "karin", "supervisor": "sven"}
OUTSIDE = {"national": "nils", "other coordinator": "kerstin", "other leader": "lotta", "stranger": STRANGER}
SEES = {"participant", "leader", "coordinator", "supervisor"}
FOLLOWS = {"leader", "coordinator", "supervisor"}
LEADS = {"leader", "coordinator"}
OVERSEES = {"coordinator", "supervisor"}
COORDINATES = {"coordinator"}

MAY: dict[str, set[str]] = {
    "create_group": COORDINATES,
    "get_group": SEES,
    "get_group_programme": SEES,
    "list_groups": OVERSEES,
    "start_group": LEADS,
    "end_group": COORDINATES,
    "name_substitute": COORDINATES,
    "add_member": LEADS,
    "note_background_check": COORDINATES,
    "leave_group": {"participant"},
    "end_membership": LEADS,
    "list_members": FOLLOWS,
    "list_sessions": SEES,
    "move_session": LEADS,
    "cancel_session": LEADS,
    "make_up_session": LEADS,
    "set_meeting": LEADS,
    "record_session": LEADS,
    "get_session_record": FOLLOWS,
    "get_group_summary": FOLLOWS,
    "get_calendar": SEES,
    "add_candidate": COORDINATES,
    "move_candidate": COORDINATES,
    "list_candidates": COORDINATES,
    "get_funnel": OVERSEES,
    "issue_certificate": OVERSEES,
    "withdraw_certificate": OVERSEES,
    "list_certificates": OVERSEES,
    "begin_emergency_reading": {"coordinator", "supervisor", "national"},
    "end_emergency_reading": {"coordinator", "national"},
    "set_emergency_address": {"coordinator", "national"},
}
"""The whole table; what is not here is for everybody who is signed in, and shows what is their own."""

EVERYBODYS = {"list_programmes", "get_programme", "list_my_groups", "list_my_certificates", "list_emergency_readings"}

LeadingOrNot = tuple[object, object]


def attempts(school: School) -> dict[str, LeadingOrNot]:
    """Every RPC with a request that names what there is."""
    stage = school.stage
    group = school.running("ada", "bo", capacity=1)
    school.join(school.group(by="kerstin", school="other-school"), "lotta", role=Role.LEADER, by="kerstin")
    stage.give("nils", Role.NATIONAL, ScopeKind.COUNTRY, "SE")
    first, second, third, fourth = school.sessions(group)[:4]
    school.record(first)
    cancel = s.CancelSessionRequest("r", fourth.id, s.CancelReason.OTHER)
    stage.call(sessions.cancel_session, cancel, by="karin")
    found = stage.call(members.list_members, g.ListMembersRequest(group.id), by="karin").memberships
    of = {one.person_id: one.id for one in found}
    stage.hear(PersonInvited("dina", "school"))
    add = r.AddCandidateRequest("r", "school", "me-we", None, RecruitmentState.RECRUITED)
    candidate = stage.call(recruitment.add_candidate, add, by="karin")
    certificate = stage.call(training.list_my_certificates, t.ListMyCertificatesRequest(), by="lena").certificates[0]
    begin = e.BeginEmergencyReadingRequest("r", group.id, "Somebody may be in danger")
    reading = stage.call(emergency.begin_emergency_reading, begin, by="nils")
    start = LocalStart(Date(2026, 12, 1), "16:00")
    withdrawn = RecruitmentState.WITHDRAWN
    return {
        "create_group": (
            groups.create_group,
            g.CreateGroupRequest("r", "school", "me-we", "Elm", "UTC", "en", 0, g.WeeklySeries(start)),
        ),
        "get_group": (groups.get_group, g.GetGroupRequest(group.id)),
        "get_group_programme": (groups.get_group_programme, g.GetGroupProgrammeRequest(group.id)),
        "list_groups": (groups.list_groups, g.ListGroupsRequest("school")),
        "start_group": (groups.start_group, g.StartGroupRequest("r", group.id)),
        "end_group": (groups.end_group, g.EndGroupRequest("r", group.id, g.EndReason.OTHER)),
        "name_substitute": (groups.name_substitute, g.NameSubstituteRequest("r", group.id)),
        "add_member": (members.add_member, g.AddMemberRequest("r", group.id, "dina", Role.PARTICIPANT)),
        "note_background_check": (
            members.note_background_check,
            g.NoteBackgroundCheckRequest("r", of["lars"], Date(2026, 8, 1)),
        ),
        "leave_group": (members.leave_group, g.LeaveGroupRequest("r", of["ada"])),
        "end_membership": (members.end_membership, g.EndMembershipRequest("r", of["ada"], g.LeaveReason.OTHER)),
        "list_members": (members.list_members, g.ListMembersRequest(group.id)),
        "list_sessions": (sessions.list_sessions, s.ListSessionsRequest(group.id)),
        "move_session": (sessions.move_session, s.MoveSessionRequest("r", second.id, start)),
        "cancel_session": (sessions.cancel_session, s.CancelSessionRequest("r", third.id, s.CancelReason.OTHER)),
        "make_up_session": (sessions.make_up_session, s.MakeUpSessionRequest("r", fourth.id, start)),
        "set_meeting": (sessions.set_meeting, s.SetMeetingRequest("r", second.id, s.MeetingMode.ONLINE)),
        "record_session": (
            records.record_session,
            s.RecordSessionRequest("r", first.id, None, (s.AttendanceMark(of["ada"], s.Attendance.LATE),)),
        ),
        "get_session_record": (records.get_session_record, s.GetSessionRecordRequest(first.id)),
        "get_group_summary": (records.get_group_summary, GetGroupSummaryRequest(group.id)),
        "get_calendar": (sessions.get_calendar, s.GetCalendarRequest(group.id)),
        "add_candidate": (recruitment.add_candidate, add),
        "move_candidate": (
            recruitment.move_candidate,
            r.MoveCandidateRequest("r", candidate.id, withdrawn, RecruitmentReason.TIME),
        ),
        "list_candidates": (recruitment.list_candidates, r.ListCandidatesRequest("school")),
        "get_funnel": (recruitment.get_funnel, r.GetFunnelRequest("school", "me-we")),
        "issue_certificate": (training.issue_certificate, t.IssueCertificateRequest("r", of["ada"])),
        "withdraw_certificate": (
            training.withdraw_certificate,
            t.WithdrawCertificateRequest("r", certificate.id, t.WithdrawalReason.MAY_NOT_LEAD),
        ),
        "list_certificates": (training.list_certificates, t.ListCertificatesRequest("school")),
        "begin_emergency_reading": (emergency.begin_emergency_reading, begin),
        "end_emergency_reading": (emergency.end_emergency_reading, e.EndEmergencyReadingRequest("r", reading.id)),
        "set_emergency_address": (emergency.set_emergency_address, e.SetEmergencyAddressRequest("r", "school", "")),
    }


def gets_in(school: School, attempt: LeadingOrNot, person: str) -> bool:
    """Whether the door opens; what the handler says then is another matter."""
    try:
        school.stage.call(attempt[0], attempt[1], by=person)  # type: ignore[arg-type]
    except NotFound:
        return False
    except Failure:
        return True
    return True


@pytest.mark.parametrize("method", sorted(MAY))
def test_every_rpc_lets_in_exactly_those_it_is_for(school: School, method: str) -> None:
    """Asked as everybody, those it is not for first; to them there is nothing."""
    attempt = attempts(school)[method]
    everybody = PEOPLE | OUTSIDE
    let_in = {who for who in sorted(everybody, key=lambda who: who in MAY[method]) if gets_in(school, attempt, everybody[who])}
    assert let_in == MAY[method]
    with pytest.raises(SignedOut):
        school.stage.call(attempt[0], attempt[1])  # type: ignore[arg-type]


def test_the_table_names_every_rpc(school: School) -> None:
    """None is left out."""
    served = {rpc.handler.__name__ for rpc in school.stage.feature.rpcs}
    assert served == MAY.keys() | EVERYBODYS


def test_what_is_hidden_looks_like_what_does_not_exist(school: School) -> None:
    """The same refusal for another's group and for none."""
    group = school.running("ada")
    refusals = []
    for group_id in (group.id, "nothing"):
        with pytest.raises(NotFound) as refused:
            school.stage.call(groups.get_group, g.GetGroupRequest(group_id), by="kerstin")
        refusals.append((type(refused.value), refused.value.args, refused.value.fields))
    assert refusals[0] == refusals[1]


def test_a_coordinator_who_is_one_no_more_sees_nothing(school: School) -> None:
    """From that moment."""
    group = school.group()
    now = school.stage.clock.now()
    role = school.stage.give("karl", Role.COORDINATOR, ScopeKind.ORGANISATION, "school")
    assert school.stage.call(groups.get_group, g.GetGroupRequest(group.id), by="karl").id == group.id
    school.stage.give("karl", Role.COORDINATOR, ScopeKind.ORGANISATION, "school", since=now, until=now, standing_id=role)
    with pytest.raises(NotFound):
        school.stage.call(groups.get_group, g.GetGroupRequest(group.id), by="karl")
