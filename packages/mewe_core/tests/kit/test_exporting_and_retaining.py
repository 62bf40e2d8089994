"""Export and retention by declarations alone: only one's own, opened; and nothing longer than was promised."""

from collections.abc import Iterator

import pytest
from attrs import evolve
from mewe_core.kit.feature import Feature
from mewe_core.kit.personal import Basis, Erasure, Hold, Personal, PersonalData
from mewe_core.kit.privacy.exporting import PAGE, export_some
from mewe_core.kit.privacy.retaining import PastTerm, retain_some
from mewe_core.kit.privacy.testing import export, past_term, retain
from mewe_core.kit.testing import Stage, drive
from mewe_core.kit.values import micros
from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, MetaData, Table, Text, insert, select
from whenever import Instant

TABLES = MetaData()
GROUP = Table("group", TABLES, Column("id", Text, primary_key=True), Column("end_time", BigInteger))
LETTER = Table(
    "letter",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("author_id", Text, nullable=False),
    Column("sealed_text", LargeBinary),
    Column("seen_by_id", Text),
    Column("sent_at", BigInteger),
)
ANSWER = Table(
    "answer",
    TABLES,
    Column("letter_id", Text, ForeignKey("letter.id"), primary_key=True),
    Column("group_id", Text, ForeignKey("group.id"), nullable=False),
    Column("author_id", Text, nullable=False),
)


ADD_LETTER, ADD_GROUP = insert(LETTER), insert(GROUP)


def line(table: str, *columns: str, found_by: str, days: int, since: str, erasure: Erasure, exported: bool = True) -> Personal:
    """A declaration."""
    sealed = "letter" if "sealed_text" in columns else None
    return Personal(
        table,
        columns,
        found_by=found_by,
        purpose=f"A {table}.",
        basis=Basis.CONSENT,
        retention_days=days,
        kept_from=since,
        erasure=erasure,
        sealed=sealed,
        exported=exported,
    )


