"""Whoever has lost their device comes back, and nobody becomes somebody else by it."""

from itertools import product

import pytest
from attrs import define
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.earlier import EarlierClosed, closed_before
from mewe_core.kit.errors import Failure, NotFound
from mewe_core.kit.standing import SessionEnded
from mewe_core.kit.testing import Stage, drive
from mewe_core.people import handlers, model
from mewe_core.people.errors import (
    AlreadySignedIn,
    AnotherAdult,
    NeverSignedIn,
    NothingClosed,
    NothingToConfirm,
    ReturnAsked,
    ReturnNotOpen,
    RoleNotYours,
    SessionOver,
    WordsNotRight,
)
from mewe_core.people.returning import handlers as returning
from mewe_core.people.returning import model as m
from mewe_core.people.testing import confirm, sign_in

LENA, LARS = "lena", "lars"


@define
class Oak:
    """A group of the school in the north: ada takes part, lena and lars lead, karin coordinates."""

    stage: Stage
    ada: model.DeviceSession
    karin: str
    nina: str
    north: str

    def ask(self, by: str, group: str | None = "oak", person: str = "") -> m.Return:
        """Somebody says that ada has lost her device."""
        request = m.AskForReturnRequest("r", person or self.ada.person_id, m.ReturnReason.LOST, group)
        return self.stage.call(returning.ask_for_return, request, by=by)

    def agree(self, by: str, group: str | None = "oak") -> model.Invitation:
        """Somebody agrees, and has the code."""
        return self.stage.call(returning.agree_to_return, m.AgreeToReturnRequest("r", self.ada.person_id, group), by=by)

    def redeem(self, code: str) -> model.DeviceSession:
        """The new device."""
        return self.stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", code))

    def back(self) -> model.DeviceSession:
        """Ada is back: lena asked, lars agreed, lena confirmed."""
        self.ask(LENA)
        session = self.redeem(self.agree(LARS).code)
        confirm(self.stage, session, LENA, group_id="oak")
        return session

    def show(self) -> str:
        """The words that ada shows."""
        return self.stage.call(returning.ask_to_reopen, m.AskToReopenRequest("r"), by=self.ada.person_id).words

    def reopen(self, by: str, words: str, group: str | None = "oak") -> None:
        """Somebody sees them."""
        request = m.ReopenEarlierRequest("r", self.ada.person_id, words, group)
        self.stage.call(returning.reopen_earlier, request, by=by)

    def me(self) -> model.Me:
        """What ada is told."""
        return self.stage.call(handlers.get_me, model.GetMeRequest(), by=self.ada.person_id)

    def refresh(self, session: model.DeviceSession) -> None:
        """A new access token."""
        self.stage.call(handlers.refresh_session, model.RefreshSessionRequest("r", session.session_token))

    def closed(self) -> bool:
        """Whether what ada kept is closed."""
        return drive(closed_before(self.stage.database, self.ada.person_id)) is not None


@pytest.fixture
def oak(stage: Stage, nina: str, karin: str, north: str) -> Oak:
    """Everybody is there."""
    code = stage.call(handlers.invite_person, model.InvitePersonRequest("r", north), by=karin).code
    ada = sign_in(stage, code, karin)
    stage.give(ada.person_id, Role.PARTICIPANT, ScopeKind.GROUP, "oak")
    for one in (LENA, LARS):
        stage.give(one, Role.LEADER, ScopeKind.GROUP, "oak")
    return Oak(stage, ada, karin, nina, north)


def refused(call: object, *arguments: object) -> type[Failure]:
    """Why."""
    with pytest.raises(Failure) as found:
        call(*arguments)  # type: ignore[operator]
    return type(found.value)


def test_a_plain_invitation_brings_nobody_back(oak: Oak) -> None:
    """Whoever has signed in is not invited again by one adult."""
    request = model.InvitePersonRequest("r", oak.north, person_id=oak.ada.person_id)
    with pytest.raises(AlreadySignedIn):
        oak.stage.call(handlers.invite_person, request, by=oak.karin)


