"""Concerns: what those see whom they were brought to."""

from enum import StrEnum

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.checks import identifier
from mewe_core.kit.checks import text as at_most
from mewe_core.safety.events import ConcernState

LONGEST = 8000
"""The most characters of an observation or a note."""


class ConcernKind(StrEnum):
    """How it came up. ``TALK``: somebody wants to talk, and there is no leader to talk to. ``CARD_OPENED``: a contact card was
    opened without telling the person, and no concern was there whose recipients would have seen it. ``GATHERED``: calls of
    nobody in particular, beyond those an hour that become a concern each; their words are in its log."""

    HELP = "help"
    TALK = "talk"
    OBSERVATION = "observation"
    MESSAGE = "message"
    ANSWER = "answer"
    STORY = "story"
    CARD_OPENED = "card_opened"
    GATHERED = "gathered"


class Outcome(StrEnum):
    """What became of it."""

    SUPPORTED = "supported"
    WITH_AUTHORITY = "with_authority"
    NO_NEED = "no_need"
    BY_MISTAKE = "by_mistake"
    OTHER = "other"


class EntryKind(StrEnum):
    """What somebody, or the clock, did about a concern."""

    TOLD = "told"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    NOTED = "noted"
    HANDED_OVER = "handed_over"
    CARD_OPENED = "card_opened"
    CARD_OPENED_UNTOLD = "card_opened_untold"
    RELEASED = "released"
    JOINED = "joined"
    CLOSED = "closed"


@frozen
class Concern:
    """A concern, without its words. ``about_id``: whom it is about; ``thing_id``: what was reported, where it is held.

    ``calls``: how many it stands for; more than one only where it is ``GATHERED``.
    """

    id: str
    kind: ConcernKind
    state: ConcernState
    group_id: str | None
    about_id: str | None
    raised_by_id: str | None
    thing_id: str | None
    create_time: Instant
    acknowledge_time: Instant | None
    acknowledged_by_id: str | None
    close_time: Instant | None
    outcome: Outcome | None
    calls: int

    @property
    def is_nobodys(self) -> bool:
        """Whether nobody in particular has raised it: in a list it stands behind what somebody has."""
        return self.raised_by_id is None and self.kind is not ConcernKind.ANSWER


@frozen
class KeptConcern:
    """A concern as it is kept. ``begin_time``: from when on the clock runs; ``next_time``: when something is due."""

    id: str
    kind: ConcernKind
    state: ConcernState
    group_id: str | None
    about_id: str | None
    raised_by_id: str | None
    kept_from_id: str | None
    thing_id: str | None
    create_time: Instant
    begin_time: Instant
    reminded: bool
    next_time: Instant | None
    acknowledge_time: Instant | None
    acknowledged_by_id: str | None
    close_time: Instant | None
    outcome: Outcome | None
    sealed_text: bytes | None = field(repr=False)
    sealed_words: bytes | None = field(repr=False)
    calls: int = 1

    def told(self) -> Concern:
        """As it is shown to those whom it was brought to."""
        return Concern(
            id=self.id,
            kind=self.kind,
            state=self.state,
            group_id=self.group_id,
            about_id=self.about_id,
            raised_by_id=self.raised_by_id,
            thing_id=self.thing_id,
            create_time=self.create_time,
            acknowledge_time=self.acknowledge_time,
            acknowledged_by_id=self.acknowledged_by_id,
            close_time=self.close_time,
            outcome=self.outcome,
            calls=self.calls,
        )


@frozen
class Recipient:
    """Somebody whom a concern was brought to. ``contact_id``: how alerts reach them; ``end_time``: it is no longer theirs."""

    concern_id: str
    person_id: str
    standing_id: str
    contact_id: str | None
    since: Instant
    end_time: Instant | None


@frozen
class KeptEntry:
    """An entry of the log, as it is kept. ``number``: its place, given when it is kept."""

    id: str
    concern_id: str
    kind: EntryKind
    at: Instant
    person_id: str | None
    sealed_text: bytes | None = field(repr=False)
    number: int = 0


@frozen
class Entry:
    """Who did what about a concern, and when. ``person_id`` None: the clock did it."""

    id: str
    kind: EntryKind
    at: Instant
    person_id: str | None
    text: str


@frozen
class OpenedConcern:
    """A concern with its words; empty: there are none, or none any more."""

    concern: Concern
    text: str


@frozen
class RaiseConcernRequest:
    """What a leader has seen. ``handed_over_to``: the authority that was told already, empty: none. Raises Invalid."""

    request_id: str = field(validator=identifier)
    group_id: str = field(validator=identifier)
    about_id: str = field(validator=identifier)
    text: str = field(default="", validator=at_most(LONGEST, least=0), repr=False)
    handed_over_to: str = field(default="", validator=at_most(500, least=0), repr=False)


@frozen
class RaisedConcern:
    """The concern that was made of it, and who reads it."""

    id: str
    state: ConcernState


@frozen
class ListConcernsRequest:
    """Ask for the concerns that were brought to one."""

    page_size: int = 0
    page_token: str = ""


@frozen
class ListConcernsResponse:
    """A page, oldest first, nobody's in particular behind the others; ``next_page_token`` is empty on the last."""

    concerns: tuple[Concern, ...]
    next_page_token: str


@frozen
class OpenConcernRequest:
    """Read a concern, which is kept in its log."""

    request_id: str = field(validator=identifier)
    concern_id: str = field(validator=identifier)


@frozen
class AcknowledgeConcernRequest:
    """Say that one takes it on."""

    request_id: str = field(validator=identifier)
    concern_id: str = field(validator=identifier)


@frozen
class NoteConcernRequest:
    """Keep a note in the log, for those whom the concern was brought to."""

    request_id: str = field(validator=identifier)
    concern_id: str = field(validator=identifier)
    text: str = field(validator=at_most(LONGEST), repr=False)


@frozen
class RecordHandOverRequest:
    """Keep that an authority was told: which, and what more is worth keeping."""

    request_id: str = field(validator=identifier)
    concern_id: str = field(validator=identifier)
    handed_over_to: str = field(validator=at_most(500), repr=False)


@frozen
class CloseConcernRequest:
    """Close it. ``words``: what is told to whoever asked or reported, in plain words."""

    request_id: str = field(validator=identifier)
    concern_id: str = field(validator=identifier)
    outcome: Outcome
    words: str = field(default="", validator=at_most(2000, least=0), repr=False)


@frozen
class ListConcernEntriesRequest:
    """Ask for the log of a concern."""

    concern_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListConcernEntriesResponse:
    """A page, oldest first; ``next_page_token`` is empty on the last."""

    entries: tuple[Entry, ...]
    next_page_token: str
