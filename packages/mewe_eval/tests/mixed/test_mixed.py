"""The random-intercept model where its answer is known otherwise."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_eval.statistics.mixed import Method, MixedFit, fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.results import NotEstimable
from scipy import stats

from .clustered import Trial, dense_deviance, dense_fit, trial

seeds = st.integers(0, 2**32 - 1)


def fitted(data: Trial, method: Method = Method.REML) -> MixedFit:
    """The model of a trial."""
    return fit(Moments.of(data.design, data.outcome, data.cluster), method)


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("seed", range(6))
def test_the_likelihood_is_that_of_dense_matrices_and_nowhere_lower(seed: int, method: Method) -> None:
    """The deviance is that of the n x n covariance matrix, and a search over both variances finds none lower."""
    data = trial(np.random.default_rng(seed), 9, 0.4, (2, 7), slope=0.5)
    found, restricted = fitted(data, method), method is Method.REML
    lowest, between, within = dense_fit(data, restricted)
    assert dense_deviance(data, found.between, found.within, restricted) == pytest.approx(found.deviance, abs=1e-9)
    assert found.deviance <= lowest + 1e-9
    assert (found.between, found.within) == pytest.approx((between, within), rel=1e-4, abs=1e-6)


@given(seeds, st.integers(3, 8), st.integers(2, 6), st.floats(0, 0.8))
@settings(max_examples=60, deadline=None)
def test_in_balanced_data_reml_is_the_analysis_of_variance(seed: int, clusters: int, size: int, icc: float) -> None:
    """Variances are the mean squares' in closed form, or the intercepts' is zero where that is negative."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(clusters, 1)) * math.sqrt(icc) + generator.normal(size=(clusters, size))
    found = fit(Moments.of(np.ones((values.size, 1)), values.ravel(), np.repeat(np.arange(clusters), size)))
    among = size * values.mean(axis=1).var(ddof=1)
    inside = values.var(axis=1, ddof=1).mean()
    if among > inside:
        assert (found.between, found.within) == pytest.approx(((among - inside) / size, inside), rel=1e-6, abs=1e-7)
        assert found.errors[0] == pytest.approx(math.sqrt(among / values.size), rel=1e-6)
    else:
        assert (found.singular, found.between) == (True, 0.0)
        assert found.within == pytest.approx(values.var(ddof=1), rel=1e-9)
        assert "ordinary regression" in found.note
    assert found.coefficients[0] == pytest.approx(values.mean(), rel=1e-9, abs=1e-9)


@given(seeds, st.floats(-50, 50), st.floats(0.01, 100), st.floats(-50, 50), st.floats(0.01, 100))
@settings(max_examples=60, deadline=None)
def test_other_units_give_the_same_model_in_other_units(
    seed: int, move: float, stretch: float, shift: float, scale: float
) -> None:
    """Moving and stretching the outcome or a column moves and stretches coefficients, errors and variances, and no ICC."""
    data = trial(np.random.default_rng(seed), 8, 0.3, (2, 6), slope=0.5)
    first = fitted(data)
    moved = data.design.copy()
    moved[:, 2] = shift + scale * moved[:, 2]
    second = fitted(Trial(moved, move + stretch * data.outcome, data.cluster))
    slope = stretch * first.coefficients[2] / scale
    expected = [move + stretch * first.coefficients[0] - slope * shift, stretch * first.coefficients[1], slope]
    np.testing.assert_allclose(second.coefficients, expected, rtol=1e-6, atol=1e-6 * stretch)
    np.testing.assert_allclose(second.errors[1:], first.errors[1:] * [stretch, stretch / scale], rtol=1e-6)
    assert second.icc == pytest.approx(first.icc, rel=1e-5, abs=1e-6)
    assert second.within == pytest.approx(stretch**2 * first.within, rel=1e-6)


def test_a_column_in_millions_and_one_in_millionths_lose_no_digits() -> None:
    """Columns twelve orders of magnitude apart give the coefficients of columns of one scale."""
    generator = np.random.default_rng(2)
    data = trial(generator, 10, 0.3, slope=0.5)
    design = np.column_stack([data.design, generator.normal(size=len(data.outcome))])
    first = fitted(Trial(design, data.outcome, data.cluster))
    second = fitted(Trial(design * [1, 1, 1e6, 1e-6], data.outcome, data.cluster))
    np.testing.assert_allclose(second.coefficients * [1, 1, 1e6, 1e-6], first.coefficients, rtol=1e-10)
    np.testing.assert_allclose(second.errors * [1, 1, 1e6, 1e-6], first.errors, rtol=1e-10)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_profile_interval_ends_where_the_likelihood_ratio_says(level: float) -> None:
    """At both ends the best deviance with dense matrices exceeds the lowest by the chi-square quantile."""
    data = trial(np.random.default_rng(8), 12, 0.5, (4, 8))
    found = fitted(data)
    for between in (found.interval_of_between(level).low, found.interval_of_between(level).high):
        withins = found.within * np.exp(np.linspace(-0.2, 0.2, 401))
        best = min(dense_deviance(data, between, within, restricted=True) for within in withins)
        assert best - found.deviance == pytest.approx(stats.chi2.ppf(level, 1), abs=1e-3)
    for icc in (found.interval_of_icc(level).low, found.interval_of_icc(level).high):
        totals = (found.between + found.within) * np.exp(np.linspace(-2, 2, 1001))
        best = min(dense_deviance(data, icc * total, (1 - icc) * total, restricted=True) for total in totals)
        assert best - found.deviance == pytest.approx(stats.chi2.ppf(level, 1), abs=1e-3)


