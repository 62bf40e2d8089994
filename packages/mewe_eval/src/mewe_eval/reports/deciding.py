"""What a report may show is decided here and nowhere else: figures go in whole, and come out as they may be seen."""

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from mewe_eval.disclosure.exposure import Counts, Members
from mewe_eval.disclosure.suppression import suppress
from mewe_eval.protocol.definition import Publication as Limits
from mewe_eval.reports.counting import mean
from mewe_eval.reports.ledger import Ledger
from mewe_eval.reports.model import Figure, State, Style
from mewe_eval.statistics.results import Vector
from mewe_eval.study.data import Study
from mewe_eval.study.known import Known

PERSONS = "persons"
"""The variable of whatever counts people; others are outcomes at a wave, of which means are shown."""

DECIMALS = 4
"""Numbers that are no counts are rounded to this, so that their last digits do not tell of how many they are."""


@frozen(eq=False)
class _Wanted:
    """A figure with what it rests on: sets of people, each in every one of the variables."""

    figure: Figure
    sets: tuple[Members, ...]
    variables: tuple[str, ...]
    counts_its_people: str | None


class Decided:
    """Figures as they may be shown, by key; there is no way to another."""

    def __init__(self, figures: Mapping[str, Figure]) -> None:
        self._figures = figures

    def __getitem__(self, key: str) -> Figure:
        return self._figures[key]

    def all(self, section: str, name: str | None = None) -> list[Figure]:
        """The figures of a section, in the order in which they were asked for; those of one name, if it is given."""
        return [one for one in self._figures.values() if one.section == section and name in (None, one.name)]


class Drafts:
    """Figures that a report would like to show. What is asked for first is hidden last."""

    def __init__(self, study: Study, limits: Limits) -> None:
        self._study = study
        self._limits = limits
        self._wanted = dict[str, _Wanted]()

    def count(self, figure: Figure, people: Members) -> str:
        """Ask for a number of persons: those at the places where ``people`` is true. Gives the figure's key."""
        value = int(people.sum())
        return self._add(_Wanted(evolve(figure, value=value), (self._everywhere(people),), (PERSONS,), None))

    def mean(self, figure: Figure, sets: Sequence[Members], variables: Sequence[str]) -> str:
        """Ask for a number that is computed from values of these sets of people; its ``n`` is how many they are together.

        Sets may be of the study's groups instead, where their leaders have answered: one form a group.
        """
        sets = [self._everywhere(one) for one in sets]
        whole = np.logical_or.reduce(sets)
        figure = evolve(figure, n=int(whole.sum()))
        people_of = Figure(section=f"{figure.section}, people of", name=figure.name, group=figure.group, wave=figure.wave)
        counted = _Wanted(evolve(people_of, value=figure.n), (whole,), (PERSONS,), None)
        added = self._add(_Wanted(_rounded(figure), tuple(sets), tuple(variables), counted.figure.key))
        self._add(counted)
        return added

    def ask_mean(
        self, figure: Figure, values: Vector, people: Members, variables: Sequence[str], level: float, *, spread: bool = False
    ) -> str:
        """Ask for the mean of the values of some people, or groups; it is withheld if they are all alike.

        It comes with its interval, or, if ``spread``, with the standard deviation.
        """
        found = mean(figure, np.where(people, values, np.nan), level)
        if found is None:
            return self.withheld(evolve(figure, style=Style.NUMBER))
        if spread:
            deviation = float(values[people & np.isfinite(values)].std(ddof=1))
            found = evolve(found, low=None, high=None, deviation=deviation)
        return self.mean(found, [people & np.isfinite(values)], variables)

    def known(self, figure: Figure) -> str:
        """A number that is of nobody: of groups or sites, or how many sessions were held; it is shown."""
        return self._add(_Wanted(_rounded(figure), (), (), None))

    def withheld(self, figure: Figure) -> str:
        """A number that must not be told whatever else is shown, such as the mean of people who all said the same."""
        return self._add(_Wanted(evolve(figure, value=None, state=State.HIDDEN), (), (), None))

    def unknown(self, figure: Figure) -> str:
        """A number that there is none of, such as of data that allow no estimate."""
        return self._add(_Wanted(evolve(figure, value=None, state=State.UNKNOWN), (), (), None))

    def decide(self, ledger: Ledger, report: str) -> tuple[Decided, Ledger]:
        """What may be shown beside all that is out, and the ledger with it. Raises AlreadyExposed."""
        people = _names(self._study)
        shown = dict[str, dict[bytes, bool]]()
        out = dict[tuple[str, str], Members]()
        for variable in dict.fromkeys(one for wanted in self._wanted.values() for one in wanted.variables):
            sets = dict[bytes, tuple[str, Members]]()
            for key, wanted in self._wanted.items():
                if variable in wanted.variables:
                    for one in wanted.sets:
                        sets.setdefault(one.tobytes(), (f"{key}#{len(sets)}", one))
            fewest = self._limits.fewest_counted if variable == PERSONS else self._limits.fewest_averaged
            seen = _shown([*sets.values()], list(ledger.of(variable)), people, fewest)
            shown[variable] = {mark: name in seen for mark, (name, _) in sets.items()}
            out |= {(f"{report}|{name}", variable): one for name, one in sets.values() if name in seen}
        decided = {key: _seen(wanted, shown) for key, wanted in self._wanted.items()}
        for key, wanted in self._wanted.items():
            counted = wanted.counts_its_people
            if counted is not None and not (counted in decided and decided[counted].is_shown):
                decided[key] = evolve(decided[key], n=None, deviation=None)
        return Decided(decided), ledger.with_figures(report, self._study.cut, people, out)

    def _everywhere(self, some: Members) -> Members:
        """Places among people and then groups, of places among either."""
        people, groups = len(self._study.persons), len(self._study.groups)
        before, after = (0, groups) if len(some) == people else (people, 0)
        return np.pad(some, (before, after))

    def _add(self, wanted: _Wanted) -> str:
        if wanted.figure.key in self._wanted:
            raise ValueError(f"two figures are called {wanted.figure.key}")
        self._wanted[wanted.figure.key] = wanted
        return wanted.figure.key


