"""Whom a request to confirm somebody is about, and who waits."""

from typing import Protocol

from sqlalchemy import Boolean, and_, bindparam, func, or_, select

from mewe_core.kit.access import Role, Scope, ScopeKind
from mewe_core.kit.database import Database
from mewe_core.kit.records import STANDING
from mewe_core.people.confirming.model import ListWaitingPersonsRequest
from mewe_core.people.session_store import DEVICE_SESSION
from mewe_core.people.store import INVITATION, PERSON_BY_ID, Person


class AboutPerson(Protocol):
    """A request about a person, of whoever leads their group or coordinates their organisation."""

    @property
    def person_id(self) -> str:
        """Who."""

    @property
    def group_id(self) -> str | None:
        """The group that makes it the caller's business, if it is one."""


INVITED_FOR = select(func.count()).where(
    INVITATION.c.person_id == bindparam("whose"),
    INVITATION.c.group_id == bindparam("group_id"),
    INVITATION.c.withdraw_time.is_(None),
)
IS_IN = select(func.count()).where(
    STANDING.c.person_id == bindparam("whose"),
    STANDING.c.scope_kind == ScopeKind.GROUP.value,
    STANDING.c.scope_id == bindparam("group_id"),
    STANDING.c.role == Role.PARTICIPANT.value,
    STANDING.c.until.is_(None),
)
WAITING = (
    select(
        DEVICE_SESSION.c.person_id,
        INVITATION.c.group_id,
        INVITATION.c.role,
        DEVICE_SESSION.c.create_time,
        DEVICE_SESSION.c.expire_time,
    )
    .select_from(DEVICE_SESSION.join(INVITATION, DEVICE_SESSION.c.invitation_id == INVITATION.c.id))
    .where(
        INVITATION.c.organisation_id == bindparam("organisation_id"),
        or_(bindparam("any_group", type_=Boolean), INVITATION.c.group_id == bindparam("group_id")),
        DEVICE_SESSION.c.confirm_time.is_(None),
        DEVICE_SESSION.c.end_time.is_(None),
        DEVICE_SESSION.c.expire_time > bindparam("now"),
        or_(
            DEVICE_SESSION.c.create_time > bindparam("after"),
            and_(DEVICE_SESSION.c.create_time == bindparam("after"), DEVICE_SESSION.c.person_id > bindparam("after_id")),
        ),
    )
    .order_by(DEVICE_SESSION.c.create_time, DEVICE_SESSION.c.person_id)
    .limit(bindparam("most"))
)


async def of_person(database: Database, request: AboutPerson) -> Scope | None:
    """The person's organisation or, where a group is named that they were invited for or are in, that group."""
    person = await database.first(PERSON_BY_ID, Person, which=request.person_id)
    if person is None or person.organisation_id is None:
        return None
    if request.group_id is None:
        return Scope(ScopeKind.ORGANISATION, person.organisation_id)
    about = {"whose": person.id, "group_id": request.group_id}
    if not await database.first(INVITED_FOR, int, **about) and not await database.first(IS_IN, int, **about):
        return None
    return Scope(ScopeKind.GROUP, request.group_id, person.organisation_id)


async def of_list(database: Database, request: ListWaitingPersonsRequest) -> Scope | None:
    """The organisation, or a group; what is shown are the organisation's own invitations."""
    if request.group_id is None:
        return Scope(ScopeKind.ORGANISATION, request.organisation_id)
    return Scope(ScopeKind.GROUP, request.group_id, request.organisation_id)
