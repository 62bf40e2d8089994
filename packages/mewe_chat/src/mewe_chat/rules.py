"""Who may be in a room, from when, and who may post."""

from collections.abc import Iterable

from mewe_core.kit.access import Held, Role, Scope, ScopeKind, Standing, is_participant
from mewe_core.kit.errors import Field, Invalid, NotFound
from mewe_core.programme.events import GroupState
from whenever import Instant

from mewe_chat.errors import RoomClosed
from mewe_chat.model import ChatSettings
from mewe_chat.store import Writing

MEMBERS = (Role.PARTICIPANT, Role.LEADER)
"""Who may be in the room of a group, if they are it in that very group: no role in an organisation lets anybody in."""

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


def may_post(standing: Standing, text: str, settings: ChatSettings, room: Writing) -> None:
    """Let a member write in an open room. Raises NotFound to all others, RoomClosed, Invalid if the text is too long."""
    in_room_since(standing)
    if not room.open or room.closed_by_leader:
        raise RoomClosed
    if len(text) > settings.longest_message:
        raise Invalid(Field("text", f"a text of 1 to {settings.longest_message} characters"))


def stays_open(state: GroupState) -> bool:
    """Whether one can write in the room of a group in that state: until it is completed or ended."""
    return state not in (GroupState.COMPLETED, GroupState.ENDED)
