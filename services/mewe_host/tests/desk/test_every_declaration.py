"""What every installed feature declares can be done on both databases: erased, exported, run through for retention."""

import asyncio
import re
from datetime import date
from functools import partial
from pathlib import Path

import asyncpg
from mewe_core.kit.access import Caller, Standing, whole_country
from mewe_core.kit.database import Database, compiled, postgresql_dialect
from mewe_core.kit.feature import Feature
from mewe_core.kit.plugins import installed, load
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy import erasing, exporting, retaining, sweeping, telling
from mewe_core.kit.privacy.rows import lines
from mewe_core.kit.privacy.sweeping import Sweep
from mewe_core.kit.testing import CountingIds, FixedClock, PlainKeys, PlainSealing
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store

FEATURES = load(tuple(sorted(installed())))[0]
KEYS = PlainKeys()


def work(database: Database) -> Work:
    """What the kit is lent."""
    country = Standing(whole_country("SE"), ())
    return Work(Caller(None, None, "SE"), country, FixedClock().now(), database, CountingIds(), KEYS, PlainSealing(KEYS))


async def erased(feature: Feature, database: Database) -> None:
    """Erase somebody of whom nothing is held, to the end."""
    here = work(database)
    await telling.begin(database, "an-erasure", "nobody", here.now)
    [waiting] = await erasing.pending(here)
    answer = (await erasing.erase_some(feature, waiting, (), here)).answer
    assert answer is not None
    assert (answer.keys, answer.outcomes) == (0, ())
    await sweeping.of_aggregates("nobody", ["a", "b"], database)
    await sweeping.forget(Sweep("standing_changed", "a", "nobody", whole=True), database)


async def emptied(feature: Feature, database: Database) -> None:
    """Each statement of each declaration, also those that erasure needed not."""
    for line in lines(feature.personal, feature.tables):
        for statement in (line.clear, line.delete):
            if statement is not None:
                assert await database.execute(statement, person="nobody") == 0
    here = work(database)
    assert await retaining.past_term(feature, here) == []
    assert await retaining.retain_some(feature, here) == 0
    assert await exporting.export_all(feature, "nobody", here) == []


def test_every_declaration_can_be_carried_out(tmp_path: Path, url: str) -> None:
    """Not one statement that a database does not understand."""

    async def scene() -> None:
        await migrate(FEATURES, url)
        for feature in FEATURES:
            store = await open_store(feature.name, url)
            try:
                await store.write(partial(erased, feature))
                await store.write(partial(emptied, feature))
            finally:
                await store.close()

    asyncio.run(scene())


def test_postgresql_finds_what_is_past_its_term_by_an_index(postgresql_url: str) -> None:
    """Where the row says it itself; what SQLite does, the test of all statements looks at."""

    async def scene() -> None:
        await migrate(FEATURES, postgresql_url)
        connection = await asyncpg.connect(postgresql_url)
        try:
            await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")  # as if the tables were large
            for feature in FEATURES:
                await connection.execute(f'SET search_path TO "{feature.name}"')
                for line in lines(feature.personal, feature.tables):
                    moment = line.one.kept_from or ""
                    if line.retain is not None and "." not in moment:
                        one = compiled(line.retain, postgresql_dialect())
                        values = (one.own.get(name, date(2026, 1, 1) if line.past_is_text else 0) for name in one.names)
                        plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {one.text}", *values)
                        told = plan.replace("\\", "")
                        assert re.search(rf'"Index Cond": "[^"]*\b"?{moment}"? <', told), f"{line.one.table}: {told}"
                        assert "Seq Scan" not in told, f"{line.one.table}: {told}"
        finally:
            await connection.close()

    asyncio.run(scene())
