"""Who is in a group: first come, first in; who leaves makes room."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_core.kit.access import Role
from mewe_core.kit.errors import Conflict, Invalid, NotFound
from mewe_core.kit.privacy.telling import ErasureDecided
from mewe_core.kit.standing import StandingChanged
from mewe_core.kit.testing import Stage, drive
from mewe_core.kit.values import columns
from mewe_core.people.events import GuestConfirmed
from mewe_core.programme import Overlay, errors
from mewe_core.programme.handlers import groups, members, sessions
from mewe_core.programme.model import groups as g
from mewe_core.programme.model.sessions import CancelReason, CancelSessionRequest
from mewe_core.programme.offer import ProgrammeSettings
from mewe_core.programme.plugin import mewe_feature, mewe_programmes
from mewe_core.programme.store.tables import MEMBERSHIP
from mewe_core.programme.testing import School
from sqlalchemy import insert
from whenever import Date

WAITING, ACTIVE, ENDED = g.MembershipState.WAITING, g.MembershipState.ACTIVE, g.MembershipState.ENDED


def leave(school: School, membership: g.Membership) -> g.Membership:
    """Leave oneself."""
    return school.stage.call(members.leave_group, g.LeaveGroupRequest("r", membership.id), by=membership.person_id)


def there(school: School, group: g.Group) -> dict[str, g.MembershipState]:
    """Everybody and where they stand."""
    found = school.stage.call(members.list_members, g.ListMembersRequest(group.id), by="karin").memberships
    return {one.person_id: one.state for one in found}


def standing(school: School, membership: g.Membership) -> list[StandingChanged]:
    """What was told of a membership."""
    return [one for one in school.stage.events if isinstance(one, StandingChanged) and one.id == membership.id]


def test_who_joins_has_standing_from_that_moment(school: School) -> None:
    """Told with the membership's id, open to the end."""
    group = school.group()
    [ada] = school.join(group, "ada")
    [told] = standing(school, ada)
    assert (told.person_id, told.role, told.scope_id) == ("ada", Role.PARTICIPANT, group.id)
    assert (told.since, told.until) == (school.stage.clock.now(), None)


def test_who_comes_when_all_places_are_taken_waits(school: School) -> None:
    """Without standing, and in the order in which they came."""
    group = school.group(capacity=2)
    _, _, cleo = school.join(group, "ada", "bo", "cleo")
    assert (cleo.state, cleo.join_time) == (WAITING, None)
    assert standing(school, cleo) == []
    shown = school.stage.call(groups.get_group, g.GetGroupRequest(group.id), by="karin")
    assert (shown.participants, shown.waiting, shown.leaders) == (2, 1, 0)


def test_leaders_take_no_place(school: School) -> None:
    """However many lead."""
    group = school.group(capacity=1)
    school.join(group, "lena", "lars", role=Role.LEADER)
    assert school.join(group, "ada")[0].state is ACTIVE


def test_whoever_is_erased_is_in_no_group_any_more(school: School) -> None:
    """Their place is free, in every group, and what they had waited for goes to who comes next."""
    group, other = school.group(capacity=1), school.group(capacity=1)
    school.join(group, "ada", "bo")
    school.join(other, "cleo", "ada", "dina")
    school.stage.clock.advance(hours=1)
    school.stage.hear(ErasureDecided("erasure", "ada", school.stage.clock.now()))
    assert there(school, group) == {"ada": ENDED, "bo": ACTIVE}
    assert there(school, other) == {"cleo": ACTIVE, "ada": ENDED, "dina": WAITING}
    assert school.stage.call(groups.list_my_groups, g.ListMyGroupsRequest(), by="ada").groups == ()


def test_a_place_that_gets_free_goes_to_who_waited_longest(school: School) -> None:
    """And is told at once."""
    group = school.group(capacity=2)
    ada, _, cleo = school.join(group, "ada", "bo", "cleo")
    school.stage.clock.advance(hours=1)
    school.join(group, "dina")
    left = leave(school, ada)
    assert (left.state, left.reason, left.end_time) == (ENDED, g.LeaveReason.OWN_WISH, school.stage.clock.now())
    assert there(school, group) == {"ada": ENDED, "bo": ACTIVE, "cleo": ACTIVE, "dina": WAITING}
    assert [one.until for one in standing(school, ada)] == [None, school.stage.clock.now()]
    assert [one.since for one in standing(school, cleo)] == [school.stage.clock.now()]


def test_who_waits_can_leave_the_list(school: School) -> None:
    """Nobody moves up for it, and nothing is told."""
    group = school.group(capacity=1)
    _, bo, _ = school.join(group, "ada", "bo", "cleo")
    assert leave(school, bo).state is ENDED
    assert there(school, group) == {"ada": ACTIVE, "bo": ENDED, "cleo": WAITING}
    assert standing(school, bo) == []


