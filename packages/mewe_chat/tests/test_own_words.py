"""Changing and taking back what one said: one's own alone, with a mark, and seen by whoever follows."""

from collections.abc import Iterator

import pytest
from attrs import evolve
from mewe_chat import handlers, messages, reports, sealed, store
from mewe_chat.errors import LimitNotAcknowledged, MessageGone, RoomClosed
from mewe_chat.events import MessageChanged
from mewe_chat.model import (
    DeleteMessageRequest,
    EditMessageRequest,
    ListMessagesRequest,
    Message,
    MessageState,
    OpenReportedMessageRequest,
    ReportMessageRequest,
    WatchMessagesRequest,
)
from mewe_chat.plugin import mewe_feature
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.errors import ConsentMissing, Invalid, NotFound
from mewe_core.kit.testing import ELM, OAK, STRANGER, Stage, drive
from mewe_core.programme.events import GroupState
from sqlalchemy import select, update

from .talking import acknowledged, gathered, listed, post, side_room, told


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A group that runs, and another."""
    with Stage(mewe_feature()) as stage:
        gathered(stage, OAK, ELM)
        yield stage


def edit(stage: Stage, message: Message, text: str, *, by: str, room: str | None = None) -> Message:
    """Change a message; as it stands then."""
    request = EditMessageRequest(stage.ids.new(), room or message.room_id, message.id, text)
    changed = stage.call(handlers.edit_message, request, by=by).message
    assert changed is not None
    return changed


def delete(stage: Stage, message: Message, *, by: str, room: str | None = None) -> Message:
    """Delete a message; as it stands then."""
    return stage.call(
        handlers.delete_message, DeleteMessageRequest(stage.ids.new(), room or message.room_id, message.id), by=by
    )


def hide(stage: Stage, message: Message, state: MessageState = MessageState.HIDDEN) -> None:
    """Let a message stand otherwise, as a leader's act does."""
    with stage.unit() as work:
        kept = drive(store.message(stage.database, message.id))
        assert kept is not None
        drive(messages.change(work, evolve(kept, state=state)))


def followed(stage: Stage, after: int = 0, *, by: str = "bo", room: str = OAK.group_id) -> list[Message]:
    """What a stream gives behind a cursor."""
    return stage.follow(handlers.watch_messages, WatchMessagesRequest(room, after), by=by, page_size=2)


def test_an_edited_message_keeps_its_place_and_bears_a_mark(stage: Stage) -> None:
    """Its words are the new ones, wherever it is read; that it was changed is told without them."""
    first, second = post(stage, "Helo", by="ada"), post(stage, "Hi", by="bo")
    now = stage.clock.advance(minutes=1)
    changed = edit(stage, first, "Hello", by="ada")
    assert changed == evolve(first, text="Hello", edited_time=now)
    assert listed(stage, by="bo") == [changed, second]
    assert stage.events[-1] == MessageChanged(OAK.group_id, first.id)
    kept = stage.all(select(store.MESSAGE.c.sealed_text), bytes)
    assert not any(b"Helo" in one or b"Hello" in one for one in kept)


def test_a_deleted_message_keeps_its_place_and_no_words(stage: Stage) -> None:
    """Neither sealed nor open; who said it is still known. A second time changes nothing."""
    first, second = post(stage, "Oh no", by="ada"), post(stage, "Hi", by="bo")
    gone = delete(stage, first, by="ada")
    assert gone == evolve(first, text="", state=MessageState.DELETED)
    assert listed(stage, by="bo") == [gone, second]
    assert stage.all(select(store.MESSAGE.c.sealed_text).where(store.MESSAGE.c.id == first.id), bytes) == [b""]
    events = len(stage.events)
    assert delete(stage, first, by="ada") == gone
    assert len(stage.events) == events
    with pytest.raises(MessageGone):
        edit(stage, first, "Back again", by="ada")


@pytest.mark.parametrize("who", ["bo", "lena", STRANGER, ELM.leaders[0], OAK.coordinator])
def test_nobody_changes_what_another_said(stage: Stage, who: str) -> None:
    """A leader hides or removes it; to others it looks as if there were nothing."""
    message = post(stage, "Mine", by="ada")
    with pytest.raises(NotFound):
        edit(stage, message, "Yours", by=who)
    with pytest.raises(NotFound):
        delete(stage, message, by=who)
    assert [one.text for one in listed(stage, by="ada")] == ["Mine"]


def test_a_message_is_changed_in_its_own_room_alone(stage: Stage) -> None:
    """Whoever names another room of theirs finds nothing there."""
    message = post(stage, "Mine", by="ada")
    with pytest.raises(NotFound):
        edit(stage, message, "x", by="ada", room=side_room("ada"))
    with pytest.raises(NotFound):
        delete(stage, message, by="ada", room=side_room("ada"))


@pytest.mark.parametrize("state", [MessageState.HIDDEN, MessageState.REMOVED])
def test_what_a_leader_took_away_is_not_edited_and_can_be_deleted(stage: Stage, state: MessageState) -> None:
    """What was removed stays removed, without words; what was hidden is deleted, and does not come back."""
    message = post(stage, "Rude", by="ada")
    hide(stage, message, state)
    (shown,) = listed(stage, by="bo")
    assert (shown.text, shown.state) == ("", state)
    with pytest.raises(MessageGone):
        edit(stage, message, "Polite", by="ada")
    expected = MessageState.REMOVED if state is MessageState.REMOVED else MessageState.DELETED
    assert delete(stage, message, by="ada").state is expected
    assert stage.all(select(store.MESSAGE.c.sealed_text), bytes) == [b""]


