"""What the parts of the host are to each other: stores, methods, arrivals, envelopes. No behaviour here.

faces -> guard -> desk (one a feature) -> store; desk -> outbox -> relay -> bus -> desks of others; live -> streams.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Protocol, TypeVar, runtime_checkable

from attrs import field, frozen
from google.protobuf.message import Message
from mewe_core.kit.access import Caller
from mewe_core.kit.database import Database
from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.feature import Feature, Rpc
from mewe_core.kit.ports import Follow, Keys, Next, Sealing
from whenever import Instant

T = TypeVar("T")


class SigningKeys(Keys, Protocol):
    """Keys that sign for the country, so that others can verify without a secret."""

    def sign(self, purpose: str, said: bytes) -> Hexadecimal:
        """ES256 for a purpose: 128 hexadecimal digits."""

    def verified(self, purpose: str, said: bytes, key_id: str, signature: str) -> bool:
        """Whether the country has signed it for this purpose, with the key of that id."""


class Seals(Sealing, Protocol):
    """The data keys of a feature, as the host itself uses them."""

    async def seal_within(
        self, keys: Iterable[tuple[str, str]], about: str, purpose: str, place: str, plain: bytes
    ) -> bytes | None:
        """Seal under a key, and inside it under every one of ``keys``; None if one of those is gone already."""

    async def open_within(self, about: str, purpose: str, place: str, sealed: bytes) -> bytes | None:
        """The inverse; None once any of the keys was destroyed. Raises ValueError if it was sealed for another place."""

    async def ready(self, about: str, purpose: str) -> None:
        """Have a key there before it is needed."""

    async def abouts(self, purpose: str) -> Sequence[str]:
        """What there are keys of for a purpose; the first thousand."""


class UnitDatabase(Database, Protocol):
    """A feature's database inside a writing unit."""

    @property
    def must_lock(self) -> bool:
        """Whether units run beside each other (PostgreSQL), so that a unit must ``lock`` what its rules look at."""

    async def lock(self, key: str) -> None:
        """Wait until no other unit holds ``key``, and hold it to the end of this one. Nothing to do on SQLite."""


