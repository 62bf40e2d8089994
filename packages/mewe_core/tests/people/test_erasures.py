"""Asking to be erased: with the device in hand, at once, undone by an adult alone, and answered by a receipt that holds."""

import json
from typing import Any

import pytest
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.earlier import closed_before
from mewe_core.kit.errors import NotFound
from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.privacy import receipts
from mewe_core.kit.privacy.telling import ErasureDecided, PersonErased
from mewe_core.kit.privacy.testing import export, go_on_erasing
from mewe_core.kit.standing import SessionEnded, StandingChanged
from mewe_core.kit.testing import Stage, drive
from mewe_core.people import handlers, model, sessions
from mewe_core.people.errors import AlreadySignedIn, AnotherAdult, LastNational, SessionOver
from mewe_core.people.privacy import handlers as privacy
from mewe_core.people.privacy.errors import ErasureUnderWay, NothingToUndo, NotThisDevice
from mewe_core.people.privacy.model import (
    AllowExportRequest,
    EraseMeRequest,
    Erasure,
    ErasureState,
    ErasureStatus,
    GetErasureRequest,
    UndoErasureRequest,
)
from mewe_core.people.returning import handlers as returning
from mewe_core.people.returning import model as returns
from mewe_core.people.session_rules import Way
from mewe_core.people.testing import confirm, sign_in


@pytest.fixture
def kim(stage: Stage, karin: str, north: str) -> model.DeviceSession:
    """A young person, signed in."""
    invitation = stage.call(handlers.invite_person, model.InvitePersonRequest("r", north), by=karin)
    return sign_in(stage, invitation.code, karin)


def ask(stage: Stage, who: model.DeviceSession, token: str | None = None) -> Erasure:
    """Somebody asks to be erased, on their device."""
    request = EraseMeRequest("r", token or who.session_token)
    return stage.call(privacy.erase_me, request, by=who.person_id, session=who.id)


def status(stage: Stage, asked: Erasure) -> ErasureStatus:
    """How far it is, for whoever has the token."""
    return stage.call(privacy.get_erasure, GetErasureRequest(asked.id, asked.receipt_token))


def go_on(stage: Stage) -> None:
    """What a host does each second."""
    stage.do_jobs()
    go_on_erasing(stage)
    stage.do_jobs()


def receipt(stage: Stage, asked: Erasure) -> Any:
    """The document."""
    return json.loads(status(stage, asked).receipt)


def test_only_the_device_in_hand_can_ask(stage: Stage, kim: model.DeviceSession, karin: str) -> None:
    """An access token alone, a wrong secret, or that of another device of one's own is refused, and nothing happens."""
    with pytest.raises(NotThisDevice):
        ask(stage, kim, "a-guess")
    with pytest.raises(NotThisDevice):
        stage.call(privacy.erase_me, EraseMeRequest("r", kim.session_token), by=kim.person_id, session="another")
    with pytest.raises(NotThisDevice):
        stage.call(privacy.erase_me, EraseMeRequest("r", kim.session_token), by=karin, session=kim.id)
    assert stage.call(handlers.refresh_session, model.RefreshSessionRequest("r", kim.session_token)).token


def test_access_ends_at_once(stage: Stage, kim: model.DeviceSession, karin: str, north: str) -> None:
    """Devices are signed out, roles and open codes end, and it is told; what is held is still there."""
    stage.call(handlers.grant_role, model.GrantRoleRequest("r", north, kim.person_id, Role.SUPERVISOR), by=karin)
    stage.events.clear()
    asked = ask(stage, kim)
    assert asked.destroy_time == stage.clock.now().add(hours=72)
    ended = [one for one in stage.events if isinstance(one, SessionEnded)]
    assert [one.session_id for one in ended] == [kim.id]
    [standing] = [one for one in stage.events if isinstance(one, StandingChanged)]
    assert (standing.person_id, standing.until) == (kim.person_id, stage.clock.now())
    with pytest.raises(SessionOver):
        stage.call(handlers.refresh_session, model.RefreshSessionRequest("r", kim.session_token))
    assert status(stage, asked).state is ErasureState.ASKED
    assert export(stage, kim.person_id)


