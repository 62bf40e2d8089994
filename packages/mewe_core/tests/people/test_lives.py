"""A device session has a longest life, there are ten at most, and somebody of the staff can end them all."""

from collections.abc import Iterator

import pytest
from attrs import evolve
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.standing import SessionEnded, StandingChanged
from mewe_core.kit.testing import Stage
from mewe_core.people import handlers, model
from mewe_core.people.errors import AlreadySignedIn, RoleNotYours, SessionOver, SignedOutByStaff
from mewe_core.people.model import PeopleSettings
from mewe_core.people.passkeys import handlers as passkeys
from mewe_core.people.passkeys import model as p
from mewe_core.people.passkeys.settings import PasskeySettings
from mewe_core.people.passkeys.testing import Authenticator
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.privacy.errors import NotThisDevice
from mewe_core.people.session_rules import Way
from mewe_core.people.signing_out.handlers import end_sessions_of_person
from mewe_core.people.signing_out.model import EndSessionsOfPersonRequest
from mewe_core.people.store import PERSON_BY_ID, Person
from mewe_core.people.testing import begin, sign_in

HERE = "https://app.mewe.example"
PASSKEYS = PeopleSettings(passkeys=PasskeySettings(rp_id="mewe.example", origins=(HERE,)))


@pytest.fixture
def stage() -> Iterator[Stage]:
    """People where passkeys are set up, not started yet."""
    with Stage(mewe_feature(), settings=PASSKEYS) as stage:
        yield stage


@pytest.fixture
def kim(stage: Stage, karin: str, north: str) -> model.DeviceSession:
    """A young person, signed in."""
    return sign_in(stage, invited(stage, karin, north), karin)


def invited(stage: Stage, by: str, organisation: str, role: Role | None = None) -> str:
    """A code."""
    return stage.call(handlers.invite_person, model.InvitePersonRequest("r", organisation, role=role), by=by).code


def refresh(stage: Stage, session: model.DeviceSession) -> model.AccessToken:
    """A new access token."""
    return stage.call(handlers.refresh_session, model.RefreshSessionRequest("r", session.session_token))


def listed(stage: Stage, who: str) -> tuple[model.DeviceSessionSummary, ...]:
    """One's own device sessions."""
    return stage.call(handlers.list_device_sessions, model.ListDeviceSessionsRequest(200), by=who).device_sessions


def end_all(stage: Stage, person: str, by: str, group: str | None = None) -> int:
    """Sign somebody out."""
    return stage.call(end_sessions_of_person, EndSessionsOfPersonRequest("r", person, group), by=by).ended


def lead(stage: Stage, person: str, role: Role, group: str = "g") -> None:
    """Have the programme say that somebody has a role in a group, from now on."""
    stage.hear(StandingChanged(f"{person}-{group}", person, role, ScopeKind.GROUP, group, stage.clock.now(), None))


def test_a_session_that_is_used_all_the_time_ends_after_its_longest_life(stage: Stage, kim: model.DeviceSession) -> None:
    """To the microsecond, and the person sees from the first day until when; then they come back as after a loss."""
    last = stage.clock.now().add(hours=24 * 365)
    for _ in range(4):
        stage.clock.advance(days=91)
        refresh(stage, kim)
        [mine] = listed(stage, kim.person_id)
        assert (mine.last_time, mine.expire_time) == (last, min(last, stage.clock.now().add(hours=24 * 180)))
    stage.clock.advance(days=1, seconds=-0.000001)
    refresh(stage, kim)
    stage.clock.advance(seconds=0.000001)
    with pytest.raises(SessionOver):
        refresh(stage, kim)
    assert listed(stage, kim.person_id) == ()


def test_staff_who_came_by_a_code_have_three_days_to_make_a_passkey(stage: Stage, karin: str, north: str) -> None:
    """In its session, which then lives a week; the next begins with the passkey, and whoever made none is signed out."""
    makes, makes_none = (sign_in(stage, invited(stage, karin, north, Role.SUPERVISOR), karin) for _ in range(2))
    [first] = listed(stage, makes.person_id)
    assert first.last_time == stage.clock.now().add(hours=72)
    device = register(stage, makes)
    [mine] = listed(stage, makes.person_id)
    assert mine.last_time == stage.clock.now().add(hours=24 * 7)
    stage.clock.advance(hours=72)
    refresh(stage, makes)
    with pytest.raises(SessionOver):
        refresh(stage, makes_none)
    stage.clock.advance(hours=96)
    with pytest.raises(SessionOver):
        refresh(stage, makes)
    options = stage.call(passkeys.get_passkey_sign_in_options, p.GetPasskeySignInOptionsRequest()).options
    again = stage.call(passkeys.sign_in_with_passkey, p.SignInWithPasskeyRequest("r", device.get(options)))
    assert again.expire_time == stage.clock.now().add(hours=24 * 7)


