"""A group is made, started with leaders who may lead, and ended."""

import pytest
from mewe_core.kit.access import Role
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.standing import StandingChanged
from mewe_core.kit.testing import Stage
from mewe_core.programme import LocalStart, Overlay, errors
from mewe_core.programme.events import GroupChanged, GroupProtected, GroupState
from mewe_core.programme.handlers import groups, members, training
from mewe_core.programme.model import groups as g
from mewe_core.programme.model.sessions import CancelReason, SessionState
from mewe_core.programme.model.training import ListMyCertificatesRequest, WithdrawalReason, WithdrawCertificateRequest
from mewe_core.programme.offer import ProgrammeSettings
from mewe_core.programme.plugin import mewe_feature, mewe_programmes
from mewe_core.programme.testing import School
from whenever import Date

FIRST = LocalStart(Date(2026, 9, 8), "16:00")


def create(school: School, **change: object) -> g.Group:
    """Make a group, with something changed in the request."""
    plain: dict[str, object] = {
        "request_id": "r",
        "organisation_id": "school",
        "programme_id": "me-we",
        "name": "Oak",
        "time_zone": "Europe/Stockholm",
        "language": "sv",
        "weekly": g.WeeklySeries(FIRST),
    }
    return school.stage.call(groups.create_group, g.CreateGroupRequest(**(plain | change)), by="karin")  # type: ignore[arg-type]


def states(school: School, group: g.Group) -> list[GroupState]:
    """Every state of the group that was told, in order."""
    told = [one for one in school.stage.events if isinstance(one, GroupChanged) and one.group_id == group.id]
    return [one.state for one in told]


def start(school: School, group: g.Group) -> g.Group:
    """Start it, as the coordinator."""
    return school.stage.call(groups.start_group, g.StartGroupRequest("r", group.id), by="karin")


def test_a_new_group_is_planned_with_all_its_sessions(school: School) -> None:
    """Eight sessions, each Tuesday at four, the follow-up three months later; and everybody is told that there is a group."""
    group = school.group()
    assert group.state is GroupState.PLANNED
    assert (group.programme_id, group.programme_version, group.capacity, group.leaders_needed) == ("me-we", 1, 12, 2)
    assert [one.number for one in school.sessions(group)] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {one.start.time for one in school.sessions(group)} == {"16:00"}
    assert school.sessions(group)[-1].start.date == Date(2027, 1, 20)
    assert states(school, group) == [GroupState.PLANNED]


def test_a_group_may_have_dates_of_its_own(school: School) -> None:
    """One for each session of the series."""
    starts = tuple(LocalStart(Date(2026, 9, 8).add(days=3 * n), "10:00") for n in range(7))
    group = create(school, weekly=None, explicit=g.ExplicitSeries(starts))
    assert tuple(one.start for one in school.sessions(group)[:7]) == starts


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"weekly": None}, "weekly"),
        ({"explicit": g.ExplicitSeries((FIRST,))}, "weekly"),
        ({"weekly": None, "explicit": g.ExplicitSeries((FIRST,))}, "explicit.starts"),
        ({"weekly": g.WeeklySeries(LocalStart(Date(2027, 3, 28), "02:30"))}, "weekly.first.time"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"capacity": 13}, "capacity"),
    ],
)
def test_a_group_that_cannot_be_is_refused(school: School, change: dict[str, object], path: str) -> None:
    """Under the path of what is wrong."""
    with pytest.raises(Invalid) as refused:
        create(school, **change)
    assert [one.path for one in refused.value.fields] == [path]
    assert school.stage.events == []


@pytest.mark.parametrize("change", [{"name": " "}, {"link": "http://x.example"}, {"link": "https://"}, {"place": "x" * 301}])
def test_words_that_do_not_fit_are_refused(school: School, change: dict[str, object]) -> None:
    """A blank name, a link that is not safe, a place that is too long."""
    with pytest.raises(Invalid) as refused:
        create(school, **change)
    assert [one.path for one in refused.value.fields] == list(change)


def test_a_programme_that_is_not_offered_makes_no_group(school: School) -> None:
    """Whatever it may be called elsewhere."""
    with pytest.raises(errors.NoSuchProgramme):
        create(school, programme_id="other")


def test_a_group_starts_with_two_certified_leaders(school: School) -> None:
    """By default; then it runs."""
    group = school.running()
    assert group.state is GroupState.RUNNING
    assert group.begin_time == school.stage.clock.now()
    assert states(school, group) == [GroupState.PLANNED, GroupState.RUNNING]


def test_a_group_without_participants_does_not_start(school: School) -> None:
    """There is nobody to meet."""
    school.train("lena", "lars")
    group = school.group()
    school.join(group, "lena", "lars", role=Role.LEADER)
    with pytest.raises(errors.NoParticipants):
        start(school, group)


