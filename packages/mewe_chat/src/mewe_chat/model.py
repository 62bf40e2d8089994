"""What is said and where: the requests and answers of ``mewe.chat.v1``."""

from enum import StrEnum

from attrs import field, frozen
from mewe_core.kit.checks import between, given, identifier, language_tag, text
from whenever import Instant

LONGEST_MESSAGE = 4000
"""The most characters that a message may have anywhere; a deployment may allow fewer."""


class RoomKind(StrEnum):
    """What a room is for: all of a group, its leaders among themselves, or one participant and all leaders."""

    GROUP = "group"
    LEADERS = "leaders"
    SIDE = "side"


@frozen
class OpeningHours:
    """The hours at which participants may write, as "08:00" in a zone as "Europe/Stockholm"; perhaps overnight."""

    opens: str
    closes: str
    zone: str


@frozen
class Room:
    """A room, as it is for whoever asks. ``last_sequence`` is that of its newest message, 0 if there is none.

    ``read_sequence``, ``acknowledged_version`` and ``paused_until`` are one's own.
    """

    id: str
    group_id: str
    open: bool
    last_sequence: int
    kind: RoomKind
    participant_id: str = ""
    hours: OpeningHours | None = None
    opens_next: Instant | None = None
    read_sequence: int = 0
    limit_version: int = 0
    acknowledged_version: int = 0
    paused_until: Instant | None = None
    archived: bool = False


class MessageState(StrEnum):
    """How a message stands. ``ERASED`` is never kept: it is what cannot be opened any more."""

    VISIBLE = "visible"
    DELETED = "deleted"
    HIDDEN = "hidden"
    REMOVED = "removed"
    ERASED = "erased"


@frozen
class Message:
    """A message, as it now is. ``sequence``: its place in the room, 1, 2, 3 ... without gaps; ``sent_at`` never falls along it.

    ``text`` is empty unless it is visible; its place stays. ``cursor``: where to go on watching from, in a stream alone.
    """

    id: str
    room_id: str
    author_id: str
    text: str = field(repr=False)
    sent_at: Instant
    sequence: int
    state: MessageState = MessageState.VISIBLE
    edited_time: Instant | None = None
    reply_to_id: str = ""
    cursor: int = 0


@frozen
class ListRoomsRequest:
    """Ask for the rooms one is in; with ``archived``, for those in the archive too."""

    page_size: int = 0
    page_token: str = ""
    archived: bool = False


@frozen
class ListRoomsResponse:
    """A page of rooms; ``next_page_token`` is empty on the last."""

    rooms: tuple[Room, ...]
    next_page_token: str


@frozen
class PostMessageRequest:
    """Say something. ``text``: 1 to 4,000 characters, not blank. Raises Invalid."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    text: str = field(validator=text(LONGEST_MESSAGE), repr=False)
    reply_to_id: str | None = field(default=None, validator=given(identifier))


@frozen
class PostMessageResponse:
    """The message; or the id under which it is held back. ``show_help``: show the writer help now, before all else."""

    message: Message | None
    held_id: str = ""
    show_help: bool = False


@frozen
class EditMessageRequest:
    """Say something else in place of what one said. ``text``: 1 to 4,000 characters, not blank. Raises Invalid."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    message_id: str = field(validator=identifier)
    text: str = field(validator=text(LONGEST_MESSAGE), repr=False)


@frozen
class DeleteMessageRequest:
    """Take back what one said."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    message_id: str = field(validator=identifier)


@frozen
class GetLimitOfConfidentialityRequest:
    """Ask for what the chat cannot promise, in a language (empty: the deployment's first)."""

    room_id: str = field(validator=identifier)
    language: str = field(default="", validator=language_tag)


@frozen
class LimitOfConfidentiality:
    """What the chat cannot promise to keep to itself. ``reviewed``: by somebody who speaks the language."""

    version: int
    language: str
    text: str
    reviewed: bool


@frozen
class AcknowledgeLimitOfConfidentialityRequest:
    """Say that one has read a version of it."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    version: int = field(validator=between(1, 2**31 - 1))


@frozen
class AcknowledgeLimitOfConfidentialityResponse:
    """The version that is kept as read."""

    acknowledged_version: int


@frozen
class MarkReadRequest:
    """Say up to which message one has read a room."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    sequence: int = field(default=0, validator=between(0, 2**63 - 1))


@frozen
class MarkReadResponse:
    """The mark, at most the room's last sequence."""

    read_sequence: int


@frozen
class SetMutedRequest:
    """Mute somebody for oneself, or no longer."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    muted: bool = False


@frozen
class SetMutedResponse:
    """Whether they are muted now."""

    muted: bool


@frozen
class ListMutedRequest:
    """Ask whom one has muted."""

    page_size: int = 0
    page_token: str = ""


@frozen
class ListMutedResponse:
    """A page of ids; ``next_page_token`` is empty on the last."""

    person_ids: tuple[str, ...]
    next_page_token: str


@frozen
class SearchMessagesRequest:
    """Look for words (2 to 200 characters), each of them, in one room or in all of one's rooms."""

    words: str = field(validator=text(200, least=2), repr=False)
    room_id: str | None = field(default=None, validator=given(identifier))
    page_size: int = 0
    page_token: str = ""


@frozen
class SearchMessagesResponse:
    """What was found so far, newest first; ``next_page_token`` is empty on the last page, which alone ends the search."""

    messages: tuple[Message, ...]
    next_page_token: str


@frozen
class ListMessagesRequest:
    """Ask for what was said since one joined."""

    room_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListMessagesResponse:
    """A page of messages, oldest first; ``next_page_token`` is empty on the last. To watch from ``cursor`` misses nothing."""

    messages: tuple[Message, ...]
    next_page_token: str
    cursor: int


@frozen
class WatchMessagesRequest:
    """Ask for what was said or changed behind a cursor (0: since one joined), and then for what is from now on."""

    room_id: str = field(validator=identifier)
    after_cursor: int = field(default=0, validator=between(0, 2**63 - 1))


class ReportReason(StrEnum):
    """Why a message is reported; nobody has to say."""

    WORRIED = "worried"
    UNKIND = "unkind"
    THREAT = "threat"
    SEXUAL = "sexual"
    PRIVATE = "private"
    OTHER = "other"


LONGEST_WORDS = 2000
"""The most characters that a reporter may add."""


@frozen
class ReportMessageRequest:
    """Say that a message worries or harms somebody. ``text``: what one wants to say about it, up to 2,000 characters."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    message_id: str = field(validator=identifier)
    text: str = field(default="", validator=text(LONGEST_WORDS, least=0), repr=False)
    reason: ReportReason | None = None


@frozen
class ReportMessageResponse:
    """It was taken; the same for everybody, and for whatever was named."""

    report_id: str
    report_time: Instant


@frozen
class OpenReportedMessageRequest:
    """Ask for what was reported; that one asked is kept."""

    request_id: str = field(validator=identifier)
    report_id: str = field(validator=identifier)


@frozen
class ReportedMessage:
    """A report: the words of whoever reported, and the message with those around it as they stood then (none: no copy)."""

    report_id: str
    message_id: str
    text: str = field(repr=False)
    messages: tuple[Message, ...] = field(repr=False)
    report_time: Instant
    reason: ReportReason | None = None
