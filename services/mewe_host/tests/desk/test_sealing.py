"""The sealer at work on real databases: each record is sealed once, whoever seals, and what is done to a file is found."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from mewe_core.kit.records import AUDIT
from mewe_core.kit.values import columns, micros
from mewe_host.desk import checkpoints, witnessing
from mewe_host.desk.chain import Record, Seal
from mewe_host.desk.seals import MOST
from mewe_host.desk.verifying import Verdict
from sqlalchemy import select

from .auditing import CHANGE, CUT, CUT_SEALS, KEEP, SEALS, TAKE, audit
from .world import running


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


def test_each_checkpoint_is_told_and_goes_on_from_the_one_before(tmp_path: Path, url: str) -> None:
    """What witnesses keep is signed; one that finds its last checkpoint gone goes on from nothing, so that both are kept."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            one = audit(world, url)
            sealer = one.sealer()
            for position in (1, 2, 3):
                await one.keep(position)
                await sealer.finish()
                await one.told_to_echo()
                world.clock.advance(minutes=1)
            kept = await world.stores["echo"].read(witnessing.kept)
            assert [row.number for row in kept] == [3]
            checkpoint = witnessing.read(kept[0], "echo", world.keys)
            assert checkpoint is not None
            assert (checkpoint.feature, checkpoint.head.count, checkpoint.witness) == ("circle", 3, "echo")
            await one.execute(CUT, behind=1)
            await one.execute(CUT_SEALS, behind=1)
            await one.keep(4, 5, 6)
            await sealer.finish()
            await one.told_to_echo()
            kept = await world.stores["echo"].read(witnessing.kept)
            assert [row.number for row in kept] == [3, 4]
            assert kept[1].follows == "0" * 64
            found = [witnessing.read(row, "echo", world.keys) for row in kept]
            verdict = await one.verdict(*(row for row in found if row is not None))
            assert str(verdict.fault).endswith("is gone, and others stand there, as echo says")

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


@pytest.mark.parametrize("anew", [False, True], ids=["the same sealer", "another sealer"])
def test_an_end_that_was_cut_off_is_found_however_long_ago_and_however_thin_the_file(
    tmp_path: Path, sqlite_url: str, anew: bool
) -> None:
    """The chain has grown past what was cut off, in the same process or after a start; two years later the file is thinned."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            one = audit(world, sqlite_url)
            sealer = one.sealer()
            for position in (1, 2, 3):
                await one.keep(position)
                await sealer.finish()
            await one.execute(CUT, behind=1)
            await one.execute(CUT_SEALS, behind=1)
            sealer = one.sealer() if anew else sealer
            for position in (4, 5, 6, 7):
                await one.keep(position)
                await sealer.finish()
            now = micros(world.clock.now().add(hours=24 * 730))
            checkpoints.thin(one.file, now, world.keys)
            kept = checkpoints.read(one.file, world.keys).of("circle")
            assert [(checkpoint.run, checkpoint.head.count) for checkpoint in kept] == [(0, 3), (1, 5)]
            assert "cut off: what stood at record 3" in str((await one.verdict()).fault)

    asyncio.run(scene())


def test_a_start_tells_nothing_twice(tmp_path: Path, sqlite_url: str) -> None:
    """A sealer of another process goes on from the last checkpoint of the file: the same run, and no line for what is in it."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            one = audit(world, sqlite_url)
            await one.keep(1)
            for _ in range(3):
                await one.sealer().finish()
            await one.keep(2)
            await one.sealer().finish()
            kept = checkpoints.read(one.file, world.keys).of("circle")
            assert [(checkpoint.run, checkpoint.head.count) for checkpoint in kept] == [(0, 1), (0, 2)]

    asyncio.run(scene())
