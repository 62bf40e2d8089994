"""What takes long to compute is computed apart, one thing at a time, and its process ends with it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, cast

import structlog
from mewe_core.kit.errors import Unavailable

from mewe_host.apart import process

G = TypeVar("G")
T = TypeVar("T")

_LOG = structlog.get_logger()


class Computing:
    """What computes for the features of one process (``kit.preparing.Computer``)."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Semaphore(1)

    async def __call__(self, work: Callable[[G], T], given: G, /) -> T:
        """What ``work`` makes of it. Raises Unavailable if it failed or its process ended; whoever stops waiting ends it."""
        async with self._one_at_a_time:
            apart = await process.started()
            try:
                await process.told(apart, work)
                found = await process.asked(apart, given)
            except (EOFError, ConnectionError) as fault:
                _LOG.error("what was computed apart ended", part=work.__name__, error=type(fault).__name__)
                raise Unavailable from None
            finally:
                await process.ended(apart)
        if not found.done:
            _LOG.error("what was computed apart failed", part=work.__name__, error=found.fault)
            raise Unavailable
        return cast(T, found.value)
