"""Who may break the glass, for how long, and who has to know. Pure."""

from collections.abc import Sequence

from whenever import Instant, TimeDelta

from mewe_core.kit.access import Access, Caller, Held, Role, Scope, may, member
from mewe_core.kit.errors import Field, Invalid
from mewe_core.programme.errors import EmergencyReadingEnded, EmergencyReadingOpen, NoSecondPerson
from mewe_core.programme.store import scopes

BREAK_GLASS = (Role.COORDINATOR, Role.SUPERVISOR, Role.NATIONAL)
"""Who may read across a boundary in an emergency: those around the group who otherwise see nothing of what it says."""

SECOND = (Role.COORDINATOR, Role.NATIONAL)
"""Who is told of it, and may end it: the other coordinators of the organisation, and the national competence centre."""

AFTER_BEING_ENDED = TimeDelta(hours=24)
"""So long whoever was stopped by a second person does not begin again in that group; our proposal."""

_MAY_BREAK: Access[scopes.AboutGroup] = member(scope=scopes.of_group, roles=BREAK_GLASS)


def lasts(minutes: int, most: int) -> TimeDelta:
    """How long a reading lasts: as asked, or as the deployment has it for 0. Raises Invalid if it asks for more."""
    if not 0 <= minutes <= most:
        raise Invalid(Field("minutes", f"a number from 0 to {most}"))
    return TimeDelta(minutes=minutes or most)


def may_begin(*, is_open: bool, stopped: Instant | None, seconds: Sequence[str], now: Instant) -> None:
    """Let a reading begin, if somebody else will know of it.

    ``is_open``: the reader has one that goes on. ``stopped``: when a second person last ended one of theirs there.
    Raises EmergencyReadingOpen, EmergencyReadingEnded, NoSecondPerson.
    """
    if is_open:
        raise EmergencyReadingOpen
    if stopped is not None and now < stopped + AFTER_BEING_ENDED:
        raise EmergencyReadingEnded
    if not seconds:
        raise NoSecondPerson


def may_go_on(reader: Caller, group: Scope, held: tuple[Held, ...], now: Instant) -> bool:
    """Whether somebody who reads still holds the role that let them break the glass."""
    return may(_MAY_BREAK, reader, group, held, now) is not None
