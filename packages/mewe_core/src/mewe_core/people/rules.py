"""What people decides: who may give which role, when a code or a session ends. Pure."""

from whenever import Instant

from mewe_core.kit.access import Role, ScopeKind, Standing
from mewe_core.kit.errors import Field, Invalid
from mewe_core.people.errors import RoleNotYours
from mewe_core.people.model import PeopleSettings

ACCESS_TOKEN_MINUTES = 5
"""How long an access token is good; also the longest that a taken-back right can live on where no event arrives."""

SESSION_TOKEN_BYTES = 32
"""256 random bits."""

SHARED_DEVICE_HOURS = 8
"""How long a device that others use too stays signed in: an afternoon."""

CONFIRMATION_HOURS = 168
"""How long a device waits to be confirmed: from one meeting of a group to the next."""

MOST_TRIES = 5
"""How often somebody may say which words a device shows. Two words are almost 20 bits."""

IN_ORGANISATION = (Role.SUPERVISOR, Role.COORDINATOR, Role.EDITOR, Role.RESEARCHER)
"""Roles that people gives in an organisation; those in groups are given by the groups."""


def may_give(role: Role, standing: Standing) -> None:
    """Whether the caller, with their standing in the organisation, may give the role.

    Raises Invalid for a role that is held in groups, RoleNotYours for the national one unless the caller holds it.
    """
    if role is Role.NATIONAL:
        if Role.NATIONAL not in standing.roles():
            raise RoleNotYours
    elif role not in IN_ORGANISATION:
        raise Invalid(Field("role", "a role in an organisation: supervisor, coordinator, editor or researcher"))


def no_group_with_a_role(group_id: str | None) -> None:
    """Raises Invalid if somebody is invited for a group and for a role in the organisation at once."""
    if group_id is not None:
        raise Invalid(Field("group_id", "absent where a role is given"))


def held_in(role: Role, organisation_id: str | None, country: str) -> tuple[ScopeKind, str]:
    """Where a role holds: the national one in the country, others in the organisation.

    Raises ValueError for a role in an organisation where there is none.
    """
    if role is Role.NATIONAL:
        return ScopeKind.COUNTRY, country
    if organisation_id is None:
        raise ValueError("this role is held in an organisation")
    return ScopeKind.ORGANISATION, organisation_id


def still_to_come(until: Instant | None, now: Instant) -> None:
    """Raises Invalid if a role would end before it begins."""
    if until is not None and until <= now:
        raise Invalid(Field("until", "a moment to come"))


def code_ends(now: Instant, valid_hours: int, settings: PeopleSettings) -> Instant:
    """When a code made now is worthless; ``valid_hours`` 0 stands for the deployment's setting."""
    return now.add(hours=valid_hours or settings.invitation_hours)


def session_ends(now: Instant, settings: PeopleSettings, hours: int | None = None) -> Instant:
    """When a device session made or refreshed now ends, if it is not refreshed before. A day is 24 hours.

    ``hours``: what the person chose, if it is less than what the deployment says.
    """
    longest = 24 * settings.session_days
    return now.add(hours=longest if hours is None else min(hours, longest))


def confirmation_ends(now: Instant) -> Instant:
    """Until when a device that has redeemed a code now may wait to be confirmed."""
    return now.add(hours=CONFIRMATION_HOURS)


def may_confirm(role: Role | None, standing: Standing) -> None:
    """Whether the caller may say that this is the person whom an invitation with that role was for.

    Leaders confirm whoever came without a role; for others as for giving the role. Raises RoleNotYours.
    """
    if role is Role.NATIONAL and Role.NATIONAL not in standing.roles():
        raise RoleNotYours
    if role is not None and not standing.roles() & {Role.COORDINATOR, Role.NATIONAL}:
        raise RoleNotYours


def access_ends(now: Instant) -> Instant:
    """When an access token made now is refused."""
    return now.add(minutes=ACCESS_TOKEN_MINUTES)
