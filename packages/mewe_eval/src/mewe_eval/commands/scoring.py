"""``mewe eval score``: a questionnaire and a table of answers in, exact scores out."""

import csv
import io
import json
from collections.abc import Mapping

import numpy as np
from attrs import field, frozen
from mewe_core.kit.commands import Answer, Argument, Asked, Command, CommandFault, Given
from mewe_core.kit.tables import closest

from mewe_eval.analysis.table import NoSuchColumn, Table, TableUnreadable, read_table
from mewe_eval.commands.checking import text_of
from mewe_eval.documents import DocumentFaults
from mewe_eval.instruments import Instrument, read_instrument, refusals, shipped_instruments
from mewe_eval.instruments.scored_tables import REASONS, ScoredColumn, alerts_many, score_many
from mewe_eval.statistics.results import Vector

_MOST_FAULTS = 40


@frozen(eq=False)
class ScoredFile:
    """A table with its scores. ``alerts``: how many rows raise each; ``notes``: what to know, such as totals that differ."""

    instrument: Instrument
    table: Table
    columns: Mapping[str, ScoredColumn]
    alerts: Mapping[str, int]
    notes: tuple[str, ...] = field(default=())


def scored(asked: Asked) -> Answer:
    """The scores of a table. Raises CommandFault with everything that is wrong in the questionnaire or the table."""
    instrument, data = instrument_of(asked.one("INSTRUMENT")), asked.one("DATA")
    try:
        table = read_table(data.content or b"")
        values, faults = answers(instrument, table)
    except (TableUnreadable, NoSuchColumn) as fault:
        raise CommandFault(f"{data.word}, {fault}") from None
    if faults:
        more = len(faults) - _MOST_FAULTS
        told = [f"{data.word}, {one}" for one in faults[:_MOST_FAULTS]]
        raise CommandFault(*told, *([f"and {more} more"] if more > 0 else []))
    raised = alerts_many(instrument, values).sum(axis=0).tolist()
    alerts = {rule.item: int(count) for rule, count in zip(instrument.alerts, raised, strict=True)}
    columns = score_many(instrument, values).columns
    return Answer(_SHOWN[asked.form](ScoredFile(instrument, table, columns, alerts, tuple(_notes(instrument, table, columns)))))


def answers(instrument: Instrument, table: Table) -> tuple[Vector, list[str]]:
    """All answers, (rows, items), NaN where there is none; and each that is not allowed, with its line.

    A column is called like its item, or ``instrument.item``. Raises NoSuchColumn for an item that has none, unless no score and
    no alert is of it.
    """
    counted = {one for scale in instrument.scales() for one in instrument.members(scale)} | {
        one.item for one in instrument.alerts
    }
    values, faults = np.full((table.rows, len(instrument.items)), np.nan), list[str]()
    for place, item in enumerate(instrument.items):
        name = next((one for one in (item.id, f"{instrument.id}.{item.id}") if table.has(one)), None)
        if name is None and instrument.scales() and item.id not in counted:
            continue
        if name is None:
            raise NoSuchColumn(
                item.id, f'there is no column for this item of "{instrument.id}"', closest(item.id, table.columns)
            )
        values[:, place] = table.numbers(name)
        allowed = instrument.allowed(item)
        wrong = np.flatnonzero(~np.isnan(values[:, place]) & ~np.isin(values[:, place], allowed)).tolist()
        listed = ", ".join(map(str, allowed))
        faults += [f'line {row + 2}: column "{name}": that is no answer to it; allowed: {listed}' for row in wrong]
    return values, faults


def as_text(of: ScoredFile) -> str:
    """What is found in all rows together; no row by itself."""
    one = of.instrument
    lines = [f"{next(iter(one.title.values()))} ({one.id}, version {one.version})", f"{of.table.rows} rows", ""]
    if not of.columns:
        lines.append("Its items are read one by one: there is no score.")
    for name, column in of.columns.items():
        shown = _shown(column)
        there = shown[~np.isnan(shown)]
        lines.append(f"{name}: {len(there)} scored, {of.table.rows - len(there)} not")
        if len(there):
            lines.append(f"  mean {there.mean():.4g}, from {there.min():g} to {there.max():g}")
        lines += [f"  not scored: {count} {why}" for why, count in _reasons(column).items()]
        for cut in (cut for cut in one.cut_offs if cut.scale == name):
            lines.append(f"  {int(column.reached(cut).sum())} reach the cut-off {cut.id}: {cut.label}")
    lines += [f"alert of item {item}: {count} rows" for item, count in of.alerts.items()]
    return "\n".join([*lines, *(f"! {note}" for note in of.notes)]) + "\n"


