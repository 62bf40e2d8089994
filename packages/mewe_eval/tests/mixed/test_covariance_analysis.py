"""Adjusted differences of arms."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mewe_eval.statistics.covariance_analysis import (
    adjusted_difference,
    ancova,
    arm_by_time,
    between_waves,
    subgroup_ancova,
    subgroup_effects,
)
from mewe_eval.statistics.mixed import fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.robust import ordinary

from .clustered import trial

Tables = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize("treatment", ["CBT", "FT"])
def test_without_clusters_it_is_the_analysis_of_covariance_of_r(
    treatment: str, reference: dict[str, Any], table: Tables
) -> None:
    """The coefficients of arm and baseline are those of R's lm."""
    data = table("anorexia")
    rows = np.isin(data["Treat"], [treatment, "Cont"])
    design = ancova((data["Treat"][rows] == treatment).astype(float), data["Prewt"][rows])
    found = ordinary(design.columns, data["Postwt"][rows], np.arange(rows.sum()))
    expected = reference["effect_sizes"][f"anorexia_{treatment}"]["ancova"]
    by_name = dict(zip(design.names, found.coefficients, strict=True))
    assert expected[2]["Estimate"] == pytest.approx(by_name["arm"], abs=1e-8)
    assert expected[1]["Estimate"] == pytest.approx(by_name["baseline"], abs=1e-8)


def test_the_difference_is_that_of_arms_at_equal_baseline() -> None:
    """A planted effect of 2 is found by both, though the arms differ at baseline; noise is small."""
    generator = np.random.default_rng(5)
    data = trial(generator, 12, 0.3)
    arm = data.design[:, 1]
    baseline = 10 + 3 * arm + generator.normal(size=len(arm))
    outcome = 2 * arm + 0.7 * baseline + 0.05 * data.outcome
    found = adjusted_difference(ancova(arm, baseline, {"age": generator.normal(size=len(arm))}), outcome, data.cluster)
    assert found.mixed.value == pytest.approx(2, abs=0.1)
    assert found.robust.value == pytest.approx(2, abs=0.1)
    assert found.mixed.interval().low > 1.8
    assert found.n == len(arm)
    assert found.fit.moments.predictors == ("intercept", "arm", "baseline", "age")


def test_rows_that_lack_something_are_left_out_and_counted() -> None:
    """A missing outcome, baseline or arm: the result is that of the complete rows."""
    generator = np.random.default_rng(5)
    data = trial(generator, 10, 0.3, slope=0.5)
    arm, baseline, outcome = data.design[:, 1].copy(), data.design[:, 2].copy(), data.outcome.copy()
    arm[0], baseline[5], outcome[9] = np.nan, np.nan, np.nan
    found = adjusted_difference(ancova(arm, baseline), outcome, data.cluster)
    kept = np.delete(np.arange(len(arm)), [0, 5, 9])
    direct = fit(Moments.of(data.design[kept], data.outcome[kept], data.cluster[kept]))
    assert found.n == len(arm) - 3
    np.testing.assert_allclose(found.fit.coefficients, direct.coefficients, rtol=1e-10)


def test_whether_subgroups_profit_equally_is_one_contrast() -> None:
    """Effects of 1 and 3 in the two subgroups: each is a contrast, their difference of 2 another."""
    generator = np.random.default_rng(5)
    data = trial(generator, 12, 0.1, (8, 12))
    arm, subgroup = data.design[:, 1], generator.integers(0, 2, len(data.outcome)).astype(float)
    baseline = generator.normal(size=len(arm))
    outcome = arm * (1 + 2 * subgroup) - subgroup + baseline + 0.1 * data.outcome
    design = subgroup_ancova(arm, baseline, subgroup)
    effects = {
        name: adjusted_difference(design, outcome, data.cluster, each) for name, each in subgroup_effects(design).items()
    }
    values = [effects[name].mixed.value for name in ("in subgroup 0", "in subgroup 1", "difference")]
    assert values == pytest.approx([1, 3, 2], abs=0.15)
    assert values[1] - values[0] == pytest.approx(values[2], rel=1e-6)
    assert effects["difference"].robust.value == pytest.approx(2, abs=0.15)


def test_arm_by_time_without_dropout_compares_changes() -> None:
    """With everybody at each wave the effect is the difference of the arms' mean changes."""
    generator = np.random.default_rng(6)
    persons, waves = 30, ["T0", "T1", "T2"]
    arm = np.tile(np.arange(persons) % 2, 3).astype(float)
    wave, person = np.repeat(waves, persons), np.tile(np.arange(persons), 3)
    outcome = generator.normal(size=persons)[person] + generator.normal(size=3 * persons)
    design = arm_by_time(arm, wave, waves)
    assert design.names == ("intercept", "arm", "wave:T1", "arm:T1", "wave:T2", "arm:T2")
    model = fit(Moments.of(design.columns, outcome, person))
    mean = {(a, w): outcome[(arm == a) & (wave == w)].mean() for a in (0, 1) for w in waves}
    contrasts = between_waves(design, waves)
    assert set(contrasts) == {"T0 to T1", "T0 to T2", "T1 to T2"}
    for name, weights in contrasts.items():
        first, second = name.split(" to ")
        expected = mean[1, second] - mean[1, first] - mean[0, second] + mean[0, first]
        assert weights @ model.coefficients == pytest.approx(expected, abs=1e-9)


def test_designs_of_several_countries_add_up() -> None:
    """No column depends on the other rows, so that the sums of two halves are those of the whole."""
    data = trial(np.random.default_rng(5), 10, 0.3, slope=0.5)
    half = data.cluster < 5

    def moments(rows: Any) -> Moments:
        design = ancova(data.design[rows, 1], data.design[rows, 2])
        return Moments.of(design.columns, data.outcome[rows], data.cluster[rows])

    whole = moments(np.full(len(half), True))
    np.testing.assert_allclose((moments(half) + moments(~half)).cross, whole.cross, rtol=1e-12)


def test_what_is_no_arm_or_no_wave_is_refused() -> None:
    """Arms and subgroups are 0 or 1, waves are those named, and no covariate takes another column's name."""
    arm, other = np.array([0.0, 1, 1]), np.array([0.0, 1, 2])
    with pytest.raises(ValueError, match="0 or 1"):
        ancova(other, arm)
    with pytest.raises(ValueError, match="0 or 1"):
        subgroup_ancova(arm, arm, other)
    with pytest.raises(ValueError, match="another column"):
        ancova(arm, other, {"baseline": other})
    with pytest.raises(ValueError, match="waves named"):
        arm_by_time(arm, np.array(["T0", "T1", "T9"]), ["T0", "T1"])
    with pytest.raises(ValueError, match="two or more"):
        arm_by_time(arm, np.array(["T0"] * 3), ["T0"])
    with pytest.raises(ValueError, match="not in tuple"):
        ancova(arm, other).contrast({"nobody": 1})
