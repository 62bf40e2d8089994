"""The chat on the databases that countries run: no place given twice, none left out, and the same answers as in memory."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest
from attrs import evolve
from mewe_chat import handlers, hearing, marks, member_store, reports, room_store, rooms, searching, store
from mewe_chat.checks.chain import Checked
from mewe_chat.model import (
    DeleteMessageRequest,
    EditMessageRequest,
    ListMessagesRequest,
    ListMutedRequest,
    ListRoomsRequest,
    MarkReadRequest,
    Message,
    MessageState,
    OpenReportedMessageRequest,
    PostMessageRequest,
    ReportedMessage,
    ReportMessageRequest,
    ReportMessageResponse,
    RoomKind,
    SearchMessagesRequest,
    SetMutedRequest,
    WatchMessagesRequest,
)
from mewe_chat.personal import FROZEN_DAYS
from mewe_chat.plugin import BROUGHT_TO, IN_ROOM, OWN_WORDS, TAKES_PART, mewe_feature
from mewe_chat.settings import LIMIT_VERSION, ChatSettings, Deployed
from mewe_core.kit.access import Access, Caller, Purpose, Role, Scope, ScopeKind, Standing, signed_in
from mewe_core.kit.database import Database, compiled, sqlite_dialect
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Sealing, Work
from mewe_core.kit.standing import ConsentChanged, StandingChanged, admit, hear_consent_changed, hear_standing_changed
from mewe_core.kit.testing import OAK, CountingIds, FixedClock, PlainKeys, PlainSealing, shows_what_is_there
from mewe_core.programme.events import GroupChanged, GroupState
from mewe_core.safety.events import ConcernChanged, ConcernState
from mewe_host.parts import Store, UnitDatabase
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store

A = TypeVar("A")
R = TypeVar("R")
NOBODY = Caller(None, None, "SE")
NOWHERE = Standing(Scope(ScopeKind.COUNTRY, "SE"), ())


class OakRoom:
    """The chat's database, with the room of the oak and its people; units of work as a host runs them."""

    def __init__(self, database: Store) -> None:
        self.store = database
        self.clock, self.ids, self.keys = FixedClock(), CountingIds(), PlainKeys()
        self.sealing: Sealing = PlainSealing(self.keys)

    def work(self, database: Database, caller: Caller) -> Work:
        """What a handler is lent."""
        deployed, ready = Deployed(ChatSettings()), Checked()
        return Work(caller, NOWHERE, self.clock.now(), database, self.ids, self.keys, self.sealing, deployed, ready=ready)

    async def furnish(self) -> None:
        """The group is told twice at once, and its people join."""

        async def told(database: UnitDatabase) -> None:
            await database.lock(OAK.group_id)
            event = GroupChanged(OAK.group_id, OAK.organisation_id, GroupState.RUNNING)
            await hearing.hear_group_changed(event, self.work(database, NOBODY))

        async def joined(database: UnitDatabase) -> None:
            for person in (*OAK.participants, "frida"):
                covered = ConsentChanged(f"{person} chat", person, Purpose.CHAT, None, True, None)
                await hear_consent_changed(covered, self.work(database, NOBODY))
            for person in (*OAK.participants, *OAK.leaders):
                role = Role.LEADER if person in OAK.leaders else Role.PARTICIPANT
                event = StandingChanged(person, person, role, ScopeKind.GROUP, OAK.group_id, self.clock.now(), None)
                await hear_standing_changed(event, self.work(database, NOBODY))
                await hearing.hear_standing_changed(event, self.work(database, NOBODY))
            for person in (*OAK.participants, *OAK.leaders, "frida"):
                await member_store.acknowledge(database, OAK.group_id, person, LIMIT_VERSION, self.clock.now())

        await asyncio.gather(self.store.write(told), self.store.write(told))
        await self.store.write(joined)

    async def post(self, text: str, by: str) -> Message:
        """Post a message: under the lock of the group, as a host does."""
        request = PostMessageRequest("r", OAK.group_id, text)

        async def unit(database: UnitDatabase) -> Message:
            await database.lock(OAK.group_id)
            message = (await self._admitted(handlers.post_message, IN_ROOM, request, database, by)).message
            assert message is not None
            return message

        return await self.store.write(unit)

    async def edit(self, message: Message, text: str) -> Message:
        """Its author changes a message."""
        request = EditMessageRequest("r", OAK.group_id, message.id, text)

        async def unit(database: UnitDatabase) -> Message:
            await database.lock(OAK.group_id)
            changed = (await self._admitted(handlers.edit_message, IN_ROOM, request, database, message.author_id)).message
            assert changed is not None
            return changed

        return await self.store.write(unit)

    async def delete(self, message: Message) -> Message:
        """Its author deletes a message."""
        request = DeleteMessageRequest("r", OAK.group_id, message.id)

        async def unit(database: UnitDatabase) -> Message:
            await database.lock(OAK.group_id)
            return await self._admitted(handlers.delete_message, OWN_WORDS, request, database, message.author_id)

        return await self.store.write(unit)

    async def write(self, handler: Callable[[R, Work], Awaitable[A]], request: R, rule: Access[R], by: str) -> A:
        """Do something."""
        return await self.store.write(lambda database: self._admitted(handler, rule, request, database, by))

    async def report(self, message_id: str, by: str | None) -> ReportMessageResponse:
        """Report a message; nobody is asked who they are."""
        request = ReportMessageRequest("r", OAK.group_id, message_id, "It worries me")
        caller = Caller(by, None, "SE")
        return await self.store.write(lambda database: reports.report_message(request, self.work(database, caller)))

    async def brought(self, report_id: str, to: str) -> None:
        """A concern is brought to somebody."""
        now, kind = self.clock.now(), ScopeKind.CONCERN
        told = StandingChanged(report_id, to, Role.CONTACT, kind, report_id, now, None)
        await self.store.write(lambda database: hear_standing_changed(told, self.work(database, NOBODY)))

    async def closed(self, report_id: str) -> None:
        """A concern is closed."""
        told = ConcernChanged(report_id, ConcernState.CLOSED)
        await self.store.write(lambda database: reports.hear_concern_changed(told, self.work(database, NOBODY)))

    async def open(self, report_id: str, by: str) -> ReportedMessage:
        """Open a report."""
        request = OpenReportedMessageRequest("r", report_id)
        return await self.store.write(
            lambda database: self._admitted(reports.open_reported_message, BROUGHT_TO, request, database, by)
        )

    async def read(self, handler: Callable[[R, Work], Awaitable[A]], request: R, rule: Access[R], by: str) -> A:
        """Ask for something."""
        return await self.store.read(lambda database: self._admitted(handler, rule, request, database, by))

    async def _admitted(
        self, handler: Callable[[R, Work], Awaitable[A]], rule: Access[R], request: R, database: Database, by: str
    ) -> A:
        work = self.work(database, Caller(by, f"session-of-{by}", "SE"))
        work.standing = await admit(rule, work.caller, database, request, work.now)
        answer = await handler(request, work)
        await shows_what_is_there(work)
        return answer


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Once in a folder, once on the server."""
    return f"sqlite:{tmp_path}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


def play(url: str, story: Callable[[OakRoom], Awaitable[None]]) -> None:
    """Play a story on a fresh database of the chat."""

    async def whole() -> None:
        await migrate([mewe_feature()], url)
        database = await open_store("chat", url)
        try:
            room = OakRoom(database)
            await room.furnish()
            await story(room)
        finally:
            await database.close()

    asyncio.run(whole())


def test_forty_who_post_at_once_get_forty_places(url: str) -> None:
    """One each, without a gap; pages and streams show all of them in that order, to those who were there."""

    async def story(room: OakRoom) -> None:
        people = (*OAK.participants, *OAK.leaders)
        posted = await asyncio.gather(*(room.post(f"message {n}", people[n % 5]) for n in range(40)))
        in_order = sorted(posted, key=lambda one: one.sequence)
        assert [one.sequence for one in in_order] == list(range(1, 41))
        page = await room.read(handlers.list_messages, ListMessagesRequest(OAK.group_id, page_size=30), IN_ROOM, "ada")
        following = ListMessagesRequest(OAK.group_id, page_size=30, page_token=page.next_page_token)
        rest = await room.read(handlers.list_messages, following, IN_ROOM, "ada")
        assert [*page.messages, *rest.messages] == in_order
        assert rest.next_page_token == ""
        follow = await room.read(
            handlers.watch_messages, WatchMessagesRequest(OAK.group_id, store.cursor_at(35)), IN_ROOM, "lena"
        )
        items = await room.store.read(lambda database: follow.page(database, room.sealing, follow.topic, follow.after, 100))
        assert list(items) == [
            (store.cursor_at(one.sequence), evolve(one, cursor=store.cursor_at(one.sequence))) for one in in_order[35:]
        ]
        shown = await room.read(handlers.list_rooms, ListRoomsRequest(), signed_in(), "bo")
        assert {one.kind: one.last_sequence for one in shown.rooms} == {RoomKind.GROUP: 40, RoomKind.SIDE: 0}

    play(url, story)


def test_who_joins_later_reads_from_then_on_and_others_nothing(url: str) -> None:
    """The rules that are in the statements hold on each database."""

    async def story(room: OakRoom) -> None:
        await room.post("before", "ada")
        now = room.clock.advance(days=1)
        joined = StandingChanged("frida", "frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, now, now.add(hours=1))
        await room.store.write(lambda database: hear_standing_changed(joined, room.work(database, NOBODY)))
        await room.post("after", "ada")
        page = await room.read(handlers.list_messages, ListMessagesRequest(OAK.group_id), IN_ROOM, "frida")
        assert [one.text for one in page.messages] == ["after"]
        room.clock.advance(hours=1)
        assert (await room.read(handlers.list_rooms, ListRoomsRequest(), signed_in(), "frida")).rooms == ()
        with pytest.raises(NotFound):
            await room.read(handlers.list_messages, ListMessagesRequest(OAK.group_id), IN_ROOM, "frida")

    play(url, story)


def test_a_closed_room_gives_its_places_back(url: str) -> None:
    """A refused message is undone whole, also where many are refused at once."""

    async def story(room: OakRoom) -> None:
        await room.post("first", "ada")
        ended = GroupChanged(OAK.group_id, OAK.organisation_id, GroupState.ENDED)
        await room.store.write(lambda database: hearing.hear_group_changed(ended, room.work(database, NOBODY)))
        refused = await asyncio.gather(*(room.post("late", "bo") for _ in range(8)), return_exceptions=True)
        assert {type(one).__name__ for one in refused} == {"RoomClosed"}
        place = await room.store.write(lambda database: store.take_place(database, OAK.group_id, "bo", room.clock.now()))
        assert place is not None
        assert place.sequence == 2

    play(url, story)


def test_a_report_is_kept_opened_and_gone(url: str) -> None:
    """Frozen with what was said around it, opened by whom it was brought to, destroyed in its time: on each database."""

    async def story(room: OakRoom) -> None:
        said = [await room.post(f"message {n}", OAK.participants[n % 3]) for n in range(8)]
        reports_ = await asyncio.gather(*(room.report(said[2].id, who) for who in ("ada", None, "sigrid", "lena")))
        await room.sealing.destroy(said[2].author_id)
        for one, frozen in zip(reports_, (8, 0, 0, 8), strict=True):
            await room.brought(one.report_id, "carin")
            shown = await room.open(one.report_id, "carin")
            assert [entry.text for entry in shown.messages] == [f"message {n}" for n in range(frozen)]
            with pytest.raises(NotFound):
                await room.open(one.report_id, "lena")
            await room.closed(one.report_id)
        room.clock.advance(days=FROZEN_DAYS)
        assert not await room.store.write(lambda database: reports.forget_closed(room.work(database, NOBODY)))
        for one in reports_:
            with pytest.raises(NotFound):
                await room.open(one.report_id, "carin")

    play(url, story)


def test_who_follows_while_many_write_and_change_at_once_misses_nothing(url: str) -> None:
    """Each page goes on from the last cursor; in the end what was given is what a list gives."""

    async def story(room: OakRoom) -> None:
        said = [await room.post(f"message {n}", OAK.participants[n % 3]) for n in range(12)]
        follow = await room.read(handlers.watch_messages, WatchMessagesRequest(OAK.group_id), IN_ROOM, "lena")
        kept, over, cursors = dict[str, Message](), asyncio.Event(), [follow.after]

        async def watch() -> None:
            while True:
                ended = over.is_set()
                items = await room.store.read(
                    lambda database: follow.page(database, room.sealing, follow.topic, cursors[-1], 5)
                )
                for at, item in items:
                    cursors.append(at)
                    kept[item.id] = evolve(item, cursor=0)
                if ended and not items:
                    return
                await asyncio.sleep(0)

        watching = asyncio.create_task(watch())
        acts = [room.edit(said[n], f"changed {n}") for n in range(6)] + [room.delete(said[n]) for n in range(4, 9)]
        acts += [room.post(f"late {n}", "bo") for n in range(10)]
        await asyncio.gather(*acts, return_exceptions=True)
        over.set()
        await watching
        page = await room.read(handlers.list_messages, ListMessagesRequest(OAK.group_id, 200), IN_ROOM, "lena")
        assert [one.sequence for one in page.messages] == list(range(1, 23))
        assert sorted(kept.values(), key=lambda one: one.sequence) == list(page.messages)
        assert page.cursor == cursors[-1]
        assert cursors == sorted(cursors)
        assert {one.state for one in page.messages[4:9]} == {MessageState.DELETED}

    play(url, story)


def test_marks_mutes_search_and_the_archive_are_the_same_on_each(url: str) -> None:
    """What the statements say, both databases do."""

    async def story(room: OakRoom) -> None:
        for n in range(5):
            room.clock.advance(seconds=n % 2)
            await room.post(f"{'dog' if n % 2 else 'cat'} {n}", "ada")
        for sequence in (3, 99):
            await room.write(marks.mark_read, MarkReadRequest("r", OAK.group_id, sequence), IN_ROOM, "bo")
        for muted in (True, True, False, True):
            await room.write(marks.set_muted, SetMutedRequest("r", OAK.group_id, "ada", muted), TAKES_PART, "bo")
        rooms_ = (await room.read(handlers.list_rooms, ListRoomsRequest(), signed_in(), "bo")).rooms
        assert {one.kind: (one.read_sequence, one.acknowledged_version) for one in rooms_} == {
            RoomKind.GROUP: (5, LIMIT_VERSION),
            RoomKind.SIDE: (0, 0),
        }
        assert (await room.read(marks.list_muted, ListMutedRequest(), signed_in(), "bo")).person_ids == ("ada",)
        for only in (None, OAK.group_id):
            found = await room.read(searching.search_messages, SearchMessagesRequest("dog", only), signed_in(), "lena")
            assert [one.text for one in found.messages] == ["dog 3", "dog 1"]
        ended = GroupChanged(OAK.group_id, OAK.organisation_id, GroupState.ENDED)
        await room.store.write(lambda database: hearing.hear_group_changed(ended, room.work(database, NOBODY)))
        room.clock.advance(days=30)
        assert not await room.store.write(lambda database: rooms.archive_some(room.work(database, NOBODY)))
        for archived, count in ((False, 0), (True, 2)):
            shown = await room.read(handlers.list_rooms, ListRoomsRequest(archived=archived), signed_in(), "bo")
            assert [one.archived for one in shown.rooms] == [True] * count

    play(url, story)


def test_what_is_looked_up_all_the_time_is_looked_up_by_an_index(tmp_path: Path) -> None:
    """What has changed in a room, and rooms that are due: the index of few rows, not the table."""

    async def whole() -> None:
        await migrate([mewe_feature()], f"sqlite:{tmp_path}")

    asyncio.run(whole())
    file = next(one for one in tmp_path.iterdir() if one.suffix == ".db" or one.name == "chat")
    with closing(sqlite3.connect(file)) as connection:
        for statement, index in ((store.CHANGED_AFTER, "chat_message_changed"), (room_store.ARCHIVE, "chat_room_to_archive")):
            sql = compiled(statement, sqlite_dialect())
            plan = connection.execute(f"EXPLAIN QUERY PLAN {sql.text}", [sql.own.get(name, 1) for name in sql.names]).fetchall()
            assert any(index in row[3] for row in plan), plan
