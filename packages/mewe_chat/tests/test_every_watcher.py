"""Whatever is said, changed, hidden and deleted, and however watchers come and go: each ends with the room as it is."""

import random

from attrs import define, evolve, field
from hypothesis import settings
from hypothesis import strategies as draw
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from mewe_chat import handlers, messages, sealed, store
from mewe_chat.model import (
    DeleteMessageRequest,
    EditMessageRequest,
    ListMessagesRequest,
    Message,
    MessageState,
    WatchMessagesRequest,
)
from mewe_chat.plugin import mewe_feature
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.testing import OAK, Stage, drive

from .talking import gathered, listed, post

PEOPLE = ("ada", "bo", "lena")


@define
class Watcher:
    """Somebody's device: what it keeps by id, and the cursor of the last message that it was given."""

    who: str
    cursor: int = 0
    kept: dict[str, Message] = field(factory=dict)

    def take(self, given: list[Message]) -> None:
        """Keep what a stream gave; a cursor never goes back, and a message comes again only when it is another."""
        for one in given:
            assert one.cursor > self.cursor
            self.cursor = one.cursor
            shown = evolve(one, cursor=0)
            self.kept[one.id] = shown

    def room(self) -> list[Message]:
        """The room as the device shows it."""
        return sorted(self.kept.values(), key=lambda one: one.sequence)


class EveryWatcher(RuleBasedStateMachine):
    """A room, people who write in it, and watchers."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(mewe_feature()).__enter__()
        gathered(self.stage, OAK)
        self.watchers = [Watcher("bo"), Watcher("lena")]
        self.said: list[tuple[str, str]] = []
        self.newcomers = 0

    def teardown(self) -> None:
        """Everybody catches up, and has what a list gives."""
        for one in self.watchers:
            self.follow(one)
            assert one.room() == listed(self.stage, by=one.who, page_size=3)
        self.stage.__exit__(None, None, None)

    def follow(self, one: Watcher, *, most: int | None = None, page_size: int = 3) -> None:
        """A stream from where the watcher is; it breaks after ``most``."""
        request = WatchMessagesRequest(OAK.group_id, one.cursor)
        given = self.stage.follow(handlers.watch_messages, request, by=one.who, page_size=page_size)
        one.take(given[:most])

    @rule(who=draw.sampled_from(PEOPLE), minutes=draw.integers(0, 1))
    def somebody_posts(self, who: str, minutes: int) -> None:
        """A message, perhaps in the same moment as the last."""
        self.stage.clock.advance(minutes=minutes)
        self.said.append((post(self.stage, f"message {len(self.said)}", by=who).id, who))

    @precondition(lambda self: self.said)
    @rule(data=draw.data(), text=draw.text("ab", min_size=1, max_size=3))
    def somebody_edits(self, data: draw.DataObject, text: str) -> None:
        """One's own, where it can be read still."""
        message_id, who = data.draw(draw.sampled_from(self.said))
        kept = drive(store.message(self.stage.database, message_id))
        if kept is not None and kept.state is MessageState.VISIBLE:
            request = EditMessageRequest(self.stage.ids.new(), OAK.group_id, message_id, text)
            self.stage.call(handlers.edit_message, request, by=who)

    @precondition(lambda self: self.said)
    @rule(data=draw.data())
    def somebody_deletes(self, data: draw.DataObject) -> None:
        """One's own."""
        message_id, who = data.draw(draw.sampled_from(self.said))
        request = DeleteMessageRequest(self.stage.ids.new(), OAK.group_id, message_id)
        self.stage.call(handlers.delete_message, request, by=who)

    @precondition(lambda self: self.said)
    @rule(data=draw.data(), state=draw.sampled_from([MessageState.HIDDEN, MessageState.REMOVED, MessageState.VISIBLE]))
    def a_leader_acts(self, data: draw.DataObject, state: MessageState) -> None:
        """Hides, removes or restores what has words."""
        message_id, _ = data.draw(draw.sampled_from(self.said))
        kept = drive(store.message(self.stage.database, message_id))
        if kept is not None and kept.sealed_text:
            with self.stage.unit() as work:
                drive(messages.change(work, evolve(kept, state=state)))

    @rule(data=draw.data(), most=draw.none() | draw.integers(0, 3), page_size=draw.integers(1, 5))
    def somebody_follows(self, data: draw.DataObject, most: int | None, page_size: int) -> None:
        """For a while; the connection may break after each message."""
        self.follow(data.draw(draw.sampled_from(self.watchers)), most=most, page_size=page_size)

    @rule(data=draw.data())
    def a_device_begins_anew(self, data: draw.DataObject) -> None:
        """It has lost all it kept, and lists what there is first; it then follows from where the first page says."""
        one = data.draw(draw.sampled_from(self.watchers))
        one.kept, one.cursor = {}, 0
        if data.draw(draw.booleans()):
            page = self.stage.call(handlers.list_messages, ListMessagesRequest(OAK.group_id, 2), by=one.who)
            one.kept = {message.id: message for message in page.messages}
            while page.next_page_token:
                more = page.next_page_token
                before = page.cursor if one.cursor == 0 else one.cursor
                if data.draw(draw.booleans()):
                    self.somebody_posts("ada", 0)
                page = self.stage.call(handlers.list_messages, ListMessagesRequest(OAK.group_id, 2, more), by=one.who)
                one.kept |= {message.id: message for message in page.messages}
                one.cursor = before
            one.cursor = one.cursor or page.cursor

    @precondition(lambda self: self.newcomers < 3)
    @rule()
    def somebody_joins(self) -> None:
        """And watches from then on."""
        self.stage.clock.advance(minutes=1)
        who = f"newcomer {self.newcomers}"
        self.newcomers += 1
        self.stage.give(who, Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
        self.stage.consent(who, Purpose.CHAT)
        self.watchers.append(Watcher(who))

    @invariant()
    def a_page_is_in_order(self) -> None:
        """From wherever it is asked for, cursors rise, and no sequence is missing."""
        after = random.Random(len(self.said)).randrange(4) << 24  # noqa: S311
        page = drive(sealed.page_of_room(self.stage.database, self.stage.sealing, OAK.group_id, after, 200))
        cursors = [cursor for cursor, _ in page]
        assert cursors == sorted(set(cursors))
        first = store.sequence_at(after) + 1
        assert {one.sequence for _, one in page if one.sequence >= first} == set(range(first, len(self.said) + 1))


EveryWatcher.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestEveryWatcher = EveryWatcher.TestCase
