"""The relay: what a feature's outbox holds leaves for JetStream in order, and is marked when JetStream has it.

Nothing else publishes. It is woken by each commit of this process, and looks besides where others may write; when NATS is away
it keeps trying.
A batch holds one event at most of a state, so that an older state is never stored behind a newer one.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import nats.errors
import structlog
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.ports import Clock

from mewe_host.bus import outbox, streams
from mewe_host.bus.connection import Connection, Listening
from mewe_host.bus.ending import end
from mewe_host.bus.lease import Lease
from mewe_host.bus.outbox import UNIT, Row
from mewe_host.bus.publisher import Publisher
from mewe_host.bus.replay import tell_again
from mewe_host.bus.subjects import Names, Told
from mewe_host.parts import Store, UnitDatabase

_LOOK, _LOOK_ALONE = 0.2, 2.0
"""Seconds between two looks that no commit asked for: where others write to the database as well, and where nobody does."""

_FEW, _AFTER_FEW, _AFTER_MORE = 3, 0.02, 0.08
"""How many events are few, and the seconds before the next batch, where no more waits, after few and after more: what is told
meanwhile leaves together, for one answer of NATS and one mark. Where little is told, somebody may wait for the next of it."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_FIRST_FORGETTING, _FORGET_EVERY = 60.0, 600.0
_LEASE_LOOK = 1.0


class Relay:
    """One feature's relay in this process."""

    def __init__(
        self, told: Told, store: Store, connection: Connection, names: Names, clock: Clock, *, replicas: int = 1
    ) -> None:
        self._told = told
        self._names = names
        self._store = store
        self._connection = connection
        self._clock = clock
        self._replicas = replicas
        self._lease = Lease(store, "relay")
        self._wake = asyncio.Event()
        self._streams_checked = False
        self._task: asyncio.Task[None] | None = None
        self._publisher: Publisher | None = None
        self._answering: Listening | None = None
        self._log = structlog.get_logger(part="relay", area=told.area)
        self._next_forgetting = asyncio.get_running_loop().time() + _FIRST_FORGETTING
        self.published = 0
        """How many events JetStream has taken from this relay since it started."""

    async def start(self) -> None:
        """Begin: make the streams, fill them if JetStream is new, then publish what waits and what comes."""
        self._publisher = await Publisher.open(self._connection, self._names)
        self._answering = await tell_again(self._connection, self._names, self._told.area, self._store)
        self._store.on_commit(self._wake.set)
        self._connection.on_up(self._reconnected)
        self._task = asyncio.create_task(self._run(), name=f"relay of {self._told.area}")

    async def stop(self) -> None:
        """End; what is not yet published stays in the outbox."""
        await end(self._task)
        if self._answering is not None:
            await self._answering.end()
        if self._publisher is not None:
            await self._publisher.close()
        with contextlib.suppress(Unavailable):
            await self._lease.give_back()

    async def waiting(self) -> int:
        """How many events are still to be published, by whichever process."""
        return await self._store.read(outbox.waiting)

    def _reconnected(self) -> None:
        self._streams_checked = False
        self._wake.set()

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._round()
                pause = _FIRST_PAUSE
            except (nats.errors.Error, OSError, TimeoutError, Unavailable, _NotAllKept) as fault:
                self._log.warning("relay_waits", reason=type(fault).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            except Exception as fault:
                self._log.error("relay_failed", reason=type(fault).__name__)
                await asyncio.sleep(_LONGEST_PAUSE)

    async def _round(self) -> None:
        self._wake.clear()
        if not await self._lease.held():
            await asyncio.sleep(_LEASE_LOOK)
            return
        await self._connection.client()
        if not self._streams_checked:
            await self._check_streams()
        if await self._publish_some():
            return
        await self._forget()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_ALONE if self._lease.is_alone else _LOOK):
                await self._wake.wait()

    async def _publish_some(self) -> bool:
        rows = await self._store.read(self._unpublished)
        batch = self._without_repeated_states(rows)
        if not batch:
            return False
        kept = await self._send(batch)
        positions = [row.position for row, there in zip(batch, kept, strict=True) if there]

        async def mark(database: UnitDatabase) -> None:
            await database.execute(outbox.MARK, positions=positions)

        if positions:
            await self._store.write(mark)
            self.published += len(positions)
        if len(positions) < len(batch):
            raise _NotAllKept
        if len(batch) == len(rows) < UNIT:
            await asyncio.sleep(_AFTER_FEW if len(batch) <= _FEW else _AFTER_MORE)
        return True

    async def _unpublished(self, database: Database) -> list[Row]:
        names = [*self._told.events, *self._told.states]
        return await database.all(outbox.UNPUBLISHED, Row, names=names, limit=UNIT)

    def _without_repeated_states(self, rows: Sequence[Row]) -> Sequence[Row]:
        seen: set[tuple[str, str]] = set()
        for number, row in enumerate(rows):
            if row.name in self._told.states:
                if (row.name, row.aggregate_id) in seen:
                    return rows[:number]
                seen.add((row.name, row.aggregate_id))
        return rows

    async def _send(self, rows: Sequence[Row]) -> list[bool]:
        assert self._publisher is not None
        kept = await self._publisher.send([row.envelope(self._told.area) for row in rows])
        if self._publisher.streams_missing:
            self._streams_checked = False
        return kept

    async def _check_streams(self) -> None:
        """Only what was published before is filled in: what waits follows in its order, and no state overtakes another."""
        client = await self._connection.client()
        stream = client.jetstream(timeout=2)
        for name in await streams.keep(stream, self._names, self._told, replicas=self._replicas):
            is_state = name == self._names.states(self._told.area)
            told = await self._fill(
                outbox.NEWEST if is_state else outbox.KEPT, self._told.states if is_state else self._told.events
            )
            await streams.filled(stream, name)
            self._log.info("stream_filled", stream=name, count=told)
        self._streams_checked = True

    async def _fill(self, statement: Executable, names: tuple[str, ...]) -> int:
        after = told = 0

        async def unit(database: Database) -> list[Row]:
            return await database.all(statement, Row, after=after, names=list(names), limit=UNIT)

        while rows := await self._store.read(unit):
            if not all(await self._send(rows)):
                raise _NotAllKept
            told += len(rows)
            after = rows[-1].position
        return told

    async def _forget(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._next_forgetting:
            return
        self._next_forgetting = now + _FORGET_EVERY
        before = self._clock.now().subtract(hours=24 * streams.DAYS_KEPT)
        after: int | None = 0
        while after is not None:
            behind = after

            async def unit(database: UnitDatabase, behind: int = behind) -> int | None:
                return await outbox.forget(database, behind, self._told.states, before)

            after = await self._store.write(unit)


class _NotAllKept(Exception):
    """Some events of a batch are not known to be in JetStream."""
