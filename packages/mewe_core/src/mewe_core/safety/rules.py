"""What may become of a concern, who is told of it when, and whom it is never brought to. Pure."""

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum

from attrs import frozen
from whenever import Date, Instant

from mewe_core.kit.access import Held, Role
from mewe_core.safety import errors
from mewe_core.safety.duty import local_date, next_on_duty
from mewe_core.safety.events import ConcernState
from mewe_core.safety.model.contacts import KeptContact
from mewe_core.safety.model.settings import SafetySettings

ADULTS = frozenset({Role.LEADER, Role.SUPERVISOR, Role.COORDINATOR, Role.NATIONAL})
"""Roles of adults: whoever a concern is brought to holds one of them there, or around it, at that moment."""


class Act(StrEnum):
    """What somebody does with a concern."""

    ACKNOWLEDGE = "acknowledge"
    HAND_OVER = "hand_over"
    CLOSE = "close"


_BECOMES: dict[tuple[ConcernState, Act], ConcernState] = {
    (ConcernState.RAISED, Act.ACKNOWLEDGE): ConcernState.ACKNOWLEDGED,
    (ConcernState.ACKNOWLEDGED, Act.ACKNOWLEDGE): ConcernState.ACKNOWLEDGED,
    (ConcernState.HANDED_OVER, Act.ACKNOWLEDGE): ConcernState.HANDED_OVER,
    (ConcernState.RAISED, Act.HAND_OVER): ConcernState.HANDED_OVER,
    (ConcernState.ACKNOWLEDGED, Act.HAND_OVER): ConcernState.HANDED_OVER,
    (ConcernState.HANDED_OVER, Act.HAND_OVER): ConcernState.HANDED_OVER,
    (ConcernState.ACKNOWLEDGED, Act.CLOSE): ConcernState.CLOSED,
    (ConcernState.HANDED_OVER, Act.CLOSE): ConcernState.CLOSED,
}


def becomes(state: ConcernState, act: Act) -> ConcernState:
    """Where a concern stands after an act. Raises ConcernClosed, NotAcknowledged: nobody closes what nobody has looked at."""
    not_closed(state)
    following = _BECOMES.get((state, act))
    if following is None:
        raise errors.NotAcknowledged
    return following


def is_adult(held: Iterable[Held], scope_ids: Collection[str], now: Instant) -> bool:
    """Whether somebody holds a role of an adult now in one of the scopes: the group, its organisation, the country."""
    return any(one.role in ADULTS and one.scope_id in scope_ids and one.at(now) for one in held)


def kept_from(*persons: str | None) -> frozenset[str]:
    """Whom a concern is never brought to: the person it is about, who raised it, and whom the one who raised it names."""
    return frozenset(one for one in persons if one is not None)


@frozen
class Reachable:
    """Somebody a concern may be brought to. ``contact_id``: how an alert reaches them; None: they see it when they look.

    ``on_duty_at``: from when on they look; None: nobody knows.
    """

    person_id: str
    contact_id: str | None
    on_duty_at: Instant | None


@frozen
class Circle:
    """Who is there around a concern, from the nearest to the farthest: the group's contacts, those of its organisation, the
    country's."""

    group: tuple[Reachable, ...] = ()
    organisation: tuple[Reachable, ...] = ()
    country: tuple[Reachable, ...] = ()


def on_their_day(contacts: Sequence[KeptContact], adults: Collection[str], now: Instant) -> tuple[KeptContact, ...]:
    """The contacts who stand now: of each place the one named for it, or who stands in on that date, if an adult here.

    ``adults``: who of them holds a role of an adult around it. A substitute who does not leaves the place to the one they
    stand in for.
    """
    there = [one for one in contacts if one.person_id in adults]
    replaced = {
        one.stands_in_for_id: one
        for one in there
        if one.stands_in_for_id is not None and _within(one, local_date(one.time_zone, now))
    }
    return tuple(replaced.get(one.id, one) for one in _named(contacts) if one in there or one.id in replaced)


def _named(contacts: Iterable[KeptContact]) -> list[KeptContact]:
    return sorted((one for one in contacts if one.stands_in_for_id is None), key=lambda one: one.place)


def _within(one: KeptContact, today: Date) -> bool:
    return one.first_date is not None and one.last_date is not None and one.first_date <= today <= one.last_date


