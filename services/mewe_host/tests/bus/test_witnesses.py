"""Checkpoints on their way to a witness: a feature that hears nothing else of an area keeps them, and waits for nobody."""

import asyncio
import contextlib
from pathlib import Path

from mewe_core.kit.errors import NotFound
from mewe_core.kit.events import catalogue
from mewe_core.kit.records import INBOX
from mewe_host.bus.exchange import witnessed_areas
from mewe_host.desk import witnessing
from mewe_host.desk.hearing import heard
from mewe_host.desk.sealing import Sealer
from sqlalchemy import select

from tests.waiting import until

from ..desk.world import World, running
from .postal import connected, exchange, served

HEARD = select(INBOX.c.aggregate_id).where(INBOX.c.area == "echo")


async def checked(world: World, feature: str) -> None:
    """Somebody is refused something, which is recorded and sealed, with a checkpoint."""
    with contextlib.suppress(NotFound):
        await world.call("CountEchoes" if feature == "echo" else "ListNotes", "p1", circle_id="c1")
    desk = world.desks[feature]
    await desk.accesses.keep()
    await Sealer(feature, desk.store, world.keys, world.clock, world.folder / "audit-checkpoints", desk.tell).finish()


def test_each_is_the_witness_of_another(tmp_path: Path, url: str) -> None:
    """The echo hears the circle anyway; the circle hears of the echo its checkpoints, and nothing else."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, url) as world,
            exchange(world, connection) as one,
        ):
            await asyncio.wait_for(one.caught_up(), 10)
            await checked(world, "circle")
            await checked(world, "echo")

            async def kept() -> bool:
                rows = {name: await world.stores[name].read(witnessing.kept) for name in ("circle", "echo")}
                return [[row.area_id for row in rows[name]] for name in ("circle", "echo")] == [["echo"], ["circle"]]

            await until(kept)
            assert set(await world.rows("circle", HEARD, str)) == {"echo", "echo#audit_checkpoint"}
            for name in ("circle", "echo"):
                rows = await world.stores[name].read(witnessing.kept)
                assert all(witnessing.read(row, name, world.keys) is not None for row in rows)

    asyncio.run(scene())


def test_a_witness_serves_while_the_other_feature_is_away(tmp_path: Path, sqlite_url: str) -> None:
    """The circle alone in its process has nothing to catch up with, though no stream of the echo is there yet."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection, world.desks["circle"]) as one,
        ):
            assert [witness.feature for witness in one.witnesses] == ["circle"]
            await asyncio.wait_for(one.caught_up(), 5)
            await until(one.settled)

    asyncio.run(scene())


def test_everybody_has_a_witness_and_the_first_feature_is_that_of_all_others(tmp_path: Path, sqlite_url: str) -> None:
    """In any mix of two features or more."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            circle, echo = (world.desks[name].feature for name in ("circle", "echo"))
            for order in ((circle, echo), (echo, circle)):
                known = catalogue([(one.name, one.tells) for one in order])
                for one, other in (order, order[::-1]):
                    assert other.name in {*heard(one, known), *witnessed_areas(one, known)}
            alone = catalogue([(circle.name, circle.tells)])
            assert witnessed_areas(circle, alone) == ()

    asyncio.run(scene())