def test_a_leader_who_goes_makes_no_room(school: School) -> None:
    """The waiting list is of participants."""
    group = school.group(capacity=1)
    [lena] = school.join(group, "lena", role=Role.LEADER)
    school.join(group, "ada", "bo")
    leave(school, lena)
    assert there(school, group)["bo"] is WAITING


def test_nobody_is_in_a_group_twice(school: School) -> None:
    """Neither as participant and leader, nor active and waiting; after leaving one can come back."""
    group = school.group(capacity=1)
    ada, _ = school.join(group, "ada", "bo")
    for person, role in (("ada", Role.PARTICIPANT), ("ada", Role.LEADER), ("bo", Role.PARTICIPANT)):
        with pytest.raises(errors.AlreadyMember):
            school.join(group, person, role=role)
    leave(school, ada)
    assert school.join(group, "ada")[0].state is WAITING


def test_the_schema_itself_lets_nobody_in_twice(school: School) -> None:
    """Should two units ever pass the rule together."""
    group = school.group()
    [ada] = school.join(group, "ada")
    row = {**columns(ada), "id": "another"}
    with pytest.raises(Conflict):
        drive(school.stage.database.execute(insert(MEMBERSHIP), **row))
    assert ada.state is ACTIVE


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPERVISOR, Role.NATIONAL])
def test_a_group_has_participants_and_leaders_alone(school: School, role: Role) -> None:
    """Other roles are not given here."""
    with pytest.raises(Invalid) as refused:
        school.join(school.group(), "ada", role=role)
    assert [one.path for one in refused.value.fields] == ["role"]


def test_leaders_take_in_and_let_go_participants_and_no_leaders(school: School) -> None:
    """Leaders are for coordinators."""
    group = school.running("ada")
    [cleo] = school.join(group, "cleo", by="lena")
    request = g.EndMembershipRequest("r", cleo.id, g.LeaveReason.OTHER_SUPPORT)
    assert school.stage.call(members.end_membership, request, by="lars").reason is g.LeaveReason.OTHER_SUPPORT
    with pytest.raises(errors.OnlyCoordinators):
        school.join(group, "lotta", role=Role.LEADER, by="lena")
    found = school.stage.call(members.list_members, g.ListMembersRequest(group.id), by="karin").memberships
    lars = next(one for one in found if one.person_id == "lars")
    with pytest.raises(errors.OnlyCoordinators):
        school.stage.call(members.end_membership, g.EndMembershipRequest("r", lars.id, g.LeaveReason.OTHER), by="lena")
    ended = school.stage.call(members.end_membership, g.EndMembershipRequest("r", lars.id, g.LeaveReason.SAFETY), by="karin")
    assert ended.state is ENDED


def test_a_membership_ends_once(school: School) -> None:
    """Who left has left; their standing is over, so they see nothing any more."""
    group = school.group()
    [ada] = school.join(group, "ada")
    leave(school, ada)
    with pytest.raises(errors.MembershipEnded):
        leave(school, ada)
    with pytest.raises(errors.MembershipEnded):
        school.stage.call(members.end_membership, g.EndMembershipRequest("r", ada.id, g.LeaveReason.OTHER), by="karin")
    with pytest.raises(NotFound):
        school.stage.call(groups.get_group, g.GetGroupRequest(group.id), by="ada")


def test_a_leader_who_joins_a_running_group_is_certified(school: School) -> None:
    """Before it runs, the certificate may still come."""
    group = school.running("ada")
    with pytest.raises(errors.LeaderNotCertified):
        school.join(group, "lotta", role=Role.LEADER)
    assert school.join(school.group(), "lotta", role=Role.LEADER)[0].state is ACTIVE


def test_nobody_joins_a_group_that_is_over(school: School) -> None:
    """As participant or leader."""
    group = school.group()
    school.stage.call(groups.end_group, g.EndGroupRequest("r", group.id, g.EndReason.OTHER), by="karin")
    for role in (Role.PARTICIPANT, Role.LEADER):
        with pytest.raises(errors.GroupOver):
            school.join(group, "ada", role=role)


def test_a_programme_may_close_its_groups_after_some_sessions() -> None:
    """Then nobody joins, and nobody moves up."""
    settings = ProgrammeSettings({"me-we": Overlay(join_until_session=1)})
    with Stage(mewe_feature(), settings=settings, programmes=tuple(mewe_programmes())) as stage:
        school = School(stage)
        group = school.running("ada", "bo", "cleo", capacity=2)
        school.record(school.sessions(group)[0])
        with pytest.raises(errors.JoiningClosed):
            school.join(group, "dina")
        found = stage.call(members.list_members, g.ListMembersRequest(group.id), by="karin").memberships
        leave(school, next(one for one in found if one.person_id == "ada"))
        assert there(school, group)["cleo"] is WAITING


