"""A check in a process of its own: whatever it does, even in code that never lets go of the interpreter, it can be ended."""

import asyncio

import structlog
from mewe_core.kit.message_checks import Draft, MessageCheck, Verdict

from mewe_host.apart import process as processes

_LOG = structlog.get_logger()

_AT_ONCE = 2
"""So many drafts a check looks at at once; more wait, and their time runs."""


class Apart:
    """One check, in a bounded number of processes.

    One that does not answer in time is killed, and another takes its place.
    """

    def __init__(self, check: MessageCheck) -> None:
        self._check = check
        self._free: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
        self._all: set[asyncio.subprocess.Process] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def begin(self, seconds: float) -> None:
        """Start the processes and wait until they are ready, for so long."""
        for _ in range(_AT_ONCE):
            self._start()
        await asyncio.wait(self._starting, timeout=seconds)

    async def look(self, draft: Draft, seconds: float) -> Verdict | None:
        """What it found; None if it did not say so in time, or ended."""
        process = None
        try:
            async with asyncio.timeout(seconds):
                process = await self._free.get()
                verdict = (await processes.asked(process, draft)).value
        except BaseException as fault:
            if process is not None:
                self._replace(process)
            if isinstance(fault, Exception):  # too late, ended, or an answer that is none
                return None
            raise
        self._free.put_nowait(process)
        return verdict if isinstance(verdict, Verdict) else None

    async def close(self) -> None:
        """End the processes."""
        self._closed = True
        for starting in self._starting:
            starting.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        for process in tuple(self._all):
            self._end(process)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _replace(self, process: asyncio.subprocess.Process) -> None:
        self._end(process)
        self._start()

    def _end(self, process: asyncio.subprocess.Process) -> None:
        self._all.discard(process)
        ending = asyncio.ensure_future(processes.ended(process))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _start(self) -> None:
        if not self._closed:
            starting = asyncio.ensure_future(self._started())
            self._starting.add(starting)
            starting.add_done_callback(self._starting.discard)

    async def _started(self) -> None:
        process = None
        try:
            process = await processes.started()
            self._all.add(process)
            await processes.told(process, self._check.look)
        except BaseException as fault:
            if process is not None:
                self._end(process)
            if isinstance(fault, Exception):
                _LOG.error("a check of messages does not start", part=self._check.name, error=type(fault).__name__)
                return
            raise
        self._free.put_nowait(process)