def test_a_new_leader_with_an_old_session_makes_a_passkey_and_stays(stage: Stage, kim: model.DeviceSession) -> None:
    """A week from the moment they make it, not from when the session began, which was long before they led anything."""
    stage.clock.advance(days=10)
    lead(stage, kim.person_id, Role.LEADER)
    before = listed(stage, kim.person_id)[0].last_time
    stage.clock.advance(hours=1)
    register(stage, kim)
    [mine] = listed(stage, kim.person_id)
    assert (mine.last_time, mine.expire_time) == (stage.clock.now().add(hours=24 * 7),) * 2
    assert mine.last_time > before
    stage.clock.advance(days=7, seconds=-0.000001)
    register(stage, kim)
    refresh(stage, kim)
    stage.clock.advance(seconds=0.000001)
    with pytest.raises(SessionOver):
        refresh(stage, kim)


def test_a_passkey_ends_no_session_earlier() -> None:
    """Where a code would do as well, or the person was none of the staff when they made it."""
    with Stage(mewe_feature(), settings=evolve(PASSKEYS, staff_sign_in="code")) as stage:
        [line] = stage.start()
        session = sign_in(stage, line.split()[-1])
        [before] = listed(stage, session.person_id)
        stage.clock.advance(days=20)
        register(stage, session)
        [after] = listed(stage, session.person_id)
        assert after.last_time == before.last_time
        assert after.expire_time >= before.expire_time
        stage.clock.advance(days=20)
        refresh(stage, session)


def register(stage: Stage, session: model.DeviceSession) -> Authenticator:
    """Make a passkey on the device of a session."""
    device, me = Authenticator(HERE), {"by": session.person_id, "session": session.id}
    options = stage.call(passkeys.get_passkey_registration_options, p.GetPasskeyRegistrationOptionsRequest(), **me).options
    request = p.RegisterPasskeyRequest("r", device.create(options), session.session_token)
    stage.call(passkeys.register_passkey, request, **me)
    return device


def test_who_becomes_a_leader_is_staff_from_then_on(stage: Stage, kim: model.DeviceSession) -> None:
    """A role in a group counts like one in an organisation; being a participant does not."""
    lead(stage, kim.person_id, Role.PARTICIPANT)
    stage.clock.advance(days=100)
    refresh(stage, kim)
    lead(stage, kim.person_id, Role.LEADER, "another")
    stage.clock.advance(hours=71)
    refresh(stage, kim)
    stage.clock.advance(hours=1)
    assert listed(stage, kim.person_id) == ()
    with pytest.raises(SessionOver):
        refresh(stage, kim)


def test_who_becomes_staff_with_an_old_session_signs_in_again(stage: Stage, kim: model.DeviceSession) -> None:
    """By the passkey that it began with, from the next renewal on: the session is older than one of the staff may be."""
    session = begin(stage, kim.person_id, Way.PASSKEY)
    stage.clock.advance(days=100)
    refresh(stage, session)
    lead(stage, kim.person_id, Role.LEADER)
    with pytest.raises(SessionOver):
        refresh(stage, session)
    assert session.id not in {one.id for one in listed(stage, kim.person_id)}


def test_where_there_are_no_passkeys_a_code_does() -> None:
    """Nobody is signed out who could not come back alone."""
    with Stage(mewe_feature()) as stage:
        [line] = stage.start()
        session = sign_in(stage, line.split()[-1])
        for _ in range(2):
            stage.clock.advance(days=179)
            refresh(stage, session)


def test_the_newest_sign_in_ends_the_session_unused_the_longest(stage: Stage, kim: model.DeviceSession) -> None:
    """Ten devices, and the new telephone gets in: the old one in a drawer goes, and everybody is told."""
    others = []
    for _ in range(9):
        stage.clock.advance(hours=1)
        others.append(begin(stage, kim.person_id, Way.PASSKEY))
    stage.clock.advance(hours=1)
    refresh(stage, kim)
    assert len(listed(stage, kim.person_id)) == 10
    stage.events.clear()
    begin(stage, kim.person_id, Way.PASSKEY)
    assert stage.events == [SessionEnded(session_id=others[0].id, ended_at=stage.clock.now())]
    assert len(listed(stage, kim.person_id)) == 10
    with pytest.raises(SessionOver):
        refresh(stage, others[0])
    refresh(stage, kim)


