"""Who decides about what somebody wrote, and who does not: nobody judges in their own case. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from mewe_core.kit.access import Held, Role, ScopeKind
from whenever import Instant

from mewe_chat.errors import MessageGone
from mewe_chat.model import MessageState
from mewe_chat.moderation.errors import LeadersMessage, OwnCase

MOST_HOURS = 168
"""The longest pause: a week."""


class ActKind(StrEnum):
    """What a leader did."""

    HIDDEN = "hidden"
    RESTORED = "restored"
    REMOVED = "removed"
    PAUSED = "paused"
    PAUSE_ENDED = "pause_ended"
    CLOSED = "closed"
    OPENED = "opened"
    HOURS_SET = "hours_set"
    DELIVERED = "delivered"
    KEPT_BACK = "kept_back"


_BECOMES = {
    (MessageState.VISIBLE, ActKind.HIDDEN): MessageState.HIDDEN,
    (MessageState.HIDDEN, ActKind.RESTORED): MessageState.VISIBLE,
    (MessageState.VISIBLE, ActKind.REMOVED): MessageState.REMOVED,
    (MessageState.HIDDEN, ActKind.REMOVED): MessageState.REMOVED,
}


def becomes(state: MessageState, act: ActKind) -> MessageState:
    """How a message stands after an act. Raises MessageGone where there is nothing to do it to."""
    following = _BECOMES.get((state, act))
    if following is None:
        raise MessageGone
    return following


def may_moderate(act: ActKind, actor_id: str, author_id: str, *, author_leads: bool) -> None:
    """Let a leader decide about a message. Raises OwnCase, LeadersMessage.

    What another leader wrote is hidden, so that harm stops at once, and shown again; removing it is not for their equals.
    """
    if actor_id == author_id:
        raise OwnCase
    if author_leads and act is ActKind.REMOVED:
        raise LeadersMessage


def leads(held: Iterable[Held], group_id: str) -> bool:
    """Whether somebody leads a group, or once did: of what they wrote then they are the author all the same."""
    return any(one.role is Role.LEADER and one.scope_kind is ScopeKind.GROUP and one.scope_id == group_id for one in held)


def took_part(held: Iterable[Held], group_id: str, now: Instant) -> bool:
    """Whether somebody is a participant of a group, or once was; not who only will be."""
    return any(
        one.role is Role.PARTICIPANT and one.scope_kind is ScopeKind.GROUP and one.scope_id == group_id and one.since <= now
        for one in held
    )
