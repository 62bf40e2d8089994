"""Slow work before a unit: for those who may, within their deadline, and once for a request that is repeated."""

import asyncio
from pathlib import Path

import pytest
from mewe_core.kit.errors import NotFound, RequestReused, SignedOut
from mewe_host.desk.failures import DeadlinePassed
from mewe_host.parts import Arrival
from mewe_host.store.units import UnitSuspended

from .world import World, running

BRING = {"request_id": "bringing-a-note-1", "circle_id": "c1", "code": "k"}


async def joined(world: World) -> None:
    """p1 belongs to c1."""
    await world.call("Join", "p1", request_id="r1", circle_id="c1")


async def notes(world: World) -> list[str]:
    """What is read in c1."""
    return [note.text for note in world.loaded("ListNotes", await world.call("ListNotes", "p1", circle_id="c1")).notes]


@pytest.mark.parametrize("waits", [True, False])
def test_what_was_prepared_is_lent_to_the_handler(tmp_path: Path, url: str, waits: bool) -> None:
    """The outside is asked before the unit or within it, with what the database says; a read may prepare as well."""

    async def scene() -> None:
        async with running(tmp_path, url, waits=waits) as world:
            await joined(world)
            world.outside.answering.set()
            await world.call("BringNote", "p1", **BRING)
            assert world.outside.asked == [("k", "c1")]
            assert await notes(world) == ["brought 1"]
            seen = world.loaded("LookOutside", await world.call("LookOutside", "p1", circle_id="c1"))
            assert seen.text == "brought 2"

    asyncio.run(scene())


@pytest.mark.parametrize("waits", [True, False])
@pytest.mark.parametrize("name", ["BringNote", "LookOutside"])
def test_nothing_is_prepared_for_those_who_may_not(tmp_path: Path, sqlite_url: str, name: str, waits: bool) -> None:
    """A stranger, nobody, and a circle that is not there cost no question outside, and get the answer they always get."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url, waits=waits) as world:
            await joined(world)
            fields = BRING if name == "BringNote" else {"circle_id": "c1"}
            for person, circle, refusal in (("p2", "c1", NotFound), ("p1", "c9", NotFound), (None, "c1", SignedOut)):
                with pytest.raises(refusal):
                    await world.call(name, person, **{**fields, "circle_id": circle})
            assert world.outside.asked == []

    asyncio.run(scene())


def test_whoever_lost_their_right_meanwhile_is_refused(tmp_path: Path, url: str) -> None:
    """The rule is asked again in the unit: what was prepared is thrown away."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world)
            bringing = asyncio.create_task(world.call("BringNote", "p1", **BRING))
            await asyncio.wait_for(world.outside.heard.wait(), 10)
            await world.call("Leave", "p1", request_id="r2", circle_id="c1")
            world.outside.answering.set()
            with pytest.raises(NotFound):
                await bringing
            await world.call("Join", "p1", request_id="r3", circle_id="c1")
            assert await notes(world) == []

    asyncio.run(scene())


@pytest.mark.parametrize("name", ["BringNote", "LookOutside"])
def test_a_deadline_ends_the_preparing(tmp_path: Path, sqlite_url: str, name: str) -> None:
    """Nothing was begun, nobody outside is asked on, and nothing is kept."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world)
            fields = BRING if name == "BringNote" else {"circle_id": "c1"}
            with pytest.raises(DeadlinePassed):
                await world.arrive(name, Arrival(world.token("p1"), 0.2, None), **fields)
            await world.desks["circle"].settle()
            assert (len(world.outside.asked), world.outside.left) == (1, 1)
            assert await notes(world) == []

    asyncio.run(scene())


@pytest.mark.parametrize("waits", [True, False])
def test_a_request_that_was_answered_is_not_prepared_again(tmp_path: Path, url: str, waits: bool) -> None:
    """A repeat gets the first answer without a question outside; the same id for another request is refused."""

    async def scene() -> None:
        async with running(tmp_path, url, waits=waits) as world:
            await joined(world)
            world.outside.answering.set()
            first = await world.call("BringNote", "p1", **BRING)
            again = await world.call("BringNote", "p1", **BRING)
            assert (again.message, again.position) == (first.message, first.position)
            with pytest.raises(RequestReused):
                await world.call("BringNote", "p1", **{**BRING, "code": "other"})
            assert len(world.outside.asked) == 1
            assert await notes(world) == ["brought 1"]

    asyncio.run(scene())


def test_other_calls_go_on_while_one_prepares(tmp_path: Path, url: str) -> None:
    """Preparing holds no unit and no lock."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world)
            bringing = asyncio.create_task(world.call("BringNote", "p1", **BRING))
            await asyncio.wait_for(world.outside.heard.wait(), 10)
            await world.call("PostNote", "p1", request_id="r2", circle_id="c1", text="meanwhile")
            assert not bringing.done()
            world.outside.answering.set()
            await bringing
            assert await notes(world) == ["meanwhile", "brought 1"]

    asyncio.run(scene())


@pytest.mark.parametrize("name", ["BringNote", "LookOutside"])
def test_what_says_that_it_waits_for_nobody_does_not(tmp_path: Path, sqlite_url: str, name: str) -> None:
    """It is run in the unit, which ends at the first thing that it would have to wait for; nothing is kept."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url, waits=False) as world:
            await joined(world)
            fields = BRING if name == "BringNote" else {"circle_id": "c1"}
            with pytest.raises(UnitSuspended):
                await world.call(name, "p1", **fields)
            assert await notes(world) == []

    asyncio.run(scene())
