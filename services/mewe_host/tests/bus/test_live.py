"""Streams: everything once and in order for everybody who watches, and an end when the right to it ends."""

import asyncio
import time
from collections.abc import AsyncGenerator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_host.bus.topic import PAGE, QUEUE
from mewe_host.parts import Live

from tests.waiting import until

from .postal import connected, kill, served
from .watching import Held, House, Room, house, numbers_in, until_open


def test_topics_are_what_the_host_calls_live(tmp_path: Path, sqlite_url: str) -> None:
    """The class fits the protocol that guards and desks use."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            live: Live = here.topics
            assert live is not None

    asyncio.run(scene())


def test_a_follower_gets_what_was_there_and_what_comes(tmp_path: Path, url: str) -> None:
    """From a cursor on: items of before, then new ones, each once and in order."""

    async def scene() -> None:
        async with house(tmp_path, url) as here:
            await here.add("r", 5)
            reading = asyncio.create_task(here.read("r", 10, after=2))
            await until_open(here, 1)
            await here.add("r", 5)
            assert await asyncio.wait_for(reading, 10) == list(range(3, 11))

    asyncio.run(scene())


def test_nothing_is_missed_or_repeated_however_one_joins(tmp_path: Path, sqlite_url: str) -> None:
    """Whoever joins whenever, from whichever cursor, fast or slow, while others post, gets each later item exactly once."""
    rooms = (f"r{number}" for number in count())

    @settings(max_examples=25, deadline=None)
    @given(
        there=st.integers(0, 2 * PAGE + 1),
        bursts=st.lists(st.integers(1, 60), min_size=1, max_size=6),
        joiners=st.lists(
            st.tuples(st.integers(0, 5), st.floats(0, 1), st.sampled_from([0, 0, 0.0005])), min_size=1, max_size=8
        ),
    )
    def joined(there: int, bursts: list[int], joiners: list[tuple[int, float, float]]) -> None:
        runner.run(scene(next(rooms), there, bursts, joiners))

    async def scene(room: str, there: int, bursts: list[int], joiners: list[tuple[int, float, float]]) -> None:
        await here.add(room, there)
        total = there + sum(bursts)
        readings: list[tuple[int, asyncio.Task[list[int]]]] = []
        for turn, burst in enumerate(bursts):
            for joins, share, pause in joiners:
                if joins % len(bursts) == turn:
                    after = int(share * here.last.get(room, 0))
                    readings.append((after, asyncio.create_task(here.read(room, total, after=after, pause=pause))))
            await asyncio.sleep(0)
            await here.add(room, burst)
        for after, reading in readings:
            assert await asyncio.wait_for(reading, 20) == list(range(after + 1, total + 1))

    with asyncio.Runner() as runner:
        opened = house(tmp_path, sqlite_url)
        here = runner.run(opened.__aenter__())
        try:
            joined()
        finally:
            runner.run(opened.__aexit__(None, None, None))


def test_one_who_read_ahead_of_the_others_gets_nothing_twice(tmp_path: Path, sqlite_url: str) -> None:
    """A joiner that pages past what the topic has handed out is handed only what comes behind that."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            first = asyncio.create_task(here.read("r", 6))
            await until_open(here, 1)
            await here.add("r", 3, told=False)
            second = asyncio.create_task(here.read("r", 6))
            await until_open(here, 2)
            await here.add("r", 3)
            assert await asyncio.wait_for(second, 5) == [1, 2, 3, 4, 5, 6]
            assert await asyncio.wait_for(first, 5) == [1, 2, 3, 4, 5, 6]

    asyncio.run(scene())


def test_one_whose_page_was_slow_misses_nothing_that_came_meanwhile(tmp_path: Path, sqlite_url: str) -> None:
    """Items handed out while a joiner's own page was on its way reach the joiner too."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            await here.add("r", 2)
            first = asyncio.create_task(here.read("r", 5))
            await until_open(here, 1)
            far = Held(here.desk.store, asyncio.Event())
            (topic,) = here.topics._topics.values()
            near, topic.desk = topic.desk, Room(here.desk.feature, far)
            second = asyncio.create_task(here.read("r", 5))

            async def asked() -> bool:
                return far.inside == 1

            await until(asked)
            topic.desk = near
            await here.add("r", 3)
            assert await asyncio.wait_for(first, 5) == [1, 2, 3, 4, 5]
            far.gate.set()
            assert await asyncio.wait_for(second, 5) == [1, 2, 3, 4, 5]

    asyncio.run(scene())


def test_what_comes_while_the_first_page_is_under_way_comes_at_once(tmp_path: Path, sqlite_url: str) -> None:
    """The first to watch a topic does not wait for the look of each second."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            await here.add("r", 1)
            far = Held(here.desk.store, asyncio.Event())
            reading = asyncio.create_task(read_from(here, Room(here.desk.feature, far), 2))

            async def under_way() -> bool:
                return far.inside == 1

            await until(under_way)
            await here.add("r", 1)
            await asyncio.sleep(0)
            far.gate.set()
            assert await asyncio.wait_for(reading, 0.5) == [1, 2]

    async def read_from(here: House, desk: Room, upto: int) -> list[int]:
        got: list[int] = []
        async for encoded in here.follow("r", desk=desk):
            got += numbers_in(encoded)
            if got[-1] == upto:
                break
        return got

    asyncio.run(scene())


