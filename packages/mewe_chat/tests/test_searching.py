"""Searching: what stands in one's rooms since one joined, newest first, a bounded number of messages a call."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as draw
from mewe_chat import handlers, searching
from mewe_chat.model import DeleteMessageRequest, SearchMessagesRequest
from mewe_chat.plugin import mewe_feature
from mewe_chat.searching import matches, normal
from mewe_core.kit.access import Caller, Purpose, Role, ScopeKind
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.paging import token
from mewe_core.kit.testing import ELM, OAK, STRANGER, Stage, drive

from .talking import acknowledged, gathered, post, side_room


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Two groups that run."""
    with Stage(mewe_feature()) as stage:
        gathered(stage, OAK, ELM)
        yield stage


def found(stage: Stage, words: str, *, by: str, room: str | None = None, page_size: int = 2) -> list[str]:
    """What somebody finds, page after page."""
    texts, page_token = list[str](), ""
    for _ in range(1000):
        page = stage.call(searching.search_messages, SearchMessagesRequest(words, room, page_size, page_token), by=by)
        assert len(page.messages) <= page_size
        texts += [one.text for one in page.messages]
        page_token = page.next_page_token
        if not page_token:
            return texts
    raise AssertionError("the search never ends")


def test_each_of_the_words_stands_in_it_newest_first(stage: Stage) -> None:
    """In any order and case, in all of one's rooms, and in one."""
    for text, by, room in (
        ("The dog is ill", "ada", OAK.group_id),
        ("my DOG too", "ada", side_room("ada")),
        ("a cat", "bo", OAK.group_id),
        ("Ill, a dog?", "bo", OAK.group_id),
        ("the dog of another", "bo", side_room("bo")),
    ):
        stage.clock.advance(minutes=1)
        post(stage, text, by=by, room=room)
    assert found(stage, "dog", by="ada") == ["Ill, a dog?", "my DOG too", "The dog is ill"]
    assert found(stage, "ill DOG", by="ada") == ["Ill, a dog?", "The dog is ill"]
    assert found(stage, "dog", by="ada", room=side_room("ada")) == ["my DOG too"]
    assert found(stage, "dog", by="lena", page_size=50)[0] == "the dog of another"
    assert found(stage, "dog", by=STRANGER) == found(stage, "horse", by="ada") == []


@pytest.mark.parametrize("who", ["bo", STRANGER, ELM.leaders[0], OAK.coordinator])
def test_a_room_one_is_not_in_is_not_there(stage: Stage, who: str) -> None:
    """Also where it is named."""
    post(stage, "the dog", by="ada", room=side_room("ada"))
    with pytest.raises(NotFound):
        found(stage, "dog", by=who, room=side_room("ada"))
    assert found(stage, "dog", by=who) == []


def test_nothing_is_found_from_before_one_came_nor_what_was_deleted(stage: Stage) -> None:
    """Nor without consent, nor after leaving."""
    post(stage, "old dog", by="ada")
    stage.clock.advance(days=1)
    standing = stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    stage.consent("frida", Purpose.CHAT)
    gone = post(stage, "gone dog", by="ada")
    post(stage, "new dog", by="ada")
    stage.call(handlers.delete_message, DeleteMessageRequest("r", OAK.group_id, gone.id), by="ada")
    assert found(stage, "dog", by="frida") == ["new dog"]
    stage.consent("frida", Purpose.CHAT, covered=False)
    assert found(stage, "dog", by="frida") == []
    stage.consent("frida", Purpose.CHAT)
    joined, now = stage.clock.now(), stage.clock.advance(days=1)
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, since=joined, until=now, standing_id=standing)
    assert found(stage, "dog", by="frida") == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=draw.lists(draw.tuples(draw.integers(0, 2), draw.booleans(), draw.integers(0, 1)), max_size=30),
    size=draw.integers(1, 4),
    bound=draw.sampled_from([1, 2, 7, 500]),
)
def test_every_page_goes_on_where_the_one_before_stopped(said: list[tuple[int, bool, int]], size: int, bound: int) -> None:
    """Whatever was said where, at the same moment or not, and however little is looked at a call: each is found once."""
    with Stage(mewe_feature()) as stage:
        gathered(stage, OAK)
        places, wanted = (OAK.group_id, side_room("ada"), side_room("bo")), list[tuple[int, str, int, str]]()
        for number, (where, fits, seconds) in enumerate(said):
            stage.clock.advance(seconds=seconds)
            message = post(stage, f"{'dog' if fits else 'cat'} {number}", by="lena", room=places[where])
            if fits:
                wanted.append((message.sent_at.timestamp(), message.room_id, message.sequence, message.text))
        texts, page_token = list[str](), ""
        for _ in range(100):
            with stage.unit() as work:
                work.caller = Caller("lena", "device", "SE")
                request = SearchMessagesRequest("dog", None, size, page_token)
                page = drive(searching.looked_for(request, work, at_once=bound, least=min(bound, 2)))
            texts += [one.text for one in page.messages]
            page_token = page.next_page_token
            if not page_token:
                break
        assert texts == [one[3] for one in sorted(wanted, reverse=True)]


@pytest.mark.parametrize(
    ("text", "words", "fits"),
    [
        ("Straße", "STRASSE", True),
        ("ﬁnally", "finally", True),
        ("Åsa", "a\u030asa", True),
        ("ＤＯＧ", "dog", True),
        ("dogs", "dog", True),
        ("İstanbul", "i̇stanbul", True),
        ("cat", "dog", False),
        ("dog", "dog cat", False),
    ],
)
def test_what_one_reads_as_the_same_is_the_same(text: str, words: str, fits: bool) -> None:
    """However it is written."""
    assert matches(text, normal(words).split()) == fits


@pytest.mark.parametrize("words", ["", "x", " ", "   ", "x" * 201])
def test_what_are_no_words_is_refused(stage: Stage, words: str) -> None:
    """Too few, too many, or none."""
    with pytest.raises(Invalid):
        found(stage, words, by="ada")


@pytest.mark.parametrize("position", ["", "x", "1", "1 2", "1 x room", "-1 2 room", f"{10**30} 1 room", "１ 2 room"])
def test_a_token_that_was_not_given_is_refused_or_begins_anew(stage: Stage, position: str) -> None:
    """And never an error of another kind."""
    post(stage, "dog", by="ada")
    for list_name in ("messages with words in ", "rooms"):
        request = SearchMessagesRequest("dog", None, 2, token(list_name, position))
        try:
            assert len(stage.call(searching.search_messages, request, by="ada").messages) <= 1
        except Invalid:
            continue
        assert list_name != "rooms" or not position


def test_the_words_are_not_shown_where_a_search_is_written_down(stage: Stage) -> None:
    """What one looks for says as much as what one writes."""
    acknowledged(stage, "ada", OAK.group_id)
    assert "canary" not in repr(SearchMessagesRequest("canary"))
