"""Degrees of freedom for contrasts of a random-intercept model with few clusters."""

import math
from enum import Enum

import numpy as np
from attrs import evolve, frozen
from scipy import optimize

from .mixed import COLLINEAR, Method, MixedFit, fitted
from .results import Estimate, Vector

_BELOW = -np.concatenate([1 - np.logspace(-4, -0.02, 24), np.logspace(-2, -7, 6) * 4, [0.0]])
"""Ratios below zero, in units of 1 / the largest cluster size, from the bound up to zero."""


class Reference(Enum):
    """How error and degrees of freedom of a contrast are found. They differ where the intercept variance is at its bound.

    ``LMERTEST``: Satterthwaite as lmerTest has it. At the bound the deviance depends on the square of the intercept's standard
    deviation, its slope by that is zero, and what remains is the residual df, n - p, however the arms were assigned.
    ``KENWARD_ROGER``: error corrected for the variances being estimated, and their expected information; as pbkrtest.
    ``UNBOUNDED``, the default: Satterthwaite; if the fit is singular, the error at the ratio where the likelihood is highest
    when the intercept variance may be negative (``released``), with df half way between those of the stratum in which the
    contrast is estimated (within clusters if differences within them determine it, else between clusters: for arms by cluster
    alone, clusters - 2) and those which the expected information of the variances gives, if fewer. For equal clusters the two
    are the same, and the test is the exact one.

    Why: with 8 to 16 clusters and an ICC near 0, half of the fits stop at zero. The error of an arm effect is then often
    overestimated and never underestimated, and at 5 % ``LMERTEST`` rejects in 3 to 4 % (n - p makes good a part of it),
    ``KENWARD_ROGER`` or the df between clusters alone in 1 to 3 %. Without the bound it is 4 to 6 % for each ICC from 0 to 0.2
    and clusters of 3 to 12. There, Satterthwaite's own df is erratic (below 3 % with 8 clusters), the df of the stratum ignore
    unequal sizes (up to 6.1 %), the expected ones are too few (2.6 %); half way is what 128,000 simulated trials settled on.
    Source: Stroup & Littell 2002 and Kenward & Roger 2009 (no bound); Schluchter & Elashoff 1990 (df between and within).
    """

    UNBOUNDED = "unbounded"
    LMERTEST = "lmertest"
    KENWARD_ROGER = "kenward-roger"


def estimate(fit: MixedFit, weights: Vector, reference: Reference = Reference.UNBOUNDED) -> Estimate:
    """A contrast (p weights) of the coefficients with its error and degrees of freedom.

    If the fit is singular and the reference ``UNBOUNDED``, the value too is that of the released fit: the same as that of the
    fit if clusters are equal and columns constant in them. Raises ValueError if the weights are not p numbers, not all zero.
    Source: Satterthwaite 1946; Giesbrecht & Burns 1985; Kuznetsova, Brockhoff & Christensen 2017 (lmerTest).
    """
    weights = np.asarray(weights, dtype=float)
    if weights.shape != fit.coefficients.shape or not np.isfinite(weights).all() or not weights.any():
        raise ValueError(f"a contrast is {len(fit.coefficients)} numbers, not all zero")
    if reference is Reference.KENWARD_ROGER:
        return _kenward_roger(fit, weights)
    if not fit.singular:
        return evolve(fit.wald(weights), df=_df(fit, weights))
    if reference is Reference.LMERTEST:
        return evolve(fit.wald(weights), df=float(fit.moments.n - len(weights)))
    free = released(fit) or fit
    stratum = _stratum_df(fit, weights)
    direction = free.profile.basis[: len(weights), : len(weights)].T @ weights
    return evolve(free.wald(weights), df=(stratum + min(stratum, _expected_df(_derivatives(free), direction))) / 2)


def coefficient(fit: MixedFit, name: str, reference: Reference = Reference.UNBOUNDED) -> Estimate:
    """One coefficient by its name, as ``estimate``. Raises ValueError if the name is unknown."""
    return estimate(fit, fit.weights(name), reference)


def released(fit: MixedFit) -> MixedFit | None:
    """The model at the minimum of the deviance next to zero on its negative side, down to -1 / the largest cluster size.

    A negative intercept variance says that rows of one cluster differ more than rows of several: a compound-symmetric
    covariance, valid as long as each cluster's is positive definite. It serves tests; the variance reported stays zero.
    None if there is no minimum there (or the fit is not singular).
    """
    if not fit.singular:
        return None
    profile = fit.profile
    grid = _BELOW / profile.size.max()
    gradient = profile.at(grid).gradient
    rises = np.flatnonzero((gradient[:-1] < 0) & (gradient[1:] >= 0))
    if not len(rises):
        return None
    ratio = float(optimize.brentq(profile.slope, grid[rises[-1]], grid[rises[-1] + 1], xtol=1e-14, rtol=1e-13))
    return fitted(profile, ratio, float(profile.at(np.array(ratio)).deviance))


