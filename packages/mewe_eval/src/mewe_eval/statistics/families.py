"""P-values of a family of tests, adjusted together."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from mewe_eval.statistics.results import Vector

Factors: TypeAlias = Callable[[int], Vector]


def bonferroni(p: Vector) -> Vector:
    """Adjusted so that the chance of any false finding in the family is kept; the coarsest. NaN stays NaN and counts for none.

    ``p``: (tests,), 0 to 1. Raises ValueError for a number outside. Source: Dunn (1961), JASA 56.
    """
    tested = _tested(p)
    return _placed(p, np.minimum(1, tested * len(tested)))


def holm(p: Vector) -> Vector:
    """As ``bonferroni``, stepping down, and never above it. Source: Holm (1979), Scandinavian Journal of Statistics 6."""
    tested = _tested(p)
    order = np.argsort(tested, kind="stable")
    stepped = np.maximum.accumulate(tested[order] * np.arange(len(tested), 0, -1))
    return _placed(p, np.minimum(1, stepped)[np.argsort(order, kind="stable")])


def hochberg(p: Vector) -> Vector:
    """Stepping up.

    Keeps the same chance if tests are independent or positively dependent. Source: Hochberg (1988), Biometrika 75.
    """
    return _stepped_up(p, lambda count: np.arange(1, count + 1, dtype=float))


def benjamini_hochberg(p: Vector) -> Vector:
    """Adjusted so that the expected share of false findings is kept. Source: Benjamini and Hochberg (1995), JRSS B 57."""
    return _stepped_up(p, lambda count: count / np.arange(count, 0, -1))


def benjamini_yekutieli(p: Vector) -> Vector:
    """The same under any dependence. Source: Benjamini and Yekutieli (2001), Annals of Statistics 29."""
    return _stepped_up(p, lambda count: (1 / np.arange(1, count + 1)).sum() * count / np.arange(count, 0, -1))


def _stepped_up(p: Vector, factors: Factors) -> Vector:
    tested = _tested(p)
    order = np.argsort(-tested, kind="stable")
    stepped = np.minimum.accumulate(tested[order] * factors(len(tested)))
    return _placed(p, np.minimum(1, stepped)[np.argsort(order, kind="stable")])


def _tested(p: Vector) -> Vector:
    values: Vector = np.asarray(p, dtype=float)
    tested: Vector = values[np.isfinite(values)]
    if ((tested < 0) | (tested > 1)).any() or np.isinf(values).any():
        raise ValueError("p-values are numbers from 0 to 1, or NaN")
    return tested


def _placed(p: Vector, adjusted: Vector) -> Vector:
    whole = np.full(np.shape(p), np.nan)
    whole[np.isfinite(p)] = adjusted
    return whole