def test_each_item_is_read_and_encoded_once_for_all(tmp_path: Path, sqlite_url: str) -> None:
    """Ten watchers of a room cost one encoding an item."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            readings = [asyncio.create_task(here.read("r", 50)) for _ in range(10)]
            await until_open(here, 10)
            await here.add("r", 50)
            assert [await asyncio.wait_for(one, 10) for one in readings] == [list(range(1, 51))] * 10
            assert here.codec.dumped == 50

    asyncio.run(scene())


def test_one_who_is_slow_misses_nothing_and_holds_nobody_up(tmp_path: Path, sqlite_url: str) -> None:
    """A reader that stops for longer than its queue holds gets everything later; the others were not kept waiting."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            total = QUEUE + 100
            slow = here.follow("r")
            first = asyncio.ensure_future(anext(slow))
            await until_open(here, 1)
            await here.add("r")
            await first
            fast = asyncio.create_task(here.read("r", total))
            await here.add("r", total - 1)
            assert await asyncio.wait_for(fast, 10) == list(range(1, total + 1))
            waiting = max(len(one.queue) for one in here.topics._followers)
            assert waiting <= QUEUE
            rest: list[int] = []
            while len(rest) < total - 1:
                rest += numbers_in(await anext(slow))
            assert rest == list(range(2, total + 1))
            assert isinstance(slow, AsyncGenerator)
            await slow.aclose()

    asyncio.run(scene())


@pytest.mark.parametrize("told", [True, False])
def test_a_stream_ends_within_two_seconds_of_losing_the_right(tmp_path: Path, url: str, told: bool) -> None:
    """Told of it or not, the stream of who is out ends in time and nothing more comes through; the other goes on."""

    async def scene() -> None:
        async with house(tmp_path, url) as here:
            got: list[int] = []
            leaving = asyncio.create_task(here.read("r", 100, person="leaving", got=got))
            staying = asyncio.create_task(here.read("r", 4, person="staying"))
            await until_open(here, 2)
            await here.add("r", 2)

            async def both() -> bool:
                return got == [1, 2]

            await until(both)
            here.out.add("leaving")
            began = time.monotonic()
            if told:
                here.topics.recheck("leaving")
            assert await asyncio.wait_for(leaving, 5) == [1, 2]
            assert time.monotonic() - began < (0.5 if told else 2)
            await here.add("r", 2)
            assert await asyncio.wait_for(staying, 5) == [1, 2, 3, 4]
            assert got == [1, 2]

    asyncio.run(scene())


def test_nothing_new_goes_out_before_rights_that_may_have_ended_were_looked_at(tmp_path: Path, sqlite_url: str) -> None:
    """What is said once it is known that somebody may be out waits for the look, whether one is handed items or pages."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            got: list[int] = []
            leaving = asyncio.create_task(here.read("r", 100, person="leaving", got=got))
            staying = asyncio.create_task(here.read("r", 2, person="staying"))
            await until_open(here, 2)
            await here.add("r", 1)

            async def both() -> bool:
                return got == [1]

            await until(both)
            here.topics.recheck()
            await asyncio.sleep(0.02)
            here.out.add("leaving")
            here.topics.recheck("leaving")
            paging = asyncio.create_task(here.read("r", 100, after=1, person="leaving", got=got))
            await here.add("r", 1)
            assert await asyncio.wait_for(staying, 1) == [1, 2]
            assert await asyncio.wait_for(asyncio.gather(leaving, paging), 2) is not None
            assert got == [1]

    asyncio.run(scene())


def test_a_stream_ends_with_its_token(tmp_path: Path, sqlite_url: str) -> None:
    """When the Clock passes the end, the stream ends within two seconds; one that begins after it has nothing."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            ends_at = here.clock.now().add(minutes=5)
            stream = here.follow("r", ends_at=ends_at)
            waiting = asyncio.ensure_future(anext(stream, None))
            await until_open(here, 1)
            here.clock.advance(minutes=5)
            assert await asyncio.wait_for(waiting, 2) is None
            assert await anext(here.follow("r", ends_at=ends_at), None) is None

    asyncio.run(scene())