def test_what_was_reported_stays_as_it_was(stage: Stage) -> None:
    """Whatever its author makes of it later; for those whom the concern was brought to."""
    message = post(stage, "I will get you", by="ada")
    report = stage.call(reports.report_message, ReportMessageRequest("r", OAK.group_id, message.id), by="bo")
    edit(stage, message, "Just joking", by="ada")
    delete(stage, message, by="ada")
    stage.give("carin", Role.CONTACT, ScopeKind.CONCERN, report.report_id)
    opened = stage.call(reports.open_reported_message, OpenReportedMessageRequest("o", report.report_id), by="carin")
    assert [one.text for one in opened.messages] == ["I will get you"]


def test_editing_asks_what_posting_asks_and_deleting_asks_nothing(stage: Stage) -> None:
    """An open room, the limit of confidentiality, consent; one's words can be taken back without any of them."""
    said = [post(stage, f"{n}", by="ada") for n in range(3)]
    acknowledged(stage, "ada", OAK.group_id, 0)
    with pytest.raises(LimitNotAcknowledged):
        edit(stage, said[0], "x", by="ada")
    delete(stage, said[0], by="ada")
    told(stage, OAK, GroupState.ENDED)
    with pytest.raises(RoomClosed):
        edit(stage, said[1], "x", by="ada")
    delete(stage, said[1], by="ada")
    stage.consent("ada", Purpose.CHAT, covered=False)
    with pytest.raises(ConsentMissing):
        edit(stage, said[2], "x", by="ada")
    delete(stage, said[2], by="ada")
    assert {one.state for one in listed(stage, by="bo")} == {MessageState.DELETED}


def test_an_edited_text_is_no_longer_than_a_new_one(stage: Stage) -> None:
    """The same rule."""
    with pytest.raises(Invalid):
        EditMessageRequest("r", "room", "message", "x" * 4001)


def test_who_follows_is_given_each_change_once_as_it_then_is(stage: Stage) -> None:
    """At a cursor behind that of the newest message when it was made; several changes of one are one."""
    first, _ = post(stage, "1", by="ada"), post(stage, "2", by="bo")
    seen = followed(stage)
    assert [one.cursor for one in seen] == [store.cursor_at(1), store.cursor_at(2)]
    edit(stage, first, "one", by="ada")
    edit(stage, first, "uno", by="ada")
    (changed,) = followed(stage, seen[-1].cursor)
    assert (changed.text, changed.cursor) == ("uno", store.cursor_at(2, 2))
    third = post(stage, "3", by="bo")
    delete(stage, first, by="ada")
    more = followed(stage, changed.cursor)
    assert [(one.id, one.cursor, one.text) for one in more] == [
        (third.id, store.cursor_at(3), "3"),
        (first.id, store.cursor_at(3, 1), ""),
    ]


def test_a_list_gives_the_cursor_behind_which_nothing_is_missed(stage: Stage) -> None:
    """Of several pages the first one's: what changed on a page while later ones were read comes again."""
    said = [post(stage, f"{n}", by="ada") for n in range(4)]
    page = stage.call(handlers.list_messages, ListMessagesRequest(OAK.group_id, page_size=2), by="bo")
    edit(stage, said[0], "changed", by="ada")
    late = post(stage, "late", by="ada")
    rest = ListMessagesRequest(OAK.group_id, page_size=50, page_token=page.next_page_token)
    assert stage.call(handlers.list_messages, rest, by="bo").messages[-1] == late
    assert [one.text for one in followed(stage, page.cursor)] == ["changed", "late"]


def test_who_came_later_is_not_given_what_was_said_before_however_it_changes(stage: Stage) -> None:
    """Neither its new words nor that it was deleted; not by a stream from any cursor, nor by a list."""
    old = [post(stage, f"old {n}", by="ada") for n in range(3)]
    stage.clock.advance(days=1)
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    stage.consent("frida", Purpose.CHAT)
    new = post(stage, "new", by="ada")
    edit(stage, old[0], "a secret", by="ada")
    delete(stage, old[1], by="ada")
    edit(stage, new, "newer", by="ada")
    hide(stage, old[2])
    for after in (0, store.cursor_at(1), store.cursor_at(4), store.cursor_at(4, 1)):
        assert {one.text for one in followed(stage, after, by="frida")} == {"newer"}
    assert [one.text for one in listed(stage, by="frida")] == ["newer"]
    assert len(followed(stage, by="bo")) == 4 + 4


def test_changes_between_two_messages_have_an_end(stage: Stage) -> None:
    """One more than the cursor has room for is refused, and the next message makes room again."""
    message = post(stage, "1", by="ada")
    full = update(store.ROOM).where(store.ROOM.c.id == OAK.group_id).values(changes=store.MOST_CHANGES)
    drive(stage.database.execute(full))
    with pytest.raises(NotFound):
        edit(stage, message, "x", by="ada")
    post(stage, "2", by="bo")
    assert edit(stage, message, "x", by="ada").text == "x"


def test_the_words_of_an_edited_message_go_with_its_authors_key(stage: Stage) -> None:
    """An erased author's message is erased, however often it was changed."""
    message = post(stage, "1", by="ada")
    edit(stage, message, "2", by="ada")
    drive(stage.sealing.destroy("ada", sealed.PURPOSE))
    (shown,) = listed(stage, by="bo")
    assert (shown.state, shown.author_id, shown.text) == (MessageState.ERASED, "", "")
