"""Who decides in which country, at which age: a dated table as data, and how a deployment overlays it.

Three things, never one table: who decides on **participation**, who decides on **research**, and from which age one's own
consent is a ground for holding **data** (GDPR article 8). The last decides nothing about the first two.

The classes are the schema of ``consent.toml``, key by key. Where nobody knows there is no row, and no row means no.
"""

import re
import tomllib
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import attrs
from attrs import field, frozen
from whenever import Date

from mewe_core.kit.access import Purpose
from mewe_core.kit.checks import between, given, text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.faults import PluginFault
from mewe_core.kit.tables import TableFaults, structured

OLDEST = 120
"""The highest age, in whole years, that a row may name."""

_COUNTRY = re.compile(r"[A-Z]{2}")


class ConsentTableFault(PluginFault):
    """A table of consent cannot be used; the message says which key, and what is allowed there, a line for each fault."""


class Decides(StrEnum):
    """Who must say yes: the young person, a guardian, both guardians, or both guardians with the young person's assent."""

    SELF = "self"
    GUARDIAN = "guardian"
    BOTH_GUARDIANS = "both_guardians"
    BOTH_AND_ASSENT = "both_and_assent"


def country_code(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    """Two capital letters, as in ISO 3166-1: "SE", "GB"."""
    if not _COUNTRY.fullmatch(value):
        raise Invalid(Field(attribute.name, 'a country as two capital letters, such as "SE"'))


@frozen(kw_only=True)
class ConsentRow:
    """Who decides on one purpose in one country, at some ages.

    ``age_from``, ``age_to``: whole years, both included; None: open. Where a row begins, consent is asked again.
    ``condition``: what must hold besides, in words for those who ask; no rule here can check it.
    ``source``: where it is written, and what of it nobody has verified. ``checked_on``: when somebody last looked there.
    ``to_confirm``: a lawyer of the country has not confirmed it yet.
    """

    country: str = field(validator=country_code)
    purpose: Purpose
    age_from: int = field(validator=between(0, OLDEST))
    age_to: int | None = field(default=None, validator=given(between(0, OLDEST)))
    who: Decides
    condition: str = field(default="", validator=text(500, least=0))
    source: str = field(validator=text(500))
    checked_on: Date
    to_confirm: bool = True

    def __attrs_post_init__(self) -> None:
        if self.age_to is not None and self.age_to < self.age_from:
            raise Invalid(Field("age_to", "an age not below age_from"))

    def includes(self, age: int) -> bool:
        """Whether the row is about that age, in whole years."""
        return self.age_from <= age and (self.age_to is None or age <= self.age_to)


@frozen(kw_only=True)
class DataAge:
    """From which age one's own consent is a ground for holding data, where consent is the ground; None: no fixed age.

    A municipality, say, probably acts on a public task instead; which ground applies is for a lawyer of the country to say.
    """

    country: str = field(validator=country_code)
    age: int | None = field(default=None, validator=given(between(0, OLDEST)))
    note: str = field(default="", validator=text(500, least=0))
    source: str = field(validator=text(500))
    checked_on: Date
    to_confirm: bool = True


@frozen(kw_only=True)
class ConsentTable:
    """The three tables beside each other. Raises Invalid if ages of a country and purpose overlap, or a row is misplaced."""

    participation: tuple[ConsentRow, ...] = ()
    research: tuple[ConsentRow, ...] = ()
    data: tuple[DataAge, ...] = ()

    def __attrs_post_init__(self) -> None:
        for n, row in enumerate(self.participation):
            if row.purpose is Purpose.RESEARCH:
                raise Invalid(
                    Field(f"participation[{n}].purpose", "a purpose other than research, which has a table of its own")
                )
        for n, row in enumerate(self.research):
            if row.purpose is not Purpose.RESEARCH:
                raise Invalid(Field(f"research[{n}].purpose", '"research"'))
        _apart("participation", self.participation)
        _apart("research", self.research)
        for n, one in enumerate(self.data):
            if one.country in {other.country for other in self.data[:n]}:
                raise Invalid(Field(f"data[{n}].country", "each country once"))

    def rows(self, country: str, purpose: Purpose) -> tuple[ConsentRow, ...]:
        """What is known of a purpose in a country; empty if nothing is."""
        there = self.research if purpose is Purpose.RESEARCH else self.participation
        return tuple(row for row in there if row.country == country and row.purpose is purpose)

    def row(self, country: str, purpose: Purpose, age: int) -> ConsentRow | None:
        """Who decides at that age, in whole years; None if nobody knows."""
        return next((row for row in self.rows(country, purpose) if row.includes(age)), None)

    def knows(self, country: str) -> bool:
        """Whether anything is known of who decides there; a country of which only the data age is known is not."""
        return any(row.country == country for row in (*self.participation, *self.research))

    def data_age(self, country: str) -> DataAge | None:
        """From which age one's own consent is a ground for data there; None if nobody knows."""
        return next((one for one in self.data if one.country == country), None)


def _apart(name: str, rows: Sequence[ConsentRow]) -> None:
    for n, row in enumerate(rows):
        for other in rows[:n]:
            same = (other.country, other.purpose) == (row.country, row.purpose)
            if same and (other.includes(row.age_from) or row.includes(other.age_from)):
                raise Invalid(Field(f"{name}[{n}].age_from", "ages that no other row of this country and purpose is about"))


def read_table(document: str) -> ConsentTable:
    """The table in a TOML document. Raises ConsentTableFault with everything that is wrong, such as a row without source."""
    try:
        return structured(tomllib.loads(document), ConsentTable)
    except tomllib.TOMLDecodeError as fault:
        raise ConsentTableFault(f"a table of consent is not TOML: {fault}") from None
    except TableFaults as fault:
        lines = (f"a table of consent: {one.key}: {one.problem}; allowed: {one.allowed}" for one in fault.faults)
        raise ConsentTableFault("\n".join(lines)) from None


@cache
def shipped_table() -> ConsentTable:
    """The table that comes with the library, ``consent.toml``: little, dated, and to be confirmed."""
    return read_table((files("mewe_core.people") / "consent.toml").read_text("utf-8"))


def overlaid(table: ConsentTable, over: ConsentTable) -> ConsentTable:
    """The table as a deployment has it: what ``over`` says of a country and purpose stands in place of all that was there.

    So no row of ours is left among theirs, and an age that they do not name is refused. Data ages go by country.
    """
    said = {(row.country, row.purpose) for row in (*over.participation, *over.research)}
    countries = {one.country for one in over.data}
    return ConsentTable(
        participation=(*_besides(table.participation, said), *over.participation),
        research=(*_besides(table.research, said), *over.research),
        data=(*(one for one in table.data if one.country not in countries), *over.data),
    )


def _besides(rows: Sequence[ConsentRow], said: set[tuple[str, Purpose]]) -> list[ConsentRow]:
    return [row for row in rows if (row.country, row.purpose) not in said]
