"""Rows that cannot be right are found, each by its line; rows that can be are left alone; and nobody's answers are told."""

import json
import re
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from mewe_core.kit.commands import Asked, CommandFault, Given
from mewe_eval.commands.analysing import analysed
from mewe_eval.instruments import shipped_instruments
from mewe_eval.instruments.model import Respondent, Reverse, ReverseAnswers
from mewe_eval.protocol.reading import read_protocol, shipped_protocol
from mewe_eval.statistics import screening
from mewe_eval.statistics.results import NotEstimable
from mewe_eval.study.quality import quality
from mewe_eval.study.reading import read_study
from mewe_eval.testing import Imagined, imagined_csv

ITEMS = tuple(f"q{number}" for number in range(1, 21))
PLAN = f"""title = "Questions"
version = "1"

[scales.mood]
items = {json.dumps(ITEMS)}
reverse = ["q20"]
lowest = 0
highest = 4

[quality.rows]
person = "id"
site = ["country", "place"]
wave = "wave"
scales = ["mood"]
stored.mood = "total"
seconds = "seconds"
"""
HEAD = ["country", "place", "id", "wave", "seconds", "total", *ITEMS]


TWO_WAVES = """id = "x"
version = 1
title = { en = "x" }
question = "x?"
estimand = "x"
waves.T0 = { title = { en = "Before" }, windows = [{ after = "joined", closes = 9 }] }
waves.T1 = { title = { en = "After" }, windows = [{ after = "ended", closes = 9 }] }
arms.all = { title = { en = "All" } }
asked = [{ wave = "T0", instrument = "phq-9" }, { wave = "T1", instrument = "phq-9" }]
outcomes.low = { instrument = "phq-9", scale = "total", importance = "primary" }
analysis = { model = "description", baseline = "T0" }
"""


def sound(people: int = 40, differ: float = 1.0) -> list[dict[str, Any]]:
    """Two waves of people at two places who answer as people do: steadily, and not all alike."""
    chance, rows = np.random.Generator(np.random.PCG64(3)), list[dict[str, Any]]()
    for number in range(people):
        mood = chance.normal(2, differ)
        for wave in ("T0", "T1"):
            given = [int(np.clip(round(chance.normal(mood, 0.7)), 0, 4)) for _ in ITEMS]
            given = given if len({*given}) > 1 else [*given[:-2], (given[0] + 1) % 4, given[0]]
            given[-1] = 4 - given[-1]
            total = sum(given[:-1]) + 4 - given[-1]
            row = {"country": "SE", "place": f"place {number % 2}", "id": f"p{number // 2}", "wave": wave, "seconds": 90}
            rows.append({**row, "total": total, **dict(zip(ITEMS, given, strict=True))})
    return rows


def found(rows: list[dict[str, Any]], plan: str = PLAN) -> tuple[dict[str, float], list[str]]:
    """The figures by name, and what is noted."""
    data = "\n".join(",".join(str(row.get(name, "")) for name in HEAD) for row in [dict(zip(HEAD, HEAD, strict=True)), *rows])
    arguments = {"PLAN": (Given("plan.toml", plan.encode()),), "DATA": (Given("data.csv", data.encode()),)}
    (one,) = json.loads(analysed(Asked(arguments, "json")).shown)["analyses"]
    return {figure["name"]: figure["value"] for figure in one["figures"]}, one["notes"]


def test_of_rows_that_can_be_right_nothing_is_said() -> None:
    """But that names are there at both places, which is no fault: they are of different people."""
    figures, notes = found(sound())
    assert (figures["rows"], figures["people"], figures["names of people at more than one site"]) == (80, 40, 20)
    counts = [value for name, value in figures.items() if not re.search("rows$|people|pairs|correlation", name)]
    assert len(counts) == 7
    assert {*counts} == {0}
    assert [note for note in notes if "several sites" not in note] == []
    assert figures["mood at T0 and T1: correlation"] > 0.5


def planted(change: dict[int, dict[str, Any]]) -> tuple[dict[str, float], str]:
    """What is found if some rows, by their place, are changed."""
    rows = sound()
    for place, changes in change.items():
        rows[place] = {**rows[place], **changes}
    figures, notes = found(rows)
    return figures, "\n".join(notes)