def test_somebody_comes_back_with_two_adults(oak: Oak) -> None:
    """The person stays the same; the old device goes on until the new one is confirmed, and is signed out then."""
    oak.ask(LENA)
    session = oak.redeem(oak.agree(LARS).code)
    assert session.person_id == oak.ada.person_id
    oak.refresh(oak.ada)
    told = len(oak.stage.events)
    confirm(oak.stage, session, LENA, group_id="oak")
    now = oak.stage.clock.now()
    [ended, closed] = oak.stage.events[told:]
    assert ended == SessionEnded(oak.ada.id, now)
    assert isinstance(closed, EarlierClosed)
    assert (closed.person_id, closed.before) == (oak.ada.person_id, now)
    with pytest.raises(SessionOver):
        oak.refresh(oak.ada)
    oak.refresh(session)
    assert oak.me().closed_before == now


@pytest.mark.parametrize(("asks", "agrees"), list(product((LENA, LARS, "karin", "nina"), repeat=2)))
def test_who_asks_does_not_agree(oak: Oak, asks: str, agrees: str) -> None:
    """Two different adults, whatever they are: leaders name their group, others need not."""
    who = {LENA: (LENA, "oak"), LARS: (LARS, "oak"), "karin": (oak.karin, None), "nina": (oak.nina, None)}
    oak.ask(*who[asks])
    if asks == agrees:
        assert refused(oak.agree, *who[agrees]) is AnotherAdult
    else:
        oak.redeem(oak.agree(*who[agrees]).code)


def test_who_has_the_code_does_not_confirm(oak: Oak) -> None:
    """Or one adult could ask another in good faith, and be the child by themselves."""
    oak.ask(LENA)
    session = oak.redeem(oak.agree(LARS).code)
    with pytest.raises(AnotherAdult):
        confirm(oak.stage, session, LARS, group_id="oak")
    oak.refresh(oak.ada)
    confirm(oak.stage, session, oak.karin)


def test_nobody_does_any_of_it_for_themselves(oak: Oak) -> None:
    """Not even with a role: the coordinator's own return is others' business."""
    person = oak.karin
    assert refused(oak.ask, person, None, person) is AnotherAdult
    oak.ask(oak.nina, None, person)
    agree = m.AgreeToReturnRequest("r", person)
    with pytest.raises(AnotherAdult):
        oak.stage.call(returning.agree_to_return, agree, by=person)


def test_leaders_bring_back_no_staff(oak: Oak) -> None:
    """Whoever holds a role in the organisation comes back as the role is given, though they take part in a group."""
    oak.stage.give(oak.karin, Role.PARTICIPANT, ScopeKind.GROUP, "oak")
    assert refused(oak.ask, LENA, "oak", oak.karin) is RoleNotYours


def test_others_see_nobody(oak: Oak, kerstin: str) -> None:
    """A leader of another group, one who does not name theirs, a coordinator of another organisation."""
    oak.stage.give("mats", Role.LEADER, ScopeKind.GROUP, "elm")
    for by, group in (("mats", "elm"), ("mats", "oak"), ("mats", None), (LENA, None), (kerstin, None), (kerstin, "oak")):
        assert refused(oak.ask, by, group) is NotFound
        assert refused(oak.agree, by, group) is NotFound
        assert refused(oak.reopen, by, "bako-fimo", group) is NotFound


def test_the_person_sees_it_and_can_refuse(oak: Oak) -> None:
    """On a device that they still have: the code is worthless from then on, and so is a device that waits."""
    assert oak.me().return_ask_time is None
    oak.ask(LENA)
    assert oak.me().return_ask_time == oak.stage.clock.now()
    session = oak.redeem(oak.agree(LARS).code)
    oak.stage.call(returning.refuse_return, m.RefuseReturnRequest("r"), by=oak.ada.person_id)
    with pytest.raises(NothingToConfirm):
        confirm(oak.stage, session, LENA, group_id="oak")
    oak.refresh(oak.ada)
    assert (oak.me().return_ask_time, oak.closed()) == (None, False)
    with pytest.raises(ReturnNotOpen):
        oak.stage.call(returning.refuse_return, m.RefuseReturnRequest("r"), by=oak.ada.person_id)


