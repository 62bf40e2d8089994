"""Multiple imputation that knows of clusters: each variable is drawn from a random-intercept model on the others."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from numpy.random import Generator
from numpy.typing import NDArray

from .mixed import Method, Profile
from .moments import Labels, Moments
from .results import NotEstimable, Vector

_ICC = (np.arange(200) + 0.5) / 200
"""The values at which the posterior of the intraclass correlation is known."""


@frozen
class Draw:
    """One draw of the parameters of a random-intercept model from their posterior.

    ``coefficients`` p; ``between`` and ``within`` are variances (units of the outcome, squared).
    """

    coefficients: Vector = field(eq=False)
    between: float
    within: float


def impute(table: Vector, cluster: Labels, generator: Generator, *, data_sets: int = 20, iterations: int = 10) -> list[Vector]:
    """Complete a ``table`` (n x v, NaN where missing) ``data_sets`` times, by chained equations with random intercepts.

    ``cluster`` n labels, none missing. Columns without NaN serve as predictors and stay as they are; every other is drawn,
    ``iterations`` times in turn, from y = a + b'(all other columns) + u(cluster) + e, the parameters being drawn from their
    posterior each time: that of the ICC (prior uniform on 0 to 1) with all else integrated out, then the residual variance, the
    coefficients (flat priors), the intercepts of the clusters, the missing values. Data sets are independent chains. Missing at
    random given the table and the cluster is assumed; values are normal, unbounded and not rounded: rounding adds bias.
    One row a person, one column a wave, keeps the waves of one person together; an arm belongs into the table as a column.

    Returns n x v arrays. Raises ValueError for shapes and numbers that make no sense; NotEstimable NOT_FINITE (a value is
    infinite, a label missing), NOTHING_OBSERVED (a column), and what ``mixed.fit`` raises for the observed rows of a column.
    Source: Schafer & Yucel 2002 (the model); van Buuren 2018, chapter 7 (2l.pan); Box & Tiao 1973, chapter 5 (exact posterior
    of the variance ratio, in place of inverse-gamma priors, which with few clusters decide the result).
    """
    table = np.asarray(table, dtype=float)
    labels = np.asarray(cluster)
    if table.ndim != 2 or labels.shape != table.shape[:1] or data_sets < 1 or iterations < 1:
        raise ValueError("a table is n x v, with n labels; data sets and iterations are 1 or more")
    if np.isinf(table).any() or (labels.dtype.kind == "f" and not np.isfinite(labels.astype(float)).all()):
        raise NotEstimable("NOT_FINITE", "A value is infinite, or a cluster unknown.")
    missing = np.isnan(table)
    if missing.all(axis=0).any():
        raise NotEstimable("NOTHING_OBSERVED", "A column has no value at all.")
    index = np.unique(labels, return_inverse=True)[1]
    incomplete = sorted(np.flatnonzero(missing.any(axis=0)), key=lambda column: int(missing[:, column].sum()))
    rounds = iterations if len(incomplete) > 1 else 1  # a single incomplete column is drawn exactly at once
    completed = []
    for _ in range(data_sets):
        filled = table.copy()
        for column in incomplete:
            known = table[~missing[:, column], column]
            filled[missing[:, column], column] = generator.choice(known, size=int(missing[:, column].sum()))
        for _ in range(rounds):
            for column in incomplete:
                _redraw(filled, missing[:, column], int(column), index, generator)
        completed.append(filled)
    return completed


def shifted(table: Vector, completed: Sequence[Vector], *, column: int, rows: NDArray[np.bool_], delta: float) -> list[Vector]:
    """Delta adjustment: ``delta`` (units of the column) added to the values of one column that were imputed in some ``rows``.

    ``table`` is what was imputed (n x v, NaN where missing), ``rows`` n times true or false, such as one arm; a wave is a
    column. What was observed never changes, nor do other columns. To be repeated for a range of delta: at which does the
    conclusion turn? Raises ValueError if ``rows`` has another length.
    Source: Rubin 1987, chapter 6; van Buuren 2018, section 9.2; Cro et al. 2020.
    """
    table, rows = np.asarray(table, dtype=float), np.asarray(rows, dtype=bool)
    if rows.shape != table.shape[:1]:
        raise ValueError("rows are n times true or false")
    added = np.zeros_like(table)
    added[rows & np.isnan(table[:, column]), column] = delta
    return [one + added for one in completed]


def draw(profile: Profile, generator: Generator) -> Draw:
    """One draw of coefficients and variances, given the data and flat priors (uniform for the ICC): exact, no chain.

    ``profile`` is that of REML: with flat priors the posterior density of the ICC is the restricted likelihood.
    """
    ratios = _ICC / (1 - _ICC)
    deviance = profile.at(ratios).deviance
    density = np.exp(-(deviance - deviance.min()) / 2)
    chosen = int(generator.choice(len(ratios), p=density / density.sum()))
    icc = _ICC[chosen] + generator.uniform(-0.5, 0.5) / len(ratios)
    ratio = icc / (1 - icc)
    surface, p = profile.at(np.array(ratio)), len(profile.moments.predictors)
    within = float(surface.residual) / float(generator.chisquare(profile.df))
    root = np.linalg.cholesky(np.linalg.inv(surface.information))
    inner = surface.coefficients + math.sqrt(within) * root @ generator.standard_normal(p)
    return Draw(profile.basis[:p, :p] @ inner - profile.basis[:p, p], ratio * within, within)


def _redraw(filled: Vector, missing: NDArray[np.bool_], column: int, index: NDArray[np.intp], generator: Generator) -> None:
    """Draw the missing values of one column anew, in place."""
    design = np.column_stack([np.ones(len(filled)), np.delete(filled, column, axis=1)])
    known = ~missing
    drawn = draw(Profile(Moments.of(design[known], filled[known, column], index[known]), Method.REML), generator)
    clusters = int(index.max()) + 1
    expected = design @ drawn.coefficients
    size = np.bincount(index[known], minlength=clusters)
    total = np.bincount(index[known], weights=filled[known, column] - expected[known], minlength=clusters)
    shrunk = 1 + size * drawn.between / drawn.within
    mean = drawn.between / drawn.within * total / shrunk
    intercepts = mean + np.sqrt(drawn.between / shrunk) * generator.standard_normal(clusters)
    noise = math.sqrt(drawn.within) * generator.standard_normal(int(missing.sum()))
    filled[missing, column] = expected[missing] + intercepts[index[missing]] + noise
