"""The random-intercept model y = X beta + u + e by restricted or full maximum likelihood, from moments alone."""

import math
from collections.abc import Callable
from enum import Enum

import numpy as np
from attrs import define, field, frozen
from scipy import optimize, stats

from .moments import Moments
from .results import Estimate, Interval, NotEstimable, Vector

_GRID = np.concatenate([[0.0], np.logspace(-8, 6, 57)])
_CEILING = 1e6
COLLINEAR = 1e-10
"""The share of a column's sum of squares below which it counts as following from others."""

_PERFECT = 1e-13


class Method(Enum):
    """Which likelihood is maximised: restricted (variances without the loss of the fixed effects) or full."""

    REML = "reml"
    ML = "ml"


@frozen
class Surface:
    """The profiled deviance and its parts at one or more ratios lambda; the basis is the orthonormal one of ``Profile``."""

    deviance: Vector
    gradient: Vector
    residual: Vector
    """The weighted residual sum of squares r'Ar."""
    information: Vector
    """W = X'V^-1 X for a residual variance of 1."""
    coefficients: Vector


@define
class Profile:
    """The deviance as a function of lambda alone, beta and the residual variance being at their best for each lambda.

    Columns are scaled, then made orthonormal by the Cholesky factor of X'X, and y is replaced by its ordinary residual: the
    deviance is that of the columns as given, its digits are those of a well-scaled design.
    Raises NotEstimable NO_RESIDUAL_DF, RANK_DEFICIENT, TOO_FEW_CLUSTERS, NO_REPLICATION or NO_RESIDUAL_VARIANCE.
    """

    moments: Moments
    method: Method
    basis: Vector = field(init=False)
    """q x q: the columns as given times this are the orthonormal columns and the ordinary residual."""
    cross: Vector = field(init=False)
    outer: Vector = field(init=False)
    size: Vector = field(init=False)
    count: Vector = field(init=False)
    df: int = field(init=False)
    """n - p for REML, n for ML."""
    within: Vector = field(init=False)
    """Z'Z of the differences within clusters, q x q."""
    between_df: int = field(init=False)
    """Degrees of freedom of the residuals between clusters."""
    within_df: int = field(init=False)
    """Degrees of freedom of the residuals within clusters; both together are n - p."""

    def __attrs_post_init__(self) -> None:
        """Choose the basis and refuse what cannot be estimated."""
        moments, p = self.moments, len(self.moments.predictors)
        if not np.isfinite(moments.cross).all():
            raise NotEstimable("NOT_FINITE", "The sums are not finite.")
        if moments.clusters < 2:
            raise NotEstimable("TOO_FEW_CLUSTERS", "A variance between clusters needs at least 2 clusters.")
        if moments.n - p < 1:
            raise NotEstimable("NO_RESIDUAL_DF", f"{moments.n} rows leave no degrees of freedom for {p} coefficients.")
        if max(moments.sizes) < 2:
            raise NotEstimable("NO_REPLICATION", "Every cluster has one row: the two variances cannot be told apart.")
        self.basis = _orthonormal(moments)
        self.cross = self.basis.T @ moments.cross @ self.basis
        self.size = np.array(list(moments.sizes), dtype=float)
        self.count = np.array([of_size.count for of_size in moments.sizes.values()], dtype=float)
        self.outer = self.basis.T @ np.array([of_size.outer for of_size in moments.sizes.values()]) @ self.basis
        self.df = moments.n - p if self.method is Method.REML else moments.n
        self.within = self.cross - np.tensordot(1 / self.size, self.outer, 1)
        inside = int((np.linalg.eigvalsh(self.within[:p, :p]) > COLLINEAR).sum())
        self.between_df = moments.clusters - p + inside
        if self.between_df < 1:
            raise NotEstimable("TOO_FEW_CLUSTERS", "The coefficients use up every difference between the clusters.")
        self.within_df = moments.n - moments.clusters - inside
        if self.within_df < 1:
            raise NotEstimable("NO_RESIDUAL_DF", "The coefficients use up every difference within the clusters.")

    def weighted(self, ratio: Vector) -> tuple[Vector, Vector, Vector]:
        """A = Z'V^-1 Z (for residual variance 1) and its first and second derivatives by lambda; q x q for each ratio."""
        q = 1 + np.multiply.outer(ratio, self.size)
        first = self.cross - np.tensordot(ratio[..., None] / q, self.outer, 1)
        return first, -np.tensordot(q**-2, self.outer, 1), np.tensordot(2 * self.size * q**-3, self.outer, 1)

    def at(self, ratio: Vector) -> Surface:
        """The surface at an array of ratios, each above -1 / the largest size."""
        p = len(self.moments.predictors)
        q = 1 + np.multiply.outer(ratio, self.size)
        a, slope, _ = self.weighted(ratio)
        information = a[..., :p, :p]
        coefficients = np.linalg.solve(information, a[..., :p, p:])
        contrast = np.concatenate([-coefficients, np.ones((*coefficients.shape[:-2], 1, 1))], axis=-2)
        residual = (contrast.mT @ a @ contrast)[..., 0, 0]
        deviance = self.df * (1 + np.log(2 * math.pi * residual / self.df)) + np.log(q) @ self.count
        gradient = self.df * (contrast.mT @ slope @ contrast)[..., 0, 0] / residual + (self.size / q) @ self.count
        if self.method is Method.REML:
            deviance = deviance + np.linalg.slogdet(information)[1] - 2 * self._log_volume
            gradient = gradient + np.trace(np.linalg.solve(information, slope[..., :p, :p]), axis1=-2, axis2=-1)
        return Surface(deviance, gradient, residual, information, np.asarray(coefficients[..., 0], dtype=float))

    def slope(self, ratio: float) -> float:
        """The derivative of the deviance by lambda at one ratio."""
        return float(self.at(np.array(ratio)).gradient)

    @property
    def _log_volume(self) -> float:
        p = len(self.moments.predictors)
        return float(np.log(np.abs(np.diag(self.basis)[:p])).sum())

    def lowest(self, grid: Vector) -> tuple[float, float]:
        """The ratio of the lowest deviance from the first of the grid on, and the deviance.

        Raises NotEstimable NO_RESIDUAL_VARIANCE if the deviance still falls where the grid ends.
        """
        gradient = self.at(grid).gradient
        if gradient[-1] < 0:
            raise NotEstimable("NO_RESIDUAL_VARIANCE", "Rows of one cluster do not differ beyond what the columns say.")
        rises = np.flatnonzero((gradient[:-1] < 0) & (gradient[1:] >= 0))
        found = [grid[0]] if gradient[0] >= 0 else []
        found += [optimize.brentq(self.slope, grid[i], grid[i + 1], xtol=1e-14, rtol=1e-13) for i in rises]
        deviances = self.at(np.array(found)).deviance
        best = int(np.argmin(deviances))
        return float(found[best]), float(deviances[best])


