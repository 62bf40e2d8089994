"""A small chain over an audit in memory: its records, its seals, its checkpoints, and ways to change them."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from attrs import define, field
from mewe_core.kit import records
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.ports import Keys
from mewe_core.kit.records import AUDIT, AUDIT_SEAL
from mewe_core.kit.testing import FixedClock, MemoryDatabase, PlainKeys
from mewe_core.kit.values import columns
from mewe_host.desk import checkpoints
from mewe_host.desk.chain import Record, Seal
from mewe_host.desk.sealing import Sealer
from mewe_host.desk.verifying import Verdict, verifier
from mewe_host.parts import UnitDatabase
from sqlalchemy import bindparam, delete, insert, select, update

T = TypeVar("T")

KEYS: Keys = PlainKeys()
UNDONE = (4, 9, 10)
"""Positions whose unit was undone: no record has them."""

KEEP: Executable = insert(AUDIT)
ROWS: Executable = select(AUDIT).order_by(AUDIT.c.position)
SEALS: Executable = select(AUDIT_SEAL).order_by(AUDIT_SEAL.c.number)
CUT_ROWS: Executable = delete(AUDIT).where(AUDIT.c.position >= bindparam("first"))
CUT_SEALS: Executable = delete(AUDIT_SEAL).where(AUDIT_SEAL.c.number >= bindparam("first"))
TAKE_ROW: Executable = delete(AUDIT).where(AUDIT.c.position == bindparam("one"))
TAKE_SEAL: Executable = delete(AUDIT_SEAL).where(AUDIT_SEAL.c.number == bindparam("one"))
CHANGE_ROW = {
    column.name: update(AUDIT).where(AUDIT.c.position == bindparam("one")).values({column.name: bindparam("new")})
    for column in AUDIT.c
}
CHANGE_SEAL = {
    column.name: update(AUDIT_SEAL).where(AUDIT_SEAL.c.number == bindparam("one")).values({column.name: bindparam("new")})
    for column in AUDIT_SEAL.c
}


class Units(MemoryDatabase):
    """A database in memory whose units run one after another, as those on SQLite."""

    must_lock = False

    async def lock(self, key: str) -> None:
        """Nothing to wait for."""


@define
class Memory:
    """A store on it."""

    database: Units

    async def write(self, unit: Callable[[UnitDatabase], Awaitable[T]]) -> T:
        """As the host runs it."""
        with self.database.unit():
            return await unit(self.database)

    async def read(self, unit: Callable[[Database], Awaitable[T]]) -> T:
        """As the host runs it."""
        return await unit(self.database)

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Nobody wakes."""

    async def close(self) -> None:
        """Left to its owner."""


class Undone(Exception):
    """Takes back what was tried."""


@define
class Country:
    """A small chain: its database, what it holds, and the checkpoints taken on the way."""

    database: Units
    file: Path
    rows: list[Record] = field(factory=list)
    seals: list[Seal] = field(factory=list)

    @classmethod
    async def settle(cls, folder: Path) -> "Country":
        """Seventeen records, sealed as they came: one, then three, and so on, each time with a checkpoint."""
        one = cls(Units(records.METADATA), folder / "audit-checkpoints")
        positions = iter([number for number in range(1, 21) if number not in UNDONE])
        sealer = Sealer("chat", Memory(one.database), KEYS, FixedClock(), one.file)
        for size in (1, 3, 5, 2, 6):
            for _, position in zip(range(size), positions, strict=False):
                await one.database.execute(KEEP, **columns(record(position)))
            await sealer.finish()
        one.rows = await one.database.all(ROWS, Record)
        one.seals = await one.database.all(SEALS, Seal)
        return one

    async def verdict(self) -> Verdict:
        """What a verifier says."""
        kept = checkpoints.read(self.file, KEYS)
        assert kept.wrong == []
        return await verifier("chat", Memory(self.database).read, KEYS, kept.of("chat"), shared=False).verify()

    async def after(self, change: Callable[[], Awaitable[object]]) -> Verdict:
        """What a verifier says after a change, which is undone then."""
        try:
            with self.database.unit():
                await change()
                verdict = await self.verdict()
                raise Undone
        except Undone:
            return verdict

    def place(self, number: int) -> tuple[Seal, int]:
        """The row of the chain that holds a record's seal, and its place in it."""
        seal = next(one for one in reversed(self.seals) if one.number <= number)
        return seal, number - seal.number


def record(position: int, who: str = "person") -> Record:
    """A record like no other."""
    moment, about = 1_000_000 * position, f"about-{position}" if position % 2 else None
    until = None if position % 3 else moment + 9
    where = (f"/Method{position}", "group", f"group-{position}", about)
    return Record(position, moment, f"{who}-{position}", *where, "READ", position, until)
