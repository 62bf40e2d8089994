"""The sites of a country beside each other, by name and never by size of what came of it; and where a next one is expected."""

from collections.abc import Iterator, Mapping

import numpy as np
from attrs import evolve

from mewe_eval.disclosure.exposure import Members
from mewe_eval.protocol.definition import Model
from mewe_eval.reports.baseline import levels
from mewe_eval.reports.counting import People, changed
from mewe_eval.reports.deciding import Decided, Drafts
from mewe_eval.reports.model import Block, Figure, Style, Text, Whiskers
from mewe_eval.reports.wording import Wording
from mewe_eval.statistics.meta_analysis import meta_analysis
from mewe_eval.statistics.results import Estimate, NotEstimable, Vector
from mewe_eval.study.analysing import arms
from mewe_eval.study.known import Known

MOST = 30
"""So many sites are drawn one by one; of more, only what they say together is shown."""

_SECTION = "sites"
_TOGETHER, _NEXT = "sites together", "a next site"
_METHOD = "meta-analysis of sites, REML, Hartung and Knapp"


def ask_sites(drafts: Drafts, people: People) -> None:
    """Each site's effect without a model: the change of an arm beside that of the first; where nothing is compared, the change.

    Of the first outcome, at the first wave after. Sites with too few people in an arm are left out.
    """
    study, name = people.study, next(iter(people.measured(process=False)), "")
    wave = next(iter(people.later(name)), "") if name else ""
    if not wave:
        return
    outcome, protocol = study.protocol.outcomes[name], study.protocol
    before, after = (study.values(outcome, one) for one in (protocol.analysis.baseline, wave))
    both = np.isfinite(before) & np.isfinite(after)
    found, sites = list[tuple[str, Estimate, tuple[Members, ...]]](), levels(people, Known.ORGANISATION)
    for site in sites:
        here = both & people.is_in(Known.ORGANISATION, [site])
        whose = tuple(here & who for who in _compared(people))
        if min(int(one.sum()) for one in whose) < protocol.publication.fewest_averaged:
            continue
        estimate = _effect(after - before, whose)
        if estimate is not None:
            found.append((site, estimate, whose))
    variables = [changed(name, wave)]
    named = people.named(outcome)
    for site, estimate, whose in found if len(found) <= MOST else ():
        drafts.mean(_figure(name, site, wave, named, estimate, protocol.analysis.level), whose, variables)
    effects, variances = (np.array([pick(one) for _, one, _ in found]) for pick in (_value, _variance))
    try:
        together = meta_analysis(effects, variances, level=protocol.analysis.level)
    except NotEstimable:
        return
    everybody = tuple(np.logical_or.reduce([whose[place] for _, _, whose in found]) for place in range(len(found[0][2])))
    pooled = _figure(_TOGETHER, name, wave, named, together.estimate, protocol.analysis.level)
    drafts.mean(evolve(pooled, clusters=together.k), everybody, variables)
    if together.prediction is not None:
        low, high = together.prediction.low, together.prediction.high
        drafts.mean(evolve(pooled, name=_NEXT, low=low, high=high, clusters=together.k), everybody, variables)


def site_blocks(people: People, words: Wording, decided: Decided, names: Mapping[str, str]) -> Iterator[Block]:
    """The forest of sites, or why there is none. ``names``: what people call a site, where it has an id."""
    shown = decided.all(_SECTION)
    pooled = next((one for one in shown if one.name == _TOGETHER), None)
    ahead = next((one for one in shown if one.name == _NEXT), None)
    rows = [
        (names.get(one.group, one.group), one)
        for one in shown
        if one.name not in (_TOGETHER, _NEXT) and one.style is Style.CHANGE and one.is_shown
    ]
    if pooled is None and not rows:
        yield Text(words.say("sites-none"))
        return
    first = next(iter(people.measured(process=False)))
    outcome = people.study.protocol.outcomes[first]
    label = words.outcome(first, outcome, people.study.instruments[outcome.instrument])
    described = len(_compared(people)) == 1
    wave = next(iter(people.later(first)))
    when = words.of(people.study.protocol.waves[wave].title, wave)
    sides = ("less", "more") if described else ("lower-than-comparison", "higher-than-comparison")
    yield Text(words.say("sites-described" if described else "sites-compared", fewest=words.number(_least(people))))
    left_out = len(levels(people, Known.ORGANISATION)) - len(rows)
    if left_out:
        yield Text(words.say("sites-left-out", count=words.number(left_out)))
    yield Whiskers(
        words.say("sites-chart", outcome=label, wave=when),
        tuple(rows),
        words.say(sides[0]),
        words.say(sides[1]),
        None if pooled is None else (words.say("sites-together"), pooled),
        None if ahead is None else (words.say("next-site"), ahead),
    )


def _least(people: People) -> int:
    return people.study.protocol.publication.fewest_averaged


def _compared(people: People) -> tuple[Members, ...]:
    """The people of the first arm and of the second; all in one where nothing is compared."""
    protocol = people.study.protocol
    if protocol.analysis.model is Model.DESCRIPTION or len(protocol.arms) < 2:
        return (people.in_programme(),)
    return tuple(people.study.of_arm(arm) for arm in arms(protocol)[:2])


def _effect(changes: Vector, whose: tuple[Members, ...]) -> Estimate | None:
    """The change of the last minus that of the first, by Welch; the change itself where there is one."""
    of = [changes[one] for one in whose]
    if any(one.std() == 0 for one in of):
        return None
    parts = [float(one.var(ddof=1)) / len(one) for one in of]
    df = sum(parts) ** 2 / sum(part**2 / (len(one) - 1) for part, one in zip(parts, of, strict=True))
    value = float(of[-1].mean()) - (float(of[0].mean()) if len(of) > 1 else 0.0)
    return Estimate(value, float(np.sqrt(sum(parts))), df)


def _figure(name: str, group: str, wave: str, instrument: str, estimate: Estimate, level: float) -> Figure:
    interval = estimate.interval(level)
    return Figure(
        section=_SECTION,
        name=name,
        group=group,
        wave=wave,
        value=estimate.value,
        low=interval.low,
        high=interval.high,
        method=_METHOD if name == _TOGETHER else "difference of mean changes, Welch",
        instrument=instrument,
        style=Style.CHANGE,
    )


def _value(estimate: Estimate) -> float:
    return estimate.value


def _variance(estimate: Estimate) -> float:
    return estimate.error**2
