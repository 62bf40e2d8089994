"""A small chain over an audit in memory: its records, its seals, its checkpoints, and ways to change them."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import ClassVar, Never, TypeVar

import attrs
from attrs import define, field
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey
from mewe_core.kit import records
from mewe_core.kit.database import Database, Executable, Statement
from mewe_core.kit.events import Event, Hexadecimal
from mewe_core.kit.ports import PublicKey
from mewe_core.kit.records import AUDIT, AUDIT_ANCHOR, AUDIT_SEAL, CHECKPOINT
from mewe_core.kit.testing import FixedClock, MemoryDatabase, PlainKeys, PlainSealing
from mewe_core.kit.values import Parameter, columns, micros
from mewe_core.kit.witness import AuditCheckpoint, hear_audit_checkpoint
from mewe_host.desk import checkpoints, witnessing
from mewe_host.desk.beginnings import Beginning, begin, to_hold
from mewe_host.desk.chain import Record, Seal
from mewe_host.desk.checkpoints import Checkpoint
from mewe_host.desk.lent import Lent
from mewe_host.desk.sealing import Sealer
from mewe_host.desk.trimming import Trimmer
from mewe_host.desk.verifying import Verdict, verifier
from mewe_host.desk.witnessing import Kept
from mewe_host.identity.ids import SystemIds
from mewe_host.identity.keys import FileKeys
from mewe_host.parts import Store, UnitDatabase
from sqlalchemy import bindparam, delete, insert, select, update
from whenever import Instant

T = TypeVar("T")

_PRIVATE = ec.generate_private_key(ec.SECP256R1())
_NUMBERS = _PRIVATE.public_key().public_numbers()
_PUBLIC = PublicKey("key", Hexadecimal(f"{_NUMBERS.x:064x}"), Hexadecimal(f"{_NUMBERS.y:064x}"))
KEYS = FileKeys("SE", bytes(range(32)), ECKey.import_key(_PRIVATE), _PUBLIC)
"""The country's keys, in no folder."""

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
CHANGE_ANCHOR = {column.name: update(AUDIT_ANCHOR).values({column.name: bindparam("new")}) for column in AUDIT_ANCHOR.c}
CHANGE_WITNESS = {
    column.name: update(CHECKPOINT).where(CHECKPOINT.c.chain == bindparam("one")).values({column.name: bindparam("new")})
    for column in CHECKPOINT.c
}
WITNESSED: Executable = select(*(CHECKPOINT.c[name] for name in attrs.fields_dict(Kept))).order_by(CHECKPOINT.c.number)
TAKE_WITNESS: Executable = delete(CHECKPOINT).where(CHECKPOINT.c.chain == bindparam("one"))
KEEP_WITNESS: Executable = insert(CHECKPOINT)
TAKE_ANCHOR: Executable = delete(AUDIT_ANCHOR)
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
    """Takes back what was tried, and says what was found."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.verdict = verdict


@define
class Country:
    """A small chain: its database, what it holds, and the checkpoints taken on the way."""

    database: UnitDatabase
    store: Store
    shared: bool
    file: Path
    witness: Units
    rows: list[Record] = field(factory=list)
    seals: list[Seal] = field(factory=list)
    begun: list[Beginning] = field(factory=list)

    @classmethod
    async def settle(
        cls, folder: Path, *, let_go: bool = False, restored: bool = False, served: "Served | None" = None
    ) -> "Country":
        """Seventeen records, sealed as they came: one, then three, and so on, each time with a checkpoint.

        With ``let_go`` the first four are gone, and two years later one checkpoint of the file is left. With ``restored`` a
        backup without the last six was restored, and begun anew; four more have come since. In memory, or ``served`` by
        PostgreSQL.
        """
        units = Units(records.METADATA)
        store: Store = served or Memory(units)
        file, witness = folder / "audit-checkpoints", Units(records.METADATA)
        one = cls(served.database if served else units, store, served is not None, file, witness)
        clock = FixedClock()
        lent = Lent("SE", clock, SystemIds(), KEYS, PlainSealing(PlainKeys()))

        async def tell(event: Event, database: UnitDatabase) -> None:
            assert isinstance(event, AuditCheckpoint)
            await hear_audit_checkpoint(event, lent.own_work(clock.now(), one.witness))

        positions = iter([number for number in range(1, 21) if number not in UNDONE])
        sealer = Sealer("chat", store, KEYS, clock, one.file, tell)
        for size in (1, 3, 5, 2, 6):
            for _, position in zip(range(size), positions, strict=False):
                await store.write(partial(_keep, record(position)))
            await sealer.finish()
            clock.advance(minutes=25)
        if let_go:
            cutoff = Instant.from_timestamp(5.5)
            await Trimmer("chat", store, KEYS, clock, clock.now() - cutoff).let_go()
            checkpoints.thin(one.file, micros(clock.now().add(hours=24 * 730)), KEYS)
            assert len(checkpoints.read(one.file, KEYS).good) == 1
        if restored:
            await one._restore(Sealer("chat", store, KEYS, clock, one.file, tell), clock)
        one.rows = await store.read(lambda database: database.all(ROWS, Record))
        one.seals = await store.read(lambda database: database.all(SEALS, Seal))
        return one

    async def _restore(self, sealer: Sealer, clock: FixedClock) -> None:
        """The last six records are gone; two people say why; four others come."""
        seals = await self.store.read(lambda database: database.all(SEALS, Seal))
        await self.store.write(lambda database: database.execute(CUT_ROWS, first=seals[-1].pairs()[0][0]))
        await self.store.write(lambda database: database.execute(CUT_SEALS, first=seals[-1].number))
        held = [*checkpoints.read(self.file, KEYS).of("chat"), *(await self.witnessed())]
        found = await verifier("chat", self.store.read, KEYS, held, shared=self.shared).compare()
        new = begin("chat", found, micros(clock.now()), by="anna", with_="bo", why="the disk broke")
        assert new is not None
        self.begun.append(new)
        for positions in ((41, 42), (43, 45)):
            clock.advance(minutes=25)
            for position in positions:
                await self.store.write(partial(_keep, record(position)))
            await sealer.finish()

    async def witnessed(self) -> list[Checkpoint]:
        """What the witness keeps. Raises ValueError if one is not as it was signed."""
        rows = await witnessing.kept(self.witness)
        read = [witnessing.read(one, "people", KEYS) for one in rows]
        if None in read:
            raise ValueError("what the witness keeps was changed")
        return [one for one in read if one is not None]

    async def verdict(self, *, file: bool = True, witness: bool = True) -> Verdict:
        """What a verifier says, with the file of checkpoints, what the witness keeps, or both."""
        kept = checkpoints.read(self.file, KEYS)
        assert kept.wrong == []
        try:
            witnessed = await self.witnessed()
        except ValueError as changed:
            return Verdict(0, 0, fault=str(changed))
        held = to_hold([*kept.of("chat") * file, *witnessed * witness], self.begun)
        return await verifier("chat", self.store.read, KEYS, held, shared=self.shared).verify()

    async def after(self, change: Callable[[], Awaitable[object]], *, file: bool = True, witness: bool = True) -> Verdict:
        """What a verifier says after a change, which is undone then."""

        async def tried(_: UnitDatabase) -> Never:
            with self.witness.unit():
                await change()
                raise Undone(await self.verdict(file=file, witness=witness))

        try:
            await self.store.write(tried)
        except Undone as undone:
            return undone.verdict

    def place(self, number: int) -> tuple[Seal, int]:
        """The row of the chain that holds the seal of the first, second ... record that is there, and its place in it."""
        number += self.seals[0].number - 1
        seal = next(one for one in reversed(self.seals) if one.number <= number)
        return seal, number - seal.number


@define
class Lending:
    """A database that stands for that of the unit which runs."""

    must_lock: ClassVar[bool] = True
    current: UnitDatabase | None = None

    @property
    def here(self) -> UnitDatabase:
        """The one of the unit."""
        assert self.current is not None
        return self.current

    async def all(self, statement: Statement, into: type[T], **parameters: Parameter) -> list[T]:
        """As there."""
        return await self.here.all(statement, into, **parameters)

    async def first(self, statement: Statement, into: type[T], **parameters: Parameter) -> T | None:
        """As there."""
        return await self.here.first(statement, into, **parameters)

    async def execute(self, statement: Statement, **parameters: Parameter) -> int:
        """As there."""
        return await self.here.execute(statement, **parameters)

    async def lock(self, key: str) -> None:
        """As there."""
        await self.here.lock(key)


@define
class Served:
    """A feature's real store, whose reads inside a unit see what the unit has done."""

    store: Store
    database: Lending = field(factory=Lending)

    async def write(self, unit: Callable[[UnitDatabase], Awaitable[T]]) -> T:
        """As the store does."""

        async def lent(database: UnitDatabase) -> T:
            self.database.current = database
            try:
                return await unit(database)
            finally:
                self.database.current = None

        return await self.store.write(lent)

    async def read(self, unit: Callable[[Database], Awaitable[T]]) -> T:
        """As the store does, or in the unit that runs."""
        return await (self.store.read(unit) if self.database.current is None else unit(self.database))

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Nobody wakes."""

    async def close(self) -> None:
        """Left to its owner."""


async def _keep(one: Record, database: UnitDatabase) -> None:
    await database.execute(KEEP, **columns(one))


def record(position: int, who: str = "person") -> Record:
    """A record like no other."""
    moment, about = 1_000_000 * position, f"about-{position}" if position % 2 else None
    until = None if position % 3 else moment + 9
    where = (f"/Method{position}", "group", f"group-{position}", about)
    return Record(position, moment, f"{who}-{position}", *where, "READ", position, until)
