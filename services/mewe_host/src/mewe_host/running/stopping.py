"""Running a coroutine to its end, or until somebody asks this process to stop."""

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from mewe_host.bus.ending import end

T = TypeVar("T")

_ASKED = (signal.SIGINT, signal.SIGTERM)
_AT_ONCE = 0.1
"""Seconds within which signals count as one: Linux tells of the end of a parent up to once for each of its threads."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run it on the fastest loop there is. Raises KeyboardInterrupt if somebody asked twice and it was cut off."""
    try:
        with asyncio.Runner(loop_factory=_fastest()) as runner:
            return runner.run(_alone(main))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _alone(main: Coroutine[Any, Any, T]) -> T:
    """Do it, and then end whatever still runs: the loop itself would cancel it once, and wait for ever."""
    try:
        return await main
    finally:
        await end(*(asyncio.all_tasks() - {asyncio.current_task()}))


def _fastest() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


class Stop:
    """Set by SIGINT and SIGTERM. The second time, what runs is cancelled rather than finished."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._asked_at = 0.0

    def listen(self) -> None:
        """Take over the signals of this process. To be called on the loop."""
        loop, running = asyncio.get_running_loop(), asyncio.current_task()
        for one in _ASKED:
            loop.add_signal_handler(one, self._ask, running)

    def _ask(self, running: "asyncio.Task[Any] | None") -> None:
        now = time.monotonic()
        if not self._asked.is_set():
            self._asked.set()
            self._asked_at = now
        elif running is not None and not running.cancelling() and now - self._asked_at > _AT_ONCE:
            running.cancel()

    @property
    def asked(self) -> bool:
        """Whether somebody has asked."""
        return self._asked.is_set()

    async def wait(self) -> None:
        """Wait until somebody asks."""
        await self._asked.wait()

    async def unless(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do the work, or give it up and answer None as soon as somebody asks to stop."""
        doing, asked = asyncio.ensure_future(work), asyncio.ensure_future(self.wait())
        try:
            await asyncio.wait((doing, asked), return_when=asyncio.FIRST_COMPLETED)
            return doing.result() if doing.done() else None
        finally:
            asked.cancel()
            if not doing.done():
                doing.cancel()
                await asyncio.wait((doing,))
