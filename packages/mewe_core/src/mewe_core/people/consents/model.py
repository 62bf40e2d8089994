"""Requests and answers about one's own consent, and the texts that inform, as the contract has them."""

from attrs import field, frozen
from whenever import Date, Instant

from mewe_core.kit import paging
from mewe_core.kit.access import Purpose
from mewe_core.kit.checks import between, given, identifier, language_tag, text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.people.consent import Decides, Reason
from mewe_core.people.consent_table import OLDEST

LATEST_VERSION = 1_000_000
_page_token = text(paging.LONGEST, least=0)


@frozen
class ConsentText:
    """A text that informs about a purpose; it never changes. Ages in whole years, both included; ``age_to`` None: open.

    ``asks_again``: a yes to an older version no longer counts.
    """

    id: str
    purpose: Purpose
    version: int
    age_from: int
    age_to: int | None
    language: str
    text: str
    asks_again: bool
    create_time: Instant

    def is_for(self, age: int) -> bool:
        """Whether it is written for that age."""
        return self.age_from <= age and (self.age_to is None or age <= self.age_to)

    @property
    def age_band(self) -> str:
        """For whom, as it is recorded: "12-14", "15-"."""
        return f"{self.age_from}-{'' if self.age_to is None else self.age_to}"


@frozen
class ListConsentTextsRequest:
    """The texts about a purpose, or about all. ``page_size``: at most 200; 0 means 50."""

    purpose: Purpose | None = None
    page_size: int = 0
    page_token: str = field(default="", validator=_page_token)


@frozen
class ListConsentTextsResponse:
    """A page of texts, newest first."""

    consent_texts: tuple[ConsentText, ...]
    next_page_token: str


@frozen
class PublishConsentTextRequest:
    """Publish a text: of the newest version there is, or of the next. ``text``: 1 to 10,000 characters."""

    request_id: str = field(validator=identifier)
    purpose: Purpose
    version: int = field(validator=between(1, LATEST_VERSION))
    age_from: int = field(validator=between(0, OLDEST))
    age_to: int | None = field(validator=given(between(0, OLDEST)))
    language: str = field(validator=[text(35), language_tag])
    text: str = field(validator=text(10_000))
    asks_again: bool = False

    def __attrs_post_init__(self) -> None:
        if self.age_to is not None and self.age_to < self.age_from:
            raise Invalid(Field("age_to", "an age not below age_from"))


@frozen
class GetMyConsentsRequest:
    """Ask what one is asked for, and what one has said."""


@frozen
class MyConsent:
    """One purpose of one's own. ``until``: it is asked again then. ``condition``: what must hold besides, in words.

    ``legal_basis``: the ground in law as the deployment has recorded it, ``not recorded`` until it has.
    """

    purpose: Purpose
    shared_with_id: str | None
    covered: bool
    reason: Reason | None
    until: Instant | None
    decides: Decides | None
    condition: str
    text_id: str | None
    objects: bool
    legal_basis: str


@frozen
class MyConsents:
    """Everything one is asked for."""

    birth_date_known: bool
    consents: tuple[MyConsent, ...]


@frozen
class SetMyBirthDateRequest:
    """Tell one's own date of birth."""

    request_id: str = field(validator=identifier)
    birth_date: Date = field(repr=False)


@frozen
class GiveConsentRequest:
    """One's own yes, to the purpose that a text informs about."""

    request_id: str = field(validator=identifier)
    text_id: str = field(validator=identifier)
    shared_with_id: str | None = field(default=None, validator=given(identifier))


@frozen
class WithdrawConsentRequest:
    """Take one's own yes back."""

    request_id: str = field(validator=identifier)
    purpose: Purpose
    shared_with_id: str | None = field(default=None, validator=given(identifier))


@frozen
class RaiseObjectionRequest:
    """One's own no."""

    request_id: str = field(validator=identifier)
    purpose: Purpose
    shared_with_id: str | None = field(default=None, validator=given(identifier))


@frozen
class TakeBackObjectionRequest:
    """Take one's own no back."""

    request_id: str = field(validator=identifier)
    purpose: Purpose
    shared_with_id: str | None = field(default=None, validator=given(identifier))
