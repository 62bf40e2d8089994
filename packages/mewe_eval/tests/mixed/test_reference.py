"""The random-intercept model against lme4, lmerTest and pbkrtest."""

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pytest
from mewe_eval.statistics import satterthwaite
from mewe_eval.statistics.mixed import Method, fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.satterthwaite import Reference

Tables = Callable[[str], dict[str, Any]]
MODELS = ("sleepstudy_rint", "btheb_hsaur")


def rows_of(model: str, table: Tables) -> tuple[Any, Any, Any, list[str]]:
    """Design, outcome, cluster and names of a model in the reference."""
    if model == "sleepstudy_rint":
        data = table("sleepstudy")
        columns = {"(Intercept)": np.ones(len(data["Days"])), "Days": data["Days"]}
        return np.column_stack(list(columns.values())), data["Reaction"], data["Subject"], [*columns, "Reaction"]
    data = table("btheb_long")
    data = {name: values[np.isfinite(data["bdi"])] for name, values in data.items()}
    columns = {
        "(Intercept)": np.ones(len(data["bdi"])),
        "bdi.pre": data["bdi.pre"],
        "month": data["month"],
        "treatmentBtheB": (data["treatment"] == "BtheB").astype(float),
        "drugYes": (data["drug"] == "Yes").astype(float),
        "length>6m": (data["length"] == ">6m").astype(float),
    }
    return np.column_stack(list(columns.values())), data["bdi"], data["subject"], [*columns, "bdi"]


@pytest.fixture(params=MODELS)
def said(request: pytest.FixtureRequest, reference: dict[str, Any]) -> dict[str, Any]:
    """What R says of one random-intercept model."""
    model: dict[str, Any] = reference["mixed_models"][request.param] | {"name": request.param}
    return model


def test_the_reference_has_these_models_and_one_with_random_slopes(reference: dict[str, Any]) -> None:
    """Every model of the reference with a random intercept alone is checked here."""
    others = {name for name in reference["mixed_models"] if name not in MODELS}
    assert others == {"sleepstudy_rslope"}


def test_restricted_likelihood_gives_the_estimates_of_lme4(said: dict[str, Any], table: Tables) -> None:
    """Coefficients, errors, variances and the criterion agree within 1e-5."""
    design, outcome, cluster, names = rows_of(said["name"], table)
    found = fit(Moments.of(design, outcome, cluster, names))
    assert [row["term"] for row in said["fixef"]] == list(found.moments.predictors)
    np.testing.assert_allclose([row["Estimate"] for row in said["fixef"]], found.coefficients, rtol=0, atol=1e-5)
    np.testing.assert_allclose([row["Std. Error"] for row in said["fixef"]], found.errors, rtol=0, atol=1e-5)
    np.testing.assert_allclose([row["vcov"] for row in said["vc"]], [found.between, found.within], rtol=0, atol=1e-5)
    np.testing.assert_allclose(said["reml"], found.log_likelihood, rtol=0, atol=1e-8)
    assert (said["n"], *said["groups"].values()) == (found.moments.n, found.moments.clusters)


def test_full_likelihood_gives_the_estimates_of_lme4(said: dict[str, Any], table: Tables) -> None:
    """Coefficients, variances and the likelihood agree within 1e-5."""
    found = fit(Moments.of(*rows_of(said["name"], table)), Method.ML)
    np.testing.assert_allclose(list(said["fixef_ml"].values()), found.coefficients, rtol=0, atol=1e-5)
    np.testing.assert_allclose([row["vcov"] for row in said["vc_ml"]], [found.between, found.within], rtol=0, atol=1e-5)
    np.testing.assert_allclose(said["ml"], found.log_likelihood, rtol=0, atol=1e-8)


@pytest.mark.parametrize("kind", [Reference.UNBOUNDED, Reference.LMERTEST])
def test_degrees_of_freedom_are_those_of_lmertest(said: dict[str, Any], table: Tables, kind: Reference) -> None:
    """Where the fit is not singular both forms agree with lmerTest's numerical derivatives: 1e-6 of the df, p-values 1e-7."""
    found = fit(Moments.of(*rows_of(said["name"], table)))
    for row in said["fixef"]:
        estimate = satterthwaite.coefficient(found, row["term"], kind)
        assert row["df"] == pytest.approx(estimate.df, rel=1e-6)
        assert row["Pr(>|t|)"] == pytest.approx(estimate.p, rel=1e-5, abs=1e-9)


def test_kenward_and_roger_are_those_of_pbkrtest(said: dict[str, Any], table: Tables) -> None:
    """Error and df agree within 1e-5."""
    found = fit(Moments.of(*rows_of(said["name"], table)))
    for row in said["kr"]:
        estimate = satterthwaite.coefficient(found, row["term"], Reference.KENWARD_ROGER)
        assert (row["df"], row["Std. Error"]) == pytest.approx((estimate.df, estimate.error), rel=0, abs=1e-5)


def test_profile_interval_is_that_of_lme4(table: Tables) -> None:
    """The interval by lme4's profile of the standard deviation of sleepstudy's intercepts (full likelihood)."""
    found = fit(Moments.of(*rows_of("sleepstudy_rint", table)), Method.ML).interval_of_between()
    assert pytest.approx((26.007120, 52.935980), abs=2e-4) == (found.low**0.5, found.high**0.5)


@pytest.mark.parametrize("countries", [2, 5, 9])
def test_countries_that_hand_over_sums_get_the_pooled_model(said: dict[str, Any], table: Tables, countries: int) -> None:
    """The model of summed moments is the model of all rows within 1e-9, in any order of countries and rows."""
    design, outcome, cluster, _ = rows_of(said["name"], table)
    pooled = fit(Moments.of(design, outcome, cluster))
    country = np.unique(cluster, return_inverse=True)[1] % countries
    order = np.random.default_rng(3).permutation(len(outcome))
    parts = []
    for number in np.random.default_rng(4).permutation(countries):
        rows = order[country[order] == number]
        parts.append(Moments.of(design[rows], outcome[rows], cluster[rows]))
    federated = fit(reduce(add, parts))
    np.testing.assert_allclose(federated.coefficients, pooled.coefficients, rtol=1e-9)
    np.testing.assert_allclose(federated.errors, pooled.errors, rtol=1e-9)
    assert (federated.between, federated.within) == pytest.approx((pooled.between, pooled.within), rel=1e-9)
    assert federated.deviance == pytest.approx(pooled.deviance, rel=1e-12)
