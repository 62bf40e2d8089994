"""New beginnings: a restore is named for good, and hides nothing that is taken away before or after it."""

import asyncio
from pathlib import Path

import pytest
from attrs import evolve
from mewe_host.desk.beginnings import Beginning, begin, to_hold
from mewe_host.desk.chain import Head
from mewe_host.desk.checkpoints import Checkpoint
from mewe_host.desk.verifying import Comparison, Wrong, verifier

from .audited import CHANGE_ROW, CUT_ROWS, CUT_SEALS, KEYS, Country

HOUR = 3_600_000_000


def point(count: int, at: int = 0, value: int = 1) -> Checkpoint:
    """A checkpoint at so many records, so many hours on."""
    return Checkpoint("chat", Head(count, bytes([value]) * 32), at * HOUR)


def begun(found: Comparison, now: int) -> Beginning:
    """Two people say what happened."""
    beginning = begin("chat", found, now * HOUR, by="anna", with_="bo", why="the disk broke")
    assert beginning is not None
    return beginning


def test_what_is_missing_is_named_and_the_rest_is_held_to_its_checkpoints(tmp_path: Path) -> None:
    """Cut off without a word, the chain is wrong; with it, it is right from there on, and says from which record to which."""

    async def scene() -> None:
        country = await Country.settle(tmp_path, restored=True)
        [one] = country.begun
        assert (one.kept, one.first, one.lost, one.head.count, one.lost_by) == (11, 12, 17, 11, "the file")
        verdict = await country.verdict()
        assert (verdict.rows, verdict.sealed, verdict.fault) == (15, 15, None)
        country.begun.clear()
        assert str((await country.verdict()).fault).startswith("cut off behind record 15: 17 were sealed")

    asyncio.run(scene())


@pytest.mark.parametrize("left", [0, 4, 11, 13])
def test_a_cut_off_behind_a_new_beginning_is_found(tmp_path: Path, left: int) -> None:
    """Of what came since, or of what was there when it was begun: by the file alone, and by the witness alone."""

    async def scene() -> None:
        country = await Country.settle(tmp_path, restored=True)
        seal = next(one for one in country.seals if one.number > left)

        async def cut() -> None:
            await country.database.execute(CUT_SEALS, first=seal.number)
            await country.database.execute(CUT_ROWS, first=seal.pairs()[0][0])

        for file in (True, False):
            verdict = await country.after(cut, file=file, witness=not file)
            assert str(verdict.fault).startswith(f"cut off behind record {left}")

    asyncio.run(scene())


def test_a_chain_that_was_changed_is_not_begun_anew(tmp_path: Path) -> None:
    """A restore takes records away; it changes none."""

    async def scene() -> None:
        country = await Country.settle(tmp_path, restored=True)
        await country.database.execute(CHANGE_ROW["method"], one=7, new="/Other")
        with pytest.raises(Wrong, match="was changed"):
            await verifier("chat", country.store.read, KEYS, (), shared=False).compare()

    asyncio.run(scene())


def test_where_nothing_is_missing_nothing_is_begun() -> None:
    """A beginning without a gap could only confuse."""
    found = Comparison(Head(9), [point(9)], [])
    assert begin("chat", found, 0, by="anna", with_="bo", why="no reason") is None


def test_what_was_sealed_later_is_not_spoken_of() -> None:
    """A beginning speaks of what was sealed before it: the same count an hour later is held to the chain."""
    one = begun(Comparison(Head(5), [point(4)], [point(8, 1), point(12, 2)]), 3)
    assert (one.kept, one.first, one.lost, one.at) == (4, 6, 12, 3 * HOUR)
    kept = [point(4), point(8, 4, 2), point(12, 5, 2), point(13, 2)]
    assert to_hold([*kept, point(8, 1), point(12, 2)], [one]) == [
        *kept,
        Checkpoint("chat", Head(5), 3 * HOUR, "the book of acts"),
    ]


def test_a_clock_that_is_behind_does_not_leave_a_gap_unnamed() -> None:
    """A beginning is never older than what it speaks of."""
    one = begun(Comparison(Head(5), [], [point(8, 7)]), 3)
    assert one.at == 7 * HOUR
    assert one.speaks_of(point(8, 7))


def test_a_second_restore_speaks_of_the_first_beginning_too() -> None:
    """An older backup than the first: what stood at the first beginning is among what is missing then."""
    first = begun(Comparison(Head(8), [point(8)], [point(12, 1)]), 2)
    held = to_hold([point(3), point(8), point(12, 1), point(20, 3, 2)], [first])
    assert [one.head.count for one in held] == [3, 8, 20, 8]
    second = begun(Comparison(Head(5), [point(3)], [one for one in held if one.head.count > 5]), 4)
    assert (second.first, second.lost) == (6, 20)
    assert [one.head.count for one in to_hold([point(3), point(8), point(12, 1), point(20, 3, 2)], [first, second])] == [3, 5]


def test_a_host_that_has_gone_on_meanwhile_is_said() -> None:
    """Others stand where some are missing: from the last that a checkpoint has vouched for."""
    one = begun(Comparison(Head(14), [point(4), point(14, 3, 2)], [point(8, 1), point(12, 2)]), 4)
    assert (one.kept, one.first, one.lost) == (4, 5, 12)
    assert not evolve(one, kept=8).speaks_of(point(8, 1))
