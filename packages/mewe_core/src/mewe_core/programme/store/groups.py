"""Groups, the programmes they were made with, and who is in them: statements."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, Text, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.sql import Executable
from whenever import Instant

from mewe_core.kit.access import Role
from mewe_core.kit.database import Database, Either, either, one_of
from mewe_core.kit.values import columns
from mewe_core.programme.definition import Definition
from mewe_core.programme.events import GroupState
from mewe_core.programme.model.groups import Membership, MembershipState
from mewe_core.programme.model.kept import KeptGroup
from mewe_core.programme.reading import fingerprint, kept, taken_back
from mewe_core.programme.store.tables import DEFINITION, GROUP, MEMBERSHIP, PROTECTED

_COUNTS = ("participants", "waiting", "leaders")


def _counted(role: Role, state: MembershipState, name: str) -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(MEMBERSHIP)
        .where(MEMBERSHIP.c.group_id == GROUP.c.id, MEMBERSHIP.c.role == role.value, MEMBERSHIP.c.state == state.value)
        .correlate(GROUP)
        .scalar_subquery()
        .label(name)
    )


def _groups() -> Select[*tuple[Any, ...]]:
    return select(
        *GROUP.c,
        _counted(Role.PARTICIPANT, MembershipState.ACTIVE, "participants"),
        _counted(Role.PARTICIPANT, MembershipState.WAITING, "waiting"),
        _counted(Role.LEADER, MembershipState.ACTIVE, "leaders"),
    )


KEEP_DEFINITION: Either = either(lambda insert: insert(DEFINITION).on_conflict_do_nothing())
DEFINITION_BODY: Executable = select(DEFINITION.c.body).where(DEFINITION.c.id == bindparam("definition_id"))


def _keep_protected(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(PROTECTED)
    return row.on_conflict_do_update(index_elements=[PROTECTED.c.group_id], set_={"protected": row.excluded.protected})


KEEP_PROTECTED: Either = either(_keep_protected)
PROTECTED_GROUP: Executable = select(PROTECTED.c.protected).where(PROTECTED.c.group_id == bindparam("group_id"))

ADD_GROUP: Executable = insert(GROUP)
ONE_GROUP: Executable = _groups().where(GROUP.c.id == bindparam("group_id"))
SOME_GROUPS: Executable = _groups().where(one_of(GROUP.c.id, "group_ids"))
GROUPS_OF_ORGANISATION: Executable = (
    _groups()
    .where(
        GROUP.c.organisation_id == bindparam("organisation_id"),
        or_(GROUP.c.state == bindparam("state", type_=Text()), bindparam("state", type_=Text()) == ""),
        or_(
            GROUP.c.create_time > bindparam("after_time"),
            (GROUP.c.create_time == bindparam("after_time")) & (GROUP.c.id > bindparam("after_id")),
        ),
    )
    .order_by(GROUP.c.create_time, GROUP.c.id)
    .limit(bindparam("limit"))
)
HOLD_GROUP: Executable = update(GROUP).where(GROUP.c.id == bindparam("key")).values(state=GROUP.c.state)
CHANGE_GROUP: Executable = (
    update(GROUP)
    .where(GROUP.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("state", "substitute_id", "begin_time", "end_time", "end_reason")})
)

ADD_MEMBERSHIP: Executable = insert(MEMBERSHIP)
ONE_MEMBERSHIP: Executable = select(*MEMBERSHIP.c).where(MEMBERSHIP.c.id == bindparam("membership_id"))
MEMBERSHIPS: Executable = (
    select(*MEMBERSHIP.c)
    .where(MEMBERSHIP.c.group_id == bindparam("group_id"))
    .order_by(MEMBERSHIP.c.create_time, MEMBERSHIP.c.id)
)
MEMBERSHIPS_BY_PAGE: Executable = (
    select(*MEMBERSHIP.c)
    .where(
        MEMBERSHIP.c.group_id == bindparam("group_id"),
        or_(
            MEMBERSHIP.c.create_time > bindparam("after_time"),
            (MEMBERSHIP.c.create_time == bindparam("after_time")) & (MEMBERSHIP.c.id > bindparam("after_id")),
        ),
    )
    .order_by(MEMBERSHIP.c.create_time, MEMBERSHIP.c.id)
    .limit(bindparam("limit"))
)
MY_MEMBERSHIPS: Executable = (
    select(*MEMBERSHIP.c)
    .where(
        MEMBERSHIP.c.person_id == bindparam("person_id"),
        MEMBERSHIP.c.end_time.is_(None),
        or_(
            MEMBERSHIP.c.create_time > bindparam("after_time"),
            (MEMBERSHIP.c.create_time == bindparam("after_time")) & (MEMBERSHIP.c.id > bindparam("after_id")),
        ),
    )
    .order_by(MEMBERSHIP.c.create_time, MEMBERSHIP.c.id)
    .limit(bindparam("limit"))
)
FIRST_WAITING: Executable = (
    select(*MEMBERSHIP.c)
    .where(MEMBERSHIP.c.group_id == bindparam("group_id"), MEMBERSHIP.c.state == MembershipState.WAITING.value)
    .order_by(MEMBERSHIP.c.create_time, MEMBERSHIP.c.id)
    .limit(1)
)
_CHANGING = ("state", "join_time", "end_time", "reason", "background_check_date", "background_check_seen_by_id")
CHANGE_MEMBERSHIP: Executable = (
    update(MEMBERSHIP).where(MEMBERSHIP.c.id == bindparam("key")).values({name: bindparam(f"new_{name}") for name in _CHANGING})
)


async def keep_protected(database: Database, group_id: str, *, protected: bool) -> None:
    """Keep what was told last about a group."""
    await database.execute(KEEP_PROTECTED, group_id=group_id, protected=protected)


async def is_protected(database: Database, group_id: str) -> bool:
    """Whether it was told that two adults look after a group. Unknown means no."""
    return await database.first(PROTECTED_GROUP, bool, group_id=group_id) is True


async def keep_definition(database: Database, definition: Definition) -> str:
    """Keep a programme's content under its fingerprint, if it is not there; returns the fingerprint."""
    key = fingerprint(definition)
    await database.execute(
        KEEP_DEFINITION, id=key, programme_id=definition.id, version=definition.version, body=kept(definition)
    )
    return key


