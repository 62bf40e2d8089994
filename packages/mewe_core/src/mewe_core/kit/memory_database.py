"""A database for tests of a feature, in memory."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import MetaData
from sqlalchemy.schema import CreateIndex, CreateTable

from mewe_core.kit.database import Compiled, Statement, compiled, sqlite_dialect
from mewe_core.kit.errors import Conflict
from mewe_core.kit.values import Parameter, Value, reader, stored

T = TypeVar("T")


class MemoryDatabase:
    """``kit.database.Database`` on SQLite in memory. ``close`` it, or leave its ``with`` block."""

    def __init__(self, *tables: MetaData) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._dialect = sqlite_dialect()
        self._known: dict[int, tuple[Statement, Compiled]] = {}
        for table in (table for one in tables for table in one.sorted_tables):
            self._connection.execute(str(CreateTable(table).compile(dialect=self._dialect)))
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                self._connection.execute(str(CreateIndex(index).compile(dialect=self._dialect)))

    async def all(self, statement: Statement, into: type[T], **parameters: Parameter) -> list[T]:
        """Every row."""
        made = reader(into)  # type: ignore[arg-type]
        return [made(row) for row in self._run(statement, parameters)[0]]

    async def first(self, statement: Statement, into: type[T], **parameters: Parameter) -> T | None:
        """The first row, or None."""
        rows, _ = self._run(statement, parameters)
        return reader(into)(rows[0]) if rows else None  # type: ignore[arg-type]

    async def execute(self, statement: Statement, **parameters: Parameter) -> int:
        """Change rows; says how many. Raises Conflict where a constraint refuses."""
        return self._run(statement, parameters)[1]

    @contextmanager
    def unit(self, *, reads: bool = False) -> Generator[None]:
        """Everything inside is kept together, or undone if an exception leaves it; one that ``reads`` cannot change a row."""
        self._connection.execute("SAVEPOINT unit")
        self._connection.execute(f"PRAGMA query_only = {int(reads)}")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO unit")
            raise
        finally:
            self._connection.execute("PRAGMA query_only = 0")
            self._connection.execute("RELEASE unit")

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()

    def _run(self, statement: Statement, parameters: dict[str, Parameter]) -> tuple[list[tuple[Value, ...]], int]:
        known = self._known.get(id(statement))
        if known is None:
            known = self._known[id(statement)] = (statement, compiled(statement, self._dialect))
        sql = known[1]
        given = {**sql.own, **parameters}
        missing = [name for name in sql.names if name not in given]
        if missing:
            raise TypeError(f"the statement needs {', '.join(missing)} as well: {sql.text}")
        try:
            cursor = self._connection.execute(sql.text, [stored(given[name]) for name in sql.names])
            rows = cursor.fetchall()
        except sqlite3.IntegrityError as refused:
            raise Conflict from refused
        return rows, cursor.rowcount
