"""What is said and where: the requests and answers of ``mewe.chat.v1``."""

from attrs import field, frozen
from mewe_core.kit.checks import between, identifier, text
from whenever import Instant

LONGEST_MESSAGE = 4000
"""The most characters that a message may have anywhere; a deployment may allow fewer."""


@frozen
class ChatSettings:
    """What a deployment decides. ``longest_message``: characters, 1 to 4,000."""

    longest_message: int = field(default=LONGEST_MESSAGE, validator=between(1, LONGEST_MESSAGE))


@frozen
class Room:
    """A room. ``last_sequence`` is that of its newest message, 0 if there is none."""

    id: str
    group_id: str
    open: bool
    last_sequence: int


@frozen
class Message:
    """A message. ``sequence`` is its place in the room: 1, 2, 3 ... without gaps; ``sent_at`` never falls along it.

    ``removed``: its words can be opened no more; text and author are empty, its place stays.
    """

    id: str
    room_id: str
    author_id: str
    text: str = field(repr=False)
    sent_at: Instant
    sequence: int
    removed: bool = False


@frozen
class ListRoomsRequest:
    """Ask for the rooms one is in."""

    page_size: int = 0
    page_token: str = ""


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


@frozen
class ListMessagesRequest:
    """Ask for what was said since one joined."""

    room_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListMessagesResponse:
    """A page of messages, oldest first; ``next_page_token`` is empty on the last."""

    messages: tuple[Message, ...]
    next_page_token: str


@frozen
class WatchMessagesRequest:
    """Ask for what was said behind a sequence (0: since one joined), and then for what is said from now on."""

    room_id: str = field(validator=identifier)
    after_sequence: int = field(default=0, validator=between(0, 2**63 - 1))


LONGEST_WORDS = 2000
"""The most characters that a reporter may add."""


@frozen
class ReportMessageRequest:
    """Say that a message worries or harms somebody. ``text``: what one wants to say about it, up to 2,000 characters."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    message_id: str = field(validator=identifier)
    text: str = field(default="", validator=text(LONGEST_WORDS, least=0), repr=False)


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
