"""Whoever signs a person out takes no veto from them by it: they have no further part in bringing them back."""

import pytest
from attrs import define
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.testing import Stage
from mewe_core.people import handlers, model
from mewe_core.people.errors import AnotherAdult, CodeNotGood, ReturnNotOpen
from mewe_core.people.returning import handlers as returning
from mewe_core.people.returning import model as m
from mewe_core.people.signing_out.handlers import end_sessions_of_person
from mewe_core.people.signing_out.model import EndSessionsOfPersonRequest
from mewe_core.people.testing import confirm, sign_in

ANNA, BO, CILLA = "anna", "bo", "cilla"


@define
class Elm:
    """A group: kim takes part, anna, bo and cilla lead."""

    stage: Stage
    kim: model.DeviceSession

    def sign_out(self, by: str) -> int:
        """Every device of kim's."""
        request = EndSessionsOfPersonRequest("r", self.kim.person_id, "elm")
        return self.stage.call(end_sessions_of_person, request, by=by).ended

    def ask(self, by: str) -> m.Return:
        """Somebody says that kim is to come back."""
        request = m.AskForReturnRequest("r", self.kim.person_id, m.ReturnReason.SIGNED_OUT, "elm")
        return self.stage.call(returning.ask_for_return, request, by=by)

    def agree(self, by: str) -> str:
        """Somebody agrees, and has the code."""
        request = m.AgreeToReturnRequest("r", self.kim.person_id, "elm")
        return self.stage.call(returning.agree_to_return, request, by=by).code

    def redeem(self, code: str) -> model.DeviceSession:
        """On whoever's device."""
        return self.stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", code))

    def confirm(self, session: model.DeviceSession, by: str) -> None:
        """Somebody says that it is kim's."""
        confirm(self.stage, session, by, group_id="elm")


@pytest.fixture
def elm(stage: Stage, karin: str, north: str) -> Elm:
    """Everybody is there."""
    code = stage.call(handlers.invite_person, model.InvitePersonRequest("r", north), by=karin).code
    kim = sign_in(stage, code, karin)
    stage.give(kim.person_id, Role.PARTICIPANT, ScopeKind.GROUP, "elm")
    for one in (ANNA, BO, CILLA):
        stage.give(one, Role.LEADER, ScopeKind.GROUP, "elm")
    return Elm(stage, kim)


@pytest.mark.parametrize("days", [0, 1, 29, 31, 400])
def test_who_signed_somebody_out_does_not_ask_for_their_return(elm: Elm, days: int) -> None:
    """However long they wait: the person sees nothing of it and can refuse nothing until they are back."""
    assert elm.sign_out(ANNA) == 1
    elm.stage.clock.advance(days=days)
    with pytest.raises(AnotherAdult):
        elm.ask(ANNA)
    elm.ask(BO)


def test_who_signed_somebody_out_does_not_agree(elm: Elm) -> None:
    """Or they would have the code of somebody who cannot refuse."""
    elm.sign_out(ANNA)
    elm.ask(BO)
    with pytest.raises(AnotherAdult):
        elm.agree(ANNA)
    elm.agree(CILLA)


def test_who_signed_somebody_out_does_not_confirm(elm: Elm) -> None:
    """Or a code that was handed to them in good faith would make them the person."""
    elm.sign_out(ANNA)
    elm.ask(BO)
    session = elm.redeem(elm.agree(CILLA))
    with pytest.raises(AnotherAdult):
        elm.confirm(session, ANNA)
    elm.confirm(session, BO)


def test_a_return_that_they_asked_for_before_is_over(elm: Elm) -> None:
    """The other way round it comes to the same: asked first, signed out then. Others ask anew."""
    elm.ask(ANNA)
    elm.sign_out(ANNA)
    with pytest.raises(ReturnNotOpen):
        elm.agree(BO)
    elm.ask(BO)
    elm.agree(CILLA)


def test_a_code_that_they_had_before_is_worthless(elm: Elm) -> None:
    """Agreed first, signed out then: whether it was redeemed already or not."""
    elm.ask(BO)
    code = elm.agree(ANNA)
    elm.sign_out(ANNA)
    with pytest.raises(CodeNotGood):
        elm.redeem(code)


def test_a_return_of_others_goes_on(elm: Elm) -> None:
    """Signing somebody out undoes nothing that others have begun."""
    elm.ask(BO)
    session = elm.redeem(elm.agree(CILLA))
    elm.sign_out(ANNA)
    with pytest.raises(AnotherAdult):
        elm.confirm(session, ANNA)
    elm.confirm(session, BO)


def test_who_is_back_can_refuse_again_and_all_may_ask(elm: Elm) -> None:
    """It is forgotten who signed them out; whoever does it anew is out of it anew, and so is each who did."""
    elm.sign_out(ANNA)
    elm.ask(BO)
    elm.confirm(elm.redeem(elm.agree(CILLA)), BO)
    elm.ask(ANNA)
    elm.stage.call(returning.refuse_return, m.RefuseReturnRequest("r"), by=elm.kim.person_id)
    elm.sign_out(ANNA)
    for one in (ANNA, elm.kim.person_id):
        with pytest.raises((AnotherAdult, NotFound)):
            elm.ask(one)
    elm.ask(CILLA)


def test_a_leader_of_a_group_they_were_only_invited_for_signs_nobody_out(stage: Stage, karin: str, north: str) -> None:
    """Only one of a group that the person is in: an invitation of long ago makes nobody's business of it."""
    request = model.InvitePersonRequest("r", north, group_id="elm")
    mia = sign_in(stage, stage.call(handlers.invite_person, request, by=karin).code, karin).person_id
    stage.give(ANNA, Role.LEADER, ScopeKind.GROUP, "elm")
    out = EndSessionsOfPersonRequest("r", mia, "elm")
    with pytest.raises(NotFound):
        stage.call(end_sessions_of_person, out, by=ANNA)
    stage.give(mia, Role.PARTICIPANT, ScopeKind.GROUP, "elm")
    assert stage.call(end_sessions_of_person, out, by=ANNA).ended == 1
