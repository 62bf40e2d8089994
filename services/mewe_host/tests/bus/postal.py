"""What the tests of the bus share: a real NATS server, connections to it, exchanges between the desks of a small country."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mewe_core.kit.database import Executable
from mewe_core.kit.errors import NotFound
from mewe_core.kit.events import catalogue
from mewe_core.kit.records import OUTBOX
from mewe_host.bus.connection import Connection
from mewe_host.bus.exchange import Exchange
from mewe_host.bus.server import EmbeddedServer
from mewe_host.bus.subjects import Told
from mewe_host.parts import Desk
from sqlalchemy import select, true

from tests.waiting import until

from ..desk.world import World

COUNTRY = "SE"
PUBLISHED: Executable = select(OUTBOX.c.event_id).where(OUTBOX.c.published.is_(true())).order_by(OUTBOX.c.position)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[EmbeddedServer]:
    """A server, from its start to its end."""
    server = await EmbeddedServer.start(folder / "nats")
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def connected(server: EmbeddedServer, name: str = "test") -> AsyncIterator[Connection]:
    """A connection to it."""
    connection = await Connection.open(server.address, name=name)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def exchange(world: World, connection: Connection, *desks: Desk) -> AsyncIterator[Exchange]:
    """The events of some desks of the country, all if none is named."""
    known = catalogue([(desk.feature.name, desk.feature.tells) for desk in world.desks.values()])
    one = Exchange(connection, COUNTRY, known, desks or tuple(world.desks.values()), world.clock)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


def told(world: World, area: str) -> Told:
    """What a feature of the country tells."""
    return Told.of(catalogue([(desk.feature.name, desk.feature.tells) for desk in world.desks.values()]), area)


async def kill(server: EmbeddedServer) -> None:
    """End the server at once, as a fault would, as soon as there is one."""

    async def there() -> bool:
        return server.pid is not None

    await until(there)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)


async def echoed(world: World, person: str, circle: str) -> tuple[int, int]:
    """How many notes and members of a circle the echo has taken in; none while it does not know the person."""
    try:
        answer = await world.call("CountEchoes", person, circle_id=circle)
    except NotFound:
        return 0, 0
    echoes = world.loaded("CountEchoes", answer)
    return echoes.notes, echoes.members


async def write_notes(world: World, person: str, circle: str, texts: range) -> None:
    """Post notes, all at once."""
    await asyncio.gather(
        *(
            world.call("PostNote", person, request_id=f"{person}-{circle}-{n}", circle_id=circle, text=f"note {n}")
            for n in texts
        )
    )


async def hears(world: World, person: str, circle: str, notes: int) -> None:
    """Wait until the echo has taken in so many notes of a circle."""

    async def all_there() -> bool:
        return (await echoed(world, person, circle))[0] >= notes

    await until(all_there)
    assert (await echoed(world, person, circle))[0] == notes


async def join(world: World, person: str, circle: str) -> None:
    """Belong to a circle, and wait until the echo knows it."""
    answer = await world.call("Join", person, request_id=f"join-{person}-{circle}", circle_id=circle)
    await world.desks["echo"].caught_up(answer.position, 10)


async def with_notes(world: World, count: int) -> None:
    """Person p1 in circle c1, and some notes."""
    await world.call("Join", "p1", request_id="j1", circle_id="c1")
    await write_notes(world, "p1", "c1", range(count))
