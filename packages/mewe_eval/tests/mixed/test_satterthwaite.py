"""Degrees of freedom where they are known."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_eval.statistics.mixed import Method, MixedFit, fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.satterthwaite import Reference, coefficient, estimate, released
from scipy import stats

from .clustered import Trial, dense_deviance, trial

seeds = st.integers(0, 2**32 - 1)


def fitted(data: Trial, method: Method = Method.REML) -> MixedFit:
    """The model of a trial."""
    return fit(Moments.of(data.design, data.outcome, data.cluster), method)


@given(seeds, st.sampled_from([4, 8, 12]), st.integers(2, 6), st.sampled_from([0.0, 0.1, 0.5]))
@settings(max_examples=60, deadline=None)
def test_in_equal_clusters_the_arm_is_tested_as_the_means_of_clusters_are(
    seed: int, clusters: int, size: int, icc: float
) -> None:
    """Singular or not, value, error and df are those of Student's test of the cluster means: clusters - 2 df, exact."""
    data = trial(np.random.default_rng(seed), clusters, icc, (size, size))
    found = fitted(data)
    if found.singular and released(found) is None:
        return  # the variance is at the other bound
    means = data.outcome.reshape(clusters, size).mean(axis=1)
    student = stats.ttest_ind(means[1::2], means[::2])
    arm = coefficient(found, "x2")
    assert arm.df == pytest.approx(clusters - 2, rel=1e-4)
    assert arm.statistic == pytest.approx(student.statistic, rel=1e-4)
    assert arm.p == pytest.approx(student.pvalue, rel=1e-3, abs=1e-6)


def singular_fit(slope: float | None = None) -> MixedFit:
    """A fit at the bound which has a minimum on the negative side."""
    for seed in range(100):
        found = fitted(trial(np.random.default_rng(seed), 8, 0.0, slope=slope))
        if found.singular and released(found):
            return found
    raise AssertionError


def test_at_the_bound_lmertest_has_the_residual_degrees_of_freedom() -> None:
    """n - p, with the errors of ordinary regression."""
    found = singular_fit()
    arm = coefficient(found, "x2", Reference.LMERTEST)
    assert (arm.df, arm.error) == (found.moments.n - 2, found.errors[1])


def test_at_the_bound_an_arm_assigned_by_cluster_has_no_more_df_than_clusters_allow() -> None:
    """At most clusters - 2 for the arm; a covariate that differs within clusters keeps the df within them."""
    found = singular_fit(slope=0.5)
    assert 1 < coefficient(found, "x2").df <= 8 - 2
    assert found.moments.n - 8 - 1 >= coefficient(found, "x3").df > 8


def test_the_released_model_has_the_higher_likelihood() -> None:
    """Its variance is negative, its deviance lower and the slope there zero; the variance reported stays zero."""
    found = singular_fit()
    free = released(found)
    assert free is not None
    assert free.ratio < 0 <= found.ratio
    assert free.deviance < found.deviance
    assert abs(free.profile.slope(free.ratio)) < 1e-6
    assert -1 / free.profile.size.max() < free.ratio


def test_a_fit_that_is_not_singular_is_not_released() -> None:
    """There is nothing to release, and all references but Kenward and Roger's agree."""
    found = fitted(trial(np.random.default_rng(1), 12, 0.6))
    assert not found.singular
    assert released(found) is None
    assert coefficient(found, "x2") == coefficient(found, "x2", Reference.LMERTEST)


@pytest.mark.parametrize("method", list(Method))
def test_degrees_of_freedom_are_those_of_numerical_derivatives(method: Method) -> None:
    """df from the Hessian of the dense deviance and the gradient of the contrast's variance, both by differences."""
    data = trial(np.random.default_rng(4), 10, 0.5, (2, 7), slope=0.5)
    found, contrast = fitted(data, method), np.array([0.5, 1.0, -0.3])

    def variance(between: float, within: float) -> float:
        v = within * np.eye(len(data.outcome)) + between * (data.cluster[:, None] == data.cluster[None, :])
        return float(contrast @ np.linalg.solve(data.design.T @ np.linalg.solve(v, data.design), contrast))

    at, step = np.array([found.between, found.within]), 1e-4
    unit = np.eye(2) * step
    gradient = np.array([(variance(*(at + e)) - variance(*(at - e))) / (2 * step) for e in unit])

    def deviance(place: np.ndarray) -> float:
        return dense_deviance(data, place[0], place[1], method is Method.REML)

    hessian = np.array(
        [
            [
                (deviance(at + e + f) - deviance(at + e - f) - deviance(at - e + f) + deviance(at - e - f)) / (4 * step**2)
                for f in unit
            ]
            for e in unit
        ]
    )
    v = variance(*at)
    expected = 2 * v**2 / (gradient @ (2 * np.linalg.inv(hessian)) @ gradient)
    result = estimate(found, contrast)
    assert result.df == pytest.approx(expected, rel=1e-3)
    assert result.error == pytest.approx(math.sqrt(v), rel=1e-9)
    assert result.value == pytest.approx(contrast @ found.coefficients)


def test_a_contrast_has_one_weight_for_each_coefficient() -> None:
    """Other shapes, only zeros and unknown names are refused."""
    found = fitted(trial(np.random.default_rng(1), 12, 0.6))
    for weights in ([1.0], [0.0, 0.0], [1.0, np.nan]):
        with pytest.raises(ValueError, match="contrast"):
            estimate(found, np.array(weights))
    with pytest.raises(ValueError, match="not in tuple"):
        coefficient(found, "nobody")
