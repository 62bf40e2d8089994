"""The figures that R finds in real data, to the digits that R's own algorithms agree to."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mewe_eval.statistics import families
from mewe_eval.statistics.change import Changed, difference, reliable_change
from mewe_eval.statistics.meta_analysis import Heterogeneity, log_risk_ratio, meta_analysis, tau2_interval
from mewe_eval.statistics.pooling import pool
from mewe_eval.statistics.reliability import reliability
from mewe_eval.statistics.results import Estimate

Read = Callable[[str], dict[str, Any]]


def test_reliability(reference: Any, table: Read) -> None:
    """Alpha, omega, lambda 6 and the error of measurement of five scales, raw items recoded."""
    answers = table("bfi")
    for scale in reference["reliability"].values():
        reverse = scale["reverse"] if isinstance(scale["reverse"], list) else [scale["reverse"]]
        items = [scale["min"] + scale["max"] - answers[one] if one in reverse else answers[one] for one in scale["items"]]
        found = reliability(np.column_stack(items))
        assert found.n == scale["n_complete"]
        assert [found.alpha, found.standardised, found.mean_correlation, found.lambda6, found.error] == pytest.approx(
            [scale[key] for key in ("alpha_raw", "alpha_std", "mean_r", "lambda6", "sem")], abs=1e-9
        )
        assert found.omega == pytest.approx(scale["omega_total"], abs=1e-7)
        assert [found.sum_mean, found.sum_deviation] == pytest.approx([scale["sum_mean"], scale["sum_sd"]], abs=1e-9)


def test_meta_analysis(reference: Any, table: Read) -> None:
    """Thirteen trials by six estimates of heterogeneity, with and without Hartung and Knapp."""
    trials, said = table("dat_bcg"), reference["meta_analysis"]["bcg_logRR"]
    effects, variances = log_risk_ratio(np.column_stack([trials[one] for one in ("tpos", "tneg", "cpos", "cneg")]))
    np.testing.assert_allclose(effects, said["yi"], rtol=1e-10)
    np.testing.assert_allclose(variances, said["vi"], rtol=1e-10)
    for method in Heterogeneity:
        one, within = said[method.value], 1e-6
        found = meta_analysis(effects, variances, method, hartung_knapp=False)
        interval = found.estimate.interval()
        assert [found.estimate.value, found.estimate.error, interval.low, interval.high, found.tau2] == pytest.approx(
            [one["b"], one["se"], *one["ci"], one["tau2"]], rel=within, abs=1e-12
        )
        assert [found.i2, found.h2, found.q, found.q_p] == pytest.approx(
            [one[key] for key in ("I2", "H2", "Q", "Qp")], rel=within
        )
        if found.prediction is not None:
            assert [found.prediction.low, found.prediction.high] == pytest.approx(one["pi"], rel=within)
        adjusted = meta_analysis(effects, variances, method).estimate
        interval = adjusted.interval()
        assert [adjusted.error, adjusted.p, interval.low, interval.high] == pytest.approx(
            [one["knha"]["se"], one["knha"]["p"], *one["knha"]["ci"]], rel=within
        )
    profile = tau2_interval(effects, variances)
    assert [profile.low, profile.high] == pytest.approx(said["tau2_ci_qprofile"], rel=1e-6)


def test_rubins_rules(reference: Any) -> None:
    """Twenty imputations of a small table, pooled with the degrees of freedom of Barnard and Rubin."""
    said = reference["mi_rubin"]["nhanes2"]
    for place, one in enumerate(said["pooled"]):
        several = [Estimate(value[place], error[place]) for value, error in zip(said["est"], said["se"], strict=True)]
        found = pool(several, said["dfcom"])
        got = [found.estimate.value, found.within, found.between, found.total, found.estimate.df]
        assert got == pytest.approx([one[key] for key in ("estimate", "ubar", "b", "t", "df")], rel=1e-9)
        assert [found.riv, found.share, found.missing_information] == pytest.approx(
            [one[key] for key in ("riv", "lambda", "fmi")], rel=1e-9
        )
        summary = said["summary"][place]
        interval = found.estimate.interval()
        assert [found.estimate.p, interval.low, interval.high] == pytest.approx(
            [summary[key] for key in ("p.value", "2.5 %", "97.5 %")], rel=1e-8
        )


def test_reliable_change(reference: Any, table: Read) -> None:
    """Who improved, recovered or got worse in a trial of two arms, by the deviation of all before."""
    trial, said = table("btheb"), reference["rci"]["btheb_pre_to_3m"]
    both = np.isfinite(trial["bdi.pre"]) & np.isfinite(trial["bdi.3m"])
    deviation = float(np.nanstd(trial["bdi.pre"], ddof=1))
    assert deviation == pytest.approx(said["sd_pre"], rel=1e-10)
    for arm, counts in said["by_arm"].items():
        rows = both & (trial["treatment"] == arm)
        found = reliable_change(
            trial["bdi.pre"][rows],
            trial["bdi.3m"][rows],
            reliability=said["reliability_assumed"],
            higher_is_better=False,
            deviation=deviation,
            cut=said["cutoff_assumed"],
        )
        assert found.error == pytest.approx(said["s_diff"], rel=1e-10)
        assert {one.value: count for one, count in found.counts.items() if count} == counts
        assert sum(found.counts.values()) == rows.sum() == len(found.of)
        assert found.counts[Changed.RECOVERED] == counts["recovered"]


@pytest.mark.parametrize("arm", ["CBT", "FT"])
def test_effect_sizes(arm: str, reference: Any, table: Read) -> None:
    """Cohen's d and Hedges' g of two therapies against control. R finds the ends of their intervals to seven digits."""
    people, said = table("anorexia"), reference["effect_sizes"][f"anorexia_{arm}"]
    found = difference(people["Postwt"][people["Treat"] == arm], people["Postwt"][people["Treat"] == "Cont"])
    assert [found.d, found.d_interval.low, found.d_interval.high] == pytest.approx([said["cohens_d"], *said["d_ci"]], rel=2e-7)
    assert [found.g, found.g_interval.low, found.g_interval.high] == pytest.approx([said["hedges_g"], *said["g_ci"]], rel=2e-7)


def test_effect_sizes_where_people_are_missing(reference: Any, table: Read) -> None:
    """The same with real dropout."""
    trial, said = table("btheb"), reference["effect_sizes"]["btheb_bdi.2m"]
    found = difference(*(trial["bdi.2m"][trial["treatment"] == arm] for arm in ("BtheB", "TAU")))
    assert found.n == (said["n"]["BtheB"], said["n"]["TAU"])
    assert [found.g, found.g_interval.low, found.g_interval.high] == pytest.approx([said["hedges_g"], *said["ci"]], rel=2e-6)


@pytest.mark.parametrize(
    ("adjust", "key"),
    [
        (families.bonferroni, "bonferroni"),
        (families.holm, "holm"),
        (families.hochberg, "hochberg"),
        (families.benjamini_hochberg, "BH"),
        (families.benjamini_yekutieli, "BY"),
    ],
)
def test_families(adjust: Callable[[Any], Any], key: str, reference: Any) -> None:
    """Adjusted p-values as R's p.adjust has them."""
    said = reference["multiplicity"]
    np.testing.assert_allclose(adjust(np.array(said["p"])), said[key], rtol=1e-10)
