"""What is particular to SQLite: group commit, unbroken units, one host a file."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from time import perf_counter

import pytest
from mewe_core.kit.errors import Conflict, Unavailable
from mewe_core.kit.feature import Feature
from mewe_host.parts import UnitDatabase
from mewe_host.store.fault import StoreFault
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from mewe_host.store.sqlite import LOG_PAGES, LONGEST_GROUP, SqliteStore
from mewe_host.store.units import UnitSuspended
from sqlalchemy import Column, ForeignKey, MetaData, Table, Text, insert, select, text

MakeFeature = Callable[[str, MetaData], Feature]

TABLES = MetaData()
BOX = Table("shelf_box", TABLES, Column("id", Text, primary_key=True), Column("inside", Text))
LABEL = Table(
    "shelf_label",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("box", Text, ForeignKey("shelf_box.id", deferrable=True, initially="DEFERRED"), nullable=False),
)
KEEP = insert(BOX)
STICK = insert(LABEL)
BOXES = select(BOX.c.id).order_by(BOX.c.id)
FILL = text("INSERT INTO shelf_box (id, inside) VALUES (:id, hex(zeroblob(:size)))")
UNDO_ALL = text("INSERT OR ROLLBACK INTO shelf_box (id) VALUES (:id)")
FEW_PAGES = text("PRAGMA max_page_count = 60")
MANY_PAGES = text("PRAGMA max_page_count = 1000000")


@asynccontextmanager
async def opened(make_feature: MakeFeature, folder: Path) -> AsyncIterator[SqliteStore]:
    """The store of a new feature."""
    await migrate([make_feature("shelf", TABLES)], f"sqlite:{folder}")
    store = SqliteStore.open(folder / "shelf.db")
    try:
        yield store
    finally:
        await store.close()


async def keep(store: SqliteStore, id_: str) -> None:
    """Keep one box, in a unit of its own."""
    await store.write(lambda database: database.execute(KEEP, id=id_, inside=None))


async def boxes(store: SqliteStore) -> list[str]:
    """What is kept."""
    return await store.read(lambda database: database.all(BOXES, str))


def test_reads_share_a_snapshot_until_something_is_written(make_feature: MakeFeature, tmp_path: Path) -> None:
    """What is written is seen by the next read, and the log is begun anew however much is read beside what is written."""

    async def story() -> int:
        async with opened(make_feature, tmp_path) as store:
            for number in range(60):
                writing = store.write(lambda database, id_=str(number): database.execute(FILL, id=id_, size=512 * 1024))  # type: ignore[misc]
                while (number < 50 or number % 2) and not writing.done():
                    assert len(await boxes(store)) in (number, number + 1)
                    await asyncio.sleep(0)
                await writing
                for _ in range(5):  # turns of the loop: beside the write at first, then with nothing to write
                    assert len(await boxes(store)) == number + 1
                    await asyncio.sleep(0)
            return (tmp_path / "shelf.db-wal").stat().st_size

    assert asyncio.run(story()) < 2 * LOG_PAGES * 4096


def test_many_units_share_one_commit(make_feature: MakeFeature, tmp_path: Path) -> None:
    """Sixty-four units that wait together are kept by one commit, and none is answered before it."""

    async def story() -> tuple[list[str], int]:
        order: list[str] = []
        async with opened(make_feature, tmp_path) as store:
            store.on_commit(lambda: order.append("commit"))

            async def caller(number: int) -> None:
                await keep(store, f"box{number:02}")
                order.append("answer")

            await asyncio.gather(*(caller(number) for number in range(64)))
            return order, len(await boxes(store))

    order, kept = asyncio.run(story())

    assert ["commit", *["answer"] * 64] == order
    assert kept == 64


def test_one_commit_does_not_grow_without_end(make_feature: MakeFeature, tmp_path: Path) -> None:
    """When units take long, those that ran are committed and answered before all that wait have run."""

    async def story() -> int:
        commits: list[int] = []
        async with opened(make_feature, tmp_path) as store:
            store.on_commit(lambda: commits.append(1))

            async def slow(number: int) -> None:
                async def unit(database: UnitDatabase) -> None:
                    until = perf_counter() + LONGEST_GROUP
                    while perf_counter() < until:
                        await database.execute(KEEP, id=f"{number} {perf_counter()}", inside=None)

                await store.write(unit)

            await asyncio.gather(*(slow(number) for number in range(4)))
        return len(commits)

    assert asyncio.run(story()) == 4


def test_units_wait_while_a_commit_is_made(make_feature: MakeFeature, tmp_path: Path) -> None:
    """A unit that arrives during a commit does not run before that commit is over."""

    async def story() -> list[str]:
        order: list[str] = []
        async with opened(make_feature, tmp_path) as store:
            store.on_commit(lambda: order.append("commit"))

            async def unit(database: UnitDatabase, name: str) -> None:
                await database.execute(KEEP, id=name, inside=None)
                order.append(name)
                if name == "first":
                    asyncio.get_running_loop().call_soon(later)

            tasks: list[asyncio.Task[None]] = []

            def later() -> None:
                tasks.append(asyncio.ensure_future(store.write(lambda database: unit(database, "second"))))

            await store.write(lambda database: unit(database, "first"))
            await tasks[0]
        return order

    assert asyncio.run(story()) == ["first", "commit", "second", "commit"]


def test_a_unit_that_waits_is_refused(make_feature: MakeFeature, tmp_path: Path) -> None:
    """A unit that suspends is undone and says so; the units beside it are kept."""

    async def story() -> list[str]:
        async with opened(make_feature, tmp_path) as store:

            async def unit(database: UnitDatabase) -> None:
                await database.execute(KEEP, id="waited", inside=None)
                await asyncio.sleep(0)
                await database.execute(KEEP, id="waited more", inside=None)

            answers = await asyncio.gather(keep(store, "a"), store.write(unit), keep(store, "b"), return_exceptions=True)
            assert isinstance(answers[1], UnitSuspended)
            with pytest.raises(UnitSuspended):
                await store.read(lambda database: asyncio.sleep(0))
            return await boxes(store)

    assert asyncio.run(story()) == ["a", "b"]


def test_a_failed_commit_keeps_nothing(make_feature: MakeFeature, tmp_path: Path) -> None:
    """If the commit fails all units in it are Unavailable, none is kept, nobody is told of a commit, and the next works."""

    async def story() -> tuple[list[type], int, list[str]]:
        commits: list[int] = []
        async with opened(make_feature, tmp_path) as store:
            store.on_commit(lambda: commits.append(1))

            async def nowhere() -> None:
                await store.write(lambda database: database.execute(STICK, id="label", box="nowhere"))

            answers = await asyncio.gather(keep(store, "a"), nowhere(), keep(store, "b"), return_exceptions=True)
            told = len(commits)
            await keep(store, "c")
            return [type(answer) for answer in answers], told, await boxes(store)

    assert ([Unavailable] * 3, 0, ["c"]) == asyncio.run(story())


def test_a_full_disk_is_unavailable(make_feature: MakeFeature, tmp_path: Path) -> None:
    """No room left: the caller is told to try again, nothing is half kept, and there is life after."""

    async def story() -> list[str]:
        async with opened(make_feature, tmp_path) as store:
            await keep(store, "before")
            await store.write(lambda database: database.first(FEW_PAGES, int))

            async def unit(database: UnitDatabase) -> None:
                await database.execute(KEEP, id="half", inside=None)
                await database.execute(FILL, id="big", size=2_000_000)

            with pytest.raises(Unavailable):
                await store.write(unit)
            await store.write(lambda database: database.first(MANY_PAGES, int))
            await keep(store, "later")
            return await boxes(store)

    assert asyncio.run(story()) == ["before", "later"]


def test_a_unit_in_a_lost_transaction_cannot_go_on(make_feature: MakeFeature, tmp_path: Path) -> None:
    """When the transaction is gone, what ran in it is Unavailable, and a unit that goes on regardless keeps nothing."""

    async def story() -> tuple[list[type], list[str]]:
        async with opened(make_feature, tmp_path) as store:

            async def stubborn(database: UnitDatabase) -> None:
                with pytest.raises(Conflict):
                    await database.execute(UNDO_ALL, id="a")
                with suppress(Conflict):
                    await database.execute(KEEP, id="stubborn", inside=None)

            first = asyncio.ensure_future(keep(store, "a"))
            await asyncio.sleep(0)
            answers = await asyncio.gather(first, store.write(stubborn), keep(store, "later"), return_exceptions=True)
            return [type(answer) for answer in answers], await boxes(store)

    assert ([Unavailable, Unavailable, type(None)], ["later"]) == asyncio.run(story())


def test_who_stops_waiting_is_still_kept(make_feature: MakeFeature, tmp_path: Path) -> None:
    """A unit whose caller is cancelled during the commit is kept; one cancelled before it ran does not run."""

    async def story() -> list[str]:
        async with opened(make_feature, tmp_path) as store:
            never = asyncio.ensure_future(keep(store, "never"))
            await asyncio.sleep(0)
            never.cancel()

            async def unit(database: UnitDatabase) -> None:
                await database.execute(KEEP, id="kept", inside=None)
                asyncio.get_running_loop().call_soon(impatient.cancel)

            impatient = asyncio.ensure_future(store.write(unit))
            answers = await asyncio.gather(never, impatient, return_exceptions=True)
            assert all(isinstance(answer, asyncio.CancelledError) for answer in answers)
            await keep(store, "last")
            return await boxes(store)

    assert asyncio.run(story()) == ["kept", "last"]


def test_emptying_the_log_keeps_no_writer_out(make_feature: MakeFeature, tmp_path: Path) -> None:
    """Somebody looks at the file from outside, so the log cannot be emptied yet: it is tried again, and writing goes on."""

    async def scene() -> None:
        async with opened(make_feature, tmp_path) as store:
            await keep(store, "first")
            store._writer.execute("PRAGMA busy_timeout = 20")  # far less than emptying would wait for a reader
            with closing(sqlite3.connect(tmp_path / "shelf.db", isolation_level=None)) as outside:
                outside.execute("BEGIN")
                outside.execute("SELECT count(*) FROM sqlite_master").fetchone()
                await keep(store, "second")
                shredding = asyncio.create_task(store.shred())
                for number in range(100):
                    await keep(store, f"more {number}")
                    await asyncio.sleep(0.01)
                assert not shredding.done()
                outside.execute("ROLLBACK")
            await shredding

    asyncio.run(scene())


def test_one_host_a_file(make_feature: MakeFeature, tmp_path: Path) -> None:
    """A second host is told which file is in use, and by which process; after the first has let go it may open it."""

    async def story() -> None:
        async with opened(make_feature, tmp_path):
            with pytest.raises(StoreFault, match=r"shelf\.db is in use: another host runs on it \(process \d+\)"):
                await open_store("shelf", f"sqlite:{tmp_path}")
        await (await open_store("shelf", f"sqlite:{tmp_path}")).close()

    asyncio.run(story())


def test_a_file_must_have_been_migrated(tmp_path: Path) -> None:
    """Where there is no file none is made: the message names it and the command to run."""
    with pytest.raises(StoreFault, match=r"there is no database .*shelf\.db; run \"mewe migrate\" first"):
        asyncio.run(open_store("shelf", f"sqlite:{tmp_path}"))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """A broken file is refused at the start, by name, and not left locked."""
    tmp_path.joinpath("shelf.db").write_text("this is not a database, however long one makes it" * 100)
    for _ in range(2):
        with pytest.raises(StoreFault, match=r"shelf\.db cannot be opened: file is not a database"):
            asyncio.run(open_store("shelf", f"sqlite:{tmp_path}"))


def test_files_are_nobody_elses(make_feature: MakeFeature, tmp_path: Path) -> None:
    """Only the user who runs the host can read what is kept, whatever the file is called."""

    async def story() -> set[str]:
        async with opened(make_feature, tmp_path / "var") as store:
            await keep(store, "a")
            return {stat.filemode(one.stat().st_mode) for one in (tmp_path / "var").iterdir()}

    assert {"-rw-------"} == asyncio.run(story())
    assert stat.filemode((tmp_path / "var").stat().st_mode) == "drwx------"


@pytest.mark.parametrize(("setting", "value"), [("synchronous", 2), ("foreign_keys", 1)])
def test_a_commit_survives_a_power_cut(make_feature: MakeFeature, tmp_path: Path, setting: str, value: int) -> None:
    """Each commit waits for the disk, and foreign keys are looked at."""

    async def story() -> int | None:
        async with opened(make_feature, tmp_path) as store:
            return await store.write(lambda database: database.first(text(f"PRAGMA {setting}"), int))

    assert value == asyncio.run(story())
