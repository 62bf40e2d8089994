"""What a deployment says about consent in its mix: who decides, where a day begins, and the ground in law of each purpose."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from attrs import field, frozen
from whenever import Date

from mewe_core.kit.access import Purpose
from mewe_core.kit.checks import text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.personal import Basis
from mewe_core.people.consent_table import ConsentRow, ConsentTable, DataAge, overlaid, shipped_table

NOT_RECORDED = "not recorded"
"""What is said of a legal basis until the deployment has recorded one; none is ever assumed."""


@frozen(kw_only=True)
class RecordedBasis:
    """The ground in law of a purpose as the deployment's lawyer has found it. ``source``: where that is written."""

    basis: Basis
    source: str = field(validator=text(500))
    recorded_on: Date


def _by_purpose(_: Any, attribute: "attrs.Attribute[Any]", value: Mapping[str, object]) -> None:
    there = [one.value for one in Purpose]
    if not set(value) <= set(there):
        raise Invalid(Field(attribute.name, f"the purposes {', '.join(there)}"))


def _table(settings: "ConsentSettings") -> ConsentTable:
    over = ConsentTable(participation=settings.participation, research=settings.research, data=settings.data)
    return overlaid(shipped_table(), over)


@frozen(kw_only=True)
class ConsentSettings:
    """``[features.people.consent]`` of a mix. Rows stand in place of all that is shipped for their country and purpose.

    ``time_zone``: where the day begins on which somebody is a year older. ``bases``: the ground in law, by purpose.
    ``table`` is what comes of it. Raises Invalid if ages of a country and purpose overlap, or a row is misplaced.
    """

    time_zone: ZoneInfo = field(factory=lambda: ZoneInfo("UTC"))
    participation: tuple[ConsentRow, ...] = ()
    research: tuple[ConsentRow, ...] = ()
    data: tuple[DataAge, ...] = ()
    bases: Mapping[str, RecordedBasis] = field(factory=dict, validator=_by_purpose)
    table: ConsentTable = field(init=False, repr=False, eq=False, default=attrs.Factory(_table, takes_self=True))

    def basis(self, purpose: Purpose) -> str:
        """The ground in law of a purpose, and where it is written; or that none is recorded."""
        found = self.bases.get(purpose.value)
        return NOT_RECORDED if found is None else f"{found.basis.value}: {found.source} ({found.recorded_on})"
