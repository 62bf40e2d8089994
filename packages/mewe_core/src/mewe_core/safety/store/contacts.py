"""Groups and their contacts: statements."""

from collections.abc import Callable

from attrs import frozen
from sqlalchemy import Table, bindparam, insert, or_, select, update
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.records import STANDING
from mewe_core.kit.values import columns
from mewe_core.safety.model.contacts import KeptContact
from mewe_core.safety.store.tables import CONTACT, GROUP, START


@frozen
class KeptGroup:
    """A group, as far as safety knows it."""

    id: str
    organisation_id: str
    protected: bool


def _keep_group(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(GROUP)
    return row.on_conflict_do_update(index_elements=[GROUP.c.id], set_={"organisation_id": row.excluded.organisation_id})


KEEP_GROUP: Either = either(_keep_group)
ONE_GROUP: Executable = select(*GROUP.c).where(GROUP.c.id == bindparam("group_id"))
KEEP_PROTECTED: Executable = (
    update(GROUP)
    .where(GROUP.c.id == bindparam("key"), GROUP.c.protected != bindparam("new"))
    .values(protected=bindparam("new"))
)

ADD: Executable = insert(CONTACT)
ONE: Executable = select(*CONTACT.c).where(CONTACT.c.id == bindparam("contact_id"))
OF_CIRCLE: Executable = (
    select(*CONTACT.c)
    .where(
        CONTACT.c.circle_kind == bindparam("kind"), CONTACT.c.circle_id == bindparam("circle_id"), CONTACT.c.end_time.is_(None)
    )
    .order_by(CONTACT.c.place, CONTACT.c.stands_in_for_id.is_not(None), CONTACT.c.first_date, CONTACT.c.id)
    .limit(200)
)
END: Executable = (
    update(CONTACT)
    .where(
        or_(CONTACT.c.id == bindparam("contact_id"), CONTACT.c.stands_in_for_id == bindparam("contact_id")),
        CONTACT.c.end_time.is_(None),
    )
    .values(end_time=bindparam("now"))
)
TESTED: Executable = update(CONTACT).where(CONTACT.c.id == bindparam("contact_id")).values(test_time=bindparam("now"))
CONFIRMED: Executable = update(CONTACT).where(CONTACT.c.id == bindparam("contact_id")).values(confirm_time=bindparam("now"))
GROUPS_OF_CONTACT: Executable = (
    select(CONTACT.c.circle_id)
    .where(
        CONTACT.c.person_id == bindparam("person_id"),
        CONTACT.c.circle_kind == ScopeKind.GROUP.value,
        CONTACT.c.end_time.is_(None),
    )
    .distinct()
    .order_by(CONTACT.c.circle_id)
)

HOLDERS: Executable = (
    select(STANDING.c.person_id)
    .where(
        STANDING.c.role == bindparam("role"),
        STANDING.c.scope_kind == bindparam("kind"),
        STANDING.c.scope_id == bindparam("scope_id"),
        STANDING.c.since <= bindparam("now"),
        or_(STANDING.c.until.is_(None), STANDING.c.until > bindparam("now")),
    )
    .distinct()
    .order_by(STANDING.c.person_id)
    .limit(50)
)

STARTED: Executable = select(START.c.version).where(START.c.version == bindparam("version"))
KEEP_START: Either = either(lambda insert: insert(START).on_conflict_do_nothing())


async def keep_group(database: Database, group_id: str, organisation_id: str) -> None:
    """Know a group."""
    await database.execute(KEEP_GROUP, id=group_id, organisation_id=organisation_id, protected=False)


async def group(database: Database, group_id: str) -> KeptGroup | None:
    """A group, if it was heard of."""
    return await database.first(ONE_GROUP, KeptGroup, group_id=group_id)


async def keep_protected(database: Database, group_id: str, *, protected: bool) -> bool:
    """Keep whether a group is protected; says whether that is new."""
    return bool(await database.execute(KEEP_PROTECTED, key=group_id, new=protected))


async def add(database: Database, contact: KeptContact) -> None:
    """Keep a contact. Raises Conflict if the place, or the person, has one."""
    await database.execute(ADD, **columns(contact))


async def contact(database: Database, contact_id: str) -> KeptContact | None:
    """One contact, whether ended or not."""
    return await database.first(ONE, KeptContact, contact_id=contact_id)


async def contacts(database: Database, kind: ScopeKind, circle_id: str) -> list[KeptContact]:
    """The contacts of a circle that have not ended, with those who stand in for them."""
    return await database.all(OF_CIRCLE, KeptContact, kind=kind, circle_id=circle_id)


async def end(database: Database, contact_id: str, now: Instant) -> None:
    """End a contact, and all who stand in for them."""
    await database.execute(END, contact_id=contact_id, now=now)


async def tested(database: Database, contact_id: str, now: Instant) -> None:
    """Keep that a test alert was sent."""
    await database.execute(TESTED, contact_id=contact_id, now=now)


async def confirmed(database: Database, contact_id: str, now: Instant) -> None:
    """Keep that it came."""
    await database.execute(CONFIRMED, contact_id=contact_id, now=now)


async def groups_of_contact(database: Database, person_id: str) -> list[str]:
    """The groups that somebody is a contact of, or stands in for one."""
    return await database.all(GROUPS_OF_CONTACT, str, person_id=person_id)


async def holders(database: Database, role: Role, kind: ScopeKind, scope_id: str, now: Instant) -> list[str]:
    """Who holds a role in a scope now; the first fifty."""
    return await database.all(HOLDERS, str, role=role, kind=kind, scope_id=scope_id, now=now)


async def was_started(database: Database, version: str) -> bool:
    """Whether that version has been started here."""
    return await database.first(STARTED, str, version=version) is not None


async def keep_start(database: Database, version: str, now: Instant) -> None:
    """Keep that a version was started here."""
    await database.execute(KEEP_START, version=version, at=now)
