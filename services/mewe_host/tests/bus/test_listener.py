"""The listener: in order, once, however events arrive; and what cannot be taken in is in nobody else's way."""

import asyncio
from pathlib import Path

from attrs import evolve
from mewe_core.kit.events import catalogue
from mewe_core.kit.plugins import installed, load
from mewe_host.bus import outbox, streams
from mewe_host.bus.lease import Lease
from mewe_host.bus.listener import Listener
from mewe_host.bus.subjects import Names, headers
from mewe_host.desk.hearing import delivered, heard
from mewe_host.parts import Envelope

from tests.waiting import until

from ..desk.world import running
from .passing import OftenAway
from .postal import COUNTRY, connected, echoed, exchange, hears, join, served, told, with_notes, write_notes

NAMES = Names(COUNTRY)


def test_the_same_event_twice_counts_once(tmp_path: Path, url: str) -> None:
    """An event that JetStream took in again under another id is heard and changes nothing."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, url) as world,
            exchange(world, connection) as one,
        ):
            await with_notes(world, 3)
            await hears(world, "p1", "c1", 3)
            client = await connection.client()
            for row in await world.told("circle"):
                around = headers(evolve(row, event_id=f"again-{row.event_id}"), COUNTRY)
                subject = NAMES.subject("circle", row.name, row.aggregate_id)
                await client.jetstream().publish(subject, row.payload, headers=around)
            await until(one.settled)
            assert await echoed(world, "p1", "c1") == (3, 1)

    asyncio.run(scene())


def test_a_gap_is_filled_from_the_teller(tmp_path: Path, url: str) -> None:
    """Events that vanished from the stream are asked for again and taken in before those behind them."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, url) as world,
            exchange(world, connection, world.desks["circle"]) as teller,
        ):
            await with_notes(world, 10)
            await until(teller.settled)
            client = await connection.client()
            for sequence in (1, 4, 5):
                await client.jetstream().delete_msg(NAMES.events("circle"), sequence)
            async with exchange(world, connection, world.desks["echo"]) as hearer:
                await asyncio.wait_for(hearer.caught_up(), 10)
                assert await echoed(world, "p1", "c1") == (10, 1)

    asyncio.run(scene())


def test_a_feature_that_comes_late_hears_what_is_kept(tmp_path: Path, sqlite_url: str) -> None:
    """When stream and outbox have forgotten the oldest events, a late feature has the states and what is left, and goes on."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection, world.desks["circle"]) as teller,
        ):
            await with_notes(world, 4)
            await until(teller.settled)
            client = await connection.client()
            await client.jetstream().purge_stream(NAMES.events("circle"))
            world.clock.advance(hours=24 * 8)
            at = world.clock.now().subtract(hours=24 * 7)
            states = told(world, "circle").states
            await world.stores["circle"].write(lambda database: outbox.forget(database, 0, states, at))
            async with exchange(world, connection, world.desks["echo"]) as hearer:
                await asyncio.wait_for(hearer.caught_up(), 10)
                assert await echoed(world, "p1", "c1") == (0, 1)
                await write_notes(world, "p1", "c1", range(4, 7))
                await hears(world, "p1", "c1", 3)
                assert await world.desks["echo"].parked() == []

    asyncio.run(scene())


def test_a_gap_waits_for_a_teller_that_is_away(tmp_path: Path, sqlite_url: str) -> None:
    """Without the teller the aggregate waits and others go on; when it is back, nothing is missing."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
        ):
            async with exchange(world, connection, world.desks["circle"]) as teller:
                await with_notes(world, 3)
                await world.call("Join", "p1", request_id="j2", circle_id="c2")
                await write_notes(world, "p1", "c2", range(3))
                await until(teller.settled)
            client = await connection.client()
            await client.jetstream().delete_msg(NAMES.events("circle"), 1)
            async with exchange(world, connection, world.desks["echo"]) as hearer:
                await hears(world, "p1", "c2", 3)
                assert (await echoed(world, "p1", "c1"))[0] == 0
                assert not hearer.is_caught_up
                async with exchange(world, connection, world.desks["circle"]):
                    await hears(world, "p1", "c1", 3)
                    await asyncio.wait_for(hearer.caught_up(), 10)

    asyncio.run(scene())


