"""What a message costs where two hosts serve a country on one PostgreSQL, against one of them doing all the work."""

import asyncio
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
from mewe_host.bus.server import EmbeddedServer

from benchmarks.chat import load, used
from benchmarks.country import MIX, filled, host
from benchmarks.figures import ROUNDS, Figure, ratio_of
from tests.deployment.servers import postgresql_server

PACE = 200.0
_COMMAND = (sys.executable, "-m", "mewe_host")
_SHARED = """
[database]
url = "postgresql://mewe@127.0.0.1:{port}/postgres"
[keys]
folder = "{folder}/keys"
[nats]
url = "nats://{nats.user}:{nats.password}@{server}"
monitoring = ["{nats.monitoring[0]}"]
"""


async def measure() -> list[Figure]:
    """In turn: all that is said goes through the first host, or half of it through each; the processor of both hosts counts."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mewe-hosts-")))
        database = await asyncio.to_thread(stack.enter_context, postgresql_server(None))
        server = await EmbeddedServer.start(folder / "nats")
        stack.push_async_callback(server.stop)
        nats = server.address
        where = {"server": nats.servers[0].removeprefix("nats://"), "nats": nats, "port": database.port, "folder": folder}
        mix = MIX.split("[nats]")[0] + _SHARED.format(**where)
        (folder / "bench.toml").write_text(mix)
        migrating = await asyncio.create_subprocess_exec(*_COMMAND, "migrate", "bench.toml", cwd=folder)
        if await migrating.wait():
            raise RuntimeError("the databases could not be made; what it said stands above")
        first = await stack.enter_async_context(host(folder, mix, "serve"))
        signed = (await filled(first)).signed
        second = await stack.enter_async_context(host(folder, mix, "serve"))
        both = psutil.Process(first.pid), psutil.Process(second.pid)
        rooms = list(signed.items())
        halves = dict(rooms[: len(rooms) // 2]), dict(rooms[len(rooms) // 2 :])
        addresses = first.addresses["chat"], second.addresses["chat"]
        alone, shared = list[float](), list[float]()
        for _ in range(ROUNDS):
            before = used(*both)
            one = await asyncio.to_thread(load, addresses[0], signed, PACE)
            alone.append((used(*both) - before) / one["accepted"] * 1000)
            before = used(*both)
            each = [asyncio.to_thread(load, *one, PACE / 2) for one in zip(addresses, halves, strict=True)]
            accepted = sum([one["accepted"] for one in await asyncio.gather(*each)])
            shared.append((used(*both) - before) / accepted * 1000)
    return [ratio_of("processor a message: two hosts on PostgreSQL against one", shared, alone, "{:.2f} ms", most=1.25)]
