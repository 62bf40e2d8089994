"""Readings in an emergency, and where those are told who have to know: tables and statements."""

from typing import Protocol

from attrs import field, frozen
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql import Executable
from whenever import Instant

from mewe_core.kit.access import Role, Scope, ScopeKind
from mewe_core.kit.database import Database, Either, either
from mewe_core.kit.records import STANDING
from mewe_core.programme.store.tables import METADATA

READING = Table(
    "programme_emergency_reading",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("group_id", Text, ForeignKey("programme_group.id"), nullable=False),
    Column("organisation_id", Text, nullable=False),
    Column("reader_id", Text, nullable=False),
    Column("sealed_reason", LargeBinary, nullable=False),
    Column("begin_time", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("ended_by_id", Text),
    Index("programme_emergency_reading_by_time", "begin_time", "id"),
    Index("programme_emergency_reading_until", "until"),
    Index("programme_emergency_reading_of_reader", "reader_id", "group_id"),
    Index("programme_emergency_reading_ended_by", "ended_by_id"),
)
"""Each time somebody broke the glass: who, where, why (sealed under a key of its own), from when to when, and who ended it."""

ADDRESS = Table(
    "programme_emergency_address",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("sealed_address", LargeBinary, nullable=False),
    Column("language", Text, nullable=False),
)
"""Where somebody wants to be told, sealed under their own key."""


@frozen
class KeptReading:
    """A reading as kept."""

    id: str
    group_id: str
    organisation_id: str
    reader_id: str
    sealed_reason: bytes = field(repr=False)
    begin_time: Instant
    until: Instant
    end_time: Instant | None
    ended_by_id: str | None


@frozen
class KeptAddress:
    """Where somebody is told; ``sealed_address`` is None if they gave no address."""

    person_id: str
    sealed_address: bytes | None = field(repr=False)
    language: str | None


class AboutReading(Protocol):
    """A request about one reading."""

    @property
    def emergency_reading_id(self) -> str:
        """Which reading."""


def _holds_now() -> ColumnElement[bool]:
    return and_(STANDING.c.since <= bindparam("now"), or_(STANDING.c.until.is_(None), STANDING.c.until > bindparam("now")))


def _is_second(organisation: ColumnElement[str]) -> ColumnElement[bool]:
    """The row of a standing makes somebody a second person in an organisation."""
    in_organisation = and_(
        STANDING.c.role == Role.COORDINATOR.value,
        STANDING.c.scope_kind == ScopeKind.ORGANISATION.value,
        STANDING.c.scope_id == organisation,
    )
    in_country = and_(
        STANDING.c.role == Role.NATIONAL.value,
        STANDING.c.scope_kind == ScopeKind.COUNTRY.value,
        STANDING.c.scope_id == bindparam("country"),
    )
    return and_(or_(in_organisation, in_country), _holds_now())


ADD_READING: Executable = insert(READING)
ONE_READING: Executable = select(*READING.c).where(READING.c.id == bindparam("which"))
OPEN_READINGS: Executable = (
    select(*READING.c)
    .where(READING.c.until > bindparam("now"), READING.c.end_time.is_(None))
    .order_by(READING.c.until)
    .limit(bindparam("limit"))
)
READINGS_OF: Executable = (
    select(*READING.c)
    .where(READING.c.reader_id == bindparam("reader_id"), READING.c.group_id == bindparam("group_id"))
    .order_by(READING.c.begin_time.desc())
    .limit(bindparam("limit"))
)
END_READING: Executable = (
    update(READING)
    .where(READING.c.id == bindparam("which"), READING.c.end_time.is_(None))
    .values(end_time=bindparam("now"), ended_by_id=bindparam("who"))
)
READINGS_TO_KNOW_OF: Executable = (
    select(*READING.c)
    .where(
        READING.c.begin_time <= bindparam("before"),
        or_(READING.c.begin_time < bindparam("before"), READING.c.id < bindparam("before_id")),
        or_(
            READING.c.reader_id == bindparam("me"),
            exists().where(STANDING.c.person_id == bindparam("me"), _is_second(READING.c.organisation_id)),
        ),
    )
    .order_by(READING.c.begin_time.desc(), READING.c.id.desc())
    .limit(bindparam("limit"))
)
SECOND_PERSONS: Executable = (
    select(STANDING.c.person_id, ADDRESS.c.sealed_address, ADDRESS.c.language)
    .select_from(STANDING.outerjoin(ADDRESS, ADDRESS.c.person_id == STANDING.c.person_id))
    .where(
        or_(STANDING.c.scope_id == bindparam("organisation_id"), STANDING.c.scope_id == bindparam("country")),
        _is_second(bindparam("organisation_id")),
        STANDING.c.person_id != bindparam("me"),
    )
    .distinct()
    .order_by(STANDING.c.person_id)
    .limit(bindparam("limit"))
)
KEEP_ADDRESS: Either = either(
    lambda insert: (row := insert(ADDRESS)).on_conflict_do_update(
        index_elements=[ADDRESS.c.person_id],
        set_={"sealed_address": row.excluded.sealed_address, "language": row.excluded.language},
    )
)
FORGET_ADDRESS: Executable = delete(ADDRESS).where(ADDRESS.c.person_id == bindparam("person_id"))


async def organisation_of_reading(database: Database, request: AboutReading) -> Scope | None:
    """The organisation whose coordinators know of a reading; its owner is who reads."""
    found = await reading(database, request.emergency_reading_id)
    return None if found is None else Scope(ScopeKind.ORGANISATION, found.organisation_id, None, found.reader_id)


async def reading(database: Database, reading_id: str) -> KeptReading | None:
    """One reading."""
    return await database.first(ONE_READING, KeptReading, which=reading_id)