def test_a_coordinator_signs_somebody_out(stage: Stage, kim: model.DeviceSession, karin: str) -> None:
    """Everywhere; the device is told why, no code comes of it, and back again the person is told once more, for a month."""
    begin(stage, kim.person_id, Way.PASSKEY)
    stage.events.clear()
    assert end_all(stage, kim.person_id, karin) == 2
    assert {type(one) for one in stage.events} == {SessionEnded}
    assert len(stage.events) == 2
    with pytest.raises(SignedOutByStaff):
        refresh(stage, kim)
    assert end_all(stage, kim.person_id, karin) == 0
    asked = model.InvitePersonRequest("r", organisation_of(stage, kim.person_id), person_id=kim.person_id)
    with pytest.raises(AlreadySignedIn):
        stage.call(handlers.invite_person, asked, by=karin)
    at = stage.clock.now()
    stage.clock.advance(days=1)
    begin(stage, kim.person_id, Way.PASSKEY)
    assert stage.call(handlers.get_me, model.GetMeRequest(), by=kim.person_id).signed_out_time == at


def organisation_of(stage: Stage, person: str) -> str:
    """Who invited them."""
    [kept] = stage.all(PERSON_BY_ID, Person, which=person)
    assert kept.organisation_id is not None
    return kept.organisation_id


def test_nobody_elsewhere_signs_anybody_out(stage: Stage, kim: model.DeviceSession, kerstin: str, nina: str) -> None:
    """The coordinator of another organisation, a participant, oneself: it looks as if there was nobody."""
    for other in (kerstin, kim.person_id):
        with pytest.raises(NotFound):
            end_all(stage, kim.person_id, other)
    refresh(stage, kim)
    assert end_all(stage, kim.person_id, nina) == 1


def test_a_leader_signs_out_participants_of_their_group_alone(
    stage: Stage, kim: model.DeviceSession, karin: str, north: str
) -> None:
    """Neither those of another group nor another leader."""
    lena = sign_in(stage, invited(stage, karin, north), karin).person_id
    lotta = sign_in(stage, invited(stage, karin, north), karin)
    stage.hear(StandingChanged("a", lena, Role.LEADER, ScopeKind.GROUP, "g", stage.clock.now(), None))
    lead(stage, kim.person_id, Role.PARTICIPANT)
    lead(stage, lotta.person_id, Role.PARTICIPANT)
    lead(stage, lotta.person_id, Role.LEADER, "another")
    with pytest.raises(NotFound):
        end_all(stage, kim.person_id, lena)
    with pytest.raises(NotFound):
        end_all(stage, kim.person_id, lena, "another")
    with pytest.raises(RoleNotYours):
        end_all(stage, lotta.person_id, lena, "g")
    assert end_all(stage, kim.person_id, lena, "g") == 1
    assert end_all(stage, lotta.person_id, karin) == 1


def test_the_centre_signs_out_its_own(stage: Stage, nina: str, karin: str, north: str) -> None:
    """Also the first of the country, who belongs to no organisation; a coordinator does not."""
    invitation = stage.call(handlers.invite_person, model.InvitePersonRequest("r", north, role=Role.NATIONAL), by=nina)
    nils = sign_in(stage, invitation.code, nina).person_id
    with pytest.raises(RoleNotYours):
        end_all(stage, nils, karin)
    with pytest.raises(NotFound):
        end_all(stage, nina, karin)
    assert end_all(stage, nina, nils) == 1
    assert end_all(stage, nils, nina) == 1


def test_a_passkey_is_made_and_removed_with_the_device_in_hand(stage: Stage, kim: model.DeviceSession) -> None:
    """An access token alone, a wrong secret, or that of another device of one's own is refused; nothing is kept or lost."""
    me = {"by": kim.person_id, "session": kim.id}
    other = begin(stage, kim.person_id)
    register(stage, kim)
    [kept] = stage.call(passkeys.list_passkeys, p.ListPasskeysRequest(), by=kim.person_id).passkeys
    options = stage.call(passkeys.get_passkey_registration_options, p.GetPasskeyRegistrationOptionsRequest(), **me).options
    made = Authenticator(HERE).create(options)
    for secret in ("a-guess", other.session_token):
        with pytest.raises(NotThisDevice):
            stage.call(passkeys.register_passkey, p.RegisterPasskeyRequest("r", made, secret), **me)
        with pytest.raises(NotThisDevice):
            stage.call(passkeys.remove_passkey, p.RemovePasskeyRequest("r", kept.id, secret), **me)
    assert stage.call(passkeys.list_passkeys, p.ListPasskeysRequest(), by=kim.person_id).passkeys == (kept,)
    stage.call(passkeys.remove_passkey, p.RemovePasskeyRequest("r", kept.id, kim.session_token), **me)
    assert stage.call(passkeys.list_passkeys, p.ListPasskeysRequest(), by=kim.person_id).passkeys == ()
