"""Multiple imputation within clusters: what it draws, and that intervals hold the truth as often as they say."""

import math

import numpy as np
import pytest
from mewe_eval.statistics import satterthwaite
from mewe_eval.statistics.imputation import draw, impute, shifted
from mewe_eval.statistics.mixed import Method, Profile, fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.results import NotEstimable
from scipy import stats

from tests.extent import extent

from .clustered import dense_deviance, trial


def incomplete(generator: np.random.Generator, clusters: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """A table x, y with true means 0, ICC of y given x 0.7; y is missing where x is great, in every other cluster mostly."""
    cluster = np.repeat(np.arange(clusters), generator.integers(6, 13, clusters))
    n = len(cluster)
    x = generator.normal(size=n) + 0.5 * generator.normal(size=clusters)[cluster]
    y = 0.5 * x + generator.normal(size=clusters)[cluster] * math.sqrt(0.7) + generator.normal(size=n) * math.sqrt(0.3)
    gone = generator.random(n) < 1 / (1 + np.exp(-(x + np.where(cluster % 2, 1.5, -1.5))))
    return np.column_stack([x, np.where(gone, np.nan, y)]), cluster


def pooled_mean(tables: list[np.ndarray], cluster: np.ndarray) -> tuple[float, float]:
    """The mean of y by a random-intercept model in each table, and half the width of its 95 % interval by Rubin's rules."""
    means = [satterthwaite.coefficient(fit(Moments.of(np.ones((len(cluster), 1)), one[:, 1], cluster)), "x1") for one in tables]
    values, m, complete = np.array([mean.value for mean in means]), len(tables), int(cluster.max())
    among = (1 + 1 / m) * values.var(ddof=1)
    total = among + float(np.mean([mean.error**2 for mean in means]))
    observed = (complete + 1) / (complete + 3) * complete * (1 - among / total)
    df = 1 / (1 / observed + (among / total) ** 2 / (m - 1))
    return float(values.mean()), float(stats.t.isf(0.025, df) * math.sqrt(total))


def test_intervals_after_imputation_hold_the_truth_and_without_clusters_they_do_not() -> None:
    """Missing at random: 95 % intervals hold the mean in 92 to 99 %; drawn as if there were no clusters, in under 90 %."""
    generator, trials = np.random.default_rng(21), extent(200, 1000)
    held = np.zeros(2)
    for _ in range(trials):
        table, cluster = incomplete(generator)
        for way, labels in enumerate((cluster, generator.permutation(cluster))):  # labels dealt at random: clusters ignored
            value, width = pooled_mean(impute(table, labels, generator, data_sets=8), cluster)
            held[way] += abs(value) <= width
    with_clusters, without = held / trials
    assert 0.92 <= with_clusters <= 0.99
    assert without < 0.90


def test_what_was_observed_stays_and_what_was_missing_is_completed() -> None:
    """Each data set is the table with its holes filled, and no two are filled alike."""
    generator = np.random.default_rng(1)
    table, cluster = incomplete(generator)
    table[3, 0] = np.nan
    completed = impute(table, cluster, generator, data_sets=5, iterations=3)
    known = ~np.isnan(table)
    assert len(completed) == 5
    for one in completed:
        np.testing.assert_array_equal(one[known], table[known])
        assert np.isfinite(one).all()
    assert len({one[~known].tobytes() for one in completed}) == 5


def test_the_same_generator_gives_the_same_data_sets() -> None:
    """All chance comes from the generator handed in; the table handed in is not written to."""
    table, cluster = incomplete(np.random.default_rng(1))
    before = table.copy()
    first = impute(table, cluster, np.random.default_rng(5), data_sets=2)
    second = impute(table, cluster, np.random.default_rng(5), data_sets=2)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(before, table)


def test_a_table_without_holes_comes_back_as_it_is() -> None:
    """There is nothing to draw."""
    table = np.random.default_rng(1).normal(size=(9, 2))
    np.testing.assert_array_equal(impute(table, np.arange(9) % 3, np.random.default_rng(1), data_sets=2), [table, table])


def test_draws_follow_the_exact_posterior() -> None:
    """Means and variances of 4,000 draws are those of the posterior, integrated numerically over both variances."""
    data = trial(np.random.default_rng(3), 8, 0.4, (2, 6))
    profile = Profile(Moments.of(data.design, data.outcome, data.cluster), Method.REML)
    generator = np.random.default_rng(9)
    draws = [draw(profile, generator) for _ in range(4000)]
    icc = (np.arange(60) + 0.5) / 60
    log_total = np.linspace(math.log(0.15), math.log(12), 90)
    density = np.array(
        [[-dense_deviance(data, i * math.exp(t), (1 - i) * math.exp(t), restricted=True) / 2 for t in log_total] for i in icc]
    )
    weight: np.ndarray = np.exp(density - density.max())  # flat in the ICC and in the logarithm of the total variance
    weight /= weight.sum()
    expected_icc = float(weight.sum(axis=1) @ icc)
    expected_within = float((1 - icc) @ weight @ np.exp(log_total))
    found_icc = np.array([one.between / (one.between + one.within) for one in draws])
    found_within = np.array([one.within for one in draws])
    assert found_icc.mean() == pytest.approx(expected_icc, abs=4 * found_icc.std() / 4000**0.5 + 0.002)
    assert found_within.mean() == pytest.approx(expected_within, abs=4 * found_within.std() / 4000**0.5 + 0.002)
    slopes = np.array([one.coefficients for one in draws])
    at = [profile.at(np.array(i / (1 - i))) for i in icc]
    share, basis = weight.sum(axis=1), profile.basis[:2, :2]
    centres = np.array([one.coefficients @ basis.T - profile.basis[:2, 2] for one in at])
    spreads = np.array(
        [np.diag(basis @ np.linalg.inv(one.information) @ basis.T) * one.residual / (profile.df - 2) for one in at]
    )
    centre = share @ centres
    spread = share @ (spreads + (centres - centre) ** 2)
    np.testing.assert_allclose(slopes.mean(axis=0), centre, atol=float(4 * slopes.std(axis=0).max() / 4000**0.5))
    np.testing.assert_allclose(slopes.var(axis=0), spread, rtol=0.15)


def test_imputed_values_keep_the_clusters_and_the_slope() -> None:
    """In completed tables the ICC and the slope are those of the truth, 0.7 and 0.5, on the average over many tables."""
    generator = np.random.default_rng(2)
    iccs, slopes = [], []
    for _ in range(40):
        table, cluster = incomplete(generator, 30)
        one = impute(table, cluster, generator, data_sets=1)[0]
        model = fit(Moments.of(np.column_stack([np.ones(len(one)), one[:, 0]]), one[:, 1], cluster))
        iccs.append(model.icc)
        slopes.append(model.coefficients[1])
    assert np.mean(iccs) == pytest.approx(0.7, abs=0.05)
    assert np.mean(slopes) == pytest.approx(0.5, abs=0.03)


def test_several_incomplete_columns_are_drawn_in_turn() -> None:
    """With holes in three waves of one process each completed wave has the mean and the correlation of the truth."""
    generator = np.random.default_rng(4)
    cluster = np.repeat(np.arange(60), 10)
    base = generator.normal(size=600) + 0.5 * generator.normal(size=60)[cluster]
    waves = base[:, None] + 0.5 * generator.normal(size=(600, 3))
    waves = np.where(generator.random((600, 3)) < 0.25, np.nan, waves)
    completed = impute(waves, cluster, generator, data_sets=4, iterations=8)
    correlation = np.mean([np.asarray(np.corrcoef(one.T))[np.triu_indices(3, 1)] for one in completed])
    assert correlation == pytest.approx(1.25 / 1.5, abs=0.03)
    np.testing.assert_allclose(np.mean([one.mean(axis=0) for one in completed], axis=0), base.mean(), atol=0.06)


def test_delta_moves_imputed_values_of_the_rows_named_and_nothing_else() -> None:
    """In one arm every imputed value of one wave is moved by delta; what was observed is not."""
    generator = np.random.default_rng(1)
    table, cluster = incomplete(generator)
    completed = impute(table, cluster, generator, data_sets=3)
    arm = cluster % 2 == 1
    moved = shifted(table, completed, column=1, rows=arm, delta=-4.0)
    for before, after in zip(completed, moved, strict=True):
        difference = after - before
        expected = np.isnan(table[:, 1]) & arm
        np.testing.assert_allclose(difference[expected, 1], -4.0)
        assert not difference[~expected].any()
        assert not difference[:, 0].any()
    assert expected.any()
    with pytest.raises(ValueError, match="rows"):
        shifted(table, completed, column=1, rows=arm[1:], delta=1.0)


def test_what_cannot_be_imputed_is_refused() -> None:
    """A column without a value, an infinite value, an unknown cluster, and numbers that make no sense."""
    generator = np.random.default_rng(1)
    table, cluster = incomplete(generator)
    with pytest.raises(NotEstimable, match="NOTHING_OBSERVED"):
        impute(np.column_stack([table, np.full(len(table), np.nan)]), cluster, generator)
    with pytest.raises(NotEstimable, match="NOT_FINITE"):
        impute(np.where(np.isnan(table), np.inf, table), cluster, generator)
    with pytest.raises(NotEstimable, match="NOT_FINITE"):
        impute(table, np.where(cluster == 1, np.nan, cluster), generator)
    with pytest.raises(NotEstimable, match="RANK_DEFICIENT"):
        impute(np.column_stack([table, np.ones(len(table))]), cluster, generator)
    for wrong in ((table[0], cluster, 1), (table, cluster[1:], 1), (table, cluster, 0)):
        with pytest.raises(ValueError, match="n x v"):
            impute(wrong[0], wrong[1], generator, data_sets=wrong[2])
