"""Migrations: the only thing that changes a schema. The kit and each feature are versioned apart.

A migration takes place in one transaction a database and under a lock, so that it happens whole or not at all, and once.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from alembic.migration import MigrationContext
from alembic.operations import Operations
from attrs import frozen
from mewe_core.kit.feature import Feature
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from mewe_host.store.fault import StoreFault
from mewe_host.store.lock import FileLock
from mewe_host.store.place import Place, PostgresqlServer, SqliteFolder, checked_area, place
from mewe_host.store.scripts import Part, parts, scripts
from mewe_host.store.unreachable import unreachable

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")


class State(StrEnum):
    """How a database stands to this code."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


@frozen
class Version:
    """The version of one part (the kit's tables, or the feature's own) of one feature's database."""

    area: str
    part: str
    database: str
    kept: str | None
    known: str
    state: State

    def __str__(self) -> str:
        where = f"{self.database}: {self.part} of the feature {self.area}"
        if self.state is State.EMPTY:
            return f'{where} has no tables yet; run "mewe migrate" first'
        if self.state is State.BEHIND:
            return f'{where} is of version {self.kept}, and this code wants {self.known}; run "mewe migrate" first'
        if self.state is State.NEWER:
            return f"{where} is of version {self.kept}, newer than this code knows (up to {self.known}); run a newer MEWE on it"
        return f"{where} is of version {self.kept}, as it should be"


async def versions(features: Sequence[Feature], url: str) -> tuple[Version, ...]:
    """How each feature's database stands to this code; nothing is changed. Raises StoreFault if it cannot be reached."""
    where = place(url)
    return tuple([one for feature in features for one in await _looked_at(feature, where)])


async def require_current(features: Sequence[Feature], url: str) -> None:
    """Raises StoreFault, a line for each, if a database is not of the version that this code wants."""
    unfit = [str(one) for one in await versions(features, url) if one.state is not State.CURRENT]
    if unfit:
        raise StoreFault("\n".join(unfit))


async def migrate(features: Sequence[Feature], url: str) -> tuple[Version, ...]:
    """Bring each feature's database up to this code; says what was found before. May be repeated.

    Raises StoreFault if a database is of a newer version (then none is touched), in use on SQLite, or cannot be reached.
    """
    where = place(url)
    found = tuple([one for feature in features for one in await _looked_at(feature, where)])
    newer = [str(one) for one in found if one.state is State.NEWER]
    if newer:
        raise StoreFault("\n".join(newer))
    for feature in features:
        await _migrated(feature, where)
    return found


async def _looked_at(feature: Feature, where: Place) -> tuple[Version, ...]:
    area = checked_area(feature.name)

    def look(connection: Connection) -> tuple[Version, ...]:
        return tuple(_version(connection, part, area, where.name(area)) for part in parts(feature))

    if isinstance(where, PostgresqlServer):
        async with postgresql_schema(where, area) as schema:
            return await schema.run(look)
    file = where.file(area)
    if not file.exists():
        with sqlite_schema(":memory:") as connection:
            return look(connection)
    with sqlite_schema(f"file:{file}?mode=ro") as connection:
        return look(connection)


async def _migrated(feature: Feature, where: Place) -> None:
    area = checked_area(feature.name)
    if isinstance(where, PostgresqlServer):

        def build(connection: Connection) -> None:
            lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
            connection.execute(lock, {"key": f"mewe migrate {area}"})
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{area}"'))
            upgrade(connection, parts(feature))
            connection.commit()

        async with postgresql_schema(where, area) as schema:
            await schema.run(build)
        return
    _migrate_file(feature, where)


def _migrate_file(feature: Feature, where: SqliteFolder) -> None:
    file = where.file(feature.name)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise StoreFault(f"{file.parent} cannot be made a folder for databases: {fault.strerror}") from fault
    with FileLock.take(file):
        _private(file)
        with sqlite_schema(f"file:{file}?mode=rw") as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("PRAGMA synchronous = FULL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            upgrade(connection, parts(feature))
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise StoreFault(f"{file}: a migration would leave rows of {broken[0]} pointing nowhere; nothing was changed")
            connection.commit()


def _private(file: Path) -> None:
    file.touch(mode=0o600, exist_ok=True)


def upgrade(connection: Connection, of: Sequence[Part]) -> None:
    """Run the migrations that are missing, in the transaction of the connection, which stays open.

    Raises StoreFault if one fails.
    """
    for part in of:
        known = scripts(part)
        context = MigrationContext.configure(connection, opts={"version_table": part.version_table})
        for script in known.after(context.get_current_revision()):
            try:
                script.module.upgrade(Operations(context))
            except SQLAlchemyError as fault:
                said = str(getattr(fault, "orig", fault))
                raise StoreFault(
                    f"the migration {script.revision} of {part.name} failed, and nothing was changed: {said}"
                ) from fault
            context.stamp(known.directory, script.revision)


def _version(connection: Connection, part: Part, area: str, database: str) -> Version:
    context = MigrationContext.configure(connection, opts={"version_table": part.version_table})
    kept, known = context.get_current_revision(), scripts(part)
    if kept is None:
        state = State.EMPTY
    elif not known.knows(kept):
        state = State.NEWER
    else:
        state = State.BEHIND if known.after(kept) else State.CURRENT
    return Version(area, part.name, database, kept, known.newest, state)


@contextmanager
def sqlite_schema(target: str) -> Iterator[Connection]:
    """A connection for schemas, to a SQLite URI or ``:memory:``; it begins and ends transactions only where told to.

    Raises StoreFault if there is no such file, or it cannot be opened.
    """
    try:
        raw = sqlite3.connect(target, isolation_level=None, uri=True)
    except sqlite3.OperationalError as fault:
        raise StoreFault(f"{target} cannot be opened: {fault}") from fault
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
        raw.close()


class PostgresqlSchema:
    """Runs what wants a connection for schemas, with the feature's schema as the only one in sight."""

    def __init__(self, connection: "AsyncConnection") -> None:
        self._connection = connection

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run it; nothing is kept unless it commits."""
        return await self._connection.run_sync(work)


@asynccontextmanager
async def postgresql_schema(where: PostgresqlServer, area: str) -> AsyncIterator[PostgresqlSchema]:
    """A connection for schemas of PostgreSQL. Raises StoreFault if the server cannot be reached."""
    import asyncpg
    from sqlalchemy.ext.asyncio import create_async_engine

    async def connect() -> asyncpg.Connection:
        try:
            return await asyncpg.connect(where.url, timeout=10, server_settings={"search_path": f'"{area}"'})
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
            raise unreachable(where.name(area), fault) from fault

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            yield PostgresqlSchema(connection)
    finally:
        await engine.dispose()
