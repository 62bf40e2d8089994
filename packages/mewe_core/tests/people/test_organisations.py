"""Organisations, who is invited by them, who holds which role in them; and that none of it is another's business."""

from collections.abc import Callable

import pytest
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import Failure, Invalid, NotFound
from mewe_core.kit.standing import StandingChanged
from mewe_core.kit.testing import STRANGER, Stage
from mewe_core.people import handlers, model, store
from mewe_core.people.errors import AlreadySignedIn, CodeNotGood, LastNational, RoleHeld, RoleNotYours
from mewe_core.people.testing import sign_in
from sqlalchemy import func, select
from whenever import Instant


def invite(
    stage: Stage, organisation: str, *, by: str, person: str | None = None, role: Role | None = None
) -> model.Invitation:
    """A code."""
    return stage.call(handlers.invite_person, model.InvitePersonRequest("r", organisation, person, role), by=by)


def redeem(stage: Stage, code: str) -> model.DeviceSession:
    """What a device gets for a code."""
    return stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", code))


def grant(
    stage: Stage, organisation: str, person: str, role: Role, *, by: str, until: Instant | None = None
) -> model.RoleGrant:
    """Give a role."""
    return stage.call(handlers.grant_role, model.GrantRoleRequest("r", organisation, person, role, until), by=by)


def end(stage: Stage, role_grant: str, *, by: str) -> model.RoleGrant:
    """End a role."""
    return stage.call(handlers.end_role, model.EndRoleRequest("r", role_grant), by=by)


def grants(stage: Stage, organisation: str, *, by: str, size: int = 0) -> list[model.RoleGrant]:
    """Who holds or held a role there, all pages."""
    shown, token = list[model.RoleGrant](), ""
    while True:
        page = stage.call(handlers.list_role_grants, model.ListRoleGrantsRequest(organisation, size, token), by=by)
        shown += page.role_grants
        token = page.next_page_token
        if not token:
            return shown


def nationals(stage: Stage, *, by: str) -> list[model.RoleGrant]:
    """Who acts or acted for the country."""
    page = stage.call(handlers.list_national_role_grants, model.ListNationalRoleGrantsRequest(), by=by)
    return list(page.role_grants)


def names(stage: Stage, *, by: str, size: int = 0) -> list[str]:
    """The organisations somebody is shown, all pages."""
    shown, token = list[str](), ""
    while True:
        page = stage.call(handlers.list_organisations, model.ListOrganisationsRequest(size, token), by=by)
        shown += [one.name for one in page.organisations]
        token = page.next_page_token
        if not token:
            return shown


def test_an_organisation_is_made_by_the_competence_centre_alone(stage: Stage, nina: str, karin: str) -> None:
    """A coordinator is told the same as about anything they cannot see."""
    request = model.CreateOrganisationRequest("r", "Kyrkan", model.OrganisationKind.FAITH)
    made = stage.call(handlers.create_organisation, request, by=nina)
    assert made == model.Organisation(made.id, "Kyrkan", model.OrganisationKind.FAITH, stage.clock.now())
    assert stage.call(handlers.get_organisation, model.GetOrganisationRequest(made.id), by=nina) == made
    for other in (karin, STRANGER):
        with pytest.raises(NotFound):
            stage.call(handlers.create_organisation, request, by=other)


def test_one_sees_the_organisations_that_one_holds_a_role_in(
    stage: Stage, nina: str, karin: str, kerstin: str, north: str, south: str
) -> None:
    """The competence centre sees all, by name; somebody invited without a role sees none; an ended role shows nothing."""
    assert names(stage, by=nina) == ["North School", "South School"]
    assert names(stage, by=karin) == ["North School"]
    assert names(stage, by=sign_in(stage, invite(stage, south, by=kerstin).code, kerstin).person_id) == []
    [held] = grants(stage, south, by=nina)
    end(stage, held.id, by=nina)
    assert names(stage, by=kerstin) == []


@pytest.mark.parametrize("role", [Role.PARTICIPANT, Role.LEADER])
def test_a_role_in_a_group_shows_no_organisation(stage: Stage, north: str, role: Role) -> None:
    """Neither listed nor read."""
    stage.give("ada", role, ScopeKind.GROUP, north)
    assert names(stage, by="ada") == []
    with pytest.raises(NotFound):
        stage.call(handlers.get_organisation, model.GetOrganisationRequest(north), by="ada")


