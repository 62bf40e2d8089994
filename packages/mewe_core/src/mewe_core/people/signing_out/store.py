"""Whom a request to end sessions is about."""

from sqlalchemy import bindparam, select

from mewe_core.kit.access import Scope, ScopeKind
from mewe_core.kit.database import Database
from mewe_core.people.confirming.store import of_person
from mewe_core.people.signing_out.model import EndSessionsOfPersonRequest
from mewe_core.people.store import PERSON_BY_ID, ROLE_GRANT, Person

COUNTRY_OF = (
    select(ROLE_GRANT.c.scope_id)
    .where(ROLE_GRANT.c.person_id == bindparam("whose"), ROLE_GRANT.c.scope_kind == ScopeKind.COUNTRY.value)
    .limit(1)
)


async def of_anybody(database: Database, request: EndSessionsOfPersonRequest) -> Scope | None:
    """The person's organisation, or the group that is named; the country for who acts for it and belongs to no organisation."""
    person = await database.first(PERSON_BY_ID, Person, which=request.person_id)
    if person is not None and person.organisation_id is None and request.group_id is None:
        country = await database.first(COUNTRY_OF, str, whose=person.id)
        return None if country is None else Scope(ScopeKind.COUNTRY, country)
    return await of_person(database, request)
