"""What is said is kept sealed, and what can be opened no more is shown as removed, in its place."""

from collections.abc import Iterator

import pytest
from mewe_chat import handlers, sealed, store
from mewe_chat.model import Message, MessageState, PostMessageRequest, WatchMessagesRequest
from mewe_chat.plugin import mewe_feature
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.testing import OAK, Stage, drive
from sqlalchemy import select, update

from .talking import gathered, listed, post


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A group in which three people have spoken in turn, twice."""
    with Stage(mewe_feature()) as stage:
        gathered(stage, OAK)
        for number, who in enumerate(("ada", "bo", "lena", "ada", "bo", "lena"), start=1):
            post(stage, f"canary {number}", by=who)
        yield stage


def followed(stage: Stage, *, by: str, page_size: int = 2) -> list[Message]:
    """Everything that somebody is shown by a stream."""
    return stage.follow(handlers.watch_messages, WatchMessagesRequest(OAK.group_id), by=by, page_size=page_size)


def is_erased(message: Message) -> bool:
    """Whether its words can be opened no more."""
    return message.state is MessageState.ERASED


def shown(messages: list[Message]) -> list[tuple[int, str, str]]:
    """Place, author and words; a removed one has neither of the two."""
    assert all(is_erased(one) == (not one.text) == (not one.author_id) for one in messages)
    return [(one.sequence, one.author_id, one.text) for one in messages]


def test_the_words_do_not_stand_in_the_database(stage: Stage) -> None:
    """Whoever has the database alone reads none of them."""
    kept = stage.all(select(store.MESSAGE.c.sealed_text), bytes)
    assert len(kept) == 6
    assert all(b"canary" not in one for one in kept)


def test_the_words_are_not_shown_where_a_message_is_written_down() -> None:
    """A message in a log or an error has no words."""
    message = Message("m", "r", "ada", "canary", Stage(mewe_feature()).clock.now(), 1)
    assert "canary" not in repr(message) + repr(PostMessageRequest("r", "room", "canary"))


@pytest.mark.parametrize("way", [listed, followed])
def test_what_somebody_erased_has_said_is_removed_and_its_place_stays(stage: Stage, way: object) -> None:
    """Neither their words nor who they were; everybody else's are there, and no sequence is missing."""
    drive(stage.sealing.destroy("ada"))
    expected = [(1, "", ""), (2, "bo", "canary 2"), (3, "lena", "canary 3"), (4, "", ""), (5, "bo", "canary 5")]
    messages = listed(stage, by="bo") if way is listed else followed(stage, by="bo")
    assert shown(messages) == [*expected, (6, "lena", "canary 6")]


def test_the_key_of_the_chat_alone_is_enough(stage: Stage) -> None:
    """Another purpose of the same person has a key of its own."""
    drive(stage.sealing.destroy("ada", "concern"))
    assert not any(is_erased(one) for one in listed(stage, by="bo"))
    drive(stage.sealing.destroy("ada", sealed.PURPOSE))
    assert [one.sequence for one in listed(stage, by="bo") if is_erased(one)] == [1, 4]


def test_a_row_that_was_cleared_is_removed(stage: Stage) -> None:
    """Also while the key is still there, and also where the author is not known any more."""
    change = update(store.MESSAGE).where(store.MESSAGE.c.author_id == "bo")
    drive(stage.database.execute(change.values(author_id="", sealed_text=b"")))
    assert [one.sequence for one in listed(stage, by="lena") if is_erased(one)] == [2, 5]


def test_words_that_somebody_put_into_another_row_are_not_shown(stage: Stage) -> None:
    """What was sealed is bound to its row; one that was changed stands in nobody's way."""
    words = stage.all(select(store.MESSAGE.c.sealed_text).where(store.MESSAGE.c.sequence == 1), bytes)[0]
    drive(stage.database.execute(update(store.MESSAGE).where(store.MESSAGE.c.sequence == 4).values(sealed_text=words)))
    assert [(one.sequence, is_erased(one)) for one in listed(stage, by="bo")] == [(n, n == 4) for n in range(1, 7)]


def test_what_is_said_after_a_key_was_destroyed_has_a_new_one(stage: Stage) -> None:
    """What the old one sealed stays removed, without an error."""
    drive(stage.sealing.destroy("ada"))
    post(stage, "canary 7", by="ada")
    assert [one.sequence for one in listed(stage, by="bo") if is_erased(one)] == [1, 4]
    assert listed(stage, by="bo")[-1].text == "canary 7"


def test_who_joins_later_meets_no_removed_message_from_before(stage: Stage) -> None:
    """Where one begins to read does not move by an erasure."""
    stage.clock.advance(days=1)
    drive(stage.sealing.destroy("lena"))
    stage.consent("frida", Purpose.CHAT)
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    assert listed(stage, by="frida") == followed(stage, by="frida") == []
