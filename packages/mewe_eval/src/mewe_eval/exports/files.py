"""The rows of a study as files. What is written as CSV is what ``read_study`` reads."""

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mewe_eval.exports.codebook import Variable, variables
from mewe_eval.instruments.model import Respondent
from mewe_eval.study.data import Study
from mewe_eval.study.known import Known

if TYPE_CHECKING:
    import polars

Cell = str | int | None


class ExtraMissing(Exception):
    """A file of this kind wants the extra ``tables``, which is not installed."""

    def __init__(self) -> None:
        super().__init__('this file wants polars and pyreadstat: install "mewe-eval[tables]"; CSV wants nothing')


def as_csv(study: Study) -> bytes:
    """A row for each person and wave, as ``docs/protocol.md`` says; answers as numbers, nothing where there is none."""
    names = [one.name for one in variables(study.instruments.values())]
    shown = io.StringIO(newline="")
    writer = csv.writer(shown, lineterminator="\n")
    writer.writerow(names)
    for row in rows(study):
        writer.writerow([row.get(name, "") for name in names])
    return shown.getvalue().encode()


def rows(study: Study) -> list[Mapping[str, Cell]]:
    """Every row: participants by wave, whoever answered nothing at any wave once; then what others answered of their group."""
    found = dict[tuple[str, str, int], dict[str, Cell]]()
    for (wave, instrument_id, role), answered in study.answers.items():
        ids = study.instruments[instrument_id].item_ids()
        seen = dict[int, int]()
        for whose, values in zip(answered.rows.tolist(), answered.values.tolist(), strict=True):
            place = seen[whose] = seen.get(whose, -1) + 1
            key = (wave, role.value, whose if role is Respondent.PARTICIPANT else whose + place * len(study.groups))
            row = found.setdefault(key, _begun(study, wave, role, whose, place))
            row |= {
                f"{instrument_id}.{item}": int(value) for item, value in zip(ids, values, strict=True) if not np.isnan(value)
            }
    there = {whose for (_, role, whose) in found if role == Respondent.PARTICIPANT.value}
    first = next(iter(study.protocol.waves))
    for whose in sorted({*range(len(study.persons))} - there):
        found[(first, Respondent.PARTICIPANT.value, whose)] = _begun(study, first, Respondent.PARTICIPANT, whose, 0)
    order = list(study.protocol.waves)
    roles = [one.value for one in Respondent]
    return [found[key] for key in sorted(found, key=lambda key: (roles.index(key[1]), key[2], order.index(key[0])))]


def as_parquet(study: Study) -> bytes:
    """The same rows as Parquet. Raises ExtraMissing."""
    shown = io.BytesIO()
    _frame(study, {}).write_parquet(shown)
    return shown.getvalue()


def write_spss(study: Study, to: str, language: str = "en") -> None:
    """The same rows as a file of SPSS (.sav), with what each column and value means. Raises ExtraMissing."""
    labels, values, frame = _labelled(study, language)
    try:
        import pyreadstat
    except ImportError:
        raise ExtraMissing from None
    pyreadstat.write_sav(frame, to, column_labels=labels, variable_value_labels=values)


def write_stata(study: Study, to: str, language: str = "en") -> None:
    """The same rows as a file of Stata (.dta), with what each column and value means. Raises ExtraMissing."""
    labels, values, frame = _labelled(study, language)
    short = {name: text if text is None else text[:80] for name, text in labels.items()}
    try:
        import pyreadstat
    except ImportError:
        raise ExtraMissing from None
    pyreadstat.write_dta(frame, to, column_labels=short, variable_value_labels=values)


def _begun(study: Study, wave: str, role: Respondent, whose: int, place: int) -> dict[str, Cell]:
    if role is not Respondent.PARTICIPANT:
        country, organisation, group = study.groups[whose]
        where: dict[str, Cell] = {Known.COUNTRY: country, Known.ORGANISATION: organisation, Known.GROUP: group}
        return {"person": f"{role.value} {place + 1}", "wave": wave, "role": role.value, **where}
    known: dict[str, Cell] = {name.value: column[whose] for name, column in study.known.items()}
    sessions = dict(zip(("sessions_held", "sessions_attended"), study.sessions[whose].tolist(), strict=True))
    counted: dict[str, Cell] = {name: int(value) for name, value in sessions.items() if not np.isnan(value)}
    return {"person": study.persons[whose], "wave": wave, "role": role.value, **known, **counted}


def _labelled(
    study: Study, language: str
) -> "tuple[dict[str, str | None], dict[str, dict[int | float, str]], polars.DataFrame]":
    several = variables(study.instruments.values(), language)
    labels: dict[str, str | None] = {one.short: one.about for one in several}
    values: dict[str, dict[int | float, str]] = {
        one.short: {value: text for value, text in one.values.items() if text} for one in several if any(one.values.values())
    }
    return labels, values, _frame(study, {one.name: one.short for one in several})


def _frame(study: Study, names: Mapping[str, str]) -> "polars.DataFrame":
    try:
        import polars
    except ImportError:
        raise ExtraMissing from None
    there = rows(study)

    def column(one: Variable) -> "polars.Series":
        cells = [row.get(one.name) for row in there]
        if one.kind == "text":
            return polars.Series(names.get(one.name, one.name), cells, dtype=polars.String)
        numbers = [None if cell in (None, "") else int(str(cell)) for cell in cells]
        return polars.Series(names.get(one.name, one.name), numbers, dtype=polars.Int32)

    return polars.DataFrame([column(one) for one in variables(study.instruments.values())])
