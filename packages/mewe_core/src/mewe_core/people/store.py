"""What people keeps, and the statements that read and change it.

Moments are microseconds since 1970 UTC. A code and the secret of a session stand here as keyed digests, never themselves.
"""

from attrs import field, frozen
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from whenever import Instant

from mewe_core.kit.access import Role, Scope, ScopeKind
from mewe_core.kit.database import Database, either
from mewe_core.kit.records import SIGNING_KEY, STANDING
from mewe_core.kit.values import columns
from mewe_core.people.model import (
    EndRoleRequest,
    GetOrganisationRequest,
    GrantRoleRequest,
    InvitePersonRequest,
    ListRoleGrantsRequest,
    Organisation,
    RoleGrant,
    WithdrawInvitationRequest,
)

METADATA = MetaData()

ORGANISATION = Table(
    "people_organisation",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Index("people_organisation_by_name", "name", "id"),
)

PERSON = Table(
    "people_person",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organisation_id", Text, ForeignKey("people_organisation.id")),
    Column("create_time", BigInteger, nullable=False),
    Column("sign_in_time", BigInteger),
)
"""A pseudonym, the organisation that invited (none: the competence centre's first), and when its code was redeemed."""

INVITATION = Table(
    "people_invitation",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("organisation_id", Text, ForeignKey("people_organisation.id")),
    Column("role", Text),
    Column("group_id", Text),
    Column("code_digest", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("expire_time", BigInteger, nullable=False),
    Column("redeem_time", BigInteger),
    Column("withdraw_time", BigInteger),
    Index("people_invitation_of_person", "person_id"),
    Index("people_invitation_of_organisation", "organisation_id", "group_id"),
    Index("people_invitation_of_code", "code_digest", unique=True),
    Index("people_invitation_kept_from", "expire_time"),
)

ROLE_GRANT = Table(
    "people_role_grant",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("scope_kind", Text, nullable=False),
    Column("scope_id", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),
    Index("people_role_grant_of_person", "person_id"),
    Index("people_role_grant_in_scope", "scope_id", "since", "id"),
    Index("people_role_grant_kept_from", "until"),
)

Index(
    "people_role_grant_open",
    ROLE_GRANT.c.person_id,
    ROLE_GRANT.c.role,
    ROLE_GRANT.c.scope_id,
    unique=True,
    sqlite_where=ROLE_GRANT.c.until.is_(None),
    postgresql_where=ROLE_GRANT.c.until.is_(None),
)

WAY_IN = Table(
    "people_way_in",
    METADATA,
    Column("country", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
)
"""Who signs in first for a country. Hosts that start at the same moment wait for each other at its row."""


@frozen
class Person:
    """A person as kept: nothing but a pseudonym and whose it is."""

    id: str
    organisation_id: str | None
    create_time: Instant
    sign_in_time: Instant | None


@frozen
class KeptInvitation:
    """An invitation as kept, without its code."""

    id: str
    person_id: str
    organisation_id: str | None
    role: Role | None
    group_id: str | None
    code_digest: str = field(repr=False)
    create_time: Instant
    expire_time: Instant
    redeem_time: Instant | None
    withdraw_time: Instant | None


def _holds(table: Table) -> ColumnElement[bool]:
    """The role of a row holds now."""
    return and_(table.c.since <= bindparam("now"), or_(table.c.until.is_(None), table.c.until > bindparam("now")))


BELONGS = (Role.SUPERVISOR, Role.COORDINATOR, Role.NATIONAL)
"""Who sees an organisation: the access rule of one, and the filter of the list."""

ADD_ORGANISATION = insert(ORGANISATION)
ORGANISATION_BY_ID = select(ORGANISATION).where(ORGANISATION.c.id == bindparam("which"))
ORGANISATIONS_OF = (
    select(ORGANISATION)
    .where(
        or_(
            ORGANISATION.c.name > bindparam("after_name"),
            and_(ORGANISATION.c.name == bindparam("after_name"), ORGANISATION.c.id > bindparam("after_id")),
        ),
        exists().where(
            STANDING.c.person_id == bindparam("me"),
            _holds(STANDING),
            or_(*(STANDING.c.role == role.value for role in BELONGS)),
            or_(
                and_(STANDING.c.scope_kind == ScopeKind.ORGANISATION.value, STANDING.c.scope_id == ORGANISATION.c.id),
                and_(STANDING.c.scope_kind == ScopeKind.COUNTRY.value, STANDING.c.scope_id == bindparam("country")),
            ),
        ),
    )
    .order_by(ORGANISATION.c.name, ORGANISATION.c.id)
    .limit(bindparam("most"))
)

ADD_PERSON = insert(PERSON)
PERSON_BY_ID = select(PERSON).where(PERSON.c.id == bindparam("which"))
PERSON_SIGNS_IN = (
    update(PERSON)
    .where(PERSON.c.id == bindparam("which"), PERSON.c.sign_in_time.is_(None))
    .values(sign_in_time=bindparam("now"))
)

ADD_INVITATION = insert(INVITATION)
INVITATION_BY_ID = select(INVITATION).where(INVITATION.c.id == bindparam("which"))
INVITATION_BY_CODE = select(INVITATION).where(INVITATION.c.code_digest == bindparam("which"))
REDEEM_INVITATION = (
    update(INVITATION)
    .where(
        INVITATION.c.code_digest == bindparam("which"),
        INVITATION.c.redeem_time.is_(None),
        INVITATION.c.withdraw_time.is_(None),
        INVITATION.c.expire_time > bindparam("now"),
    )
    .values(redeem_time=bindparam("now"))
)
_UNUSED = (INVITATION.c.redeem_time.is_(None), INVITATION.c.withdraw_time.is_(None))
WITHDRAW_INVITATION = (
    update(INVITATION)
    .where(INVITATION.c.id == bindparam("which"), *_UNUSED, INVITATION.c.expire_time > bindparam("now"))
    .values(withdraw_time=bindparam("now"))
)
WITHDRAW_INVITATIONS_OF = (
    update(INVITATION).where(INVITATION.c.person_id == bindparam("whose"), *_UNUSED).values(withdraw_time=bindparam("now"))
)

ADD_GRANT = insert(ROLE_GRANT)
GRANT_BY_ID = select(ROLE_GRANT).where(ROLE_GRANT.c.id == bindparam("which"))
END_GRANT = update(ROLE_GRANT).where(ROLE_GRANT.c.id == bindparam("which")).values(until=bindparam("now"))
GRANTS_OF = (
    select(ROLE_GRANT)
    .where(ROLE_GRANT.c.person_id == bindparam("me"), _holds(ROLE_GRANT))
    .order_by(ROLE_GRANT.c.since, ROLE_GRANT.c.id)
)
GRANT_HELD = select(ROLE_GRANT).where(
    ROLE_GRANT.c.person_id == bindparam("whose"),
    ROLE_GRANT.c.role == bindparam("role"),
    ROLE_GRANT.c.scope_id == bindparam("scope"),
    _holds(ROLE_GRANT),
)
GRANTS_IN = (
    select(ROLE_GRANT)
    .where(
        ROLE_GRANT.c.scope_kind == bindparam("kind"),
        ROLE_GRANT.c.scope_id == bindparam("scope"),
        or_(
            ROLE_GRANT.c.since > bindparam("after"),
            and_(ROLE_GRANT.c.since == bindparam("after"), ROLE_GRANT.c.id > bindparam("after_id")),
        ),
    )
    .order_by(ROLE_GRANT.c.since, ROLE_GRANT.c.id)
    .limit(bindparam("most"))
)
OTHER_NATIONALS = select(func.count()).where(
    ROLE_GRANT.c.scope_kind == ScopeKind.COUNTRY.value,
    ROLE_GRANT.c.scope_id == bindparam("country"),
    ROLE_GRANT.c.role == Role.NATIONAL.value,
    ROLE_GRANT.c.until.is_(None),
    ROLE_GRANT.c.id != bindparam("besides"),
    ROLE_GRANT.c.person_id == PERSON.c.id,
    PERSON.c.sign_in_time.is_not(None),
)
HOLD_WAY_IN = either(
    lambda insert_into: (row := insert_into(WAY_IN)).on_conflict_do_update(
        index_elements=[WAY_IN.c.country], set_={"country": row.excluded.country}
    )
)
REPLACE_WAY_IN = (
    update(WAY_IN)
    .where(WAY_IN.c.country == bindparam("country"), WAY_IN.c.person_id == bindparam("before"))
    .values(person_id=bindparam("after"))
)
WAY_IN_OF = select(WAY_IN.c.person_id).where(WAY_IN.c.country == bindparam("which"))
KEY_TOLD = select(func.count()).where(SIGNING_KEY.c.key_id == bindparam("which"), SIGNING_KEY.c.until.is_(None))


async def organisation_named(
    database: Database, request: GetOrganisationRequest | InvitePersonRequest | GrantRoleRequest | ListRoleGrantsRequest
) -> Scope | None:
    """The organisation that a request names, as a scope."""
    there = await organisation(database, request.organisation_id)
    return None if there is None else Scope(ScopeKind.ORGANISATION, there.id)


async def organisation_of_invitation(database: Database, request: WithdrawInvitationRequest) -> Scope | None:
    """The organisation that invited; None also for an invitation that no organisation made."""
    there = await invitation(database, request.invitation_id)
    return None if there is None or there.organisation_id is None else Scope(ScopeKind.ORGANISATION, there.organisation_id)


async def scope_of_grant(database: Database, request: EndRoleRequest) -> Scope | None:
    """The organisation or country that a role is held in."""
    there = await grant(database, request.role_grant_id)
    return None if there is None else Scope(there.scope_kind, there.scope_id)


async def organisation(database: Database, organisation_id: str) -> Organisation | None:
    """One organisation."""
    return await database.first(ORGANISATION_BY_ID, Organisation, which=organisation_id)


async def invitation(database: Database, invitation_id: str) -> KeptInvitation | None:
    """One invitation."""
    return await database.first(INVITATION_BY_ID, KeptInvitation, which=invitation_id)


async def grant(database: Database, role_grant_id: str) -> RoleGrant | None:
    """One role grant, also when it has ended."""
    return await database.first(GRANT_BY_ID, RoleGrant, which=role_grant_id)


async def redeem(database: Database, code_digest: str, now: Instant) -> KeptInvitation | None:
    """Use up a code that is good: a compare-and-swap in one statement.

    None for a code that is unknown, used, withdrawn or expired; the statements are the same for all of these.
    """
    kept = await database.first(INVITATION_BY_CODE, KeptInvitation, which=code_digest)
    return kept if await database.execute(REDEEM_INVITATION, which=code_digest, now=now) else None


async def holds(database: Database, person_id: str, role: Role, scope_id: str, now: Instant) -> bool:
    """Whether a person holds a role in a scope now."""
    found = await database.first(GRANT_HELD, RoleGrant, whose=person_id, role=role, scope=scope_id, now=now)
    return found is not None


async def way_in(database: Database, country: str, fresh: Person) -> str:
    """The id of the person who signs in first for the country: ``fresh``, or whoever was chosen at an earlier start.

    Whoever has signed in before is nobody's way in any more.
    """
    chosen = await database.first(WAY_IN_OF, str, which=country)
    known = None if chosen is None else await database.first(PERSON_BY_ID, Person, which=chosen)
    if known is None or known.sign_in_time is not None:
        await database.execute(ADD_PERSON, **columns(fresh))
    await database.execute(HOLD_WAY_IN, country=country, person_id=fresh.id if chosen is None else chosen)
    if known is not None and known.sign_in_time is not None:
        await database.execute(REPLACE_WAY_IN, country=country, before=known.id, after=fresh.id)
    return await database.first(WAY_IN_OF, str, which=country) or fresh.id
