"""What is particular to PostgreSQL: units side by side, locks, one pool, a server that may go away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.feature import Feature
from mewe_host.parts import UnitDatabase
from mewe_host.store.fault import StoreFault
from mewe_host.store.migrate import migrate, versions
from mewe_host.store.open import open_pool, open_store
from mewe_host.store.postgresql import Pool, PostgresqlStore
from sqlalchemy import Column, MetaData, Table, Text, bindparam, insert, select, text, update

MakeFeature = Callable[[str, MetaData], Feature]

TABLES = MetaData()
BOX = Table("shelf_box", TABLES, Column("id", Text, primary_key=True), Column("inside", Text))
KEEP = insert(BOX)
PUT = update(BOX).where(BOX.c.id == bindparam("box")).values(inside=bindparam("thing"))
BOXES = select(BOX.c.id).order_by(BOX.c.id)
MYSELF = text("SELECT pg_backend_pid()")
CUT_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@asynccontextmanager
async def opened(make_feature: MakeFeature, url: str, size: int = 10, patience: float = 5) -> AsyncIterator[PostgresqlStore]:
    """The store of a new feature."""
    await migrate([make_feature("shelf", TABLES)], url)
    pool = await Pool.open(url, size=size, patience=patience)
    store = PostgresqlStore(pool, "shelf", owns_pool=True)
    try:
        yield store
    finally:
        await store.close()


async def keep(store: PostgresqlStore, id_: str) -> None:
    """Keep one box, in a unit of its own."""
    await store.write(lambda database: database.execute(KEEP, id=id_, inside=None))


async def boxes(store: PostgresqlStore) -> list[str]:
    """What is kept."""
    return await store.read(lambda database: database.all(BOXES, str))


def test_a_lock_is_held_to_the_end_of_a_unit(make_feature: MakeFeature, postgresql_url: str) -> None:
    """Two units that ask for the same key run one after the other; one that asks for another key runs beside them."""

    async def story() -> list[str]:
        order: list[str] = []
        async with opened(make_feature, postgresql_url) as store:
            holds, beside = asyncio.Event(), asyncio.Event()

            async def first(database: UnitDatabase) -> None:
                await database.lock("group")
                holds.set()
                await beside.wait()
                order.append("first")

            async def second(database: UnitDatabase) -> None:
                await holds.wait()
                await database.lock("group")
                order.append("second")

            async def other(database: UnitDatabase) -> None:
                await holds.wait()
                await database.lock("another group")
                order.append("other")
                beside.set()

            await asyncio.gather(store.write(first), store.write(second), store.write(other))
        return order

    assert asyncio.run(story()) == ["other", "first", "second"]


def test_a_read_stays_at_its_snapshot(make_feature: MakeFeature, postgresql_url: str) -> None:
    """What is committed while a read goes on is not seen by it."""

    async def story() -> tuple[list[str], list[str]]:
        async with opened(make_feature, postgresql_url) as store:

            async def unit(database: Database) -> list[str]:
                before = await database.all(BOXES, str)
                await keep(store, "meanwhile")
                return before + await database.all(BOXES, str)

            return await store.read(unit), await boxes(store)

    assert asyncio.run(story()) == ([], ["meanwhile"])


def test_a_lost_connection_is_unavailable(make_feature: MakeFeature, postgresql_url: str) -> None:
    """A unit whose connection breaks is Unavailable and leaves nothing; the next one has a new connection."""

    async def story() -> list[str]:
        async with opened(make_feature, postgresql_url, size=1) as store:

            async def unit(database: UnitDatabase) -> None:
                await database.execute(KEEP, id="half", inside=None)
                process = await database.first(MYSELF, int)
                administrator = await asyncpg.connect(postgresql_url)
                await administrator.fetchval("SELECT pg_terminate_backend($1, 5000)", process)
                await administrator.close()
                await database.execute(KEEP, id="other half", inside=None)

            with pytest.raises(Unavailable):
                await store.write(unit)
            await keep(store, "later")
            return await boxes(store)

    assert asyncio.run(story()) == ["later"]


def test_connections_that_are_cut_at_any_moment_are_unavailable(make_feature: MakeFeature, postgresql_url: str) -> None:
    """Units run while each connection is cut again and again: one is kept, or it is unavailable; then all is well again."""
    cuts = 150

    async def story() -> tuple[list[str], list[str]]:
        kept: list[str] = []
        over = asyncio.Event()
        async with opened(make_feature, postgresql_url) as store:
            other = await asyncpg.connect(postgresql_url)

            async def write(name: int) -> None:
                number = 0
                while not over.is_set():
                    number += 1
                    box = f"{name}-{number}"
                    try:
                        await keep(store, box)
                    except Unavailable:
                        continue
                    kept.append(box)

            async with asyncio.TaskGroup() as writing:
                for name in range(4):
                    writing.create_task(write(name))
                for _ in range(cuts):
                    await other.execute(CUT_ALL)
                over.set()
            await other.close()
            await keep(store, "last")
            return [*kept, "last"], await boxes(store)

    kept, there = asyncio.run(story())
    assert set(kept) <= set(there)
    assert len(kept) > 1


def test_a_deadlock_is_unavailable(make_feature: MakeFeature, postgresql_url: str) -> None:
    """Of two units that wait for each other one is undone and told to try again, and the other is kept."""

    async def story() -> list[str]:
        async with opened(make_feature, postgresql_url) as store:
            await keep(store, "a")
            await keep(store, "b")
            both = asyncio.Barrier(2)

            async def crossing(first: str, second: str) -> None:
                async def unit(database: UnitDatabase) -> None:
                    await database.execute(PUT, box=first, thing="x")
                    await both.wait()
                    await database.execute(PUT, box=second, thing="y")

                await store.write(unit)

            answers = await asyncio.gather(crossing("a", "b"), crossing("b", "a"), return_exceptions=True)
            return sorted(type(answer).__name__ for answer in answers)

    assert asyncio.run(story()) == ["NoneType", "Unavailable"]


def test_no_connection_in_time_is_unavailable(make_feature: MakeFeature, postgresql_url: str) -> None:
    """When all connections are taken, a unit waits for a while and is then told to try again."""

    async def story() -> None:
        async with opened(make_feature, postgresql_url, size=1, patience=0.05) as store:

            async def unit(database: UnitDatabase) -> None:
                with pytest.raises(Unavailable):
                    await boxes(store)

            await store.write(unit)

    asyncio.run(story())


def test_a_cancelled_unit_leaves_nothing(make_feature: MakeFeature, postgresql_url: str) -> None:
    """A unit whose caller gives up is undone, and its connection is good for the next."""

    async def story() -> list[str]:
        async with opened(make_feature, postgresql_url, size=1) as store:
            wrote = asyncio.Event()

            async def unit(database: UnitDatabase) -> None:
                await database.execute(KEEP, id="half", inside=None)
                wrote.set()
                await asyncio.Event().wait()

            impatient = asyncio.ensure_future(store.write(unit))
            await wrote.wait()
            impatient.cancel()
            with pytest.raises(asyncio.CancelledError):
                await impatient
            await keep(store, "later")
            return await boxes(store)

    assert asyncio.run(story()) == ["later"]


def test_features_share_a_pool_and_no_table(make_feature: MakeFeature, postgresql_url: str) -> None:
    """Two features on one pool have a schema each, and what one keeps the other does not see; the pool outlives a store."""

    async def story() -> tuple[list[str], list[str]]:
        await migrate([make_feature("shelf", TABLES), make_feature("cellar", TABLES)], postgresql_url)
        pool = await open_pool(postgresql_url)
        assert pool is not None
        try:
            shelf = await open_store("shelf", postgresql_url, pool)
            cellar = await open_store("cellar", postgresql_url, pool)
            await shelf.write(lambda database: database.execute(KEEP, id="a", inside=None))
            on_shelf = await shelf.read(lambda database: database.all(BOXES, str))
            await shelf.close()
            return on_shelf, await cellar.read(lambda database: database.all(BOXES, str))
        finally:
            await pool.close()

    assert asyncio.run(story()) == (["a"], [])


@pytest.mark.parametrize("setting", ["synchronous_commit"])
def test_a_server_that_may_lose_commits_is_refused(postgresql_url: str, setting: str) -> None:
    """A database that is set to answer before it has kept is not used; the message names the setting and no password."""

    async def story() -> None:
        administrator = await asyncpg.connect(postgresql_url)
        await administrator.execute(
            f"DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET {setting} = off'; END $$"
        )
        await administrator.close()
        await open_store("shelf", postgresql_url)

    with pytest.raises(StoreFault, match=f"its setting {setting} is off, and must be on"):
        asyncio.run(story())


@pytest.mark.parametrize("look", [open_store, None])
def test_a_server_that_is_not_there_is_named(make_feature: MakeFeature, look: Callable[..., object] | None) -> None:
    """The message says which database cannot be reached, and not with which password."""
    url = "postgresql://mewe:secret@127.0.0.1:1/mewe"
    with pytest.raises(StoreFault, match=r'schema "shelf" of postgresql://127\.0\.0\.1/mewe cannot be reached') as caught:
        asyncio.run(open_store("shelf", url) if look else versions([make_feature("shelf", TABLES)], url))
    assert "secret" not in str(caught.value)