DELETE, CLEAR = Erasure.DELETE_ROW, Erasure.CLEAR
DECLARED = PersonalData(
    personal=(
        line(
            "letter",
            "id",
            "author_id",
            "sealed_text",
            "sent_at",
            found_by="author_id",
            days=30,
            since="sent_at",
            erasure=DELETE,
        ),
        line("letter", "seen_by_id", found_by="seen_by_id", days=10, since="sent_at", erasure=CLEAR, exported=False),
        line("answer", "letter_id", "author_id", found_by="author_id", days=5, since="group.end_time", erasure=DELETE),
    ),
    impersonal=frozenset({"group.id", "group.end_time", "answer.group_id"}),
)
POST = Feature(name="post", package="none", version="1", summary="Letters.", tables=TABLES, personal=DECLARED)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Post."""
    with Stage(POST) as stage:
        yield stage


def write(stage: Stage, id_: str, author: str, words: str, *, seen_by: str | None = None, at: Instant | None = None) -> None:
    """Somebody writes a letter."""
    sealed = drive(stage.sealing.seal(author, "letter", f"letter/{id_}/text", words))
    sent = micros(at or stage.clock.now())
    row = {"id": id_, "author_id": author, "sealed_text": sealed, "seen_by_id": seen_by, "sent_at": sent}
    drive(stage.database.execute(ADD_LETTER, **row))


def answer(stage: Stage, letter: str, author: str, *, ended: int | None) -> None:
    """Somebody answers it, in a group that has ended or not."""
    drive(stage.database.execute(ADD_GROUP, id=f"group-{letter}", end_time=ended))
    drive(stage.database.execute(insert(ANSWER).values(letter_id=letter, group_id=f"group-{letter}", author_id=author)))


def letters(stage: Stage) -> list[str]:
    """The letters that are there."""
    return stage.all(select(LETTER.c.id).order_by(LETTER.c.id), str)


def test_an_export_holds_ones_own_words_opened_and_nothing_of_others(stage: Stage) -> None:
    """Moments as people read them, purpose and basis beside them."""
    write(stage, "a", "ada", "mine")
    write(stage, "b", "bo", "not hers", seen_by="ada")
    row = {"id": "a", "author_id": "ada", "text": "mine", "sent_at": "2026-09-01T14:00:00Z"}
    assert export(stage, "ada") == [{"table": "letter", "purpose": "A letter.", "basis": "consent", "rows": [row]}]
    assert export(stage, "nobody") == []


def test_what_cannot_be_opened_any_more_is_exported_as_missing(stage: Stage) -> None:
    """Changed, or its key destroyed: the rest comes all the same."""
    write(stage, "a", "ada", "mine")
    drive(stage.sealing.destroy("ada"))
    assert "'text': None" in str(export(stage, "ada"))


def test_an_export_goes_by_pages_and_loses_nothing(stage: Stage) -> None:
    """A page ends within a table, and the next begins there."""
    for number in range(PAGE + 50):
        write(stage, f"{number:04}", "ada", f"letter {number}")
    with stage.unit(reads=True) as work:
        first = drive(export_some(stage.feature, "ada", work))
        assert first.following == (1, PAGE)
    rows = [row for table in export(stage, "ada") for row in table["rows"]]
    assert [row["text"] for row in rows] == [f"letter {number}" for number in range(PAGE + 50)]


def test_what_is_past_its_term_goes_and_nothing_else(stage: Stage) -> None:
    """A dry run counts, changes nothing, and says what the run then does."""
    write(stage, "old", "ada", "old", seen_by="bo")
    stage.clock.advance(days=20)
    write(stage, "new", "ada", "new", seen_by="bo")
    assert past_term(stage) == [PastTerm("letter", 10, 1)]
    assert retain(stage) == 1
    assert stage.all(select(LETTER.c.seen_by_id).order_by(LETTER.c.id), str) == ["bo", None]
    stage.clock.advance(days=10)
    assert past_term(stage) == []
    stage.clock.advance(seconds=1)
    assert past_term(stage) == [PastTerm("letter", 30, 1), PastTerm("letter", 10, 1)]
    assert retain(stage) == 2
    assert letters(stage) == ["new"]
    assert (past_term(stage), retain(stage)) == ([], 0)


def test_a_row_that_another_still_needs_waits_for_it(stage: Stage) -> None:
    """The term of an answer begins when its group ends; the letter that it answers stays until then."""
    write(stage, "a", "ada", "mine")
    answer(stage, "a", "bo", ended=None)
    stage.clock.advance(days=100)
    assert (past_term(stage), retain(stage), letters(stage)) == ([], 0, ["a"])
    write(stage, "b", "ada", "mine")
    answer(stage, "b", "bo", ended=micros(stage.clock.now()))
    stage.clock.advance(days=31)
    assert retain(stage) == 2
    assert letters(stage) == ["a"]


def test_a_run_takes_at_most_500_rows_a_unit_and_all_in_the_end(stage: Stage) -> None:
    """Twelve hundred are three units."""
    for number in range(1200):
        write(stage, f"{number:04}", "ada", "old")
    stage.clock.advance(days=31)
    with stage.unit() as work:
        assert drive(retain_some(stage.feature, work)) == 500
    assert retain(stage) == 700


def test_what_is_held_outlives_its_term() -> None:
    """A retention run passes by a concern that is open."""
    held = tuple(evolve(one, hold=Hold("concern", "seen_by_id")) for one in DECLARED.personal[:1])
    with Stage(evolve(POST, personal=evolve(DECLARED, personal=held))) as stage:
        write(stage, "open", "ada", "old")
        write(stage, "closed", "ada", "old", seen_by="bo")
        stage.clock.advance(days=31)
        assert retain(stage) == 1
        assert letters(stage) == ["open"]
