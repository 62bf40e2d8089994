"""Letting go of the oldest records of an audit: a row of the chain a unit, once each of its records is old enough."""

from functools import partial

from attrs import field, frozen
from mewe_core.kit.database import Executable, one_of
from mewe_core.kit.ports import Clock
from mewe_core.kit.records import AUDIT, AUDIT_SEAL, PERSONAL_DATA
from mewe_core.kit.values import columns, micros
from sqlalchemy import bindparam, delete
from whenever import TimeDelta

from mewe_host.desk.anchors import ANCHORS, FORGET_ANCHORS, KEEP_ANCHOR, Anchor, signed
from mewe_host.desk.chain import Record, Seal
from mewe_host.desk.seals import AT, BEFORE_ALL, LAST, NEXT
from mewe_host.parts import SigningKeys, Store, UnitDatabase

KEPT = TimeDelta(hours=24 * (next(one.retention_days for one in PERSONAL_DATA.personal if one.table == AUDIT.name) or 0))
"""For how long a record is kept, as the register of personal data says."""

LET_GO: Executable = delete(AUDIT).where(one_of(AUDIT.c.position, "positions"))
LET_SEAL_GO: Executable = delete(AUDIT_SEAL).where(AUDIT_SEAL.c.number == bindparam("number"))


@frozen
class Trimmer:
    """Lets go of a feature's records that are older than ``kept``; never of the last row of the chain."""

    feature: str
    store: Store
    keys: SigningKeys = field(repr=False)
    clock: Clock
    kept: TimeDelta = KEPT

    async def let_go(self) -> int:
        """Let go of everything that is old enough; says how many records went."""
        now = self.clock.now()
        unit = partial(self._unit, micros(now), micros(now - self.kept))
        count = 0
        while gone := await self.store.write(unit):
            count += gone
        return count

    async def _unit(self, now: int, before: int, database: UnitDatabase) -> int:
        if database.must_lock:
            await database.lock("audit")
        first, last = await database.first(NEXT, Seal, after=BEFORE_ALL), await database.first(LAST, Seal)
        if first is None or last is None or first.number == last.number or not first.is_whole:
            return 0
        positions = [position for position, _ in first.pairs()]
        records = await database.all(AT, Record, positions=positions)
        until = max((one.until or one.at for one in records), default=now)
        if until >= before or len(records) != len(positions):
            return 0
        earlier = await database.first(ANCHORS, Anchor)
        top = max(positions) if earlier is None else max(*positions, earlier.top)
        anchor = signed(self.feature, first.head, top=top, until=until, taken_at=now, keys=self.keys)
        await database.execute(LET_GO, positions=positions)
        await database.execute(LET_SEAL_GO, number=first.number)
        await database.execute(KEEP_ANCHOR, **columns(anchor))
        await database.execute(FORGET_ANCHORS, number=anchor.number)
        return len(records)
