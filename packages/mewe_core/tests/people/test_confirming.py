"""Whoever has redeemed a code can do nothing until somebody who has them in front of them says so."""

import pytest
from attrs import evolve
from mewe_core.kit import words
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import Failure, Invalid, NotFound
from mewe_core.kit.standing import SessionEnded
from mewe_core.kit.testing import Stage
from mewe_core.people import handlers, model
from mewe_core.people.confirming.handlers import list_waiting_persons
from mewe_core.people.confirming.model import ListWaitingPersonsRequest
from mewe_core.people.errors import NothingToConfirm, NotYetConfirmed, RoleNotYours, SessionOver, WordsNotRight
from mewe_core.people.events import GuestConfirmed
from mewe_core.people.testing import confirm, sign_in


def invite(
    stage: Stage, by: str, school: str, *, group: str | None = None, role: Role | None = None, person: str | None = None
) -> model.Invitation:
    """A code."""
    request = model.InvitePersonRequest("r", school, person, role, group_id=group)
    return stage.call(handlers.invite_person, request, by=by)


def redeem(stage: Stage, code: str, *, shared: bool = False) -> model.DeviceSession:
    """What a device gets for a code."""
    return stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", code, shared_device=shared))


def refresh(stage: Stage, session: model.DeviceSession) -> model.AccessToken:
    """A new access token."""
    return stage.call(handlers.refresh_session, model.RefreshSessionRequest("r", session.session_token))


def lead(stage: Stage, person: str, group: str) -> str:
    """Somebody leads a group, as people has heard."""
    stage.give(person, Role.LEADER, ScopeKind.GROUP, group)
    return person


def refused(stage: Stage, session: model.DeviceSession, by: str, *, group: str | None = None) -> type[Failure]:
    """Why somebody may not confirm."""
    with pytest.raises(Failure) as found:
        confirm(stage, session, by, group_id=group)
    return type(found.value)


def test_a_device_waits_and_gets_no_token(stage: Stage, karin: str, north: str) -> None:
    """It shows two words of the list; from the moment they are confirmed it is signed in."""
    session = redeem(stage, invite(stage, karin, north).code)
    assert session.access_token is None
    assert session.words is not None
    shown = session.words.split("-")
    assert len(shown) == 2
    assert set(shown) <= set(words.words())
    with pytest.raises(NotYetConfirmed):
        refresh(stage, session)
    confirm(stage, session, karin)
    assert refresh(stage, session).expire_time == stage.clock.now().add(minutes=5)


def test_words_may_be_typed_as_people_type(stage: Stage, karin: str, north: str) -> None:
    """Capitals, spaces, no hyphen."""
    session = redeem(stage, invite(stage, karin, north).code)
    confirm(stage, evolve(session, words=f" {(session.words or '').upper().replace('-', ' ')} "), karin)
    assert refresh(stage, session).token


def test_five_wrong_words_and_a_new_code_is_needed(stage: Stage, karin: str, north: str) -> None:
    """Each counts although it is refused; then the right ones are refused as well, until there is a new code."""
    invitation = invite(stage, karin, north)
    session = redeem(stage, invitation.code)
    for _ in range(5):
        assert refused(stage, evolve(session, words="bako-fimo"), karin) is WordsNotRight
    assert refused(stage, session, karin) is NothingToConfirm
    sign_in(stage, invite(stage, karin, north, person=invitation.person_id).code, karin)


def test_four_wrong_words_are_forgiven(stage: Stage, karin: str, north: str) -> None:
    """The fifth may be right."""
    session = redeem(stage, invite(stage, karin, north).code)
    for _ in range(4):
        assert refused(stage, evolve(session, words="bako-fimo"), karin) is WordsNotRight
    confirm(stage, session, karin)


def test_the_words_of_another_device_confirm_nobody(stage: Stage, karin: str, north: str) -> None:
    """Each device has words of its own."""
    one, other = (redeem(stage, invite(stage, karin, north).code) for _ in range(2))
    assert refused(stage, evolve(one, words=other.words), karin) is WordsNotRight


