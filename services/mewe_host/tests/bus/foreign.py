"""NATS servers that are not the embedded one, each with the configuration that a test gives it."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from attrs import frozen
from mewe_host.bus.server import PROGRAM

from tests.waiting import until

DURABLE = 'jetstream {{ store_dir: "{folder}", sync_interval: always }}\n'
LAZY = 'jetstream {{ store_dir: "{folder}" }}\n'


@frozen
class Foreign:
    """Where it is."""

    url: str
    monitoring: str


@asynccontextmanager
async def foreign(folder: Path, configuration: str) -> AsyncIterator[Foreign]:
    """A server with these lines in its configuration; ``{folder}`` is where it may keep things."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    text = f'listen: "127.0.0.1:-1"\nhttp: "127.0.0.1:-1"\nports_file_dir: "{folder}"\n'
    file = folder / "nats.conf"
    file.write_text(text + configuration.format(folder=folder / "store"))
    process = subprocess.Popen([PROGRAM, "-c", file], stderr=subprocess.DEVNULL)  # noqa: ASYNC220, S603
    ports = folder / f"nats-server_{process.pid}.ports"

    async def written() -> bool:
        return ports.exists() and ports.read_text().endswith("}")

    try:
        await until(written)
        told = json.loads(ports.read_text())
        yield Foreign(told["nats"][0], told["monitoring"][0])
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)
