"""Clustered data with a known truth, and a likelihood written out with dense matrices."""

import math
from typing import Any

import numpy as np
from attrs import frozen
from numpy.random import Generator
from scipy import optimize

Array = Any


@frozen
class Trial:
    """Rows of a trial in which clusters were assigned to arms: columns 1, arm and, if asked for, a covariate."""

    design: Array
    outcome: Array
    cluster: Array


def trial(
    generator: Generator, clusters: int, icc: float, sizes: tuple[int, int] = (6, 12), slope: float | None = None
) -> Trial:
    """A trial without an effect; half of the clusters in each arm, of sizes from the first to the second number."""
    cluster = np.repeat(np.arange(clusters), generator.integers(sizes[0], sizes[1] + 1, clusters))
    n = len(cluster)
    outcome = generator.normal(size=clusters)[cluster] * math.sqrt(icc) + generator.normal(size=n) * math.sqrt(1 - icc)
    columns = [np.ones(n), (cluster % 2).astype(float)]
    if slope is not None:
        columns.append(generator.normal(size=n) + 0.3 * generator.normal(size=clusters)[cluster])
        outcome = outcome + slope * columns[-1]
    return Trial(np.column_stack(columns), outcome, cluster)


def dense_deviance(data: Trial, between: float, within: float, restricted: bool) -> float:
    """-2 log likelihood of the two variances, beta at its best, with the n x n covariance matrix."""
    x, y = data.design, data.outcome
    v = within * np.eye(len(y)) + between * (data.cluster[:, None] == data.cluster[None, :])
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    rest = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    df = len(y) - x.shape[1] if restricted else len(y)
    deviance = df * math.log(2 * math.pi) + np.linalg.slogdet(v)[1] + rest @ inverse @ rest
    return float(deviance + (np.linalg.slogdet(information)[1] if restricted else 0))


def dense_fit(data: Trial, restricted: bool) -> tuple[float, float, float]:
    """The deviance at its lowest, and the two variances there, by a search that knows no derivatives."""

    def deviance(deviations: Array) -> float:
        return dense_deviance(data, deviations[0] ** 2, deviations[1] ** 2, restricted)

    start = [0.6, 0.8]
    found = optimize.minimize(deviance, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000})
    return float(found.fun), float(found.x[0] ** 2), float(found.x[1] ** 2)