def test_a_device_waits_for_a_week(stage: Stage, karin: str, north: str) -> None:
    """From one meeting of the group to the next, and no longer."""
    early, late = (redeem(stage, invite(stage, karin, north).code) for _ in range(2))
    stage.clock.advance(hours=167)
    confirm(stage, early, karin)
    stage.clock.advance(hours=1)
    assert refused(stage, late, karin) is NothingToConfirm
    with pytest.raises(SessionOver):
        refresh(stage, late)


def test_a_new_code_ends_the_waiting(stage: Stage, karin: str, north: str) -> None:
    """Whoever got hold of the first code waits for nothing."""
    invitation = invite(stage, karin, north)
    taken = redeem(stage, invitation.code)
    again = invite(stage, karin, north, person=invitation.person_id)
    assert refused(stage, taken, karin) is NothingToConfirm
    with pytest.raises(SessionOver):
        refresh(stage, taken)
    sign_in(stage, again.code, karin)


def test_leaders_confirm_whoever_was_invited_for_their_group(stage: Stage, karin: str, north: str) -> None:
    """They name it; without it, or as leader of another group, there is nobody to be seen."""
    lena, lars = lead(stage, "lena", "oak"), lead(stage, "lars", "elm")
    session = redeem(stage, invite(stage, karin, north, group="oak").code)
    assert refused(stage, session, lena) is NotFound
    assert refused(stage, session, lars, group="elm") is NotFound
    assert refused(stage, session, lars, group="oak") is NotFound
    confirm(stage, session, lena, group_id="oak")
    refresh(stage, session)


def test_leaders_confirm_whoever_is_in_their_group(stage: Stage, karin: str, north: str) -> None:
    """As people has heard; not somebody who was."""
    lena = lead(stage, "lena", "oak")
    there, gone = (redeem(stage, invite(stage, karin, north).code) for _ in range(2))
    for one in (there, gone):
        stage.give(one.person_id, Role.PARTICIPANT, ScopeKind.GROUP, "oak", standing_id=one.id)
    stage.give(gone.person_id, Role.PARTICIPANT, ScopeKind.GROUP, "oak", standing_id=gone.id, until=stage.clock.now())
    confirm(stage, there, lena, group_id="oak")
    assert refused(stage, gone, lena, group="oak") is NotFound


def test_a_role_in_the_organisation_is_not_confirmed_by_leaders(stage: Stage, karin: str, north: str) -> None:
    """Also not where the person takes part in their group, as in a training."""
    lena = lead(stage, "lena", "training")
    session = redeem(stage, invite(stage, karin, north, role=Role.SUPERVISOR).code)
    stage.give(session.person_id, Role.PARTICIPANT, ScopeKind.GROUP, "training")
    assert refused(stage, session, lena, group="training") is RoleNotYours
    confirm(stage, session, karin)


def test_the_national_role_is_confirmed_by_the_competence_centre(stage: Stage, nina: str, karin: str, north: str) -> None:
    """However it was given: with the code, or before it was redeemed."""
    invited = redeem(stage, invite(stage, nina, north, role=Role.NATIONAL).code)
    waiting = invite(stage, nina, north)
    grant = model.GrantRoleRequest("r", north, waiting.person_id, Role.NATIONAL)
    stage.call(handlers.grant_role, grant, by=nina)
    granted = redeem(stage, waiting.code)
    for session in (invited, granted):
        assert refused(stage, session, karin) is RoleNotYours
        confirm(stage, session, nina)


def test_nobody_of_another_organisation_confirms(stage: Stage, karin: str, kerstin: str, north: str, south: str) -> None:
    """To them the person does not exist, whatever group they name."""
    session = redeem(stage, invite(stage, karin, north, group="oak").code)
    assert {refused(stage, session, kerstin, group=group) for group in (None, "oak", south)} == {NotFound}


