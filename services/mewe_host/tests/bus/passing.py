"""Desks that pass on what they hear to another, and do something besides."""

import asyncio

from attrs import define
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.feature import Feature
from mewe_core.kit.ports import Sealing
from mewe_host.parts import Desk, Envelope, Store, Taken


@define
class Passing:
    """A desk that hands everything on to another."""

    inner: Desk

    @property
    def feature(self) -> Feature:
        """As it is."""
        return self.inner.feature

    @property
    def store(self) -> Store:
        """As it is."""
        return self.inner.store

    @property
    def sealing(self) -> Sealing:
        """As it is."""
        return self.inner.sealing

    async def hear(self, envelope: Envelope, *, earlier_gone: bool = False) -> Taken:
        """As it is."""
        return await self.inner.hear(envelope, earlier_gone=earlier_gone)

    async def park(self, envelope: Envelope, reason: str) -> None:
        """As it is."""
        await self.inner.park(envelope, reason)


@define
class OftenAway(Passing):
    """A desk whose database is away for the first so many events."""

    times: int
    parked: int = 0

    async def hear(self, envelope: Envelope, *, earlier_gone: bool = False) -> Taken:
        """Not now, a few times; then as it is."""
        if self.times:
            self.times -= 1
            raise Unavailable
        return await Passing.hear(self, envelope, earlier_gone=earlier_gone)

    async def park(self, envelope: Envelope, reason: str) -> None:
        """Count it."""
        self.parked += 1
        await Passing.park(self, envelope, reason)


@define
class Counting(Passing):
    """A desk that counts what it hears, and what it could not take in because something before it was missing."""

    heard: int = 0
    gaps: int = 0

    async def hear(self, envelope: Envelope, *, earlier_gone: bool = False) -> Taken:
        """Count it."""
        taken = await Passing.hear(self, envelope, earlier_gone=earlier_gone)
        self.heard += 1
        self.gaps += taken is Taken.GAP
        return taken


@define
class Slower(Passing):
    """A desk to which more is told than it has heard, as long as it hears."""

    behind: asyncio.Semaphore

    async def hear(self, envelope: Envelope, *, earlier_gone: bool = False) -> Taken:
        """Wait until there is more to hear."""
        await self.behind.acquire()
        return await Passing.hear(self, envelope, earlier_gone=earlier_gone)
