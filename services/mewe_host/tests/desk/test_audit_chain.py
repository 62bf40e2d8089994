"""The chain over an audit: whatever is done to a record, a seal or the end of it is found."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest
from attrs import astuple, define, evolve, field
from mewe_core.kit import records
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.errors import Conflict
from mewe_core.kit.ports import Keys
from mewe_core.kit.records import AUDIT, AUDIT_SEAL
from mewe_core.kit.testing import FixedClock, MemoryDatabase, PlainKeys
from mewe_core.kit.values import Parameter, Value, columns
from mewe_host.desk import checkpoints
from mewe_host.desk.chain import Chain, Record, Seal
from mewe_host.desk.order import LATEST, WIDEST, Order
from mewe_host.desk.sealing import Sealer
from mewe_host.desk.seals import KEEP_SEAL
from mewe_host.desk.verifying import Verdict, verifier
from mewe_host.parts import UnitDatabase
from sqlalchemy import bindparam, delete, insert, select, update

T = TypeVar("T")

MUTATIONS = 10_000
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


@define
class Mutator:
    """Changes a country at random."""

    country: Country
    random: Random

    def _any(self, values: list[Value]) -> Value:
        return self.random.choice(values)

    async def change_a_row(self) -> None:
        """Another value in any column of any row."""
        one, name = self.random.choice(self.country.rows), self.random.choice(list(CHANGE_ROW))
        new = self._any([one.at + 1, 10**6 + self.random.randrange(10**6), -self.random.randrange(9)])
        if name in ("caller_id", "about_id"):
            new = self._any(["somebody else", b"\xff", f"{getattr(one, name)} ", None if getattr(one, name) else "null"])
        elif name in ("count", "until"):
            new = self._any([(getattr(one, name) or 0) + self.random.randrange(1, 9), b"\xff", "text"])
        elif name not in ("position", "at"):
            new = self._any(["", "other", b"\xff", str(getattr(one, name)).upper() + "x"])
        await self.country.database.execute(CHANGE_ROW[name], one=one.position, new=new)

    async def change_a_seal(self) -> None:
        """Another value in any column of any row of the chain: a bit of it, or all of it."""
        one, name = self.random.choice(self.country.seals), self.random.choice(list(CHANGE_SEAL))
        old: bytes = one.positions if name == "positions" else one.chains
        place = self.random.randrange(len(old))
        flipped = old[:place] + bytes([old[place] ^ 1 << self.random.randrange(8)]) + old[place + 1 :]
        new = self._any([flipped, flipped, b"", old[:-1], old + old[-8:], "text"])
        if name == "number":
            new = self._any([-one.number, one.number + 1000])
        await self.country.database.execute(CHANGE_SEAL[name], one=one.number, new=new)

    async def delete(self) -> None:
        """A row is gone, or a row of the chain, or both."""
        if self.random.random() < 0.7:
            await self.country.database.execute(TAKE_ROW, one=self.random.choice(self.country.rows).position)
        if self.random.random() < 0.5 or len(await self.country.database.all(ROWS, Record)) == len(self.country.rows):
            await self.country.database.execute(TAKE_SEAL, one=self.random.choice(self.country.seals).number)

    async def insert(self) -> None:
        """A record at a position that was left empty, or at the end with a seal that somebody made up or copied."""
        if self.random.random() < 0.5:
            position = self.random.choice([*UNDONE, 0, -self.random.randrange(1, 10**9)])
            await self.country.database.execute(KEEP, **columns(record(position, "intruder")))
            return
        last = self.country.seals[-1].head
        added = record(self.country.rows[-1].position + self.random.randrange(1, 9), "intruder")
        chains = self.random.choice([self.random.randbytes(32), last.chain, self.country.seals[0].chains[:32]])
        seal = evolve(Chain("chat", KEYS).seal(last, [added]), chains=chains)
        await self.country.database.execute(KEEP, **columns(added))
        await self.country.database.execute(KEEP_SEAL, **columns(seal))

    async def swap(self) -> None:
        """Two records change places: what they say, or their places in the chain with or without its values."""
        first, second = self.random.sample(range(1, len(self.country.rows) + 1), 2)
        if self.random.random() < 0.5:
            here, there = self.country.rows[first - 1], self.country.rows[second - 1]
            for one, other in ((here, there), (there, here)):
                await self.country.database.execute(TAKE_ROW, one=one.position)
                await self.country.database.execute(KEEP, **columns(evolve(other, position=one.position)))
            return
        await self._swap_bytes("positions", 8, first, second)
        if self.random.random() < 0.5:
            await self._swap_bytes("chains", 32, first, second)

    async def move(self) -> None:
        """A record stands at a position that was empty, and its seal says so too."""
        number = self.random.randrange(1, len(self.country.rows) + 1)
        old, new = self.country.rows[number - 1].position, self.random.choice([*UNDONE, 30, -3])
        seal, within = self.country.place(number)
        positions = bytearray(seal.positions)
        positions[8 * within : 8 * within + 8] = new.to_bytes(8, signed=True)
        await self.country.database.execute(CHANGE_ROW["position"], one=old, new=new)
        await self.country.database.execute(CHANGE_SEAL["positions"], one=seal.number, new=bytes(positions))

    async def _swap_bytes(self, name: str, width: int, first: int, second: int) -> None:
        kept = {one.number: bytearray(getattr(one, name)) for one in self.country.seals}
        (here, m), (there, n) = self.country.place(first), self.country.place(second)
        one, other = kept[here.number], kept[there.number]
        one[m * width : (m + 1) * width], other[n * width : (n + 1) * width] = (
            other[n * width : (n + 1) * width],
            one[m * width : (m + 1) * width],
        )
        for number, new in kept.items():
            await self.country.database.execute(CHANGE_SEAL[name], one=number, new=bytes(new))

    async def cut_off(self) -> int:
        """The last records are gone, with their seals as if they had never been; says how many are left."""
        left = self.random.randrange(len(self.country.rows))
        await self.country.database.execute(CUT_ROWS, first=self.country.rows[left].position)
        if left and self.random.random() < 0.2:
            return left
        seal, within = self.country.place(left + 1)
        await self.country.database.execute(CUT_SEALS, first=seal.number)
        if within:
            short = Seal(seal.number, seal.positions[: 8 * within], seal.chains[: 32 * within])
            await self.country.database.execute(KEEP_SEAL, **columns(short))
        return left

    async def restore(self) -> None:
        """An older copy stands there, or has gone on since: a host has sealed other records, with the country's key."""
        older = self.random.randrange(1, len(self.country.seals))
        seal = self.country.seals[older]
        await self.country.database.execute(CUT_SEALS, first=seal.number)
        await self.country.database.execute(CUT_ROWS, first=seal.pairs()[0][0])
        if self.random.random() < 0.5:
            before = self.country.seals[older - 1]
            begin = before.pairs()[-1][0] + 1
            others = [record(begin + number, "later") for number in range(self.random.randrange(1, 30))]
            for one in others:
                await self.country.database.execute(KEEP, **columns(one))
            await self.country.database.execute(KEEP_SEAL, **columns(Chain("chat", KEYS).seal(before.head, others)))

    @property
    def kinds(self) -> list[Callable[[], Awaitable[object]]]:
        """Everything it can do."""
        return [
            self.change_a_row,
            self.change_a_seal,
            self.delete,
            self.insert,
            self.swap,
            self.move,
            self.cut_off,
            self.restore,
        ]