def test_nobody_is_invited_for_a_group_and_a_role_at_once(stage: Stage, karin: str, north: str) -> None:
    """It is refused by the name of the field."""
    with pytest.raises(Invalid) as found:
        invite(stage, karin, north, group="oak", role=Role.SUPERVISOR)
    assert [one.path for one in found.value.fields] == ["group_id"]


def test_a_guest_of_a_group_is_told_of_once_confirmed(stage: Stage, karin: str, north: str) -> None:
    """By ids alone, and not before."""
    invitation = invite(stage, karin, north, group="oak")
    told = len(stage.events)
    session = redeem(stage, invitation.code)
    assert stage.events[told:] == []
    confirm(stage, session, karin)
    assert stage.events[told:] == [GuestConfirmed(invitation.id, session.person_id, north, "oak")]


def test_who_waits_is_listed_until_they_are_confirmed(stage: Stage, karin: str, north: str) -> None:
    """For the organisation all of them, by pages; for a group's leaders its own."""
    lena = lead(stage, "lena", "oak")
    waiting = [redeem(stage, invite(stage, karin, north, group=group).code) for group in ("oak", None, "elm", "oak")]

    def listed(by: str, group: str | None = None, size: int = 0) -> list[str]:
        shown, token = list[str](), ""
        while True:
            page = stage.call(list_waiting_persons, ListWaitingPersonsRequest(north, group, size, token), by=by)
            shown += [one.person_id for one in page.waiting_persons]
            token = page.next_page_token
            if not token:
                return shown

    everybody = [one.person_id for one in waiting]
    assert listed(karin) == listed(karin, size=1) == listed(karin, size=3) == everybody
    assert listed(lena, "oak") == [everybody[0], everybody[3]]
    for group in (None, "elm"):
        with pytest.raises(NotFound):
            listed(lena, group)
    confirm(stage, waiting[0], lena, group_id="oak")
    assert listed(karin) == everybody[1:]


def test_a_device_that_others_use_is_signed_out_after_an_afternoon(stage: Stage, karin: str, north: str) -> None:
    """Eight hours without use, however often it was used before."""
    session = redeem(stage, invite(stage, karin, north).code, shared=True)
    confirm(stage, session, karin)
    for _ in range(3):
        stage.clock.advance(hours=7)
        refresh(stage, session)
    stage.clock.advance(hours=8)
    with pytest.raises(SessionOver):
        refresh(stage, session)


def test_one_ends_all_of_ones_other_devices(stage: Stage, nina: str, karin: str, north: str) -> None:
    """The one that asks stays; those of others too; everybody is told, once."""
    mine = stage.call(handlers.list_device_sessions, model.ListDeviceSessionsRequest(), by=karin).device_sessions[0]
    told = len(stage.events)
    end = model.EndOtherDeviceSessionsRequest("r")
    stage.call(handlers.end_other_device_sessions, end, by=karin, session=mine.id)
    assert stage.events[told:] == []
    stage.call(handlers.end_other_device_sessions, end, by=karin, session="another")
    stage.call(handlers.end_other_device_sessions, end, by=karin, session="another")
    assert stage.events[told:] == [SessionEnded(mine.id, stage.clock.now())]
    assert stage.call(handlers.list_device_sessions, model.ListDeviceSessionsRequest(), by=nina).device_sessions


def test_what_a_qr_code_says_is_a_code_of_this_country(stage: Stage, karin: str, north: str) -> None:
    """The country and the code, and nothing that leads anywhere; one of another country is no code."""
    invitation = invite(stage, karin, north)
    assert invitation.link == f"mewe:SE:{invitation.code}"
    with pytest.raises(Failure) as found:
        redeem(stage, invitation.link.replace("SE", "NL"))
    assert found.value.reason == "CODE_NOT_GOOD"
    assert redeem(stage, invitation.link.upper()).person_id == invitation.person_id