def _stratum_df(fit: MixedFit, weights: Vector) -> float:
    """The df within clusters if the columns' differences within clusters determine the contrast, else those between them."""
    profile, p = fit.profile, len(weights)
    values, directions = np.linalg.eigh(profile.within[:p, :p])
    parts = directions.T @ profile.basis[:p, :p].T @ weights
    outside = float((parts[values <= COLLINEAR] ** 2).sum())
    return float(profile.within_df if outside < COLLINEAR * float(parts @ parts) else profile.between_df)


def _df(fit: MixedFit, weights: Vector) -> float:
    """Satterthwaite's df: 2 v^2 / (g' Vp g), v the variance of the contrast, Vp that of (lambda, residual variance)."""
    profile, within, p = fit.profile, fit.within, len(weights)
    a, first, second = profile.weighted(np.array(fit.ratio))
    information, slope, bend = a[:p, :p], first[:p, :p], second[:p, :p]
    inverse = np.linalg.inv(information)
    contrast = np.append(-inverse @ a[:p, p], 1)
    along = (first @ contrast)[:p]
    residual_slope = contrast @ first @ contrast
    residual_bend = contrast @ second @ contrast - 2 * along @ inverse @ along
    curvature = -(profile.count * (profile.size / (1 + fit.ratio * profile.size)) ** 2).sum()
    if profile.method is Method.REML:
        turn = inverse @ slope
        curvature += np.trace(inverse @ bend) - np.trace(turn @ turn)
    mixed = -residual_slope / within**2
    hessian = np.array([[curvature + residual_bend / within, mixed], [mixed, profile.df / within**2]])
    direction = profile.basis[:p, :p].T @ weights
    reach = inverse @ direction
    gradient = np.array([-within * reach @ slope @ reach, direction @ reach])
    variance = within * float(direction @ reach)
    return float(2 * variance**2 / (gradient @ (2 * np.linalg.inv(hessian)) @ gradient))


@frozen
class _Derivatives:
    """Parts of Kenward and Roger's covariance, by (residual variance, intercept variance)."""

    bread: Vector
    first: list[Vector]
    second: list[list[Vector]]
    covariance: Vector
    """That of the two variances, from their expected information; 2 x 2."""


def _derivatives(fit: MixedFit) -> _Derivatives:
    profile, s, p = fit.profile, fit.within, len(fit.coefficients)
    m, k = profile.size, profile.count
    q = 1 + fit.ratio * m

    def sandwich(of_rows: float, of_sums: Vector) -> Vector:
        return of_rows * profile.cross[:p, :p] + np.tensordot(of_sums, profile.outer[:, :p, :p], 1)

    bread = np.asarray(np.linalg.inv(sandwich(1, -fit.ratio / q)) * s, dtype=float)
    first = [-sandwich(1, -(1 - q**-2) / m) / s**2, -sandwich(0, q**-2) / s**2]
    crossed = sandwich(0, q**-3) / s**3
    second = [[sandwich(1, -(1 - q**-3) / m) / s**3, crossed], [crossed, sandwich(0, m * q**-3) / s**3]]
    shared = (k * m / q**2).sum()
    traces = np.array([[(k * (m - 1 + q**-2)).sum(), shared], [shared, (k * m**2 / q**2).sum()]]) / s**2
    information = np.array(
        [
            [
                (traces[i, j] - 2 * np.trace(bread @ second[i][j]) + np.trace(bread @ first[i] @ bread @ first[j])) / 2
                for j in (0, 1)
            ]
            for i in (0, 1)
        ]
    )
    return _Derivatives(bread, first, second, np.asarray(np.linalg.inv(information), dtype=float))


def _expected_df(parts: _Derivatives, direction: Vector) -> float:
    """Satterthwaite's df with the expected information; Kenward and Roger's, if there is one contrast."""
    reach = parts.bread @ direction
    gradient = np.array([reach @ slope @ reach for slope in parts.first])
    return 2 * float(direction @ reach) ** 2 / float(gradient @ parts.covariance @ gradient)


def _kenward_roger(fit: MixedFit, weights: Vector) -> Estimate:
    """Kenward and Roger's error and df of one contrast (1997); for one row their F statistic needs no scale."""
    parts = _derivatives(fit)
    direction = fit.profile.basis[: len(weights), : len(weights)].T @ weights
    reach = parts.bread @ direction
    excess = sum(
        parts.covariance[i, j] * (parts.second[i][j] - parts.first[i] @ parts.bread @ parts.first[j])
        for i in (0, 1)
        for j in (0, 1)
    )
    variance = float(direction @ reach + 2 * reach @ excess @ reach)
    return Estimate(float(weights @ fit.coefficients), math.sqrt(variance), _expected_df(parts, direction))
