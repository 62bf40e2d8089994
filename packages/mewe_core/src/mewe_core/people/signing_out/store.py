"""Whom a request to end sessions is about, and who has signed out whom: as long as that person is not back."""

from sqlalchemy import BigInteger, Column, ForeignKey, PrimaryKeyConstraint, Table, Text, bindparam, delete, func, select

from mewe_core.kit.access import Scope, ScopeKind
from mewe_core.kit.database import Database, either
from mewe_core.people.confirming.store import IS_IN
from mewe_core.people.signing_out.model import EndSessionsOfPersonRequest
from mewe_core.people.store import METADATA, PERSON_BY_ID, ROLE_GRANT, Person

SIGNING_OUT = Table(
    "people_signing_out",
    METADATA,
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("by_id", Text, nullable=False),
    Column("end_time", BigInteger, nullable=False),
    PrimaryKeyConstraint("person_id", "by_id"),
)
"""Kept apart from the sessions, which are forgotten after a month: a return can be asked for whenever."""

ADD_SIGNING_OUT = either(lambda insert: insert(SIGNING_OUT).on_conflict_do_nothing())
FORGET_SIGNING_OUT = delete(SIGNING_OUT).where(SIGNING_OUT.c.person_id == bindparam("whose"))
SIGNED_OUT_BY = select(func.count()).where(
    SIGNING_OUT.c.person_id == bindparam("whose"), SIGNING_OUT.c.by_id == bindparam("by")
)
COUNTRY_OF = (
    select(ROLE_GRANT.c.scope_id)
    .where(ROLE_GRANT.c.person_id == bindparam("whose"), ROLE_GRANT.c.scope_kind == ScopeKind.COUNTRY.value)
    .limit(1)
)


async def of_anybody(database: Database, request: EndSessionsOfPersonRequest) -> Scope | None:
    """The person's organisation, or the group that is named if they are in it; the country for who acts for it alone."""
    person = await database.first(PERSON_BY_ID, Person, which=request.person_id)
    if person is None:
        return None
    if request.group_id is not None:
        there = await database.first(IS_IN, int, whose=person.id, group_id=request.group_id)
        return Scope(ScopeKind.GROUP, request.group_id, person.organisation_id) if there and person.organisation_id else None
    if person.organisation_id is not None:
        return Scope(ScopeKind.ORGANISATION, person.organisation_id)
    country = await database.first(COUNTRY_OF, str, whose=person.id)
    return None if country is None else Scope(ScopeKind.COUNTRY, country)


async def has_signed_out(database: Database, by: str | None, person_id: str) -> bool:
    """Whether somebody has ended sessions of a person who has not come back after a loss since."""
    return bool(await database.first(SIGNED_OUT_BY, int, whose=person_id, by=by or ""))