@pytest.mark.parametrize("kind", [ScopeKind.ORGANISATION, ScopeKind.COUNTRY])
@pytest.mark.parametrize("role", Role)
def test_the_list_shows_what_can_be_read(stage: Stage, north: str, role: Role, kind: ScopeKind) -> None:
    """Whatever role somebody holds in the organisation or around it: it is listed if, and only if, it can be read."""
    stage.give("ada", role, kind, {ScopeKind.ORGANISATION: north, ScopeKind.COUNTRY: "SE"}[kind])
    try:
        readable = [stage.call(handlers.get_organisation, model.GetOrganisationRequest(north), by="ada").name]
    except NotFound:
        readable = []
    assert names(stage, by="ada") == readable


def test_organisations_are_listed_by_page_in_order(stage: Stage, nina: str) -> None:
    """Pages of any size together are the whole list, also where names are the same or hold what tokens are made of."""
    for name in ("Öster", "a/b", "a/b", "a", '"', "b", "a/"):
        request = model.CreateOrganisationRequest("r", name, model.OrganisationKind.OTHER)
        stage.call(handlers.create_organisation, request, by=nina)
    whole = names(stage, by=nina)
    assert sorted(whole) == whole
    assert len(whole) == 7
    for size in (1, 2, 3, 6, 200):
        assert names(stage, by=nina, size=size) == whole


def test_a_lost_code_is_replaced(stage: Stage, karin: str, north: str) -> None:
    """The person stays the same; the new code brings what was asked for with it, and the old one is worthless."""
    lost = invite(stage, north, by=karin, role=Role.SUPERVISOR)
    fresh = invite(stage, north, by=karin, person=lost.person_id)
    assert fresh.person_id == lost.person_id
    with pytest.raises(CodeNotGood):
        redeem(stage, lost.code)
    sign_in(stage, fresh.code, karin)
    assert [one.person_id for one in grants(stage, north, by=karin)] == [karin]


def test_somebody_who_has_signed_in_is_not_invited_again(stage: Stage, karin: str, north: str) -> None:
    """A second code could put somebody else in their place."""
    invitation = invite(stage, north, by=karin)
    sign_in(stage, invitation.code, karin)
    with pytest.raises(AlreadySignedIn):
        invite(stage, north, by=karin, person=invitation.person_id)


def test_a_code_that_was_used_cannot_be_withdrawn(stage: Stage, karin: str, north: str) -> None:
    """Nor one that was withdrawn, nor one that has expired."""
    used, withdrawn, expired = (invite(stage, north, by=karin) for _ in range(3))
    redeem(stage, used.code)
    stage.call(handlers.withdraw_invitation, model.WithdrawInvitationRequest("r", withdrawn.id), by=karin)
    stage.clock.advance(hours=72)
    for one in (used, withdrawn, expired):
        with pytest.raises(CodeNotGood):
            stage.call(handlers.withdraw_invitation, model.WithdrawInvitationRequest("r", one.id), by=karin)


def test_a_role_is_given_and_ended(stage: Stage, karin: str, north: str) -> None:
    """Both are told; the grant stays in the list with its end, and a second end changes and tells nothing."""
    person = invite(stage, north, by=karin).person_id
    told = len(stage.events)
    given = grant(stage, north, person, Role.SUPERVISOR, by=karin)
    begun = stage.clock.now()
    ended_at = stage.clock.advance(days=2)
    ended = end(stage, given.id, by=karin)
    stage.clock.advance(days=2)
    assert end(stage, given.id, by=karin) == ended
    assert ended == model.RoleGrant(
        given.id, person, Role.SUPERVISOR, ScopeKind.ORGANISATION, north, since=begun, until=ended_at
    )
    assert stage.events[told:] == [
        StandingChanged(given.id, person, Role.SUPERVISOR, ScopeKind.ORGANISATION, north, begun, None),
        StandingChanged(given.id, person, Role.SUPERVISOR, ScopeKind.ORGANISATION, north, begun, ended_at),
    ]
    assert ended in grants(stage, north, by=karin)


