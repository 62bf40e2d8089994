"""What both faces do with a guard's stream of items."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def ended(items: AsyncIterator[bytes]) -> AsyncIterator[AsyncIterator[bytes]]:
    """The items, and their end as soon as the caller is gone: what the guard holds for them is let go at once."""
    try:
        yield items
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()
