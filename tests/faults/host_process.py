"""A process of the program that a test starts, kills and starts again at the same place."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import define, field

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
"""Seconds until something that does not come about is given up."""
_DIST_INFO = "mewe_tally-0.1.0.dist-info"


def install_tally(folder: Path) -> Path:
    """Make a folder in which the tally counts as installed, if it is on the path of a program."""
    installed = folder / "installed" / _DIST_INFO
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: mewe-tally\nVersion: 0.1.0\n")
    (installed / "entry_points.txt").write_text("[mewe]\ntally = tests.faults.tally.plugin\n")
    return installed.parent


@define(eq=False)
class HostProcess:
    """``mewe`` with some words behind it, run in a folder."""

    name: str
    words: tuple[str, ...]
    folder: Path
    installed: Path
    notes: list[str] = field(factory=list)
    addresses: Mapping[str, str] = field(factory=dict)
    health: Sequence[str] = ()
    _process: Process | None = None
    _is_ready: asyncio.Event = field(factory=asyncio.Event)
    _reading: "asyncio.Task[None] | None" = None

    async def start(self) -> None:
        """Start it; it need not be ready when this returns."""
        path = os.pathsep.join(filter(None, (str(ROOT), str(self.installed), os.environ.get("PYTHONPATH"))))
        with (self.folder / f"{self.name}.errors").open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "mewe_host",
                *self.words,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": path},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=PIPE,
                stderr=errors,
            )
        self._is_ready = asyncio.Event()
        self._reading = asyncio.create_task(self._read(self._process, self._is_ready))

    async def ready(self) -> None:
        """Return when it takes calls. Raises AssertionError with what it said if it ends before, TimeoutError."""
        assert self._reading is not None
        coming = asyncio.create_task(self._is_ready.wait())
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.wait((coming, self._reading), return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            raise TimeoutError(f"{self.name} is not ready after {PATIENCE:.0f} seconds") from None
        finally:
            coming.cancel()
        assert self._is_ready.is_set(), f"{self.name}: {(self.folder / f'{self.name}.errors').read_text()}"

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def strike(self) -> None:
        """Kill it with no warning (kill -9)."""
        assert self._process is not None
        assert self._process.returncode is None, f"{self.name} has ended by itself"
        self._process.send_signal(signal.SIGKILL)

    async def again(self) -> None:
        """Return when it is gone, and one like it takes calls at its place."""
        await self.gone()
        await self.start()
        await self.ready()

    async def gone(self) -> None:
        """Return when it has ended, and its pipe is read."""
        if self._process is not None and self._reading is not None:
            await self._process.wait()
            await self._reading

    async def ended(self) -> int:
        """Wait until it ends by itself; gives its exit code."""
        assert self._process is not None
        await self.gone()
        return await self._process.wait()

    async def stop(self) -> int | None:
        """Ask it to stop, and wait; gives its exit code."""
        if self._process is None:
            return None
        if self._process.returncode is None:
            self._process.terminate()
        try:
            async with asyncio.timeout(PATIENCE):
                await self.gone()
        except TimeoutError:
            self._process.kill()
            await self.gone()
        return self._process.returncode

    async def _read(self, process: Process, is_ready: asyncio.Event) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            said = json.loads(line) if "--json" in self.words else {}
            if said.get("step") == "ready":
                self.notes += said["notes"]
                self.addresses = said["addresses"]
                self.health = said["health"]
                is_ready.set()
