"""What may tell of somebody in danger: help at once, leaders decide, peers see nothing until then."""

from collections.abc import Iterator

import pytest
from mewe_chat import handlers, reports
from mewe_chat.checks.errors import ContactDetails, LinkNotAllowed, NotChecked
from mewe_chat.checks.shipped import CHECKS
from mewe_chat.events import MessageHeld, MessagePosted
from mewe_chat.model import (
    EditMessageRequest,
    OpenReportedMessageRequest,
    PostMessageRequest,
    PostMessageResponse,
    WatchMessagesRequest,
)
from mewe_chat.moderation import acting, held
from mewe_chat.moderation.errors import AlreadyDecided
from mewe_chat.moderation.model import (
    DecideHeldMessageRequest,
    HeldCause,
    HeldMessage,
    HeldState,
    ListActsAboutMeRequest,
    ListChecksRequest,
    ListHeldMessagesRequest,
    SetRoomOpenRequest,
)
from mewe_chat.moderation.rules import ActKind
from mewe_chat.plugin import mewe_feature
from mewe_chat.settings import ChatSettings
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.message_checks import NOTHING, Draft, MessageCheck, Verdict
from mewe_core.kit.testing import OAK, STRANGER, Stage
from mewe_core.safety.events import Reported

from .talking import gathered, listed, post, side_room

WORDS = "jag vill inte leva"


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The oak's group, with the checks that come with the chat."""
    with Stage(mewe_feature(), checks=CHECKS) as stage:
        gathered(stage, OAK)
        yield stage


def said(stage: Stage, text: str, *, by: str, room: str = OAK.group_id) -> PostMessageResponse:
    """Try to say something."""
    return stage.call(handlers.post_message, PostMessageRequest(stage.ids.new(), room, text), by=by)


def waiting(stage: Stage, *, by: str, room: str = OAK.group_id) -> list[HeldMessage]:
    """What somebody sees of what is held back."""
    return list(stage.call(held.list_held_messages, ListHeldMessagesRequest(room), by=by).held_messages)


def decided(stage: Stage, held_id: str, *, deliver: bool, by: str, reason: str = "") -> None:
    """Have a leader decide."""
    request = DecideHeldMessageRequest(stage.ids.new(), OAK.group_id, held_id, deliver, reason)
    stage.call(held.decide_held_message, request, by=by)


def watched(stage: Stage, *, by: str) -> list[str]:
    """What a stream shows."""
    return [one.text for one in stage.follow(handlers.watch_messages, WatchMessagesRequest(OAK.group_id), by=by)]


def test_words_of_acute_crisis_bring_help_and_are_seen_by_leaders_alone(stage: Stage) -> None:
    """They take no place in the room, and the concern has them frozen."""
    post(stage, "Hej", by="bo")
    answer = said(stage, WORDS, by="ada")
    assert answer.message is None
    assert answer.show_help
    assert watched(stage, by="bo") == ["Hej"]
    assert watched(stage, by="lena") == ["Hej"]
    (one,) = waiting(stage, by="lena")
    assert (one.id, one.author_id, one.text) == (answer.held_id, "ada", WORDS)
    assert (one.cause, one.state) == (HeldCause.CRISIS, HeldState.WAITING)
    assert [one.text for one in waiting(stage, by="ada")] == [WORDS]
    assert waiting(stage, by="bo") == []
    with pytest.raises(NotFound):
        waiting(stage, by=STRANGER)
    assert MessageHeld(OAK.group_id, answer.held_id) in stage.events


def test_a_concern_is_raised_by_rule_and_its_recipients_open_what_was_said(stage: Stage) -> None:
    """Under the report's key, with the newest messages of the room before it; reported by nobody."""
    post(stage, "Hej", by="bo")
    answer = said(stage, WORDS, by="ada")
    (told,) = [one for one in stage.events if isinstance(one, Reported)]
    assert (told.group_id, told.author_id, told.reporter_id) == (OAK.group_id, "ada", None)
    assert told.thing_id == answer.held_id
    stage.give("karin", Role.CONTACT, ScopeKind.CONCERN, told.report_id)
    opened = stage.call(reports.open_reported_message, OpenReportedMessageRequest("r", told.report_id), by="karin")
    assert [(one.author_id, one.text) for one in opened.messages] == [("bo", "Hej"), ("ada", WORDS)]
    with pytest.raises(NotFound):
        stage.call(reports.open_reported_message, OpenReportedMessageRequest("r", told.report_id), by="lena")


