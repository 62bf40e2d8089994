"""A room that is followed as a host lets it be followed, while the words of somebody go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import cast

from attrs import define
from mewe.chat.v1.chat_service_pb2 import MESSAGE_STATE_ERASED, Message, WatchMessagesResponse
from mewe_chat import handlers, sealed
from mewe_chat.model import WatchMessagesRequest
from mewe_chat.plugin import IN_ROOM, mewe_feature
from mewe_chat.store import cursor_at
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.conformance import with_needed
from mewe_core.kit.database import Database
from mewe_core.kit.feature import Feature
from mewe_core.kit.ports import Follow, Sealing
from mewe_core.kit.standing import StandingChanged, hear_standing_changed
from mewe_core.kit.testing import OAK
from mewe_host.bus.live import Topics
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.masters import Masters
from mewe_host.keyring.opening import Keyrings
from mewe_host.parts import Envelope, Store, Taken
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from mewe_host.wire.assembling import assemble

from .test_chat_on_both_databases import NOBODY, OakRoom, url

__all__ = ["url"]
PATIENCE = 20


@define
class ChatDesk:
    """The chat at work in a process that hears nothing from others."""

    feature: Feature
    store: Store
    sealing: Sealing

    async def hear(self, envelope: Envelope, *, earlier_gone: bool = False) -> Taken:
        """Nothing comes."""
        return Taken.KEPT

    async def park(self, envelope: Envelope, reason: str) -> None:
        """Nothing to put aside."""


@define
class Followed:
    """The room of the oak, and who follows it."""

    room: OakRoom
    desk: ChatDesk
    topics: Topics

    async def say(self, text: str, by: str) -> None:
        """Say something, and let those know who follow."""
        await self.room.post(text, by)
        self.topics.wake("chat", OAK.group_id)

    async def stream(self, by: str, after: int = 0) -> AsyncIterator[Message]:
        """What somebody is shown, decoded as a client does."""
        follow = await self.room.read(handlers.watch_messages, WatchMessagesRequest(OAK.group_id, after), IN_ROOM, by)
        codec = assemble(with_needed("chat")[0], {"chat"}).methods["/mewe.chat.v1.ChatService/WatchMessages"].answer

        async def allowed(_: Database) -> bool:
            return True

        items = self.topics.follow(
            self.desk, cast("Follow[object]", follow), codec, allowed, self.room.clock.now().add(hours=1), by
        )
        async with aclosing(items) as encoded:  # type: ignore[type-var]
            async for one in encoded:
                for message in WatchMessagesResponse.FromString(one).messages:
                    yield message


@asynccontextmanager
async def followed(url: str, folder: Path) -> AsyncIterator[Followed]:
    """The room on a fresh database, with a real keyring and what feeds streams; keys are in the folder."""
    await migrate([mewe_feature()], url)
    database = await open_store("chat", url)
    room = OakRoom(database)
    stack = AsyncExitStack()
    keys = FileKeys.of(folder / "secret", "SE")
    opening = Keyrings("SE", url, folder / "secret", keys, Masters.of(folder / "secret", "SE"))
    room.sealing = (await opening.opened(["chat"], stack))["chat"]
    await room.furnish()
    topics = Topics(room.clock)
    topics.start()
    try:
        yield Followed(room, ChatDesk(mewe_feature(), database, room.sealing), topics)
    finally:
        await topics.stop()
        await stack.aclose()
        await database.close()


def play(url: str, folder: Path, story: Callable[[Followed], Awaitable[None]]) -> None:
    """Play a story within some seconds."""

    async def whole() -> None:
        async with followed(url, folder) as here:
            await asyncio.wait_for(story(here), PATIENCE)

    asyncio.run(whole())


def test_what_is_erased_while_a_room_is_followed_is_removed_for_whoever_comes_then(url: str, tmp_path: Path) -> None:
    """Whoever follows goes on without a gap; whoever comes anew, from wherever, is shown removed messages in their places."""

    async def story(here: Followed) -> None:
        for text, by in (("1", "ada"), ("2", "bo"), ("3", "ada")):
            await here.say(text, by)
        async with aclosing(here.stream("lena")) as stream:  # type: ignore[type-var]
            assert [(await anext(stream)).text for _ in range(3)] == ["1", "2", "3"]
            await here.room.sealing.destroy("ada", sealed.PURPOSE)
            await here.say("4", "bo")
            assert (await anext(stream)).sequence == 4
            for after in range(4):
                async with aclosing(here.stream("bo", cursor_at(after))) as another:  # type: ignore[type-var]
                    messages = [await anext(another) for _ in range(4 - after)]
                assert [(one.sequence, one.text, one.author_id, one.state == MESSAGE_STATE_ERASED) for one in messages] == [
                    (1, "", "", True),
                    (2, "2", "bo", False),
                    (3, "", "", True),
                    (4, "4", "bo", False),
                ][after:]
            await here.say("5", "lena")
            assert [(one.sequence, one.text) for one in [await anext(stream)]] == [(5, "5")]

    play(url, tmp_path, story)


def test_all_who_follow_a_room_are_read_for_once(url: str, tmp_path: Path) -> None:
    """However many follow: one topic, whose page opens what was sealed once."""

    async def story(here: Followed) -> None:
        await here.say("1", "ada")
        streams = [here.stream(who) for who in ("ada", "bo", "cleo", "lena", "lars")]
        assert {(await anext(one)).text for one in streams} == {"1"}
        assert len(here.topics._topics) == 1
        for one in streams:
            await one.aclose()  # type: ignore[attr-defined]

    play(url, tmp_path, story)


def test_a_change_reaches_who_follows_and_not_who_came_after_what_was_said(url: str, tmp_path: Path) -> None:
    """On streams that are open and on those that begin; a newcomer is given what is new, and nothing of before."""

    async def story(here: Followed) -> None:
        old = await here.room.post("old", "ada")
        here.room.clock.advance(days=1)
        now = here.room.clock.now()
        joined = StandingChanged("frida", "frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, now, None)
        await here.room.store.write(lambda database: hear_standing_changed(joined, here.room.work(database, NOBODY)))
        new = await here.room.post("new", "bo")
        async with aclosing(here.stream("lena")) as leader, aclosing(here.stream("frida")) as newcomer:  # type: ignore[type-var]
            assert [(await anext(leader)).text for _ in range(2)] == ["old", "new"]
            assert (await anext(newcomer)).text == "new"
            await here.room.edit(old, "old and changed")
            await here.room.delete(old)
            await here.room.edit(new, "new and changed")
            here.topics.wake("chat", OAK.group_id)
            await here.say("last", "bo")
            shown = [(await anext(newcomer)).text for _ in range(2)]
            assert shown == ["new and changed", "last"]
            seen = [await anext(leader) for _ in range(3)]
            assert [(one.sequence, one.text) for one in seen] == [(1, ""), (2, "new and changed"), (3, "last")]
            assert [one.cursor for one in seen] == sorted(one.cursor for one in seen)
        for after, places in ((0, 2), (cursor_at(1), 2), (cursor_at(2), 1)):
            async with aclosing(here.stream("frida", after)) as again:  # type: ignore[type-var]
                shown = [(await anext(again)).text for _ in range(places + 1)]
                assert shown == ["new and changed"] * places + ["last"]

    play(url, tmp_path, story)
