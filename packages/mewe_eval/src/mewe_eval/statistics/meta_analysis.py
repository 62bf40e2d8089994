"""Estimates of several studies (sites, countries) put together."""

import math
from collections.abc import Callable
from enum import Enum

import numpy as np
from attrs import frozen
from scipy import optimize, stats

from mewe_eval.statistics.results import Estimate, Interval, NotEstimable, Vector

_TALLEST = 1e12
_AS_FAR, _AS_NEAR = 100.0, float(np.finfo(float).eps ** 0.25)
"""From 0 to where, and how near, metafor looks for tau squared by Paule and Mandel and for its interval."""


class Heterogeneity(Enum):
    """How the variance between studies, tau squared, is estimated.

    FE: taken to be zero. DL: DerSimonian and Laird (1986). HS: Hunter and Schmidt (1990). PM: Paule and Mandel (1982). ML and
    REML: (restricted) maximum likelihood (Viechtbauer 2005, Journal of Educational and Behavioral Statistics 30).
    """

    FE = "FE"
    DL = "DL"
    HS = "HS"
    PM = "PM"
    ML = "ML"
    REML = "REML"


@frozen
class MetaAnalysis:
    """What k studies say together, in the units of their effects.

    ``estimate``: normal, or with Hartung and Knapp's error and t with k - 1 degrees of freedom. ``tau2``: variance between
    studies. ``i2``: percent of the variance that is between studies; ``h2``: total over within. ``q``: Cochran's statistic,
    with ``q_p`` of the hypothesis that all effects are one. ``prediction``: where the effect of a new study is expected; None
    for FE.
    """

    k: int
    estimate: Estimate
    tau2: float
    i2: float
    h2: float
    q: float
    q_p: float
    prediction: Interval | None
    level: float


def log_risk_ratio(counts: Vector) -> tuple[Vector, Vector]:
    """Effects and variances of two-by-two tables: (studies, 4) counts of treated events, others, control events, others.

    Half a person is added to each cell of a table with an empty one. Raises ValueError for counts below 0.
    """
    a, b, c, d = _cells(counts)
    return np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def log_odds_ratio(counts: Vector) -> tuple[Vector, Vector]:
    """The same for odds ratios."""
    a, b, c, d = _cells(counts)
    return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def meta_analysis(
    effects: Vector,
    variances: Vector,
    method: Heterogeneity = Heterogeneity.REML,
    *,
    hartung_knapp: bool = True,
    level: float = 0.95,
) -> MetaAnalysis:
    """Put together effects (k,) with their variances (k,). The prediction interval is by the distribution of the estimate.

    Raises NotEstimable TOO_FEW_STUDIES (k < 2), NOT_FINITE, NO_VARIANCE (a variance that is not above 0). Sources: Hartung and
    Knapp (2001), Statistics in Medicine 20; Higgins, Thompson and Spiegelhalter (2009), JRSS A 172; Viechtbauer (2010),
    metafor.
    """
    y, v = _checked(effects, variances)
    k = len(y)
    tau2 = 0.0 if method is Heterogeneity.FE else _tau2(y, v, method)
    w = 1 / (v + tau2)
    mean = float((w * y).sum() / w.sum())
    q = _generalised_q(y, v, 0.0)
    fixed = 1 / v
    typical = (k - 1) * fixed.sum() / (fixed.sum() ** 2 - (fixed**2).sum())
    if method is Heterogeneity.FE:
        i2, h2 = max(0.0, 100 * (q - k + 1) / q) if q > 0 else 0.0, q / (k - 1)
    else:
        i2, h2 = 100 * tau2 / (tau2 + typical), 1 + tau2 / typical
    if hartung_knapp:
        error = math.sqrt(float((w * (y - mean) ** 2).sum()) / (k - 1) / w.sum())
        estimate = Estimate(mean, error, k - 1)
    else:
        estimate = Estimate(mean, float(1 / math.sqrt(w.sum())))
    if estimate.error == 0:
        raise NotEstimable("NO_VARIANCE", "All effects are the same: Hartung and Knapp's error would be zero.")
    prediction = None
    if method is not Heterogeneity.FE:
        width = float(stats.t.isf((1 - level) / 2, estimate.df)) * math.sqrt(tau2 + estimate.error**2)
        prediction = Interval(mean - width, mean + width, level)
    return MetaAnalysis(k, estimate, tau2, i2, h2, q, float(stats.chi2.sf(q, k - 1)), prediction, level)


