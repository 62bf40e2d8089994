"""Every column is declared, once."""

from attrs import evolve
from mewe_core.kit.personal import Basis, Erasure, Personal, PersonalData, faults, holds_nothing
from sqlalchemy import Column, MetaData, Table, Text

TABLES = MetaData()
Table("leaf", TABLES, Column("id", Text, primary_key=True), Column("person_id", Text), Column("text", Text))
LEAF = Personal(
    "leaf",
    ("person_id", "text"),
    found_by="person_id",
    purpose="Shade.",
    basis=Basis.CONSENT,
    retention_days=30,
    erasure=Erasure.DELETE_ROW,
    forgotten_by="Autumn.",
    unsealed="Leaves are written on for everybody.",
)
WHOLE = PersonalData(personal=(LEAF,), impersonal=frozenset({"leaf.id"}))


def test_a_whole_declaration_has_no_fault() -> None:
    """Each column is personal or impersonal."""
    assert faults(WHOLE, TABLES) == []
    assert faults(holds_nothing(TABLES), TABLES) == []


def test_a_column_that_is_not_declared_is_named() -> None:
    """Nothing about a person is held unsaid."""
    assert faults(evolve(WHOLE, impersonal=frozenset()), TABLES) == ["leaf.id is not declared in personal.py"]
    assert len(faults(PersonalData(), TABLES)) == 3


def test_a_column_that_is_not_there_is_named() -> None:
    """A declaration that is out of date is a fault as well."""
    more = evolve(WHOLE, impersonal=frozenset({"leaf.id", "leaf.gone"}))
    assert faults(more, TABLES) == ["leaf.gone is declared in personal.py and is no column"]


def test_a_column_is_personal_or_impersonal_and_not_both() -> None:
    """Twice is a contradiction."""
    twice = evolve(WHOLE, impersonal=frozenset({"leaf.id", "leaf.text"}))
    assert faults(twice, TABLES) == ["leaf.text is declared twice in personal.py"]


def test_what_finds_a_person_has_to_be_there() -> None:
    """Otherwise export and erasure find nobody."""
    lost = evolve(WHOLE, personal=(evolve(LEAF, found_by="author_id"),))
    assert faults(lost, TABLES) == ["leaf.author_id finds rows in personal.py and is no column"]
