"""The relay: what was told is told, in order, also when something is killed, rebuilt, or served twice."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from attrs import define
from mewe_core.kit.database import Database
from mewe_core.kit.records import LEASE, OUTBOX
from mewe_host.bus import outbox, streams
from mewe_host.bus.connection import Connection
from mewe_host.bus.lease import Lease
from mewe_host.bus.relay import Relay
from mewe_host.bus.subjects import Names, headers, read
from mewe_host.parts import Envelope, Store, UnitDatabase
from mewe_host.store.open import open_store
from sqlalchemy import select, update

from tests.waiting import until

from ..desk.world import World, running
from .postal import COUNTRY, PUBLISHED, connected, echoed, exchange, hears, join, kill, served, told, write_notes

T = TypeVar("T")
NAMES = Names(COUNTRY)
EVERYTHING = select(OUTBOX.c.name).order_by(OUTBOX.c.position)


@define
class NeverMarks:
    """A store that a process is killed over: what is published is never marked."""

    inner: Store
    reached: asyncio.Event

    async def write(self, unit: Callable[[UnitDatabase], Awaitable[T]]) -> T:
        """Lease units pass; the first one after a publication does not come back."""
        if unit.__name__ != "mark":
            return await self.inner.write(unit)
        self.reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def read(self, unit: Callable[[Database], Awaitable[T]]) -> T:
        """As it is."""
        return await self.inner.read(unit)

    def on_commit(self, wake: Callable[[], None]) -> None:
        """As it is."""
        self.inner.on_commit(wake)

    async def close(self) -> None:
        """Left to its owner."""


async def in_stream(connection: Connection, stream: str) -> list[Envelope]:
    """What a stream holds, in order."""
    client = await connection.client()
    streams = client.jetstream()
    subscription = await streams.pull_subscribe("", stream=stream, durable=None)
    state = (await streams.stream_info(stream)).state
    messages = await subscription.fetch(state.messages, timeout=5) if state.messages else []
    await subscription.unsubscribe()
    return [read(one.subject, one.headers, one.data) for one in messages]


def test_killed_between_publishing_and_marking_it_publishes_again_to_no_effect(tmp_path: Path, sqlite_url: str) -> None:
    """A relay that ends after JetStream has the events and before they are marked leaves each counted once."""

    async def scene() -> None:
        async with served(tmp_path) as server, connected(server) as connection, running(tmp_path, sqlite_url) as world:
            store = NeverMarks(world.stores["circle"], asyncio.Event())
            relay = Relay(told(world, "circle"), store, connection, NAMES, world.clock)
            await world.call("Join", "p1", request_id="j", circle_id="c1")
            await write_notes(world, "p1", "c1", range(5))
            await relay.start()
            await asyncio.wait_for(store.reached.wait(), 10)
            await relay.stop()
            assert await world.rows("circle", PUBLISHED, str) == []
            async with exchange(world, connection) as one:
                await until(one.settled)
                assert await echoed(world, "p1", "c1") == (5, 1)
                assert len(await in_stream(connection, NAMES.events("circle"))) == 5

    asyncio.run(scene())


def test_events_stand_in_the_streams_as_they_were_told(tmp_path: Path, sqlite_url: str) -> None:
    """Events keep their order; of each state the newest alone is kept; a message is the outbox row, word for word."""

    async def scene() -> None:
        async with served(tmp_path) as server, connected(server) as connection, running(tmp_path, sqlite_url) as world:
            async with exchange(world, connection, world.desks["circle"]) as one:
                for person in ("p1", "p2", "p3"):
                    await world.call("Join", person, request_id=f"j-{person}", circle_id="c1")
                await write_notes(world, "p1", "c1", range(7))
                await until(one.settled)
            rows = await world.told("circle")
            assert await in_stream(connection, NAMES.events("circle")) == [one for one in rows if one.name == "note_posted"]
            states = await in_stream(connection, NAMES.states("circle"))
            newest = {(one.name, one.aggregate_id): one for one in rows if one.name != "note_posted"}
            assert {(one.name, one.aggregate_id): one for one in states} == newest
            assert len(states) == len(newest)

    asyncio.run(scene())


def test_a_message_carries_the_attributes_of_cloudevents(tmp_path: Path, sqlite_url: str) -> None:
    """Each event can be read by its headers alone: what, from where, which, when, and its place in its aggregate."""

    async def scene() -> None:
        async with served(tmp_path) as server, connected(server) as connection, running(tmp_path, sqlite_url) as world:
            async with exchange(world, connection, world.desks["circle"]) as one:
                await world.call("Join", "p1", request_id="j", circle_id="c1")
                await until(one.settled)
            row = next(one for one in await world.told("circle") if one.name == "circle_changed")
            client = await connection.client()
            kept = await client.jetstream().get_last_msg(NAMES.states("circle"), "mewe.SE.circle.v1.circle_changed.c1")
            assert kept.headers == {
                "Nats-Msg-Id": row.event_id,
                "Mewe-Sequence": str(row.sequence),
                "ce-specversion": "1.0",
                "ce-id": row.event_id,
                "ce-source": "/mewe/SE/circle",
                "ce-type": "mewe.circle.v1.circle_changed",
                "ce-time": row.occurred_at.format_iso(),
            }

    asyncio.run(scene())


def test_an_older_state_never_stands_behind_a_newer_one(tmp_path: Path, sqlite_url: str) -> None:
    """While a circle grows and the server is killed, the stream ends with the newest state of it."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection) as one,
        ):
            for turn in range(4):
                people = [f"p{turn}-{n}" for n in range(25)]
                joining = [world.call("Join", person, request_id=f"j-{person}", circle_id="c1") for person in people]
                growing = asyncio.gather(*joining)
                await asyncio.sleep(0.005 * turn)
                await kill(server)
                await growing
            await until(one.settled, 30)
            states = await in_stream(connection, NAMES.states("circle"))
            (size,) = [one for one in states if one.name == "circle_changed"]
            assert size.sequence == 100
            assert await echoed(world, "p1-1", "c1") == (0, 100)

    asyncio.run(scene())


