"""Every column is declared, once."""

from typing import Any

import pytest
from attrs import evolve
from mewe_core.kit.personal import (
    Basis,
    Erasure,
    Hold,
    Personal,
    PersonalData,
    Through,
    cleared,
    faults,
    holds_nothing,
    holds_words,
)
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, LargeBinary, MetaData, Table, Text

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


FOREST = MetaData()
TREE = Table(
    "tree",
    FOREST,
    Column("id", Text, primary_key=True),
    Column("owner_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("nickname", Text),
    Column("kind", Text),
    Column("planted_on", BigInteger, nullable=False),
    Column("felled_at", BigInteger),
    Column("gardener_id", Text),
    Column("wood_id", Text, ForeignKey("wood.id"), nullable=False),
    Column("parent_id", Text, ForeignKey("tree.id")),
    Column("sealed_story", LargeBinary, nullable=False),
    Column("picture", LargeBinary),
)
WOOD = Table("wood", FOREST, Column("id", Text, primary_key=True), Column("keeper_id", Text), Column("closed_at", BigInteger))
ALL = tuple(column.name for column in TREE.columns)


def line(*columns: str, **more: Any) -> Personal:
    """A declaration of trees that has no fault: of their owner, of no term."""
    said: dict[str, Any] = {"found_by": "owner_id", "purpose": "Shade.", "basis": Basis.CONSENT, "retention_days": None}
    return Personal("tree", columns or ("owner_id",), **{**said, "erasure": Erasure.DELETE_ROW, **more})


def of(one: Personal) -> list[str]:
    """Its own faults: what it leaves out is declared impersonal."""
    columns = {f"{table.name}.{column.name}" for table in FOREST.sorted_tables for column in table.columns}
    return faults(PersonalData((one,), frozenset(columns - {f"tree.{name}" for name in one.columns})), FOREST)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (line(), []),
        (line(found_by="gardener_id"), []),
        (line(found_by="climber_id"), ["tree.climber_id finds rows in personal.py and is no column"]),
        (line(found_by="keeper_id", through=Through("wood_id", "wood")), []),
        (
            line(found_by="owner_id", through=Through("wood_id", "wood")),
            ["wood.owner_id finds rows in personal.py and is no column"],
        ),
        (
            line(found_by="keeper_id", through=Through("park_id", "wood", "number")),
            [f"{one} is named in personal.py and is no column" for one in ("tree.park_id", "wood.number")],
        ),
        (line(hold=Hold("Growing", "felled_at")), []),
        (line(hold=Hold("Growing", "closed_at")), ["tree.closed_at is named in personal.py and is no column"]),
        (line(found_by="keeper_id", through=Through("wood_id", "wood"), hold=Hold("Open", "closed_at")), []),
        (
            line(found_by="keeper_id", through=Through("wood_id", "wood"), hold=Hold("Open", "felled_at")),
            ["wood.felled_at is named in personal.py and is no column"],
        ),
        (line(retention_days=30, kept_from="felled_at"), []),
        (line(retention_days=30, kept_from="wood.closed_at"), []),
        (line(retention_days=30, forgotten_by="Autumn."), []),
        (line(retention_days=30), ["tree.owner_id: 30 days from when? (kept_from=..., or forgotten_by=...)"]),
        (line(retention_days=0), ["tree.owner_id: 0 days from when? (kept_from=..., or forgotten_by=...)"]),
        (line(retention_days=30, kept_from="closed_at"), ["tree.closed_at is named in personal.py and is no column"]),
        (line(kept_from="wood.felled_at"), ["wood.felled_at is named in personal.py and is no column"]),
        (line(about="gardener_id"), []),
        (line(about="climber_id"), ["tree.climber_id is named in personal.py and is no column"]),
        (line("owner_id", "sealed_story", sealed="story"), []),
        (
            line("owner_id", "sealed_story", sealed="kit.story"),
            ["tree.owner_id: sealed='kit.story' is a purpose of the kit's own keys; choose one without kit."],
        ),
        (
            line("owner_id", "kind", "sealed_story"),
            ["tree.sealed_story: for which purpose is it sealed? (sealed=...) Erasure destroys the keys first"],
        ),
        (line("owner_id", "picture", "sealed_story", sealed="story"), []),
        (
            line("owner_id", "picture", sealed="story"),
            ["tree.owner_id: sealed='story' is said, and no column of the line is bytes named sealed_..."],
        ),
        (
            line("owner_id", sealed="story"),
            ["tree.owner_id: sealed='story' is said, and no column of the line is bytes named sealed_..."],
        ),
        (line("owner_id", "kind", "name", unsealed="On a sign."), []),
        (
            line("owner_id", "kind", "nickname", "name"),
            ["tree.nickname may hold somebody's words: seal it, or say why not (unsealed=...)"],
        ),
        (line("felled_at", erasure=Erasure.CLEAR), []),
        (
            line("planted_on", "wood_id", erasure=Erasure.CLEAR),
            ["tree.planted_on: nothing of it can be emptied, so erasure would change nothing"],
        ),
        (line("planted_on", "wood_id"), []),
        (line("height", erasure=Erasure.CLEAR), ["tree.height is declared in personal.py and is no column"]),
        (line("name", "height", unsealed="On a sign."), ["tree.height is declared in personal.py and is no column"]),
    ],
)
def test_what_a_line_says_can_be_done(one: Personal, expected: list[str]) -> None:
    """Each fault is named with its column, and nothing else is."""
    assert of(one) == expected


