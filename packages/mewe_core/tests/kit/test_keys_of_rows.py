"""A key that belongs to a row goes with the row, however it goes: no backup of the row is opened after that."""

from collections.abc import Iterator

import pytest
from mewe_core.kit.feature import Feature
from mewe_core.kit.personal import Basis, Erasure, Hold, Personal, PersonalData
from mewe_core.kit.privacy.rows import MOST_KEYED
from mewe_core.kit.privacy.testing import erase, retain
from mewe_core.kit.testing import Stage, drive
from mewe_core.kit.values import micros
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text, insert, select, update

TABLES = MetaData()
WORRY = Table(
    "worry",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("about_id", Text, nullable=False),
    Column("reporter_id", Text),
    Column("sealed_words", LargeBinary),
    Column("sealed_copy", LargeBinary),
    Column("close_time", BigInteger),
)
CARD = Table(
    "card",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("person_id", Text),
    Column("sealed_text", LargeBinary),
    Column("write_time", BigInteger),
)
ADD_WORRY, ADD_CARD = insert(WORRY), insert(CARD)


def line(table: str, *columns: str, found_by: str, since: str, erasure: Erasure, sealed: str | None) -> Personal:
    """A declaration whose words are sealed under a key of the row."""
    return Personal(
        table,
        columns,
        found_by=found_by,
        purpose=f"A {table}.",
        basis=Basis.LEGAL_DUTY,
        retention_days=30,
        kept_from=since,
        erasure=erasure,
        sealed=sealed,
        about=None if sealed is None else "id",
        hold=Hold("open", "close_time") if table == "worry" else None,
    )


KEEP = Erasure.KEEP_PSEUDONYM
DECLARED = PersonalData(
    personal=(
        line("worry", "id", "about_id", "close_time", found_by="about_id", since="close_time", erasure=KEEP, sealed=None),
        line("worry", "sealed_words", found_by="about_id", since="close_time", erasure=KEEP, sealed="concern"),
        line("worry", "reporter_id", "sealed_copy", found_by="reporter_id", since="close_time", erasure=KEEP, sealed="copy"),
        line(
            "card",
            "id",
            "person_id",
            "sealed_text",
            "write_time",
            found_by="person_id",
            since="write_time",
            erasure=Erasure.CLEAR,
            sealed="card",
        ),
    ),
)
CARE = Feature(name="care", package="none", version="1", summary="Worries.", tables=TABLES, personal=DECLARED)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Care."""
    with Stage(CARE) as stage:
        yield stage


def worry(stage: Stage, id_: str, *, closed: bool) -> None:
    """A worry about ada."""
    words = drive(stage.sealing.seal(id_, "concern", f"worry/{id_}/words", "words"))
    copy = drive(stage.sealing.seal(id_, "copy", f"worry/{id_}/copy", "copy"))
    at = micros(stage.clock.now()) if closed else None
    row = {"id": id_, "about_id": "ada", "reporter_id": "bo", "sealed_words": words, "sealed_copy": copy, "close_time": at}
    drive(stage.database.execute(ADD_WORRY, **row))


def card(stage: Stage, id_: str, person: str) -> None:
    """A card under a key of its own."""
    sealed = drive(stage.sealing.seal(id_, "card", f"card/{id_}/text", "words"))
    now = micros(stage.clock.now())
    drive(stage.database.execute(ADD_CARD, id=id_, person_id=person, sealed_text=sealed, write_time=now))


def keys(stage: Stage, purpose: str) -> list[str]:
    """What there are keys of."""
    return sorted(drive(stage.sealing.abouts(purpose)))


def test_retention_destroys_the_keys_of_the_rows_that_go(stage: Stage) -> None:
    """Every kind of key that any line declares for the row; not those of rows that stay."""
    worry(stage, "closed", closed=True)
    worry(stage, "open", closed=False)
    stage.clock.advance(days=20)
    worry(stage, "late", closed=True)
    stage.clock.advance(days=11)
    assert retain(stage) == 1
    assert stage.all(select(WORRY.c.id).order_by(WORRY.c.id), str) == ["late", "open"]
    assert keys(stage, "concern") == keys(stage, "copy") == ["late", "open"]


def test_retention_destroys_the_key_of_what_it_empties(stage: Stage) -> None:
    """The row stays, and the words in it open nowhere."""
    card(stage, "old", "ada")
    stage.clock.advance(days=31)
    card(stage, "new", "ada")
    assert retain(stage) == 1
    assert stage.all(select(CARD.c.id).order_by(CARD.c.id), str) == ["new", "old"]
    assert keys(stage, "card") == ["new"]


def test_more_than_a_unit_takes_go_with_all_their_keys(stage: Stage) -> None:
    """Unit by unit."""
    for number in range(2 * MOST_KEYED + 1):
        worry(stage, f"{number:03}", closed=True)
        card(stage, f"{number:03}", "ada")
    stage.clock.advance(days=31)
    assert retain(stage) == 2 * (2 * MOST_KEYED + 1)
    assert keys(stage, "concern") == keys(stage, "copy") == keys(stage, "card") == []


def test_an_erasure_destroys_the_key_of_what_it_empties(stage: Stage) -> None:
    """Of the erased person's rows alone; what stays under the pseudonym keeps its key, as its term says."""
    card(stage, "hers", "ada")
    card(stage, "his", "bo")
    worry(stage, "closed", closed=True)
    erase(stage, "ada")
    assert keys(stage, "card") == ["his"]
    assert keys(stage, "concern") == ["closed"]


def test_a_unit_that_is_undone_leaves_the_row_to_be_taken_again(stage: Stage) -> None:
    """The key is gone by then, which shows nobody's words; the next run takes the row."""
    worry(stage, "closed", closed=True)
    drive(stage.sealing.destroy("closed", "concern"))
    drive(stage.database.execute(update(WORRY).values(close_time=0)))
    assert retain(stage) == 1
    assert keys(stage, "copy") == []
