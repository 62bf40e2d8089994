"""Sending again: the same request, after a pause."""

import asyncio
import random
from typing import TypeVar

from google.protobuf.message import Message

Q = TypeVar("Q", bound=Message)

LONGEST_PAUSE = 1.0
"""Seconds between two attempts at most."""


async def pause(failures: int) -> None:
    """Longer after each failure in a row, and never as long for one client as for the next."""
    await asyncio.sleep(min(LONGEST_PAUSE, 0.1 * 2 ** min(failures, 10)) * random.uniform(0.5, 1))  # noqa: S311


def copied(request: Q) -> Q:
    """The same request, to be filled in without a trace in the caller's."""
    fresh = type(request)()
    fresh.CopyFrom(request)
    return fresh
