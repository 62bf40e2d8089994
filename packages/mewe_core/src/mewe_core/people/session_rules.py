"""What is decided about device sessions: how long one may live, how many there are, who may end those of another. Pure."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Protocol

from attrs import frozen
from whenever import Instant

from mewe_core.kit.access import Held, Role, Standing
from mewe_core.people.errors import RoleNotYours
from mewe_core.people.model import PeopleSettings
from mewe_core.people.rules import session_ends

STAFF = frozenset(Role) - {Role.PARTICIPANT, Role.GUARDIAN}
"""Roles by which somebody reads or decides about others: a role that is new is one of them."""


class Way(StrEnum):
    """How the person of a session has shown who they are; the strongest of it."""

    CODE = "code"
    PASSKEY = "passkey"
    ISSUER = "issuer"


@frozen
class Begun:
    """A session that can be used: since when, how its person has shown who they are, and the most hours it was given.

    ``passkey_at``: when a passkey was made in a session that began with a code, if one was.
    """

    at: Instant
    way: Way
    most_hours: int | None = None
    passkey_at: Instant | None = None


class Used(Protocol):
    """A device session, as far as it matters which one has been unused the longest."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def refresh_time(self) -> Instant:
        """When it was last used."""


def staff_since(held: Iterable[Held], now: Instant) -> Instant | None:
    """Since when somebody has been of the staff, by a role that holds now; None if they are not."""
    return min((one.since for one in held if one.role in STAFF and one.at(now)), default=None)


def last_moment(begun: Begun, staff: Instant | None, settings: PeopleSettings) -> Instant:
    """Until when a session lives at most, however much it is used. ``staff``: since when its person is of the staff.

    A code alone is one thing that somebody has: where passkeys are set up, a session of the staff that began with one lives
    hours, from the moment at which its person belongs to the staff. Whoever makes a passkey in it stays for as long as one that
    begins with a passkey at that moment, and never shorter than without it.
    """
    most = begun.at.add(hours=24 * settings.longest_days)
    if begun.most_hours is not None:
        most = min(most, begun.at.add(hours=begun.most_hours))
    if staff is None:
        return most
    if begun.way is not Way.CODE and begun.passkey_at is None:
        return min(most, begun.at.add(hours=24 * settings.staff_days))
    if not settings.asks_staff_for_a_passkey:
        return most
    by_code = max(begun.at, staff).add(hours=settings.staff_code_hours)
    if begun.passkey_at is not None:
        by_code = max(by_code, begun.passkey_at.add(hours=24 * settings.staff_days))
    return min(most, by_code)


def ends(now: Instant, last: Instant, settings: PeopleSettings, hours: int | None) -> Instant:
    """When a session that is used now ends, if it is not used again: never later than its last moment."""
    return min(session_ends(now, settings, hours), last)


def surplus(others: Sequence[Used], most: int) -> list[str]:
    """Which of somebody's other sessions end when one begins, so that there are ``most``: those unused the longest."""
    by_use = sorted(others, key=lambda one: (one.refresh_time, one.id))
    return [one.id for one in by_use[: max(0, len(others) - (most - 1))]]


def may_sign_out(held: Iterable[Held], standing: Standing, now: Instant) -> None:
    """Whether the caller, with their standing around a person who holds this, may end that person's device sessions.

    A leader: those of participants. A coordinator: those of staff as well, who act for the country aside. Raises RoleNotYours.
    """
    roles = {one.role for one in held if one.at(now)}
    mine = standing.roles()
    if Role.NATIONAL in roles and Role.NATIONAL not in mine:
        raise RoleNotYours
    if roles & STAFF and not mine & {Role.COORDINATOR, Role.NATIONAL}:
        raise RoleNotYours
