"""A plan's mixed models over the tables of several countries: every step of the protocol carried out, in one process.

What each country holds is used by its own part alone; the hub's part sees messages, and so the result is what a hub would have.
"""

import hashlib
import math
from collections.abc import Mapping

import numpy as np
from attrs import evolve, frozen
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from mewe_eval.analysis import definition as asked
from mewe_eval.analysis.found import Figure, Findings, Found
from mewe_eval.analysis.plans import PlanFaults, ReadPlan
from mewe_eval.analysis.regressions import coefficients_of, method_of, moments_of, notes_of, rows_of, variances_of
from mewe_eval.analysis.shaping import tables
from mewe_eval.analysis.table import NoSuchColumn, Table, TableUnreadable
from mewe_eval.federation.country import Country
from mewe_eval.federation.hub import Estimates, Hub
from mewe_eval.federation.messages import Round
from mewe_eval.statistics.meta_analysis import meta_analysis
from mewe_eval.statistics.mixed import Method, fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.results import Estimate, NotEstimable

NOBODY_SAW = "No country has seen another's rows or sums; the hub has seen totals over all of them, and nothing else."
VETOED = (
    "The sums over all countries were not told: of some size of clusters there are fewer than three in all countries together, "
    "or in all but one, so that they would tell one group's totals. Each country has estimated by itself, and these estimates "
    "are put together."
)

Shaped = Mapping[str, Mapping[str | None, Table]]


@frozen
class _Part:
    """What one country has of one model: its sums, how many rows they are of, and how many were left out."""

    moments: Moments
    used: int
    left_out: int
    clusters: int


def federated(plan: ReadPlan, files: Mapping[str, bytes], instruments: str = "") -> Findings:
    """Every mixed model of a plan, over the tables (CSV) of countries, by their codes. ``instruments``: a hash all have alike.

    Raises PlanFaults with everything that keeps all of it from being done: a table that cannot be read, no mixed model, one
    country alone, columns that are not alike.
    """
    wanted = plan.plan.mixed_model
    faults = [] if wanted else ["mixed_model: the plan has none; allowed: a section [mixed_model.NAME] for each"]
    if len(files) < 2:
        faults.append("one country alone has nothing to put together; allowed: the tables of two countries or more")
    shaped, unread = _shaped(plan.plan, files)
    faults += unread
    if faults:
        raise PlanFaults(*faults)
    found, more = list[Found](), list[str]()
    for name, one in wanted.items():
        try:
            parts = _parts(one, name, shaped)
            found.append(evolve(_together(plan, name, one, parts, instruments), name=name, about=one.about, level=one.level))
        except NotEstimable as refused:
            found.append(Found("mixed_model", name, method_of(one), refused=f"{refused.detail} ({refused.reason})"))
        except PlanFaults as fault:
            more += fault.lines
    if more:
        raise PlanFaults(*more)
    data = hashlib.sha256("".join(f"{code} {shaped[code][None].sha256}\n" for code in sorted(shaped)).encode()).hexdigest()
    rows = sum(several[None].rows for several in shaped.values())
    cut = plan.plan.data.cut
    return Findings(plan.plan.title, plan.plan.version, plan.sha256, data, cut, rows, tuple(found), (NOBODY_SAW,))


def _shaped(plan: asked.Plan, files: Mapping[str, bytes]) -> tuple[Shaped, list[str]]:
    shaped, faults = dict[str, Mapping[str | None, Table]](), list[str]()
    for code, content in files.items():
        try:
            shaped[code] = tables(plan, content)
        except (TableUnreadable, NoSuchColumn) as fault:
            faults.append(f"{code}: {fault}")
    return shaped, faults


def _parts(wanted: asked.MixedModel, name: str, shaped: Shaped) -> Mapping[str, _Part]:
    """What each country has. Raises PlanFaults if their columns are not alike, NotEstimable where one has nothing."""
    parts, faults, designs = dict[str, _Part](), list[str](), dict[str, tuple[str, ...]]()
    for code, several in shaped.items():
        try:
            if wanted.long not in several:
                raise NoSuchColumn(str(wanted.long), "there is no such long form", ", ".join(map(str, several)))
            rows = rows_of(several[wanted.long], wanted.outcome, wanted.terms, wanted.cluster)
        except NoSuchColumn as fault:
            faults.append(f"mixed_model.{name}: {code}: {fault}")
            continue
        except NotEstimable as refused:
            raise NotEstimable(refused.reason, f"{code}: {refused.detail}") from None
        designs[code] = rows.design.names
        parts[code] = _Part(moments_of(rows), rows.used, rows.left_out, rows.clusters or 0)
    first = next(iter(designs.values()), ())
    for code, names in designs.items():
        if names != first:
            different = sorted({*names} ^ {*first})
            faults.append(
                f"mixed_model.{name}: {code}: its columns are not those of {next(iter(designs))}: {', '.join(different)}; "
                "allowed: the same categories in every country"
            )
    if faults:
        raise PlanFaults(*faults)
    return parts


