"""Events of other features: effects once, in order, and poison in nobody else's way."""

import asyncio
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from mewe_core.kit.errors import NotFound, SignedOut
from mewe_core.kit.records import INBOX
from mewe_host.desk.inbox import Seen, Sort, judge
from mewe_host.parts import Envelope, Taken
from sqlalchemy import select

from .echo import POISON, Poisoned
from .world import World, running

SEQUENCES = select(INBOX.c.sequence).order_by(INBOX.c.area, INBOX.c.aggregate_id)


async def written(world: World, count: int, *, circle: str = "c1") -> list[Envelope]:
    """Somebody joins and writes notes; the events of the circle itself, in order."""
    await world.call("Join", "p1", request_id=f"join-{circle}", circle_id=circle)
    for n in range(count):
        await world.call("PostNote", "p1", request_id=f"r{n}-{circle}", circle_id=circle, text=f"note {n}")
    return [one for one in await world.told("circle") if one.aggregate_id == circle]


async def standings(world: World) -> None:
    """The echo hears who belongs where."""
    for envelope in await world.told("circle"):
        if envelope.name == "standing_changed":
            assert await world.desks["echo"].hear(envelope) is Taken.KEPT


async def echoes(world: World, *, circle: str = "c1") -> tuple[int, int]:
    """How many notes the echo heard, and how many members it knows of."""
    counted = world.loaded("CountEchoes", await world.call("CountEchoes", "p1", circle_id=circle))
    return counted.notes, counted.members


def test_an_event_takes_effect_once_however_often_it_comes(tmp_path: Path, url: str) -> None:
    """Redelivered events are REPEATED; their effects, and what those tell, are there once."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await written(world, 3)
            await world.bring()
            for envelope in await world.told("circle"):
                assert await world.desks["echo"].hear(envelope) is Taken.REPEATED
            assert await echoes(world) == (3, 1)
            assert [one.sequence for one in await world.told("echo") if one.name == "note_echoed"] == [1, 2, 3]

    asyncio.run(scene())


def test_an_event_delivered_twice_at_once_takes_effect_once(tmp_path: Path, url: str) -> None:
    """Ten deliveries beside each other are one effect."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            note = (await written(world, 1))[1]
            await standings(world)
            await world.desks["echo"].hear((await world.told("circle"))[2])
            taken = await asyncio.gather(*(world.desks["echo"].hear(note) for _ in range(10)))
            assert sorted(one.name for one in taken) == ["KEPT"] + ["REPEATED"] * 9
            assert await echoes(world) == (1, 1)

    asyncio.run(scene())


def test_a_missing_event_is_a_gap_until_it_comes(tmp_path: Path, url: str) -> None:
    """What comes too early is not kept; with the missing one it is."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            changed, first, second = await written(world, 2)
            await standings(world)
            hear = world.desks["echo"].hear
            assert await hear(changed) is Taken.KEPT
            assert await hear(second) is Taken.GAP
            assert await echoes(world) == (0, 1)
            assert [await hear(one) for one in (first, second)] == [Taken.KEPT] * 2
            assert await echoes(world) == (2, 1)

    asyncio.run(scene())


def test_what_is_not_to_be_had_any_more_is_no_gap(tmp_path: Path, sqlite_url: str) -> None:
    """A feature that comes late goes on from the first event that its teller still keeps."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            *_, last_but_one, last = await written(world, 4)
            await standings(world)
            hear = world.desks["echo"].hear
            assert await hear(last_but_one) is Taken.GAP
            assert await hear(last_but_one, earlier_gone=True) is Taken.KEPT
            assert await hear(last) is Taken.KEPT
            assert await echoes(world) == (2, 0)

    asyncio.run(scene())


def test_a_state_event_may_run_ahead_and_loses_nobody_elses(tmp_path: Path, url: str) -> None:
    """A newer state takes effect at once, an older one never again; other events of the aggregate are still taken in order."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await written(world, 1)
            await world.call("Join", "p2", request_id="join-p2", circle_id="c1")
            older, note, newer = [one for one in await world.told("circle") if one.aggregate_id == "c1"]
            await standings(world)
            hear = world.desks["echo"].hear
            assert await hear(newer) is Taken.KEPT
            assert await hear(note) is Taken.GAP
            assert await hear(older) is Taken.REPEATED
            assert await echoes(world) == (0, 2)
            assert await hear(note) is Taken.KEPT
            assert await echoes(world) == (1, 2)

    asyncio.run(scene())


def test_an_event_nobody_knows_only_moves_the_inbox(tmp_path: Path, sqlite_url: str) -> None:
    """A newer teller's new event is passed over, and those behind it are heard."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            changed, first, second = await written(world, 2)
            await standings(world)
            hear = world.desks["echo"].hear
            unknown = evolve(first, name="note_sung", payload=b"\xff\xff")
            assert [await hear(one) for one in (changed, unknown, second)] == [Taken.KEPT] * 3
            assert await echoes(world) == (1, 1)

    asyncio.run(scene())


