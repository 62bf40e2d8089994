"""Letting go of the oldest records: at a row of the chain, with an anchor, and never the last row."""

import asyncio
from pathlib import Path

from mewe_core.kit.records import AUDIT_ANCHOR
from mewe_host.desk.anchors import ANCHORS, Anchor
from mewe_host.desk.trimming import KEPT, Trimmer
from mewe_host.desk.verifying import Verdict
from sqlalchemy import delete
from whenever import Instant, TimeDelta

from .auditing import Audit, audit
from .world import running


def trimmer(one: Audit, kept: TimeDelta) -> Trimmer:
    """Lets go of what is older."""
    world = one.world
    return Trimmer("circle", world.stores["circle"], world.keys, world.clock, kept)


def test_what_is_old_enough_goes_and_the_rest_is_verified_from_the_anchor(tmp_path: Path, url: str) -> None:
    """A row of the chain after another; a later run moves the anchor on; sealing goes on behind it."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            one = audit(world, url)
            sealer = one.sealer()
            for positions in ((1, 2, 3), (4, 5), (6, 7)):
                await one.keep(*positions)
                await sealer.finish()
            since = world.clock.now() - Instant.from_timestamp(0)
            assert await trimmer(one, since - TimeDelta(microseconds=3)).let_go() == 0
            assert await trimmer(one, since - TimeDelta(microseconds=5)).let_go() == 3
            verdict = await one.verdict()
            assert (verdict.rows, verdict.sealed, verdict.gone, verdict.fault) == (4, 4, 3, None)
            assert await trimmer(one, since - TimeDelta(microseconds=6)).let_go() == 2
            await one.keep(8)
            await one.sealer().finish()
            assert (await one.verdict()).gone == 5
            assert await one.positions() == [6, 7, 8]
            assert [anchor.number for anchor in await world.rows("circle", ANCHORS, Anchor)] == [5]

    asyncio.run(scene())


def test_the_last_row_of_the_chain_stays_however_old_it_is(tmp_path: Path, url: str) -> None:
    """Or the chain would begin anew, and nobody could say that its end is there."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            one = audit(world, url)
            await one.keep(1, 2)
            await one.sealer().finish()
            assert await trimmer(one, TimeDelta(seconds=1)).let_go() == 0
            assert await one.verdict() == Verdict(2, 2)

    asyncio.run(scene())


def test_without_its_anchor_a_beginning_that_went_is_missing(tmp_path: Path, url: str) -> None:
    """Whoever cuts off the front leaves no anchor that the country has signed."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            one = audit(world, url)
            sealer = one.sealer()
            for position in (1, 2, 3):
                await one.keep(position)
                await sealer.finish()
            assert await trimmer(one, TimeDelta(seconds=1)).let_go() == 2
            await one.execute(delete(AUDIT_ANCHOR))
            assert (await one.verdict()).fault == "records 1 to 2 were removed from the chain"

    asyncio.run(scene())


def test_a_record_is_kept_for_as_long_as_the_register_says() -> None:
    """Ten years."""
    assert TimeDelta(hours=24 * 3650) == KEPT