SAME = dict.fromkeys(ITEMS, 3)
FIRST = {name: sound()[0][name] for name in (*ITEMS, "total")}


@pytest.mark.parametrize(
    ("change", "figure", "said"),
    [
        (
            {7: {"id": "p0", "place": "place 0", "wave": "T0"}},
            "rows of the same person and wave as another",
            "same person and wave more than once: lines 2 and 9",
        ),
        ({3: {"id": ""}}, "rows that say nobody's", "rows that say nobody's: line 5; whose are they?"),
        ({8: FIRST}, "rows with all answers of another person", "All 20 answers are those of another person: lines 2 and 10"),
        (
            {4: {**SAME, "total": 58}},
            "mood: one answer to all items",
            "line 6; some of these items run against the others",
        ),
        ({5: {"seconds": 39.9}}, "answered in less than 2 seconds an item", "in less than 2 seconds an item: line 7"),
        ({5: {"seconds": 39.9}, 6: {"seconds": 40}, 9: {"seconds": -1}}, "answered in less than 2 seconds an item", "7 and 11"),
        (
            {2: {"total": 99}},
            "mood: totals in total that are not those of the answers",
            "mood: totals in total that are not those of the answers: line 4",
        ),
        ({2: {"q4": ""}}, "mood: totals in total of too few answers", "mood: totals in total of too few answers: line 4"),
    ],
)
def test_what_was_planted_is_found(change: dict[int, dict[str, Any]], figure: str, said: str) -> None:
    """By how many rows, and in which lines."""
    figures, notes = planted(change)
    assert figures[figure] == (len(change) if "seconds an item" not in figure or len(change) == 1 else 2)
    assert said in notes


def test_who_answered_alike_is_nobodys_copy() -> None:
    """The same answer everywhere may be meant, by two people as well; and a row that is there twice is the same person's."""
    figures = planted({8: {**SAME, "total": 58}, 12: {**SAME, "total": 58}})[0]
    assert figures["rows with all answers of another person"] == 0
    rows = sound()
    figures, noted = found([*rows, rows[0]])
    assert figures["rows with all answers of another person"] == 0
    assert "The same person and wave more than once: lines 2 and 82." in noted


def test_few_pairs_are_no_sign_of_another_person() -> None:
    """Where the interval reaches what is to be expected, nothing is said."""
    figures, notes = found(sound(people=16, differ=0.25))
    assert figures["mood at T0 and T1: pairs"] == 16
    assert figures["mood at T0 and T1: correlation"] < 0.5
    assert [note for note in notes if "correlated" in note] == []


def test_an_item_that_was_reversed_before_and_one_that_was_not() -> None:
    """Both ways, each with the question to ask."""
    before = [{**row, "q20": 4 - row["q20"]} for row in sound()]
    figures, notes = found(before)
    assert figures["mood: items that go against the others"] == 1
    assert "mood: q20 goes against the other items: was it reversed before it came here?" in notes
    figures, notes = found(sound(), PLAN.replace('reverse = ["q20"]\n', ""))
    assert figures["mood: items that go against the others"] == 1
    assert "mood: q20 goes against the other items: is it to be reversed?" in notes


def test_answers_that_were_linked_to_somebody_else() -> None:
    """At one place every second time is somebody else's: the place is named, the other is not."""
    rows = sound()
    later = [place for place, row in enumerate(rows) if row["wave"] == "T1" and row["place"] == "place 1"]
    moved = [rows[place]["id"] for place in [*later[5:], *later[:5]]]
    for place, name in zip(later, moved, strict=True):
        rows[place] = {**rows[place], "id": name}
    figures, notes = found(rows)
    assert figures["mood at T0 and T1: pairs"] == 40
    said = [note for note in notes if "correlated" in note]
    assert said == ["mood at T0 and T1: at SE/place 1 correlated less than 0.5. Are both of the same people there?"]


