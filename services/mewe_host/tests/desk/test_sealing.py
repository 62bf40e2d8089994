"""The sealer at work on real databases: each record is sealed once, whoever seals, and what is done to a file is found."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from attrs import define
from mewe_core.kit.database import Executable
from mewe_core.kit.records import AUDIT, AUDIT_SEAL
from mewe_core.kit.values import Parameter, columns
from mewe_host.desk import checkpoints
from mewe_host.desk.chain import Record, Seal
from mewe_host.desk.sealing import Sealer
from mewe_host.desk.seals import MOST
from mewe_host.desk.verifying import Verdict, verifier
from sqlalchemy import bindparam, delete, insert, select, update

from .world import World, running

KEEP: Executable = insert(AUDIT)
SEALS: Executable = select(AUDIT_SEAL).order_by(AUDIT_SEAL.c.number)
TAKE: Executable = delete(AUDIT).where(AUDIT.c.position == bindparam("one"))
CUT: Executable = delete(AUDIT).where(AUDIT.c.position > bindparam("behind"))
CUT_SEALS: Executable = delete(AUDIT_SEAL).where(AUDIT_SEAL.c.number > bindparam("behind"))
CHANGE: Executable = update(AUDIT).where(AUDIT.c.position == bindparam("one")).values(caller_id="somebody else")


@define
class Audit:
    """The audit of the feature circle: how it is written, sealed, verified."""

    world: World
    shared: bool

    @property
    def file(self) -> Path:
        """Where its checkpoints are."""
        return self.world.folder / "audit-checkpoints"

    def sealer(self) -> Sealer:
        """A sealer, as each process has one."""
        return Sealer("circle", self.world.stores["circle"], self.world.keys, self.world.clock, self.file)

    async def execute(self, statement: Executable, **parameters: Parameter) -> None:
        """Do something to it."""
        await self.world.stores["circle"].write(lambda database: database.execute(statement, **parameters))

    async def keep(self, *positions: int) -> None:
        """Write records at these positions, in this order, each in a unit of its own."""
        for position in positions:
            one = Record(position, position, f"p{position}", "/Method", "group", "g", None, "CHANGED", 1, None)
            await self.execute(KEEP, **columns(one))

    async def verdict(self) -> Verdict:
        """What a verifier says."""
        kept = checkpoints.read(self.file, self.world.keys).of("circle")
        read = self.world.stores["circle"].read
        return await verifier("circle", read, self.world.keys, kept, shared=self.shared).verify()

    async def positions(self) -> list[int]:
        """The records in the order of the chain."""
        return [place for seal in await self.world.rows("circle", SEALS, Seal) for place, _ in seal.pairs()]


def audit(world: World, url: str) -> Audit:
    """The audit of a country."""
    return Audit(world, not url.startswith("sqlite:"))


def test_every_change_is_sealed_and_whatever_is_done_to_it_is_found(tmp_path: Path, url: str) -> None:
    """What calls have written, changed, removed and cut off behind the host's back, on either database."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            one = audit(world, url)
            sealer = one.sealer()
            await world.call("Join", "p1", request_id="join", circle_id="c1")
            assert (await one.verdict()).waiting == 1
            assert await sealer.seal() == 1
            for number in range(4):
                await world.call("PostNote", "p1", request_id=f"n{number}", circle_id="c1", text="note")
            await sealer.finish()
            assert await one.verdict() == Verdict(5, 5)
            kept = (await world.rows("circle", select(AUDIT).where(AUDIT.c.position == 3), Record))[0]
            for harm, words in ((CHANGE, "record 3 (position 3) was changed"), (TAKE, "record 3 (position 3) was removed")):
                await one.execute(harm, one=3)
                assert str((await one.verdict()).fault).startswith(words)
                await one.execute(TAKE, one=3)
                await one.execute(KEEP, **columns(kept))
                assert await one.verdict() == Verdict(5, 5)
            await one.execute(CUT, behind=1)
            await one.execute(CUT_SEALS, behind=1)
            assert str((await one.verdict()).fault).startswith("cut off behind record 1: 5 were sealed by")
            await one.keep(*range(6, 12))
            await sealer.finish()
            assert "cut off: what stood at record 5" in str((await one.verdict()).fault)

    asyncio.run(scene())