def _seen(wanted: _Wanted, shown: Mapping[str, Mapping[bytes, bool]]) -> Figure:
    if all(shown[variable][one.tobytes()] for variable in wanted.variables for one in wanted.sets):
        return wanted.figure
    return evolve(wanted.figure, value=None, low=None, high=None, deviation=None, n=None, clusters=None, state=State.HIDDEN)


def _shown(
    sets: Sequence[tuple[str, Members]], out: Sequence[tuple[str, frozenset[str]]], people: Sequence[str], fewest: int
) -> set[str]:
    """The names of the sets that may be shown. A set of people whose number is out is shown as it was."""
    place = {person: number for number, person in enumerate(people)}
    for _, whose in out:
        for person in whose:
            place.setdefault(person, len(place))
    earlier = dict[bytes, NDArray[np.bool_]]()
    for _, whose in out:
        row = np.zeros(len(place), dtype=bool)
        row[[place[person] for person in whose]] = True
        earlier[row.tobytes()] = row
    rows, names, again = list(earlier.values()), [f"out {number}" for number in range(len(earlier))], set[str]()
    published = tuple(names)
    for name, one in sets:
        row = np.zeros(len(place), dtype=bool)
        row[: len(one)] = one
        if row.tobytes() in earlier:
            again.add(name)
        else:
            rows.append(row)
            names.append(name)
    if not place or not rows:
        return again
    groups, sizes = _finest(np.array(rows))
    counts = Counts(tuple(names), groups, sizes)
    spare = [name for name in reversed(names) if name not in published]
    return again | {*suppress(counts, fewest, published, spare).shown} - {*published}


def _finest(members: NDArray[np.bool_]) -> tuple[Members, NDArray[np.int64]]:
    """The groups of people that no row tells apart: (rows, groups), and how many people each is of."""
    packed = np.ascontiguousarray(np.packbits(members, axis=0).T)
    whole = packed.view([("", packed.dtype)] * packed.shape[1]).reshape(-1)
    _, first, sizes = np.unique(whole, return_index=True, return_counts=True)
    return np.asarray(members[:, first]), sizes.astype(np.int64)


def _names(study: Study) -> tuple[str, ...]:
    where = zip(study.column(Known.COUNTRY), study.column(Known.ORGANISATION), study.persons, strict=True)
    people = ("/".join(one or "" for one in person) for person in where)
    return (*people, *("leaders of " + "/".join(group) for group in study.groups))


def _rounded(figure: Figure) -> Figure:
    def short(number: float | int | None) -> float | int | None:
        return number if number is None or isinstance(number, int) else round(float(number), DECIMALS)

    low, high, deviation = short(figure.low), short(figure.high), short(figure.deviation)
    return evolve(figure, value=short(figure.value), low=low, high=high, deviation=deviation)
