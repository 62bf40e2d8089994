"""The sealer of a feature: takes the records of its audit into the chain within a second, beside the units that write them."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import structlog
from mewe_core.kit.database import Database
from mewe_core.kit.events import Event
from mewe_core.kit.ports import Clock
from mewe_core.kit.values import micros
from whenever import Instant

from mewe_host.desk import checkpoints
from mewe_host.desk.chain import Chain, Head, Record, Seal
from mewe_host.desk.checkpoints import Checkpoint
from mewe_host.desk.order import LATEST, Order
from mewe_host.desk.seals import AT, BEHIND, KEEP_SEAL, LAST, MOST, NEXT, UP_TO
from mewe_host.desk.witnessing import taken
from mewe_host.parts import SigningKeys, Store, UnitDatabase

_LOG = structlog.get_logger(part="audit")

Tell = Callable[[Event, UnitDatabase], Awaitable[None]]
"""Tells something within a unit (``FeatureDesk.tell``)."""

CHECKPOINT_SECONDS = 10.0
"""How long a chain may grow, at most, before the next checkpoint."""


class Sealer:
    """One feature's sealer in this process.

    Where several processes serve a feature (PostgreSQL) each looks, and a lock lets one at a time go on from where the chain
    stands in the database: what is remembered here only saves reading it again.
    """

    def __init__(self, feature: str, store: Store, keys: SigningKeys, clock: Clock, file: Path, tell: Tell) -> None:
        self._feature = feature
        self._chain = Chain(feature, keys)
        self._store = store
        self._keys = keys
        self._clock = clock
        self._file = file
        self._tell = tell
        self._head = Head()
        self._order = Order()
        self._told: Head | None = None
        self._run = 0
        self._next_checkpoint = 0.0

    async def seal(self) -> int:
        """Seal what is not yet sealed, 500 records a unit, and leave a checkpoint if it is time; says how many were sealed."""
        count = await self._seal()
        if asyncio.get_running_loop().time() >= self._next_checkpoint:
            await self._leave_checkpoint()
        return count

    async def finish(self) -> None:
        """Seal what is left, and leave a checkpoint now."""
        await self._seal()
        await self._leave_checkpoint()

    async def _seal(self) -> int:
        count = 0
        while True:
            sealed = await self._store.write(self._unit)
            count += sealed
            if sealed < MOST:
                return count

    async def _leave_checkpoint(self) -> None:
        if self._told is None:
            last = await asyncio.to_thread(checkpoints.last_of, self._file, self._feature, self._keys)
            self._told, self._run = (Head(), 0) if last is None else (last.head, last.run)
        if self._head in (self._told, Head()):
            return
        head, now = self._head, self._clock.now()
        self._run = await self._store.write(partial(self._tell_checkpoint, head, self._told, now))
        checkpoint = Checkpoint(self._feature, head, micros(now), run=self._run)
        await asyncio.to_thread(checkpoints.append, self._file, checkpoint, self._keys)
        self._told, self._next_checkpoint = head, asyncio.get_running_loop().time() + CHECKPOINT_SECONDS

    async def _tell_checkpoint(self, head: Head, told: Head, now: Instant, database: UnitDatabase) -> int:
        """Tell the witnesses; says the number of the run.

        If the chain no longer holds what was told before, by this process or the one before it, that is logged, another run
        begins, and the witnesses keep both.
        """
        run = self._run
        if told != Head():
            seal = await database.first(UP_TO, Seal, number=told.count)
            if seal is None or not seal.is_whole or seal.value_at(told.count) != told.chain:
                _LOG.error("audit_cut_off", feature=self._feature, count=told.count)
                told, run = Head(), run + 1
        await self._tell(taken(self._feature, head, told, now, self._keys), database)
        return run

    async def _unit(self, database: UnitDatabase) -> int:
        if database.must_lock:
            await database.lock("audit")
        await self._go_to_end(database)
        self._order.forget()
        records = []
        if database.must_lock and self._order.missing:
            records = await database.all(AT, Record, positions=list(self._order.missing))
        records += await database.all(BEHIND, Record, after=self._order.top)
        records = records[:MOST]
        if records:
            seal = self._chain.seal(self._head, records)
            await database.execute(KEEP_SEAL, number=seal.number, positions=seal.positions, chains=seal.chains)
            self._take(seal)
        return len(records)

    async def _go_to_end(self, database: UnitDatabase) -> None:
        """Know where the chain stands: another process may have sealed, or a unit of this one was undone."""
        last = await database.first(LAST, Seal)
        there = Head() if last is None else last.head
        if there == self._head:
            return
        if there.count <= self._head.count or self._head == Head():
            self._head, self._order = Head(), Order()
        if last is None:
            return
        if database.must_lock:
            await self._read(database, max(self._head.count, there.count - LATEST))
        else:
            self._order = Order(there.count, max(last.places))
        self._head = there

    async def _read(self, database: Database, after: int) -> None:
        while (seal := await database.first(NEXT, Seal, after=after)) is not None:
            if self._order.count != seal.number - 1 or not self._order.top:
                self._order = Order(seal.number - 1, seal.places[0] - 1)
            self._take(seal)
            after = seal.number

    def _take(self, seal: Seal) -> None:
        for position in seal.places:
            self._order.take(position)
        self._head = seal.head