def test_what_comes_first_by_the_other_stream_is_not_asked_for(tmp_path: Path, sqlite_url: str) -> None:
    """An event that overtook the one before it in the area's other stream waits for it, also when the teller is away."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
        ):
            await with_notes(world, 1)
            client = await connection.client()
            stream = client.jetstream()
            for name in await streams.keep(stream, NAMES, told(world, "circle"), replicas=1):
                await streams.filled(stream, name)

            async def publish(row: Envelope) -> None:
                subject = NAMES.subject("circle", row.name, row.aggregate_id)
                await stream.publish(subject, row.payload, headers=headers(row, COUNTRY))

            rows = sorted(await world.told("circle"), key=lambda row: row.name == "circle_changed")
            async with exchange(world, connection, world.desks["echo"]):
                for row in rows[:-1]:
                    await publish(row)

                async def delivered() -> bool:
                    return bool((await stream.consumer_info(NAMES.events("circle"), "echo")).num_ack_pending)

                await until(delivered)
                await publish(rows[-1])
                await hears(world, "p1", "c1", 1)

    asyncio.run(scene())


def test_poison_parks_its_own_aggregate_alone(tmp_path: Path, url: str) -> None:
    """An event that no attempt can take in is put aside with those behind it; others are heard; it can be driven again."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, url) as world,
            exchange(world, connection) as one,
        ):
            await with_notes(world, 15)
            await join(world, "p1", "c2")
            await write_notes(world, "p1", "c2", range(5))
            await hears(world, "p1", "c2", 5)
            await until(one.settled)
            desk = world.desks["echo"]
            parked = await desk.parked()
            assert [one.envelope.aggregate_id for one in parked] == ["c1"] * 3
            assert parked[0].reason == "Poisoned"
            assert (await echoed(world, "p1", "c1"))[0] == 12
            world.cures.found.add("cured")
            await desk.redrive("circle", "c1")
            assert (await echoed(world, "p1", "c1"))[0] == 15

    asyncio.run(scene())


def test_a_database_that_is_away_parks_nothing(tmp_path: Path, sqlite_url: str) -> None:
    """Events wait for their database, however long: it is not their fault."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection, world.desks["circle"]),
        ):
            await with_notes(world, 3)
            desk = OftenAway(world.desks["echo"], 12)
            listener = Listener(desk, told(world, "circle"), connection, NAMES, Lease(desk.store, "listener"))
            listener.start()
            await hears(world, "p1", "c1", 3)
            await listener.stop()
            assert desk.parked == 0

    asyncio.run(scene())


def test_what_is_no_event_is_in_nobodys_way(tmp_path: Path, sqlite_url: str) -> None:
    """A message without the headers of an event, or with bytes that are none, stops nothing."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection) as one,
        ):
            await join(world, "p1", "c1")
            client = await connection.client()
            await client.jetstream().publish(NAMES.subject("circle", "note_posted", "c1"), b"nonsense")
            around = {"Nats-Msg-Id": "x", "Mewe-Sequence": "1", "ce-time": "2026-01-01T00:00:00Z"}
            await client.jetstream().publish(NAMES.subject("circle", "note_posted", "c9"), b"\xff", headers=around)
            await write_notes(world, "p1", "c1", range(3))
            await hears(world, "p1", "c1", 3)
            await until(one.settled)
            assert [one.envelope.aggregate_id for one in await world.desks["echo"].parked()] == ["c9"]

    asyncio.run(scene())


