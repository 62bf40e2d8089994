"""A process of this program that another one has started, and that ends with it."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process

from attrs import define, field

from mewe_host.running.steps import Place, Refusal
from mewe_host.tied import tied


@define
class Child:
    """One feature in a process of its own. ``place`` is where it is to listen, and once it has started where it does."""

    feature: str
    _arguments: list[str]
    place: Place
    notes: list[str] = field(factory=list, init=False)
    _process: Process | None = field(default=None, init=False)
    _reading: "asyncio.Task[None] | None" = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        """Its process."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start it, and return when it takes calls. Raises Refusal if it ends before; what it says goes to standard error."""
        addresses = ["--http", self.place.http.removeprefix("http://"), "--grpc", self.place.grpc]
        self._process = await asyncio.create_subprocess_exec(
            *tied([sys.executable, "-m", "mewe_host", *self._arguments, *addresses], signal.SIGTERM),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            start_new_session=True,
        )
        if not await self._is_ready(self._process):
            raise Refusal(f"The process of the feature {self.feature} did not start; what it said stands above.")
        self._reading = asyncio.create_task(_read_away(self._process))

    async def ended(self) -> int:
        """Wait until it has ended; says with what."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self, seconds: float) -> None:
        """Ask it to stop; end it by force if it has not after so many seconds."""
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(seconds):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._reading is not None:
            await self._reading

    async def _is_ready(self, process: Process) -> bool:
        assert process.stdout is not None
        async for line in process.stdout:
            told = json.loads(line)
            if told["step"] == "ready":
                self.place = Place(told["health"][0], told["addresses"][self.feature])
                self.notes = told["notes"]
                return True
        await process.wait()
        return False


async def _read_away(process: Process) -> None:
    assert process.stdout is not None
    async for _ in process.stdout:
        pass
