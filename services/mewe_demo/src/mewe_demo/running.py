"""A deployment of its own for a story: `mewe up` on fresh data, with a clock that can be moved on."""

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.request import urlopen

from attrs import define, field
from whenever import Instant

MIX = "demo"
CLOCK = Path("var/demo/clock")
PATIENCE = 60.0
"""Seconds until a deployment that does not get anywhere is given up."""


class DoesNotRun(Exception):
    """The deployment did not start, or stopped by itself; the message holds what it said."""


@define
class Running:
    """A deployment that runs: its process, where its services are, what it said to whoever started it, and its clock."""

    pid: int
    addresses: Mapping[str, str]
    health: tuple[str, ...]
    notes: tuple[str, ...]
    clock: Path
    ahead: int = field(default=0)

    def now(self) -> Instant:
        """The deployment's time."""
        return Instant.from_timestamp(time.time_ns() // 1000 + self.ahead, unit="microsecond")

    async def wait_until(self, moment: Instant) -> None:
        """Move the clock on, and return when everything that follows from it is done. A moment that has passed is now."""
        self.ahead = max(self.ahead, moment.timestamp(unit="microsecond") - time.time_ns() // 1000)
        fresh = self.clock.with_suffix(".next")
        fresh.write_text(f"{self.ahead}\n")
        fresh.replace(self.clock)
        await self.settled()

    async def settled(self) -> None:
        """Return when every event has been taken in by everybody who hears it: all at rest, and still so when asked again."""
        until = time.monotonic() + PATIENCE
        rounds = 0
        while rounds < 2:
            at_rest = all([await asyncio.to_thread(_is_settled, address) for address in self.health])
            rounds = rounds + 1 if at_rest else 0
            if time.monotonic() > until:
                raise DoesNotRun(f"the deployment has not come to rest in {PATIENCE:.0f} seconds")


def _is_settled(address: str) -> bool:
    with contextlib.suppress(OSError), urlopen(f"{address}/settledz", timeout=PATIENCE) as answer:  # noqa: S310
        return bool(answer.status == 200)
    return False


@contextlib.asynccontextmanager
async def running(mix: str = MIX, *, split: bool) -> AsyncIterator[Running]:
    """Start a deployment of a mix whose clock is a file, with a process for each feature if ``split``.

    It is stopped at the end, whatever happens. Raises DoesNotRun.
    """
    with tempfile.TemporaryDirectory(prefix="mewe-demo-") as folder:
        async with running_in(Path(folder), "up", mix, *(["--split"] if split else [])) as here:
            yield here


@contextlib.asynccontextmanager
async def running_in(folder: Path, *words: str) -> AsyncIterator[Running]:
    """The same by a command of ``mewe`` in a folder, on the data that is there. Raises DoesNotRun."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mewe_host", *words, "--json"),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield await _ready(process, folder)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _ready(process: asyncio.subprocess.Process, folder: Path) -> Running:
    if process.stdout is None or process.stderr is None:
        raise DoesNotRun("nothing can be read from the deployment")
    async for line in process.stdout:
        said = json.loads(line)
        if said["step"] == "ready":
            return Running(process.pid, said["addresses"], tuple(said["health"]), tuple(said["notes"]), folder / CLOCK)
    raise DoesNotRun((await process.stderr.read()).decode(errors="replace").strip() or "the deployment said nothing")