def test_a_return_is_asked_for_once_and_lapses_after_three_days(oak: Oak) -> None:
    """Then it can be asked for anew; the code of the first is worthless."""
    oak.ask(LENA)
    assert refused(oak.ask, LARS) is ReturnAsked
    session = oak.redeem(oak.agree(LARS).code)
    assert refused(oak.agree, LARS) is ReturnNotOpen
    oak.stage.clock.advance(days=3)
    with pytest.raises(NothingToConfirm):
        confirm(oak.stage, session, LENA, group_id="oak")
    assert refused(oak.agree, oak.karin, None) is ReturnNotOpen
    oak.back()


def test_who_never_signed_in_is_invited_instead(oak: Oak) -> None:
    """There is nothing to come back to."""
    person = oak.stage.call(handlers.invite_person, model.InvitePersonRequest("r", oak.north), by=oak.karin).person_id
    assert refused(oak.ask, oak.karin, None, person) is NeverSignedIn


def test_what_was_kept_is_opened_with_another_adult_than_the_one_who_asked(oak: Oak) -> None:
    """The person asks for it, shows two words, and the adult says which."""
    assert refused(oak.show) is NothingClosed
    oak.back()
    assert refused(oak.reopen, LARS, "bako-fimo") is NothingClosed
    words = oak.show()
    assert refused(oak.reopen, LENA, words) is AnotherAdult
    assert refused(oak.reopen, oak.ada.person_id, words) is NotFound
    assert oak.closed()
    oak.reopen(LARS, words)
    assert not oak.closed()
    assert oak.me().closed_before is None
    assert refused(oak.reopen, LARS, words) is NothingClosed


def test_five_wrong_words_open_nothing(oak: Oak) -> None:
    """Each counts; then the person has to show others."""
    oak.back()
    words = oak.show()
    for _ in range(5):
        assert refused(oak.reopen, LARS, "bako-fimo") is WordsNotRight
    assert refused(oak.reopen, LARS, words) is NothingClosed
    assert refused(oak.reopen, LARS, oak.show()[:4]) is WordsNotRight
    oak.reopen(LARS, oak.show())


def test_nobody_who_asked_for_any_return_since_opens(oak: Oak) -> None:
    """A second return does not make the first one's asker somebody else; all of it is opened at once."""
    oak.back()
    oak.stage.clock.advance(days=1)
    oak.ask(LARS)
    session = oak.redeem(oak.agree(oak.karin, None).code)
    confirm(oak.stage, session, LENA, group_id="oak")
    assert oak.me().closed_before == oak.stage.clock.now()
    words = oak.show()
    for by in (LENA, LARS):
        assert refused(oak.reopen, by, words) is AnotherAdult
    oak.reopen(oak.karin, words, None)
    assert not oak.closed()


def test_who_is_to_come_back_is_seen_by_those_who_decide(oak: Oak) -> None:
    """One by its person for leaders; all of an organisation for coordinators."""
    asked = oak.ask(LENA)
    one = m.GetReturnRequest(oak.ada.person_id, "oak")
    assert oak.stage.call(returning.get_return, one, by=LARS) == asked
    for size in (0, 1):
        page = oak.stage.call(returning.list_returns, m.ListReturnsRequest(oak.north, size), by=oak.karin)
        assert page.returns == (asked,)
    oak.stage.clock.advance(days=3)
    with pytest.raises(NotFound):
        oak.stage.call(returning.get_return, one, by=LARS)
    assert oak.stage.call(returning.list_returns, m.ListReturnsRequest(oak.north), by=oak.karin).returns == ()