def test_a_country_may_do_without_the_concern_and_leaders_see_it_all_the_same() -> None:
    """By its setting."""
    with Stage(mewe_feature(), settings=ChatSettings(concern_on_crisis=False), checks=CHECKS) as stage:
        gathered(stage, OAK)
        assert said(stage, WORDS, by="ada").show_help
        assert [one for one in stage.events if isinstance(one, Reported)] == []
        assert len(waiting(stage, by="lars")) == 1


def test_a_leader_delivers_it_in_the_place_that_it_then_takes(stage: Stage) -> None:
    """Its author and words are as they were; the room has no gap."""
    answer = said(stage, WORDS, by="ada")
    post(stage, "Hej", by="bo")
    stage.clock.advance(minutes=5)
    decided(stage, answer.held_id, deliver=True, by="lena")
    assert [(one.sequence, one.author_id, one.text) for one in listed(stage, by="bo")] == [(1, "bo", "Hej"), (2, "ada", WORDS)]
    assert listed(stage, by="bo")[1].sent_at == stage.clock.now()
    (one,) = waiting(stage, by="lena")
    assert (one.text, one.state) == ("", HeldState.DELIVERED)


def test_one_that_is_not_delivered_is_seen_by_no_peer_and_its_author_is_told_why(stage: Stage) -> None:
    """The leader's reason is in what was decided about them."""
    answer = said(stage, WORDS, by="ada")
    decided(stage, answer.held_id, deliver=False, by="lena", reason="I will call you today")
    assert listed(stage, by="bo") == []
    (act,) = stage.call(acting.list_acts_about_me, ListActsAboutMeRequest(), by="ada").acts
    assert (act.kind, act.reason, act.leader_id) == (ActKind.KEPT_BACK, "I will call you today", "lena")
    with pytest.raises(AlreadyDecided):
        decided(stage, answer.held_id, deliver=True, by="lars")


@pytest.mark.parametrize("by", ["ada", "bo", STRANGER, OAK.coordinator])
def test_nobody_but_a_leader_decides(stage: Stage, by: str) -> None:
    """To everybody else there is nothing."""
    answer = said(stage, WORDS, by="ada")
    with pytest.raises(NotFound):
        decided(stage, answer.held_id, deliver=True, by=by)


def test_a_held_message_is_decided_in_its_own_room_alone(stage: Stage) -> None:
    """A leader of the group who names another room of it finds nothing."""
    answer = said(stage, WORDS, by="ada")
    request = DecideHeldMessageRequest("r", side_room("ada"), answer.held_id, True)
    with pytest.raises(NotFound):
        stage.call(held.decide_held_message, request, by="lena")


def test_where_leaders_alone_read_it_is_delivered_at_once_with_help_and_a_concern(stage: Stage) -> None:
    """In the side room nobody is to be kept from it; contact details and links are let through there."""
    room = side_room("ada")
    answer = said(stage, WORDS, by="ada", room=room)
    assert answer.message is not None
    assert answer.show_help
    assert [type(one) for one in stage.events[-2:]] == [MessagePosted, Reported]
    assert said(stage, "070-123 45 67, https://example.org", by="ada", room=room).message is not None


def test_a_closed_room_keeps_nobody_from_help(stage: Stage) -> None:
    """Whatever state the room is in: the writer gets help, and leaders see it."""
    closed = SetRoomOpenRequest("r", OAK.group_id, open=False)
    stage.call(acting.set_room_open, closed, by="lena")
    assert said(stage, WORDS, by="ada").show_help
    assert len(waiting(stage, by="lena")) == 1


def test_words_of_crisis_come_before_every_refusal(stage: Stage) -> None:
    """Who writes their number with them is not told of the number."""
    assert said(stage, f"{WORDS} ring 070-123 45 67", by="ada").show_help