def test_a_group_without_leaders_does_not_start(school: School) -> None:
    """Not even with a substitute."""
    school.train("lena")
    group = school.group()
    school.join(group, "ada")
    school.stage.call(groups.name_substitute, g.NameSubstituteRequest("r", group.id, "lena"), by="karin")
    with pytest.raises(errors.TooFewLeaders):
        start(school, group)


def test_a_lone_leader_needs_a_substitute(school: School) -> None:
    """With one named, the group starts."""
    school.train("lena", "lars")
    group = school.group()
    school.join(group, "ada")
    school.join(group, "lena", role=Role.LEADER)
    with pytest.raises(errors.TooFewLeaders):
        start(school, group)
    named = school.stage.call(groups.name_substitute, g.NameSubstituteRequest("r", group.id, "lars"), by="karin")
    assert named.substitute_named
    school.protect(group)
    assert start(school, group).state is GroupState.RUNNING


def test_a_group_for_young_people_starts_only_when_somebody_looks_after_them(school: School) -> None:
    """Nobody has told of it, told of another group, or told that it is no longer so: each time no. A training needs none."""
    school.train("lena", "lars")
    group, other = school.group(), school.group()
    school.join(group, "lena", "lars", role=Role.LEADER)
    school.join(group, "ada")
    school.protect(other)
    with pytest.raises(errors.GroupHasNoContacts):
        start(school, group)
    school.protect(group)
    school.stage.hear(GroupProtected(group.id, protected=False))
    with pytest.raises(errors.GroupHasNoContacts):
        start(school, group)
    school.protect(group)
    assert start(school, group).state is GroupState.RUNNING


def test_a_substitute_can_be_taken_back(school: School) -> None:
    """Then the lone leader is alone again."""
    school.train("lena", "lars")
    group = school.group()
    school.stage.call(groups.name_substitute, g.NameSubstituteRequest("r", group.id, "lars"), by="karin")
    assert not school.stage.call(groups.name_substitute, g.NameSubstituteRequest("r", group.id), by="karin").substitute_named


def test_a_substitute_is_certified_and_nobody_of_the_group(school: School) -> None:
    """Who leads or takes part already cannot step in."""
    school.train("lena")
    group = school.group()
    school.join(group, "lena", role=Role.LEADER)
    school.invite("lars")
    school.invite("mats", to="other-school")
    with pytest.raises(NotFound):
        school.stage.call(groups.name_substitute, g.NameSubstituteRequest("r", group.id, "mats"), by="karin")
    with pytest.raises(errors.LeaderNotCertified):
        school.stage.call(groups.name_substitute, g.NameSubstituteRequest("r", group.id, "lars"), by="karin")
    with pytest.raises(errors.AlreadyMember):
        school.stage.call(groups.name_substitute, g.NameSubstituteRequest("r", group.id, "lena"), by="karin")


def test_a_substitute_whose_certificate_was_withdrawn_is_none(school: School) -> None:
    """What counts is the day on which the group starts."""
    school.train("lena", "lars")
    group = school.group()
    school.join(group, "ada")
    school.join(group, "lena", role=Role.LEADER)
    school.stage.call(groups.name_substitute, g.NameSubstituteRequest("r", group.id, "lars"), by="karin")
    held = school.stage.call(training.list_my_certificates, ListMyCertificatesRequest(), by="lars").certificates[0]
    request = WithdrawCertificateRequest("r", held.id, WithdrawalReason.ASKED_BY_HOLDER)
    school.stage.call(training.withdraw_certificate, request, by="sven")
    with pytest.raises(errors.LeaderNotCertified):
        start(school, group)


def test_a_leader_without_certificate_cannot_start_a_group(school: School) -> None:
    """One of two is enough to stop it."""
    school.train("lena")
    group = school.group()
    school.join(group, "lena", "lars", role=Role.LEADER)
    school.join(group, "ada")
    with pytest.raises(errors.LeaderNotCertified):
        start(school, group)


def test_a_certificate_that_was_withdrawn_or_has_expired_lets_nobody_lead(school: School) -> None:
    """From the moment, and from the day after its last."""
    school.train("lena", "lars")
    group = school.group()
    school.join(group, "lena", "lars", role=Role.LEADER)
    school.join(group, "ada")
    mine = school.stage.call(training.list_my_certificates, ListMyCertificatesRequest(), by="lena").certificates[0]
    request = WithdrawCertificateRequest("r", mine.id, WithdrawalReason.MAY_NOT_LEAD)
    school.stage.call(training.withdraw_certificate, request, by="sven")
    with pytest.raises(errors.LeaderNotCertified):
        start(school, group)
    late = school.group()
    school.join(late, "lars", role=Role.LEADER)
    school.join(late, "ada")
    school.train("lotta")
    school.join(late, "lotta", role=Role.LEADER)
    school.stage.clock.advance(days=3 * 366)
    with pytest.raises(errors.LeaderNotCertified):
        start(school, late)


