"""Requests and answers of coming back, as the contract has them."""

from enum import StrEnum

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit import paging
from mewe_core.kit.checks import given, identifier, text


class ReturnReason(StrEnum):
    """Why somebody needs a new code."""

    LOST = "lost"
    BROKEN = "broken"
    TAKEN = "taken"
    SIGNED_OUT = "signed_out"


@frozen
class AskForReturnRequest:
    """Say that a person has lost their device. ``group_id``: for leaders, their group that the person is in."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    reason: ReturnReason
    group_id: str | None = field(default=None, validator=given(identifier))


@frozen
class Return:
    """Somebody is to come back on a new device; ``agree_time`` is when a second adult agreed."""

    id: str
    person_id: str
    reason: ReturnReason
    ask_time: Instant
    agree_time: Instant | None
    expire_time: Instant


@frozen
class AgreeToReturnRequest:
    """Agree, as a second adult; what comes back is the code, to be given in person."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    group_id: str | None = field(default=None, validator=given(identifier))


@frozen
class ListReturnsRequest:
    """Who is to come back. ``page_size``: at most 200; 0 means 50."""

    organisation_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = field(default="", validator=text(paging.LONGEST, least=0))


@frozen
class ListReturnsResponse:
    """A page of returns that are open, oldest first."""

    returns: tuple[Return, ...]
    next_page_token: str


@frozen
class GetReturnRequest:
    """Ask about the open return of a person. ``group_id``: for leaders, their group that the person is in."""

    person_id: str = field(validator=identifier)
    group_id: str | None = field(default=None, validator=given(identifier))


@frozen
class RefuseReturnRequest:
    """Say, from a device that one still has, that one has lost none."""

    request_id: str = field(validator=identifier)


@frozen
class RefuseReturnResponse:
    """Nobody comes back by it."""


@frozen
class AskToReopenRequest:
    """Ask for what one kept before, with an adult at one's side."""

    request_id: str = field(validator=identifier)


@frozen
class AskToReopenResponse:
    """``words``: two words to show to the adult."""

    words: str = field(repr=False)


@frozen
class ReopenEarlierRequest:
    """Say that the person in front of one is who they were before: their device shows these words."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    words: str = field(validator=text(100), repr=False)
    group_id: str | None = field(default=None, validator=given(identifier))


@frozen
class ReopenEarlierResponse:
    """It is open."""
