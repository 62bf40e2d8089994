"""Moderation's requests and answers (``mewe.chat.v1.ModerationService``)."""

from enum import StrEnum

from attrs import field, frozen
from mewe_core.kit.checks import between, given, identifier, language_tag, text
from whenever import Instant

from mewe_chat.model import Message, OpeningHours, ReportReason
from mewe_chat.moderation.rules import MOST_HOURS, ActKind

LONGEST_REASON = 500
"""The most characters of what somebody is told of why."""

LONGEST_COMPLAINT = 4000
"""The most characters of a complaint, and of its answer."""


@frozen
class ListChecksRequest:
    """Ask which checks look at what is said."""

    language: str = field(default="", validator=language_tag)


@frozen
class Check:
    """A check, in a plain sentence. ``crisis``: it looks for people in danger."""

    name: str
    sentence: str
    crisis: bool


@frozen
class ListChecksResponse:
    """The checks, in the order in which they look."""

    checks: tuple[Check, ...]


class HeldCause(StrEnum):
    """Why a message is held back."""

    CRISIS = "crisis"
    NOT_CHECKED = "not_checked"


class HeldState(StrEnum):
    """How a held message stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    KEPT_BACK = "kept_back"


@frozen
class HeldMessage:
    """A message that was held back. ``message_id``: whose words it was to change; empty: a new one."""

    id: str
    room_id: str
    author_id: str
    text: str = field(repr=False)
    message_id: str
    held_time: Instant
    cause: HeldCause
    state: HeldState
    decide_time: Instant | None


@frozen
class ListHeldMessagesRequest:
    """Ask what is held back in a room."""

    room_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListHeldMessagesResponse:
    """A page, oldest first; ``next_page_token`` is empty on the last."""

    held_messages: tuple[HeldMessage, ...]
    next_page_token: str


@frozen
class DecideHeldMessageRequest:
    """Deliver it, or not. ``reason``: what its author is told, if anything."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    held_id: str = field(validator=identifier)
    deliver: bool
    reason: str = field(default="", validator=text(LONGEST_REASON, least=0), repr=False)


@frozen
class DecideHeldMessageResponse:
    """The message as it was delivered; None: it was not."""

    message: Message | None


@frozen
class ListReportsRequest:
    """Ask for the reports in a room."""

    room_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class Report:
    """A report as leaders see it: neither who reported nor what they wrote."""

    id: str
    message_id: str
    reason: ReportReason | None
    report_time: Instant


@frozen
class ListReportsResponse:
    """A page, oldest first; ``next_page_token`` is empty on the last."""

    reports: tuple[Report, ...]
    next_page_token: str


@frozen
class HideMessageRequest:
    """Hide a message until it is restored or removed."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    message_id: str = field(validator=identifier)
    reason: str = field(validator=text(LONGEST_REASON), repr=False)


@frozen
class RestoreMessageRequest:
    """Show a hidden message again."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    message_id: str = field(validator=identifier)
    reason: str = field(default="", validator=text(LONGEST_REASON, least=0), repr=False)


@frozen
class RemoveMessageRequest:
    """Remove a message for good."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    message_id: str = field(validator=identifier)
    reason: str = field(validator=text(LONGEST_REASON), repr=False)


@frozen
class OpenHiddenMessageRequest:
    """Ask for the words of a hidden message; that one asked is kept."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    message_id: str = field(validator=identifier)


@frozen
class OpenHiddenMessageResponse:
    """What it says."""

    text: str = field(repr=False)


@frozen
class PauseMemberRequest:
    """Pause a participant's writing in the room of the group, for some hours."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    hours: int = field(validator=between(1, MOST_HOURS))
    reason: str = field(validator=text(LONGEST_REASON), repr=False)


@frozen
class EndPauseRequest:
    """End a pause before its time."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    reason: str = field(default="", validator=text(LONGEST_REASON, least=0), repr=False)


@frozen
class SetRoomOpenRequest:
    """Close the room of a group to writing, or open it again."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    open: bool
    reason: str = field(default="", validator=text(LONGEST_REASON, least=0), repr=False)


@frozen
class SetOpeningHoursRequest:
    """Say at which hours participants may write; None: at any time."""

    request_id: str = field(validator=identifier)
    room_id: str = field(validator=identifier)
    hours: OpeningHours | None = None


@frozen
class Act:
    """Something that a leader decided. ``person_id`` is empty where it is about the room; ``until_time``: of a pause."""

    id: str
    room_id: str
    kind: ActKind
    leader_id: str
    person_id: str
    message_id: str
    reason: str = field(repr=False)
    act_time: Instant
    until_time: Instant | None = None


@frozen
class ListActsAboutMeRequest:
    """Ask what was decided about oneself."""

    page_size: int = 0
    page_token: str = ""


@frozen
class ListActsAboutMeResponse:
    """A page, newest first; ``next_page_token`` is empty on the last."""

    acts: tuple[Act, ...]
    next_page_token: str


@frozen
class ListActsRequest:
    """Ask what was decided in a room."""

    room_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListActsResponse:
    """A page, newest first; ``next_page_token`` is empty on the last."""

    acts: tuple[Act, ...]
    next_page_token: str


@frozen
class MakeComplaintRequest:
    """Complain to the coordinator, past the leaders. ``act_id``: an act about oneself, if it is about one."""

    request_id: str = field(validator=identifier)
    group_id: str = field(validator=identifier)
    text: str = field(validator=text(LONGEST_COMPLAINT), repr=False)
    act_id: str | None = field(default=None, validator=given(identifier))


@frozen
class MakeComplaintResponse:
    """The complaint."""

    complaint_id: str


@frozen
class Complaint:
    """A complaint, and what became of it."""

    id: str
    group_id: str
    person_id: str
    text: str = field(repr=False)
    complaint_time: Instant
    act: Act | None
    answer: str = field(repr=False)
    answer_time: Instant | None


@frozen
class OpenComplaintsRequest:
    """Ask for the complaints from the groups of an organisation; that one asked is kept."""

    request_id: str = field(validator=identifier)
    organisation_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class OpenComplaintsResponse:
    """A page, oldest first; ``next_page_token`` is empty on the last."""

    complaints: tuple[Complaint, ...]
    next_page_token: str


@frozen
class AnswerComplaintRequest:
    """Answer a complaint."""

    request_id: str = field(validator=identifier)
    complaint_id: str = field(validator=identifier)
    answer: str = field(validator=text(LONGEST_COMPLAINT), repr=False)


@frozen
class ListMyComplaintsRequest:
    """Ask for one's own complaints."""

    page_size: int = 0
    page_token: str = ""


@frozen
class ListMyComplaintsResponse:
    """A page, oldest first; ``next_page_token`` is empty on the last."""

    complaints: tuple[Complaint, ...]
    next_page_token: str