def test_nothing_is_destroyed_before_its_time_and_all_of_it_then(stage: Stage, kim: model.DeviceSession) -> None:
    """Seventy-two hours; then the receipt is signed, and counts what was done."""
    asked = ask(stage, kim)
    stage.clock.advance(hours=71, minutes=59)
    go_on(stage)
    assert status(stage, asked).state is ErasureState.ASKED
    stage.clock.advance(minutes=1)
    stage.do_jobs()
    assert status(stage, asked).state is ErasureState.DECIDED
    go_on(stage)
    assert status(stage, asked).state is ErasureState.COMPLETED
    made = receipt(stage, asked)
    assert receipts.verified(made, stage.keys) is None
    assert made["person"] == kim.person_id
    [people] = made["features"]
    done = {(one["table"], one["done"]): one["rows"] for one in people["rows"]}
    assert done["people_device_session", "deleted"] == 1
    assert done["people_person", "kept"] == 1
    assert {one["rule"] for one in people["rows"] if one["done"] == "kept"} == {"legal_duty", "public_task"}
    assert sum(isinstance(one, ErasureDecided) for one in stage.events) == 1


def test_the_receipt_waits_for_every_feature_of_the_mix(stage: Stage, kim: model.DeviceSession) -> None:
    """One that is down answers when it is back; a forged answer counts for nothing."""
    asked = ask(stage, kim)
    stage.clock.advance(hours=72)
    stage.areas = ("chat", "people")
    go_on(stage)
    assert status(stage, asked).state is ErasureState.DECIDED
    answer = receipts.signed_answer(asked.id, "chat", stage.clock.now(), 1, (), stage.keys)
    forged = PersonErased("answer-0", asked.id, "chat", 2, 0, answer.erased_at, Hexadecimal(answer.signature), answer.key_id)
    stage.hear(forged)
    go_on(stage)
    assert status(stage, asked).state is ErasureState.DECIDED
    signed = Hexadecimal(answer.signature)
    stage.hear(PersonErased("answer-1", asked.id, "chat", 1, 0, answer.erased_at, signed, answer.key_id))
    go_on(stage)
    assert status(stage, asked).state is ErasureState.COMPLETED
    assert [one["feature"] for one in receipt(stage, asked)["features"]] == ["chat", "people"]


def test_a_receipt_that_was_changed_is_found_out(stage: Stage, kim: model.DeviceSession) -> None:
    """One number, or a feature left out."""
    asked = ask(stage, kim)
    stage.clock.advance(hours=72)
    go_on(stage)
    changed = receipt(stage, asked)
    changed["features"][0]["rows"][0]["rows"] += 1
    assert receipts.verified(changed, stage.keys) is not None
    assert receipts.verified({**receipt(stage, asked), "features": []}, stage.keys) is not None
    assert receipts.verified([], stage.keys) is not None


def test_what_a_feature_signed_cannot_be_replaced_by_who_writes_the_receipt(stage: Stage, kim: model.DeviceSession) -> None:
    """Each feature's part has its own signature: the receipt as a whole does not make it good."""
    asked = ask(stage, kim)
    stage.clock.advance(hours=72)
    go_on(stage)
    made = receipt(stage, asked)
    made["features"][0]["keys_destroyed"] += 1
    rest = {name: value for name, value in made.items() if name != "signature"}
    told = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    wrong = receipts.verified({**rest, "signature": stage.keys.sign(receipts.RECEIPT, told)}, stage.keys)
    assert wrong == "what it says of people is not what people signed"


def test_the_state_is_told_to_nobody_without_the_token(stage: Stage, kim: model.DeviceSession) -> None:
    """A wrong token and a wrong id look alike."""
    asked = ask(stage, kim)
    for wrong in (GetErasureRequest(asked.id, "guess"), GetErasureRequest("nothing", asked.receipt_token)):
        with pytest.raises(NotFound):
            stage.call(privacy.get_erasure, wrong)


def test_an_adult_undoes_it_and_others_let_the_person_come_back(
    stage: Stage, kim: model.DeviceSession, karin: str, north: str
) -> None:
    """The old device stays signed out, and no code of one adult lets the same person in: they come back as after a loss.

    Whoever undid it neither asks nor agrees nor confirms: nobody becomes a person who has no device to refuse it on.
    """
    asked = ask(stage, kim)
    stage.clock.advance(hours=50)
    stage.call(privacy.undo_erasure, UndoErasureRequest("r", kim.person_id), by=karin)
    assert status(stage, asked).state is ErasureState.UNDONE
    with pytest.raises(SessionOver):
        stage.call(handlers.refresh_session, model.RefreshSessionRequest("r", kim.session_token))
    with pytest.raises(AlreadySignedIn):
        stage.call(handlers.invite_person, model.InvitePersonRequest("r2", north, person_id=kim.person_id), by=karin)
    for leader in ("lena", "lars", "karl"):
        stage.give(leader, Role.COORDINATOR, ScopeKind.ORGANISATION, north)
    lost = returns.AskForReturnRequest("r3", kim.person_id, returns.ReturnReason.LOST, None)
    agreed = returns.AgreeToReturnRequest("r4", kim.person_id, None)
    with pytest.raises(AnotherAdult):
        stage.call(returning.ask_for_return, lost, by=karin)
    stage.call(returning.ask_for_return, lost, by="lena")
    with pytest.raises(AnotherAdult):
        stage.call(returning.agree_to_return, agreed, by=karin)
    code = stage.call(returning.agree_to_return, agreed, by="lars").code
    waiting = stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r5", code))
    with pytest.raises(AnotherAdult):
        confirm(stage, waiting, karin)
    confirm(stage, waiting, "lena")
    assert waiting.person_id == kim.person_id
    assert drive(closed_before(stage.database, kim.person_id)) is not None
    stage.clock.advance(hours=72)
    go_on(stage)
    assert status(stage, asked).state is ErasureState.UNDONE
    assert not [one for one in stage.events if isinstance(one, ErasureDecided)]


