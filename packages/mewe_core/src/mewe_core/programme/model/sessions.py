"""When groups meet and what came of it: requests and answers of GroupService."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.checks import few, given, identifier, language_tag, text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.programme.series import LocalStart

if TYPE_CHECKING:
    import attrs


class SessionState(StrEnum):
    """Where a session stands. ``PLANNED``: it is to come, or not recorded yet."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class CancelReason(StrEnum):
    """Why a session was cancelled."""

    LEADER_AWAY = "leader_away"
    TOO_FEW = "too_few"
    PLACE = "place"
    CIRCUMSTANCES = "circumstances"
    GROUP_ENDED = "group_ended"
    OTHER = "other"


class MeetingMode(StrEnum):
    """How a session meets."""

    IN_PERSON = "in_person"
    ONLINE = "online"


class Attendance(StrEnum):
    """Whether a member was at a session; who came late was there."""

    PRESENT = "present"
    LATE = "late"
    EXCUSED = "excused"
    ABSENT = "absent"


class Fidelity(StrEnum):
    """What became of an activity: done as the manual has it, in another way, or not."""

    DELIVERED = "delivered"
    ADAPTED = "adapted"
    SKIPPED = "skipped"


def https_link(_: object, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    """A link of at most 1,000 characters that begins with https:// and has no blanks."""
    host = value[8:].partition("/")[0]
    if not value.startswith("https://") or not host or len(value) > 1000 or any(c.isspace() or c < "!" for c in value):
        raise Invalid(Field(attribute.name, "a link that begins with https://, without blanks, of at most 1000 characters"))


@frozen
class Session:
    """A session of a group. ``place`` and ``link`` are None for who is not participant or leader."""

    id: str
    group_id: str
    plan_id: str
    number: int
    follow_up: bool
    state: SessionState
    start_time: Instant
    end_time: Instant
    start: LocalStart
    mode: MeetingMode
    place: str | None = field(repr=False)
    link: str | None = field(repr=False)
    makes_up_for_id: str | None
    cancel_reason: CancelReason | None
    revision: int
    hold_time: Instant | None


@frozen
class ListSessionsRequest:
    """Ask for the sessions of a group."""

    group_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListSessionsResponse:
    """A page of sessions by time; ``next_page_token`` is empty on the last."""

    sessions: tuple[Session, ...]
    next_page_token: str


@frozen
class MoveSessionRequest:
    """Give a session another start."""

    request_id: str = field(validator=identifier)
    session_id: str = field(validator=identifier)
    start: LocalStart


@frozen
class CancelSessionRequest:
    """Cancel a session."""

    request_id: str = field(validator=identifier)
    session_id: str = field(validator=identifier)
    reason: CancelReason


@frozen
class MakeUpSessionRequest:
    """Plan another date for a session that was cancelled."""

    request_id: str = field(validator=identifier)
    session_id: str = field(validator=identifier)
    start: LocalStart


@frozen
class SetMeetingRequest:
    """Say how a session meets, and where."""

    request_id: str = field(validator=identifier)
    session_id: str = field(validator=identifier)
    mode: MeetingMode
    place: str | None = field(default=None, validator=given(text(300)), repr=False)
    link: str | None = field(default=None, validator=given(https_link), repr=False)


@frozen
class AttendanceMark:
    """Whether one member was there."""

    membership_id: str = field(validator=identifier)
    attendance: Attendance


@frozen
class ActivityMark:
    """What became of one activity."""

    activity_id: str = field(validator=identifier)
    fidelity: Fidelity


@frozen
class RecordSessionRequest:
    """Record that a session was held, whole; also to correct a record. ``hold_time`` None: it began as planned."""

    request_id: str = field(validator=identifier)
    session_id: str = field(validator=identifier)
    hold_time: Instant | None = None
    attendance: tuple[AttendanceMark, ...] = field(default=(), validator=few(300))
    activities: tuple[ActivityMark, ...] = field(default=(), validator=few(40))


@frozen
class SessionRecord:
    """What was recorded of a session, as it was last recorded."""

    session: Session
    attendance: tuple[AttendanceMark, ...]
    activities: tuple[ActivityMark, ...]
    record_time: Instant
    corrections: int


@frozen
class GetSessionRecordRequest:
    """Ask for what was recorded of a session."""

    session_id: str = field(validator=identifier)


@frozen
class GetCalendarRequest:
    """Ask for a group's sessions as an iCalendar file."""

    group_id: str = field(validator=identifier)
    language: str = field(default="", validator=language_tag)


@frozen
class Calendar:
    """An iCalendar file (RFC 5545)."""

    text: str = field(repr=False)
