"""SQLite, embedded: one file a feature, one host a file, units unbroken on the loop, and one commit for many of them.

A unit runs from start to end in a savepoint, on the loop, in microseconds. Units that ran meanwhile share one commit, which a
thread makes durable (``synchronous=FULL``) and after which all of them are answered. While it commits nothing touches the
connection that writes; units that arrive wait in a queue. Reads have a connection and a snapshot of their own.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from pathlib import Path
from time import perf_counter
from typing import Self, TypeVar, cast

import structlog
from mewe_core.kit.database import Database, Statement, sqlite_dialect
from mewe_core.kit.errors import Conflict
from mewe_core.kit.values import Parameter, reader

from mewe_host.parts import UnitDatabase
from mewe_host.store.fault import StoreFault
from mewe_host.store.lock import FileLock
from mewe_host.store.statements import Statements
from mewe_host.store.units import Reading, UnitOver, Wakes, unavailable, unbroken

T = TypeVar("T")

LONGEST_GROUP = 0.005
"""For how long (seconds) units are run before those that ran are committed, if more are waiting."""

LOG_PAGES = 4000
"""How many pages (of 4 KiB) the log grows to before they are copied into the file."""

_SHRED_TRIES, _SHRED_PAUSE = 50, 0.1

_NOT_NOW = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT}
    | {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL}
    | {sqlite3.SQLITE_NOTADB}
)

_log = structlog.get_logger()


class SqliteDatabase:
    """The tables of a feature inside a unit; there is one a connection, lent to one unit after another."""

    must_lock = False

    def __init__(self, connection: sqlite3.Connection, statements: Statements, *, writes: bool) -> None:
        self._cursor = connection.cursor()
        self._statements = statements
        self._writes = writes
        self.barred: Exception | type[UnitOver] | None = UnitOver
        """What every use of it raises: None in a unit that may go on, ``UnitOver`` between two."""

    async def lock(self, key: str) -> None:
        """Units run one after another here: there is nothing to wait for."""

    async def all(self, statement: Statement, into: type[T], **parameters: Parameter) -> list[T]:
        """Every row."""
        text, values = self._statements.bound(statement, parameters)
        if self.barred is not None:
            raise self.barred
        try:
            rows = self._cursor.execute(text, values).fetchall()
        except sqlite3.Error as fault:
            raise self._bar(fault) from fault
        read = reader(into)  # type: ignore[arg-type]
        return [read(row) for row in rows]

    async def first(self, statement: Statement, into: type[T], **parameters: Parameter) -> T | None:
        """The first row, or None. A statement that may find many says how many it wants (LIMIT)."""
        text, values = self._statements.bound(statement, parameters)
        if self.barred is not None:
            raise self.barred
        try:
            rows = self._cursor.execute(text, values).fetchall()
        except sqlite3.Error as fault:
            raise self._bar(fault) from fault
        return reader(into)(rows[0]) if rows else None  # type: ignore[arg-type]

    async def execute(self, statement: Statement, **parameters: Parameter) -> int:
        """Change rows; says how many. Raises Conflict where a constraint refuses, which ends the unit."""
        text, values = self._statements.bound(statement, parameters)
        if self.barred is not None:
            raise self.barred
        try:
            return self._cursor.execute(text, values).rowcount
        except sqlite3.Error as fault:
            raise self._bar(fault) from fault

    def _bar(self, fault: sqlite3.Error) -> Exception:
        self.barred = barred = self._meaning(fault)
        return barred

    def _meaning(self, fault: sqlite3.Error) -> Exception:
        code = getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if isinstance(fault, sqlite3.IntegrityError):
            return Conflict()
        if code == sqlite3.SQLITE_READONLY and not self._writes:
            return Reading()
        return unavailable(fault) if code in _NOT_NOW else fault


_Outcome = tuple["asyncio.Future[object]", object, BaseException | None]
_Job = tuple[Callable[[UnitDatabase], Awaitable[object]], "asyncio.Future[object]", Context]


class SqliteStore:
    """One feature's file. Use ``open``; one loop uses a store."""

    def __init__(self, file: Path, lock: FileLock, writer: sqlite3.Connection, read: sqlite3.Connection) -> None:
        self._file = file
        self._lock = lock
        self._writer = writer
        self._reader = read
        self._marking = writer.cursor()
        statements = Statements(sqlite_dialect())
        self._writing = SqliteDatabase(writer, statements, writes=True)
        self._reading = SqliteDatabase(read, statements, writes=False)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"commit {file.stem}")
        self._waiting: deque[_Job] = deque()
        self._busy = False
        self._closed = False
        self._drained: asyncio.Future[None] | None = None
        self._wakes = Wakes()

    @classmethod
    def open(cls, file: Path) -> Self:
        """Open a migrated file, for this host alone. Raises StoreFault if it is not there, in use, or cannot be opened."""
        if not file.exists():
            raise StoreFault(f'there is no database {file}; run "mewe migrate" first')
        lock = FileLock.take(file)
        opened: list[sqlite3.Connection] = []
        try:
            opened.append(_connection(file))
            mode = opened[0].execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode != "wal":
                raise StoreFault(f"{file} lies on a disk that cannot keep it safely (journal mode {mode})")
            opened.append(_connection(file))
            opened[1].execute("PRAGMA query_only = ON")
            opened[1].execute("SELECT count(*) FROM sqlite_master").fetchone()
        except (sqlite3.Error, StoreFault) as fault:
            for one in opened:
                one.close()
            lock.release()
            raise fault if isinstance(fault, StoreFault) else StoreFault(f"{file} cannot be opened: {fault}") from fault
        return cls(file, lock, opened[0], opened[1])

    def write(self, unit: Callable[[UnitDatabase], Awaitable[T]]) -> "asyncio.Future[T]":
        """Run a unit; its answer is returned when what it wrote is durable. An exception undoes the unit alone.

        Once handed in it runs, also if nobody waits for the answer any more. Raises Unavailable if it could not be made
        durable (then nothing of it is kept), UnitSuspended if it waits for anything.
        """
        if self._closed:
            raise unavailable()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._waiting.append((unit, answer, copy_context()))  # type: ignore[arg-type]
        if not self._busy:
            self._busy = True
            loop.call_soon(self._turn, loop)
        return answer

    async def read(self, unit: Callable[[Database], Awaitable[T]]) -> T:
        """Run a unit that changes nothing, on a snapshot of what is durable.

        While nothing is written, reads share a snapshot. One beside a write lets go of its own at once, so that the log can be
        copied into the file and begun anew.
        """
        if self._closed:
            raise unavailable()
        if not self._reader.in_transaction:
            try:
                self._reader.execute("BEGIN")
            except sqlite3.Error as fault:
                raise unavailable(fault) from fault
        reading = self._reading
        reading.barred = None
        try:
            return unbroken(unit(reading))
        finally:
            failed, reading.barred = reading.barred is not None, UnitOver
            if failed or self._busy:
                self._let_go()

    def _let_go(self) -> None:
        if self._reader.in_transaction:
            self._reader.execute("ROLLBACK")

    async def shred(self) -> None:
        """Copy the log into the file and empty it; what was deleted is overwritten in the file (``secure_delete``).

        Raises Unavailable if something reads or writes all the time; what was deleted then stays in the log a little longer.
        """
        for _ in range(_SHRED_TRIES):
            self._let_go()
            if await asyncio.to_thread(_log_emptied, self._file):
                return
            await asyncio.sleep(_SHRED_PAUSE)
        raise unavailable()

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` on the loop after each commit that changed something."""
        self._wakes.add(wake)

    async def close(self) -> None:
        """Finish what was handed in, then let go of the file. May be called again."""
        if self._closed:
            return
        self._closed = True
        if self._busy:
            self._drained = asyncio.get_running_loop().create_future()
            await self._drained
        self._thread.shutdown()
        self._reader.close()
        self._writer.close()
        self._lock.release()

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._waiting:
            self._busy = False
            if self._drained is not None:
                self._drained.set_result(None)
            return
        changes = self._writer.total_changes
        self._let_go()
        ran: list[_Outcome] = []
        fault = self._run_waiting(ran)
        if fault is not None or self._writer.total_changes == changes:
            self._settle(ran, fault or _committed(self._writer), changed=False)
            loop.call_soon(self._turn, loop)
            return
        self._thread.submit(self._commit, loop, ran)

    def _commit(self, loop: asyncio.AbstractEventLoop, ran: list[_Outcome]) -> None:
        """In the thread: make durable what ran, then go on with it on the loop."""
        fault = _committed(self._writer)
        loop.call_soon_threadsafe(self._after, loop, ran, fault)

    def _after(self, loop: asyncio.AbstractEventLoop, ran: list[_Outcome], fault: sqlite3.Error | None) -> None:
        try:
            self._settle(ran, fault, changed=True)
        finally:
            loop.call_soon(self._turn, loop)

    def _run_waiting(self, ran: list[_Outcome]) -> sqlite3.Error | None:
        """Run what waits, each unit in a savepoint; says what undid all of it, if something did."""
        waiting = self._waiting
        until = perf_counter() + LONGEST_GROUP
        try:
            self._writer.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as fault:
            ran += [(answer, None, None) for _, answer, _ in waiting]
            waiting.clear()
            return fault
        while waiting:
            unit, answer, context = waiting.popleft()
            if answer.cancelled():
                continue
            try:
                value, raised = self._run(unit, context)
            except sqlite3.Error as fault:
                ran.append((answer, None, None))
                return fault
            ran.append((answer, value, raised))
            if perf_counter() > until:
                break
        return None

    def _run(self, unit: Callable[[UnitDatabase], Awaitable[object]], context: Context) -> tuple[object, BaseException | None]:
        """Run one unit; what it answered, or what it raised. Raises sqlite3.Error if the transaction is gone with it."""
        mark, database = self._marking.execute, self._writing
        value: object = None
        raised: BaseException | None = None
        mark("SAVEPOINT unit")
        database.barred = None
        try:
            value = context.run(unbroken, unit(database))
        except BaseException as fault:
            raised = fault
        barred, database.barred = database.barred, UnitOver
        raised = raised or cast("Exception | None", barred)
        if raised is not None:
            mark("ROLLBACK TO unit")  # fails, as RELEASE does, where the whole transaction was undone
        mark("RELEASE unit")
        return value, raised

    def _settle(self, ran: list[_Outcome], fault: sqlite3.Error | None, *, changed: bool) -> None:
        """Answer the units of one commit. If it failed all are told so, those too that were refused for what was undone."""
        if fault is not None:
            with suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")
            reason = getattr(fault, "sqlite_errorname", type(fault).__name__)
            _log.error("commit_failed", file=str(self._file), reason=reason, count=len(ran))
        for answer, value, raised in ran:
            if answer.done():
                continue
            if fault is not None:
                answer.set_exception(unavailable(fault))
            elif raised is not None:
                answer.set_exception(raised)
            else:
                answer.set_result(value)
        if changed and fault is None:
            self._wakes.call()


def _committed(writer: sqlite3.Connection) -> sqlite3.Error | None:
    try:
        writer.execute("COMMIT")
    except sqlite3.Error as fault:
        return fault
    return None


def _log_emptied(file: Path) -> bool:
    """Whether it could be. Writers are kept out while the last pages are copied, not for all of them nor for readers."""
    connection = _connection(file)
    try:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()


def _connection(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{file}?mode=rw", uri=True, isolation_level=None, check_same_thread=False, cached_statements=1000, timeout=0.2
    )
    for setting in (
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        f"wal_autocheckpoint = {LOG_PAGES}",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {setting}")
    return connection
