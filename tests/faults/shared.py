"""A country of two hosts that each serve everything, on one PostgreSQL and one NATS server; each of the four can be killed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
from attrs import frozen
from mewe_host.bus.server import EmbeddedServer

from tests.deployment.servers import PostgresqlServer, postgresql_server
from tests.faults.deployments import ELSEWHERE, FEATURES, LEFT, killed_and_back, written
from tests.faults.host_process import HostProcess, install_tally

NAMES = ("first", "second")


@frozen
class Shared:
    """Two hosts, and what they share."""

    folder: Path
    server: EmbeddedServer
    database: PostgresqlServer
    hosts: tuple[HostProcess, ...]

    async def kill_nats_server(self) -> None:
        """Kill the server with no warning; return when another runs at its place."""
        await killed_and_back(self.server)

    async def kill_database(self) -> None:
        """Kill PostgreSQL with no warning; return when it takes connections again."""
        await asyncio.to_thread(self.database.kill)
        await asyncio.to_thread(self.database.start)

    async def left_over(self) -> dict[str, int]:
        """What was not done: events not published, events parked; nothing, if all is well."""
        found: dict[str, int] = {}
        connection = await asyncpg.connect(database_url(self.database))
        try:
            for feature in FEATURES:
                await connection.execute(f'SET search_path TO "{feature}"')
                for what, statement in LEFT.items():
                    if count := await connection.fetchval(statement):
                        found[f"{feature}: {what}"] = count
        finally:
            await connection.close()
        return found


def database_url(server: PostgresqlServer) -> str:
    """Where the databases are."""
    return f"postgresql://mewe@127.0.0.1:{server.port}/postgres"


@asynccontextmanager
async def shared(folder: Path) -> AsyncIterator[Shared]:
    """Both hosts on fresh data, ready."""
    installed = install_tally(folder)
    server = await EmbeddedServer.start(folder / "nats")
    hosts: list[HostProcess] = []
    with ExitStack() as stack:
        try:
            database = await asyncio.to_thread(stack.enter_context, postgresql_server(None))
            nats = ELSEWHERE.format(address=server.address, port=int(server.address.servers[0].rpartition(":")[2]))
            at = database_url(database)
            mixes = [stack.enter_context(written(folder, name, nats, folder, at)) for name in NAMES]
            migrating = HostProcess("migrate", ("migrate", str(mixes[0])), folder, installed)
            await migrating.start()
            assert await migrating.ended() == 0, (folder / "migrate.errors").read_text()
            for name, mix in zip(NAMES, mixes, strict=True):
                hosts.append(HostProcess(name, ("serve", str(mix), "--json"), folder, installed))
                await hosts[-1].start()
                await hosts[-1].ready()
            yield Shared(folder, server, database, tuple(hosts))
        finally:
            for host in hosts:
                await host.stop()
            await server.stop()
