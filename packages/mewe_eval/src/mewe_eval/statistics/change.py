"""How far people changed, and how far two groups differ, in units that can be compared."""

import math
from collections.abc import Mapping
from enum import Enum

import numpy as np
from attrs import frozen
from scipy import optimize, special, stats

from mewe_eval.statistics.results import Estimate, Interval, NotEstimable, Vector

RELIABLE = 1.959963984540054
"""Standard errors of a difference beyond which a change is reliable (5 %, two-sided)."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)
_FARTHEST = 1e-16


class Changed(Enum):
    """What became of one person. RECOVERED: improved, and from the wrong to the right side of the cut-off."""

    RECOVERED = "recovered"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    DETERIORATED = "deteriorated"


@frozen
class ReliableChange:
    """``of``: what became of each complete pair; ``error``: standard error of a difference (units of the scale)."""

    of: tuple[Changed, ...]
    error: float

    @property
    def counts(self) -> Mapping[Changed, int]:
        """How many of each."""
        return {one: self.of.count(one) for one in Changed}


@frozen
class Difference:
    """Two groups, the first minus the second. ``d`` is Cohen's, in pooled standard deviations; ``g`` without its small bias."""

    d: float
    d_interval: Interval
    g: float
    g_interval: Interval
    n: tuple[int, int]
    means: tuple[float, float]


def correction(df: float) -> float:
    """The factor that takes the bias out of a standardised difference with so many degrees of freedom.

    Source: Hedges (1981).
    """
    return math.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / math.sqrt(df / 2)


