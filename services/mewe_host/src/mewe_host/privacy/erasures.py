"""Erasing in one feature of this process: into the ledger, keys, rows, the file itself, then what the transport holds."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import structlog
from mewe_core.kit.ports import Clock, Work
from mewe_core.kit.privacy import erasing, retaining, sweeping, telling
from mewe_core.kit.privacy.receipts import Answer
from mewe_core.kit.privacy.rules import Archive
from mewe_core.kit.privacy.sweeping import Sweep
from mewe_core.kit.privacy.telling import Pending

from mewe_host.desk.desk import FeatureDesk
from mewe_host.parts import Shreds
from mewe_host.privacy.ledger import Entry, Ledger

Remove = Callable[[str, Sweep], Awaitable[None]]
"""Takes out of the streams of a feature what a sweep names."""

_LOG = structlog.get_logger()


class Erasures:
    """The erasures of one feature."""

    def __init__(self, desk: FeatureDesk, ledger: Ledger, archives: Sequence[Archive], clock: Clock) -> None:
        self._desk = desk
        self._ledger = ledger
        self._archives = archives
        self._clock = clock

    async def replay(self) -> int:
        """Before the feature serves: erase again whom a restored database holds and the ledger does not; says how many.

        Who is in the database alone (the ledger is older) is entered. Raises LedgerFault, OSError.
        """
        known = {one.id: one for one in await self._desk.store.read(lambda database: database.all(telling.EVERY, Pending))}
        entries = {one.erasure_id: one for one in self._ledger.entries()}
        for one in known.values():
            if one.id not in entries:
                self._ledger.enter(Entry(one.id, one.person_id, one.decided_at))
        again = [one for one in entries.values() if one.erasure_id not in known]
        for entry in again:
            await self._desk.run("erasure", partial(_begun, entry))
        await self.go_on()
        if again:
            _LOG.warning("erased again", feature=self._desk.feature.name, count=len(again))
        return len(again)

    async def begin(self, entry: Entry) -> None:
        """Have somebody erased here whom nobody was told of: by the operator."""
        await self._desk.run("erasure", partial(_begun, entry))

    async def go_on(self) -> list[tuple[Pending, Answer]]:
        """Do what is due; the answers that were given."""
        now = self._clock.now()
        waiting = await self._desk.store.read(lambda database: database.all(telling.PENDING, Pending, now=now))
        answers = []
        for one in waiting:
            self._ledger.enter(Entry(one.id, one.person_id, one.decided_at))
            answer = await self._erased(one)
            if answer is not None:
                answers.append((one, answer))
        if waiting:
            await self._desk.clear_away()  # answers kept for a repeat whose day is over
            await self._shred()
        return answers

    async def retain(self) -> int:
        """Remove what is past its term, 500 rows a unit; says how many."""
        gone = total = await self._desk.run("retention", partial(retaining.retain_some, self._desk.feature))
        while gone:
            gone = await self._desk.run("retention", partial(retaining.retain_some, self._desk.feature))
            total += gone
        if total:
            _LOG.info("past their term", feature=self._desk.feature.name, count=total)
            await self._shred()
        return total

    async def sweep(self, remove: Remove) -> None:
        """Take what was noted out of the streams, once it was told; then forget it in the outbox."""
        for one in await self._desk.store.read(sweeping.noted):
            if await self._desk.store.read(partial(sweeping.waits, one)):
                continue
            await remove(self._desk.feature.name, one)
            await self._desk.run("sweep", partial(_swept, one))
            await self._shred()

    async def _shred(self) -> None:
        if isinstance(self._desk.store, Shreds):
            await self._desk.store.shred()

    async def _erased(self, one: Pending) -> Answer | None:
        while True:
            do = partial(erasing.erase_some, self._desk.feature, one, self._archives)
            erased = await self._desk.run("erasure", do)
            if not erased.more:
                return erased.answer


async def _begun(entry: Entry, work: Work) -> None:
    await telling.begin(work.database, entry.erasure_id, entry.person_id, entry.decided_at)


async def _swept(one: Sweep, work: Work) -> None:
    await sweeping.forget(one, work.database)