def test_a_group_starts_once(school: School) -> None:
    """What runs does not start again."""
    group = school.running()
    with pytest.raises(errors.GroupNotPlanned):
        start(school, group)


def test_a_background_check_is_needed_where_the_deployment_says_so() -> None:
    """The day and who saw it are noted, and nothing else."""
    settings = ProgrammeSettings({"me-we": Overlay(background_check=True, leader_certificate="", leaders_needed=1)})
    with Stage(mewe_feature(), settings=settings, programmes=tuple(mewe_programmes())) as stage:
        school = School(stage)
        group = school.group()
        school.join(group, "ada")
        [leader] = school.join(group, "lena", role=Role.LEADER)
        with pytest.raises(errors.BackgroundCheckMissing):
            start(school, group)
        request = g.NoteBackgroundCheckRequest("r", leader.id, Date(2026, 8, 20))
        noted = stage.call(members.note_background_check, request, by="karin")
        assert (noted.background_check_date, noted.background_check_seen_by_id) == (Date(2026, 8, 20), "karin")
        school.protect(group)
        assert start(school, group).state is GroupState.RUNNING


def test_a_running_group_keeps_its_programme_when_the_deployment_changes(school: School) -> None:
    """Another overlay, another offer: the group still runs what it was made with."""
    group = school.group()
    changed = ProgrammeSettings({"me-we": Overlay(age_from=10, session_minutes=60, leaders_needed=1)})
    with Stage(mewe_feature(), settings=changed, programmes=tuple(mewe_programmes())) as later:
        later.database, school.stage.database = school.stage.database, later.database
        later.ids = school.stage.ids
        asked = g.GetGroupProgrammeRequest(group.id)
        kept = later.call(groups.get_group_programme, asked, by="karin")
        assert (kept.age_from, kept.session_minutes, kept.language) == (14, 120, "sv")
        assert School(later).group().leaders_needed == 1


def test_a_group_is_ended_with_a_reason_and_its_sessions_to_come_are_cancelled(school: School) -> None:
    """What was held stays held."""
    group = school.running()
    school.record(school.sessions(group)[0])
    ended = school.stage.call(groups.end_group, g.EndGroupRequest("r", group.id, g.EndReason.NO_LEADER), by="karin")
    assert (ended.state, ended.end_reason, ended.end_time) == (
        GroupState.ENDED,
        g.EndReason.NO_LEADER,
        school.stage.clock.now(),
    )
    there = school.sessions(group)
    assert [one.state for one in there] == [SessionState.HELD] + [SessionState.CANCELLED] * 7
    assert {one.cancel_reason for one in there[1:]} == {CancelReason.GROUP_ENDED}
    assert states(school, group)[-1] is GroupState.ENDED
    with pytest.raises(errors.GroupOver):
        school.stage.call(groups.end_group, g.EndGroupRequest("r", group.id, g.EndReason.OTHER), by="karin")


def test_members_see_a_group_for_some_days_after_it_is_over(school: School) -> None:
    """Ninety by default; then the group is gone for them."""
    group = school.running("ada", "bo", "cleo", capacity=2)
    school.stage.call(groups.end_group, g.EndGroupRequest("r", group.id, g.EndReason.OTHER), by="karin")
    told = [one for one in school.stage.events if isinstance(one, StandingChanged) and one.scope_id == group.id]
    assert {one.until for one in told[-4:]} == {school.stage.clock.now().add(hours=24 * 90)}
    assert school.stage.call(groups.get_group, g.GetGroupRequest(group.id), by="ada").waiting == 0
    school.stage.clock.advance(days=90)
    with pytest.raises(NotFound):
        school.stage.call(groups.get_group, g.GetGroupRequest(group.id), by="ada")


def test_the_groups_of_an_organisation_come_by_page_and_by_state(school: School) -> None:
    """Oldest first; a page's token goes on where it ended, and only in the same list."""
    made = [school.group().id for _ in range(5)]
    school.group(by="kerstin", school="other-school")
    asked = g.ListGroupsRequest("school", None, 2)
    first = school.stage.call(groups.list_groups, asked, by="karin")
    second = school.stage.call(groups.list_groups, g.ListGroupsRequest("school", None, 2, first.next_page_token), by="karin")
    third = school.stage.call(groups.list_groups, g.ListGroupsRequest("school", None, 2, second.next_page_token), by="karin")
    assert [one.id for page in (first, second, third) for one in page.groups] == made
    assert third.next_page_token == ""
    assert school.stage.call(groups.list_groups, g.ListGroupsRequest("school", GroupState.RUNNING), by="karin").groups == ()
    other = g.ListGroupsRequest("school", GroupState.PLANNED, 2, first.next_page_token)
    with pytest.raises(Invalid):
        school.stage.call(groups.list_groups, other, by="karin")
