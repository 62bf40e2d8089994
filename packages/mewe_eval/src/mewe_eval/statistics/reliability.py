"""How far the items of a scale agree, and with what error they measure."""

import math

import numpy as np
from attrs import field, frozen
from scipy import optimize, stats

from mewe_eval.statistics.results import Interval, NotEstimable, Vector


@frozen
class Reliability:
    """Of n complete answers to k items.

    ``alpha`` (at most 1, below 0 where items disagree) with Feldt's interval, ``standardised`` alpha (of the correlations),
    ``mean_correlation`` of the items, Guttman's ``lambda6``, ``omega`` (total, of one factor; 0 to 1), ``sum_mean`` and
    ``sum_deviation`` of the sum score, ``error``: standard error of measurement (units of the sum). ``rest``: (k,) correlation
    of each item with the sum of the others.
    """

    n: int
    alpha: float
    alpha_interval: Interval
    standardised: float
    mean_correlation: float
    lambda6: float
    omega: float
    sum_mean: float
    sum_deviation: float
    error: float
    rest: Vector = field(eq=False)


def reliability(answers: Vector, level: float = 0.95) -> Reliability:
    """Of ``answers`` (persons, items), NaN where missing; whoever lacks one is left out. Reverse items are recoded already.

    Raises NotEstimable TOO_FEW_ITEMS (fewer than 2), TOO_FEW_PEOPLE (complete: fewer than 3, or not more than items),
    NO_VARIANCE (an item that everybody answers alike). Sources: Cronbach (1951); Feldt (1965), Psychometrika 30; Guttman
    (1945); McDonald (1999), omega by the one-factor minimum-residual solution (Harman and Jones 1966) as in R's psych.
    """
    table = np.asarray(answers, dtype=float)
    if table.ndim != 2:
        raise ValueError("answers are persons by items")
    k = table.shape[1]
    if k < 2:
        raise NotEstimable("TOO_FEW_ITEMS", f"{k} items; agreement needs at least 2.")
    whole = table[np.isfinite(table).all(axis=1)]
    n = len(whole)
    if n < max(3, k + 1):
        raise NotEstimable("TOO_FEW_PEOPLE", f"{n} complete answers; {k} items need at least {max(3, k + 1)}.")
    covariance = np.cov(whole, rowvar=False)
    if (np.diag(covariance) <= 0).any():
        raise NotEstimable("NO_VARIANCE", f"Everybody gives the same answer to item {int(np.argmin(np.diag(covariance))) + 1}.")
    correlation = np.corrcoef(whole, rowvar=False)
    alpha, standardised = _alpha(covariance), _alpha(correlation)
    total = whole.sum(axis=1)
    deviation = float(total.std(ddof=1))
    mean_correlation = float((correlation.sum() - k) / (k * (k - 1)))
    return Reliability(
        n,
        alpha,
        _feldt(alpha, n, k, level),
        standardised,
        mean_correlation,
        _lambda6(correlation),
        _omega(correlation),
        float(total.mean()),
        deviation,
        deviation * math.sqrt(max(0.0, 1 - alpha)),
        np.array([_correlated(one, total - one) for one in whole.T]),
    )


def _alpha(matrix: Vector) -> float:
    k = len(matrix)
    whole = float(matrix.sum())
    if whole <= 0:
        raise NotEstimable("NO_VARIANCE", "The items cancel each other out: their sum does not vary.")
    return k / (k - 1) * (1 - float(np.trace(matrix)) / whole)


def _feldt(alpha: float, n: int, k: int, level: float) -> Interval:
    tail, df = (1 - level) / 2, (n - 1, (n - 1) * (k - 1))
    return Interval(1 - (1 - alpha) * float(stats.f.isf(tail, *df)), 1 - (1 - alpha) * float(stats.f.ppf(tail, *df)), level)


def _correlated(one: Vector, other: Vector) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if other.std() > 0 else math.nan


def _lambda6(correlation: Vector) -> float:
    """By the share of each item that the others explain; NaN where they explain one fully."""
    if np.linalg.cond(correlation) > 1e12:
        return math.nan
    left = 1 / np.diag(np.linalg.inv(correlation))
    return float(1 - left.sum() / correlation.sum())


def _omega(correlation: Vector) -> float:
    """One minus the share of what is an item's own in the variance of the sum."""
    own = _own_variances(correlation)
    return float(1 - own.sum() / correlation.sum())


def _own_variances(correlation: Vector) -> Vector:
    """What one factor leaves of each item: (k,), by least squares of the correlations off the diagonal (minimum residuals)."""
    k = len(correlation)
    off = ~np.eye(k, dtype=bool)

    def loss(loadings: Vector) -> tuple[float, Vector]:
        residuals = np.where(off, correlation - np.outer(loadings, loadings), 0.0)
        return float((residuals**2).sum() / 2), -2 * residuals @ loadings

    values, vectors = np.linalg.eigh(correlation)
    begin = vectors[:, -1] * math.sqrt(values[-1]) * 0.9
    bounds = [(-1.0, 1.0)] * k
    found = optimize.minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-16, "gtol": 1e-12})
    return np.asarray(1 - found.x**2)
