"""Who takes part, by arm, before anything has happened (table 1)."""

from collections.abc import Iterable

import numpy as np

from mewe_eval.reports.counting import People, variable
from mewe_eval.reports.deciding import Decided, Drafts
from mewe_eval.reports.model import Cell, Figure, Row, Table
from mewe_eval.reports.wording import Wording
from mewe_eval.study.known import Known

_SECTION = "baseline"
_AGE = "age"
_KNOWN = (Known.GENDER, Known.CARED_FOR)


def ask_baseline(drafts: Drafts, people: People) -> None:
    """Ages, genders, whom they help, and outcomes before: means with standard deviations, numbers of persons."""
    study, protocol = people.study, people.study.protocol
    level, first = protocol.analysis.level, protocol.analysis.baseline
    ages = np.array([np.nan if one is None else float(one) for one in study.column(Known.AGE)], dtype=float)
    for arm, who in people.arms():
        if np.isfinite(ages).any():
            drafts.ask_mean(
                Figure(section=_SECTION, name=_AGE, group=arm, method="mean"), ages, who, [_AGE], level, spread=True
            )
    for name, outcome in people.measured(process=False).items():
        values = study.values(outcome, first)
        for arm, who in people.arms():
            figure = Figure(section=_SECTION, name=name, group=arm, wave=first, method="mean", instrument=people.named(outcome))
            drafts.ask_mean(figure, values, who, [variable(name, first)], level, spread=True)
    for known in _KNOWN:
        for word in levels(people, known):
            for arm, who in people.arms():
                figure = Figure(section=_SECTION, name=f"{known.value} {word}", group=arm)
                drafts.count(figure, who & people.is_in(known, [word]))


def levels(people: People, known: Known) -> tuple[str, ...]:
    """What is known of people under a name, sorted; none if nothing is."""
    return tuple(sorted({one for one in people.study.column(known) if one is not None}))


def is_told(cells: Iterable[Cell]) -> bool:
    """Whether any figure is shown; else a row's own label, which comes from the data, would tell of somebody."""
    return any(isinstance(one, Figure) and one.is_shown for one in cells)


def baseline_table(people: People, words: Wording, decided: Decided) -> Table:
    """Table 1, of what may be shown."""
    protocol = people.study.protocol
    named = {arm: words.of(protocol.arms[arm].title, arm) for arm, _ in people.arms()}
    rows = [_row(words.say("table1-assigned"), "flow", "assigned", "", decided, named)]
    if any(one.name == _AGE for one in decided.all(_SECTION)):
        rows.append(_row(words.say("table1-age"), _SECTION, _AGE, "", decided, named))
    for known in _KNOWN:
        for word in levels(people, known):
            label = words.say(f"known-{known.value.replace('_', '-')}", word=words.level(word))
            row = _row(label, _SECTION, f"{known.value} {word}", "", decided, named)
            rows += [row] if is_told(row.cells) else []
    for name, outcome in people.measured(process=False).items():
        instrument = people.study.instruments[outcome.instrument]
        low, high = words.ends(outcome, instrument)
        label = words.say("table1-outcome", outcome=words.outcome(name, outcome, instrument), low=low, high=high)
        rows.append(_row(label, _SECTION, name, protocol.analysis.baseline, decided, named))
    return Table(words.say("table1"), (words.say("characteristic"), *named.values()), tuple(rows))


def _row(label: str, section: str, name: str, wave: str, decided: Decided, arms: dict[str, str]) -> Row:
    return Row(label, tuple(decided[f"{section}|{name}|{arm}|{wave}"] for arm in arms))
