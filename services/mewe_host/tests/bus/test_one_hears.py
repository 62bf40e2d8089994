"""Of several processes of a feature one hears, and one that starts catches up beside others that are busy."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from tests.waiting import until

from ..desk.world import running
from .passing import Counting, Slower
from .postal import connected, exchange, hears, join, served, with_notes, write_notes


def test_of_two_processes_one_hears_and_the_other_goes_on_where_it_stops(tmp_path: Path, postgresql_url: str) -> None:
    """Shared out between them, the events of a circle would overtake each other: each would have to be asked for again."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server, "first") as connection,
            connected(server, "second") as other,
            running(tmp_path, postgresql_url) as world,
            exchange(world, connection, world.desks["circle"]),
        ):
            first, second = Counting(world.desks["echo"]), Counting(world.desks["echo"])
            async with AsyncExitStack() as until_it_stops:
                hearer = await until_it_stops.enter_async_context(exchange(world, connection, first))
                circles = [f"c{number}" for number in range(1, 21)]
                await asyncio.gather(*(join(world, "p1", circle) for circle in circles))
                async with exchange(world, other, second):
                    await asyncio.gather(*(write_notes(world, "p1", circle, range(9)) for circle in circles))
                    await until(hearer.settled)
                    assert (first.gaps, second.heard) == (0, 0)
                    await until_it_stops.aclose()
                    await write_notes(world, "p1", "c1", range(9, 12))
                    await hears(world, "p1", "c1", 12)
                    assert second.heard >= 3

    asyncio.run(scene())


def test_a_feature_catches_up_while_more_and_more_is_told(tmp_path: Path, sqlite_url: str) -> None:
    """It has heard enough to serve once it has heard what there was when it began, however busy the others are."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection, world.desks["circle"]) as teller,
        ):
            await with_notes(world, 1)
            await until(teller.settled)
            desk = Slower(world.desks["echo"], asyncio.Semaphore(0))
            async with exchange(world, connection, desk) as hearer:

                async def talk() -> None:
                    number = 0
                    while not hearer.is_caught_up:
                        number += 1
                        await world.call("Join", "p1", request_id=f"join-{number}", circle_id=f"more-{number}")
                        await write_notes(world, "p1", f"more-{number}", range(1))
                        await until(teller.settled)
                        desk.behind.release()

                async with asyncio.timeout(20):
                    await talk()
                desk.behind = asyncio.Semaphore(1_000_000)

    asyncio.run(scene())