def test_a_role_is_held_once_at_a_time(stage: Stage, karin: str, north: str) -> None:
    """Again only when it has ended; also when it was given together with a code."""
    invitation = invite(stage, north, by=karin, role=Role.SUPERVISOR)
    until = stage.clock.now().add(hours=24)
    grant(stage, north, invitation.person_id, Role.SUPERVISOR, by=karin, until=until)
    with pytest.raises(RoleHeld):
        grant(stage, north, invitation.person_id, Role.SUPERVISOR, by=karin)
    sign_in(stage, invitation.code, karin)
    stage.clock.advance(days=1)
    grant(stage, north, invitation.person_id, Role.SUPERVISOR, by=karin)
    assert len([one for one in grants(stage, north, by=karin) if one.person_id == invitation.person_id]) == 2


def test_a_role_that_has_ended_gives_no_right(stage: Stage, nina: str, karin: str, north: str) -> None:
    """From the moment it ends."""
    [held] = grants(stage, north, by=karin)
    end(stage, held.id, by=nina)
    with pytest.raises(NotFound):
        grants(stage, north, by=karin)


@pytest.mark.parametrize("role", [Role.PARTICIPANT, Role.LEADER])
def test_roles_in_groups_are_not_given_here(stage: Stage, karin: str, north: str, role: Role) -> None:
    """They are refused by the name of the field, with a code and without."""
    person = invite(stage, north, by=karin).person_id
    for attempt in (lambda: invite(stage, north, by=karin, role=role), lambda: grant(stage, north, person, role, by=karin)):
        with pytest.raises(Invalid) as refused:
            attempt()
        assert [one.path for one in refused.value.fields] == ["role"]


def test_the_national_role_is_given_by_the_competence_centre_alone(stage: Stage, nina: str, karin: str, north: str) -> None:
    """With a code or without; it holds in the country, and is listed there and nowhere else."""
    person = invite(stage, north, by=karin).person_id
    with pytest.raises(RoleNotYours):
        grant(stage, north, person, Role.NATIONAL, by=karin)
    with pytest.raises(RoleNotYours):
        invite(stage, north, by=karin, role=Role.NATIONAL)
    given = grant(stage, north, person, Role.NATIONAL, by=nina)
    assert (given.scope_kind, given.scope_id) == (ScopeKind.COUNTRY, "SE")
    assert sign_in(stage, invite(stage, north, by=nina, role=Role.NATIONAL).code, nina).person_id in {
        one.person_id for one in nationals(stage, by=nina)
    }
    assert given in nationals(stage, by=nina)
    assert given not in grants(stage, north, by=nina)
    with pytest.raises(NotFound):
        nationals(stage, by=karin)
    with pytest.raises(NotFound):
        end(stage, given.id, by=karin)


def test_somebody_stays_who_can_act_for_the_country(stage: Stage, nina: str, north: str) -> None:
    """The last national role ends only when somebody else who has signed in holds one without an end."""
    [first] = nationals(stage, by=nina)
    invitation = invite(stage, north, by=nina)
    given = grant(stage, north, invitation.person_id, Role.NATIONAL, by=nina)
    with pytest.raises(LastNational):
        end(stage, first.id, by=nina)
    sign_in(stage, invitation.code, nina)
    end(stage, first.id, by=nina)
    with pytest.raises(LastNational):
        end(stage, given.id, by=invitation.person_id)


def test_a_national_role_with_an_end_does_not_count_as_staying(stage: Stage, nina: str, north: str) -> None:
    """Nobody would be left on the day it ends."""
    [first] = nationals(stage, by=nina)
    visitor = sign_in(stage, invite(stage, north, by=nina).code, nina).person_id
    given = grant(stage, north, visitor, Role.NATIONAL, by=nina, until=stage.clock.now().add(hours=24))
    with pytest.raises(LastNational):
        end(stage, first.id, by=nina)
    assert end(stage, given.id, by=nina).until == stage.clock.now()


