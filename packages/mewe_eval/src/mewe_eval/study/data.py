"""A study's people and answers, as columns: the same whether they come from a deployment or from a CSV file.

The file has a row for each person and wave; ``docs/protocol.md`` says which columns. People are linked by country, organisation
and person, never by the person's id alone; groups likewise.
"""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from mewe_eval.instruments.model import Instrument, Respondent
from mewe_eval.instruments.scored_tables import score_many
from mewe_eval.protocol.definition import Outcome, Protocol
from mewe_eval.statistics.results import Vector
from mewe_eval.study.known import Known

Words: TypeAlias = tuple[str | None, ...]
"""A word for each person; None: not known."""


@frozen(eq=False)
class Answered:
    """Answers to one instrument at one wave. ``values``: (rows, items of the instrument), NaN: none; ``rows``: whose they are.

    ``rows``: places among the people for participants, among the groups for others; a group may have several.
    """

    rows: NDArray[np.int64]
    values: Vector


@frozen(eq=False)
class Study:
    """Everything that is known of a study on a day. All columns of people are as long as ``persons``.

    ``persons``: pseudonyms, each once in an organisation. ``known``: what else is known of each; None: not known. ``groups``:
    by country, organisation and name; ``group_of``: each person's place among them, -1: in none.
    ``sessions``: how many sessions their group has held and how many they were at, (people, 2), NaN: not known.
    ``answers``: by wave, instrument and role. ``cut``: as of when, such as 2026-11-23. ``sha256``: of what it was read from.
    """

    protocol: Protocol
    instruments: Mapping[str, Instrument]
    persons: tuple[str, ...]
    known: Mapping[Known, Words]
    sessions: Vector
    groups: tuple[tuple[str, str, str], ...]
    group_of: NDArray[np.int64]
    answers: Mapping[tuple[str, str, Respondent], Answered]
    cut: str
    sha256: str

    def column(self, known: Known) -> Words:
        """What is known of each person; None everywhere if the study does not know it."""
        return self.known.get(known, (None,) * len(self.persons))

    def of_arm(self, arm: str) -> NDArray[np.bool_]:
        """Who is in an arm."""
        return np.array([one == arm for one in self.column(Known.ARM)], dtype=bool)

    def has_answered(self, wave: str) -> NDArray[np.bool_]:
        """Which participants gave any answer at a wave."""
        there = np.zeros(len(self.persons), dtype=bool)
        for (at, _, role), answered in self.answers.items():
            if at == wave and role is Respondent.PARTICIPANT:
                there[answered.rows[np.isfinite(answered.values).any(axis=1)]] = True
        return there

    def values(self, outcome: Outcome, wave: str) -> Vector:
        """An outcome of every person at a wave: (people,), NaN where there is none."""
        values = np.full(len(self.persons), np.nan)
        answered = self.answers.get((wave, outcome.instrument, Respondent.PARTICIPANT))
        if answered is None:
            return values
        instrument = self.instruments[outcome.instrument]
        if outcome.item is not None:
            values[answered.rows] = answered.values[:, instrument.item_ids().index(outcome.item)]
        else:
            column = score_many(instrument, answered.values).columns[outcome.scale or ""]
            values[answered.rows] = column.score if column.converted is None else column.converted
        return values

    def part(self, people: NDArray[np.bool_]) -> "Study":
        """The same study of some people: those of one organisation, or country. Their groups keep what leaders answered."""
        places = np.flatnonzero(people)
        new = np.full(len(self.persons), -1)
        new[places] = np.arange(len(places))
        known = {name: tuple(column[place] for place in places.tolist()) for name, column in self.known.items()}
        there = np.unique(self.group_of[places])
        there = there[there >= 0]
        of_group = np.full(len(self.groups), -1)
        of_group[there] = np.arange(len(there))
        group_of = np.where(self.group_of[places] < 0, -1, of_group[self.group_of[places]])
        answers = dict[tuple[str, str, Respondent], Answered]()
        for key, answered in self.answers.items():
            moved = (new if key[2] is Respondent.PARTICIPANT else of_group)[answered.rows]
            answers[key] = Answered(moved[moved >= 0], answered.values[moved >= 0])
        return Study(
            self.protocol,
            self.instruments,
            tuple(self.persons[place] for place in places.tolist()),
            known,
            self.sessions[places],
            tuple(self.groups[place] for place in there.tolist()),
            group_of,
            answers,
            self.cut,
            self.sha256,
        )