def test_the_interval_of_a_variance_that_may_be_zero_starts_at_zero() -> None:
    """A singular fit has an interval from 0 on, with an end above it."""
    singular = [fitted(trial(np.random.default_rng(seed), 8, 0.0)) for seed in range(12)]
    singular = [found for found in singular if found.singular]
    assert len(singular) >= 3
    for found in singular:
        assert found.interval_of_icc().low == 0.0 == found.interval_of_between().low
        assert 0 < found.interval_of_icc().high < 1
        assert 0 < found.interval_of_between().high < math.inf
        assert (found.icc, found.between) == (0.0, 0.0)


def test_ordinary_regression_is_what_a_singular_fit_reports() -> None:
    """Coefficients and errors of a singular fit are those of least squares."""
    found, data = next(
        (fitted(data), data)
        for data in (trial(np.random.default_rng(seed), 8, 0.0, slope=0.5) for seed in range(50))
        if fitted(data).singular
    )
    coefficients, rss, *_ = np.linalg.lstsq(data.design, data.outcome)
    covariance = np.linalg.inv(data.design.T @ data.design) * rss[0] / (len(data.outcome) - 3)
    np.testing.assert_allclose(found.coefficients, coefficients, rtol=1e-10)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-9)
    wald = found.wald(found.weights("x2"))
    assert (wald.value, wald.error, wald.df) == pytest.approx((coefficients[1], covariance[1, 1] ** 0.5, math.inf))


def refusal(design: object, outcome: object, cluster: object) -> NotEstimable:
    """Why a model is refused."""
    with pytest.raises(NotEstimable) as caught:
        fit(Moments.of(np.asarray(design, dtype=float), np.asarray(outcome, dtype=float), np.asarray(cluster)))
    return caught.value


def test_columns_that_follow_from_others_are_named() -> None:
    """A sum of columns, a constant beside the ones, and a column of zeros."""
    data = trial(np.random.default_rng(1), 8, 0.2, slope=0.5)
    twice = np.column_stack([data.design, data.design[:, 1] + 2 * data.design[:, 2]])
    found = refusal(twice, data.outcome, data.cluster)
    assert (found.reason, found.detail) == ("RANK_DEFICIENT", "Columns that follow from the others: x4.")
    found = refusal(np.column_stack([data.design, np.zeros(len(twice))]), data.outcome, data.cluster)
    assert (found.reason, found.detail) == ("RANK_DEFICIENT", "Columns that are zero throughout: x4.")
    found = refusal(np.column_stack([data.design, np.full(len(twice), 7e5)]), data.outcome, data.cluster)
    assert found.reason == "RANK_DEFICIENT"


def test_too_little_data_are_refused_with_the_reason() -> None:
    """One cluster; one cluster an arm; as many coefficients as rows; clusters of one; nothing left within clusters."""
    y = np.random.default_rng(1).normal(size=6)
    ones = np.ones((6, 1))
    arms = np.column_stack([ones, [0, 0, 0, 1, 1, 1]])
    assert refusal(ones, y, [1] * 6).reason == "TOO_FEW_CLUSTERS"
    assert refusal(arms, y, [1, 1, 1, 2, 2, 2]).reason == "TOO_FEW_CLUSTERS"
    assert refusal(np.vander(np.linspace(1, 2, 6), 6), y, [1, 1, 1, 2, 2, 2]).reason == "NO_RESIDUAL_DF"
    assert refusal(ones, y, range(6)).reason == "NO_REPLICATION"
    within = np.column_stack([ones, np.random.default_rng(2).normal(size=(6, 2))])
    assert refusal(within, y, [1, 1, 2, 2, 3, 4]).reason == "NO_RESIDUAL_DF"


def test_an_outcome_without_residuals_is_refused() -> None:
    """Constant, explained fully by the columns, zero, or the same for all rows of a cluster."""
    data = trial(np.random.default_rng(1), 8, 0.2)
    assert refusal(data.design, np.full(len(data.cluster), 3.0), data.cluster).reason == "NO_RESIDUAL_VARIANCE"
    assert refusal(data.design, data.design @ [1, 2], data.cluster).reason == "NO_RESIDUAL_VARIANCE"
    assert refusal(data.design, np.zeros(len(data.cluster)), data.cluster).reason == "NO_RESIDUAL_VARIANCE"
    alike = np.random.default_rng(5).normal(size=8)[data.cluster]
    assert refusal(data.design, alike, data.cluster).reason == "NO_RESIDUAL_VARIANCE"


def test_five_hundred_clusters_of_three_are_fast() -> None:
    """Sums and fit take about a millisecond (limit 50 for a busy machine): the work does not grow with the clusters."""
    from timeit import repeat

    data = trial(np.random.default_rng(1), 500, 0.3, (3, 3), slope=0.5)
    assert min(repeat(lambda: fitted(data), number=1, repeat=5)) < 0.05
