"""What in a table of answers cannot be right, or is to be looked at: which rows, and never why somebody answered so.

Sources of the terms: Meade and Craig (2012), Psychological Methods 17; Huang and others (2012), Journal of Business and
Psychology 27.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from scipy import stats

from mewe_eval.statistics.results import Interval, NotEstimable, Vector

READING = 2.0
"""Seconds an item below which hardly anybody can have read it. Source: Huang and others (2012), for adults."""

FEWEST_IN_LINE = 3
"""Of how many items the same answer everywhere says anything."""

_FEWEST_PAIRS = 4


@frozen
class Correlation:
    """Pearson's correlation of n pairs, -1 to 1, with Fisher's interval."""

    n: int
    value: float
    interval: Interval


def repeated(keys: Sequence[Hashable | None]) -> tuple[tuple[int, ...], ...]:
    """The places of each key that is there more than once, in the order of the first; None is no key."""
    places = dict[Hashable, list[int]]()
    for place, key in enumerate(keys):
        if key is not None:
            places.setdefault(key, []).append(place)
    return tuple(tuple(several) for several in places.values() if len(several) > 1)


def straight_lines(answers: Vector) -> NDArray[np.bool_]:
    """Who gave one and the same answer to all items, of at least three. ``answers``: (rows, items) as given, NaN: none."""
    if answers.shape[1] < FEWEST_IN_LINE:
        return np.zeros(len(answers), dtype=bool)
    return np.asarray(np.isfinite(answers).all(axis=1) & (answers == answers[:, :1]).all(axis=1))


def too_fast(seconds: Vector, answered: NDArray[np.int64], fastest: float = READING) -> NDArray[np.bool_]:
    """Who cannot have read what they answered: fewer than ``fastest`` seconds an item; a row without a time is none of them.

    ``seconds``: (rows,) for all items together; ``answered``: (rows,) how many of them were answered.
    """
    return np.asarray((answered > 0) & (seconds < fastest * answered))


def wrong_totals(stored: Vector, reckoned: Vector, tolerance: float = 1e-6) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which totals that came with the answers (rows,) differ from those reckoned, and which there should be none of (NaN)."""
    there = np.isfinite(stored)
    differ = there & np.isfinite(reckoned) & ~np.isclose(stored, reckoned, rtol=0.0, atol=tolerance)
    return np.asarray(differ), np.asarray(there & ~np.isfinite(reckoned))


def correlation(first: Vector, second: Vector, level: float = 0.95) -> Correlation:
    """How a measure and the same again go together, of whoever has both.

    Raises NotEstimable TOO_FEW_PEOPLE (fewer than 4 pairs), NO_VARIANCE (all alike in one of them).
    """
    both = np.isfinite(first) & np.isfinite(second)
    n = int(both.sum())
    if n < _FEWEST_PAIRS:
        raise NotEstimable("TOO_FEW_PEOPLE", f"{n} pairs; a correlation needs at least {_FEWEST_PAIRS}.")
    one, other = first[both], second[both]
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        raise NotEstimable("NO_VARIANCE", "All values are the same in one of the two.")
    value = float(np.clip(np.corrcoef(one, other)[0, 1], -1.0, 1.0))
    if abs(value) > 1 - 1e-12:
        return Correlation(n, value, Interval(value, value, level))
    width = float(stats.norm.isf((1 - level) / 2)) / np.sqrt(n - 3)
    middle = np.arctanh(value)
    return Correlation(n, value, Interval(float(np.tanh(middle - width)), float(np.tanh(middle + width)), level))