async def definition(database: Database, definition_id: str) -> Definition:
    """The programme under a fingerprint. Raises LookupError if it was never kept."""
    body = await database.first(DEFINITION_BODY, str, definition_id=definition_id)
    if body is None:
        raise LookupError(definition_id)
    return taken_back(body)


async def add_group(database: Database, group: KeptGroup) -> None:
    """Keep a new group."""
    row = columns(group)
    await database.execute(ADD_GROUP, **{name: value for name, value in row.items() if name not in _COUNTS})


async def group(database: Database, group_id: str) -> KeptGroup | None:
    """One group, with its counts."""
    return await database.first(ONE_GROUP, KeptGroup, group_id=group_id)


async def held_group(database: Database, group_id: str) -> KeptGroup | None:
    """One group with its counts, its places had to oneself until the unit is over.

    Whoever gives or frees a place begins with this, whatever lock the unit has: one that an event begins has the person's.
    Several groups are taken in the order of their ids, each before its memberships.
    """
    await database.execute(HOLD_GROUP, key=group_id)
    return await group(database, group_id)


async def some_groups(database: Database, group_ids: Sequence[str]) -> dict[str, KeptGroup]:
    """Groups by id."""
    return {one.id: one for one in await database.all(SOME_GROUPS, KeptGroup, group_ids=list(group_ids))}


async def groups_of_organisation(
    database: Database, organisation_id: str, state: GroupState | None, after: tuple[Instant, str], limit: int
) -> list[KeptGroup]:
    """An organisation's groups behind a place in the list, oldest first."""
    return await database.all(
        GROUPS_OF_ORGANISATION,
        KeptGroup,
        organisation_id=organisation_id,
        state=state or "",
        after_time=after[0],
        after_id=after[1],
        limit=limit,
    )


async def change_group(database: Database, group: KeptGroup) -> None:
    """Keep where a group stands now."""
    await database.execute(
        CHANGE_GROUP,
        key=group.id,
        new_state=group.state,
        new_substitute_id=group.substitute_id,
        new_begin_time=group.begin_time,
        new_end_time=group.end_time,
        new_end_reason=group.end_reason,
    )


async def add_membership(database: Database, membership: Membership) -> None:
    """Keep a new membership. Raises Conflict if the person has one in the group that is not over."""
    await database.execute(ADD_MEMBERSHIP, **columns(membership))


async def membership(database: Database, membership_id: str) -> Membership | None:
    """One membership."""
    return await database.first(ONE_MEMBERSHIP, Membership, membership_id=membership_id)


async def memberships(database: Database, group_id: str) -> list[Membership]:
    """Everybody who is or was in a group or waits for it, in the order in which they came."""
    return await database.all(MEMBERSHIPS, Membership, group_id=group_id)


async def memberships_by_page(database: Database, group_id: str, after: tuple[Instant, str], limit: int) -> list[Membership]:
    """The same behind a place in the list."""
    return await database.all(
        MEMBERSHIPS_BY_PAGE, Membership, group_id=group_id, after_time=after[0], after_id=after[1], limit=limit
    )


async def my_memberships(database: Database, person_id: str, after: tuple[Instant, str], limit: int) -> list[Membership]:
    """A person's memberships that are not over, behind a place in the list."""
    return await database.all(
        MY_MEMBERSHIPS, Membership, person_id=person_id, after_time=after[0], after_id=after[1], limit=limit
    )


async def first_waiting(database: Database, group_id: str) -> Membership | None:
    """Who has waited longest."""
    return await database.first(FIRST_WAITING, Membership, group_id=group_id)


async def change_membership(database: Database, membership: Membership) -> None:
    """Keep where a membership stands now."""
    row = columns(membership)
    await database.execute(CHANGE_MEMBERSHIP, key=membership.id, **{f"new_{name}": row[name] for name in _CHANGING})
