"""From a one-time code to a device session, and to its end."""

import pytest
from mewe_core.kit import paging
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import Invalid, NotFound, SignedOut
from mewe_core.kit.standing import SessionEnded, StandingChanged
from mewe_core.kit.testing import Stage
from mewe_core.kit.values import columns
from mewe_core.people import handlers, model, session_store, store
from mewe_core.people.errors import CodeNotGood, NothingToConfirm, NotYetConfirmed, SessionOver
from mewe_core.people.model import PeopleSettings
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.testing import confirm, sign_in
from sqlalchemy import func, null, select, update


def invite(stage: Stage, by: str, organisation: str, *, hours: int = 0, role: Role | None = None) -> model.Invitation:
    """A code for a new person."""
    request = model.InvitePersonRequest("r", organisation, role=role, valid_hours=hours)
    return stage.call(handlers.invite_person, request, by=by)


def redeem(stage: Stage, code: str) -> model.DeviceSession:
    """What a device gets for a code."""
    return stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", code))


def token_of(session: model.DeviceSession) -> model.AccessToken:
    """The first access token."""
    assert session.access_token is not None
    return session.access_token


def refresh(stage: Stage, token: str) -> model.AccessToken:
    """A new access token."""
    return stage.call(handlers.refresh_session, model.RefreshSessionRequest("r", token))


def sessions(stage: Stage, me: str, *, session: str | None = None, size: int = 0) -> list[model.DeviceSessionSummary]:
    """One's own device sessions, all pages."""
    shown, token = list[model.DeviceSessionSummary](), ""
    while True:
        request = model.ListDeviceSessionsRequest(size, token)
        page = stage.call(handlers.list_device_sessions, request, by=me, session=session)
        shown += page.device_sessions
        token = page.next_page_token
        if not token:
            return shown


def end(stage: Stage, me: str, session: str) -> None:
    """End one of one's own sessions."""
    stage.call(handlers.end_device_session, model.EndDeviceSessionRequest("r", session), by=me)


def test_a_code_becomes_a_device_session(stage: Stage, karin: str, north: str) -> None:
    """The session is the invited person's, its access token is good for five minutes and itself for 180 days."""
    invitation = invite(stage, karin, north)
    session = sign_in(stage, invitation.code, karin)
    assert session.person_id == invitation.person_id
    token = token_of(session)
    assert token.expire_time == stage.clock.now().add(minutes=5)
    [mine] = sessions(stage, session.person_id)
    assert mine.expire_time == stage.clock.now().add(hours=24 * 180)
    assert token.token == stage.keys.access_token(session.person_id, session.id, stage.clock.now(), token.expire_time)


def test_a_code_is_redeemed_once_however_often_it_is_tried(stage: Stage, karin: str, north: str) -> None:
    """Of a thousand redemptions exactly one wins, and there is one session."""
    invitation = invite(stage, karin, north)
    won = 0
    for _ in range(1000):
        try:
            redeem(stage, invitation.code)
        except CodeNotGood:
            continue
        won += 1
    assert won == 1
    assert stage.all(select(func.count()).where(session_store.DEVICE_SESSION.c.person_id == invitation.person_id), int) == [1]


def test_a_used_code_stays_used_whatever_is_known_of_its_person(stage: Stage, karin: str, north: str) -> None:
    """The code alone says so: it does not open again for a person who, as kept, has never signed in."""
    invitation = invite(stage, karin, north)
    redeem(stage, invitation.code)
    stage.all(update(store.PERSON).values(sign_in_time=null()), object)
    with pytest.raises(CodeNotGood):
        redeem(stage, invitation.code)


def test_a_person_signs_in_once_whatever_codes_there_are(stage: Stage, karin: str, north: str) -> None:
    """Two good codes of one person, as two invitations at one moment might leave them: one device is confirmed, once."""
    first = invite(stage, karin, north)
    request = model.InvitePersonRequest("r", north, person_id=first.person_id)
    second = stage.call(handlers.invite_person, request, by=karin)
    stage.all(update(store.INVITATION).values(withdraw_time=null()), object)
    early = redeem(stage, first.code)
    sign_in(stage, second.code, karin)
    with pytest.raises(SessionOver):
        refresh(stage, early.session_token)
    stage.all(
        update(session_store.DEVICE_SESSION).where(session_store.DEVICE_SESSION.c.id == early.id).values(end_time=null()),
        object,
    )
    with pytest.raises(NothingToConfirm):
        confirm(stage, early, karin)
    with pytest.raises(NotYetConfirmed):
        refresh(stage, early.session_token)


