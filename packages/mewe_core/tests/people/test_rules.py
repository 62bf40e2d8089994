"""What people decides, without anything around it."""

from collections.abc import Iterable
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as draw
from mewe_core.kit.access import Held, Role, Scope, ScopeKind, Standing
from mewe_core.kit.errors import Invalid
from mewe_core.kit.strategies import moments
from mewe_core.people import rules
from mewe_core.people.errors import RoleNotYours
from mewe_core.people.model import PeopleSettings
from whenever import Instant

NOW = Instant.from_utc(2026, 9, 1, 14)
NORTH = Scope(ScopeKind.ORGANISATION, "north")
COORDINATOR = Standing(NORTH, (Held(Role.COORDINATOR, ScopeKind.ORGANISATION, "north", NOW, None),))
NATIONAL = Standing(NORTH, (Held(Role.NATIONAL, ScopeKind.COUNTRY, "SE", NOW, None),))


def said(refused: pytest.ExceptionInfo[Any]) -> list[tuple[str, str]]:
    """What was refused, and what is allowed."""
    return [(one.path, one.rule) for one in refused.value.fields]


def up_to_two(roles: Iterable[Role]) -> list[frozenset[Role]]:
    """Nobody's roles, each role by itself, and each two of them."""
    every = list(roles)
    return [frozenset(some) for size in range(3) for some in combinations(every, size)]


@pytest.mark.parametrize(
    ("role", "standing", "refusal"),
    [
        (Role.SUPERVISOR, COORDINATOR, None),
        (Role.SUPERVISOR, NATIONAL, None),
        (Role.COORDINATOR, COORDINATOR, None),
        (Role.COORDINATOR, NATIONAL, None),
        (Role.NATIONAL, COORDINATOR, RoleNotYours),
        (Role.NATIONAL, NATIONAL, None),
        (Role.PARTICIPANT, COORDINATOR, Invalid),
        (Role.PARTICIPANT, NATIONAL, Invalid),
        (Role.LEADER, COORDINATOR, Invalid),
        (Role.LEADER, NATIONAL, Invalid),
    ],
)
def test_who_may_give_which_role(role: Role, standing: Standing, refusal: type[Exception] | None) -> None:
    """Coordinators give roles in their organisation, the competence centre the national one too; groups give their own."""
    if refusal is None:
        rules.may_give(role, standing)
        return
    with pytest.raises(refusal) as refused:
        rules.may_give(role, standing)
    if refusal is Invalid:
        assert said(refused) == [("role", "a role in an organisation: supervisor, coordinator, editor or researcher")]


def test_every_role_has_been_decided_about() -> None:
    """A role that is added later is refused until somebody says who may give it; some come about otherwise than by giving."""
    by_groups = {Role.PARTICIPANT, Role.LEADER}
    by_what_happens = {Role.GUARDIAN, Role.CONTACT, Role.EMERGENCY_READER}
    assert set(Role) == {*rules.IN_ORGANISATION, Role.NATIONAL, *by_groups, *by_what_happens}


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.NATIONAL, (ScopeKind.COUNTRY, "SE")),
        (Role.COORDINATOR, (ScopeKind.ORGANISATION, "north")),
        (Role.SUPERVISOR, (ScopeKind.ORGANISATION, "north")),
    ],
)
def test_where_a_role_holds(role: Role, place: tuple[ScopeKind, str]) -> None:
    """The national role holds in the country, all others in the organisation."""
    assert rules.held_in(role, "north", "SE") == place


def test_a_role_in_an_organisation_needs_one() -> None:
    """Somebody whom no organisation invited holds nothing but the national role."""
    assert rules.held_in(Role.NATIONAL, None, "SE") == (ScopeKind.COUNTRY, "SE")
    with pytest.raises(ValueError, match=r"^this role is held in an organisation$"):
        rules.held_in(Role.COORDINATOR, None, "SE")


@pytest.mark.parametrize("until", [NOW, NOW.subtract(microseconds=1), NOW.subtract(hours=24)])
def test_a_role_does_not_end_before_it_begins(until: Instant) -> None:
    """An end that is not to come is refused by the name of the field."""
    with pytest.raises(Invalid) as refused:
        rules.still_to_come(until, NOW)
    assert said(refused) == [("until", "a moment to come")]


def test_a_role_may_be_open_or_end_later() -> None:
    """No end and an end to come are both fine."""
    rules.still_to_come(None, NOW)
    rules.still_to_come(NOW.add(microseconds=1), NOW)


@given(moments(), draw.integers(0, 168), draw.integers(1, 168), draw.integers(1, 365))
def test_everything_that_lets_somebody_in_ends(now: Instant, asked: int, hours: int, days: int) -> None:
    """A code ends after the hours asked for or set, a session after the days set, an access token after five minutes."""
    settings = PeopleSettings(invitation_hours=hours, session_days=days)
    assert rules.code_ends(now, asked, settings) == now.add(hours=asked or hours)
    assert rules.session_ends(now, settings) == now.add(hours=24 * days)
    assert rules.access_ends(now) == now.add(minutes=5)
    assert rules.confirmation_ends(now) == now.add(hours=7 * 24)


@pytest.mark.parametrize(("hours", "ends"), [(None, 48), (0, 0), (8, 8), (48, 48), (49, 48)])
def test_a_session_ends_when_its_person_chose_but_never_later_than_the_deployment_says(hours: int | None, ends: int) -> None:
    """A device that others use too stays signed in for an afternoon."""
    assert rules.session_ends(NOW, PeopleSettings(session_days=2), hours) == NOW.add(hours=ends)


def test_nobody_is_invited_for_a_group_and_a_role_at_once() -> None:
    """Groups give their own roles."""
    rules.no_group_with_a_role(None)
    with pytest.raises(Invalid) as refused:
        rules.no_group_with_a_role("oak")
    assert said(refused) == [("group_id", "absent where a role is given")]


@pytest.mark.parametrize(("role", "own"), list(product((None, *Role), up_to_two(Role))))
def test_who_may_say_that_this_is_who_was_invited(role: Role | None, own: frozenset[Role]) -> None:
    """Of a national role whoever holds it, of others a coordinator or somebody national; without a role whoever is there."""
    national = Role.NATIONAL in own
    good = national or role is None or (Role.COORDINATOR in own and role is not Role.NATIONAL)
    standing = Standing(NORTH, tuple(Held(one, ScopeKind.ORGANISATION, "north", NOW, None) for one in own))
    if good:
        rules.may_confirm(role, standing)
        return
    with pytest.raises(RoleNotYours):
        rules.may_confirm(role, standing)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("invitation_hours", 0),
        ("invitation_hours", 169),
        ("invitation_hours", 1.5),
        ("session_days", 0),
        ("session_days", 366),
        ("session_days", "90"),
        ("language", "de"),
    ],
)
def test_settings_out_of_range_are_refused(name: str, value: Any) -> None:
    """A mix that sets something senseless does not start."""
    with pytest.raises((ValueError, TypeError), match=name):
        PeopleSettings(**{name: value})
