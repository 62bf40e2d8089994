"""What a plan asks of people: how many, how much, how far they changed, how far groups differ, how well a scale measures."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mewe_eval.analysis import definition as asked
from mewe_eval.analysis.found import Figure, Found
from mewe_eval.analysis.shaping import items
from mewe_eval.analysis.table import NoSuchColumn, Table
from mewe_eval.statistics import change as changing
from mewe_eval.statistics.reliability import reliability
from mewe_eval.statistics.results import Estimate, NotEstimable, Vector


def describe(wanted: asked.Describe, table: Table) -> Found:
    """Numbers of people, means and standard deviations."""
    figures, notes, n = list[Figure](), list[str](), 0
    for column in wanted.columns:
        values = table.numbers(column)
        n = max(n, int(np.isfinite(values).sum()))
        for group, rows in _groups(table, wanted.by):
            there = values[rows & np.isfinite(values)]
            named = _under(column, group)
            figures.append(Figure(f"{named}: n", len(there)))
            if len(there):
                figures.append(_mean(f"{named}: mean", there, wanted.level))
            if len(there) > 1:
                figures.append(Figure(f"{named}: standard deviation", float(there.std(ddof=1))))
            else:
                notes.append(f"{named}: fewer than two values, so nothing is said of how they spread.")
    return Found(
        "describe", "", "Numbers of people, means with t intervals, standard deviations", tuple(figures), n, notes=tuple(notes)
    )


def scale_reliability(wanted: asked.Reliability, table: Table, scale: asked.Scale) -> Found:
    """Alpha, omega and error of measurement of complete answers."""
    answers = items(scale, table)
    found = reliability(answers, wanted.level)
    figures = (
        Figure.within("alpha", found.alpha, found.alpha_interval),
        Figure("alpha (standardised)", found.standardised),
        Figure("omega (total)", found.omega),
        Figure("lambda 6", found.lambda6),
        Figure("mean correlation of items", found.mean_correlation),
        Figure("mean of the sum", found.sum_mean),
        Figure("standard deviation of the sum", found.sum_deviation),
        Figure("standard error of measurement", found.error),
        *(Figure(f"item-rest correlation {name}", float(one)) for name, one in zip(scale.items, found.rest, strict=True)),
    )
    negative = [name for name, one in zip(scale.items, found.rest, strict=True) if one < 0]
    notes = tuple(
        f"{name} goes against the other items: is it to be reversed, or was it reversed already?" for name in negative
    )
    left_out = {"an item is missing": table.rows - found.n}
    method = f"Reliability of the sum of {len(scale.items)} items, complete answers; alpha with Feldt's interval"
    return Found("reliability", "", method, figures, found.n, left_out=left_out, notes=notes, instrument=scale.instrument)


def change(wanted: asked.Change, table: Table) -> Found:
    """Standardised mean change, and the change in units of the scale."""
    figures, notes, n, left_out = list[Figure](), list[str](), 0, 0
    for group, rows in _groups(table, wanted.by):
        before, after = table.numbers(wanted.before)[rows], table.numbers(wanted.after)[rows]
        pairs = int((np.isfinite(before) & np.isfinite(after)).sum())
        n, left_out = n + pairs, left_out + len(before) - pairs
        figures.append(Figure(_under("pairs", group), pairs))
        try:
            mean, standardised = changing.mean_change(before, after), changing.standardised_mean_change(before, after)
        except NotEstimable as refused:
            notes.append(_under(refused.detail, group))
            continue
        figures.append(Figure.of(_under("mean change", group), mean, wanted.level))
        figures.append(Figure.of(_under("standardised mean change", group), standardised, wanted.level))
    if all(one.error is None for one in figures):
        raise NotEstimable("TOO_FEW_PEOPLE", "; ".join(notes) or "Nobody is in any of these groups.")
    method = "After minus before of the same people; standardised by the standard deviation before (SMCR)"
    return Found("change", "", method, tuple(figures), n, None, {"before or after is missing": left_out}, tuple(notes))


def difference(wanted: asked.Difference, table: Table) -> Found:
    """Cohen's d and Hedges' g, the first group minus the second."""
    groups = dict(_groups(table, wanted.group))
    for one in wanted.groups:
        if one not in groups:
            raise NoSuchColumn(wanted.group, f'no row is of the group "{one}"', ", ".join(str(group) for group in groups))
    values = table.numbers(wanted.outcome)
    first, second = (values[groups[one]] for one in wanted.groups)
    found = changing.difference(first, second, wanted.level)
    figures = (
        *(Figure(f"{one}: n", n) for one, n in zip(wanted.groups, found.n, strict=True)),
        *(Figure(f"{one}: mean", mean) for one, mean in zip(wanted.groups, found.means, strict=True)),
        Figure.within("Cohen's d", found.d, found.d_interval),
        Figure.within("Hedges' g", found.g, found.g_interval),
    )
    left_out = {"the outcome is missing": len(first) + len(second) - sum(found.n)}
    method = f"{wanted.groups[0]} minus {wanted.groups[1]} in pooled standard deviations, intervals by noncentral t"
    return Found("difference", "", method, figures, sum(found.n), left_out=left_out)


def reliable_change(wanted: asked.ReliableChange, table: Table) -> Found:
    """Who changed by more than the error of measurement; the deviation before is that of everybody in the table."""
    before, after = table.numbers(wanted.before), table.numbers(wanted.after)
    there = before[np.isfinite(before)]
    if len(there) < 2:
        raise NotEstimable("TOO_FEW_PEOPLE", f"{len(there)} values before; at least 2 are needed.")
    deviation, figures, n = float(there.std(ddof=1)), list[Figure](), 0
    error = float("nan")
    for group, rows in _groups(table, wanted.by):
        found = changing.reliable_change(
            before[rows],
            after[rows],
            reliability=wanted.reliability,
            higher_is_better=wanted.better is asked.Better.HIGHER,
            deviation=deviation,
            cut=wanted.cut,
        )
        n, error = n + len(found.of), found.error
        for one, count in found.counts.items():
            if one is not changing.Changed.RECOVERED or wanted.cut is not None:
                figures.append(Figure(_under(one.value, group), count))
    figures += [
        Figure("standard deviation before", deviation),
        Figure("standard error of a difference", error),
        Figure("least reliable change", changing.RELIABLE * error),
    ]
    method = f"Reliable change (Jacobson and Truax), reliability {wanted.reliability:g}, {wanted.better.value} is better"
    if wanted.cut is not None:
        method += f"; recovered: improved and past the cut-off {wanted.cut:g}"
    return Found("reliable_change", "", method, tuple(figures), n, left_out={"before or after is missing": table.rows - n})


def _groups(table: Table, by: str | None) -> Iterator[tuple[str | None, NDArray[np.bool_]]]:
    if by is None:
        yield None, np.ones(table.rows, dtype=bool)
        return
    words = table.words(by)
    for place, level in enumerate(words.levels):
        if (rows := words.codes == place).any():
            yield level, np.asarray(rows)


def _under(name: str, group: str | None) -> str:
    return name if group is None else f"{group}: {name}"


def _mean(name: str, values: Vector, level: float) -> Figure:
    mean = float(values.mean())
    if len(values) < 2 or values.std() == 0:
        return Figure(name, mean)
    estimate = Estimate(mean, float(values.std(ddof=1) / np.sqrt(len(values))), len(values) - 1)
    interval = estimate.interval(level)
    return Figure(name, mean, estimate.error, low=interval.low, high=interval.high)
