"""The chain over an audit: whatever is done to a record, a seal or the end of it is found."""

import asyncio
import contextlib
import json
import os
from pathlib import Path
from random import Random

import asyncpg
import pytest
from attrs import astuple, evolve
from mewe_core.kit.database import Executable
from mewe_core.kit.errors import Conflict
from mewe_core.kit.values import Parameter, columns
from mewe_host.desk.chain import Chain, Record
from mewe_host.desk.order import LATEST, WIDEST, Order
from mewe_host.desk.seals import KEEP_SEAL
from mewe_host.desk.verifying import Verdict, verifier
from whenever import Instant

from .audited import CHANGE_ROW, CHANGE_SEAL, CUT_SEALS, KEEP, KEYS, TAKE_ROW, TAKE_SEAL, Country, Served, record
from .mutator import Mutator
from .world import running

MUTATIONS = 10_020


def test_ten_thousand_random_mutations_are_all_found(tmp_path: Path) -> None:
    """Changed, removed, added, swapped, cut off, restored from an older copy: not one of them passes.

    In a chain that is whole; in one whose oldest records were let go and whose checkpoints were thinned; and in one that was
    begun anew after a restore. Found with the file alone, and with the witness alone.
    """

    async def scene() -> None:
        for name in ("whole", "short"):
            (tmp_path / name).mkdir()
        whole, short = await Country.settle(tmp_path / "whole"), await Country.settle(tmp_path / "short", let_go=True)
        begun = await Country.settle(tmp_path, let_go=True, restored=True)
        assert await whole.verdict() == Verdict(17, 17)
        assert await short.verdict() == Verdict(13, 13, gone=4, gone_until=Instant.from_timestamp(5))
        assert await begun.verdict() == Verdict(11, 11, gone=4, gone_until=Instant.from_timestamp(5))
        countries = (whole, short, begun)
        mutators = [Mutator(country, Random(17)) for country in countries]  # noqa: S311
        tried: dict[str, int] = {}
        for number in range(MUTATIONS):
            mutator = mutators[number % 3]
            kind = mutator.kinds[number // 3 % len(mutator.kinds)]
            state = mutator.random.getstate()
            file = number // 30 % 2 == 0
            verdict = await mutator.country.after(kind, file=file, witness=not file)
            assert verdict.fault is not None, (kind.__name__, number, state)
            tried[kind.__name__] = tried.get(kind.__name__, 0) + 1
        assert sum(tried.values()) == MUTATIONS
        assert min(tried.values()) >= 1000
        assert [(await country.verdict()).fault for country in countries] == [None] * 3

    asyncio.run(scene())


def test_random_mutations_on_postgresql_are_all_found(tmp_path: Path, postgresql_url: str) -> None:
    """The same on a server, as far as it takes them at all: it refuses bytes for text, and text for numbers."""

    async def scene() -> None:
        async with running(tmp_path, postgresql_url) as world:
            served = Served(world.stores["circle"])
            country = await Country.settle(tmp_path, let_go=True, restored=True, served=served)
            assert await country.verdict() == Verdict(11, 11, gone=4, gone_until=Instant.from_timestamp(5))
            mutator = Mutator(country, Random(18))  # noqa: S311
            tried = 0
            for number in range(MUTATIONS if os.environ.get("MEWE_PROVE") else MUTATIONS // 50):
                kind = mutator.kinds[number % len(mutator.kinds)]
                state = mutator.random.getstate()
                with contextlib.suppress(asyncpg.DataError, Conflict):
                    verdict = await country.after(kind)
                    assert verdict.fault is not None, (kind.__name__, number, state)
                    tried += 1
            assert tried > number * 0.7
            assert (await country.verdict()).fault is None

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
        (CUT_SEALS, {"first": 10}, "cut off behind record 9: 17 were sealed by 2026-09-01T15:40:00Z, as the file says"),
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
    """A chain whose checkpoints were taken away is not called right; a witness is enough."""

    async def scene() -> None:
        country = await Country.settle(tmp_path)
        country.file.unlink()
        assert (await country.verdict()).fault is None
        assert "no checkpoint is there" in str((await country.verdict(witness=False)).fault)

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
        other = verifier("diary", country.store.read, KEYS, (), shared=False)
        assert (await other.verify()).fault == "record 1 (position 1) was changed"
        with pytest.raises(Conflict):
            await country.database.execute(KEEP_SEAL, **columns(country.seals[0]))

    asyncio.run(scene())