def test_nobody_joins_when_the_series_is_over(school: School) -> None:
    """At the follow-up those meet who were there before."""
    group = school.running("ada")
    for session in school.sessions(group)[:7]:
        school.record(session)
    with pytest.raises(errors.JoiningClosed):
        school.join(group, "dina")


def test_a_background_check_is_noted_for_leaders_who_are_there_and_for_no_day_to_come(school: School) -> None:
    """Three ways to be wrong."""
    group = school.group()
    [ada], [lena] = school.join(group, "ada"), school.join(group, "lena", role=Role.LEADER)

    def note(membership: g.Membership, date: Date) -> None:
        request = g.NoteBackgroundCheckRequest("r", membership.id, date)
        school.stage.call(members.note_background_check, request, by="karin")

    with pytest.raises(errors.NotALeader):
        note(ada, Date(2026, 8, 1))
    with pytest.raises(Invalid):
        note(lena, Date(2026, 9, 2))
    note(lena, Date(2026, 9, 1))
    leave(school, lena)
    with pytest.raises(errors.MembershipEnded):
        note(lena, Date(2026, 8, 1))


def test_my_groups_are_those_i_am_in_lead_or_wait_for(school: School) -> None:
    """With what I am in each; those I left are gone."""
    oak, elm, ash = school.group(capacity=1), school.group(), school.group()
    school.join(oak, "bo", "ada")
    school.join(elm, "ada", role=Role.LEADER)
    leave(school, school.join(ash, "ada")[0])
    mine = school.stage.call(groups.list_my_groups, g.ListMyGroupsRequest(), by="ada").groups
    assert [(one.group.id, one.membership.role, one.membership.state) for one in mine] == [
        (oak.id, Role.PARTICIPANT, WAITING),
        (elm.id, Role.LEADER, ACTIVE),
    ]


def test_cancelled_sessions_do_not_count_as_held_for_joining(school: School) -> None:
    """Only what was held closes a group."""
    group = school.running("ada")
    first = school.sessions(group)[0]
    school.stage.call(sessions.cancel_session, CancelSessionRequest("r", first.id, CancelReason.OTHER), by="karin")
    assert school.join(group, "dina")[0].state is ACTIVE


STEPS = st.lists(st.tuples(st.sampled_from(["join", "leave"]), st.integers(0, 9)), max_size=25)


@settings(max_examples=40, deadline=None)
@given(capacity=st.integers(1, 4), steps=STEPS)
def test_places_are_never_overfull_nor_empty_while_somebody_waits(capacity: int, steps: list[tuple[str, int]]) -> None:
    """Whoever comes and goes in whatever order; and nobody passes who came before."""
    with Stage(mewe_feature(), programmes=tuple(mewe_programmes())) as stage:
        school = School(stage)
        group = school.group(capacity=capacity)
        here: dict[str, g.Membership] = {}
        order: list[str] = []
        for step, number in steps:
            person = f"person-{number}"
            stage.clock.advance(minutes=1)
            if step == "join" and person not in here:
                here[person] = school.join(group, person)[0]
                order.append(person)
            elif step == "leave" and person in here:
                leave(school, here.pop(person))
                order.remove(person)
            now = {name: state for name, state in there(school, group).items() if state is not ENDED}
            assert [name for name in order if now[name] is ACTIVE] == order[:capacity]


def test_a_group_takes_in_its_own_organisations_people_alone(school: School) -> None:
    """Whoever another organisation invited, and whoever nobody did, looks as if they did not exist."""
    group = school.group()
    school.invite("eli", to="other-school")
    for person in ("eli", "nobody"):
        for role in (Role.PARTICIPANT, Role.LEADER):
            with pytest.raises(NotFound):
                school.stage.call(members.add_member, g.AddMemberRequest("r", group.id, person, role), by="karin")
    assert there(school, group) == {}


def test_who_was_invited_for_a_group_comes_into_it_once_confirmed(school: School) -> None:
    """To the end of the waiting list where there is no place; a second time changes nothing."""
    group = school.group(capacity=1)
    for number, person in enumerate(("ada", "bo", "ada")):
        school.stage.hear(GuestConfirmed(f"invitation-{number}", person, "school", group.id))
    assert there(school, group) == {"ada": ACTIVE, "bo": WAITING}


def test_an_invitation_of_another_organisation_leads_into_no_group(school: School) -> None:
    """Nor one for a group that does not exist, or is over: nothing happens, and nothing is put aside."""
    group, over = school.group(), school.group()
    school.stage.call(groups.end_group, g.EndGroupRequest("r", over.id, g.EndReason.OTHER), by="karin")
    for organisation, group_id in (("other-school", group.id), ("school", "nothing"), ("school", over.id)):
        school.stage.hear(GuestConfirmed("invitation", "ada", organisation, group_id))
    assert (there(school, group), there(school, over)) == ({}, {})
