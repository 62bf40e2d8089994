"""The contact card of a young person: how to reach them safely, sealed until it is needed."""

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.checks import given, identifier, text
from mewe_core.kit.errors import Field, Invalid


@frozen
class Card:
    """Whom it is about, and how to reach them. ``never_call``: whom never to call, and never to tell."""

    person_id: str
    name: str
    phone: str
    safe_way: str
    never_call: str
    change_time: Instant


@frozen
class KeptCard:
    """A card as it is kept. ``free_time`` None: an open concern is about the person."""

    person_id: str
    sealed_name: bytes = field(repr=False)
    sealed_phone: bytes = field(repr=False)
    sealed_safe_way: bytes = field(repr=False)
    sealed_never_call: bytes = field(repr=False)
    written_by_id: str
    change_time: Instant
    free_time: Instant | None


@frozen
class WriteCardRequest:
    """Write one's card, or (with ``group_id``) somebody's of one's group together with them. Raises Invalid."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    group_id: str | None = field(default=None, validator=given(identifier))
    name: str = field(default="", validator=text(200, least=0), repr=False)
    phone: str = field(default="", validator=text(100, least=0), repr=False)
    safe_way: str = field(default="", validator=text(1000, least=0), repr=False)
    never_call: str = field(default="", validator=text(1000, least=0), repr=False)


@frozen
class WrittenCard:
    """That there is a card now; what stands in it is not shown."""

    person_id: str
    change_time: Instant


@frozen
class GetMyCardRequest:
    """Ask for one's own card."""


@frozen
class MyCard:
    """One's own card; None: one has written none."""

    card: Card | None


@frozen
class OpenCardRequest:
    """Open the card of the person an open concern is about.

    ``untold``: telling them would be unsafe, and ``reason`` says why; another adult sees that. Raises Invalid.
    """

    request_id: str = field(validator=identifier)
    concern_id: str = field(validator=identifier)
    untold: bool = False
    reason: str = field(default="", validator=text(1000, least=0), repr=False)

    def __attrs_post_init__(self) -> None:
        _reasoned(self.reason, untold=self.untold)


@frozen
class OpenCardInEmergencyRequest:
    """Open somebody's card in an emergency. ``untold`` and ``reason`` as when it is opened for a concern. Raises Invalid."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    untold: bool = False
    reason: str = field(default="", validator=text(1000, least=0), repr=False)

    def __attrs_post_init__(self) -> None:
        _reasoned(self.reason, untold=self.untold)


def _reasoned(reason: str, *, untold: bool) -> None:
    if untold and not reason.strip():
        raise Invalid(Field("reason", "why telling the person would be unsafe"))


@frozen
class KeptOpening:
    """That a card was opened, as it is kept."""

    id: str
    person_id: str
    opened_by_id: str
    concern_id: str | None
    open_time: Instant
    untold: bool


@frozen
class CardOpening:
    """Somebody has opened one's card."""

    id: str
    opened_by_id: str
    open_time: Instant


@frozen
class ListMyCardOpeningsRequest:
    """Ask who has opened one's card."""

    page_size: int = 0
    page_token: str = ""


@frozen
class ListMyCardOpeningsResponse:
    """A page, oldest first; ``next_page_token`` is empty on the last."""

    openings: tuple[CardOpening, ...]
    next_page_token: str
