"""Positions: who did something at one service is answered at another when that one has heard of it."""

import asyncio
from pathlib import Path
from time import perf_counter

import pytest
from attrs import evolve
from mewe_core.kit.errors import Invalid
from mewe_host.desk import positions
from mewe_host.desk.failures import NotThereYet
from mewe_host.desk.positions import Arrivals, Entry
from mewe_host.parts import Arrival

from .world import World, running


async def joined(world: World) -> str:
    """Somebody joins at the circle; the position of the answer."""
    return (await world.call("Join", "p1", request_id="r1", circle_id="c1")).position


def test_a_call_waits_until_its_position_is_heard(tmp_path: Path, url: str) -> None:
    """The echo answers with what the caller did a moment ago, as soon as it arrives."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            position = await joined(world)
            with pytest.raises(NotThereYet):
                await world.desks["echo"].caught_up(position, 0)
            arrival = Arrival(world.token("p1"), 20, position)
            asking = asyncio.create_task(world.arrive("CountEchoes", arrival, circle_id="c1"))
            await asyncio.sleep(0)
            await world.bring()
            assert world.loaded("CountEchoes", await asking).members == 1

    asyncio.run(scene())


def test_who_waits_is_woken_by_what_arrives(tmp_path: Path, url: str) -> None:
    """Whoever would wait for a minute is answered as soon as the event is heard."""

    async def scene() -> None:
        async with running(tmp_path, url) as world, asyncio.timeout(20):
            waiting = asyncio.create_task(world.desks["echo"].caught_up(await joined(world), 60))
            await asyncio.sleep(0)
            await world.bring()
            await waiting

    asyncio.run(scene())


def test_a_position_already_heard_costs_no_wait(tmp_path: Path, sqlite_url: str) -> None:
    """What was heard before this process started is found in the database."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            position = await joined(world)
            await world.bring()
            await world.another_desk("echo").caught_up(position, 0)

    asyncio.run(scene())


def test_a_position_that_does_not_come_is_not_there_yet(tmp_path: Path, url: str) -> None:
    """After two seconds (or the caller's own deadline) the call is refused, and may be repeated."""

    async def scene() -> float:
        async with running(tmp_path, url) as world:
            arrival = Arrival(world.token("p1"), 0.2, await joined(world))
            begun = perf_counter()
            with pytest.raises(NotThereYet):
                await world.arrive("CountEchoes", arrival, circle_id="c1")
            return perf_counter() - begun

    assert 0.2 <= asyncio.run(scene()) < 1.5


def test_another_process_may_hear_it(tmp_path: Path, postgresql_url: str) -> None:
    """On a database that several processes serve, what another one has heard is found there."""

    async def scene() -> None:
        async with running(tmp_path, postgresql_url) as world, asyncio.timeout(20):
            position = await joined(world)
            another = world.another_desk("echo")
            await another.start()
            waiting = asyncio.create_task(another.caught_up(position, 60))
            await asyncio.sleep(0)
            await world.bring()
            await waiting

    asyncio.run(scene())


def test_what_a_feature_does_not_listen_to_is_not_waited_for(tmp_path: Path, sqlite_url: str) -> None:
    """Its own area, areas that tell it nothing, and events of others that it does not know."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await world.desks["echo"].caught_up("echo.note_echoed/a/9,elsewhere.seen/b/9,circle.later/c/9", 0)

    asyncio.run(scene())


@pytest.mark.parametrize(
    "position",
    [
        *("x", "circle.left/c1", "circle.left/c1/0", "circle.left/c1/-1", "circle.left//1", ",", "circle.left/c1/1,"),
        *("Circle.left/c1/1", "circle.left/c 1/1", "circle/c1/1", "circle./c1/1", ".left/c1/1", "circle.left.x/c1/1"),
        *("circle.left/c1/9999999999999999999", ",".join(["circle.left/c1/1"] * 17), "a.b/" + "b" * 3000 + "/1"),
        "circle.left/c1/1\n",
    ],
)
def test_what_is_no_position_is_refused(position: str) -> None:
    """A client sends back what it got, unchanged; a position has sixteen entries at most."""
    with pytest.raises(Invalid) as refused:
        positions.read(position)
    assert [one.path for one in refused.value.fields] == ["mewe-position"]


def test_a_position_that_was_written_can_be_read(tmp_path: Path, sqlite_url: str) -> None:
    """It names the newest event of each name and aggregate that a unit told, sixteen at most."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            joined = await world.call("Join", "p1", request_id="r1", circle_id="c1")
            assert joined.position == "circle.standing_changed/p1-c1/1,circle.circle_changed/c1/1"
            entries = positions.read(joined.position)
            assert [(one.aggregate_id, one.sequence) for one in entries] == [("p1-c1", 1), ("c1", 1)]
            told = (await world.told("circle"))[-1]
            many = [evolve(told, aggregate_id=f"c{n}", sequence=m) for n in range(20) for m in (1, 2)]
            entries = positions.read(positions.written(many))
            assert [(one.aggregate_id, one.sequence) for one in entries] == [(f"c{n}", 2) for n in range(4, 20)]

    asyncio.run(scene())


def test_what_stands_for_an_event_is_enough_and_nothing_else_is() -> None:
    """A later event of its name, or any one with everything before it; not a later one that ran ahead of it."""
    wanted = Entry("circle", "note_posted", "c1", 5)
    for heard, whole, enough in (
        (Entry("circle", "note_posted", "c1", 5), False, True),
        (Entry("circle", "note_posted", "c1", 6), False, True),
        (Entry("circle", "note_posted", "c1", 4), True, False),
        (Entry("circle", "circle_changed", "c1", 9), False, False),
        (Entry("circle", "circle_changed", "c1", 5), True, True),
        (Entry("circle", "circle_changed", "c2", 9), True, False),
        (Entry("echo", "note_posted", "c1", 9), True, False),
    ):
        arrivals = Arrivals()
        arrivals.note(heard, whole=whole)
        assert arrivals.heard(wanted) is enough, heard