def test_a_record_that_others_overtook_is_sealed_late_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    """Units run beside each other there: late is no fault, for this sealer nor for one that starts anew."""

    async def scene() -> None:
        async with running(tmp_path, postgresql_url) as world:
            one = audit(world, postgresql_url)
            sealer = one.sealer()
            await one.keep(1, 2, 5)
            await sealer.finish()
            await one.keep(4)
            verdict = await one.verdict()
            assert (verdict.waiting, verdict.fault) == (1, None)
            assert await sealer.seal() == 1
            await one.keep(3, 8)
            assert await one.sealer().seal() == 2
            await one.keep(7)
            assert await sealer.seal() == 1
            assert await one.positions() == [1, 2, 5, 4, 3, 8, 7]
            assert await one.verdict() == Verdict(7, 7)

    asyncio.run(scene())


def test_on_sqlite_nothing_comes_late(tmp_path: Path, sqlite_url: str) -> None:
    """Units run one after another there: a record that stands before a sealed one and has no seal was added, and stays so."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            one = audit(world, sqlite_url)
            await one.keep(1, 3)
            await one.sealer().finish()
            await one.keep(2)
            await one.sealer().finish()
            assert (await one.verdict()).fault == "a record was added at position 2"

    asyncio.run(scene())


def test_several_sealers_seal_each_record_once(tmp_path: Path, url: str) -> None:
    """Those of several processes at once, while records are written; more than a unit holds, and none is left."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            one = audit(world, url)
            sealers = [one.sealer() for _ in range(4)]
            for start in (1, 2 * MOST):
                await asyncio.gather(one.keep(*range(start, start + MOST + 50)), *(sealer.seal() for sealer in sealers))
            await asyncio.gather(*(sealer.seal() for sealer in sealers))
            await sealers[0].finish()
            positions = await one.positions()
            assert len(positions) == len(set(positions)) == 2 * (MOST + 50)
            assert await one.verdict() == Verdict(len(positions), len(positions))

    asyncio.run(scene())


def test_all_that_waits_is_sealed_at_once(tmp_path: Path, sqlite_url: str) -> None:
    """After a busy second, or a start: in units of 500 records, until none is left, each unit a row of the chain."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            one = audit(world, sqlite_url)
            await asyncio.gather(*(one.keep(position) for position in range(1, 3 * MOST)))
            assert await one.sealer().seal() == 3 * MOST - 1
            assert [seal.number for seal in await world.rows("circle", SEALS, Seal)] == [1, MOST + 1, 2 * MOST + 1]
            assert await one.verdict() == Verdict(3 * MOST - 1, 3 * MOST - 1)

    asyncio.run(scene())


def test_a_unit_that_was_undone_is_sealed_the_next_time(tmp_path: Path, sqlite_url: str) -> None:
    """What a sealer remembers of a unit that was not kept does not count: it goes by what the database holds."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            one = audit(world, sqlite_url)
            sealer = one.sealer()
            await one.keep(1, 2)
            await sealer.finish()
            await one.keep(3)
            await sealer.seal()
            await one.execute(CUT_SEALS, behind=2)
            assert await sealer.seal() == 1
            await sealer.finish()
            assert await one.verdict() == Verdict(3, 3)

    asyncio.run(scene())


def test_what_is_no_text_any_more_does_not_stop_the_verifier(tmp_path: Path, sqlite_url: str) -> None:
    """A file may hold anything in any column: bytes for text are a change like another."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            one = audit(world, sqlite_url)
            await one.keep(1, 2)
            await one.sealer().finish()
            with closing(sqlite3.connect(tmp_path / "databases" / "circle.db", timeout=5)) as file, file:
                file.execute("UPDATE kit_audit SET method = x'ff00' WHERE position = 2")
            assert (await one.verdict()).fault == "record 2 (position 2) was changed"

    asyncio.run(scene())
