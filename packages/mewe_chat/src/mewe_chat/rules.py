"""Who may be in a room, from when, and who may post."""

from collections.abc import Iterable

from mewe_core.kit.access import Held, Role, ScopeKind, Standing
from mewe_core.kit.errors import Field, Invalid, NotFound
from mewe_core.programme.events import GroupState
from whenever import Instant

from mewe_chat.errors import RoomClosed
from mewe_chat.model import ChatSettings

MEMBERS = (Role.PARTICIPANT, Role.LEADER)
"""Who may be in the room of a group, if they are it in that very group: no role in an organisation lets anybody in."""


def in_room_since(standing: Standing) -> Instant:
    """The moment from which on the caller may read: when they joined the group. Raises NotFound if they are not in it."""
    joined = [one.since for one in standing.held if one.role in MEMBERS and one.scope_kind is ScopeKind.GROUP]
    if not joined:
        raise NotFound
    return min(joined)


def could_see(held: Iterable[Held], group_id: str, sent_at: Instant) -> bool:
    """Whether somebody with these roles, ended ones included, was in the room of a group when a message came.

    Pure. Reporting asks this, and no consent: who has left, was withdrawn or has expired may still report what they saw.
    """
    return any(
        one.role in MEMBERS and one.scope_kind is ScopeKind.GROUP and one.scope_id == group_id and one.at(sent_at)
        for one in held
    )


def may_post(standing: Standing, text: str, settings: ChatSettings, *, is_open: bool) -> None:
    """Let a member write in an open room. Raises NotFound to all others, RoomClosed, Invalid if the text is too long."""
    in_room_since(standing)
    if not is_open:
        raise RoomClosed
    if len(text) > settings.longest_message:
        raise Invalid(Field("text", f"a text of 1 to {settings.longest_message} characters"))


def stays_open(state: GroupState) -> bool:
    """Whether one can write in the room of a group in that state: until it is completed or ended."""
    return state not in (GroupState.COMPLETED, GroupState.ENDED)
