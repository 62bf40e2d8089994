"""Scores of many people at once. What ``score`` says of each of them, as columns.

The answers are taken block by block, so that each block stays in the processor's cache through all that is done with it: the
answers come from memory once, and scores go back once. Recoding costs nothing: a reverse item has the weight -1 and a constant.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from mewe_eval.instruments.model import (
    AlertWhen,
    CutOff,
    Instrument,
    Method,
    Missing,
    Operator,
    Rounding,
    Scale,
    Unit,
    exact,
)
from mewe_eval.instruments.reading import ConversionTable
from mewe_eval.instruments.scoring import NoScore, bands_of, points_of

Numbers = NDArray[np.float64]
Truths = NDArray[np.bool_]

REASONS = (None, *NoScore)
"""What the codes of ``ScoredColumn.reasons`` stand for: 0 for a score, then the reasons in their order."""

_BLOCK = 1 << 15
"""Answers in a block: with what is computed of them, about half a megabyte."""

_COMPARED: dict[Operator, Callable[..., Any]] = {
    Operator.BELOW: np.less,
    Operator.AT_MOST: np.less_equal,
    Operator.AT_LEAST: np.greater_equal,
    Operator.ABOVE: np.greater,
}


@frozen(eq=False)
class ScoredColumn:
    """One scale of everybody, in the order of the people; NaN where there is no score. ``raw``, ``score`` and ``converted``
    are the floats nearest to what ``score`` gives; ``converted`` is None if the scale has no table of its owner's.

    ``out_of_range``: people with an answer that is not allowed, at any item.
    """

    instrument: Instrument
    scale: Scale
    raw: Numbers
    score: Numbers
    converted: Numbers | None
    answered: NDArray[np.int16]
    out_of_range: Truths
    has_table: bool

    @cached_property
    def _unscored(self) -> Truths:
        return np.isnan(self.score if self.converted is None else self.converted)

    @property
    def reasons(self) -> NDArray[np.int8]:
        """Why somebody has no score, as places in ``REASONS``."""
        codes = np.zeros(len(self.score), np.int8)
        if self.scale.conversion is not None:
            codes[self._unscored] = REASONS.index(NoScore.NOT_IN_TABLE if self.has_table else NoScore.NO_TABLE)
        least = self.scale.least or len(self.instrument.members(self.scale))
        codes[self.answered < least] = REASONS.index(NoScore.UNFINISHED)
        codes[self.out_of_range] = REASONS.index(NoScore.OUT_OF_RANGE)
        return codes

    @property
    def prorated(self) -> Truths:
        """Whose sum was scaled up."""
        if self.scale.missing is not Missing.PRORATE:
            return np.zeros(len(self.score), np.bool_)
        return ~self._unscored & (self.answered < len(self.instrument.members(self.scale)))

    def reached(self, cut: CutOff) -> Truths:
        """Who is on the far side of the cut-off; nobody without a score. Screening, never a diagnosis."""
        beyond: Truths = _COMPARED[cut.operator](self.raw if cut.unit is Unit.RAW else self.score, cut.value)
        return beyond & ~self._unscored

    def bands(self) -> NDArray[np.int16]:
        """The band of each person, as its place among those of the scale, lowest first; -1: none, or no score."""
        starts = np.array([band.at_least for band in bands_of(self.instrument, self.scale.id)])
        places = np.searchsorted(starts, self.score, side="right").astype(np.int16) - np.int16(1)
        places[self._unscored] = -1
        return places


@frozen(eq=False)
class ScoredTable:
    """The scores of many people. ``columns``: by the id of the scale, "total" among them if the instrument has one."""

    instrument: str
    version: int
    columns: dict[str, ScoredColumn]


def score_many(instrument: Instrument, values: NDArray[Any], tables: Sequence[ConversionTable] = ()) -> ScoredTable:
    """The scores of many people. ``values``: a row a person, a column an item in the instrument's order; NaN: not answered.

    Any kind of number will do; float64 in rows (C order) is taken as it is. Raises ValueError if the shape or kind is another.
    """
    table = np.asarray(values)
    if table.ndim != 2 or table.shape[1] != len(instrument.items) or table.dtype.kind not in "iuf":
        raise ValueError(f"numbers are needed, a row a person and {len(instrument.items)} columns, one an item")
    plan = _Plan(instrument)
    people = len(table)
    sums = np.empty((len(plan.scales), people))
    answered = np.empty((len(plan.scales), people), np.int16)
    wrong = np.zeros(people, np.bool_)
    rows = max(1, _BLOCK // len(instrument.items))
    with np.errstate(invalid="ignore", over="ignore"):
        for start in range(0, people, rows):
            block = slice(start, min(start + rows, people))
            plan.add_up(table[block], sums[:, block], answered[:, block], wrong[block])
        columns = {
            scale.id: _column(instrument, scale, sums[place], answered[place], wrong, tables)
            for place, scale in enumerate(plan.scales)
        }
    return ScoredTable(instrument.id, instrument.version, columns)


def alerts_many(instrument: Instrument, values: NDArray[Any]) -> Truths:
    """Whose answers raise which alert: a row a person, a column a rule of the instrument. ``values`` as for ``score_many``."""
    raised = np.zeros((len(values), len(instrument.alerts)), np.bool_)
    ids = instrument.item_ids()
    for place, rule in enumerate(instrument.alerts):
        answers = values[:, ids.index(rule.item)]
        beyond = answers != rule.value if rule.when is AlertWhen.ANY_BUT else answers >= rule.value
        raised[:, place] = beyond & ~np.isnan(answers)
    return raised


class _Allowed(NamedTuple):
    """Items with the same answers: which columns, and the answers; ``step`` is 0 if they do not lie evenly."""

    columns: Any
    values: NDArray[np.float64]
    low: float
    high: float
    step: float


class _Plan:
    """What is the same for every block: weights and constants of each scale, and room for what a block needs."""

    def __init__(self, instrument: Instrument) -> None:
        ids = instrument.item_ids()
        turned = instrument.recoded_here()
        self.scales = instrument.scales()
        shape = (len(ids), len(self.scales))
        self._weights, self._constants, self._members = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for place, scale in enumerate(self.scales):
            for item_id in instrument.members(scale):
                row = ids.index(item_id)
                allowed = instrument.allowed(instrument.items[row])
                self._weights[row, place] = -1.0 if item_id in turned else 1.0
                self._constants[row, place] = allowed[0] + allowed[-1] if item_id in turned else 0.0
                self._members[row, place] = 1.0
        self._allowed = _grouped(instrument)
        self._ones = np.ones(len(ids), np.float32)
        self._all_or_nothing = bool(self._members.all()) and all(one.least in (None, len(ids)) for one in self.scales)
        """Whether every scale needs every item: then a missing answer (NaN) makes each sum NaN by itself."""

    def add_up(self, block: NDArray[Any], sums: Numbers, answered: NDArray[np.int16], wrong: Truths) -> None:
        """Fill in, for each scale: the recoded sum of what is answered, and how much that is; and who answers out of range."""
        given = np.ascontiguousarray(block, np.float64)
        absent = np.isnan(given)
        misses = np.count_nonzero(absent)
        unfit = self._unfit(given)
        if np.count_nonzero(unfit) != misses:
            wrong[:] = (unfit & ~absent).any(axis=1)
            given = np.where(unfit, np.nan, given)
        members, constants = self._members.sum(axis=0)[:, None], self._constants.sum(axis=0)[:, None]
        if not misses or self._all_or_nothing:
            np.matmul(self._weights.T, given.T, out=sums)
            sums += constants
            answered[:] = members - absent.astype(np.float32) @ self._ones if misses else members
            return
        gone = absent.astype(np.float64).T
        sums[:] = self._weights.T @ np.where(absent, 0.0, given).T
        sums += constants - self._constants.T @ gone
        answered[:] = members - self._members.T @ gone

    def _unfit(self, given: Numbers) -> Truths:
        """Which answers are none of those allowed; those that are not there are among them."""
        unfit = np.empty(given.shape, np.bool_)
        for one in self._allowed:
            part = given[:, one.columns]
            if one.step:
                near = np.clip(part, one.low, one.high)
                if one.step != 1:
                    near = np.rint((near - one.low) / one.step) * one.step + one.low
                else:
                    np.rint(near, out=near)
                unfit[:, one.columns] = near != part
            else:
                unfit[:, one.columns] = ~np.isin(part, one.values)
        return unfit


def _grouped(instrument: Instrument) -> "list[_Allowed]":
    groups: dict[tuple[int, ...], list[int]] = {}
    for place, item in enumerate(instrument.items):
        groups.setdefault(instrument.allowed(item), []).append(place)
    found = []
    for values, places in groups.items():
        steps = {after - before for before, after in pairwise(values)}
        step = float(steps.pop()) if len(steps) == 1 else 0.0
        columns: Any = slice(None) if len(groups) == 1 else places
        found.append(_Allowed(columns, np.array(values, np.float64), float(values[0]), float(values[-1]), step))
    return found


def _column(
    instrument: Instrument,
    scale: Scale,
    sums: Numbers,
    answered: NDArray[np.int16],
    wrong: Truths,
    tables: Sequence[ConversionTable],
) -> ScoredColumn:
    members = len(instrument.members(scale))
    unscored = answered < (scale.least or members)
    unscored |= wrong
    if unscored.any():
        sums[unscored] = np.nan
    factor = exact(scale.factor)
    times, by = sums, np.ones(1)
    if scale.method is Method.MEAN:
        by = np.maximum(answered, 1).astype(np.float64) if scale.least not in (None, members) else np.full(1, float(members))
    elif scale.missing is Missing.PRORATE:
        times, by = sums * members, np.maximum(answered, 1).astype(np.float64)
    raw = times if len(by) == 1 and by[0] == 1 else times / by
    if factor == 1 and scale.rounding is Rounding.NONE:
        value = raw
    else:
        value = _rounded(times * factor.numerator, by * factor.denominator, scale)
    points = points_of(instrument, scale, tables) if scale.conversion is not None else None
    converted = None
    if scale.conversion is not None:
        converted = np.full(len(sums), np.nan)
        for at, result in (points or {}).items():
            converted[value == float(at)] = float(result)
        raw, value = (np.where(np.isnan(converted), np.nan, one) for one in (raw, value))
    return ScoredColumn(instrument, scale, raw, value, converted, answered, wrong, points is not None)


def _rounded(times: Numbers, by: Numbers, scale: Scale) -> Numbers:
    """The quotient of whole numbers, rounded as the scale says; exact as long as they are below 2**53 when scaled up."""
    if scale.rounding is Rounding.NONE:
        return times / by
    power = 10.0**scale.decimals
    twice = 2 * times * power
    up = np.floor((twice + by) / (2 * by))
    up -= up * 2 * by > twice + by  # a quotient just below a whole number may have come out as that number
    if scale.rounding is Rounding.HALF_EVEN:
        up -= (up * 2 * by == twice + by) & (up % 2 == 1)
    rounded: Numbers = up / power
    return rounded