def difference(first: Vector, second: Vector, level: float = 0.95) -> Difference:
    """Standardised difference of two groups, NaN left out; the interval of d by the noncentral t distribution.

    Raises NotEstimable TOO_FEW_PEOPLE (fewer than 2 in a group), NO_VARIANCE. Sources: Hedges (1981), Journal of Educational
    Statistics 6; Steiger and Fouladi (1997) for the interval.
    """
    a, b = _there(first), _there(second)
    if min(len(a), len(b)) < 2:
        raise NotEstimable("TOO_FEW_PEOPLE", "A group has fewer than 2 people.")
    df = len(a) + len(b) - 2
    pooled = math.sqrt(float(((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / df))
    if pooled == 0:
        raise NotEstimable("NO_VARIANCE", "Within the groups everybody has the same value.")
    d, size = float(a.mean() - b.mean()) / pooled, math.sqrt(len(a) * len(b) / (len(a) + len(b)))
    interval = _noncentral(d * size, df, size, level)
    j = correction(df)
    means = (float(a.mean()), float(b.mean()))
    return Difference(d, interval, j * d, Interval(j * interval.low, j * interval.high, level), (len(a), len(b)), means)


def standardised_mean_change(before: Vector, after: Vector) -> Estimate:
    """After minus before of the same people in standard deviations of before (SMCR), corrected for its small bias.

    Pairs that lack a value are left out. Raises NotEstimable TOO_FEW_PEOPLE (fewer than 3 pairs), NO_VARIANCE. Source: Becker
    (1988), British Journal of Mathematical and Statistical Psychology 41; variance as metafor's SMCR.
    """
    pre, post = _pairs(before, after)
    n = len(pre)
    if n < 3:
        raise NotEstimable("TOO_FEW_PEOPLE", f"{n} complete pairs; at least 3 are needed.")
    deviation = float(pre.std(ddof=1))
    if deviation == 0 or post.std() == 0:
        raise NotEstimable("NO_VARIANCE", "Everybody has the same value, before or after.")
    r = float(np.corrcoef(pre, post)[0, 1])
    change = correction(n - 1) * float((post - pre).mean()) / deviation
    return Estimate(change, math.sqrt(2 * (1 - r) / n + change**2 / (2 * n)))


def mean_change(before: Vector, after: Vector) -> Estimate:
    """After minus before of the same people, in units of the scale, with t. Raises NotEstimable TOO_FEW_PEOPLE, NO_VARIANCE."""
    pre, post = _pairs(before, after)
    n = len(pre)
    if n < 2:
        raise NotEstimable("TOO_FEW_PEOPLE", f"{n} complete pairs; at least 2 are needed.")
    changes = post - pre
    if changes.std() == 0:
        raise NotEstimable("NO_VARIANCE", "Everybody changed by the same amount.")
    return Estimate(float(changes.mean()), float(changes.std(ddof=1)) / math.sqrt(n), n - 1)


def reliable_change(
    before: Vector,
    after: Vector,
    *,
    reliability: float,
    higher_is_better: bool,
    deviation: float | None = None,
    cut: float | None = None,
) -> ReliableChange:
    """Who changed by more than the error of measurement. Pairs that lack a value are left out.

    ``reliability`` of the scale, above 0 and below 1. ``deviation``: standard deviation before (of a norm, or of all arms);
    None: of the given pairs. ``cut``: the limit between those who do well and who do not; a value on it does not do well.
    Raises NotEstimable TOO_FEW_PEOPLE, NO_VARIANCE; ValueError for a reliability out of range. Source: Jacobson and Truax
    (1991), Journal of Consulting and Clinical Psychology 59.
    """
    if not 0 < reliability < 1:
        raise ValueError("a reliability is above 0 and below 1")
    pre, post = _pairs(before, after)
    if deviation is None:
        if len(pre) < 2:
            raise NotEstimable("TOO_FEW_PEOPLE", f"{len(pre)} complete pairs; at least 2 are needed.")
        deviation = float(pre.std(ddof=1))
    if not deviation > 0:
        raise NotEstimable("NO_VARIANCE", "Everybody has the same value before.")
    error = deviation * math.sqrt(2 * (1 - reliability))
    sign = 1.0 if higher_is_better else -1.0
    better = sign * (post - pre) / error
    well = np.zeros(len(pre), dtype=bool)
    if cut is not None:
        well = (sign * (pre - cut) <= 0) & (sign * (post - cut) > 0)
    of = [
        (Changed.RECOVERED if there else Changed.IMPROVED)
        if one > RELIABLE
        else Changed.DETERIORATED
        if one < -RELIABLE
        else Changed.UNCHANGED
        for one, there in zip(better, well, strict=True)
    ]
    return ReliableChange(tuple(of), error)


def _noncentral(t: float, df: int, size: float, level: float) -> Interval:
    """Every noncentrality under which t is not in either tail, over ``size``.

    The distribution of t is that of a normal number over an independent chi, and is integrated over the chi: scipy's own
    noncentral t is not a number here and there in its tails.
    """
    tail = (1 - level) / 2
    ends = stats.chi.ppf(_FARTHEST, df), stats.chi.isf(_FARTHEST, df)
    chi = (ends[1] - ends[0]) / 2 * _NODES + (ends[0] + ends[1]) / 2
    weights = (ends[1] - ends[0]) / 2 * _WEIGHTS * stats.chi.pdf(chi, df)
    spread = chi / math.sqrt(df)

    def where(share: float) -> float:
        def excess(noncentrality: float) -> float:
            return float(weights @ special.ndtr(t * spread - noncentrality)) - share

        width = 10.0 + abs(t)
        return float(optimize.brentq(excess, t - width, t + width, xtol=1e-13)) / size

    return Interval(where(1 - tail), where(tail), level)


def _there(values: Vector) -> Vector:
    numbers: Vector = np.asarray(values, dtype=float)
    there: Vector = numbers[np.isfinite(numbers)]
    return there


def _pairs(before: Vector, after: Vector) -> tuple[Vector, Vector]:
    pre, post = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if pre.shape != post.shape or pre.ndim != 1:
        raise ValueError("before and after are one value a person")
    both = np.isfinite(pre) & np.isfinite(post)
    return pre[both], post[both]