def test_every_fault_is_named_at_once() -> None:
    """In a fixed order: columns, then line by line; of a table that is not there, only that."""
    gone = evolve(line("bark", "leaves"), table="bush")
    bad = line("owner_id", "name", "sealed_story", retention_days=1, about="climber_id")
    named = [*(f"tree.{one}" for one in ALL if one not in bad.columns), "wood.closed_at", "wood.id", "tree.name"]
    assert faults(PersonalData((gone, bad), frozenset(named)), FOREST) == [
        "wood.keeper_id is not declared in personal.py",
        "bush.bark is declared in personal.py and is no column",
        "bush.leaves is declared in personal.py and is no column",
        "tree.name is declared twice in personal.py",
        "tree.climber_id is named in personal.py and is no column",
        "tree.sealed_story: for which purpose is it sealed? (sealed=...) Erasure destroys the keys first",
        "tree.name may hold somebody's words: seal it, or say why not (unsealed=...)",
        "tree.owner_id: 1 days from when? (kept_from=..., or forgotten_by=...)",
    ]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (line(*ALL), ("owner_id", "name", "nickname", "sealed_story", "picture")),
        (line(*ALL, found_by="gardener_id"), ("name", "nickname", "gardener_id", "sealed_story", "picture")),
        (line("name", "kind", "felled_at", "planted_on"), ("name", "kind", "felled_at")),
        (line("id", "wood_id", "parent_id", "gardener_id"), ("parent_id", "gardener_id")),
        (
            line("kind", "felled_at", "nickname", found_by="keeper_id", through=Through("wood_id", "wood")),
            ("nickname",),
        ),
        (line("owner_id", "planted_on", found_by="planted_on"), ()),
    ],
)
def test_what_is_emptied(one: Personal, expected: tuple[str, ...]) -> None:
    """Of a person's row who it was about, what is sealed and every word; of a part of a row all that can be empty."""
    assert cleared(one, TREE) == expected


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (Column("name", Text), True),
        (Column("name", BigInteger), False),
        (Column("name", LargeBinary), False),
        (Column("open", Boolean), False),
        (Column("kind", Text), False),
        (Column("tree_kind", Text), False),
        (Column("tree_id", Text), False),
        (Column("idea", Text), True),
        (Column("planting_date", Text), False),
        (Column("date", Text), True),
    ],
)
def test_a_text_is_words_unless_its_name_says_that_it_is_a_code(column: Column[object], *, words: bool) -> None:
    """What a machine makes, or what comes from a closed list, is known by its name."""
    assert holds_words(column) is words


@pytest.mark.parametrize(
    ("one", "row", "own"),
    [
        (line("owner_id"), True, False),
        (line("name"), False, False),
        (line("name", found_by="keeper_id", through=Through("wood_id", "wood")), True, False),
        (line("sealed_story", sealed="story"), False, True),
        (line("owner_id", "sealed_story", sealed="story", about="owner_id"), True, True),
        (line("owner_id", "sealed_story", sealed="story", about="gardener_id"), True, False),
        (line("owner_id", about="owner_id"), True, False),
    ],
)
def test_a_line_speaks_for_a_row_or_a_part_of_it_under_whose_keys(one: Personal, *, row: bool, own: bool) -> None:
    """It is the row's if it names what finds it; the keys are the person's own unless somebody else is named."""
    assert (one.is_row, one.own_keys) == (row, own)
