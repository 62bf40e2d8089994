"""Streams: what waits goes out together, and what a unit shows reaches those who follow without being read."""

import asyncio
from itertools import count
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from .watching import LongNumbers, house, numbers_in, until_open


def test_what_waits_for_one_goes_out_together(tmp_path: Path, sqlite_url: str) -> None:
    """A page of what was there is one answer, and so is what came while one was not reading."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            await here.add("r", 3)
            stream = here.follow("r")
            assert numbers_in(await anext(stream)) == [1, 2, 3]
            joined = asyncio.ensure_future(anext(stream))
            await until_open(here, 1)
            await here.add("r")
            assert numbers_in(await joined) == [4]
            fast = asyncio.create_task(here.read("r", 9))
            await here.add("r", 5)
            await fast
            assert numbers_in(await anext(stream)) == [5, 6, 7, 8, 9]

    asyncio.run(scene())


def test_one_answer_is_never_very_large(tmp_path: Path, sqlite_url: str) -> None:
    """Large items go out one by one, whether they were there or come: no client has to take a whole room at once."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            here.codec = LongNumbers()
            await here.add("r", 2)
            stream = here.follow("r")
            assert [numbers_in(await anext(stream)) for _ in range(2)] == [[1], [2]]
            joined = asyncio.ensure_future(anext(stream))
            await until_open(here, 1)
            await here.add("r", 3)
            assert [numbers_in(one) for one in (await joined, await anext(stream), await anext(stream))] == [[3], [4], [5]]

    asyncio.run(scene())


def test_what_is_shown_directly_behind_is_not_read(tmp_path: Path, sqlite_url: str) -> None:
    """It reaches those who have everything before it, also where a database would not have it."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            await here.add("r", 5)
            reading = asyncio.create_task(here.read("r", 7))
            await until_open(here, 1)
            here.show("r", 6)
            here.show("r", 7)
            assert await asyncio.wait_for(reading, 5) == [1, 2, 3, 4, 5, 6, 7]

    asyncio.run(scene())


def test_what_is_shown_behind_something_unknown_is_read(tmp_path: Path, sqlite_url: str) -> None:
    """Where another process put something before it, or the order is another, nothing is passed over."""

    async def scene() -> None:
        async with house(tmp_path, sqlite_url) as here:
            await here.add("r", 1)
            reading = asyncio.create_task(here.read("r", 5))
            await until_open(here, 1)
            await here.add("r", 2, told=False)
            await here.add("r", 2, told=False)
            here.show("r", 5)
            here.show("r", 3)
            assert await asyncio.wait_for(reading, 0.5) == [1, 2, 3, 4, 5]

    asyncio.run(scene())


def test_shown_or_read_everything_comes_once_and_in_order(tmp_path: Path, sqlite_url: str) -> None:
    """Whatever is shown, told by others, or found out with the next thing that is told; whoever joins whenever."""
    rooms = (f"r{number}" for number in count())
    ways = st.sampled_from([{"shown": True}, {"shown": True}, {}, {"told": False}])

    @settings(max_examples=25, deadline=None)
    @given(
        bursts=st.lists(st.tuples(st.integers(1, 12), ways, st.booleans()), min_size=1, max_size=8),
        last=st.sampled_from([{"shown": True}, {}]),
    )
    def played(bursts: list[tuple[int, dict[str, bool], bool]], last: dict[str, bool]) -> None:
        runner.run(scene(next(rooms), bursts, last))

    async def scene(room: str, bursts: list[tuple[int, dict[str, bool], bool]], last: dict[str, bool]) -> None:
        total = sum(burst for burst, _, _ in bursts) + 1
        readings = [asyncio.create_task(here.read(room, total))]
        for burst, way, joins in bursts:
            if joins:
                readings.append(asyncio.create_task(here.read(room, total)))
            await asyncio.sleep(0)
            await here.add(room, burst, **way)
        await here.add(room, **last)
        for reading in readings:
            assert await asyncio.wait_for(reading, 20) == list(range(1, total + 1))

    with asyncio.Runner() as runner:
        opened = house(tmp_path, sqlite_url)
        here = runner.run(opened.__aenter__())
        try:
            played()
        finally:
            runner.run(opened.__aexit__(None, None, None))