def test_a_leader_of_the_group_undoes_it_too_and_nobody_else(
    stage: Stage, kim: model.DeviceSession, karin: str, kerstin: str
) -> None:
    """Not the leader of another group, not another school's coordinator, not oneself."""
    stage.give("lena", Role.LEADER, ScopeKind.GROUP, "oak")
    stage.give("maria", Role.LEADER, ScopeKind.GROUP, "elm")
    stage.give(kim.person_id, Role.PARTICIPANT, ScopeKind.GROUP, "oak")
    ask(stage, kim)
    for who, group in (("lena", None), ("maria", "oak"), ("maria", "elm"), (kerstin, None), (kim.person_id, "oak")):
        with pytest.raises(NotFound):
            stage.call(privacy.undo_erasure, UndoErasureRequest("r", kim.person_id, group), by=who)
    stage.call(privacy.undo_erasure, UndoErasureRequest("r", kim.person_id, "oak"), by="lena")


def test_what_is_too_late_or_was_never_asked_cannot_be_undone(stage: Stage, kim: model.DeviceSession, karin: str) -> None:
    """From the very moment on at which it is due, whether it was begun or not."""
    with pytest.raises(NothingToUndo):
        stage.call(privacy.undo_erasure, UndoErasureRequest("r", kim.person_id), by=karin)
    ask(stage, kim)
    stage.clock.advance(hours=72)
    with pytest.raises(NothingToUndo):
        stage.call(privacy.undo_erasure, UndoErasureRequest("r", kim.person_id), by=karin)


def test_nobody_is_signed_in_who_is_to_be_erased(stage: Stage, kim: model.DeviceSession, karin: str, north: str) -> None:
    """Whoever has the telephone, or an old code, does not get back in."""
    invitation = stage.call(handlers.invite_person, model.InvitePersonRequest("r", north), by=karin)
    ask(stage, kim)
    assert sign_in(stage, invitation.code, karin).person_id != kim.person_id
    with pytest.raises(AlreadySignedIn):
        stage.call(handlers.invite_person, model.InvitePersonRequest("r", north, person_id=kim.person_id), by=karin)


def test_no_way_in_leads_past_an_erasure(stage: Stage, kim: model.DeviceSession) -> None:
    """Whatever feature signs somebody in comes through the sessions, and they refuse."""
    ask(stage, kim)
    with stage.unit() as work:
        for begun in (
            sessions.begin(work, kim.person_id, Way.CODE),
            sessions.begin_waiting(work, kim.person_id, "an-invitation"),
        ):
            with pytest.raises(ErasureUnderWay):
                drive(begun)


def test_the_last_who_can_act_for_the_country_cannot_go(stage: Stage) -> None:
    """Somebody else has to be given the role first."""
    [line] = stage.start()
    nina = sign_in(stage, line.split()[-1])
    with pytest.raises(LastNational):
        ask(stage, nina)


def test_an_export_needs_the_device_and_is_refused_while_one_is_to_be_erased(stage: Stage, kim: model.DeviceSession) -> None:
    """A pass for ten minutes, which names the features to ask."""
    request = AllowExportRequest("r", kim.session_token)
    given = stage.call(privacy.allow_export, request, by=kim.person_id, session=kim.id)
    assert given.areas == ("people",)
    assert given.expire_time == stage.clock.now().add(minutes=10)
    with pytest.raises(NotThisDevice):
        stage.call(privacy.allow_export, AllowExportRequest("r", "guess"), by=kim.person_id, session=kim.id)
    ask(stage, kim)
    with pytest.raises(ErasureUnderWay):
        stage.call(privacy.allow_export, request, by=kim.person_id, session=kim.id)