class Store(Protocol):
    """One feature's database, opened."""

    def write(self, unit: Callable[[UnitDatabase], Awaitable[T]]) -> Awaitable[T]:
        """Run a unit; its answer is returned when what it wrote is durable. An exception undoes the unit alone.

        Raises Unavailable if it could not be made durable (then nothing of it is kept).
        """

    async def read(self, unit: Callable[[Database], Awaitable[T]]) -> T:
        """Run a unit that changes nothing, on a snapshot of what is durable."""

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` on the loop after each commit."""

    async def close(self) -> None:
        """Finish what runs, then let go of the database."""


class Read(Protocol):
    """Runs a unit on a snapshot of a feature's database, and changes nothing (``Store.read``)."""

    def __call__(self, unit: Callable[[Database], Awaitable[T]]) -> Awaitable[T]:
        """Run it."""


@runtime_checkable
class Shreds(Protocol):
    """A store whose file can be freed at once of what was deleted. PostgreSQL does that in its own time, by its vacuum."""

    async def shred(self) -> None:
        """Leave nothing on disk of what was deleted. Raises Unavailable if that cannot be done just now."""


class Codec(Protocol[T]):
    """Protobuf to attrs and back, compiled once at the start."""

    @property
    def message(self) -> type[Message]:
        """The protobuf class."""

    def parse(self, data: bytes) -> Message:
        """Raises Invalid if the bytes are no such message."""

    def load(self, message: Message) -> T:
        """The attrs instance. Raises Invalid with the field's path (``answers[2].value``), and never the value."""

    def dump(self, thing: T) -> Message:
        """The message of an attrs instance."""


@frozen
class Method:
    """One RPC, ready to be served.

    ``answer``: of a stream, that of an item, as an answer which holds it alone.
    ``gives_much``: its answer is a list, a page or a whole file, of which nobody needs very many (``allowance``).
    ``everywhere``: where every feature has it, that of each one which is served here; the request names the ``area``.
    """

    path: str  # /mewe.chat.v1.ChatService/PostMessage
    area: str
    reads: bool
    streams: bool
    rpc: Rpc[object, object] = field(repr=False)
    request: Codec[object] = field(repr=False)
    answer: Codec[object] = field(repr=False)
    gives_much: bool = False
    everywhere: Mapping[str, "Method"] | None = field(default=None, repr=False)

    def meant(self, request: Message) -> "Method | None":
        """Itself or, where every feature has it, that of the feature which the request names; None: it is not here."""
        return self if self.everywhere is None else self.everywhere.get(request.area)  # type: ignore[attr-defined]


@frozen
class Arrival:
    """What comes with a call on either face. ``seconds`` is how long the caller waits (None: no deadline was given)."""

    authorization: str | None
    seconds: float | None
    position: str | None


@frozen
class Answer:
    """What goes back: the message and the position of the events that the call told ('' if none)."""

    message: Message
    position: str


class Guard(Protocol):
    """One guard for both faces; it raises ``Failure`` and nothing else."""

    def method(self, path: str) -> Method | None:
        """The method of a path, or None."""

    @property
    def methods(self) -> Mapping[str, Method]:
        """Every method that is served here, by its path."""

    async def unary(self, method: Method, request: Message, arrival: Arrival) -> Answer:
        """The whole way of a call: token, position, one unit (access, idempotency, handler, outbox, audit)."""

    async def stream(self, method: Method, request: Message, arrival: Arrival) -> AsyncIterator[bytes]:
        """Authorise, then answer with an iterator of encoded answers that ends when the caller's right does."""


@frozen
class Envelope:
    """An event on its way: as it stands in the outbox, in a NATS message, in the list of parked events."""

    area: str
    name: str
    event_id: str
    aggregate_id: str
    sequence: int
    occurred_at: Instant
    payload: bytes = field(repr=False)


class Taken(Enum):
    """What became of an event that was offered to a desk."""

    KEPT = "kept"
    REPEATED = "repeated"
    GAP = "gap"
    PARKED = "parked"


class Desk(Protocol):
    """One feature at work in this process."""

    @property
    def feature(self) -> Feature:
        """What is at work."""

    @property
    def store(self) -> Store:
        """Its database."""

    @property
    def sealing(self) -> Sealing:
        """What opens the words that it keeps."""

    async def hear(self, envelope: Envelope, *, earlier_gone: bool = False) -> Taken:
        """Take in an event of another feature: inbox and effects in one unit. KEPT also when nobody here listens to it.

        GAP: an earlier event of the aggregate is missing (never for state events, and never when ``earlier_gone`` says that
        its teller does not keep the earlier ones any more). PARKED: the aggregate is parked, and this event now stands behind
        it. An exception of the handler is let through and nothing is kept.
        """

    async def park(self, envelope: Envelope, reason: str) -> None:
        """Put an event (and by that its aggregate) aside: listed, never dropped."""


class Live(Protocol):
    """Streams: who follows which topic, and when there is something new."""

    def told(self, envelopes: Sequence[Envelope], shown: Sequence[Next[object]] = ()) -> None:
        """A unit of this process is kept: there may be something new in the topics of what it told (the ids of the aggregates).

        Of a topic of which it shows something, that is all.
        """

    def recheck(self, person_id: str | None = None) -> None:
        """Somebody's standing or session may have ended; None: anybody's."""

    def follow(
        self,
        desk: Desk,
        follow: Follow[object],
        codec: Codec[object],
        allowed: Callable[[Database], Awaitable[bool]],
        ends_at: Instant,
        person_id: str | None,
    ) -> AsyncIterator[bytes]:
        """The items of a topic behind a cursor, then new ones as they come, until ``allowed`` says no or ``ends_at``: encoded,
        those that are there together in one.

        ``person_id``: whose stream it is. Where somebody opens more than one person may have, the oldest ends.
        """


class Trust(Protocol):
    """Whose tokens are good."""

    def caller(self, authorization: str | None, now: Instant) -> tuple[Caller, Instant]:
        """Who calls, and until when the token is good (nobody, and now, without one).

        Raises SignedOut if there is a token and it is not good.
        """

    def named(self, authorization: str | None, now: Instant) -> Caller:
        """Whom a token names that this country once signed, also when it or its session is over; else nobody."""