def test_one_stream_too_many_ends_the_oldest_of_that_person(tmp_path: Path, sqlite_url: str) -> None:
    """The newest gets on, whatever was left behind; others keep theirs, and who has closed some may open as many again."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url, streams=2) as here:
            other = asyncio.create_task(here.read("r", 1, person="other"))
            await until_open(here, 1)
            readings = [asyncio.create_task(here.read("r", 1)) for _ in range(2)]
            await until_open(here, 3)
            newest = [asyncio.create_task(here.read("s", 1)) for _ in range(2)]
            assert await asyncio.wait_for(asyncio.gather(*readings), 20) == [[], []]
            await until_open(here, 3)
            await here.add("r")
            await here.add("s")
            assert await asyncio.wait_for(asyncio.gather(other, *newest), 20) == [[1], [1], [1]]
            again = [asyncio.create_task(here.read("r", 2, after=1)) for _ in range(2)]
            await until_open(here, 2)
            await here.add("r")
            assert await asyncio.wait_for(asyncio.gather(*again), 20) == [[2], [2]]
            assert here.topics.open_streams == len(here.topics._by_person) == 0

    asyncio.run(scene())


def test_a_check_that_fails_lets_nobody_go_on(tmp_path: Path, sqlite_url: str) -> None:
    """If the right cannot be checked, the stream ends: nobody reads on by an error."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            reading = asyncio.create_task(here.read("r", 100))
            await until_open(here, 1)
            await here.desk.store.close()
            assert await asyncio.wait_for(reading, 3) == []

    asyncio.run(scene())


def test_what_another_process_writes_is_seen_when_nats_tells(tmp_path: Path, url: str) -> None:
    """Items that this process was not woken for come with their events: four of them long before four looks would."""

    async def scene() -> None:
        async with house(tmp_path, url) as here, served(tmp_path) as server, connected(server) as connection:
            await here.topics.hear(connection, "SE", ["house"])
            got: list[int] = []
            reading = asyncio.create_task(here.read("r", 4, got=got))
            await until_open(here, 1)
            client = await connection.client()
            began = time.monotonic()
            for number in range(1, 5):
                await here.add("r", told=False)
                headers = {"Nats-Msg-Id": f"e{number}", "Mewe-Sequence": "1", "ce-time": "2026-01-01T00:00:00Z"}
                await client.publish("mewe.SE.house.v1.item_added.r", b"", headers=headers)

                async def there(number: int = number) -> bool:
                    return len(got) == number

                await until(there)
            assert await reading == [1, 2, 3, 4]
            assert time.monotonic() - began < 2.5

    asyncio.run(scene())


def test_what_nobody_told_is_seen_within_a_second(tmp_path: Path, sqlite_url: str) -> None:
    """A watched topic is looked into each second, whatever was missed."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            reading = asyncio.create_task(here.read("r", 1))
            await until_open(here, 1)
            await here.add("r", told=False)
            assert await asyncio.wait_for(reading, 1.5) == [1]

    asyncio.run(scene())


def test_a_reconnection_looks_into_every_watched_topic(tmp_path: Path, sqlite_url: str) -> None:
    """What was told while NATS was away is seen as soon as it is back."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here, served(tmp_path) as server, connected(server) as connection:
            await here.topics.hear(connection, "SE", ["house"])
            stream = here.follow("r")
            waiting = asyncio.ensure_future(anext(stream))
            await until_open(here, 1)
            await kill(server)
            await here.add("r", told=False)
            assert numbers_in(await asyncio.wait_for(waiting, 5)) == [1]
            assert isinstance(stream, AsyncGenerator)
            await stream.aclose()

    asyncio.run(scene())


def test_a_stream_that_is_dropped_leaves_nothing_behind(tmp_path: Path, sqlite_url: str) -> None:
    """Followers that are cancelled or closed are forgotten, with their topics and tasks."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            before = len(asyncio.all_tasks())
            readings = [asyncio.create_task(here.read(f"r{n % 3}", 100)) for n in range(9)]
            await until_open(here, 9)
            await here.add("r0", 3)
            for one in readings:
                one.cancel()
            await asyncio.gather(*readings, return_exceptions=True)

            async def clean() -> bool:
                return len(asyncio.all_tasks()) == before

            await until(clean)
            assert here.topics.open_streams == 0
            assert not here.topics._topics
            assert not here.topics._by_name

    asyncio.run(scene())