def _orthonormal(moments: Moments) -> Vector:
    """The basis; raises NotEstimable RANK_DEFICIENT with the columns that follow from those before them."""
    scale = np.sqrt(np.diag(moments.cross))
    p = len(scale) - 1
    empty = [name for name, size in zip(moments.predictors, scale, strict=False) if not size > 0]
    if empty:
        raise NotEstimable("RANK_DEFICIENT", f"Columns that are zero throughout: {', '.join(empty)}.")
    if not scale[p] > 0:
        raise NotEstimable("NO_RESIDUAL_VARIANCE", "The outcome is zero throughout.")
    factor, follow = moments.cross / np.multiply.outer(scale, scale), []
    lower = np.zeros_like(factor)
    for j in range(p + 1):  # Cholesky, which stops at a column whose part outside the columns before it vanishes
        rest = factor[j, j] - lower[j, :j] @ lower[j, :j]
        if rest < (COLLINEAR if j < p else _PERFECT):
            follow.append(moments.names[j])
            lower[j, j] = math.inf
            continue
        lower[j, j] = math.sqrt(rest)
        lower[j + 1 :, j] = (factor[j + 1 :, j] - lower[j + 1 :, :j] @ lower[j, :j]) / lower[j, j]
    if follow == [moments.names[p]]:
        raise NotEstimable("NO_RESIDUAL_VARIANCE", "The columns explain the outcome fully.")
    if follow:
        raise NotEstimable("RANK_DEFICIENT", f"Columns that follow from the others: {', '.join(follow)}.")
    basis = np.linalg.inv(lower).T / scale[:, None]
    basis[:, p] /= basis[p, p]
    return basis


