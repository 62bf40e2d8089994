"""What was published already, so that a later report, or a report within another, does not tell what was hidden.

The ledger holds pseudonyms and stays in the country, with whoever publishes there.
"""

import json
from collections.abc import Iterator, Mapping

import numpy as np
from attrs import field, frozen
from mewe_core.kit.tables import TableFaults, structured, unstructured

from mewe_eval.disclosure.exposure import Members


class LedgerUnreadable(Exception):
    """This is no ledger; the message says what is wrong and never whom it is of."""


@frozen
class Published:
    """A figure that is out: its name, what it is of (``persons``, or an outcome at a wave), which groups it counts."""

    name: str
    variable: str
    groups: tuple[int, ...]


@frozen
class Publication:
    """One report. ``groups``: the finest that its figures tell apart, of people by country, organisation, pseudonym."""

    report: str
    date: str
    groups: tuple[tuple[str, ...], ...]
    figures: tuple[Published, ...]


@frozen
class Ledger:
    """Every report that is out, in the order in which they went out."""

    publications: tuple[Publication, ...] = field(default=())

    def with_figures(
        self, report: str, date: str, people: tuple[str, ...], figures: Mapping[tuple[str, str], Members]
    ) -> "Ledger":
        """The ledger with what a report shows: figures by name and variable, each of (people,). Nothing is in it twice."""
        if not figures:
            return self
        groups, group_of = np.unique(np.array([*figures.values()]), axis=1, return_inverse=True)
        group_of = group_of.reshape(-1)
        counted = np.flatnonzero(groups.any(axis=0)).tolist()
        number = {place: new for new, place in enumerate(counted)}
        named = tuple(
            Published(name, variable, tuple(number[place] for place in np.flatnonzero(inside).tolist()))
            for (name, variable), inside in zip(figures, groups, strict=True)
        )
        whose = tuple(tuple(people[one] for one in np.flatnonzero(group_of == place).tolist()) for place in counted)
        made = Publication(report, date, whose, named)
        return self if made in self.publications else Ledger((*self.publications, made))

    def of(self, variable: str) -> Iterator[tuple[str, frozenset[str]]]:
        """The figures of a variable that are out, and the people of each."""
        for out in self.publications:
            for one in out.figures:
                if one.variable == variable:
                    yield one.name, frozenset(person for place in one.groups for person in out.groups[place])

    def to_json(self) -> str:
        """The ledger to keep, as one JSON object."""
        return json.dumps(unstructured(self), ensure_ascii=False, separators=(",", ":")) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Ledger":
        """A ledger that was kept. Raises LedgerUnreadable."""
        try:
            table = json.loads(text)
            read = structured(table, cls)
        except json.JSONDecodeError as fault:
            raise LedgerUnreadable(f"line {fault.lineno}: this is not JSON; allowed: a ledger as it was written") from None
        except TableFaults as fault:
            raise LedgerUnreadable(str(fault)) from None
        for out in read.publications:
            if any(not 0 <= place < len(out.groups) for one in out.figures for place in one.groups):
                raise LedgerUnreadable("figures: a group that is not there; allowed: places of groups")
        return read
