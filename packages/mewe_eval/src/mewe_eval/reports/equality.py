"""Whether it is the same for all: change and effect by what is known of people, as the protocol asks."""

from collections.abc import Iterator

import numpy as np
from attrs import evolve

from mewe_eval.reports.baseline import is_told, levels
from mewe_eval.reports.counting import People, change, changed, modelled
from mewe_eval.reports.deciding import Decided, Drafts
from mewe_eval.reports.effects import Effects
from mewe_eval.reports.model import Block, Cell, Figure, Row, Style, Table, Text
from mewe_eval.reports.wording import Wording
from mewe_eval.study.known import Known

_CHANGE, _DIFFERENCE = "change by", "difference by"
_WORDS = (Known.GENDER, Known.CARED_FOR, Known.COUNTRY, Known.ORGANISATION)


def ask_equality(drafts: Drafts, people: People, effects: Effects) -> None:
    """The change of each arm by what is known of people, and by how much effects differ."""
    study = people.study
    for column in _columns(people):
        for name, outcome in people.measured(process=False).items():
            before = study.values(outcome, study.protocol.analysis.baseline)
            for wave in people.later(name):
                after = study.values(outcome, wave)
                for level in levels(people, column):
                    for arm, who in people.arms():
                        both = who & people.is_in(column, [level]) & np.isfinite(before) & np.isfinite(after)
                        figure = _figure(_CHANGE, column, level, f"{name}, {arm}", wave, people.named(outcome))
                        changes = change(figure, before[both], after[both], study.protocol.analysis.level)
                        if changes is None:
                            drafts.withheld(figure)
                        else:
                            drafts.mean(changes, [both], [changed(name, wave)])
        for name, wave, arm, level, one, found, whose in effects.interactions(column):
            inside = people.is_in(column, [level])
            outcome = study.protocol.outcomes[name]
            figure = evolve(
                _figure(_DIFFERENCE, column, level, f"{name}, {arm}", wave, people.named(outcome)),
                value=one.value,
                low=one.low,
                high=one.high,
                clusters=found.clusters,
                method=found.method,
            )
            drafts.mean(figure, [who & inside for who in whose], [modelled(name, wave)])


def equality_blocks(people: People, words: Wording, decided: Decided) -> Iterator[Block]:
    """A table for each thing that is known of people, by which the protocol asks."""
    protocol = people.study.protocol
    arms = {arm: words.of(protocol.arms[arm].title, arm) for arm, _ in people.arms()}
    shown = {one.key: one for one in decided.all("equality")}
    columns = _columns(people)
    yield Text(words.say("equality-lead" if columns else "equality-none"))
    for column in columns:
        rows = list[Row]()
        differs = any(one.name == f"{_DIFFERENCE} {column.value}" for one in shown.values())
        for name, outcome in people.measured(process=False).items():
            label = words.outcome(name, outcome, people.study.instruments[outcome.instrument])
            for wave in people.later(name):
                when = words.of(protocol.waves[wave].title, wave)
                for level in levels(people, column):
                    cells = list[Cell]()
                    for arm in arms:
                        one = shown[_figure(_CHANGE, column, level, f"{name}, {arm}", wave, "").key]
                        cells += [one, words.people(one)]
                    for arm in list(arms)[1:] if differs else ():
                        apart = shown.get(_figure(_DIFFERENCE, column, level, f"{name}, {arm}", wave, "").key)
                        cells.append(words.say("reference") if apart is None else apart)
                    row = Row(f"{label} – {when}: {words.level(level)}", tuple(cells))
                    rows += [row] if is_told(row.cells) else []
        named = words.say(f"column-{column.value.replace('_', '-')}")
        if not rows:
            yield Text(words.say("equality-too-few", column=named))
            continue
        head = [words.say("outcome")]
        for title in arms.values():
            head += [words.say("change-of", arm=title), words.say("people")]
        head += [words.say("difference-of-effect", arm=arms[one]) for one in list(arms)[1:] if differs]
        yield Table(words.say("equality-table", column=named), tuple(head), tuple(rows))


def _columns(people: People) -> tuple[Known, ...]:
    """What the protocol asks by, as far as it is of words."""
    return tuple(one for one in _WORDS if one.value in people.study.protocol.analysis.equality)


def _figure(what: str, column: Known, level: str, group: str, wave: str, instrument: str) -> Figure:
    return Figure(
        section="equality",
        name=f"{what} {column.value}",
        group=f"{group}, {level}",
        wave=wave,
        instrument=instrument,
        style=Style.CHANGE,
    )
