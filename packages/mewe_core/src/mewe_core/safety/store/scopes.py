"""Which scope a request is about: the resolvers of the access rules."""

from typing import Protocol

from attrs import frozen
from sqlalchemy import bindparam, select

from mewe_core.kit.access import Role, Scope, ScopeKind
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.records import STANDING
from mewe_core.safety.model.cards import WriteCardRequest
from mewe_core.safety.store.tables import CONCERN, CONTACT, GROUP, TALK


class InOrganisation(Protocol):
    """A request about an organisation."""

    @property
    def organisation_id(self) -> str:
        """Which organisation."""


class AboutPerson(Protocol):
    """A request about what is one person's own."""

    @property
    def person_id(self) -> str:
        """Whose."""


class AboutContact(Protocol):
    """A request about a contact."""

    @property
    def contact_id(self) -> str:
        """Which contact."""


class AboutGroup(Protocol):
    """A request about a group."""

    @property
    def group_id(self) -> str:
        """Which group."""


class AboutConcern(Protocol):
    """A request about a concern."""

    @property
    def concern_id(self) -> str:
        """Which concern."""


class AboutTalk(Protocol):
    """A request about somebody's wish to talk."""

    @property
    def talk_request_id(self) -> str:
        """Which."""


@frozen
class _Group:
    id: str
    organisation_id: str


@frozen
class _Contact:
    circle_kind: ScopeKind
    circle_id: str
    organisation_id: str | None
    person_id: str


ONE_GROUP: Executable = select(GROUP.c.id, GROUP.c.organisation_id).where(GROUP.c.id == bindparam("group_id"))
ONE_CONTACT: Executable = select(
    CONTACT.c.circle_kind, CONTACT.c.circle_id, CONTACT.c.organisation_id, CONTACT.c.person_id
).where(CONTACT.c.id == bindparam("contact_id"))
GROUP_OF_PERSON: Executable = (
    select(STANDING.c.scope_id)
    .where(
        STANDING.c.person_id == bindparam("person_id"),
        STANDING.c.role == Role.PARTICIPANT.value,
        STANDING.c.scope_kind == ScopeKind.GROUP.value,
        STANDING.c.until.is_(None),
    )
    .order_by(STANDING.c.since.desc(), STANDING.c.scope_id)
    .limit(1)
)
ONE_CONCERN: Executable = select(CONCERN.c.id).where(CONCERN.c.id == bindparam("concern_id"))
GROUP_OF_TALK: Executable = select(TALK.c.group_id).where(TALK.c.id == bindparam("talk_request_id"))


async def of_group(database: Database, request: AboutGroup) -> Scope | None:
    """The group that a request names, in its organisation."""
    return await _group(database, request.group_id)


async def within_group(database: Database, request: AboutGroup) -> Scope | None:
    """The group that a request names, given without its organisation: no role around the group reaches in."""
    found = await _group(database, request.group_id)
    return None if found is None else Scope(ScopeKind.GROUP, found.id)


async def of_organisation(database: Database, request: InOrganisation) -> Scope | None:
    """The organisation that a request names; whether it exists shows in the roles that are held in it."""
    return Scope(ScopeKind.ORGANISATION, request.organisation_id)


async def of_person(database: Database, request: AboutPerson) -> Scope | None:
    """The group that somebody takes part in, given without its organisation; where there is none, what is their own."""
    found = await database.first(GROUP_OF_PERSON, str, person_id=request.person_id)
    return Scope(ScopeKind.PERSON, request.person_id) if found is None else Scope(ScopeKind.GROUP, found)


async def of_contact(database: Database, request: AboutContact) -> Scope | None:
    """The group, organisation or country that a contact is of; its owner is the contact."""
    found = await database.first(ONE_CONTACT, _Contact, contact_id=request.contact_id)
    if found is None:
        return None
    return Scope(found.circle_kind, found.circle_id, found.organisation_id, owner_id=found.person_id)


async def of_concern(database: Database, request: AboutConcern) -> Scope | None:
    """The concern that a request names."""
    found = await database.first(ONE_CONCERN, str, concern_id=request.concern_id)
    return None if found is None else Scope(ScopeKind.CONCERN, found)


async def of_talk(database: Database, request: AboutTalk) -> Scope | None:
    """The group whose leaders somebody wants to talk to, given without its organisation."""
    found = await database.first(GROUP_OF_TALK, str, talk_request_id=request.talk_request_id)
    return None if found is None else Scope(ScopeKind.GROUP, found)


async def of_card_to_write(database: Database, request: WriteCardRequest) -> Scope | None:
    """The person's own, or the group in which a leader writes it with them, given without its organisation."""
    if request.group_id is None:
        return Scope(ScopeKind.PERSON, request.person_id, owner_id=request.person_id)
    found = await _group(database, request.group_id)
    return None if found is None else Scope(ScopeKind.GROUP, found.id)


async def _group(database: Database, group_id: str) -> Scope | None:
    found = await database.first(ONE_GROUP, _Group, group_id=group_id)
    return None if found is None else Scope(ScopeKind.GROUP, found.id, found.organisation_id)
