"""What the chat refuses, beyond what the kit does."""

from mewe_core.kit.errors import Conflict, Failure

from mewe_chat.checks import errors as checks


class RoomClosed(Conflict):
    """The group has completed its programme, or was ended."""

    reason = "ROOM_CLOSED"
    sentence = "This group has ended. One can read here, but no longer write."


ERRORS: tuple[type[Failure], ...] = (RoomClosed, *checks.ERRORS)
