"""Who is counted where: the people of a study by how far they came, what they answered and what is known of them."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from attrs import frozen
from scipy import stats

from mewe_eval.disclosure.exposure import Members
from mewe_eval.instruments.model import Respondent
from mewe_eval.protocol.definition import Importance, Outcome
from mewe_eval.reports.model import Figure, Style
from mewe_eval.statistics.change import mean_change
from mewe_eval.statistics.results import NotEstimable, Vector
from mewe_eval.study.analysing import arms, waves_of
from mewe_eval.study.data import Study
from mewe_eval.study.known import STATES, Known

_ENROLLED = STATES[STATES.index("enrolled") :]
_STARTED = STATES[STATES.index("started") :]

ATTENDED = "sessions.attended"
"""The variable of how many sessions somebody was at."""


@frozen(eq=False)
class People:
    """The people of a study, as they are counted. All are of the study's persons."""

    study: Study

    @property
    def everybody(self) -> Members:
        """All of them."""
        return np.ones(len(self.study.persons), dtype=bool)

    def is_in(self, known: Known, words: Sequence[str]) -> Members:
        """Of whom one of these words is known."""
        return np.array([one in words for one in self.study.column(known)], dtype=bool)

    def in_programme(self) -> Members:
        """Who is in an arm that has the programme, or in none: then nobody waits."""
        protocol = self.study.protocol
        waiting = [name for name, arm in protocol.arms.items() if not arm.programme]
        return ~self.is_in(Known.ARM, waiting)

    def attended(self) -> Vector:
        """At how many sessions each was; NaN where nobody knows, or none was held."""
        held = self.study.sessions[:, 0]
        return np.where(held > 0, self.study.sessions[:, 1], np.nan)

    def began(self) -> Members:
        """Who came to a session, or has a state that says so; of those who wait, who gave a first answer."""
        here = self.is_in(Known.STATE, _STARTED) | (self.attended() > 0)
        return here | self.study.has_answered(self.study.protocol.analysis.baseline)

    def enrolled(self) -> Members:
        """Who said yes."""
        return self.is_in(Known.STATE, _ENROLLED) | self.began()

    def answered(self, wave: str) -> Members:
        """Who gave any answer at a wave."""
        return self.study.has_answered(wave)

    def answered_both(self, outcome: Outcome, wave: str) -> Members:
        """Who has an outcome at baseline and at a wave."""
        baseline = self.study.protocol.analysis.baseline
        return np.isfinite(self.study.values(outcome, baseline)) & np.isfinite(self.study.values(outcome, wave))

    def arms(self) -> Iterator[tuple[str, Members]]:
        """Each arm with its people, in the order in which they are compared."""
        for name in arms(self.study.protocol):
            yield name, self.study.of_arm(name)

    def later(self, name: str) -> tuple[str, ...]:
        """The waves after baseline at which an outcome is asked for; none if it is not asked for at baseline."""
        waves, first = waves_of(self.study.protocol, name), self.study.protocol.analysis.baseline
        return tuple(one for one in waves if one != first) if first in waves else ()

    def measured(self, *, process: bool) -> Mapping[str, Outcome]:
        """The outcomes that are of the process, or those that are not."""
        return {
            name: one for name, one in self.study.protocol.outcomes.items() if (one.importance is Importance.PROCESS) == process
        }

    def named(self, outcome: Outcome) -> str:
        """The instrument of an outcome with its version."""
        instrument = self.study.instruments[outcome.instrument]
        return f"{instrument.id} {instrument.version}"

    def forms(self, wave: str, instrument: str) -> tuple[Members, Vector]:
        """The groups whose leaders filled in a form at a wave, (groups,), and what they answered, (groups, items)."""
        size = len(self.study.groups)
        given = self.study.answers.get((wave, instrument, Respondent.GROUP_LEADER))
        values = np.full((size, len(self.study.instruments[instrument].items)), np.nan)
        if given is not None:
            values[given.rows] = given.values
        return np.isfinite(values).any(axis=1), values


def variable(outcome: str, wave: str) -> str:
    """What a value is of: an outcome at a wave."""
    return f"{outcome}.{wave}"


def changed(outcome: str, wave: str) -> str:
    """What a change is of. No report shows means after baseline of what it shows changes of, so neither tells the other."""
    return f"{outcome}.{wave} since baseline"


def modelled(outcome: str, wave: str) -> str:
    """What a coefficient of a model is of: it is no sum over people, so it is set beside other coefficients alone."""
    return f"{outcome}.{wave} by a model"


def mean(figure: Figure, values: Vector, level: float) -> Figure | None:
    """The figure with the mean of these values and its interval; None where they allow none."""
    there = values[np.isfinite(values)]
    if len(there) < 2 or there.std() == 0:
        return None
    value, error = float(there.mean()), float(there.std(ddof=1) / np.sqrt(len(there)))
    width = error * float(stats.t.isf((1 - level) / 2, len(there) - 1))
    return _with(figure, value, (value - width, value + width), len(there), Style.NUMBER)


def change(figure: Figure, before: Vector, after: Vector, level: float) -> Figure | None:
    """The figure with the mean change and its interval; None where the values allow none."""
    try:
        found = mean_change(before, after)
    except NotEstimable:
        return None
    interval = found.interval(level)
    pairs = int((np.isfinite(before) & np.isfinite(after)).sum())
    return _with(figure, found.value, (interval.low, interval.high), pairs, Style.CHANGE)


def _with(figure: Figure, value: float, interval: tuple[float, float], n: int, style: Style) -> Figure:
    return Figure(
        section=figure.section,
        name=figure.name,
        group=figure.group,
        wave=figure.wave,
        value=value,
        low=interval[0],
        high=interval[1],
        n=n,
        clusters=figure.clusters,
        method=figure.method,
        instrument=figure.instrument,
        style=style,
    )
