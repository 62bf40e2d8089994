"""Ending tasks for certain: a library that waits with a deadline may take a cancellation for an answer that came just then."""

import asyncio
from typing import Any

_AGAIN = 0.1


async def end(*tasks: "asyncio.Task[Any] | None") -> None:
    """Cancel tasks, again if need be, and return when all of them have ended; what they raised is theirs."""
    going = [task for task in tasks if task is not None]
    pending = {task for task in going if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN)
    for task in going:
        if not task.cancelled():
            task.exception()
