"""What the chat refuses, beyond what the kit does."""

from mewe_core.kit.errors import Conflict, Failure

from mewe_chat.checks import errors as checks
from mewe_chat.moderation import errors as moderation


class RoomClosed(Conflict):
    """The group has completed its programme or was ended, or a leader has closed the room."""

    reason = "ROOM_CLOSED"
    sentence = "This room is closed. One can read here, but not write."


class RoomNotOpenNow(Conflict):
    """It is outside the hours at which participants write in the room of this group."""

    reason = "ROOM_NOT_OPEN_NOW"
    sentence = (
        "The room is closed for now. You can read here, and write again when it opens. Your own room with the leaders is open."
    )


class LimitNotAcknowledged(Conflict):
    """The limit of confidentiality was not acknowledged in the version that is shown now."""

    reason = "LIMIT_NOT_ACKNOWLEDGED"
    sentence = "Before you write here, please read what the chat can keep to itself and what it cannot."


class LimitChanged(Conflict):
    """Another version of the limit of confidentiality is shown by now."""

    reason = "LIMIT_CHANGED"
    sentence = "The words have changed. Please read them once more."


class MessageGone(Conflict):
    """The message was deleted, hidden or removed."""

    reason = "MESSAGE_GONE"
    sentence = "This message is not there to be changed any more."


class LeaderNotMuted(Conflict):
    """Leaders cannot be muted."""

    reason = "LEADER_NOT_MUTED"
    sentence = "Leaders cannot be muted: they may have to say something that matters to you."


ROOMS: tuple[type[Failure], ...] = (RoomClosed, RoomNotOpenNow, LimitNotAcknowledged, LimitChanged, MessageGone, LeaderNotMuted)

ERRORS: tuple[type[Failure], ...] = (*ROOMS, *checks.ERRORS, *moderation.ERRORS)
