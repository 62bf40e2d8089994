"""What is held about a person: purpose, legal basis, retention, and how it is found, exported and erased.

Each feature declares every column that is about a person in its ``personal.py``; a column that is neither declared personal
nor declared impersonal fails the feature's tests.
"""

from enum import StrEnum

from attrs import field, frozen
from sqlalchemy import MetaData


class Basis(StrEnum):
    """The ground in law for holding it (GDPR art. 6). Which one applies is for a lawyer of each country to confirm."""

    CONSENT = "consent"
    PUBLIC_TASK = "public_task"
    LEGAL_DUTY = "legal_duty"
    VITAL_INTERESTS = "vital_interests"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class Erasure(StrEnum):
    """What erasing a person does to it."""

    DELETE_ROW = "delete_row"
    CLEAR = "clear"
    KEEP_PSEUDONYM = "keep_pseudonym"


@frozen
class Personal:
    """Columns of one table that are about a person. ``found_by`` is the column with the person's id.

    ``retention_days``: how long after the row's last use it may be kept at most; None: as long as the person takes part.
    """

    table: str
    columns: tuple[str, ...]
    found_by: str = field(kw_only=True)
    purpose: str = field(kw_only=True)
    basis: Basis = field(kw_only=True)
    retention_days: int | None = field(kw_only=True)
    erasure: Erasure = field(kw_only=True)
    exported: bool = field(default=True, kw_only=True)


@frozen
class PersonalData:
    """A feature's whole declaration. ``impersonal`` names the columns that say nothing about anybody, as ``table.column``."""

    personal: tuple[Personal, ...] = ()
    impersonal: frozenset[str] = frozenset()


def holds_nothing(tables: MetaData) -> PersonalData:
    """The declaration of a feature none of whose columns is about a person: to be said, not left out."""
    return PersonalData(impersonal=frozenset(f"{t.name}.{c.name}" for t in tables.sorted_tables for c in t.columns))


def faults(declared: PersonalData, tables: MetaData) -> list[str]:
    """Every column not declared, declared twice, or declared and not there."""
    there = {f"{table.name}.{column.name}" for table in tables.sorted_tables for column in table.columns}
    personal = [f"{one.table}.{column}" for one in declared.personal for column in one.columns]
    named = [*personal, *declared.impersonal]
    return [
        *(f"{column} is not declared in personal.py" for column in sorted(there - set(named))),
        *(f"{column} is declared in personal.py and is no column" for column in sorted(set(named) - there)),
        *(f"{column} is declared twice in personal.py" for column in sorted({c for c in named if named.count(c) > 1})),
        *(
            f"{one.table}.{one.found_by} finds rows in personal.py and is no column"
            for one in declared.personal
            if f"{one.table}.{one.found_by}" not in there
        ),
    ]
