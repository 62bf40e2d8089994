"""CR2 errors where they are known otherwise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_eval.statistics import robust
from mewe_eval.statistics.results import NotEstimable
from scipy import linalg, stats

from .clustered import trial

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(3, 9), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_two_groups_of_equal_clusters_are_compared_as_by_student(seed: int, clusters: int, size: int) -> None:
    """As many equal clusters in each arm: the test of cluster means with pooled variance and 2 (K - 1) df."""
    data = trial(np.random.default_rng(seed), 2 * clusters, 0.3, (size, size))
    found = robust.ordinary(data.design, data.outcome, data.cluster).estimate(np.array([0.0, 1.0]))
    means = data.outcome.reshape(2 * clusters, size).mean(axis=1)
    student = stats.ttest_ind(means[1::2], means[::2])
    assert (found.statistic, found.df) == pytest.approx((student.statistic, 2 * clusters - 2), rel=1e-6)
    assert found.p == pytest.approx(student.pvalue, rel=1e-5)


@given(seeds, st.integers(2, 6), st.integers(2, 9))
@settings(max_examples=40, deadline=None)
def test_clusters_of_one_give_welch_for_two_groups(seed: int, first: int, second: int) -> None:
    """Without clusters CR2 is HC2: for two groups the error of Welch's test, and df of the design alone."""
    values = np.random.default_rng(seed).normal(size=first + second)
    arm = np.repeat([0.0, 1.0], [first, second])
    design = np.column_stack([np.ones(len(arm)), arm])
    found = robust.ordinary(design, values, np.arange(len(arm))).estimate(np.array([0.0, 1.0]))
    welch = values[first:].var(ddof=1) / second + values[:first].var(ddof=1) / first
    expected = (1 / first + 1 / second) ** 2 / (1 / (first**2 * (first - 1)) + 1 / (second**2 * (second - 1)))
    assert (found.error**2, found.df) == pytest.approx((welch, expected), rel=1e-8)


@pytest.mark.parametrize("ratio", [0.0, 0.4])
def test_errors_and_df_are_those_of_the_formulas_with_dense_matrices(ratio: float) -> None:
    """Pustejovsky and Tipton's A = D'(D (I-H) Phi (I-H)' D')^(-1/2) D with D from Cholesky, and df from n x n matrices."""
    data = trial(np.random.default_rng(7), 9, 0.3, (2, 7), slope=0.5)
    x, n, contrast = data.design, len(data.outcome), np.array([0.2, 1.0, -0.5])
    phi = np.eye(n) + ratio * (data.cluster[:, None] == data.cluster[None, :])
    weight = np.linalg.inv(phi)
    bread = np.linalg.inv(x.T @ weight @ x)
    away = np.eye(n) - x @ bread @ x.T @ weight
    beta = bread @ x.T @ weight @ data.outcome
    columns, value = [], 0.0
    for label in np.unique(data.cluster):
        at = np.flatnonzero(data.cluster == label)
        block = np.ix_(at, at)
        d = np.linalg.cholesky(phi[block]).T
        adjust = d.T @ linalg.inv(linalg.sqrtm(d @ away[at] @ phi @ away[at].T @ d.T)) @ d
        part = contrast @ bread @ x[at].T @ weight[block] @ adjust
        value += (part @ (data.outcome[at] - x[at] @ beta)) ** 2
        columns.append(away[at].T @ part)
    p = np.array(columns).T
    products = p.T @ phi @ p
    found = robust.weighted(x, data.outcome, data.cluster, ratio)
    np.testing.assert_allclose(found.coefficients, beta, rtol=1e-9)
    result = found.estimate(contrast)
    assert result.error**2 == pytest.approx(value, rel=1e-8)
    assert result.df == pytest.approx(np.trace(products) ** 2 / (products**2).sum(), rel=1e-8)


@given(seeds, st.floats(0.01, 1000))
@settings(max_examples=25, deadline=None)
def test_other_units_give_the_same_test(seed: int, scale: float) -> None:
    """Stretching the outcome and a column leaves t and df as they are."""
    data = trial(np.random.default_rng(seed), 8, 0.2, (2, 6), slope=0.5)
    weights = np.array([0.0, 0.0, 1.0])
    first = robust.ordinary(data.design, data.outcome, data.cluster).estimate(weights)
    second = robust.ordinary(data.design * [1, 1, scale], data.outcome * 3, data.cluster).estimate(weights)
    assert (second.statistic, second.df) == pytest.approx((first.statistic, first.df), rel=1e-6)
    assert second.value == pytest.approx(3 * first.value / scale, rel=1e-6)


def test_the_working_model_is_the_random_intercept_model() -> None:
    """Coefficients are those of the mixed model, whose ratio is taken over."""
    from mewe_eval.statistics.mixed import fit
    from mewe_eval.statistics.moments import Moments

    data = trial(np.random.default_rng(3), 12, 0.5, slope=0.5)
    found = robust.random_intercept(data.design, data.outcome, data.cluster)
    model = fit(Moments.of(data.design, data.outcome, data.cluster))
    assert found.ratio == model.ratio > 0
    np.testing.assert_allclose(found.coefficients, model.coefficients, rtol=1e-9)


def test_a_contrast_that_one_cluster_decides_is_refused() -> None:
    """An arm of a single cluster has no error by clusters; what the other clusters tell still has one."""
    data = trial(np.random.default_rng(3), 8, 0.1)
    alone = np.column_stack([np.ones(len(data.cluster)), data.cluster == 0]).astype(float)
    found = robust.ordinary(alone, data.outcome, data.cluster)
    with pytest.raises(NotEstimable, match="TOO_FEW_CLUSTERS"):
        found.estimate(np.array([0.0, 1.0]))
    assert found.estimate(np.array([1.0, 0.0])).df > 4


def test_what_cannot_be_estimated_is_refused() -> None:
    """One cluster, columns that follow from others, a missing value."""
    data = trial(np.random.default_rng(3), 8, 0.1)
    with pytest.raises(NotEstimable, match="TOO_FEW_CLUSTERS"):
        robust.ordinary(data.design, data.outcome, np.zeros(len(data.outcome)))
    with pytest.raises(NotEstimable, match="RANK_DEFICIENT"):
        robust.ordinary(data.design[:, [0, 1, 1]], data.outcome, data.cluster)
    with pytest.raises(NotEstimable, match="NOT_FINITE"):
        robust.ordinary(data.design, data.outcome * np.nan, data.cluster)
