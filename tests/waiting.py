"""The one loop of the tests that waits: it looks, pauses for a moment, looks again, and gives up in time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

PATIENCE = 20.0
"""Seconds until what does not come about is given up, unless a test says otherwise."""

PAUSE = 0.02
"""Seconds between two looks."""


async def until(holds: Callable[[], bool | Awaitable[bool]], seconds: float = PATIENCE) -> float:
    """Return when it holds, and after how many seconds. Raises TimeoutError if it does not come to hold in time.

    A look that hangs is given up too, where it waits on the loop.
    """
    begun = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            while True:
                found = holds()
                if await found if inspect.isawaitable(found) else found:
                    return time.monotonic() - begun
                if time.monotonic() - begun > seconds:
                    raise TimeoutError
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        raise TimeoutError(f"it did not come to hold within {seconds} seconds") from None


def eventually(holds: Callable[[], bool], seconds: float = PATIENCE) -> float:
    """The same for a test that runs on no loop."""
    return asyncio.run(until(holds, seconds))
