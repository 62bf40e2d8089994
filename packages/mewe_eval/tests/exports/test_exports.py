"""A study leaves as a file and comes back as the same study; what each column means goes with it."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import polars
import pyreadstat
import pytest
from mewe_eval.exports.codebook import codebook_csv, variables
from mewe_eval.exports.files import as_csv, as_parquet, rows, write_spss, write_stata
from mewe_eval.instruments import shipped_instruments
from mewe_eval.protocol.reading import shipped_protocol
from mewe_eval.study.data import Study
from mewe_eval.study.reading import read_study
from mewe_eval.testing import Imagined, imagined_csv

INSTRUMENTS = shipped_instruments()
PROTOCOL = shipped_protocol(INSTRUMENTS)
ITEM = "how-things-are.day-to-day"


def read(content: bytes) -> Study:
    """The study of a file."""
    return read_study(PROTOCOL, INSTRUMENTS, content, "2026-11-23")


@pytest.fixture(scope="module")
def study() -> Study:
    """Two countries, with leaders' answers, people who left, and one who answered nothing at all."""
    content = imagined_csv(PROTOCOL, INSTRUMENTS, Imagined(countries={"SE": 3, "NL": 2}, leaves=0.3)).decode()
    head = content.splitlines()[0].split(",")
    silent = dict.fromkeys(head, "") | {"person": "silent", "wave": "T1", "role": "participant", "country": "SE"}
    return read(f"{content}{','.join(silent.values())}\n".encode())


def test_a_study_comes_back_from_its_csv_as_it_was(study: Study) -> None:
    """People, what is known of them, groups, sessions, and every answer of everybody."""
    again = read(as_csv(study))
    of = {person: place for place, person in enumerate(zip(again.persons, again.group_of.tolist(), strict=True))}
    moved = [of[one] for one in zip(study.persons, study.group_of.tolist(), strict=True)]
    assert sorted(moved) == list(range(len(study.persons)))
    for known, column in study.known.items():
        assert [again.known[known][place] for place in moved] == list(column)
    np.testing.assert_array_equal(again.sessions[moved], study.sessions)
    assert again.groups == study.groups
    for name, outcome in PROTOCOL.outcomes.items():
        for wave in PROTOCOL.waves:
            np.testing.assert_array_equal(again.values(outcome, wave)[moved], study.values(outcome, wave), err_msg=name)
    for key, answered in study.answers.items():
        assert len(again.answers[key].rows) == len(answered.rows), key
    assert as_csv(read(as_csv(again))) == as_csv(again)


def test_every_column_is_in_the_codebook_with_what_its_values_say(study: Study) -> None:
    """In the order of the file, in the language that was asked for, with the wording's hash; and whose protocol it is."""
    book = list(csv.DictReader(io.StringIO(codebook_csv(study, "sv").decode())))
    head = as_csv(study).decode().splitlines()[0].split(",")
    assert [one["column"] for one in book if one["column"]] == head
    (item,) = (one for one in book if one["column"] == ITEM)
    wording = INSTRUMENTS["how-things-are"].texts["sv"]
    assert item["about"] == wording.items["day-to-day"]
    assert item["values"].split("; ")[0] == f"0={wording.answers['how'][0]}"
    assert item["wording"] == INSTRUMENTS["how-things-are"].wording_hashes()["sv"]
    assert PROTOCOL.sha256 in codebook_csv(study).decode()


def test_short_names_are_good_anywhere_and_each_is_there_once(study: Study) -> None:
    """Letters, digits and _, 28 at most, whatever case a program takes them in."""
    short = [one.short for one in variables(study.instruments.values())]
    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,27}", one) for one in short)
    assert len({one.lower() for one in short}) == len(short)


def test_parquet_has_the_same_rows(study: Study) -> None:
    """Numbers as numbers, nothing as nothing."""
    frame = polars.read_parquet(io.BytesIO(as_parquet(study)))
    there = rows(study)
    assert frame.height == len(there)
    assert frame[ITEM].to_list() == [row.get(ITEM) for row in there]
    assert frame["person"].to_list() == [row["person"] for row in there]
    assert frame[ITEM].dtype.is_integer()


@pytest.mark.parametrize(("ending", "write", "back"), [("sav", write_spss, "read_sav"), ("dta", write_stata, "read_dta")])
def test_spss_and_stata_have_the_same_rows_and_labels(
    study: Study, tmp_path: Path, ending: str, write: object, back: str
) -> None:
    """What a column asks and what a value says, as those programs show it."""
    assert callable(write)
    file = str(tmp_path / f"study.{ending}")
    write(study, file, "sv")
    frame, told = getattr(pyreadstat, back)(file, output_format="dict")
    (one,) = (variable for variable in variables(study.instruments.values(), "sv") if variable.name == ITEM)
    read_back = [None if value is None or np.isnan(value) else int(value) for value in frame[one.short]]
    assert read_back == [row.get(ITEM) for row in rows(study)]
    assert told.column_names_to_labels[one.short] == one.about
    assert {int(value): text for value, text in told.variable_value_labels[one.short].items()} == dict(one.values)


def test_nobody_who_answered_nothing_is_left_out(study: Study) -> None:
    """They belong to those who were asked; without them the share of answers would be too good."""
    assert [row["wave"] for row in rows(study) if row["person"] == "silent"] == ["T0"]