def test_columns_side_by_side_are_correlated_with_the_next() -> None:
    """And what cannot be told is said."""
    plan = 'title = "a"\nversion = "1"\n[quality.again]\nagain = ["total", "seconds", "q1"]\n'
    figures, notes = found(sound(), plan)
    assert notes == ["total and seconds: All values are the same in one of the two.", "seconds and q1: " + notes[0][19:]]
    assert figures == {"rows": 80}


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("", "quality.q.person (line 3): this value cannot be used; allowed: something to look at"),
        (
            'site = ["place"]\nscales = ["mood"]',
            "quality.q.person (line 3): this value cannot be used; allowed: the column of people",
        ),
        (
            'person = "id"\nseconds = "seconds"',
            "quality.q.scales (line 3): this value cannot be used; allowed: the scales whose",
        ),
        ('again = ["q1"]', "quality.q.again (line 4): this value cannot be used; allowed: two columns or more"),
        ('scales = ["mod"]', 'column "mod": there is no such scale in this plan'),
        ('person = "idd"', 'column "idd": it is not in the table; allowed: country, id, place'),
        ('person = "id"\nlong = "l"', "quality.q.long (line 5): this value cannot be used; allowed: no long form"),
    ],
)
def test_what_is_wrong_in_a_plan_is_said(plan: str, said: str) -> None:
    """With its key and line."""
    with pytest.raises(CommandFault) as fault:
        found(sound(), f'title = "a"\nversion = "1"\n[quality.q]\n{plan}\n')
    assert said in "\n".join(fault.value.lines)


def test_an_interval_is_fishers() -> None:
    """Of r = 0.5 and 28 pairs: tanh(0.549306 - 1.959964 / 5) to tanh(0.549306 + 1.959964 / 5)."""
    chance = np.random.Generator(np.random.PCG64(1))
    first, second = np.linalg.qr(np.column_stack([np.ones(28), chance.normal(size=(28, 2))]))[0].T[1:]
    found = screening.correlation(first, 0.5 * first + np.sqrt(0.75) * second)
    assert found.n == 28
    assert [found.value, found.interval.low, found.interval.high] == pytest.approx([0.5, 0.156028, 0.735818], abs=1e-6)
    assert screening.correlation(first, first).interval.low == 1
    with pytest.raises(NotEstimable, match="TOO_FEW_PEOPLE"):
        screening.correlation(first[:3], second[:3])


def test_a_study_is_looked_at_by_what_its_instruments_say() -> None:
    """Scales with their reversed items, participants alone, people by country, organisation and name."""
    instruments = shipped_instruments()
    content = imagined_csv(protocol := shipped_protocol(instruments), instruments, Imagined(countries={"SE": 6}))
    (one,) = quality(read_study(protocol, instruments, content, "2026-11-23")).analyses
    figures = {figure.name: figure.value for figure in one.figures}
    assert figures["people"] == 48
    assert figures["rows of the same person and wave as another"] == 0
    assert "how-things-are: energy at T0 and T1: correlation" in figures
    assert "how-things-are: sessions-of-use at T0 and T1: correlation" not in figures


def test_a_study_knows_which_items_run_against_the_others() -> None:
    """By the instrument, and by whether answers come as they were given."""
    instruments = dict(shipped_instruments())
    phq9 = instruments["phq-9"]
    turned = Reverse(items=phq9.item_ids()[:2], answers=ReverseAnswers.RAW)
    for reverse, said in ((None, "no item runs against the others"), (turned, "some of these items run against the others")):
        instruments["phq-9"] = evolve(phq9, reverse=reverse)
        protocol = read_protocol(TWO_WAVES, "x.toml", instruments)
        study = read_study(
            protocol, instruments, imagined_csv(protocol, instruments, Imagined(countries={"SE": 6})), "2026-11-23"
        )
        study.answers["T0", "phq-9", Respondent.PARTICIPANT].values[0] = 2
        (one,) = quality(study).analyses
        assert any(re.match(f"phq-9: one answer to all items: lines? 2[ ,;].*{said}", note) for note in one.notes)
        assert "phq-9: items that go against the others" in {figure.name for figure in one.figures}