def test_an_area_nobody_listens_to_leaves_no_trace(tmp_path: Path, sqlite_url: str) -> None:
    """Events of an area that tells nothing the feature hears, and its own, are passed over."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            events = [evolve(one, area=area) for one in await written(world, 1) for area in ("echo", "elsewhere")]
            assert [await world.desks["echo"].hear(one) for one in events] == [Taken.KEPT] * 4
            assert await world.rows("echo", SEQUENCES, int) == []

    asyncio.run(scene())


def test_only_a_feature_that_declares_it_may_tell_of_standing(tmp_path: Path, sqlite_url: str) -> None:
    """Somebody's standing from an area that does not declare such events lets nobody in."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await written(world, 0)
            for envelope in await world.told("circle"):
                await world.desks["echo"].hear(evolve(envelope, area="echo"))
            with pytest.raises(NotFound):
                await echoes(world)

    asyncio.run(scene())


def test_a_handler_that_fails_keeps_nothing(tmp_path: Path, url: str) -> None:
    """The fault is let through; effects, inbox and what was told are as before, and the event may come again."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            *before, poison = await written(world, POISON)
            await standings(world)
            for envelope in before:
                await world.desks["echo"].hear(envelope)
            told = await world.told("echo")
            for _ in range(2):
                with pytest.raises(Poisoned):
                    await world.desks["echo"].hear(poison)
            assert await echoes(world) == (POISON - 1, 1)
            assert await world.told("echo") == told

    asyncio.run(scene())


def test_a_parked_aggregate_stands_in_nobody_elses_way_and_is_driven_again(tmp_path: Path, url: str) -> None:
    """What comes behind poison is parked in order; other aggregates go on; once cured, all of it takes effect once."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            events = await written(world, POISON + 3)
            await standings(world)
            desk, poison, behind = world.desks["echo"], events[POISON], events[POISON + 1 :]
            for envelope in events[:POISON]:
                await desk.hear(envelope)
            await desk.park(poison, "Poisoned")
            assert await desk.hear(behind[1]) is Taken.GAP
            assert [await desk.hear(one) for one in (*behind, poison, behind[0])] == [Taken.PARKED] * 5
            for envelope in await written(world, 1, circle="c2"):
                assert await desk.hear(envelope) is Taken.KEPT
            listed = await desk.parked()
            assert [one.envelope for one in listed] == [poison, *behind]
            assert [one.reason for one in listed] == ["Poisoned", *["BEHIND_ANOTHER"] * 3]
            with pytest.raises(Poisoned):
                await desk.redrive("circle", "c1")
            assert len(await desk.parked()) == 4
            world.cures.found.add("cured")
            driven = await desk.redrive("circle", "c1")
            assert (driven.kept, driven.missing) == (4, False)
            assert await desk.parked() == []
            assert await echoes(world) == (POISON + 3, 1)

    asyncio.run(scene())


def test_who_is_cut_off_elsewhere_is_cut_off_here(tmp_path: Path, url: str) -> None:
    """An end of session that is heard ends the tokens of the session in this process at once, streams included."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await written(world, 0)
            await world.bring()
            await world.call("EndSession", "p1", request_id="r1", session_id="s1")
            assert world.live.rechecked[-1] is None
            with pytest.raises(SignedOut):
                await echoes(world)

    asyncio.run(scene())


@given(st.permutations(range(1, 8)), st.sets(st.integers(1, 7)))
def test_every_step_takes_effect_once_and_in_order_however_they_come(order: list[int], states: set[int]) -> None:
    """Whatever the order of arrival, what is a gap comes again: each step takes effect once in order, states only forward."""
    whole, state, effects = 0, 0, []
    waiting = list(order)
    while waiting:
        sequence = waiting.pop(0)
        sort = Sort.STATE if sequence in states else Sort.STEP
        verdict = judge(sequence, sort, Seen(whole or None, state or None, None))
        whole = sequence if verdict.moves_whole else whole
        state = sequence if verdict.moves_state else state
        if verdict.taken is Taken.KEPT:
            effects.append(sequence)
        needed = sort is Sort.STEP and verdict.taken is Taken.GAP
        if needed or (sort is Sort.STATE and whole < sequence):
            waiting.append(sequence)
    steps = [one for one in effects if one not in states]
    assert steps == [one for one in range(1, 8) if one not in states]
    newest = [one for one in effects if one in states]
    assert newest == sorted(set(newest))
    assert whole == 7
