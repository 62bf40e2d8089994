"""Regression with standard errors that trust no model of the clusters: the CR2 estimator, for 8 to 16 clusters and more."""

import math

import numpy as np
from attrs import field, frozen

from .mixed import fit
from .moments import Labels, Moments, check_rows
from .results import Estimate, NotEstimable, Vector

_NULL = 1e-9
_LOST = 1e-6


@frozen
class RobustFit:
    """Coefficients (p), their cluster-robust ``covariance`` (p x p), ``clusters`` K, the working ``ratio`` lambda (0: OLS)."""

    coefficients: Vector = field(eq=False)
    covariance: Vector = field(eq=False)
    clusters: int
    ratio: float
    bread: Vector = field(repr=False, eq=False)
    """(X' Phi^-1 X)^-1, p x p."""
    spread: Vector = field(repr=False, eq=False)
    """For each cluster T' Phi T, with T = A Phi^-1 X bread; K x p x p."""
    leverage: Vector = field(repr=False, eq=False)
    """For each cluster X' T; K x p x p."""

    def estimate(self, weights: Vector) -> Estimate:
        """A contrast (p weights) with its CR2 error and the degrees of freedom of a Satterthwaite approximation.

        The degrees of freedom come from the working model and from the design alone; they are low where few clusters carry the
        contrast. Raises NotEstimable TOO_FEW_CLUSTERS if a cluster alone decides the contrast, so that nothing is left to
        estimate its error from. Source: Bell & McCaffrey 2002; Pustejovsky & Tipton 2018, equation 11.
        """
        weights = np.asarray(weights, dtype=float)
        own = np.einsum("i,kij,j->k", weights, self.spread, weights)
        shared = self.leverage @ weights
        products = np.diag(own) - shared @ self.bread @ shared.T
        expected = float(weights @ self.bread @ weights)
        if float(np.trace(products)) < (1 - _LOST) * expected:
            raise NotEstimable("TOO_FEW_CLUSTERS", "One cluster alone decides this contrast: its error cannot be estimated.")
        df = float(np.trace(products) ** 2 / (products**2).sum())
        return Estimate(float(weights @ self.coefficients), math.sqrt(float(weights @ self.covariance @ weights)), df)


def ordinary(design: Vector, outcome: Vector, cluster: Labels) -> RobustFit:
    """Ordinary least squares of ``outcome`` (n) on ``design`` (n x p) with CR2 errors by ``cluster`` (n labels).

    The working model is independence. Raises NotEstimable: NOT_FINITE, RANK_DEFICIENT, TOO_FEW_CLUSTERS (fewer than 2).
    Source: Bell & McCaffrey 2002; Pustejovsky & Tipton 2018 (Journal of Business & Economic Statistics 36).
    """
    return weighted(design, outcome, cluster, 0.0)


def random_intercept(design: Vector, outcome: Vector, cluster: Labels) -> RobustFit:
    """Generalised least squares with the intraclass correlation that REML finds, and CR2 errors which hold if it is wrong.

    Shapes as in ``ordinary``; raises what ``mixed.fit`` raises. Source: Pustejovsky & Tipton 2018.
    """
    return weighted(design, outcome, cluster, fit(Moments.of(design, outcome, cluster)).ratio)


def weighted(design: Vector, outcome: Vector, cluster: Labels, ratio: float) -> RobustFit:
    """Generalised least squares with working covariance I + ``ratio`` J in each cluster (ratio >= 0), with CR2 errors.

    Shapes and refusals as in ``ordinary``. Each adjustment matrix A solves A (Phi - X bread X') A' = Phi with
    A = R (R (Phi - X bread X') R)^(-1/2) R, R being the symmetric root of Phi; the inverse root leaves out null directions.
    """
    design, outcome = np.asarray(design, dtype=float), np.asarray(outcome, dtype=float)
    check_rows(design, outcome, cluster)
    labels, index = np.unique(cluster, return_inverse=True)
    if len(labels) < 2:
        raise NotEstimable("TOO_FEW_CLUSTERS", "Errors by cluster need at least 2 clusters.")
    scale = np.sqrt((design**2).sum(axis=0))
    scale[scale == 0] = 1
    scaled = design / scale
    rows = [np.flatnonzero(index == number) for number in range(len(labels))]
    inverse = [_power(len(at), ratio, -1) @ scaled[at] for at in rows]
    information = sum((w.T @ scaled[at] for w, at in zip(inverse, rows, strict=True)), np.zeros((design.shape[1],) * 2))
    if np.linalg.matrix_rank(scaled, tol=1e-7) < design.shape[1]:
        raise NotEstimable("RANK_DEFICIENT", "A column of the design follows from the others.")
    bread = np.linalg.inv(information)
    coefficients = bread @ sum((w.T @ outcome[at] for w, at in zip(inverse, rows, strict=True)), np.zeros(len(bread)))
    scores, spread, leverage = [], [], []
    for at, weights in zip(rows, inverse, strict=True):
        x, root = scaled[at], _power(len(at), ratio, 0.5)
        free = root @ (_power(len(at), ratio, 1) - x @ bread @ x.T) @ root
        carry = root @ _inverse_root(free) @ root @ weights @ bread
        scores.append((outcome[at] - x @ coefficients) @ carry)
        spread.append(carry.T @ _power(len(at), ratio, 1) @ carry)
        leverage.append(x.T @ carry)
    covariance = np.array(scores).T @ np.array(scores)
    both = np.multiply.outer(scale, scale)
    return RobustFit(
        coefficients / scale,
        covariance / both,
        len(labels),
        ratio,
        bread / both,
        np.array(spread) / both,
        np.array(leverage) * scale[:, None] / scale,
    )


def _power(size: int, ratio: float, exponent: float) -> Vector:
    """(I + ratio J) to a power, size x size."""
    return np.eye(size) + (float((1 + size * ratio) ** exponent) - 1) / size


def _inverse_root(matrix: Vector) -> Vector:
    """The inverse square root of a symmetric non-negative matrix on the directions that are not null."""
    values, directions = np.linalg.eigh(matrix)
    kept = values > _NULL * max(float(values[-1]), _NULL)
    part = np.asarray(directions[:, kept] / np.sqrt(values[kept]), dtype=np.float64)
    return np.asarray(part @ directions[:, kept].T, dtype=np.float64)
