"""What a host lends to a handler: everything that is not pure."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from attrs import define, field, frozen
from whenever import Instant

from mewe_core.kit.access import Caller, Standing
from mewe_core.kit.database import Database
from mewe_core.kit.events import Event, Hexadecimal
from mewe_core.kit.pushing import Push, Pushing
from mewe_core.kit.values import micros

__all__ = [
    "Alert",
    "AlertKind",
    "Clock",
    "Database",
    "Follow",
    "Ids",
    "Keys",
    "Next",
    "Page",
    "PublicKey",
    "Push",
    "Pushing",
    "Sealing",
    "Work",
]

S = TypeVar("S")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> Instant:
        """This moment, in whole microseconds."""


class Ids(Protocol):
    """The only source of identifiers and secrets."""

    def new(self) -> str:
        """A fresh identifier of 32 lower-case hexadecimal digits, which tells nothing about anybody."""

    def secret(self, bytes_: int) -> bytes:
        """Random bytes for a secret."""


@frozen
class PublicKey:
    """A P-256 key that access tokens are verified with: its two coordinates in hexadecimal (64 digits each)."""

    id: str
    x: Hexadecimal
    y: Hexadecimal


class Keys(Protocol):
    """What needs a secret of the country. No feature sees the secret itself."""

    def digest(self, purpose: str, secret: bytes) -> str:
        """A keyed hash (HMAC-SHA-256, hexadecimal) of a code or session secret: what is kept in place of it."""

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """AES-256-GCM under a key derived for ``purpose``; ``purpose`` is bound to the result."""

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """The inverse of ``seal``. Raises ValueError if it was sealed for another purpose, or changed."""

    def access_token(self, person_id: str, session_id: str, issued_at: Instant, expires_at: Instant) -> str:
        """A signed token (ES256) that says who is calling, for this country."""

    def public_key(self) -> PublicKey:
        """What this host's tokens are verified with."""

    def sign(self, purpose: str, said: bytes) -> Hexadecimal:
        """ES256 for a purpose of the country: 128 hexadecimal digits, verified with the public key alone."""

    def verified(self, purpose: str, said: bytes, key_id: str, signature: str) -> bool:
        """Whether the country has signed it for this purpose, with the key of that id: the one of now, or one before it."""

    def retired_keys(self) -> Sequence[PublicKey]:
        """What they were verified with before: keys of this host that were replaced."""


class Sealing(Protocol):
    """Words about a person, kept so that whoever has the database alone cannot read them.

    ``about`` is whom or what the key belongs to (a person; a concern), ``purpose`` what it is for: each pair has a data key of
    its own in this feature. ``place`` is the table, row and column as ``"chat_message/<id>/text"``; it is bound to the result,
    with feature and country, so that nothing sealed can be put anywhere else.
    """

    async def seal(self, about: str, purpose: str, place: str, text: str) -> bytes:
        """AES-256-GCM under the data key of ``about`` and ``purpose``; a new key is durable before it seals anything."""

    async def open(self, about: str, purpose: str, place: str, sealed: bytes) -> str | None:
        """The inverse; None once the key was destroyed. Raises ValueError if it was sealed for another place, or changed."""

    async def destroy(self, about: str, purpose: str | None = None) -> int:
        """Destroy a key (every key of ``about``, if no purpose is named) for good; says how many there were."""


class AlertKind(StrEnum):
    """Why somebody is asked to look. The words belong to the host's locale; none of them says whom or what it is about."""

    TEST = "test"
    CONCERN = "concern"
    REMINDER = "reminder"
    ESCALATED = "escalated"
    EMERGENCY_READING = "emergency_reading"


@frozen
class Alert:
    """A message without content, to somebody who has to look. It leaves when the unit is kept, and is tried again until it has.

    ``to``: ``mailto:`` an address, or ``tel:`` a number, where a port for it is set up. ``person_id``: whose address it is;
    None for one that is nobody's own. Once that person is erased it does not leave any more.
    """

    id: str
    kind: AlertKind
    to: str = field(repr=False)
    language: str
    person_id: str | None = None


