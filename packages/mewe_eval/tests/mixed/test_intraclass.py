"""Intraclass correlations and the design effect."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_eval.statistics import intraclass
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.results import NotEstimable

from .clustered import trial

seeds = st.integers(0, 2**32 - 1)


def null(outcome: np.ndarray, cluster: np.ndarray) -> Moments:
    """The moments of a model with a mean alone."""
    return Moments.of(np.ones((len(outcome), 1)), outcome, cluster)


@given(seeds, st.integers(3, 12), st.integers(2, 6))
@settings(max_examples=50, deadline=None)
def test_in_equal_clusters_both_methods_agree_unless_negative(seed: int, clusters: int, size: int) -> None:
    """ANOVA and REML give the same ICC; where ANOVA's is negative, REML's is zero and says so."""
    data = trial(np.random.default_rng(seed), clusters, 0.3, (size, size))
    anova = intraclass.by_anova(data.outcome, data.cluster)
    mixed = intraclass.by_mixed_model(null(data.outcome, data.cluster))
    assert mixed.value == pytest.approx(max(anova.value, 0.0), rel=1e-5, abs=1e-7)
    assert bool(mixed.note) == (anova.value <= 0)
    assert mixed.interval.low <= mixed.value <= mixed.interval.high
    assert anova.interval.low < anova.value < anova.interval.high


def test_analysis_of_variance_with_unequal_clusters_is_computed_as_by_hand() -> None:
    """Mean squares 5.4 and 1 with m0 = 2.3 from clusters of 1, 2, 3 and 4."""
    outcome = np.array([0, 1, 3, 2, 3, 4, 5, 5, 6, 8.0])
    cluster = np.array(["a", "b", "b", "c", "c", "c", "d", "d", "d", "d"])
    within = (2 + 2 + 6) / 6
    among = (1 * 3.7**2 + 2 * 1.7**2 + 3 * 0.7**2 + 4 * 2.3**2) / 3
    typical = (10 - 30 / 10) / 3
    found = intraclass.by_anova(outcome, cluster)
    assert found.value == pytest.approx((among - within) / (among + (typical - 1) * within), rel=1e-12)
    assert (found.between, found.within) == pytest.approx(((among - within) / typical, within), rel=1e-12)


def test_intervals_hold_the_true_icc_as_often_as_they_say() -> None:
    """Of 300 simulated tables with an ICC of 0.2 in 16 clusters, both 90 % intervals hold it in 86 to 94 %."""
    generator, held = np.random.default_rng(11), np.zeros(2)
    for _ in range(300):
        data = trial(generator, 16, 0.2)
        both = (
            intraclass.by_anova(data.outcome, data.cluster, 0.9),
            intraclass.by_mixed_model(null(data.outcome, data.cluster), 0.9),
        )
        held += [one.interval.low <= 0.2 <= one.interval.high for one in both]
    assert (held / 300 > 0.86).all()
    assert (held / 300 < 0.94).all()


def test_the_design_effect_of_equal_clusters_is_the_textbook_one() -> None:
    """1 + (m - 1) ICC; 20 clusters of 10 with an ICC of 0.05 tell as much as 138 persons."""
    assert intraclass.design_effect(np.full(20, 10), 0.05) == pytest.approx(1.45)
    assert intraclass.effective_size(np.full(20, 10), 0.05) == pytest.approx(200 / 1.45)
    assert intraclass.design_effect(np.ones(7), 0.3) == 1


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.floats(0, 1))
def test_the_design_effect_is_the_variance_of_a_mean(sizes: list[int], icc: float) -> None:
    """It is the variance of the plain mean, by the dense covariance matrix, over that of independent persons."""
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    covariance = icc * (cluster[:, None] == cluster[None, :]) + (1 - icc) * np.eye(len(cluster))
    assert intraclass.design_effect(np.array(sizes), icc) == pytest.approx(covariance.sum() / len(cluster), rel=1e-9)


def test_what_makes_no_sense_is_refused() -> None:
    """Sizes under 1, an ICC over 1, no persons, a design effect of nothing; tables that tell no ICC."""
    for sizes, icc in (([0, 3], 0.1), ([], 0.1), ([3], 1.5)):
        with pytest.raises(ValueError, match=r"sizes|correlation"):
            intraclass.design_effect(np.array(sizes), icc)
    with pytest.raises(ValueError, match="not positive"):
        intraclass.effective_size(np.array([11, 11]), -0.1)
    for outcome, cluster, reason in (
        ([1, 2, 3], [1, 1, 1], "TOO_FEW_CLUSTERS"),
        ([1, 2, 3], [1, 2, 3], "NO_REPLICATION"),
        ([1, 1, 3], [1, 1, 3], "NO_RESIDUAL_VARIANCE"),
        ([1, np.nan, 3], [1, 1, 3], "NOT_FINITE"),
    ):
        with pytest.raises(NotEstimable, match=reason):
            intraclass.by_anova(np.array(outcome, dtype=float), np.array(cluster))