@pytest.mark.parametrize(
    ("text", "reason"), [("ring 070-123 45 67", ContactDetails), ("kolla https://example.org", LinkNotAllowed)]
)
def test_contact_details_and_links_are_refused_to_participants_and_not_to_leaders(
    stage: Stage, text: str, reason: type[Exception]
) -> None:
    """In the group's room."""
    with pytest.raises(reason):
        said(stage, text, by="ada")
    assert said(stage, text, by="lena").message is not None


def test_new_words_of_a_message_are_checked_and_the_old_ones_stand_while_they_are_held(stage: Stage) -> None:
    """Delivered, they take their place."""
    message = post(stage, "Hej", by="ada")

    def edited(text: str) -> PostMessageResponse:
        request = EditMessageRequest(stage.ids.new(), OAK.group_id, message.id, text)
        return stage.call(handlers.edit_message, request, by="ada")

    with pytest.raises(ContactDetails):
        edited("0701234567")
    answer = edited(WORDS)
    assert answer.show_help
    assert [one.text for one in listed(stage, by="bo")] == ["Hej"]
    assert waiting(stage, by="lena")[0].message_id == message.id
    decided(stage, answer.held_id, deliver=True, by="lena")
    assert [(one.sequence, one.text) for one in listed(stage, by="bo")] == [(1, WORDS)]


def broken(draft: Draft) -> Verdict:
    """A check that fails."""
    raise RuntimeError(draft.text)


def fine(draft: Draft) -> Verdict:
    """A check that finds nothing."""
    return NOTHING


def check(look: object, *, crisis: bool) -> MessageCheck:
    """A check of a plugin."""
    return MessageCheck(name="crisis-words", order=1, package="mewe_chat", look=look, crisis=crisis, quick=True)  # type: ignore[arg-type]


def test_a_check_for_people_in_danger_that_fails_shows_help_and_leaders_get_the_text() -> None:
    """Held back, and no concern of everything that anybody says while it is broken."""
    with Stage(mewe_feature(), checks=(check(broken, crisis=True),)) as stage:
        gathered(stage, OAK)
        answer = said(stage, "Hej", by="ada")
        assert answer.show_help
        assert answer.message is None
        assert [(one.text, one.cause) for one in waiting(stage, by="lena")] == [("Hej", HeldCause.NOT_CHECKED)]
        assert [one for one in stage.events if isinstance(one, Reported)] == []


def test_another_check_that_fails_lets_nothing_through() -> None:
    """The writer may try again."""
    with Stage(mewe_feature(), checks=(check(broken, crisis=False), check(fine, crisis=False))) as stage:
        gathered(stage, OAK)
        with pytest.raises(NotChecked):
            said(stage, "Hej", by="ada")
        assert listed(stage, by="bo") == []


def test_who_is_no_member_learns_nothing_from_a_check(stage: Stage) -> None:
    """There is no such room, whatever they write."""
    for text in ("Hej", WORDS, "070-123 45 67"):
        with pytest.raises(NotFound):
            said(stage, text, by=STRANGER)


def test_everybody_may_know_which_checks_run(stage: Stage) -> None:
    """In a plain sentence of their language; also without signing in."""
    for language, word in (("sv", "Telefonnummer"), ("en", "Telephone"), ("", "Telephone")):
        checks = stage.call(held.list_checks, ListChecksRequest(language)).checks
        assert [one.name for one in checks] == ["crisis-words", "contact-details", "links"]
        assert checks[1].sentence.startswith(word)
        assert [one.crisis for one in checks] == [True, False, False]


def test_a_deployment_leaves_a_check_out_by_its_name_and_names_sites() -> None:
    """It is not announced then; a name that is none stops the start."""
    settings = ChatSettings(without_checks=("contact-details",), sites=("example.org",))
    with Stage(mewe_feature(), settings=settings, checks=CHECKS) as stage:
        gathered(stage, OAK)
        assert said(stage, "070-123 45 67", by="ada").message is not None
        assert said(stage, "https://www.example.org", by="ada").message is not None
        with pytest.raises(LinkNotAllowed):
            said(stage, "https://example.com", by="ada")
        assert [one.name for one in stage.call(held.list_checks, ListChecksRequest()).checks] == ["crisis-words", "links"]
    with pytest.raises(Exception, match="there is no check"):
        Stage(mewe_feature(), settings=ChatSettings(without_checks=("nothing",)), checks=CHECKS)
