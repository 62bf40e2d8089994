"""PostgreSQL: one pool a process, one schema a feature, units side by side under locks that they ask for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from hashlib import blake2b
from typing import Any, Self, TypeVar

import asyncpg
from mewe_core.kit.database import Database, Statement, postgresql_dialect
from mewe_core.kit.errors import Conflict
from mewe_core.kit.values import Parameter, Value, reader

from mewe_host.parts import UnitDatabase
from mewe_host.store.fault import StoreFault
from mewe_host.store.statements import Statements
from mewe_host.store.units import Reading, UnitOver, Wakes, unavailable
from mewe_host.store.unreachable import unreachable

T = TypeVar("T")

_NOT_NOW = (
    asyncpg.TransactionRollbackError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidCachedStatementError,
    OSError,
)

_SETTINGS = {
    "application_name": "mewe",
    "jit": "off",
    "lock_timeout": "10s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
}


class Pool:
    """The connections of one process, shared by its features. Use ``open``."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", patience: float) -> None:
        self._pool = pool
        self._patience = patience

    @classmethod
    async def open(cls, url: str, name: str = "PostgreSQL", *, size: int = 10, patience: float = 5) -> Self:
        """Connect. ``patience`` is for how long (seconds) a unit waits for a connection. ``name`` is for messages.

        Raises StoreFault if the server cannot be reached, or is set to lose what it has answered for.
        """
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=size,
                timeout=10,
                statement_cache_size=1000,
                max_cached_statement_lifetime=0,
                server_settings=_SETTINGS,
                reset=_nothing_to_reset,
            )
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
            raise unreachable(name, fault) from fault
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            if await pool.fetchval(f"SHOW {setting}") == "off":
                await pool.close()
                raise StoreFault(f"{name} would lose what it has kept: its setting {setting} is off, and must be on")
        return cls(pool, patience)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection for one unit. Raises Unavailable if there is none in time."""
        try:
            connection = await self._pool.acquire(timeout=self._patience)
        except (*_NOT_NOW, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
            raise unavailable(fault) from fault
        try:
            yield connection
        finally:
            with suppress(*_NOT_NOW, asyncpg.InterfaceError):
                await self._pool.release(connection)

    async def close(self) -> None:
        """Wait for the units that run, then let go of the connections."""
        await self._pool.close()


async def _nothing_to_reset(_: object) -> None:
    """A unit leaves nothing behind in a session: what it sets, it sets for its transaction."""


class PostgresqlDatabase:
    """The tables of a feature inside a unit."""

    must_lock = True

    def __init__(self, connection: Any, statements: Statements, schema: str, *, writes: bool) -> None:
        self._connection = connection
        self._statements = statements
        self._schema = schema
        self._writes = writes
        self._barred: Exception | None = None

    def take_back(self) -> Exception | None:
        """The unit is over; says what ended it, if that was the database: it counts even if the unit went on."""
        ended, self._barred = self._barred, UnitOver()
        return ended

    async def lock(self, key: str) -> None:
        """Wait until no other unit holds ``key`` in this feature, and hold it to the end of this one."""
        number = int.from_bytes(blake2b(f"{self._schema}\0{key}".encode(), digest_size=8).digest(), signed=True)
        await self._run(self._connection.execute, "SELECT pg_advisory_xact_lock($1)", [number])

    async def all(self, statement: Statement, into: type[T], **parameters: Parameter) -> list[T]:
        """Every row."""
        rows = await self._run(self._connection.fetch, *self._statements.bound(statement, parameters))
        read = reader(into)  # type: ignore[arg-type]
        return [read(row) for row in rows]

    async def first(self, statement: Statement, into: type[T], **parameters: Parameter) -> T | None:
        """The first row, or None."""
        row = await self._run(self._connection.fetchrow, *self._statements.bound(statement, parameters))
        return None if row is None else reader(into)(row)  # type: ignore[arg-type]

    async def execute(self, statement: Statement, **parameters: Parameter) -> int:
        """Change rows; says how many. Raises Conflict where a constraint refuses, which ends the unit."""
        status: str = await self._run(self._connection.execute, *self._statements.bound(statement, parameters))
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def _run(self, call: Callable[..., Awaitable[Any]], text: str, values: Sequence[Value]) -> Any:
        if self._barred is not None:
            raise self._barred
        try:
            return await call(text, *values)
        except asyncpg.IntegrityConstraintViolationError as fault:
            self._barred = Conflict()
            raise self._barred from fault
        except asyncpg.ReadOnlySQLTransactionError as fault:
            self._barred = unavailable(fault) if self._writes else Reading()
            raise self._barred from fault
        except _NOT_NOW as fault:
            self._barred = unavailable(fault)
            raise self._barred from fault
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as fault:
            self._barred = unavailable(fault) if _gone(self._connection, fault) else fault
            raise self._barred from fault


class PostgresqlStore:
    """One feature's schema."""

    def __init__(self, pool: Pool, schema: str, *, owns_pool: bool = False) -> None:
        self._pool = pool
        self._schema = schema
        self._owns_pool = owns_pool
        self._statements = Statements(postgresql_dialect(), schema=schema)
        self._wakes = Wakes()
        self._running = 0
        self._closed = False
        self._drained = asyncio.Event()

    async def write(self, unit: Callable[[UnitDatabase], Awaitable[T]]) -> T:
        """Run a unit; its answer is returned when what it wrote is durable. An exception undoes the unit alone.

        Raises Unavailable if it could not be made durable. Nothing of it is kept then, unless the connection broke in the
        very moment of the commit: a request_id makes it safe to ask again.
        """
        async with self._transaction("read_committed", writes=True) as database:
            answer = await unit(database)
        self._wakes.call()
        return answer

    async def read(self, unit: Callable[[Database], Awaitable[T]]) -> T:
        """Run a unit that changes nothing, on a snapshot of what is durable."""
        async with self._transaction("repeatable_read", writes=False) as database:
            return await unit(database)

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` on the loop after each commit of this process."""
        self._wakes.add(wake)

    async def close(self) -> None:
        """Finish the units that run; let go of the connections if they are this store's own. May be called again."""
        if self._closed:
            return
        self._closed = True
        if self._running:
            await self._drained.wait()
        if self._owns_pool:
            await self._pool.close()

    @asynccontextmanager
    async def _transaction(self, isolation: str, *, writes: bool) -> AsyncIterator[PostgresqlDatabase]:
        if self._closed:
            raise unavailable()
        self._running += 1
        try:
            async with self._pool.connection() as connection:
                transaction = connection.transaction(isolation=isolation, readonly=not writes)
                await _spoken(connection, transaction.start())
                database = PostgresqlDatabase(connection, self._statements, self._schema, writes=writes)
                try:
                    yield database
                    ended = database.take_back()
                    if ended is not None:
                        raise ended
                except BaseException:
                    database.take_back()
                    with suppress(*_NOT_NOW, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
                        await transaction.rollback()
                    raise
                await _spoken(connection, transaction.commit())
        finally:
            self._leave()

    def _leave(self) -> None:
        self._running -= 1
        if self._closed and not self._running:
            self._drained.set()


async def _spoken(connection: Any, words: Awaitable[None]) -> None:
    try:
        await words
    except _NOT_NOW as fault:
        raise unavailable(fault) from fault
    except asyncpg.IntegrityConstraintViolationError as fault:
        raise Conflict from fault
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as fault:
        if _gone(connection, fault):
            raise unavailable(fault) from fault
        raise


def _gone(connection: Any, fault: Exception) -> bool:
    """Whether the connection is of no more use. Of one that was cut within a command the driver may say no more than that it
    has lost track (InternalClientError): it is let go of, and never given to another unit."""
    try:
        if isinstance(fault, asyncpg.InternalClientError):
            connection.terminate()
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:  # the pool has taken a broken connection back
        return True
