"""Events between two features over a real server: each takes effect once, whatever happens on the way."""

import asyncio
from pathlib import Path

from tests.waiting import until

from ..desk.world import running
from .postal import PUBLISHED, connected, exchange, hears, join, kill, served, write_notes


def test_what_one_feature_tells_takes_effect_in_another(tmp_path: Path, url: str) -> None:
    """Notes posted in one feature are counted by another, each once, and the outbox is marked to its end."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, url) as world,
            exchange(world, connection) as one,
        ):
            await asyncio.wait_for(one.caught_up(), 10)
            await join(world, "p1", "c1")
            await write_notes(world, "p1", "c1", range(10))
            await hears(world, "p1", "c1", 10)
            await until(one.settled)
            assert len(await world.rows("circle", PUBLISHED, str)) == len(await world.told("circle"))

    asyncio.run(scene())


def test_nothing_is_lost_or_doubled_when_the_server_is_killed(tmp_path: Path, sqlite_url: str) -> None:
    """While notes are posted the server is killed three times; each note counts once in the end."""

    async def scene() -> None:
        async with served(tmp_path) as server, connected(server) as connection, running(tmp_path, sqlite_url) as world:
            world.cures.found.add("cured")
            async with exchange(world, connection) as one:
                await join(world, "p1", "c1")
                for turn in range(3):
                    posting = asyncio.create_task(write_notes(world, "p1", "c1", range(turn * 100, turn * 100 + 100)))
                    await asyncio.sleep(0.01 * turn)
                    await kill(server)
                    await posting
                await hears(world, "p1", "c1", 300)
                await until(one.settled)

    asyncio.run(scene())
