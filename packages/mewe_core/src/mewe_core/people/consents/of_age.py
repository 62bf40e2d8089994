"""Coming of age: from their eighteenth birthday on nobody decides for a person but they themselves. Pure."""

from functools import cache

from attrs import evolve
from whenever import Date, Instant

from mewe_core.kit.access import Purpose
from mewe_core.people.consent import ConsentRow, ConsentTable, Decides
from mewe_core.people.consents.rules import Place, age_then

OF_AGE = 18
"""In whole years, on the day it is in the country."""

_SOURCE = "Whoever is of age decides for themselves; that this is so at eighteen is to be confirmed with the rest of the table."
_CHECKED_ON = Date(2026, 11, 22)


@cache
def with_adults(table: ConsentTable) -> ConsentTable:
    """The table, in which whoever is of age decides on every purpose that it knows of in their country.

    Where a row has one decide for oneself beyond that age, it stands: then nothing is asked again. Where it has others decide,
    it ends there; where nobody is named, oneself is.
    """
    return evolve(table, participation=_grown(table.participation), research=_grown(table.research))


def is_of_age(place: Place, born: Date | None, at: Instant) -> bool:
    """Whether somebody is, on the day it is there; not if nobody knows when they were born."""
    return born is not None and age_then(place, born, at) >= OF_AGE


def _grown(rows: tuple[ConsentRow, ...]) -> tuple[ConsentRow, ...]:
    kept = [_ending(one) for one in rows if one.who is Decides.SELF or one.age_from < OF_AGE]
    known: dict[tuple[str, Purpose], ConsentRow] = {(one.country, one.purpose): one for one in rows}
    return (*kept, *(one for key, any_ in known.items() for one in _for_themselves(any_, [k for k in kept if _key(k) == key])))


def _key(row: ConsentRow) -> tuple[str, Purpose]:
    return row.country, row.purpose


def _ending(row: ConsentRow) -> ConsentRow:
    if row.who is Decides.SELF or (row.age_to is not None and row.age_to < OF_AGE):
        return row
    return evolve(row, age_to=OF_AGE - 1)


def _for_themselves(like: ConsentRow, there: list[ConsentRow]) -> list[ConsentRow]:
    """A row for each span of ages from that one on that no other row is about."""
    found, begin = list[ConsentRow](), OF_AGE
    for one in sorted(there, key=lambda one: one.age_from):
        if one.age_from > begin:
            found.append(_own(like, begin, one.age_from - 1))
        if one.age_to is None:
            return found
        begin = max(begin, one.age_to + 1)
    return [*found, _own(like, begin, None)]


def _own(like: ConsentRow, age_from: int, age_to: int | None) -> ConsentRow:
    return ConsentRow(
        country=like.country,
        purpose=like.purpose,
        age_from=age_from,
        age_to=age_to,
        who=Decides.SELF,
        source=_SOURCE,
        checked_on=_CHECKED_ON,
    )
