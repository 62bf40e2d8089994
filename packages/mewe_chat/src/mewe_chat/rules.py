"""Who may be in a room, from when, and who may post."""

from collections.abc import Iterable

from mewe_core.kit.access import Access, Held, Purpose, Role, Scope, ScopeKind, Standing, is_participant, member
from mewe_core.kit.errors import Field, Invalid, NotFound
from mewe_core.programme.events import GroupState
from whenever import Instant

from mewe_chat import hours
from mewe_chat.errors import LimitNotAcknowledged, RoomClosed, RoomNotOpenNow
from mewe_chat.model import RoomKind
from mewe_chat.settings import Deployed
from mewe_chat.store import InRoom, Writing, group_of_room

MEMBERS = (Role.PARTICIPANT, Role.LEADER)
"""Who may be in the room of a group, if they are it in that very group: no role in an organisation lets anybody in."""

IN_ROOM: Access[InRoom] = member(scope=group_of_room, roles=MEMBERS, consent=Purpose.CHAT)
"""The rule of whoever is in a room."""

READERS = (*MEMBERS, Role.EMERGENCY_READER)
"""Who may read what was said: also whoever broke the glass, for a short time. They neither follow nor write."""


THE_BEGINNING = Instant.from_timestamp(0)
"""Before anything was said."""


def in_room_since(standing: Standing) -> Instant:
    """The moment from which on the caller may read: when they joined the group. Raises NotFound if they are not in it."""
    joined = [one.since for one in standing.held if one.role in MEMBERS and one.scope_kind is ScopeKind.GROUP]
    if not joined:
        raise NotFound
    return min(joined)


def could_see(held: Iterable[Held], scope: Scope, person_id: str | None, sent_at: Instant) -> bool:
    """Whether somebody with these roles, ended ones included, could see a message that came to a room at a moment.

    Members could who were in it then, and who read in an emergency until some time later. Pure. Reporting asks this, and no
    consent: who has left, was withdrawn or has expired may still report what they saw.
    """
    there = [one for one in held if one.scope_kind is ScopeKind.GROUP and one.scope_id == scope.id]
    if not is_participant(scope, person_id):
        there = [one for one in there if one.role is not Role.PARTICIPANT]
    if is_of_leaders(scope):
        there = [one for one in there if one.role is not Role.EMERGENCY_READER]
    return any(
        one.at(sent_at)
        if one.role in MEMBERS
        else one.role is Role.EMERGENCY_READER and (one.until is None or sent_at < one.until)
        for one in there
    )


def reads_since(standing: Standing) -> Instant:
    """The moment from which on the caller may look back: a member's joining, the beginning in an emergency.

    What leaders say among themselves no emergency opens. Raises NotFound if they are neither in the group nor let in by one.
    """
    reads = any(one.role is Role.EMERGENCY_READER and one.scope_kind is ScopeKind.GROUP for one in standing.held)
    if reads and not is_of_leaders(standing.scope):
        return THE_BEGINNING
    return in_room_since(standing)


def is_of_leaders(scope: Scope) -> bool:
    """Whether a room is that of the leaders among themselves: no participant is in it."""
    return scope.participant == ""


def may_write(standing: Standing, text: str, deployed: Deployed, room: Writing, now: Instant) -> None:
    """Let a member write (or change what they wrote) in an open room, once they know what it cannot keep to itself.

    Raises NotFound to all others; RoomClosed, LimitNotAcknowledged, RoomNotOpenNow (leaders may at any time), and Invalid if
    the text is too long.
    """
    in_room_since(standing)
    if not room.open or room.closed_by_leader:
        raise RoomClosed
    if room.kind is not RoomKind.LEADERS and room.acknowledged_version != deployed.limit_version:
        raise LimitNotAcknowledged
    if (
        room.kind is RoomKind.GROUP
        and room.hours is not None
        and not is_leader(standing)
        and not hours.is_open(room.hours, now)
    ):
        raise RoomNotOpenNow
    longest = deployed.settings.longest_message
    if len(text) > longest:
        raise Invalid(Field("text", f"a text of 1 to {longest} characters"))


def is_leader(standing: Standing) -> bool:
    """Whether the caller leads the group now."""
    return any(one.role is Role.LEADER and one.scope_kind is ScopeKind.GROUP for one in standing.held)


def stays_open(state: GroupState) -> bool:
    """Whether one can write in the room of a group in that state: until it is completed or ended."""
    return state not in (GroupState.COMPLETED, GroupState.ENDED)
