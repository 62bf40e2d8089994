"""The database as a handler sees it, and statements compiled once.

``store.py`` of a feature holds statements as module constants, built with SQLAlchemy Core and named bind parameters. A host
(or the in-memory database of ``testing``) compiles each once for its dialect and executes it with the bare driver.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from attrs import frozen
from sqlalchemy import BindParameter, ColumnElement, Integer, Table, Text, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler

from mewe_core.kit.values import Parameter, Value

T = TypeVar("T")


@frozen
class Either:
    """One statement in the words of each database: made by ``either``, for what SQLAlchemy spells apart (ON CONFLICT)."""

    sqlite: Executable
    postgresql: Executable


Statement = Executable | Either


def either(build: Callable[[Callable[[Table], sqlite.Insert]], Executable]) -> Either:
    """``either(lambda insert: insert(TABLE).on_conflict_do_nothing())``: an insert that both databases understand."""
    return Either(build(sqlite.insert), build(cast("Callable[[Table], sqlite.Insert]", postgresql.insert)))


__all__ = [
    "Compiled",
    "Database",
    "Either",
    "Executable",
    "Statement",
    "compiled",
    "either",
    "one_of",
    "postgresql_dialect",
    "sqlite_dialect",
]


class Database(Protocol):
    """One feature's tables, inside one unit of work. Only a unit that writes may ``execute`` a change."""

    async def all(self, statement: Statement, into: type[T], **parameters: Parameter) -> list[T]:
        """Every row, each made ``into`` an attrs class whose fields stand in the order of the columns, or one bare value."""

    async def first(self, statement: Statement, into: type[T], **parameters: Parameter) -> T | None:
        """The first row, or None."""

    async def execute(self, statement: Statement, **parameters: Parameter) -> int:
        """Change rows; says how many. Raises ``Conflict`` where a constraint of the schema refuses."""


@frozen
class Compiled:
    """SQL for one driver: ``text``, the parameters it needs in order, and the values that the statement itself brings.

    A name stands in ``names`` as often as the driver wants its value.
    """

    text: str
    names: tuple[str, ...]
    own: dict[str, Value]


def sqlite_dialect() -> Dialect:
    """SQL for the sqlite3 module: ``?``."""
    return sqlite.dialect(paramstyle="qmark")


def postgresql_dialect() -> Dialect:
    """SQL for asyncpg: ``$1``."""
    return cast(Dialect, asyncpg.dialect())  # type: ignore[no-untyped-call]


def compiled(statement: Statement, dialect: Dialect, *, schema: str | None = None) -> Compiled:
    """A statement as SQL. ``schema`` is where a feature's tables live (PostgreSQL)."""
    if isinstance(statement, Either):
        statement = statement.sqlite if dialect.name == "sqlite" else statement.postgresql
    translate = {None: schema} if schema else None
    result = statement.compile(  # type: ignore[attr-defined]
        dialect=dialect, schema_translate_map=translate, compile_kwargs={"render_postcompile": True}
    )
    text = str(result)
    if translate is not None:
        text = result.preparer._render_schema_translates(text, translate)
    own = {name: value for name, value in result.params.items() if value is not None}
    return Compiled(text, tuple(result.positiontup or result.params), own)


class one_of(ColumnElement[bool]):  # noqa: N801
    """``one_of(table.c.id, "ids")``: the column is among the texts (or whole numbers) given as ``ids``, however many."""

    inherit_cache = False

    def __init__(self, column: ColumnElement[str] | ColumnElement[int], name: str) -> None:
        self.column = column
        self.texts: BindParameter[str] = bindparam(name, type_=Text())


@compiles(one_of, "sqlite")
def _one_of_sqlite(element: one_of, compiler: SQLCompiler, **kw: object) -> str:
    column, texts = compiler.process(element.column, **kw), compiler.process(element.texts, **kw)
    return f"{column} IN (SELECT value FROM json_each({texts}))"


@compiles(one_of, "postgresql")
def _one_of_postgresql(element: one_of, compiler: SQLCompiler, **kw: object) -> str:
    column, texts = compiler.process(element.column, **kw), compiler.process(element.texts, **kw)
    number = "::bigint" if isinstance(element.column.type, Integer) else ""
    return f"{column} IN (SELECT jsonb_array_elements_text(CAST({texts} AS jsonb)){number})"