def test_a_code_may_be_typed_in_capitals_and_without_hyphens(stage: Stage, karin: str, north: str) -> None:
    """What was read aloud is typed as people type."""
    invitation = invite(stage, karin, north)
    assert redeem(stage, f"  {invitation.code.upper().replace('-', ' ')}. ").person_id == invitation.person_id


def test_codes_that_do_not_work_all_answer_alike(stage: Stage, karin: str, north: str) -> None:
    """Unknown, used, expired, withdrawn, replaced and malformed: nobody learns which it was."""
    used, expired = invite(stage, karin, north), invite(stage, karin, north, hours=1)
    withdrawn, replaced = invite(stage, karin, north), invite(stage, karin, north)
    redeem(stage, used.code)
    stage.clock.advance(hours=1)
    stage.call(handlers.withdraw_invitation, model.WithdrawInvitationRequest("r", withdrawn.id), by=karin)
    stage.call(handlers.invite_person, model.InvitePersonRequest("r", north, person_id=replaced.person_id), by=karin)
    answers = set()
    for code in (used.code, expired.code, withdrawn.code, replaced.code, "bako-fimo", "1", "-"):
        with pytest.raises(CodeNotGood) as refused:
            redeem(stage, code)
        answers.add((type(refused.value), str(refused.value), refused.value.fields))
    assert len(answers) == 1


def test_a_code_is_good_until_its_last_moment(stage: Stage, karin: str, north: str) -> None:
    """Just before its end it works, at its end it does not."""
    early, late = invite(stage, karin, north, hours=2), invite(stage, karin, north, hours=2)
    assert early.expire_time == stage.clock.now().add(hours=2)
    stage.clock.advance(hours=1, minutes=59, seconds=59.999999)
    redeem(stage, early.code)
    stage.clock.advance(seconds=0.000001)
    with pytest.raises(CodeNotGood):
        redeem(stage, late.code)


def test_a_role_that_came_with_the_code_holds_from_the_confirmation(stage: Stage, karin: str, north: str) -> None:
    """Not before, and everybody is told."""
    invitation = invite(stage, karin, north, role=Role.SUPERVISOR)
    told = len(stage.events)
    stage.clock.advance(hours=3)
    session = redeem(stage, invitation.code)
    assert stage.events[told:] == []
    stage.clock.advance(hours=3)
    confirm(stage, session, karin)
    [event] = stage.events[told:]
    assert isinstance(event, StandingChanged)
    assert event == StandingChanged(
        event.id, invitation.person_id, Role.SUPERVISOR, ScopeKind.ORGANISATION, north, stage.clock.now(), None
    )


def test_a_code_without_a_role_tells_nothing(stage: Stage, karin: str, north: str) -> None:
    """Whoever comes for a group holds nothing in the organisation."""
    invitation = invite(stage, karin, north)
    told = len(stage.events)
    sign_in(stage, invitation.code, karin)
    assert stage.events[told:] == []


def test_a_session_slides(stage: Stage, karin: str, north: str) -> None:
    """Each refresh moves the end to 180 days ahead; 180 days without one are the end."""
    session = sign_in(stage, invite(stage, karin, north).code, karin)
    for _ in range(3):
        stage.clock.advance(days=60)
        assert refresh(stage, session.session_token).expire_time == stage.clock.now().add(minutes=5)
    [mine] = sessions(stage, session.person_id)
    assert (mine.refresh_time, mine.expire_time) == (stage.clock.now(), stage.clock.now().add(hours=24 * 180))
    stage.clock.advance(days=180)
    with pytest.raises(SessionOver):
        refresh(stage, session.session_token)


def test_who_comes_back_for_the_follow_up_is_still_signed_in(stage: Stage, karin: str, north: str) -> None:
    """The device has slept since the last session, and the follow-up three months later was put off for a month."""
    session = sign_in(stage, invite(stage, karin, north).code, karin)
    stage.clock.advance(days=92 + 31)
    assert refresh(stage, session.session_token).token


def test_how_long_a_session_lasts_is_for_the_deployment_to_say() -> None:
    """With one day set, the second day begins signed out."""
    with Stage(mewe_feature(), settings=PeopleSettings(session_days=1, invitation_hours=5)) as stage:
        [line] = stage.start()
        session = redeem(stage, line.split()[-1])
        assert session.expire_time == stage.clock.now().add(hours=24)
        assert "5 hours" in line


def test_sessions_that_are_over_all_answer_alike(stage: Stage, karin: str, north: str) -> None:
    """Unknown, ended and expired: nobody learns which it was."""
    expired, ended = (sign_in(stage, invite(stage, karin, north).code, karin) for _ in range(2))
    stage.clock.advance(days=179)
    refresh(stage, ended.session_token)
    stage.clock.advance(days=1)
    end(stage, ended.person_id, ended.id)
    answers = set()
    for token in (expired.session_token, ended.session_token, "x", expired.session_token + "A"):
        with pytest.raises(SessionOver) as refused:
            refresh(stage, token)
        answers.add((type(refused.value), str(refused.value), refused.value.fields))
    assert len(answers) == 1


