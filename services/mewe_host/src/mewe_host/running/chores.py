"""What a host does again and again beside its calls."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from mewe_host.bus.ending import end

Chore = Callable[[], Awaitable[object]]

_LOG = structlog.get_logger()


class Chores:
    """Tasks that come round. One that fails is logged and comes round again; none of them keeps another waiting."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def every(self, seconds: float, name: str, chore: Chore) -> None:
        """Do something now and then again so many seconds after each time it is done."""
        self._tasks.append(asyncio.create_task(_again(seconds, name, chore), name=name))

    async def stop(self) -> None:
        """Leave everything as it is."""
        await end(*self._tasks)


async def _again(seconds: float, name: str, chore: Chore) -> None:
    while True:
        try:
            await chore()
        except Exception as fault:
            _LOG.warning("chore failed", step=name, exc_info=fault)
        await asyncio.sleep(seconds)
