"""What statistics are held to whatever the data: closed forms, and what must not change them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_eval.statistics import families
from mewe_eval.statistics.change import (
    Changed,
    correction,
    difference,
    mean_change,
    reliable_change,
    standardised_mean_change,
)
from mewe_eval.statistics.meta_analysis import Heterogeneity, log_odds_ratio, log_risk_ratio, meta_analysis, tau2_interval
from mewe_eval.statistics.pooling import pool
from mewe_eval.statistics.reliability import reliability
from mewe_eval.statistics.results import Estimate, NotEstimable, Vector

SEEDS = st.integers(0, 10_000)


def answers(seed: int, people: int = 60, items: int = 5) -> Vector:
    """Answers to items of one factor."""
    chance = np.random.default_rng(seed)
    factor, own = chance.normal(size=(people, 1)), chance.normal(size=(people, items))
    return np.asarray(factor) * np.linspace(0.5, 1.5, items) + np.asarray(own)


def test_alpha_of_two_items_is_that_of_spearman_and_brown() -> None:
    """Standardised alpha of two items that correlate by r is 2r / (1 + r)."""
    one = answers(1, items=2)
    r = float(np.asarray(np.corrcoef(one.T))[0, 1])
    found = reliability(one)
    assert found.standardised == pytest.approx(2 * r / (1 + r))
    assert found.rest == pytest.approx([r, r])
    assert found.error == pytest.approx(found.sum_deviation * math.sqrt(1 - found.alpha))


def test_items_that_measure_the_same_without_error_agree_fully() -> None:
    """Alpha of copies that are shifted is 1, and the error of measurement 0."""
    one = answers(2, items=1)
    found = reliability(one + np.array([[0.0, 3.0, 7.0]]))
    assert (found.alpha, found.error) == pytest.approx((1.0, 0.0), abs=1e-7)


@settings(max_examples=25)
@given(SEEDS, st.floats(0.1, 10), st.floats(-50, 50))
def test_reliability_does_not_depend_on_the_unit_or_the_order(seed: int, unit: float, origin: float) -> None:
    """Scaling, shifting, other orders of persons and items, and people who lack an answer change nothing but the units."""
    one = answers(seed)
    chance = np.random.default_rng(seed)
    other = unit * one[np.ix_(chance.permutation(60), chance.permutation(5))] + origin
    other = np.vstack([other, [np.nan, 1, 2, 3, 4]])
    found, moved = reliability(one), reliability(other)
    assert (moved.n, moved.alpha, moved.lambda6) == pytest.approx((60, found.alpha, found.lambda6), rel=1e-7)
    assert (moved.omega, moved.error) == pytest.approx((found.omega, unit * found.error), rel=1e-4)
    assert moved.alpha_interval.low < found.alpha < moved.alpha_interval.high


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (np.ones((9, 1)), "TOO_FEW_ITEMS"),
        (np.full((9, 3), np.nan), "TOO_FEW_PEOPLE"),
        (np.column_stack([np.arange(9.0), np.ones(9)]), "NO_VARIANCE"),
        (np.column_stack([np.arange(9.0), -np.arange(9.0)]), "NO_VARIANCE"),
    ],
)
def test_where_nothing_can_be_said_of_a_scale(table: Vector, reason: str) -> None:
    """One item, nobody complete, an item all answer alike, items that cancel each other out."""
    with pytest.raises(NotEstimable) as refused:
        reliability(table)
    assert refused.value.reason == reason


def test_the_correction_of_small_groups_is_hedges() -> None:
    """Close to 1 - 3 / (4 df - 1), and exact where it is known: for 2 degrees of freedom 1 / sqrt(pi)."""
    assert correction(2) == pytest.approx(1 / math.sqrt(math.pi))
    assert correction(30) == pytest.approx(1 - 3 / (4 * 30 - 1), abs=1e-4)


@settings(max_examples=25)
@given(SEEDS, st.floats(0.1, 10), st.floats(-50, 50))
def test_a_difference_has_no_unit_and_a_direction(seed: int, unit: float, origin: float) -> None:
    """Scaling and shifting both groups changes nothing; swapping them turns it round, interval included."""
    chance = np.random.default_rng(seed)
    a, b = chance.normal(0.4, 1, 12), chance.normal(0, 1, 15)
    found, moved = difference(a, b), difference(unit * b + origin, unit * np.append(a, np.nan) + origin)
    assert (moved.d, moved.g, moved.d_interval.low) == pytest.approx((-found.d, -found.g, -found.d_interval.high), rel=1e-6)
    assert found.g_interval.low < found.g < found.g_interval.high
    assert moved.n == (15, 12)
    assert found.means == pytest.approx((a.mean(), b.mean()))


def test_the_interval_of_a_difference_holds_the_truth_as_often_as_it_says() -> None:
    """Of 2,000 trials with a true difference of half a deviation, 95 % within sampling error."""
    chance = np.random.default_rng(5)
    held = 0
    for _ in range(2000):
        found = difference(chance.normal(0.5, 1, 10), chance.normal(0, 1, 12)).d_interval
        held += found.low < 0.5 < found.high
    assert abs(held / 2000 - 0.95) < 0.02


def test_changes_of_the_same_people() -> None:
    """Mean and standardised change by hand; who lacks a value is left out."""
    before, after = np.array([1.0, 2, 3, 4, 9]), np.array([2.0, 4, 4, 6, np.nan])
    found = mean_change(before, after)
    assert (found.value, found.error, found.df) == pytest.approx((1.5, math.sqrt(1 / 3) / 2, 3))
    standardised = standardised_mean_change(before, after)
    deviation, r = math.sqrt(5 / 3), float(np.asarray(np.corrcoef(before[:4], after[:4]))[0, 1])
    assert standardised.value == pytest.approx(correction(3) * 1.5 / deviation)
    assert standardised.error == pytest.approx(math.sqrt(2 * (1 - r) / 4 + standardised.value**2 / 8))


def test_a_change_within_the_error_of_measurement_is_no_change() -> None:
    """Just below and just above the limit, in both directions, with and without a cut-off."""
    limit = 1.959963984540054 * 10 * math.sqrt(2 * 0.2)
    before, after = np.full(4, 50.0), 50 + limit * np.array([0.999, 1.001, -0.999, -1.001])
    up = reliable_change(before, after, reliability=0.8, higher_is_better=True, deviation=10)
    assert up.of == (Changed.UNCHANGED, Changed.IMPROVED, Changed.UNCHANGED, Changed.DETERIORATED)
    down = reliable_change(-before, -after, reliability=0.8, higher_is_better=False, deviation=10)
    assert down.of == up.of
    cut = reliable_change(before, after, reliability=0.8, higher_is_better=True, deviation=10, cut=50)
    assert cut.of[1] is Changed.RECOVERED
    on_it = reliable_change(before, after, reliability=0.8, higher_is_better=True, deviation=10, cut=float(after[1]))
    assert on_it.of[1] is Changed.IMPROVED
    assert (
        reliable_change(before, after, reliability=0.8, higher_is_better=True, deviation=10, cut=49).of[1] is Changed.IMPROVED
    )


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_families_keep_the_order_and_their_bounds(p: list[float]) -> None:
    """Holm lies between the raw value and Bonferroni; Benjamini-Hochberg below Holm; a smaller p is never adjusted above."""
    raw = np.array(p)
    holm, hochberg, bh = families.holm(raw), families.hochberg(raw), families.benjamini_hochberg(raw)
    slack = 1e-12
    assert (raw <= holm + slack).all()
    assert (holm <= families.bonferroni(raw) + slack).all()
    assert (hochberg <= holm + slack).all()
    assert (bh <= hochberg + slack).all()
    assert (bh <= families.benjamini_yekutieli(raw) + slack).all()
    order = np.argsort(raw, kind="stable")
    for adjusted in (holm, hochberg, bh):
        assert (np.diff(adjusted[order]) >= -slack).all()


def test_what_was_not_tested_counts_for_none() -> None:
    """NaN stays NaN; numbers that are no p-values are refused."""
    assert families.holm(np.array([0.01, np.nan, 0.04])).tolist() == pytest.approx([0.02, math.nan, 0.04], nan_ok=True)
    with pytest.raises(ValueError, match="0 to 1"):
        families.holm(np.array([1.2]))


def test_studies_of_one_precision_are_averaged() -> None:
    """Equal variances: the mean of the effects; tau squared by moments is their variance less that within."""
    effects, variances = np.array([0.1, 0.5, 0.9, 1.3]), np.full(4, 0.04)
    spread = float(effects.var(ddof=1))
    for method in (Heterogeneity.DL, Heterogeneity.REML, Heterogeneity.PM):
        found = meta_analysis(effects, variances, method)
        assert found.estimate.value == pytest.approx(0.7)
        assert found.tau2 == pytest.approx(spread - 0.04, abs=1e-4)
        assert (found.estimate.error, found.estimate.df) == pytest.approx((math.sqrt(spread / 4), 3), rel=1e-6)
    assert meta_analysis(effects, variances, Heterogeneity.ML).tau2 == pytest.approx(spread * 3 / 4 - 0.04)


@pytest.mark.parametrize("method", Heterogeneity)
def test_studies_that_agree_have_no_heterogeneity(method: Heterogeneity) -> None:
    """Effects nearer to each other than chance would have them: tau squared and I squared are 0, not less."""
    found = meta_analysis(np.array([0.50, 0.51, 0.49]), np.full(3, 0.1), method, hartung_knapp=False)
    assert (found.tau2, found.i2) == (0, 0)
    assert found.estimate.error == pytest.approx(math.sqrt(0.1 / 3))
    assert tau2_interval(np.array([0.50, 0.51, 0.49]), np.full(3, 0.1)).low == 0


@settings(max_examples=25)
@given(SEEDS)
def test_the_order_of_studies_changes_nothing(seed: int) -> None:
    """Nor does the sign, but for turning it round."""
    chance = np.random.default_rng(seed)
    effects, variances = chance.normal(0.3, 0.5, 7), chance.uniform(0.01, 0.2, 7)
    order = chance.permutation(7)
    found, other = meta_analysis(effects, variances), meta_analysis(-effects[order], variances[order])
    assert (other.estimate.value, other.tau2, other.q) == pytest.approx((-found.estimate.value, found.tau2, found.q), rel=1e-6)


def test_tau_squared_of_small_units_is_found_as_well() -> None:
    """A hundredth of the unit: a ten-thousandth of the variance, for every method and for the interval."""
    effects, variances = np.array([0.1, 0.5, 0.9, 1.6]), np.array([0.04, 0.05, 0.03, 0.06])
    for method in Heterogeneity:
        small = meta_analysis(effects / 100, variances / 10_000, method).tau2
        assert small * 10_000 == pytest.approx(meta_analysis(effects, variances, method).tau2, abs=1e-3)
    small_interval = tau2_interval(effects / 100, variances / 10_000)
    assert small_interval.high * 10_000 == pytest.approx(tau2_interval(effects, variances).high, rel=1e-2)


@pytest.mark.parametrize(
    ("effects", "variances", "reason"),
    [([0.1], [0.1], "TOO_FEW_STUDIES"), ([0.1, math.nan], [0.1, 0.1], "NOT_FINITE"), ([0.1, 0.2], [0.1, 0.0], "NO_VARIANCE")],
)
def test_what_studies_cannot_say(effects: list[float], variances: list[float], reason: str) -> None:
    """One study, a missing effect, a variance of nothing."""
    with pytest.raises(NotEstimable) as refused:
        meta_analysis(np.array(effects), np.array(variances))
    assert refused.value.reason == reason


def test_ratios_of_counts() -> None:
    """By hand; an empty cell is given half a person, with the others of its table."""
    risk, variance = log_risk_ratio(np.array([[10, 90, 20, 80]]))
    assert (risk[0], variance[0]) == pytest.approx((math.log(0.5), 1 / 10 - 1 / 100 + 1 / 20 - 1 / 100))
    odds, variance = log_odds_ratio(np.array([[0, 10, 5, 5]]))
    assert (odds[0], variance[0]) == pytest.approx((math.log(0.5 * 5.5 / (10.5 * 5.5)), 1 / 0.5 + 1 / 10.5 + 2 / 5.5))


def test_estimates_that_agree_are_pooled_without_loss() -> None:
    """Imputations that make no difference leave error and degrees of freedom as they were, but for the small sample."""
    found = pool([Estimate(1.0, 0.5)] * 5)
    assert (found.estimate.value, found.estimate.error, found.riv, found.missing_information) == (1.0, 0.5, 0.0, 0.0)
    assert math.isinf(found.estimate.df)
    with pytest.raises(NotEstimable, match="TOO_FEW_IMPUTATIONS"):
        pool([Estimate(1.0, 0.5)])


def test_pooling_by_hand() -> None:
    """Two estimates, 1 and 3 with errors of 1: within 1, between 2, total 1 + 1.5 x 2 = 4, lambda 3/4."""
    found = pool([Estimate(1.0, 1.0), Estimate(3.0, 1.0)])
    assert (found.estimate.value, found.within, found.between, found.total, found.share) == (2.0, 1.0, 2.0, 4.0, 0.75)
    assert found.estimate.df == pytest.approx(1 / 0.75**2)
    small = pool([Estimate(1.0, 1.0, 10), Estimate(3.0, 1.0, 10)])
    observed = 11 / 13 * 10 * 0.25
    assert small.estimate.df == pytest.approx(1 / (0.75**2 + 1 / observed))