def test_ending_a_session_is_told_once(stage: Stage, karin: str, north: str) -> None:
    """A second time changes nothing and tells nothing."""
    session = sign_in(stage, invite(stage, karin, north).code, karin)
    told = len(stage.events)
    end(stage, session.person_id, session.id)
    end(stage, session.person_id, session.id)
    assert stage.events[told:] == [SessionEnded(session_id=session.id, ended_at=stage.clock.now())]
    assert sessions(stage, session.person_id) == []


def test_nobody_ends_the_session_of_another(stage: Stage, karin: str, nina: str, north: str) -> None:
    """Not even the coordinator or the competence centre: it looks as if there were none."""
    session = sign_in(stage, invite(stage, karin, north).code, karin)
    for other in (karin, nina):
        with pytest.raises(NotFound):
            end(stage, other, session.id)
    assert len(sessions(stage, session.person_id)) == 1


def test_one_sees_ones_own_sessions_alone(stage: Stage, karin: str, nina: str) -> None:
    """Those of others are in nobody's list; the one that asks is marked."""
    [mine] = sessions(stage, karin)
    [same] = sessions(stage, karin, session=mine.id)
    assert (mine.current, same.current) == (False, True)
    assert mine.id not in {one.id for one in sessions(stage, nina)}


def test_sessions_are_listed_by_page_newest_first(stage: Stage, karin: str) -> None:
    """Pages of any size together are the whole list, also where several began at one moment."""
    [first] = stage.all(
        select(session_store.DEVICE_SESSION).where(session_store.DEVICE_SESSION.c.person_id == karin), session_store.KeptSession
    )
    for n in range(6):
        if n % 2:
            stage.clock.advance(hours=1)
        kept = session_store.KeptSession(
            stage.ids.new(),
            karin,
            f"digest {n}",
            stage.clock.now(),
            stage.clock.now(),
            first.expire_time,
            None,
            confirm_time=stage.clock.now(),
        )
        with stage.database.unit():
            stage.all(session_store.ADD_SESSION, object, **columns(kept))
    whole = sessions(stage, karin)
    assert [one.create_time for one in whole] == sorted((one.create_time for one in whole), reverse=True)
    assert len(whole) == 7
    for size in (1, 2, 3, 7, 200):
        assert sessions(stage, karin, size=size) == whole


@pytest.mark.parametrize(
    "token",
    [
        "x",
        paging.token("organisations", "a/b"),
        paging.token("device_sessions", 7),
        paging.token("device_sessions", "a/b"),
        paging.token("device_sessions", "a/-1"),
        paging.token("device_sessions", f"a/{2**63}"),
    ],
)
def test_a_page_token_of_somebodys_own_making_is_refused(stage: Stage, karin: str, token: str) -> None:
    """By the name of the field; a cursor of another list, no number or too large a one does not reach the database."""
    with pytest.raises(Invalid) as refused:
        stage.call(handlers.list_device_sessions, model.ListDeviceSessionsRequest(0, token), by=karin)
    assert [one.path for one in refused.value.fields] == ["page_token"]


def test_secrets_are_kept_nowhere(stage: Stage, karin: str, north: str) -> None:
    """Neither a code nor the secret of a session stands in any column, and none is shown in a representation."""
    invitation, waiting = invite(stage, karin, north), invite(stage, karin, north)
    session = redeem(stage, invitation.code)
    assert session.words is not None
    secrets = [invitation.code, invitation.code.replace("-", ""), waiting.code, session.session_token, session.words]
    every = [column for table in store.METADATA.sorted_tables for column in table.c]
    kept = " ".join(str(value) for column in every for value in stage.all(select(column), object))
    shown = repr((invitation, waiting, session, model.RedeemInvitationRequest("r", invitation.code)))
    assert session.id in kept
    assert [secret for secret in secrets if secret in kept or secret in shown] == []


def test_who_one_is_needs_a_sign_in(stage: Stage, karin: str, north: str) -> None:
    """Nobody is nobody; somebody is told their id and the roles that hold now."""
    with pytest.raises(SignedOut):
        stage.call(handlers.get_me, model.GetMeRequest())
    me = stage.call(handlers.get_me, model.GetMeRequest(), by=karin)
    assert (me.person_id, [(one.role, one.scope_id) for one in me.role_grants]) == (karin, [(Role.COORDINATOR, north)])
