"""Erasing by declarations alone: every kind of it, keys first, nobody else's rows, and a signed answer."""

from collections.abc import Iterator

import pytest
from attrs import evolve
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.feature import Feature
from mewe_core.kit.personal import Basis, Erasure, Hold, Personal, PersonalData, Through, faults
from mewe_core.kit.privacy.receipts import is_signed
from mewe_core.kit.privacy.rules import Archive, Done, Outcome
from mewe_core.kit.privacy.telling import PersonErased, RowsErased
from mewe_core.kit.privacy.testing import erase, go_on_erasing
from mewe_core.kit.records import CONSENT, STANDING
from mewe_core.kit.standing import ConsentChanged
from mewe_core.kit.testing import ELM, OAK, Stage, drive
from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, MetaData, Table, Text, insert, select, update

TABLES = MetaData()
TREE = Table(
    "tree",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("owner_id", Text, nullable=False),
    Column("close_time", BigInteger),
)
LEAF = Table(
    "leaf",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("tree_id", Text, ForeignKey("tree.id"), nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
)
LETTER = Table(
    "letter",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("author_id", Text, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
    Column("note", Text),
    Column("sent_at", BigInteger, nullable=False),
)
PLACE = Table("place", TABLES, Column("id", Text, primary_key=True), Column("person_id", Text), Column("check_date", Text))
_SAME = {"basis": Basis.PUBLIC_TASK, "retention_days": 30, "forgotten_by": "Autumn."}


def line(table: str, *columns: str, found_by: str, erasure: Erasure, **more: object) -> Personal:
    """A declaration."""
    said = {**_SAME, "purpose": f"A {table}.", **more}
    return Personal(table, columns, found_by=found_by, erasure=erasure, **said)  # type: ignore[arg-type]


OWN = Through("tree_id", "tree")
DECLARED = PersonalData(
    personal=(
        line("tree", "owner_id", "close_time", found_by="owner_id", erasure=Erasure.DELETE_ROW),
        line("leaf", "sealed_text", found_by="owner_id", through=OWN, sealed="leaf", erasure=Erasure.DELETE_ROW),
        line(
            "letter",
            "author_id",
            "sealed_text",
            "note",
            "sent_at",
            found_by="author_id",
            sealed="letter",
            unsealed="A label.",
            erasure=Erasure.CLEAR,
        ),
        line("place", "person_id", found_by="person_id", erasure=Erasure.KEEP_PSEUDONYM),
        line("place", "check_date", found_by="person_id", erasure=Erasure.CLEAR),
    ),
    impersonal=frozenset({"tree.id", "leaf.id", "leaf.tree_id", "letter.id", "place.id"}),
)
FOREST = Feature(name="forest", package="none", version="1", summary="Trees.", tables=TABLES, personal=DECLARED)


def furnish(stage: Stage, person: str, count: int = 1) -> None:
    """Somebody has a tree with leaves, has written letters, and has a place."""
    at = stage.clock.now()

    def add(table: Table, **values: object) -> None:
        drive(stage.database.execute(insert(table).values(**values)))

    add(TREE, id=f"tree-{person}", owner_id=person)
    for number in range(count):
        leaf, letter = f"leaf-{person}-{number}", f"letter-{person}-{number}"
        words = drive(stage.sealing.seal(person, "leaf", f"leaf/{leaf}/text", f"secret of {person}"))
        add(LEAF, id=leaf, tree_id=f"tree-{person}", sealed_text=words)
        words = drive(stage.sealing.seal(person, "letter", f"letter/{letter}/text", f"letter of {person}"))
        add(LETTER, id=letter, author_id=person, sealed_text=words, note="n", sent_at=at.timestamp())
    add(PLACE, id=f"place-{person}", person_id=person, check_date="2026-01-01")


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The forest, with two people in it."""
    with Stage(FOREST) as stage:
        stage.gather(OAK, ELM)
        furnish(stage, "ada")
        furnish(stage, "bo")
        yield stage


def outcomes(stage: Stage, *archives: Archive) -> tuple[Outcome, ...]:
    """What the forest answers to the erasure of ada."""
    answer = erase(stage, "ada", *archives)
    assert answer is not None
    assert is_signed("erasure-of-ada", answer, stage.keys)
    return answer.outcomes


def test_the_declaration_of_the_forest_is_without_fault() -> None:
    """What is tried below is what a feature may declare."""
    assert faults(DECLARED, TABLES) == []


def test_each_kind_does_what_it_says_and_the_answer_counts_it(stage: Stage) -> None:
    """Rows go, rows found through others go before those, words are emptied, pseudonyms stay."""
    assert outcomes(stage) == (
        Outcome("kit_consent", Done.DELETED, 3),
        Outcome("kit_standing", Done.DELETED, 1),
        Outcome("leaf", Done.DELETED, 1),
        Outcome("letter", Done.CLEARED, 1),
        Outcome("place", Done.CLEARED, 1),
        Outcome("place", Done.KEPT, 1, "public_task"),
        Outcome("tree", Done.DELETED, 1),
    )
    assert stage.all(select(TREE.c.id), str) == ["tree-bo"]
    assert stage.all(select(LEAF.c.id), str) == ["leaf-bo-0"]
    assert sorted(stage.all(select(LETTER.c.author_id), str)) == ["", "bo"]
    assert stage.all(select(LETTER.c.sealed_text).where(LETTER.c.author_id == ""), bytes) == [b""]
    assert stage.all(select(LETTER.c.note).where(LETTER.c.author_id == ""), str) == [None]
    assert stage.all(select(PLACE.c.check_date).order_by(PLACE.c.id), str) == [None, "2026-01-01"]
    assert sorted(stage.all(select(PLACE.c.person_id), str)) == ["ada", "bo"]


def test_keys_are_destroyed_before_the_first_row_goes(stage: Stage) -> None:
    """After one unit the words cannot be opened, in this database or in any copy of it; those of others can."""
    sealed = stage.all(select(LEAF.c.sealed_text).order_by(LEAF.c.id), bytes)
    answer = erase(stage, "ada")
    assert answer is not None
    assert answer.keys == 2
    assert drive(stage.sealing.open("ada", "leaf", "leaf/leaf-ada-0/text", sealed[0])) is None
    assert drive(stage.sealing.open("bo", "leaf", "leaf/leaf-bo-0/text", sealed[1])) == "secret of bo"


def test_a_unit_changes_at_most_500_rows_and_all_of_them_are_counted(stage: Stage) -> None:
    """Twelve hundred leaves are three units and one number."""
    with Stage(FOREST) as stage:
        furnish(stage, "ada", 1200)
        assert {one.table: one.rows for one in outcomes(stage) if one.done is Done.DELETED} == {"leaf": 1200, "tree": 1}


def test_an_answer_is_told_as_its_lines_and_then_itself(stage: Stage) -> None:
    """Under one id, in order; a repeat of the decision tells nothing more."""
    answer = erase(stage, "ada")
    assert answer is not None
    *rows, last = stage.events
    assert isinstance(last, PersonErased)
    assert all(isinstance(one, RowsErased) and one.id == last.id for one in rows)
    assert (last.lines, last.area_id, last.signature) == (len(rows), "forest", answer.signature)
    assert erase(stage, "ada") is None
    assert stage.events[-1] is last


def test_somebody_unknown_gets_an_answer_that_nothing_is_held(stage: Stage) -> None:
    """No key, no row, and signed all the same."""
    answer = erase(stage, "nobody-here")
    assert answer is not None
    assert (answer.keys, answer.outcomes) == (0, ())


def test_nothing_that_is_told_later_of_an_erased_person_is_kept(stage: Stage) -> None:
    """A standing or a consent that comes late finds the tombstone."""
    erase(stage, "ada")
    stage.give("ada", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    stage.hear(ConsentChanged("late", "ada", Purpose.CHAT, None, covered=True, until=None))
    assert stage.all(select(STANDING.c.id).where(STANDING.c.person_id == "ada"), str) == []
    assert stage.all(select(CONSENT.c.id).where(CONSENT.c.person_id == "ada"), str) == []


def test_an_archive_rule_holds_a_table_is_named_and_runs_out(stage: Stage) -> None:
    """The rows, and the key of what is sealed in them, stay so long; then they go and a new answer says so."""
    rule = Archive("archive-2026", ("leaf", "tree"), days=10)
    held = [one for one in outcomes(stage, rule) if one.done is Done.HELD]
    until = stage.clock.now().add(hours=240)
    assert held == [Outcome("leaf", Done.HELD, 1, "archive-2026", until), Outcome("tree", Done.HELD, 1, "archive-2026", until)]
    sealed = stage.all(select(LEAF.c.sealed_text).where(LEAF.c.id == "leaf-ada-0"), bytes)[0]
    assert drive(stage.sealing.open("ada", "leaf", "leaf/leaf-ada-0/text", sealed)) == "secret of ada"
    stage.clock.advance(days=9)
    assert go_on_erasing(stage, rule) is None
    stage.clock.advance(days=2)
    answer = go_on_erasing(stage, rule)
    assert answer is not None
    assert not [one for one in answer.outcomes if one.done is Done.HELD]
    assert answer.keys == 2
    assert stage.all(select(TREE.c.id), str) == ["tree-bo"]


def test_an_open_concern_holds_its_rows_until_it_is_closed() -> None:
    """A row stays while its column is empty, and is named in the answer; once it is closed it goes by itself."""
    open_tree = Hold("concern", "close_time")
    held = tuple(evolve(one, hold=open_tree) if one.table in ("tree", "leaf") else one for one in DECLARED.personal)
    with Stage(evolve(FOREST, personal=evolve(DECLARED, personal=held))) as stage:
        furnish(stage, "ada")
        found = [one for one in outcomes(stage) if one.done is Done.HELD]
        assert found == [Outcome("leaf", Done.HELD, 1, "concern"), Outcome("tree", Done.HELD, 1, "concern")]
        drive(stage.database.execute(update(TREE).values(close_time=1)))
        assert go_on_erasing(stage) is None
        stage.clock.advance(hours=2)
        answer = go_on_erasing(stage)
        assert answer is not None
        assert [one.table for one in answer.outcomes if one.done is Done.DELETED] == ["leaf", "tree"]
        assert stage.all(select(TREE.c.id), str) == []
        assert answer.keys == 2
