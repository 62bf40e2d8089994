"""Where the sums are not told: each country's own estimates of each coefficient, put together as those of studies are."""

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import evolve

from mewe_eval.analysis.definition import MixedModel
from mewe_eval.analysis.found import Figure, Found
from mewe_eval.analysis.studies import together
from mewe_eval.federation.agreement import FEWEST_COUNTRIES
from mewe_eval.federation.hub import Estimates
from mewe_eval.federation.rules import FEWEST_CLUSTERS
from mewe_eval.statistics.meta_analysis import Heterogeneity
from mewe_eval.statistics.results import NotEstimable

_REASONS = {
    "TOO_FEW_CLUSTERS": "it has too few clusters for these coefficients",
    "NO_RESIDUAL_DF": "it has too few rows for these coefficients",
    "NO_REPLICATION": "each of its clusters has one row",
    "RANK_DEFICIENT": "one of the columns follows from others there, such as a category that none of its rows has",
    "NO_RESIDUAL_VARIANCE": "its outcomes do not differ beyond what the columns say",
}


def two_stages(told: Estimates, names: Sequence[str], wanted: MixedModel, why: str) -> Found:
    """Every coefficient over the countries that could estimate, each beside it. ``why``: why the sums were not told.

    Raises NotEstimable, in words, if fewer than two could, or no coefficient can be put together.
    """
    notes = [why, *(f"{code} could not estimate: {_REASONS.get(reason, reason)}." for code, reason in told.refused.items())]
    if len(told.found) < FEWEST_COUNTRIES:
        has = ", ".join(told.found) or "none"
        raise NotEstimable(
            "TOO_FEW_COUNTRIES",
            " ".join([*notes, f"Of at least {FEWEST_COUNTRIES} countries with an estimate of their own there is {has}."]),
        )
    figures = list[Figure]()
    for name in names:
        values, errors = np.array([own[name] for own in told.found.values()]).T
        named = [f"country {code}" for code in told.found]
        try:
            own = together(named, values, errors**2, Heterogeneity.REML, hartung_knapp=True, level=wanted.level)
        except NotEstimable as refused:
            notes.append(f"{name}: {refused.detail}")
            continue
        figures += [evolve(one, name=name if one.name == "together" else f"{name}: {one.name}") for one in own]
    if not figures:
        raise NotEstimable("NO_VARIANCE", " ".join(notes))
    method = (
        f"Random-intercept model by {wanted.method.value} in each country ({', '.join(told.found)}), and their coefficients "
        "put together (random effects, REML; Hartung and Knapp's error, t distribution)"
    )
    return Found("mixed_model", "", method, tuple(figures), notes=tuple(notes))


def why_not(totals: Mapping[int, int], against: Sequence[str]) -> str:
    """Why the sums were not told, by what every country knows: the totals and the votes."""
    few = [str(size) for size, count in totals.items() if 0 < count < FEWEST_CLUSTERS]
    because = (
        f"of clusters of {' and of '.join(few)} rows there are fewer than {FEWEST_CLUSTERS} in all countries together"
        if few
        else f"of clusters of some size all others together have some, but fewer than {FEWEST_CLUSTERS}"
    )
    return (
        f"The sums were not told, because they could be those of one cluster ({', '.join(against)} did not agree: {because}). "
        "Each country estimated at home and told its coefficients with their errors; variances were not told."
    )