@define(slots=True)
class Work:
    """One unit of work, as a handler sees it. What it writes and emits is kept together or not at all.

    ``areas``: the features of the mix, this one included, wherever they run.
    """

    caller: Caller
    standing: Standing
    now: Instant
    database: Database
    ids: Ids
    keys: Keys
    sealing: Sealing
    configured: object = None
    events: list[Event] = field(factory=list)
    alerts: list[Alert] = field(factory=list)
    ready: object = field(default=None, repr=False)
    areas: tuple[str, ...] = ()
    pushing: Pushing = field(factory=Pushing)
    pushes: list[Push] = field(factory=list)
    withdrawn: list[str] = field(factory=list)
    shown: list["Next[object]"] = field(factory=list)

    def new_id(self) -> str:
        """A fresh identifier."""
        return self.ids.new()

    def new_ordered_id(self) -> str:
        """A fresh identifier of 32 hexadecimal digits that begins with this unit's moment (14 of them, microseconds).

        For what comes all the time and whose moment is no secret: an index of such ids grows at its end, which costs less.
        """
        return f"{micros(self.now):014x}{self.ids.secret(9).hex()}"

    def emit(self, event: Event) -> None:
        """Tell what happened; the event leaves when the unit is kept."""
        self.events.append(event)

    def show(self, item: "Next[object]") -> None:
        """Give those who follow a topic what this unit puts there and tells of, without reading it: all of it, or none."""
        self.shown.append(item)

    def alert(self, alert: Alert) -> None:
        """Ask somebody to look, once the unit is kept."""
        self.alerts.append(alert)

    def push(self, push: Push) -> None:
        """Let a device know that there is something new, once the unit is kept."""
        self.pushes.append(push)

    def withdraw(self, push_id: str) -> None:
        """Have a push that has not left yet not leave any more; one that has left is not called back."""
        self.withdrawn.append(push_id)

    def settings(self, kind: type[S]) -> S:
        """The feature's settings, from the mix. Raises TypeError if the feature has settings of another kind."""
        if not isinstance(self.configured, kind):
            raise TypeError(f"these are not {kind.__name__}")
        return self.configured

    def prepared(self, kind: type[S]) -> S:
        """What the RPC's ``prepare`` made ready before this unit. Raises TypeError if it made nothing of that kind."""
        if not isinstance(self.ready, kind):
            raise TypeError(f"no {kind.__name__} was made ready")
        return self.ready


class Page(Protocol[T_co]):
    """Reads what a topic holds past a cursor: at most ``limit`` items in order, each with its cursor (rising integers)."""

    async def __call__(
        self, database: Database, sealing: Sealing, topic: str, after: int, limit: int
    ) -> Sequence[tuple[int, T_co]]:
        """One page; the same arguments read what has come since. ``sealing`` is the feature's, to open what was sealed."""


@frozen
class Next(Generic[T_co]):
    """An item that is put into a topic: exactly what ``page`` would give at ``cursor``, directly behind ``behind``.

    Whoever follows and has not got that far reads it instead.
    """

    page: Page[T_co]
    topic: str
    behind: int
    cursor: int
    item: T_co


@frozen
class Follow(Generic[T]):
    """The answer of a streaming handler: it has authorised the caller; the host pages from ``after``, then follows.

    Everybody who follows a topic with the same ``page`` gets the same items, read once: it is a function of the feature's
    module, never one that is made for a request. The stream ends when the access
    rule would no longer let the caller in, and with the token.

    ``origin``, also of the module: the cursor at which an item was first, where items come again when they have changed. What
    was first at ``since`` or before it is not given to this follower, however often it changes.
    """

    topic: str
    after: int
    page: Page[T]
    since: int = 0
    origin: Callable[[T], int] | None = None