def foreign_calls(north: str, ours: str, pending: str, held: str) -> dict[str, Callable[[Stage, str], object]]:
    """Everything somebody could try on the school in the north, its person, its pending invitation and its role."""
    return {
        "read it": lambda s, me: s.call(handlers.get_organisation, model.GetOrganisationRequest(north), by=me),
        "invite into it": lambda s, me: invite(s, north, by=me),
        "invite its person again": lambda s, me: invite(s, north, by=me, person=ours),
        "withdraw its invitation": lambda s, me: s.call(
            handlers.withdraw_invitation, model.WithdrawInvitationRequest("r", pending), by=me
        ),
        "give a role in it": lambda s, me: grant(s, north, ours, Role.SUPERVISOR, by=me),
        "take its highest role": lambda s, me: grant(s, north, ours, Role.NATIONAL, by=me),
        "end its role": lambda s, me: end(s, held, by=me),
        "list its roles": lambda s, me: grants(s, north, by=me),
    }


def state(stage: Stage) -> list[object]:
    """Everything that stands in the tables of people."""
    return [
        stage.all(select(column).order_by(*table.primary_key), object)
        for table in store.METADATA.sorted_tables
        for column in table.c
    ]


def test_a_coordinator_cannot_touch_another_organisation(
    stage: Stage, karin: str, kerstin: str, north: str, south: str
) -> None:
    """Whatever they try answers exactly as if it did not exist, and changes nothing; so it does for a stranger."""
    invitation = invite(stage, north, by=karin)
    [held] = grants(stage, north, by=karin)
    real = foreign_calls(north, invitation.person_id, invitation.id, held.id)
    none = foreign_calls("none", "nobody", "nothing", "never")
    before, told = state(stage), len(stage.events)
    for what in real:
        for other in (kerstin, STRANGER):
            answers = []
            for calls in (real, none):
                with pytest.raises(Failure) as refused:
                    calls[what](stage, other)
                answers.append((type(refused.value), str(refused.value), refused.value.fields))
            assert answers == [(NotFound, "NOT_FOUND", ())] * 2, what
    assert state(stage) == before
    assert len(stage.events) == told


def test_a_person_of_another_organisation_looks_like_nobody(
    stage: Stage, nina: str, karin: str, kerstin: str, north: str, south: str
) -> None:
    """Not even by naming one's own organisation can one invite them or give them a role there."""
    theirs = invite(stage, south, by=kerstin).person_id
    for person in (theirs, "nobody", nina):
        with pytest.raises(NotFound):
            invite(stage, north, by=karin, person=person)
        with pytest.raises(NotFound):
            grant(stage, north, person, Role.SUPERVISOR, by=karin)
        with pytest.raises(NotFound):
            grant(stage, north, person, Role.NATIONAL, by=nina)


def test_a_supervisor_sees_the_organisation_and_changes_nothing(stage: Stage, karin: str, north: str) -> None:
    """What is for coordinators looks to them as if it did not exist."""
    invitation = invite(stage, north, by=karin, role=Role.SUPERVISOR)
    sven = sign_in(stage, invitation.code, karin).person_id
    [held, _] = grants(stage, north, by=karin)
    calls = foreign_calls(north, sven, invitation.id, held.id)
    assert names(stage, by=sven) == ["North School"]
    calls.pop("read it")(stage, sven)
    for attempt in calls.values():
        with pytest.raises(NotFound):
            attempt(stage, sven)


def test_roles_are_listed_by_page_oldest_first(stage: Stage, nina: str, karin: str, north: str) -> None:
    """Pages of any size together are the whole list, also where several began at one moment."""
    for n in range(5):
        if n % 2:
            stage.clock.advance(hours=1)
        sign_in(stage, invite(stage, north, by=karin, role=Role.SUPERVISOR).code, karin)
    whole = grants(stage, north, by=nina)
    assert [one.since for one in whole] == sorted(one.since for one in whole)
    assert len(whole) == 6
    for size in (1, 2, 5, 6, 200):
        assert grants(stage, north, by=nina, size=size) == whole


def test_the_first_invitation_of_the_country_is_nobodys_to_take_back(stage: Stage) -> None:
    """It belongs to no organisation, so that no scope leads to it."""
    stage.start()
    [waiting] = stage.all(select(store.INVITATION.c.id), str)
    for other in (STRANGER, "nina"):
        with pytest.raises(NotFound):
            stage.call(handlers.withdraw_invitation, model.WithdrawInvitationRequest("r", waiting), by=other)
    assert stage.all(select(func.count(store.INVITATION.c.withdraw_time)), int) == [0]
