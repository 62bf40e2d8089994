"""One feature's alerts with a real database and keyring, and a sender that notes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from attrs import define, field
from mewe_core.kit.feature import Feature
from mewe_core.kit.personal import holds_nothing
from mewe_core.kit.ports import Alert, AlertKind
from mewe_core.kit.testing import FixedClock
from mewe_host.alerts.delivery import (
    Delivery,
)
from mewe_host.alerts.letters import AlertSender, Letter, NotSent
from mewe_host.desk import alerts
from mewe_host.keyring.keyring import Keyring
from mewe_host.parts import Store
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from sqlalchemy import MetaData

from ..keyring.ring import ring

NONE = MetaData()
FEATURE = Feature(
    name="safety", package="mewe_host", version="1", summary="For tests.", tables=NONE, personal=holds_nothing(NONE)
)


@define
class Noting:
    """A sender that notes, and fails for as long as it is told to."""

    letters: list[Letter] = field(factory=list)
    fails: bool = False
    holds: asyncio.Event | None = None
    asked: asyncio.Event = field(factory=asyncio.Event)

    async def send(self, letter: Letter) -> None:
        """Note it."""
        self.asked.set()
        if self.holds is not None:
            await self.holds.wait()
        if self.fails:
            raise NotSent("Planted")
        self.letters.append(letter)


@define
class World:
    """One feature's alerts, and a clock."""

    store: Store
    sealing: Keyring
    clock: FixedClock

    def delivery(self, **senders: AlertSender) -> Delivery:
        """A process of its own."""
        return Delivery("safety", self.store, self.sealing, self.clock, senders)

    async def alert(self, number: int, to: str = "mailto:leader@example.org", person: str | None = None) -> None:
        """An alert, kept as a unit keeps it."""
        made = Alert(f"{number:032x}", AlertKind.CONCERN, to, "sv", person)
        await self.store.write(lambda database: alerts.keep(made, database, self.sealing, self.clock.now()))


@asynccontextmanager
async def world(url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A fresh one."""
    await migrate([FEATURE], url)
    store = await open_store("safety", url)
    try:
        async with ring(tmp_path / "keys", url, feature="safety") as sealing:
            yield World(store, sealing, FixedClock())
    finally:
        await store.close()