def test_a_jetstream_built_anew_is_filled_from_the_outbox(tmp_path: Path, sqlite_url: str) -> None:
    """When JetStream has lost everything, a feature that comes later still hears states and kept events, each once."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection, world.desks["circle"]) as one,
        ):
            await world.call("Join", "p1", request_id="j1", circle_id="c1")
            await world.call("Join", "p2", request_id="j2", circle_id="c1")
            await write_notes(world, "p1", "c1", range(5))
            await until(one.settled)
            shutil.rmtree(tmp_path / "nats" / "jetstream")
            await kill(server)
            async with exchange(world, connection, world.desks["echo"]) as late:
                await asyncio.wait_for(late.caught_up(), 10)
                assert await echoed(world, "p1", "c1") == (5, 2)

    asyncio.run(scene())


def test_what_jetstream_refuses_is_not_marked(tmp_path: Path, sqlite_url: str) -> None:
    """An event that a stream does not take stays in the outbox, others leave, and it leaves when the stream takes it."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection, world.desks["circle"]) as one,
        ):
            await world.call("Join", "p1", request_id="j1", circle_id="c1")
            await until(one.settled)
            stream = (await connection.client()).jetstream()
            config = (await stream.stream_info(NAMES.events("circle"))).config
            await stream.update_stream(config.evolve(max_msg_size=1))
            await write_notes(world, "p1", "c1", range(3))
            await world.call("Join", "p2", request_id="j2", circle_id="c2")
            refused = {one.event_id for one in await world.told("circle") if one.name == "note_posted"}
            everything = {one.event_id for one in await world.told("circle")}

            async def rest_published() -> bool:
                return everything - set(await world.rows("circle", PUBLISHED, str)) == refused

            await until(rest_published)
            await stream.update_stream(config)
            await all_published(world)
            assert {one.event_id for one in await in_stream(connection, NAMES.events("circle"))} == refused

    asyncio.run(scene())


