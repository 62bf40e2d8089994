"""The two doors that are open to everybody, and what became of it."""

from attrs import field, frozen
from whenever import Date, Instant

from mewe_core.kit.checks import identifier
from mewe_core.safety.events import ConcernState
from mewe_core.safety.lines import LineKind
from mewe_core.safety.model.concerns import ConcernKind, Outcome

LONGEST = 8000
"""Of a text that is longer, so many characters are kept: nobody is refused because they wrote too much."""


@frozen
class AskForHelpRequest:
    """I need help. ``kept_from_id``: somebody who must not get it; ``text`` may be empty. Nothing in it is ever refused."""

    request_id: str = field(validator=identifier)
    text: str = field(default="", repr=False)
    kept_from_id: str | None = None


@frozen
class AskToTalkRequest:
    """I want to talk to a leader. ``text`` may be empty. Nothing in it is ever refused."""

    request_id: str = field(validator=identifier)
    text: str = field(default="", repr=False)


@frozen
class Reader:
    """Somebody who will read it. ``from_time``: when they look, as far as is known."""

    person_id: str
    from_time: Instant | None


@frozen
class HelpLine:
    """A telephone number. ``open_now`` None: we do not know. ``overdue``: nobody has verified it lately (or ever)."""

    kind: LineKind
    name: str
    number: str
    open_now: bool | None
    source: str
    verified_date: Date | None
    overdue: bool


@frozen
class HelpAnswer:
    """Who will read it, and when the first of them looks (None: not known); and what is open now."""

    id: str
    readers: tuple[Reader, ...]
    next_time: Instant | None
    lines: tuple[HelpLine, ...]


@frozen
class ListHelpLinesRequest:
    """Ask for the telephone numbers of the country."""


@frozen
class ListHelpLinesResponse:
    """Emergency numbers first, then whoever is open now."""

    lines: tuple[HelpLine, ...]


@frozen
class MyConcern:
    """What became of something one has asked or reported. ``words``: what whoever closed it tells about it."""

    id: str
    kind: ConcernKind
    state: ConcernState
    create_time: Instant
    acknowledge_time: Instant | None
    acknowledged_by_id: str | None
    close_time: Instant | None
    outcome: Outcome | None
    words: str


@frozen
class ListMyConcernsRequest:
    """Ask for what one has asked or reported."""

    page_size: int = 0
    page_token: str = ""


@frozen
class ListMyConcernsResponse:
    """A page, oldest first; ``next_page_token`` is empty on the last."""

    concerns: tuple[MyConcern, ...]
    next_page_token: str


@frozen
class TalkRequest:
    """Somebody wants to talk to a leader."""

    id: str
    group_id: str
    person_id: str
    text: str
    create_time: Instant
    answer_time: Instant | None
    answered_by_id: str | None


@frozen
class KeptTalk:
    """A request to talk, as it is kept. ``next_time``: when the leaders are reminded of it."""

    id: str
    group_id: str
    person_id: str
    sealed_text: bytes | None = field(repr=False)
    create_time: Instant
    next_time: Instant | None
    answer_time: Instant | None
    answered_by_id: str | None


@frozen
class ListTalkRequestsRequest:
    """Ask who of the group wants to talk."""

    group_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListTalkRequestsResponse:
    """A page, oldest first; ``next_page_token`` is empty on the last."""

    talk_requests: tuple[TalkRequest, ...]
    next_page_token: str


@frozen
class AnswerTalkRequestRequest:
    """Say that one has talked, or has found a time for it."""

    request_id: str = field(validator=identifier)
    talk_request_id: str = field(validator=identifier)