def tau2_interval(effects: Vector, variances: Vector, level: float = 0.95) -> Interval:
    """The confidence interval of tau squared by Q profiles; 0 where nothing speaks against it.

    Raises as ``meta_analysis``. Source: Viechtbauer (2007), Statistics in Medicine 26.
    """
    y, v = _checked(effects, variances)
    tail = (1 - level) / 2

    def where(limit: float) -> float:
        return _root(lambda tau2: _generalised_q(y, v, tau2) - limit, float(np.median(v)))

    return Interval(where(float(stats.chi2.isf(tail, len(y) - 1))), where(float(stats.chi2.ppf(tail, len(y) - 1))), level)


def _tau2(y: Vector, v: Vector, method: Heterogeneity) -> float:
    k, w = len(y), 1 / v
    q, total = _generalised_q(y, v, 0.0), w.sum()
    if method is Heterogeneity.DL:
        return max(0.0, float((q - (k - 1)) / (total - (w**2).sum() / total)))
    if method is Heterogeneity.HS:
        return max(0.0, float((q - k) / total))
    if method is Heterogeneity.PM:
        return _root(lambda tau2: _generalised_q(y, v, tau2) - (k - 1), float(np.median(v)))
    restricted = method is Heterogeneity.REML

    def slope(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        return float((w**2 * (y - mean) ** 2).sum() - w.sum() + ((w**2).sum() / w.sum() if restricted else 0.0))

    def deviance(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        return float((w * (y - mean) ** 2).sum() - np.log(w).sum() + (np.log(w.sum()) if restricted else 0.0))

    scale = float(v.max() + y.var())
    grid = np.concatenate([[0.0], scale * np.logspace(-8, 4, 49)])
    slopes = [slope(one) for one in grid]
    found = [0.0] if slopes[0] <= 0 else []
    found += [
        float(optimize.brentq(slope, low, high, xtol=1e-14 * scale, rtol=1e-14))
        for low, high, before, after in zip(grid, grid[1:], slopes, slopes[1:], strict=False)
        if before > 0 >= after
    ]
    return min(found, key=deviance)


def _generalised_q(y: Vector, v: Vector, tau2: float) -> float:
    w = 1 / (v + tau2)
    mean = (w * y).sum() / w.sum()
    return float((w * (y - mean) ** 2).sum())


def _root(falls: Callable[[float], float], size: float) -> float:
    """Where something that falls in tau squared is zero; 0 if it is below already. ``size``: of variances within studies.

    Found as exactly as can be. Where metafor, which looks from 0 to 100 and stops within 1.2e-4, finds the same but for less
    than a thousandth of the variance, its value is given, so that both tell the same digits.
    """
    if falls(0.0) <= 0:
        return 0.0
    high = _AS_FAR
    while falls(high) > 0 and high < _TALLEST:
        high *= 2
    exact = float(optimize.brentq(falls, 0.0, high, xtol=1e-15, rtol=1e-14))
    near = float(optimize.brentq(falls, 0.0, high, xtol=_AS_NEAR, rtol=4 * np.finfo(float).eps))
    return near if abs(near - exact) <= 1e-3 * (exact + size) else exact


def _checked(effects: Vector, variances: Vector) -> tuple[Vector, Vector]:
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    if y.ndim != 1 or y.shape != v.shape:
        raise ValueError("effects and variances are one number a study")
    if len(y) < 2:
        raise NotEstimable("TOO_FEW_STUDIES", f"{len(y)} studies; at least 2 are needed to put together.")
    if not (np.isfinite(y).all() and np.isfinite(v).all()):
        raise NotEstimable("NOT_FINITE", "An effect or a variance is missing or infinite.")
    if (v <= 0).any():
        raise NotEstimable("NO_VARIANCE", f"The variance of study {int(np.argmax(v <= 0)) + 1} is not above 0.")
    return y, v


def _cells(counts: Vector) -> tuple[Vector, Vector, Vector, Vector]:
    cells = np.asarray(counts, dtype=float)
    if cells.ndim != 2 or cells.shape[1] != 4 or not (cells >= 0).all():
        raise ValueError("four counts a study, none below 0")
    cells = cells + 0.5 * (cells == 0).any(axis=1, keepdims=True)
    return cells[:, 0], cells[:, 1], cells[:, 2], cells[:, 3]