def test_a_filling_that_was_cut_short_is_done_again(tmp_path: Path, sqlite_url: str) -> None:
    """Streams that were made anew and not filled to their end when the relay was killed are filled at its next start."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
        ):
            async with exchange(world, connection, world.desks["circle"]) as one:
                await world.call("Join", "p1", request_id="j1", circle_id="c1")
                await write_notes(world, "p1", "c1", range(3))
                await until(one.settled)
            stream = (await connection.client()).jetstream()
            for name in (NAMES.events("circle"), NAMES.states("circle")):
                await stream.delete_stream(name)
            await streams.keep(stream, NAMES, told(world, "circle"), replicas=1)
            row = (await world.told("circle"))[0]
            await stream.publish(
                NAMES.subject("circle", row.name, row.aggregate_id), row.payload, headers=headers(row, COUNTRY)
            )
            async with exchange(world, connection) as whole:
                await asyncio.wait_for(whole.caught_up(), 10)
                assert await echoed(world, "p1", "c1") == (3, 1)

    asyncio.run(scene())


def test_what_is_old_and_published_is_forgotten_but_never_the_newest_state(tmp_path: Path, url: str) -> None:
    """After the days of keeping: unpublished rows and each aggregate's newest state stay, the rest goes."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            store = world.stores["circle"]
            await world.call("Join", "p1", request_id="j1", circle_id="c1")
            await world.call("Join", "p2", request_id="j2", circle_id="c1")
            await write_notes(world, "p1", "c1", range(2))
            await store.write(lambda database: database.execute(update(OUTBOX).values(published=True)))
            await world.call("PostNote", "p1", request_id="waits", circle_id="c1", text="not published")
            world.clock.advance(hours=24 * 7 - 1)
            await world.call("PostNote", "p1", request_id="late", circle_id="c1", text="late")
            before = await world.rows("circle", EVERYTHING, str)
            states = told(world, "circle").states

            async def forget() -> None:
                at = world.clock.now().subtract(hours=24 * 7)
                assert await store.write(lambda database: outbox.forget(database, 0, states, at)) is None

            await forget()
            assert await world.rows("circle", EVERYTHING, str) == before
            world.clock.advance(hours=2)
            await forget()
            kept = await world.rows("circle", EVERYTHING, str)
            assert sorted(kept) == sorted(
                [
                    "signing_key_published",
                    "standing_changed",
                    "standing_changed",
                    "circle_changed",
                    "note_posted",
                    "note_posted",
                ]
            )

    asyncio.run(scene())


def test_one_process_at_a_time_publishes_a_feature(tmp_path: Path, postgresql_url: str) -> None:
    """Of two relays on one PostgreSQL one publishes; when it stops, the other goes on; everything is published once."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, postgresql_url) as world,
        ):
            other = await open_store("circle", postgresql_url)
            relays = [
                Relay(told(world, "circle"), store, connection, NAMES, world.clock) for store in (world.stores["circle"], other)
            ]
            try:
                await world.call("Join", "p1", request_id="j", circle_id="c1")
                for relay in relays:
                    await relay.start()
                await write_notes(world, "p1", "c1", range(20))
                await all_published(world)
                by_each = [relay.published for relay in relays]
                assert sorted(by_each) == [0, 23]
                first = relays[0] if by_each[0] else relays[1]
                await first.stop()
                await write_notes(world, "p1", "c1", range(20, 30))
                await all_published(world)
                assert sorted(relay.published for relay in relays) == [10, 23]
            finally:
                for relay in relays:
                    await relay.stop()
                await other.close()

    asyncio.run(scene())


def test_a_relay_that_falls_silent_loses_its_lease(tmp_path: Path, postgresql_url: str) -> None:
    """A lease whose time is over is taken by another process, and its holder of before has lost it."""

    async def scene() -> None:
        async with running(tmp_path, postgresql_url) as world:
            store = world.stores["circle"]
            first, second = Lease(store, "relay"), Lease(store, "relay")
            assert await first.held()
            assert not await second.held()
            await store.write(lambda database: database.execute(update(LEASE).values(until=1)))
            assert await second.held()
            third = Lease(store, "relay")
            assert not await third.held()
            await second.give_back()
            assert await third.held()

    asyncio.run(scene())


async def all_published(world: World) -> None:
    """Wait until every event of the circle is marked."""

    async def marked() -> bool:
        return len(await world.rows("circle", PUBLISHED, str)) == len(await world.told("circle"))

    await until(marked)


def test_events_wait_while_there_is_no_server(tmp_path: Path, sqlite_url: str) -> None:
    """Writes are accepted while NATS is away; what they told leaves when it is back."""

    async def scene() -> None:
        async with (
            served(tmp_path) as server,
            connected(server) as connection,
            running(tmp_path, sqlite_url) as world,
            exchange(world, connection) as one,
        ):
            await join(world, "p1", "c1")
            await until(one.settled)
            await kill(server)

            async def lost() -> bool:
                return not connection.is_up

            await until(lost)
            await write_notes(world, "p1", "c1", range(5))
            assert (await echoed(world, "p1", "c1"))[0] == 0
            await hears(world, "p1", "c1", 5)

    asyncio.run(scene())
