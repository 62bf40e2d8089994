"""A report of several countries is of their numbers alone, and of one plan."""

import json

import numpy as np
import pytest
from attrs import evolve, fields
from mewe_eval.documents import DocumentFaults
from mewe_eval.reports import (
    CountryFigures,
    Declared,
    FiguresUnreadable,
    Ledger,
    PlansDiffer,
    as_html,
    as_json,
    country_figures,
    eu_report,
    read_declared,
)
from mewe_eval.statistics.meta_analysis import meta_analysis

from .imagined import compared, study


@pytest.fixture(scope="module")
def countries() -> list[CountryFigures]:
    """What three countries send."""
    sent = []
    for seed, country in enumerate(("SI", "SE", "IT"), 1):
        whole = study(compared(), countries={country: 10}, people=12, seed=seed)
        sent.append(country_figures(whole, country, Ledger(), Declared(mode="in person") if seed == 1 else None)[0])
    return sent


def test_figures_travel_as_they_are(countries: list[CountryFigures]) -> None:
    """What is read again is what was sent."""
    for one in countries:
        assert CountryFigures.from_json(one.to_json()) == one


def test_no_person_leaves_a_country(countries: list[CountryFigures]) -> None:
    """No pseudonym, organisation or group is in what is sent."""
    whole = study(compared(), countries={"SI": 10}, people=12, seed=1)
    text = countries[0].to_json()
    assert not [one for one in (*whole.persons, "SI 1", "group 1") if f'"{one}"' in text or f"/{one}" in text]


def test_other_plans_are_not_put_together(countries: list[CountryFigures]) -> None:
    """Figures of a plan that differs by a byte are refused, and so is a country that comes twice."""
    with pytest.raises(PlansDiffer, match="2 plans"):
        eu_report([countries[0], evolve(countries[1], plan_sha256="0" * 64)], "en")
    with pytest.raises(PlansDiffer, match="same country"):
        eu_report([countries[0], countries[0]], "en")


def test_the_countries_together_are_what_the_meta_analysis_finds(countries: list[CountryFigures]) -> None:
    """The pooled effect, its interval, the prediction interval and the heterogeneity are REML with Hartung and Knapp."""
    effects = [one for country in countries for one in country.effects if (one.outcome, one.wave) == ("day-to-day", "T1")]
    assert len(effects) == 3
    found = meta_analysis(np.array([one.value for one in effects]), np.array([one.error for one in effects]) ** 2)
    figures = {one.key: one for one in eu_report(countries, "en").figures}
    pooled = figures["effects|day-to-day|all, programme|T1"]
    interval = found.estimate.interval(0.95)
    assert (pooled.value, pooled.low, pooled.high) == pytest.approx((found.estimate.value, interval.low, interval.high))
    ahead = figures["effects|day-to-day: a next country|all, programme|T1"]
    assert found.prediction is not None
    assert (ahead.low, ahead.high) == pytest.approx((found.prediction.low, found.prediction.high))
    for name, value in (("I2", found.i2), ("tau2", found.tau2), ("Q", found.q)):
        assert figures[f"heterogeneity|{name}|day-to-day, programme|T1"].value == pytest.approx(value)


def test_a_sum_with_a_hidden_part_is_hidden(countries: list[CountryFigures]) -> None:
    """Where one country does not show a number, the sum of all is not shown either."""
    names = [one for one in countries[0].counts if one.name == "flow began"]
    less = evolve(countries[0], counts=tuple(evolve(one, value=None) if one in names else one for one in countries[0].counts))
    rows = {
        (one["figure"], one["group"]): one["value"]
        for one in json.loads(as_json(eu_report([less, *countries[1:]], "en")))["figures"]
    }
    assert rows["flow began", "SI"] is None
    assert rows["flow began", "all"] is None
    assert rows["flow assigned", "all"] == sum(rows["flow assigned", one] for one in ("SI", "SE", "IT"))


def test_what_is_not_told_is_not_invented(countries: list[CountryFigures]) -> None:
    """A country that declares nothing has "not told" in every line; what RE-AIM wants and nobody knows is said."""
    page = as_html(eu_report(countries, "en"))
    lines = len(fields(Declared))
    assert page.count("not told</td>") == 3 * lines - 1
    assert "Not known: how many young people there are" in page


def test_the_trial_is_quoted_wherever_effects_are(countries: list[CountryFigures]) -> None:
    """Mixed results: the sentence stands in the report."""
    assert "found mixed results" in as_html(eu_report(countries, "en"))
    assert "gav blandade resultat" in as_html(eu_report(countries, "sv"))


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("{", "line 1: this is not JSON"),
        ("{}", "country"),
        ('{"country": 3}', "country"),
    ],
)
def test_figures_that_cannot_be_read_say_why(broken: str, said: str) -> None:
    """What is wrong with figures that were sent is told by its key."""
    with pytest.raises(FiguresUnreadable, match=said):
        CountryFigures.from_json(broken)


def test_a_declaration_is_read_strictly() -> None:
    """A line that TIDieR does not know is refused with its place."""
    assert read_declared('mode = "online"', "se.toml").mode == "online"
    with pytest.raises(DocumentFaults, match=r"se\.toml:1: moode"):
        read_declared('moode = "online"', "se.toml")