def test_ten_thousand_random_mutations_are_all_found(tmp_path: Path) -> None:
    """Changed, removed, added, swapped, cut off, restored from an older copy: not one of them passes."""

    async def scene() -> None:
        country = await Country.settle(tmp_path)
        assert await country.verdict() == Verdict(17, 17)
        mutator = Mutator(country, Random(17))  # noqa: S311
        tried: dict[str, int] = {}
        for number in range(MUTATIONS):
            kind = mutator.kinds[number % len(mutator.kinds)]
            state = mutator.random.getstate()
            verdict = await country.after(kind)
            assert verdict.fault is not None, (kind, number, state)
            tried[kind.__name__] = tried.get(kind.__name__, 0) + 1
        assert sum(tried.values()) == MUTATIONS
        assert min(tried.values()) >= 1000
        assert await country.verdict() == Verdict(17, 17)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("statement", "values", "words"),
    [
        (CHANGE_ROW["method"], {"one": 7, "new": "/Other"}, "record 6 (position 7) was changed"),
        (CHANGE_ROW["caller_id"], {"one": 1, "new": None}, "record 1 (position 1) was changed"),
        (TAKE_ROW, {"one": 8}, "record 7 (position 8) was removed"),
        (TAKE_SEAL, {"one": 5}, "records 5 to 9 were removed from the chain"),
        (TAKE_SEAL, {"one": 1}, "record 1 was removed from the chain"),
        (KEEP, columns(record(9)), "a record was added at position 9"),
        (KEEP, columns(record(-1)), "a record was added at a position that no host has given"),
        (CUT_SEALS, {"first": 10}, "cut off behind record 9: 17 were sealed by 2026-09-01T14:00:00Z"),
        (CHANGE_SEAL["chains"], {"one": 10, "new": b"short"}, "the chain was changed behind record 9"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(
    statement: Executable, values: dict[str, Parameter], words: str, tmp_path: Path
) -> None:
    """What happened, and at which record; never what the record says."""

    async def scene() -> None:
        country = await Country.settle(tmp_path)
        verdict = await country.after(lambda: country.database.execute(statement, **values))
        assert verdict.fault is not None
        assert verdict.fault.startswith(words)

    asyncio.run(scene())


def test_two_records_that_changed_places_are_called_out_of_order(tmp_path: Path) -> None:
    """A swap is told from a change."""

    async def scene() -> None:
        country = await Country.settle(tmp_path)

        async def swap() -> None:
            for one, other in ((6, 7), (7, 6)):
                await country.database.execute(TAKE_ROW, one=one)
                await country.database.execute(KEEP, **columns(evolve(record(other), position=one)))

        assert "out of order" in str((await country.after(swap)).fault)

    asyncio.run(scene())


def test_a_record_that_is_not_yet_sealed_is_counted_with_its_moment(tmp_path: Path) -> None:
    """What came since the sealer came by is no fault; whoever looks sees how much it is, and since when."""

    async def scene() -> None:
        country = await Country.settle(tmp_path)

        async def add() -> None:
            for position in (22, 21):
                await country.database.execute(KEEP, **columns(record(position)))

        verdict = await country.after(add)
        assert (verdict.rows, verdict.sealed, verdict.waiting, verdict.fault) == (19, 17, 2, None)
        assert verdict.since is not None
        assert verdict.since.timestamp() == 21

    asyncio.run(scene())


def test_without_a_checkpoint_nobody_can_say_that_the_end_is_there(tmp_path: Path) -> None:
    """A chain whose checkpoints were taken away is not called right."""

    async def scene() -> None:
        country = await Country.settle(tmp_path)
        country.file.unlink()
        assert "no checkpoint is there" in str((await country.verdict()).fault)

    asyncio.run(scene())


def test_a_record_is_told_as_json_would() -> None:
    """Whoever verifies in another language needs no more than HMAC-SHA-256 and JSON in ASCII without blanks."""
    one = Record(7, -3, None, 'quoted "/Method"', "å", "\ud800\n", "o", "READ", 3, None)
    told = json.dumps(list(astuple(one)), separators=(",", ":")).encode()
    assert Chain("chat", KEYS).value(b"before", one).hex() == KEYS.digest("audit chain of chat", b"before" + told)


def test_a_record_may_come_late_for_a_while_and_then_no_more() -> None:
    """Waited for from the record that overtook it until 200,000 are sealed, and then forgotten; far ones never."""
    order = Order()
    for position in (1, 3, 5000):
        order.take(position)
    assert [order.may_come(position) for position in (1, 2, 3, 4, 4000, 4999, 5000)] == [
        False,
        True,
        *[False] * 2,
        *[True] * 2,
        False,
    ]
    order.count = LATEST + 1
    assert order.may_come(2)
    order.forget()
    assert len(order.missing) == WIDEST + 1
    order.count = LATEST + 2
    assert not order.may_come(2)
    assert order.may_come(4999)
    order.forget()
    assert len(order.missing) == WIDEST


def test_the_chain_of_one_feature_is_no_chain_of_another(tmp_path: Path) -> None:
    """Each has a key of its own, so that a database cannot stand in for another's."""

    async def scene() -> None:
        country = await Country.settle(tmp_path)
        other = verifier("diary", Memory(country.database).read, KEYS, (), shared=False)
        assert (await other.verify()).fault == "record 1 (position 1) was changed"
        with pytest.raises(Conflict):
            await country.database.execute(KEEP_SEAL, **columns(country.seals[0]))

    asyncio.run(scene())
