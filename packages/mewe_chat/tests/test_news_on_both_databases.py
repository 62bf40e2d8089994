"""What is new while several post, read and tell at once, on both databases: nobody is told twice, and nobody is forgotten."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

from attrs import define, field
from mewe_chat import hearing, marks, member_store, messages, news, news_store
from mewe_chat.checks.chain import Checked
from mewe_chat.model import MarkReadRequest, RoomKind
from mewe_chat.moderation import held
from mewe_chat.moderation.model import DecideHeldMessageRequest, HeldCause
from mewe_chat.plugin import IN_ROOM, LEADS
from mewe_chat.room_store import room_id
from mewe_core.kit.access import Caller, Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.noticing import NoticeDone, NoticeDue, NoticesWanted
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import StandingChanged, admit, hear_standing_changed
from mewe_core.kit.testing import OAK
from mewe_host.parts import UnitDatabase
from sqlalchemy import func, select, text

from tests.waiting import until

from .test_chat_on_both_databases import NOBODY, OakRoom, play, url

__all__ = ["url"]
EVERYBODY = (*OAK.participants, *OAK.leaders)
ROOMS = (OAK.group_id, room_id(RoomKind.LEADERS, OAK.group_id), room_id(RoomKind.SIDE, OAK.group_id, "ada"))

WAITING = select(func.count()).select_from(text("pg_catalog.pg_locks")).where(text("NOT granted"))
"""How many wait for a lock on the server."""


@define
class Hosts:
    """As many processes as one likes, and what those units told that were kept, in the order in which they ended."""

    room: OakRoom
    told: list[NoticeDue | NoticeDone] = field(factory=list)

    async def unit(self, do: Callable[[Work], Awaitable[object]], by: str | None = None) -> object:
        """A unit that takes no lock but those of its rows."""

        async def whole(database: UnitDatabase) -> tuple[object, Work]:
            work = self.room.work(database, NOBODY if by is None else Caller(by, f"session-of-{by}", "SE"))
            return await do(work), work

        answer, work = await self.room.store.write(whole)
        self.told += [one for one in work.events if isinstance(one, NoticeDue | NoticeDone)]
        return answer

    async def want(self, *people: str, wanted: bool = True) -> None:
        """People want notices, or do not."""
        for one in people:
            await self.unit(lambda work, one=one: news.hear_notices_wanted(NoticesWanted(one, wanted), work))  # type: ignore[misc]

    async def post(self, room: str, by: str) -> None:
        """Say something."""
        await self.unit(lambda work: messages.append_new(work, room, by, "Hej"))

    async def tell(self) -> None:
        """The job of one process."""
        while await self.unit(news.tell_new):
            pass

    async def read(self, room: str, upto: int, by: str) -> None:
        """Mark a room as read, if they are in it."""

        async def marked(work: Work) -> object:
            request = MarkReadRequest("r", room, upto)
            work.standing = await admit(IN_ROOM, work.caller, work.database, request, work.now)
            return await marks.mark_read(request, work)

        with suppress(NotFound):
            await self.unit(marked, by)

    async def leave_and_come_back(self, who: str) -> None:
        """A leader is none for a moment."""
        now = self.room.clock.now()
        for end in (now, None):
            event = StandingChanged(who, who, Role.LEADER, ScopeKind.GROUP, OAK.group_id, now, end)

            async def heard(work: Work, event: StandingChanged = event) -> None:
                await hear_standing_changed(event, work)
                await hearing.hear_standing_changed(event, work)

            await self.unit(heard)


def waits_for(told: list[NoticeDue | NoticeDone]) -> Counter[str]:
    """Of whom more was told than is done; each occurrence was told once, and done only if it was told."""
    due = [one.occurrence_id for one in told if isinstance(one, NoticeDue)]
    done = [one.occurrence_id for one in told if isinstance(one, NoticeDone)]
    assert len(due) == len(set(due))
    assert len(done) == len(set(done))
    assert set(done) <= set(due)
    return Counter(one.person_id for one in told if isinstance(one, NoticeDue) and one.occurrence_id not in done)


def test_of_many_who_tell_at_once_one_tells(url: str) -> None:
    """Eight processes, round after round: one occurrence a person and room, of whatever was posted meanwhile."""

    async def story(room: OakRoom) -> None:
        hosts = Hosts(room)
        await hosts.want(*EVERYBODY)
        for round in range(1, 6):
            posts = [hosts.post(one, "lena") for one in ROOMS for _ in range(3)]
            await asyncio.gather(*posts, *(hosts.tell() for _ in range(8)))
            await hosts.tell()
            assert waits_for(hosts.told) == {"ada": 2, "bo": 1, "cleo": 1, "lars": 3}
            for who, which in (("ada", (0, 2)), ("bo", (0,)), ("cleo", (0,)), ("lars", (0, 1, 2))):
                await asyncio.gather(*(hosts.read(ROOMS[one], 3 * round, who) for one in which for _ in range(2)))
            assert waits_for(hosts.told) == {}

    play(url, story)


def test_whatever_happens_at_once_nobody_is_told_twice_and_nobody_forgotten(url: str) -> None:
    """Posts, marks, leaving and jobs in any order: who is still to look was told of the newest, and of nothing else."""

    async def story(room: OakRoom) -> None:
        hosts, chance = Hosts(room), Random(7)  # noqa: S311
        await hosts.want(*EVERYBODY)
        for _ in range(12):
            doing: list[Awaitable[None]] = [hosts.tell() for _ in range(4)]
            doing += [hosts.post(chance.choice(ROOMS), chance.choice(("ada", "lena"))) for _ in range(6)]
            doing += [hosts.read(OAK.group_id, chance.randrange(60), chance.choice(EVERYBODY)) for _ in range(6)]
            doing += [hosts.leave_and_come_back("lars")]
            chance.shuffle(doing)
            await asyncio.gather(*doing)
            waits_for(hosts.told)
        await hosts.leave_and_come_back("lars")
        for who in OAK.participants:
            await hosts.read(OAK.group_id, 0, who)
        for one in ROOMS:
            await hosts.post(one, "lena")
        await hosts.tell()
        assert waits_for(hosts.told) == {"ada": 2, "bo": 1, "cleo": 1, "lars": 3} | {
            who: count for who, count in waits_for(hosts.told).items() if who == "lena"
        }

    play(url, story)


def test_a_room_in_which_somebody_posts_is_looked_at_once_they_have(url: str) -> None:
    """A unit that has taken its place and not ended keeps no job waiting, and what it says is told by the next one."""

    async def story(room: OakRoom) -> None:
        hosts = Hosts(room)
        await hosts.want("bo")
        await hosts.post(OAK.group_id, "ada")
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow(work: Work) -> None:
            await messages.append_new(work, OAK.group_id, "cleo", "Hej")
            begun.set()
            await go_on.wait()

        if url.startswith("sqlite"):
            go_on.set()
        posting = asyncio.create_task(hosts.unit(slow))
        await begun.wait()
        await asyncio.wait_for(hosts.tell(), 10)
        if not url.startswith("sqlite"):
            assert hosts.told == []
        go_on.set()
        await posting
        await hosts.tell()
        assert waits_for(hosts.told) == {"bo": 1}
        await hosts.read(OAK.group_id, 2, "bo")
        await hosts.tell()
        assert waits_for(hosts.told) == {}

    play(url, story)


def test_who_reads_while_it_is_looked_what_is_new_is_not_told(url: str) -> None:
    """The job waits for their mark, and finds that it has moved."""

    async def story(room: OakRoom) -> None:
        hosts = Hosts(room)
        await hosts.read(OAK.group_id, 0, "bo")
        await hosts.want("bo")
        await hosts.post(OAK.group_id, "ada")
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow(work: Work) -> None:
            assert await member_store.mark_read(work.database, OAK.group_id, "bo", 1) is None
            begun.set()
            await go_on.wait()

        async def waits() -> bool:
            return bool(await room.store.read(lambda database: database.first(WAITING, int)))

        if url.startswith("sqlite"):
            go_on.set()
        reading = asyncio.create_task(hosts.unit(slow))
        await begun.wait()
        telling = asyncio.create_task(hosts.tell())
        if not go_on.is_set():
            await until(waits)
        go_on.set()
        await asyncio.gather(reading, telling)
        assert hosts.told == []
        await hosts.post(OAK.group_id, "ada")
        await hosts.tell()
        assert waits_for(hosts.told) == {"bo": 1}

    play(url, story)


def test_what_is_held_back_is_told_to_leaders_and_done_once_decided(url: str) -> None:
    """By the statements of each."""

    async def story(room: OakRoom) -> None:
        hosts = Hosts(room)
        await hosts.want("ada", "bo", "lena", "lars")

        async def hold(work: Work) -> str:
            return (await held.answer(work, Checked(cause=HeldCause.CRISIS), OAK.group_id, "jag vill inte leva")).held_id

        for deliver in (False, True):
            held_id = str(await hosts.unit(hold, "ada"))
            assert waits_for(hosts.told) == {"lena": 1, "lars": 1}
            request = DecideHeldMessageRequest("r", OAK.group_id, held_id, deliver, "We talked")

            async def decide(work: Work, request: DecideHeldMessageRequest = request) -> object:
                work.standing = await admit(LEADS, work.caller, work.database, request, work.now)
                return await held.decide_held_message(request, work)

            await hosts.unit(decide, "lena")
            assert waits_for(hosts.told) == {}
            await hosts.tell()
        assert waits_for(hosts.told) == {"bo": 1, "lena": 1, "lars": 1}
        held_id = str(await hosts.unit(hold, "ada"))
        assert await room.store.read(lambda database: news_store.undecided(database, OAK.group_id, "lars")) == [held_id]
        await hosts.want("bo", wanted=False)
        await hosts.leave_and_come_back("lars")
        assert waits_for(hosts.told) == {"lena": 2}

    play(url, story)
