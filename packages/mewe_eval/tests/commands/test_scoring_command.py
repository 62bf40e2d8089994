"""``mewe eval score``: what a file of answers comes to, and what is wrong in it, in the words of whoever made it."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from mewe_core.kit.commands import Answer, Asked, CommandFault, Given
from mewe_eval.commands import COMMANDS
from mewe_eval.commands.scoring import scored
from mewe_eval.instruments import Scored, score, shipped_instruments

WHO_5 = "site,1,2,3,4,5,total\nx,3,2,3,2,2,48\ny,1,1,1,1,,16\nx,5,5,5,5,5,99\n"
CATALOGUE = Path(__file__).resolve().parents[2] / "src/mewe_eval/instruments/catalogue"


def asked(data: str | bytes, form: str = "text", instrument: str = "who-5", file: bytes | None = None) -> Answer:
    """What the command says."""
    content = data.encode() if isinstance(data, str) else data
    arguments = {"INSTRUMENT": (Given(instrument, file),), "DATA": (Given("data.csv", content),)}
    return scored(Asked(arguments, form))


def refused(data: str | bytes, instrument: str = "who-5", file: bytes | None = None) -> tuple[str, ...]:
    """Every fault that it names."""
    with pytest.raises(CommandFault) as fault:
        asked(data, instrument=instrument, file=file)
    return fault.value.lines


def test_each_row_has_its_score_or_why_there_is_none() -> None:
    """WHO-5 of 3, 2, 3, 2, 2 is 48; one that is not finished has no score, and all other columns stay."""
    rows = list(csv.DictReader(io.StringIO(str(asked(WHO_5, "csv").shown))))
    assert [(row["who-5.total"], row["who-5.total.why"]) for row in rows] == [("48", ""), ("", "UNFINISHED"), ("100", "")]
    assert [row["site"] for row in rows] == ["x", "y", "x"]


def test_a_stored_total_is_compared_and_never_believed() -> None:
    """How many are not what the answers give, and how many stand where there is no score."""
    (note,) = json.loads(str(asked(WHO_5, "json").shown))["notes"]
    assert note == (
        'column "total": 1 of 2 stored values are not what the answers give; 1 stand where the answers give no score'
    )


def test_the_text_says_what_all_rows_come_to_and_nothing_of_one() -> None:
    """How many, from where to where, and who reaches a cut-off."""
    said = str(asked(WHO_5).shown)
    assert "total: 2 scored, 1 not" in said
    assert "mean 74, from 48 to 100" in said
    assert "1 reach the cut-off low" in said


def test_every_row_of_an_instrument_scores_as_it_does_alone() -> None:
    """PHQ-9 in columns that name their instrument: the same as one by one, and its alert is counted."""
    phq = shipped_instruments()["phq-9"]
    ids = phq.item_ids()
    rows = [[(row * 7 + place * 3) % 4 for place in range(len(ids))] for row in range(40)]
    text = "\n".join([",".join(f"phq-9.{one}" for one in ids), *(",".join(map(str, row)) for row in rows)])
    told = json.loads(str(asked(text, "json", "phq-9").shown))
    alone = [score(phq, dict(zip(ids, row, strict=True))) for row in rows]
    totals = [one.total.score for one in alone if isinstance(one, Scored) and one.total is not None]
    assert len(totals) == len(rows)
    assert told["scales"]["total"]["scores"] == [float(one) for one in totals]
    assert told["alerts"] == {"9": sum(row[ids.index("9")] > 0 for row in rows)}


def test_an_item_that_no_score_and_no_alert_is_of_may_be_left_out() -> None:
    """PHQ-9 without its tenth question, as many files have it; without the ninth it is refused."""
    nine = ",".join(map(str, range(1, 10)))
    told = json.loads(str(asked(f"{nine}\n1,1,1,1,1,1,1,1,2\n", "json", "phq-9").shown))
    assert told["scales"]["total"]["scores"] == [10.0]
    (line,) = refused("1,2,3,4,5,6,7,8,10\n1,1,1,1,1,1,1,1,2\n", "phq-9")
    assert 'column "9"' in line


def test_what_is_wrong_in_the_table_is_told_with_line_item_and_what_is_allowed() -> None:
    """All at once, and after forty how many more."""
    bad = WHO_5.replace("x,3,2", "x,9,2").replace("y,1,1,1,1", "y,1,1,-1,1")
    assert refused(bad) == (
        'data.csv, line 2: column "1": that is no answer to it; allowed: 0, 1, 2, 3, 4, 5',
        'data.csv, line 3: column "3": that is no answer to it; allowed: 0, 1, 2, 3, 4, 5',
    )
    many = refused("1,2,3,4,5\n" + "9,1,1,1,1\n" * 50)
    assert (len(many), many[-1]) == (41, "and 10 more")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("1,2,3,4\n1,1,1,1\n", 'data.csv, column "5": there is no column for this item of "who-5"; allowed: 1, 2, 3, 4'),
        ("1,2,3,4,5\na,1,1,1,1\n", 'data.csv, column "1": what stands in line 2 is no number; allowed: numbers .*'),
        (b"\xff\xfe", "data.csv, line 1: this is not UTF-8; allowed: .*"),
        ("", "data.csv, line 1: a column has no name; allowed: .*"),
    ],
)
def test_a_table_that_cannot_be_scored_says_why(data: str | bytes, said: str) -> None:
    """Never a traceback."""
    (line,) = refused(data)
    assert re.fullmatch(said, line), line


def test_an_instrument_is_found_by_its_name_or_read_from_its_file() -> None:
    """A name that is none is told with the nearest, one that is refused with the reason, a document with its faults."""
    own = (CATALOGUE / "who-5.toml").read_bytes()
    assert asked(WHO_5, file=own, instrument="mine.toml").shown == asked(WHO_5).shown
    assert 'did you mean "who-5"' in refused(WHO_5, "who5")[0]
    assert refused(WHO_5, "sdq")[0].startswith("sdq: it must not be used here: its owner allows no electronic version")
    assert refused(WHO_5, "mine.toml", b"id = 1")[-1].startswith("mine.toml:1: id: ")
    assert refused(WHO_5, "mine.toml", b"\xff") == ("mine.toml: this is no text; allowed: a TOML document saved as UTF-8",)


def test_an_instrument_that_is_read_item_by_item_says_so() -> None:
    """Ours have no total: nobody has shown that one would mean anything."""
    ids = shipped_instruments()["how-things-are"].item_ids()
    text = ",".join(ids) + "\n" + ",".join("1" for _ in ids) + "\n"
    assert "there is no score" in str(asked(text, instrument="how-things-are").shown)


def test_each_command_is_there_once() -> None:
    """By its name."""
    assert len({one.name for one in COMMANDS}) == len(COMMANDS)
