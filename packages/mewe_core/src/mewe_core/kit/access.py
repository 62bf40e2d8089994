"""Who may: roles, relations, and one pure function.

An RPC declares a rule: which roles may call it, in which scope. The scope is found by a resolver of the feature, inside the
unit of work; what the caller holds in it is read from the feature's own copy of the standing. ``may`` decides.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import cache
from typing import Generic, TypeVar

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.database import Database


class Role(StrEnum):
    """What somebody is in a scope. Source: the roles of ME-WE and WELL CARE.

    ``CONTACT``: one of the adults whom a concern was brought to, in that concern alone. ``EMERGENCY_READER``: somebody who
    reads across a boundary for a named reason and a short time.
    """

    PARTICIPANT = "participant"
    LEADER = "leader"
    SUPERVISOR = "supervisor"
    COORDINATOR = "coordinator"
    NATIONAL = "national"
    EDITOR = "editor"
    RESEARCHER = "researcher"
    GUARDIAN = "guardian"
    CONTACT = "contact"
    EMERGENCY_READER = "emergency_reader"


class ScopeKind(StrEnum):
    """Where a role holds. A role in an organisation reaches its groups, a role in the country everything in it.

    Into a concern, or to what is one person's own, no role around it reaches.
    """

    GROUP = "group"
    ORGANISATION = "organisation"
    COUNTRY = "country"
    CONCERN = "concern"
    PERSON = "person"


class Purpose(StrEnum):
    """What somebody is asked to consent to. Help, reporting, information, one's own data and one's diary are none of these."""

    TAKE_PART = "take_part"
    CHAT = "chat"
    EVALUATION = "evaluation"
    RESEARCH = "research"
    SHARE = "share"


@frozen
class Scope:
    """A thing that roles are held in. ``organisation_id`` is the organisation it belongs to; ``owner_id`` the one person
    it is about, if it is about one. ``without_consent``: nobody is asked for consent in it, as in a training of staff.

    ``participant``: None, and every participant of the group is one in it; else the only one who is, and "" nobody. What they
    hold in the group does not reach it then; what others hold there does.
    """

    kind: ScopeKind
    id: str
    organisation_id: str | None = None
    owner_id: str | None = None
    without_consent: bool = False
    participant: str | None = None


@frozen
class Held:
    """A role that a person holds in a scope, from ``since`` (included) to ``until`` (excluded; None: open)."""

    role: Role
    scope_kind: ScopeKind
    scope_id: str
    since: Instant
    until: Instant | None

    def at(self, now: Instant) -> bool:
        """Whether it holds at that moment."""
        return self.since <= now and (self.until is None or now < self.until)


@frozen
class Caller:
    """Who is calling: a pseudonymous person and the device session, or nobody. ``country`` is the scope id of the country."""

    person_id: str | None
    session_id: str | None
    country: str


@frozen
class Standing:
    """What the caller is in the scope that was resolved, at the moment of the call."""

    scope: Scope
    held: tuple[Held, ...]
    is_owner: bool = False

    def roles(self) -> frozenset[Role]:
        """The roles that hold now."""
        return frozenset(one.role for one in self.held)

    def since(self, *roles: Role) -> Instant | None:
        """Since when the caller has held one of the roles (any role, if none is named); None if none."""
        return min((one.since for one in self.held if not roles or one.role in roles), default=None)


Request = TypeVar("Request", contravariant=True)

ScopeResolver = Callable[[Database, Request], Awaitable[Scope | None]]
"""Finds the scope a request is about; None: there is no such thing."""


@frozen
class Access(Generic[Request]):
    """A declared rule. Made by ``anyone``, ``always``, ``signed_in``, ``member`` and ``nationally``."""

    signed_in: bool
    roles: frozenset[Role] = frozenset()
    own: bool = False
    scope: ScopeResolver[Request] | None = field(default=None)
    country: bool = False
    always: bool = False
    consent: Purpose | None = None
    earlier: bool = False


def anyone() -> Access[object]:
    """No sign-in: information, health, redeeming an invitation."""
    return Access(signed_in=False)


def always() -> Access[object]:
    """Nobody is ever refused: help and reporting.

    The caller is whoever the token names, also when it has expired, its session has ended, or its person takes part no longer;
    without a token that this country once signed, nobody. Of a standing nothing is looked up.
    """
    return Access(signed_in=False, always=True)


def signed_in(*, earlier: bool = False) -> Access[object]:
    """Anybody with a valid token, for what is theirs alone; the handler filters by ``work.caller.person_id``.

    It asks for no role, so none is looked up: ``work.standing`` holds none. ``earlier``: it shows or gives out what somebody
    has kept, and is refused to whoever came back on a new device until that was opened with them (``kit.earlier``).
    """
    return Access(signed_in=True, earlier=earlier)


def member(
    *,
    scope: ScopeResolver[Request],
    roles: tuple[Role, ...] = (),
    own: bool = False,
    consent: Purpose | None = None,
    earlier: bool = False,
) -> Access[Request]:
    """Those who hold one of the roles in the scope (or around it); with ``own``, the person it is about as well.

    ``consent``: participants are let in only while their consent covers that purpose. ``earlier``: as in ``signed_in``, for the
    person that it is about.
    """
    return Access(signed_in=True, roles=frozenset(roles), own=own, scope=scope, consent=consent, earlier=earlier)


def nationally(*, roles: tuple[Role, ...]) -> Access[object]:
    """Those who hold one of the roles in the country itself: for what belongs to no single organisation or group."""
    return Access(signed_in=True, roles=frozenset(roles), country=True)


@cache
def whole_country(country: str) -> Scope:
    """The scope of a country, by its scope id."""
    return Scope(ScopeKind.COUNTRY, country)


def may(access: Access[Request], caller: Caller, scope: Scope | None, held: tuple[Held, ...], now: Instant) -> Standing | None:
    """The caller's standing if the rule lets them, None if not. ``held`` may hold more than concerns the scope.

    Pure, and fails closed: no scope, an unknown role or a role of another scope let nobody in.
    """
    if access.signed_in and caller.person_id is None:
        return None
    here = whole_country(caller.country) if scope is None or access.country else scope
    holding = tuple([one for one in held if one.at(now) and _reaches(one, here, caller)]) if held else ()
    is_owner = here.owner_id is not None and here.owner_id == caller.person_id
    standing = Standing(here, holding, is_owner)
    if access.country:
        return standing if access.scope is None and access.roles & standing.roles() else None
    if access.scope is None:
        return standing if not access.roles and not access.own else None
    if scope is None:
        return None
    if access.roles & standing.roles() or (access.own and is_owner):
        return standing
    return None


def is_participant(scope: Scope, person_id: str | None) -> bool:
    """Whether somebody may be a participant in the scope at all. Pure; nobody is where its one participant is not known."""
    return scope.participant is None or (scope.participant != "" and scope.participant == person_id)


def waits_for_consent(access: Access[Request], standing: Standing) -> bool:
    """Whether the rule lets them in only as a participant, and therefore only while their consent covers its purpose.

    Pure. Whoever is let in by another role besides, as a leader of the group, is not asked.
    """
    if access.consent is None or standing.scope.without_consent or (access.own and standing.is_owner):
        return False
    return not any(one.role in access.roles and one.role is not Role.PARTICIPANT for one in standing.held)


_CLOSED = (ScopeKind.CONCERN, ScopeKind.PERSON)


def _reaches(held: Held, scope: Scope, caller: Caller) -> bool:
    if held.role == Role.PARTICIPANT and not is_participant(scope, caller.person_id):
        return False
    if held.scope_kind is ScopeKind.COUNTRY:
        return held.scope_id == caller.country and scope.kind not in _CLOSED
    if held.scope_kind is scope.kind:
        return held.scope_id == scope.id
    if held.scope_kind is ScopeKind.ORGANISATION:
        return held.scope_id == scope.organisation_id and scope.kind not in _CLOSED
    return False
