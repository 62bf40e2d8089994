"""Requests and answers about what guardians say, and who has covered what, as the contract has them."""

from enum import StrEnum

from attrs import field, frozen
from whenever import Date, Instant

from mewe_core.kit import paging
from mewe_core.kit.access import Purpose
from mewe_core.kit.checks import between, few, given, identifier, text
from mewe_core.people.consent import Decides, Ground, Reason

LONGEST_LINK_HOURS = 336
_page_token = text(paging.LONGEST, least=0)


class GuardianRequestState(StrEnum):
    """What became of a guardian's request to see what is held."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


@frozen
class PurposeCovered:
    """One purpose of a person: whether it is covered, why not, and who decides."""

    purpose: Purpose
    shared_with_id: str | None
    covered: bool
    reason: Reason | None
    decides: Decides | None


@frozen
class Guardian:
    """A guardian of one person: no name, no account. ``label``: how those who record tell them apart."""

    id: str
    label: str = field(repr=False)


@frozen
class PersonConsents:
    """What of a person is covered. ``birth_date_own_word``: the young person alone has told it."""

    person_id: str
    birth_date_known: bool
    birth_date_own_word: bool
    purposes: tuple[PurposeCovered, ...]
    guardians: tuple[Guardian, ...]


@frozen
class PersonCovered:
    """What of a person is covered, without anything about their guardians."""

    person_id: str
    purposes: tuple[PurposeCovered, ...]


@frozen
class GetPersonConsentsRequest:
    """Ask what of a person is covered. ``group_id``: the person's group, which one leads; None: as a coordinator."""

    person_id: str = field(validator=identifier)
    group_id: str | None = field(default=None, validator=given(identifier))


@frozen
class ListGroupConsentsRequest:
    """What of everybody in a group is covered. ``page_size``: at most 200; 0 means 50."""

    group_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = field(default="", validator=_page_token)


@frozen
class ListGroupConsentsResponse:
    """A page of people."""

    persons: tuple[PersonCovered, ...]
    next_page_token: str


@frozen
class ListOrganisationConsentsRequest:
    """What of everybody whom an organisation invited is covered. ``page_size``: at most 200; 0 means 50."""

    organisation_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = field(default="", validator=_page_token)


@frozen
class ListOrganisationConsentsResponse:
    """A page of people."""

    persons: tuple[PersonCovered, ...]
    next_page_token: str


@frozen
class RecordBirthDateRequest:
    """Record a date of birth, in place of the one there was."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    group_id: str | None = field(validator=given(identifier))
    birth_date: Date = field(repr=False)


@frozen
class AddGuardianRequest:
    """Note that a person has a guardian. ``label``: 1 to 60 characters, no name."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    group_id: str | None = field(validator=given(identifier))
    label: str = field(validator=text(60), repr=False)


@frozen
class RecordGuardianConsentRequest:
    """Record a guardian's yes on paper; ``signed_on`` is the day on it."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    group_id: str | None = field(validator=given(identifier))
    guardian_id: str = field(validator=identifier)
    text_id: str = field(validator=identifier)
    shared_with_id: str | None = field(validator=given(identifier))
    signed_on: Date


@frozen
class RecordGuardianWithdrawalRequest:
    """Record that a guardian has taken a yes back."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    group_id: str | None = field(validator=given(identifier))
    guardian_id: str = field(validator=identifier)
    purpose: Purpose
    shared_with_id: str | None = field(default=None, validator=given(identifier))


@frozen
class RecordOneGuardianRequest:
    """Record why one guardian is enough. ``guardian_id``: who is not asked; None: there is no second one."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    ground: Ground
    purposes: tuple[Purpose, ...] = field(validator=few(len(Purpose), least=1))
    guardian_id: str | None = field(validator=given(identifier))
    note: str = field(validator=text(1000), repr=False)


@frozen
class OneGuardian:
    """An exception: one guardian is enough."""

    id: str
    person_id: str
    ground: Ground
    purposes: tuple[Purpose, ...]
    guardian_id: str | None
    create_time: Instant
    end_time: Instant | None


@frozen
class EndOneGuardianRequest:
    """End an exception now."""

    request_id: str = field(validator=identifier)
    one_guardian_id: str = field(validator=identifier)


@frozen
class MakeConsentLinkRequest:
    """Make a one-time code for one guardian. ``valid_hours``: 1 to 336; 0 means 168."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    group_id: str | None = field(validator=given(identifier))
    guardian_id: str = field(validator=identifier)
    text_id: str = field(validator=identifier)
    shared_with_id: str | None = field(default=None, validator=given(identifier))
    valid_hours: int = field(default=0, validator=between(0, LONGEST_LINK_HOURS))


@frozen
class ConsentLink:
    """A one-time code; ``code`` is told here once and kept nowhere."""

    id: str
    code: str = field(repr=False)
    expire_time: Instant


@frozen
class OpenConsentLinkRequest:
    """Ask what a code asks."""

    request_id: str = field(validator=identifier)
    code: str = field(validator=text(200), repr=False)


@frozen
class ConsentQuestion:
    """What a guardian is asked: the text alone."""

    purpose: Purpose
    language: str
    text: str
    expire_time: Instant


@frozen
class AnswerConsentLinkRequest:
    """A guardian's yes or no; the code is used up."""

    request_id: str = field(validator=identifier)
    code: str = field(validator=text(200), repr=False)
    agrees: bool


@frozen
class AnswerConsentLinkResponse:
    """It is recorded."""


@frozen
class RecordGuardianRequestRequest:
    """Record that a guardian asks to see what is held about a person."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)


@frozen
class GuardianRequest:
    """A guardian's request; a person answers it, outside."""

    id: str
    person_id: str
    state: GuardianRequestState
    create_time: Instant
    answer_time: Instant | None


@frozen
class AnswerGuardianRequestRequest:
    """Record what a person has answered: granted or refused."""

    request_id: str = field(validator=identifier)
    guardian_request_id: str = field(validator=identifier)
    state: GuardianRequestState


@frozen
class ListGuardianRequestsRequest:
    """What guardians have asked for in an organisation. ``page_size``: at most 200; 0 means 50."""

    organisation_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = field(default="", validator=_page_token)


@frozen
class ListGuardianRequestsResponse:
    """A page of requests, oldest first."""

    guardian_requests: tuple[GuardianRequest, ...]
    next_page_token: str