def reachable(contacts: Sequence[KeptContact], now: Instant) -> tuple[Reachable, ...]:
    """Contacts as those a concern may be brought to: whoever is on duty first comes first, by place where that is equal."""
    found = [Reachable(one.person_id, one.id, next_on_duty(one.hours(), one.time_zone, now)) for one in contacts]
    return tuple(sorted(found, key=lambda one: (one.on_duty_at is None, one.on_duty_at or now)))


def steps(circle: Circle, never: Collection[str]) -> tuple[tuple[Reachable, ...], ...]:
    """Who is told, step by step: each contact of the group by themselves, then the organisation's, then the country's.

    Nobody comes twice, nobody of ``never`` at all; a step with nobody left in it is none.
    """
    seen = set(never)
    found = []
    for step in (*((one,) for one in circle.group), circle.organisation, circle.country):
        fresh = []
        for one in step:
            if one.person_id not in seen:
                seen.add(one.person_id)
                fresh.append(one)
        if fresh:
            found.append(tuple(fresh))
    return tuple(found)


def next_step(of: Sequence[Sequence[Reachable]], told: Collection[str]) -> tuple[Reachable, ...]:
    """The first step in which somebody was not told yet: those of it who were not. Empty: everybody was told."""
    for step in of:
        fresh = tuple(one for one in step if one.person_id not in told)
        if fresh:
            return fresh
    return ()


def first_look(step: Iterable[Reachable]) -> Instant | None:
    """When the first of them looks, as far as is known."""
    return min((one.on_duty_at for one in step if one.on_duty_at is not None), default=None)


def clock_begins(step: Sequence[Reachable], now: Instant, settings: SafetySettings) -> Instant:
    """From when on an acknowledgement is waited for: when the first of them is on duty, but never later than the longest wait.

    Where nobody's duty is known, from now on.
    """
    return min(first_look(step) or now, now.add(hours=settings.longest_wait_hours))


class Due(StrEnum):
    """What has to be done when the clock of a concern has run down."""

    REMIND = "remind"
    ESCALATE = "escalate"
    FOLLOW_UP = "follow_up"


def due(state: ConcernState, began: Instant, settings: SafetySettings, *, reminded: bool) -> tuple[Instant, Due] | None:
    """When something is next to be done about a concern, and what; None: it is closed.

    Until somebody has acknowledged it: a reminder, then the next step. After that a reminder from time to time, so that
    nothing is left open.
    """
    if state is ConcernState.CLOSED:
        return None
    if state is not ConcernState.RAISED:
        return began.add(hours=24 * settings.follow_up_days), Due.FOLLOW_UP
    if not reminded:
        return began.add(minutes=settings.remind_minutes), Due.REMIND
    return began.add(minutes=settings.escalate_minutes), Due.ESCALATE


def is_protected(standing: Sequence[KeptContact]) -> bool:
    """Whether a group may start: two different adults with duty hours, of each of whom it was tried whether an alert comes."""
    tested = {one.person_id for one in standing if one.confirm_time is not None and one.duty}
    return len({one.place for one in standing}) == 2 and len(tested) == 2


def not_closed(state: ConcernState) -> None:
    """Raises ConcernClosed."""
    if state is ConcernState.CLOSED:
        raise errors.ConcernClosed


def now_due(state: ConcernState, *, reminded: bool, anybody: bool) -> Due:
    """What is to be done about an open concern whose clock has run down. ``anybody``: it is somebody's.

    What is nobody's goes to the next at once, whether or not somebody had taken it on before.
    """
    if not anybody:
        return Due.ESCALATE
    if state is not ConcernState.RAISED:
        return Due.FOLLOW_UP
    return Due.ESCALATE if reminded else Due.REMIND


def lines_fault(country: str, lines: Sequence[str], late: Sequence[str]) -> str:
    """What has to be said about a country's telephone numbers; nothing if all is well."""
    if not lines:
        return (
            f"no emergency number and no helpline is known for {country}; name them under features.safety.lines, each with its "
            "source, verified_on and verified_by, or name under lines_accepted_by who answers for starting without"
        )
    if late:
        return (
            f"these telephone numbers of {country} were not verified, or not lately: {', '.join(late)}; verify them and name "
            "them under features.safety.lines with verified_on and verified_by, or name under lines_accepted_by who answers "
            "for it"
        )
    return ""
