"""Requests and answers of confirming, as the contract has them."""

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit import paging
from mewe_core.kit.access import Role
from mewe_core.kit.checks import given, identifier, text


@frozen
class ConfirmPersonRequest:
    """Say that the person in front of one is who was invited. ``words``: what their device shows, however they are typed.

    ``group_id``: for leaders, their group that the person was invited for or is in.
    """

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    words: str = field(validator=text(100), repr=False)
    group_id: str | None = field(default=None, validator=given(identifier))


@frozen
class ConfirmPersonResponse:
    """They are signed in."""


@frozen
class ListWaitingPersonsRequest:
    """Whose device waits in an organisation or, with ``group_id``, for a group. ``page_size``: at most 200; 0 means 50."""

    organisation_id: str = field(validator=identifier)
    group_id: str | None = field(default=None, validator=given(identifier))
    page_size: int = 0
    page_token: str = field(default="", validator=text(paging.LONGEST, least=0))


@frozen
class WaitingPerson:
    """Somebody whose device has redeemed a code and waits to be confirmed, since ``redeem_time``."""

    person_id: str
    group_id: str | None
    role: Role | None
    redeem_time: Instant
    expire_time: Instant


@frozen
class ListWaitingPersonsResponse:
    """A page of those who wait, the longest first."""

    waiting_persons: tuple[WaitingPerson, ...]
    next_page_token: str