def _together(plan: ReadPlan, name: str, wanted: asked.MixedModel, parts: Mapping[str, _Part], instruments: str) -> Found:
    """One model, by every step of a round."""
    if wanted.inference is asked.Inference.CR2:
        raise NotEstimable("NOT_FROM_SUMS", "Errors by CR2 want every row; another inference can be had from sums.")
    signing = {code: Ed25519PrivateKey.generate() for code in parts}

    def verify(country: str, said: bytes, signature: bytes) -> bool:
        try:
            signing[country].public_key().verify(signature, said)
        except InvalidSignature:
            return False
        return True

    first = next(iter(parts.values())).moments
    largest = max(60, *(max(one.moments.sizes) for one in parts.values()))
    fresh = X25519PrivateKey.generate().private_bytes_raw().hex()
    around = Round(f"{name}-{fresh}", plan.sha256, instruments, tuple(sorted(parts)), first.names, largest)
    countries = {
        code: Country(code, around, part.moments, X25519PrivateKey.generate().private_bytes_raw(), signing[code].sign, verify)
        for code, part in parts.items()
    }
    hub, method = Hub(around, verify), Method(wanted.method.value.lower())
    keys = [one.key() for one in countries.values()]
    sizes = [one.sizes(keys) for one in countries.values()]
    votes = [one.vote(sizes) for one in countries.values()]
    hub.totals(sizes)
    left_out = {"a column is missing": sum(one.left_out for one in parts.values())}
    used, clusters = sum(one.used for one in parts.values()), sum(one.clusters for one in parts.values())
    if hub.all_agreed(votes):
        model = fit(hub.moments([one.sums() for one in countries.values()]), method)
        figures = (*coefficients_of(model, first.predictors, wanted), *variances_of(model, wanted.level))
        method_text = f"{method_of(wanted)}; from masked sums over {len(parts)} countries: {', '.join(sorted(parts))}"
        return Found("mixed_model", name, method_text, figures, used, clusters, left_out, notes_of(model))
    told = hub.estimates([one.estimate(method) for one in countries.values()])
    figures, notes = _two_stages(told, first.predictors, wanted.level)
    method_text = f"{method_of(wanted)} in each country; put together by REML with Hartung and Knapp's error"
    return Found("mixed_model", name, method_text, figures, used, clusters, left_out, (VETOED, *notes))


def _two_stages(told: Estimates, names: tuple[str, ...], level: float) -> tuple[tuple[Figure, ...], tuple[str, ...]]:
    """Each coefficient as a meta-analysis of the countries' own estimates. Raises NotEstimable for fewer than two of them."""
    notes = tuple(f"{code} could not estimate by itself ({reason})." for code, reason in sorted(told.refused.items()))
    if len(told.found) < 2:
        raise NotEstimable("TOO_FEW_COUNTRIES", " ".join((VETOED, *notes, "Fewer than two countries could estimate.")))
    figures = list[Figure]()
    for name in names:
        pairs = {code: table[name] for code, table in sorted(told.found.items())}
        effects = np.array([value for value, _ in pairs.values()])
        variances = np.array([error**2 for _, error in pairs.values()])
        found = meta_analysis(effects, variances, level=level)
        figures.append(Figure.of(name, found.estimate, level))
        each = ((code, Estimate(value, error, math.inf)) for code, (value, error) in pairs.items())
        figures += [Figure.of(f"{name}: {code}", one, level) for code, one in each]
        figures += [Figure(f"{name}: tau squared", found.tau2), Figure(f"{name}: I squared (percent)", found.i2)]
        if found.prediction is not None:
            figures.append(Figure.within(f"{name}: prediction interval", found.estimate.value, found.prediction))
    return tuple(figures), notes