def as_csv(of: ScoredFile) -> str:
    """The table with two columns more for each scale: the score, and why there is none."""
    extra = [f"{of.instrument.id}.{name}{ending}" for name in of.columns for ending in ("", ".why")]
    shown = io.StringIO(newline="")
    writer = csv.writer(shown, lineterminator="\n")
    writer.writerow([*of.table.columns, *extra])
    more = [part for column in of.columns.values() for part in (_texts(column), _whys(column))]
    writer.writerows(
        zip(*(["" if one is None else one for one in column] for column in of.table.columns.values()), *more, strict=True)
    )
    return shown.getvalue()


def as_json(of: ScoredFile) -> str:
    """The summary, and the scores of each row in its order; ``null`` where there is none."""
    one = of.instrument
    scales = {
        name: {
            "scores": [None if text == "" else float(text) for text in _texts(column)],
            "not_scored": dict(_reasons(column)),
        }
        for name, column in of.columns.items()
    }
    told = {"instrument": one.id, "version": one.version, "rows": of.table.rows, "scales": scales, "alerts": dict(of.alerts)}
    return json.dumps({**told, "notes": list(of.notes)}, ensure_ascii=False) + "\n"


def instrument_of(given: Given) -> Instrument:
    """The questionnaire of a file, or of the catalogue. Raises CommandFault."""
    if given.content is not None:
        try:
            return read_instrument(text_of(given), given.word)
        except DocumentFaults as fault:
            raise CommandFault(*map(str, fault.faults)) from None
    there = shipped_instruments()
    if given.word in there:
        return there[given.word]
    for refused in refusals():
        if refused.is_named(given.word, ()):
            raise CommandFault(f"{given.word}: it must not be used here: {refused.reason}")
    raise CommandFault(
        f"{given.word}: there is no such file or questionnaire; allowed: a TOML file, {closest(given.word, there)}"
    )


def _notes(instrument: Instrument, table: Table, columns: Mapping[str, ScoredColumn]) -> list[str]:
    notes = list[str]()
    for name, column in columns.items():
        if column.scale.conversion is not None and not column.has_table:
            notes.append(f"{name}: it means something only by the table of its owner, which is not here")
        stored = next((one for one in (f"{instrument.id}.{name}", name) if table.has(one)), None)
        if stored is not None and stored not in instrument.item_ids():
            said, ours = table.numbers(stored), _shown(column)
            both = ~np.isnan(said) & ~np.isnan(ours)
            differ, alone = int((both & (np.abs(said - ours) > 1e-9)).sum()), int((~np.isnan(said) & np.isnan(ours)).sum())
            notes.append(
                f'column "{stored}": {differ} of {int(both.sum())} stored values are not what the answers give'
                + (f"; {alone} stand where the answers give no score" if alone else "")
            )
    return notes


def _shown(column: ScoredColumn) -> Vector:
    return column.score if column.converted is None else column.converted


def _texts(column: ScoredColumn) -> list[str]:
    return ["" if np.isnan(one) else f"{one:.12g}" for one in _shown(column).tolist()]


def _whys(column: ScoredColumn) -> list[str]:
    names = ["" if one is None else one.value for one in REASONS]
    return [names[code] for code in column.reasons.tolist()]


def _reasons(column: ScoredColumn) -> Mapping[str, int]:
    codes = np.bincount(column.reasons, minlength=len(REASONS)).tolist()
    return {why.value: count for why, count in zip(REASONS, codes, strict=True) if why is not None and count}


_SHOWN = {"text": as_text, "csv": as_csv, "json": as_json}

SCORE = Command(
    "score",
    "Score a table of answers: every scale of a questionnaire, or why there is no score.",
    scored,
    (
        Argument(
            "INSTRUMENT", "A questionnaire of the catalogue, or one of your own in TOML (docs/instruments.md).", named=True
        ),
        Argument("DATA", "The table, as CSV: a column for each item."),
    ),
    tuple(_SHOWN),
)
