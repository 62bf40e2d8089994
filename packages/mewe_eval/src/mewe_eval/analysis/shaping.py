"""The tables that analyses are of: scores made of items, and one row a wave from columns side by side."""

from collections.abc import Mapping

import numpy as np

from mewe_eval.analysis.definition import Long, Plan, Rule, Scale
from mewe_eval.analysis.table import NoSuchColumn, Table, read_table
from mewe_eval.statistics.results import Vector


def tables(plan: Plan, content: bytes) -> Mapping[str | None, Table]:
    """The table as it is (None), with a column for each scale, and each long form by its name.

    Raises TableUnreadable, NoSuchColumn.
    """
    data = plan.data
    wide = read_table(content, missing=("", *data.missing), decimal=data.decimal, separator=data.separator, levels=data.levels)
    for name, scale in plan.scales.items():
        if wide.has(name):
            raise NoSuchColumn(name, "a scale is called like a column of the table", "a name of its own")
        wide = wide.with_columns({name: tuple(None if np.isnan(one) else repr(float(one)) for one in score(scale, wide))})
    return {None: wide, **{name: lengthened(long, wide) for name, long in plan.long.items()}}


def answers(scale: Scale, table: Table) -> Vector:
    """The items of a scale as answered: (rows, items), NaN where missing. Raises NoSuchColumn for an answer out of range."""
    columns = list[Vector]()
    for name in scale.items:
        column = table.numbers(name)
        outside = np.flatnonzero((column < scale.lowest) | (column > scale.highest))
        if len(outside):
            line = int(outside[0]) + 2
            raise NoSuchColumn(name, f"an answer in line {line} is out of range", f"{scale.lowest:g} to {scale.highest:g}")
        columns.append(column)
    return np.stack(columns, axis=1)


def items(scale: Scale, table: Table) -> Vector:
    """The items of a scale, recoded: (rows, items), NaN where missing. Raises NoSuchColumn as ``answers`` does."""
    reversed_ones = np.array([name in scale.reverse for name in scale.items], dtype=bool)
    given = answers(scale, table)
    return np.where(reversed_ones, scale.lowest + scale.highest - given, given)


def score(scale: Scale, table: Table) -> Vector:
    """The scale's score of each row: NaN where fewer than ``minimum`` items are there; a sum stands for all items then."""
    recoded = items(scale, table)
    there = np.isfinite(recoded).sum(axis=1)
    enough = there >= (len(scale.items) if scale.minimum is None else scale.minimum)
    mean: Vector = np.divide(np.nansum(recoded, axis=1), there, out=np.full(len(recoded), np.nan), where=enough)
    return mean if scale.rule is Rule.MEAN else mean * len(scale.items)


def lengthened(long: Long, table: Table) -> Table:
    """One row a person and wave; every other column is repeated. Raises NoSuchColumn."""
    for several in long.columns.values():
        table.there(*several)
    moved = {one for several in long.columns.values() for one in several}
    kept = {name: column for name, column in table.columns.items() if name not in moved}
    for new in (long.wave, *long.columns, *(() if long.person else ("person",))):
        if new in kept:
            raise NoSuchColumn(new, "a new column of the long form is called like one of the table", "a name of its own")
    waves, rows = len(long.waves), table.rows
    columns: dict[str, tuple[str | None, ...]] = {name: column * waves for name, column in kept.items()}
    if long.person is None:
        columns["person"] = tuple(str(number) for number in range(1, rows + 1)) * waves
    else:
        table.there(long.person)
    columns[long.wave] = tuple(wave for wave in long.waves for _ in range(rows))
    for name, several in long.columns.items():
        columns[name] = tuple(one for source in several for one in table.columns[source])
    return Table(columns, table.sha256, table.decimal, {**table.levels, **_waves(long)})


def _waves(long: Long) -> Mapping[str, tuple[str, ...]]:
    numeric = all(one.replace(".", "", 1).lstrip("-").isdigit() for one in long.waves)
    return {} if numeric else {long.wave: long.waves}