@frozen
class MixedFit:
    """An estimated random-intercept model with p coefficients.

    ``coefficients`` p and their ``covariance`` p x p, in units of the outcome over units of the columns; ``ratio`` is lambda =
    ``between`` / ``within``, the variances of the intercepts and of the residuals (units of the outcome, squared);
    ``deviance`` is -2 log likelihood (for REML the criterion which lme4 calls REML). ``note`` is a sentence
    for the reader, or empty.
    """

    method: Method
    moments: Moments
    profile: Profile = field(repr=False, eq=False)
    coefficients: Vector = field(eq=False)
    covariance: Vector = field(eq=False)
    ratio: float
    between: float
    within: float
    deviance: float
    singular: bool
    """The intercept variance is at its bound, zero."""
    note: str

    @property
    def log_likelihood(self) -> float:
        """Half the deviance, negative; restricted if the method is."""
        return -self.deviance / 2

    @property
    def icc(self) -> float:
        """Share of the variance that lies between clusters, 0 to 1, given the columns of the model."""
        return self.ratio / (1 + self.ratio)

    @property
    def errors(self) -> Vector:
        """Standard errors of the coefficients (p)."""
        return np.sqrt(np.diag(self.covariance))

    def weights(self, name: str) -> Vector:
        """The contrast (p) that picks one coefficient. Raises ValueError if the name is unknown."""
        weights = np.zeros(len(self.coefficients))
        weights[self.moments.predictors.index(name)] = 1
        return weights

    def wald(self, weights: Vector) -> Estimate:
        """A contrast (p) of the coefficients by the normal distribution; for few clusters see ``satterthwaite.estimate``."""
        return Estimate(float(weights @ self.coefficients), math.sqrt(float(weights @ self.covariance @ weights)))

    def interval_of_icc(self, level: float = 0.95) -> Interval:
        """Profile-likelihood interval of the ICC, 0 to 1: every ICC which a likelihood ratio test does not reject."""
        limit = self.deviance + float(stats.chi2.isf(1 - level, 1))
        low, high = _where_below(lambda ratio: float(self.profile.at(np.array(ratio)).deviance), self.ratio, limit)
        return Interval(low / (1 + low), high / (1 + high) if math.isfinite(high) else 1.0, level)

    def interval_of_between(self, level: float = 0.95) -> Interval:
        """Profile-likelihood interval of the intercept variance (units of the outcome, squared), up to infinity."""
        limit = self.deviance + float(stats.chi2.isf(1 - level, 1))

        def deviance(share: float) -> float:
            return self._deviance_with(share * self.within)

        low, high = _where_below(deviance, self.ratio, limit)
        return Interval(low * self.within, high * self.within, level)

    def _deviance_with(self, between: float) -> float:
        """The lowest deviance if the intercept variance is ``between``, over all residual variances."""

        def free(log_within: float) -> float:
            within = math.exp(log_within)
            surface = self.profile.at(np.array(between / within))
            df, residual = self.profile.df, float(surface.residual)
            excess = df * (math.log(within * df / residual) - 1) + residual / within
            return float(surface.deviance) + excess

        centre = math.log(self.within)
        found = optimize.minimize_scalar(free, bounds=(centre - 5, centre + 5), method="bounded", options={"xatol": 1e-9})
        return float(found.fun)


def fit(moments: Moments, method: Method = Method.REML) -> MixedFit:
    """Estimate the random-intercept model of ``moments``: its last column on the others.

    A one-dimensional profile likelihood in lambda: every minimum on a grid of 0 and 1e-8 .. 1e6 is refined by Brent's method
    and the lowest taken, so that a second, local minimum cannot be mistaken for the estimate. Raises NotEstimable:
    NOT_FINITE, TOO_FEW_CLUSTERS (fewer than 2, or none left beside the coefficients), NO_RESIDUAL_DF, NO_REPLICATION (clusters
    of one row only), RANK_DEFICIENT (names the columns), NO_RESIDUAL_VARIANCE.
    Source: Bates, Maechler, Bolker & Walker 2015 (profiled deviance, equations 34 and 41); Demidenko 2013, chapter 2.
    """
    profile = Profile(moments, method)
    ratio, deviance = profile.lowest(_GRID)
    return fitted(profile, ratio, deviance)


def fitted(profile: Profile, ratio: float, deviance: float) -> MixedFit:
    """The model at one ratio."""
    surface, p = profile.at(np.array(ratio)), len(profile.moments.predictors)
    back = profile.basis[:p, :p]
    within = float(surface.residual) / profile.df
    coefficients = back @ surface.coefficients - profile.basis[:p, p]
    covariance = within * back @ np.linalg.inv(surface.information) @ back.T
    singular = ratio == 0
    note = (
        "The intercept variance is estimated as zero: the clusters differ no more than chance makes them differ, "
        "and the model is then ordinary regression."
        if singular
        else ""
    )
    return MixedFit(
        profile.method,
        profile.moments,
        profile,
        coefficients,
        covariance,
        ratio,
        ratio * within,
        within,
        deviance,
        singular,
        note,
    )


def _where_below(deviance: Callable[[float], float], best: float, limit: float) -> tuple[float, float]:
    """From where to where around ``best`` the deviance stays below the limit: 0 at the least, infinity at the most."""

    def excess(ratio: float) -> float:
        return deviance(ratio) - limit

    low = 0.0 if excess(0.0) <= 0 else float(optimize.brentq(excess, 0.0, best, xtol=1e-12))
    high = max(2 * best, 1e-3)
    while excess(high) <= 0:
        high *= 2
        if high > _CEILING:
            return low, math.inf
    return low, float(optimize.brentq(excess, best, high, xtol=1e-12))
