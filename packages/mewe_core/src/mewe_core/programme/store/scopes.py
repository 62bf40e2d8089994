"""Which scope a request is about: the resolvers of the access rules."""

from typing import Protocol

from attrs import frozen
from sqlalchemy import bindparam, select
from sqlalchemy.sql import Executable

from mewe_core.kit.access import Scope, ScopeKind
from mewe_core.kit.database import Database
from mewe_core.programme.store.tables import CANDIDATE, CERTIFICATE, GROUP, MEMBERSHIP, SESSION


class InOrganisation(Protocol):
    """A request about an organisation."""

    @property
    def organisation_id(self) -> str:
        """Which organisation."""


class AboutGroup(Protocol):
    """A request about a group."""

    @property
    def group_id(self) -> str:
        """Which group."""


class AboutSession(Protocol):
    """A request about a session of a group."""

    @property
    def session_id(self) -> str:
        """Which session."""


class AboutMembership(Protocol):
    """A request about a membership."""

    @property
    def membership_id(self) -> str:
        """Which membership."""


class AboutCandidate(Protocol):
    """A request about a candidate."""

    @property
    def candidate_id(self) -> str:
        """Which candidate."""


class AboutCertificate(Protocol):
    """A request about a certificate."""

    @property
    def certificate_id(self) -> str:
        """Which certificate."""


@frozen
class _Asked:
    organisation_id: str
    without_consent: bool


@frozen
class _Found:
    group_id: str
    organisation_id: str
    person_id: str


SCOPE_OF_GROUP: Executable = select(GROUP.c.organisation_id, GROUP.c.without_consent).where(GROUP.c.id == bindparam("group_id"))
SCOPE_OF_SESSION: Executable = (
    select(GROUP.c.id, GROUP.c.organisation_id, GROUP.c.id)
    .select_from(SESSION.join(GROUP, SESSION.c.group_id == GROUP.c.id))
    .where(SESSION.c.id == bindparam("session_id"))
)
SCOPE_OF_MEMBERSHIP: Executable = (
    select(GROUP.c.id, GROUP.c.organisation_id, MEMBERSHIP.c.person_id)
    .select_from(MEMBERSHIP.join(GROUP, MEMBERSHIP.c.group_id == GROUP.c.id))
    .where(MEMBERSHIP.c.id == bindparam("membership_id"))
)
SCOPE_OF_CANDIDATE: Executable = select(CANDIDATE.c.organisation_id).where(CANDIDATE.c.id == bindparam("candidate_id"))
SCOPE_OF_CERTIFICATE: Executable = select(CERTIFICATE.c.organisation_id).where(CERTIFICATE.c.id == bindparam("certificate_id"))


async def of_organisation(database: Database, request: InOrganisation) -> Scope | None:
    """The organisation that a request names; whether it exists shows in the roles that are held in it."""
    return Scope(ScopeKind.ORGANISATION, request.organisation_id)


async def of_group(database: Database, request: AboutGroup) -> Scope | None:
    """The group that a request names."""
    found = await database.first(SCOPE_OF_GROUP, _Asked, group_id=request.group_id)
    if found is None:
        return None
    return Scope(ScopeKind.GROUP, request.group_id, found.organisation_id, without_consent=found.without_consent)


async def of_session(database: Database, request: AboutSession) -> Scope | None:
    """The group of the session that a request names."""
    found = await database.first(SCOPE_OF_SESSION, _Found, session_id=request.session_id)
    return None if found is None else Scope(ScopeKind.GROUP, found.group_id, found.organisation_id)


async def of_membership(database: Database, request: AboutMembership) -> Scope | None:
    """The group of the membership that a request names; its owner is whose membership it is."""
    found = await database.first(SCOPE_OF_MEMBERSHIP, _Found, membership_id=request.membership_id)
    return None if found is None else Scope(ScopeKind.GROUP, found.group_id, found.organisation_id, found.person_id)


async def of_candidate(database: Database, request: AboutCandidate) -> Scope | None:
    """The organisation that recruits the candidate whom a request names."""
    organisation_id = await database.first(SCOPE_OF_CANDIDATE, str, candidate_id=request.candidate_id)
    return None if organisation_id is None else Scope(ScopeKind.ORGANISATION, organisation_id)


async def of_certificate(database: Database, request: AboutCertificate) -> Scope | None:
    """The organisation that gave the certificate which a request names."""
    organisation_id = await database.first(SCOPE_OF_CERTIFICATE, str, certificate_id=request.certificate_id)
    return None if organisation_id is None else Scope(ScopeKind.ORGANISATION, organisation_id)