def test_a_feature_has_not_caught_up_before_its_teller_has_started(tmp_path: Path, sqlite_url: str) -> None:
    """As long as the streams of an area are not there, a feature that hears it is not ready; then it is."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection, world.desks["echo"]) as hearer,
        ):
            await with_notes(world, 2)
            waiting = asyncio.create_task(hearer.caught_up())
            done, _ = await asyncio.wait((waiting,), timeout=0.5)
            assert not done
            assert not hearer.is_caught_up
            assert not await hearer.settled()
            async with exchange(world, connection, world.desks["circle"]):
                await asyncio.wait_for(waiting, 10)

    asyncio.run(scene())


def test_what_a_killed_process_had_taken_is_heard_at_once(tmp_path: Path, sqlite_url: str) -> None:
    """Messages that were delivered and never acknowledged do not wait for their time to pass: the next start has them."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection, world.desks["circle"]) as teller,
        ):
            await with_notes(world, 5)
            await until(teller.settled)
            stream = (await connection.client()).jetstream()
            name = NAMES.events("circle")
            echo = world.desks["echo"]
            config = Listener(echo, told(world, "circle"), connection, NAMES, Lease(echo.store, "listener")).consumer(name)
            await stream.add_consumer(name, config)
            killed = await stream.pull_subscribe_bind("echo", name)
            assert len(await killed.fetch(5)) == 5
            await killed.unsubscribe()
            async with exchange(world, connection, world.desks["echo"]) as hearer:
                await asyncio.wait_for(hearer.caught_up(), 5)
                assert await echoed(world, "p1", "c1") == (5, 1)

    asyncio.run(scene())


def test_what_nobody_here_listens_to_does_not_come(tmp_path: Path, sqlite_url: str) -> None:
    """That a note came from outside is told, and costs the echo nothing."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection) as one,
        ):
            await with_notes(world, 1)
            world.outside.answering.set()
            await world.call("BringNote", "p1", request_id="b1", circle_id="c1", code="")
            await hears(world, "p1", "c1", 2)
            await until(one.settled)
            (brought,) = [row.aggregate_id for row in await world.told("circle") if row.name == "note_brought"]
            echo = world.desks["echo"].store
            assert await echo.read(lambda database: outbox.taken(database, "circle", brought)) == 0

    asyncio.run(scene())


def test_of_an_aggregate_all_events_come_or_none() -> None:
    """In the mix of all features: else each one left out would look as if it had been missed."""
    features, _ = load(tuple(sorted(installed())))
    known = catalogue([(one.name, one.tells) for one in features])
    for one in features:
        come = delivered(one, known)
        assert come.keys() == heard(one, known).keys()
        for area, names in come.items():
            assert heard(one, known)[area] <= names
            apart = {entry.published.aggregate: set[bool]() for entry in known.of(area)}
            for entry in known.of(area):
                apart[entry.published.aggregate].add(entry.name in names)
            assert all(len(sorts) == 1 for sorts in apart.values())
    safety = next(one for one in features if one.name == "safety")
    assert "session_held" not in delivered(safety, known)["programme"]


def test_two_processes_of_one_feature_take_in_each_event_once(tmp_path: Path, postgresql_url: str) -> None:
    """Two listeners of one feature on PostgreSQL: each event has its effect once, and none is left out."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as first,
            connected(server, "second") as second,
            running(tmp_path, postgresql_url) as world,
            exchange(world, first),
            exchange(world, second, world.desks["echo"]),
        ):
            world.cures.found.add("cured")
            await with_notes(world, 40)
            await hears(world, "p1", "c1", 40)

    asyncio.run(scene())


def test_a_listener_that_was_stopped_goes_on_where_it_was(tmp_path: Path, sqlite_url: str) -> None:
    """What was told while a feature was away is heard when it is back, each event once, over five turns."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection, world.desks["circle"]) as teller,
        ):
            world.cures.found.add("cured")
            await with_notes(world, 5)
            for turn in range(1, 6):
                async with exchange(world, connection, world.desks["echo"]):
                    await write_notes(world, "p1", "c1", range(turn * 10, turn * 10 + 5))
                await write_notes(world, "p1", "c1", range(turn * 10 + 5, turn * 10 + 10))
            await until(teller.settled)
            async with exchange(world, connection, world.desks["echo"]) as hearer:
                await asyncio.wait_for(hearer.caught_up(), 10)
                assert await echoed(world, "p1", "c1") == (55, 1)

    asyncio.run(scene())
