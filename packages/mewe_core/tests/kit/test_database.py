"""Statements, compiled once for each database."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as draw
from mewe_core.kit.database import compiled, either, one_of, postgresql_dialect, sqlite_dialect
from mewe_core.kit.testing import MemoryDatabase, drive
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, insert, select, update

TABLES = MetaData()
LEAF = Table("leaf", TABLES, Column("id", Text, primary_key=True), Column("number", Integer))
KEEP = either(lambda insert: insert(LEAF).on_conflict_do_nothing())
SOME = select(LEAF.c.id).where(one_of(LEAF.c.id, "ids")).order_by(LEAF.c.id)
RED = update(LEAF).values(number=7).where(LEAF.c.id == bindparam("leaf_id"))


@pytest.fixture
def database() -> Iterator[MemoryDatabase]:
    """Three leaves."""
    database = MemoryDatabase(TABLES)
    for number, leaf in enumerate("abc"):
        drive(database.execute(insert(LEAF), id=leaf, number=number))
    yield database
    database.close()


def test_a_statement_names_its_parameters_and_brings_its_own() -> None:
    """By order; values written in the statement come with it."""
    on_sqlite, on_postgresql = compiled(RED, sqlite_dialect()), compiled(RED, postgresql_dialect())
    assert on_sqlite.own == on_postgresql.own == {"number": 7}
    assert on_sqlite.text.count("?") == 2
    assert on_postgresql.text.index("$1") < on_postgresql.text.index("$2")
    assert on_sqlite.names == on_postgresql.names == ("number", "leaf_id")


def test_a_feature_lives_in_a_schema_of_its_own() -> None:
    """On PostgreSQL every table is named with it."""
    assert "chat.leaf" in compiled(SOME, postgresql_dialect(), schema="chat").text


def test_what_the_databases_spell_apart_is_written_once(database: MemoryDatabase) -> None:
    """``either`` gives each its own words, with one effect."""
    for dialect in (sqlite_dialect(), postgresql_dialect()):
        assert "ON CONFLICT DO NOTHING" in compiled(KEEP, dialect).text
    assert drive(database.execute(KEEP, id="a", number=9)) == 0
    assert drive(database.execute(KEEP, id="d", number=9)) == 1


@given(wanted=draw.lists(draw.sampled_from(["a", "b", "c", "d", "'; --", "ü"])))
def test_a_column_may_be_one_of_however_many(wanted: list[str]) -> None:
    """None, one, many, twice, and texts that would break a statement."""
    database = MemoryDatabase(TABLES)
    for leaf in ("a", "b", "c", "'; --", "ü"):
        drive(database.execute(insert(LEAF), id=leaf, number=0))
    assert drive(database.all(SOME, str, ids=wanted)) == sorted({*wanted} & {"a", "b", "c", "'; --", "ü"})
    database.close()


def test_one_of_compiles_for_postgresql_with_one_parameter() -> None:
    """However many texts are looked for, the statement is a constant."""
    assert compiled(SOME, postgresql_dialect()).names == ("ids",)


def test_a_missing_parameter_is_named_and_none_is_a_value(database: MemoryDatabase) -> None:
    """Leaving out is an error, None is NULL."""
    with pytest.raises(TypeError, match="number"):
        drive(database.execute(insert(LEAF), id="e"))
    assert drive(database.execute(insert(LEAF), id="e", number=None)) == 1
    assert drive(database.first(select(LEAF.c.number).where(LEAF.c.id == "e"), int)) is None


def test_execute_says_how_many_rows_it_changed(database: MemoryDatabase) -> None:
    """One, or none if there is no such row."""
    assert drive(database.execute(RED, leaf_id="a")) == 1
    assert drive(database.execute(RED, leaf_id="x")) == 0
    assert drive(database.first(select(LEAF.c.number).where(LEAF.c.id == "a"), int)) == 7


def test_there_may_be_no_row(database: MemoryDatabase) -> None:
    """``first`` answers None, ``all`` an empty list."""
    nothing = select(LEAF.c.id).where(LEAF.c.id == "x")
    assert drive(database.first(nothing, str)) is None
    assert drive(database.all(nothing, str)) == []
