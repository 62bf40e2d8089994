"""How many got worse: nobody should learn from a mean alone that things went well."""

from collections.abc import Iterator

import numpy as np
from attrs import frozen

from mewe_eval.instruments.model import Respondent
from mewe_eval.instruments.scored_tables import score_many
from mewe_eval.protocol.definition import Better, Outcome
from mewe_eval.reports.counting import People
from mewe_eval.reports.deciding import Decided, Drafts
from mewe_eval.reports.frame import share
from mewe_eval.reports.model import Block, Figure, Row, Table, Text
from mewe_eval.reports.wording import Wording
from mewe_eval.statistics.change import RELIABLE
from mewe_eval.statistics.reliability import reliability
from mewe_eval.statistics.results import NotEstimable

_SECTION = "worse"
_PAIRED = "answered both times"


@frozen
class _Worse:
    """From what change on somebody got worse, in units of the outcome, and why from there."""

    least: float
    method: str
    text: str
    beyond: bool = False


def ask_harm(drafts: Drafts, people: People) -> None:
    """How many of those who answered both times got worse, by arm and wave."""
    study = people.study
    for name, outcome in people.measured(process=False).items():
        worse = _worse(people, outcome)
        if worse is None or outcome.better is Better.NEITHER:
            continue
        sign = 1.0 if outcome.better is Better.HIGHER else -1.0
        before = study.values(outcome, study.protocol.analysis.baseline)
        for wave in people.later(name):
            fell = sign * (before - study.values(outcome, wave))
            is_worse = fell > worse.least if worse.beyond else fell >= worse.least
            both = people.answered_both(outcome, wave)
            for arm, who in people.arms():
                named = people.named(outcome)
                figure = Figure(section=_SECTION, name=name, group=arm, wave=wave, method=worse.method, instrument=named)
                drafts.count(figure, who & both & is_worse)
                whole = Figure(section=_SECTION, name=f"{name}: {_PAIRED}", group=arm, wave=wave, instrument=named)
                drafts.count(whole, who & both)


def harm_blocks(people: People, words: Wording, decided: Decided) -> Iterator[Block]:
    """The table of those who got worse, with how that was judged."""
    protocol = people.study.protocol
    arms = {arm: words.of(protocol.arms[arm].title, arm) for arm, _ in people.arms()}
    yield Text(words.say("worse-lead"))
    rows, unjudged = list[Row](), list[str]()
    for name, outcome in people.measured(process=False).items():
        label = words.outcome(name, outcome, people.study.instruments[outcome.instrument])
        worse = _worse(people, outcome)
        if worse is None or outcome.better is Better.NEITHER:
            unjudged.append(label)
            continue
        for wave in people.later(name):
            cells = list[Figure]()
            for arm in arms:
                part = decided[f"{_SECTION}|{name}|{arm}|{wave}"]
                cells += [part, share(part, decided[f"{_SECTION}|{name}: {_PAIRED}|{arm}|{wave}"])]
            when = words.of(protocol.waves[wave].title, wave)
            least = words.number(worse.least, 0 if worse.least == int(worse.least) else 1)
            rows.append(Row(f"{label} – {when} ({words.say(worse.text, least=least)})", tuple(cells)))
    head = [words.say("outcome")]
    for one in arms.values():
        head += [words.say("worse-number", arm=one), words.say("worse-share", arm=one)]
    if rows:
        yield Table(words.say("worse-table"), tuple(head), tuple(rows))
    if unjudged:
        yield Text(words.say("worse-unjudged", outcomes="; ".join(unjudged)))


def _worse(people: People, outcome: Outcome) -> _Worse | None:
    """How it is judged: by the error of measurement, else by what the instrument says matters, else, of an item, one step."""
    study = people.study
    if outcome.item is not None:
        return _Worse(1.0, "one step or more", "worse-step")
    instrument, first = study.instruments[outcome.instrument], study.protocol.analysis.baseline
    scale = instrument.scale(outcome.scale or "")
    given = study.answers.get((first, outcome.instrument, Respondent.PARTICIPANT))
    if given is not None and scale.conversion is None:
        turned = {*instrument.recoded_here()}
        items = [place for place, item in enumerate(instrument.item_ids()) if item in instrument.members(scale)]
        answers = given.values[:, items].copy()
        for column, place in enumerate(items):
            item = instrument.items[place]
            if item.id in turned:
                values = instrument.allowed(item)
                answers[:, column] = values[0] + values[-1] - answers[:, column]
        scores = score_many(instrument, given.values).columns[outcome.scale or ""].score
        there = scores[np.isfinite(scores)]
        try:
            alpha = reliability(answers).alpha
        except NotEstimable:
            alpha = 0.0
        if len(there) >= study.protocol.publication.fewest_averaged and 0 < alpha < 1:
            least = RELIABLE * float(there.std(ddof=1)) * float(np.sqrt(2 * (1 - alpha)))
            return _Worse(round(least, 1), f"reliable change, alpha {alpha:.2f}", "worse-reliable", beyond=True)
    told = next((one.value for one in instrument.changes if one.scale == outcome.scale), None)
    return None if told is None else _Worse(told, "a change that matters, by the instrument", "worse-matters")
