"""Deployments whose processes can be killed: one process a feature, or one for all."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Protocol
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from attrs import define, frozen
from mewe_demo.consent import GUARDIANS_DECIDE
from mewe_host.bus.server import EmbeddedServer

from tests.faults.host_process import PATIENCE, HostProcess, install_tally
from tests.faults.nats_proxy import NatsProxy
from tests.ports import kept_port
from tests.waiting import until

FEATURES = ("people", "programme", "safety", "chat", "tally")
_DYING = 15.0
_MIX = """
country = "SE"
demo = true

[features.people]
{consent}
[features.programme]
[features.safety]
lines_accepted_by = "the tests"
[features.chat]
[features.tally]

[http]
address = "127.0.0.1:{http}"

[grpc]
address = "127.0.0.1:{grpc}"

[database]
url = "{database}"

[keys]
folder = "{folder}/keys"

[clock]
file = "{folder}/clock"

[log]
file = "{folder}/{name}.log"

[limits]
calls_a_minute = 1_000_000
lists_a_minute = 1_000_000

[nats]
"""
ELSEWHERE = """
url = "nats://{address.user}:{address.password}@127.0.0.1:{port}"
monitoring = ["{address.monitoring[0]}"]
"""
LEFT = {
    "not published": "SELECT count(*) FROM kit_outbox WHERE NOT published",
    "parked": "SELECT count(*) FROM kit_parked",
}


class Deployed(Protocol):
    """Processes that serve a country."""

    @property
    def hosts(self) -> Sequence[HostProcess]:
        """The processes, but for servers that they share."""


@define
class Whole:
    """Every feature in one process that brings its own NATS server: ``mewe up``."""

    folder: Path
    host: HostProcess

    @property
    def hosts(self) -> tuple[HostProcess, ...]:
        """Its one process."""
        return (self.host,)

    def nats_server(self) -> "NatsServer":
        """Its NATS server, as it runs now. Raises NoSuchProcess if there is none."""
        return NatsServer(psutil.Process(int((self.folder / "nats" / "nats.pid").read_text())))


@frozen
class NatsServer:
    """A NATS server that somebody else has started."""

    process: psutil.Process

    async def ended(self) -> None:
        """Return when it runs no longer. Raises TimeoutError if it goes on."""
        await until(lambda: not self.process.is_running() or self.process.status() == psutil.STATUS_ZOMBIE, _DYING)


@define
class Split:
    """A process a feature, each with its own proxy to one NATS server."""

    folder: Path
    server: EmbeddedServer
    by_name: Mapping[str, HostProcess]
    proxies: Mapping[str, NatsProxy]

    @property
    def hosts(self) -> tuple[HostProcess, ...]:
        """Its processes, but for the NATS server."""
        return tuple(self.by_name.values())

    async def kill_nats_server(self) -> None:
        """Kill the server with no warning; return when another runs at its place."""
        await killed_and_back(self.server)


@asynccontextmanager
async def whole(folder: Path, kept: Path | None = None) -> AsyncIterator[Whole]:
    """`mewe up` on fresh data (in ``kept``, if it is to be apart), ready."""
    kept = kept or folder
    with written(folder, "up", f'folder = "{kept}/nats"\n', kept) as mix:
        host = HostProcess("up", ("up", str(mix), "--json"), folder, install_tally(folder))
        try:
            await host.start()
            await host.ready()
            yield Whole(kept, host)
        finally:
            await host.stop()


@asynccontextmanager
async def split(folder: Path) -> AsyncIterator[Split]:
    """`mewe serve` for each feature on fresh data, all ready."""
    installed = install_tally(folder)
    server = await EmbeddedServer.start(folder / "nats")
    proxies: dict[str, NatsProxy] = {}
    hosts: dict[str, HostProcess] = {}
    with ExitStack() as stack:
        try:
            for name in FEATURES:
                proxies[name] = await NatsProxy.to(int(server.address.servers[0].rpartition(":")[2]))
                nats = ELSEWHERE.format(address=server.address, port=proxies[name].port)
                mix = stack.enter_context(written(folder, name, nats, folder))
                hosts[name] = HostProcess(name, ("serve", str(mix), name, "--json"), folder, installed)
            migrating = HostProcess("migrate", ("migrate", str(folder / "chat.toml")), folder, installed)
            await migrating.start()
            assert await migrating.ended() == 0, (folder / "migrate.errors").read_text()
            for host in hosts.values():
                await host.start()
            async with asyncio.TaskGroup() as starting:
                for host in hosts.values():
                    starting.create_task(host.ready())
            yield Split(folder, server, hosts, proxies)
        finally:
            for host in hosts.values():
                await host.stop()
            for proxy in proxies.values():
                await proxy.close()
            await server.stop()


async def at_rest(deployment: Deployed) -> None:
    """Return when every event has been published, and taken in by everybody who hears it. Raises TimeoutError."""
    places = [place for host in deployment.hosts for place in host.health]
    settled = list[bool]()

    async def twice() -> bool:
        settled.append(all([await asyncio.to_thread(_is_settled, place) for place in places]))
        return settled[-2:] == [True, True]

    await until(twice, PATIENCE)


def left_over(folder: Path) -> dict[str, int]:
    """What a stopped deployment has not done: events not published, events parked; nothing, if all is well."""
    found: dict[str, int] = {}
    for feature in FEATURES:
        with closing(sqlite3.connect(folder / "data" / f"{feature}.db")) as database:
            for what, statement in LEFT.items():
                if count := database.execute(statement).fetchone()[0]:
                    found[f"{feature}: {what}"] = count
    return found


@contextmanager
def written(folder: Path, name: str, nats: str, kept: Path, database: str = "") -> Iterator[Path]:
    """A mix of every feature for a process of that name, on ports kept for it; on SQLite, unless a database is named."""
    mix = folder / f"{name}.toml"
    database = database or f"sqlite:{kept}/data"
    with kept_port() as http, kept_port() as grpc:
        ports = {"http": http, "grpc": grpc}
        mix.write_text(_MIX.format(consent=GUARDIANS_DECIDE, folder=kept, name=name, database=database, **ports) + nats)
        yield mix


async def killed_and_back(server: EmbeddedServer) -> None:
    """Kill a NATS server with no warning; return when another runs at its place."""
    killed = server.pid
    assert killed is not None
    psutil.Process(killed).kill()
    await until(lambda: server.pid not in (killed, None), PATIENCE)


def _is_settled(place: str) -> bool:
    try:
        with urlopen(f"{place}/settledz", timeout=PATIENCE) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
