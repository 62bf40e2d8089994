"""A feature on a stage: real ports in memory, no server, no waiting.

``Stage`` lends a feature what a host lends it. Its database is SQLite in memory and executes the feature's own SQL; time
stands still until it is moved; ids are counted. Tests and documentation are written with it, and whoever uses a feature as a
library may use it too.
"""

import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Never, TypeVar, cast

from attrs import frozen
from whenever import Instant

from mewe_core.kit import records
from mewe_core.kit.access import Access, Caller, Purpose, Role, ScopeKind, Standing, whole_country
from mewe_core.kit.database import Database, Statement
from mewe_core.kit.errors import Failure
from mewe_core.kit.events import Event
from mewe_core.kit.feature import Brought, Feature, Rpc
from mewe_core.kit.memory_database import MemoryDatabase
from mewe_core.kit.message_checks import MessageCheck, in_line
from mewe_core.kit.plain_keys import PlainKeys, PlainSealing
from mewe_core.kit.ports import Alert, Follow, Push, Pushing, Work
from mewe_core.kit.preparing import Issuers, NoIssuers, Preparing
from mewe_core.kit.privacy.telling import heard_at_home
from mewe_core.kit.standing import KIT_HEARS, ConsentChanged, StandingChanged, admit
from mewe_core.kit.values import Parameter

__all__ = [
    "BEGINNING",
    "ELM",
    "NATIONAL",
    "OAK",
    "STRANGER",
    "CountingIds",
    "FixedClock",
    "MemoryDatabase",
    "Party",
    "PlainKeys",
    "PlainSealing",
    "Stage",
    "Suspended",
    "drive",
    "shows_what_is_there",
]

A = TypeVar("A")
R = TypeVar("R")
T = TypeVar("T")

_READING = ("get_", "list_", "watch_")

BEGINNING = Instant.from_utc(2026, 9, 1, 14)
"""When a stage's clock starts, unless it is told otherwise."""


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: Instant = BEGINNING) -> None:
        self._moment = moment

    def now(self) -> Instant:
        """The moment it stands at."""
        return self._moment

    def advance(self, *, days: int = 0, hours: int = 0, minutes: int = 0, seconds: float = 0) -> Instant:
        """Move on, and say what time it is now. A day is 24 hours."""
        self._moment = self._moment.add(hours=24 * days + hours, minutes=minutes, seconds=seconds)
        return self._moment


class CountingIds:
    """Identifiers 1, 2, 3 ... in the form of real ones (32 hexadecimal digits), and secrets that follow from a count."""

    def __init__(self) -> None:
        self._ids = 0
        self._secrets = 0

    def new(self) -> str:
        """The next identifier."""
        self._ids += 1
        return f"{self._ids:032x}"

    def secret(self, bytes_: int) -> bytes:
        """The next secret: looks random, and is the same in every run."""
        self._secrets += 1
        return hashlib.shake_256(f"secret {self._secrets}".encode()).digest(bytes_)


class Suspended(AssertionError):
    """A handler waited for something: a unit of work never does. What is slow belongs before it."""


def drive(coroutine: Coroutine[object, None, T] | Awaitable[T]) -> T:
    """Run a coroutine that never waits, and return its answer. Raises Suspended if it does wait."""
    running = cast("Coroutine[object, None, T]", coroutine)
    try:
        running.send(None)
    except StopIteration as end:
        return cast(T, end.value)
    running.close()
    raise Suspended(getattr(running, "__qualname__", "a coroutine") + " waited inside a unit of work")


async def shows_what_is_there(work: Work) -> None:
    """Raises AssertionError unless what a unit shows of a topic is what can be read there behind the first of it, and all."""
    for first in {one.topic: one for one in reversed(work.shown)}.values():
        items = [(one.cursor, one.item) for one in work.shown if one.topic == first.topic]
        there = await first.page(work.database, work.sealing, first.topic, first.behind, len(items) + 1)
        assert there == items, f"what is shown of {first.topic} is not what is there"


@frozen
class Party:
    """People around one group, to try things with: ``Stage.gather`` gives them their roles."""

    group_id: str
    organisation_id: str
    participants: tuple[str, ...]
    leaders: tuple[str, ...]
    coordinator: str


OAK = Party("group-oak", "school-north", ("ada", "bo", "cleo"), ("lena", "lars"), "karin")
"""Three young people and their two leaders, in a group of a school; the school's coordinator."""

ELM = Party("group-elm", "school-south", ("dina", "eli"), ("maria", "mats"), "kerstin")
"""Another group, of another school: nobody of ``OAK`` is in it."""

STRANGER = "sigrid"
"""Somebody who is signed in and belongs nowhere."""

NATIONAL = "nils"
"""Somebody at the country's competence centre, once ``Stage.gather`` has given them the role."""


class Stage:
    """One feature, with everything a host would lend it.

    ``settings``: an instance of the feature's settings class, or None for its defaults; ``programmes``: the documents that a
    host would have from the hook of that name; ``checks``: likewise, run in line without an end. ``events`` holds what was
    told, in order; a call that fails tells nothing and keeps nothing.
    """

    def __init__(
        self,
        feature: Feature,
        *,
        settings: object | None = None,
        programmes: tuple[str, ...] = (),
        checks: tuple[MessageCheck, ...] = (),
        languages: tuple[str, ...] = ("en", "sv"),
        country: str = "SE",
        clock: FixedClock | None = None,
        issuers: Issuers | None = None,
    ) -> None:
        self.feature = feature
        self.country = country
        self.clock = clock or FixedClock()
        self.ids = CountingIds()
        self.keys = PlainKeys()
        self.sealing = PlainSealing(self.keys)
        self.database = MemoryDatabase(records.METADATA, feature.tables)
        self.events: list[Event] = []
        self.alerts: list[Alert] = []
        self.pushes: list[Push] = []
        self.pushing = Pushing()
        self.issuers: Issuers = issuers or NoIssuers()
        brought = Brought(programmes, checks, country, languages)
        self._settings = feature.configure(feature.settings() if settings is None else settings, brought)
        self.areas: tuple[str, ...] = (feature.name,)
        self._told = {one.kind for one in feature.tells}
        self._standings = 0

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget everything."""
        self.database.close()

    def call(
        self, handler: Callable[[R, Work], Awaitable[A]], request: R, *, by: str | None = None, session: str | None = None
    ) -> A:
        """What a client gets who calls the handler's RPC as the person ``by`` (None: nobody has signed in).

        ``session`` is the device session, ``session-of-<person>`` if it is not given. A handler named ``get_``, ``list_`` or
        ``watch_`` cannot change a row. Raises what the client would be told: a ``Failure``; and LookupError if the feature
        serves no such handler.
        """
        rpc = self._rpc(handler)
        caller = Caller(by, (session or f"session-of-{by}") if by else None, self.country)
        access = cast("Access[R]", rpc.access)
        ready = None if rpc.prepare is None else self._prepared(rpc, access, request, caller)
        with self.unit(reads=rpc.handler.__name__.startswith(_READING)) as work:
            work.caller, work.ready = caller, ready
            work.standing = drive(admit(access, caller, self.database, request, work.now))
            try:
                return drive(handler(request, work))
            except Failure as refused:
                if not refused.keeps:
                    raise
                kept = refused
        raise kept

    def follow(
        self,
        handler: Callable[[R, Work], Awaitable[Follow[T]]],
        request: R,
        *,
        by: str | None = None,
        session: str | None = None,
        page_size: int = 100,
    ) -> list[T]:
        """What a stream shows from its cursor to this moment, read by pages of ``page_size``.

        Raises AssertionError if cursors do not rise.
        """
        answer = self.call(handler, request, by=by, session=session)
        after, items = answer.after, list[T]()
        while True:
            with self.database.unit(reads=True):
                page = drive(answer.page(self.database, self.sealing, answer.topic, after, page_size))
            for cursor, item in page:
                assert cursor > after, f"cursor {cursor} follows {after}"
                after = cursor
                if (cursor if answer.origin is None else answer.origin(item)) > answer.since:
                    items.append(item)
            if len(page) < page_size:
                return items

    def hear(self, event: Event) -> None:
        """Let the feature (and the kit in it) hear an event, in one unit. An event nobody listens to changes nothing."""
        with self.unit() as work:
            for hears in (*KIT_HEARS, *self.feature.hears):
                if hears.kind is type(event):
                    drive(hears.handler(cast(Never, event), work))

    def start(self) -> tuple[str, ...]:
        """Start the feature as a host does; the lines it wants shown."""
        lines = []
        for start in self.feature.starts:
            with self.unit() as work:
                lines.append(drive(start.handler(work)))
        return tuple(line for line in lines if line is not None)

    def do_jobs(self) -> None:
        """Do what is due by the clock, as a host does each second."""
        for job in self.feature.jobs:
            for _ in range(1000):
                with self.unit() as work:
                    more = drive(job.handler(work))
                if not more:
                    break
            else:
                raise AssertionError(f"{getattr(job.handler, '__name__', job)} never ends")

    def consent(self, person: str, purpose: Purpose, *, covered: bool = True, until: Instant | None = None) -> None:
        """Let the feature hear whether consent covers a purpose of somebody."""
        self.hear(ConsentChanged(f"{person}-{purpose}", person, purpose, None, covered, until))

    def give(
        self,
        person: str,
        role: Role,
        kind: ScopeKind,
        scope_id: str,
        *,
        since: Instant | None = None,
        until: Instant | None = None,
        standing_id: str | None = None,
    ) -> str:
        """Let the feature hear that a person holds a role from ``since`` (None: now) to ``until`` (None: open).

        Returns the id of the standing; with that id as ``standing_id`` it can be changed later.
        """
        self._standings += 1
        one = standing_id or f"standing-{self._standings}"
        self.hear(StandingChanged(one, person, role, kind, scope_id, since or self.clock.now(), until))
        return one

    def gather(self, *parties: Party) -> None:
        """Give everybody of the parties their roles as of now, and ``NATIONAL`` theirs.

        The young people take part with consent, in the chat and the evaluation too.
        """
        for party in parties:
            for person in party.participants:
                self.give(person, Role.PARTICIPANT, ScopeKind.GROUP, party.group_id)
                for purpose in (Purpose.TAKE_PART, Purpose.CHAT, Purpose.EVALUATION):
                    self.consent(person, purpose)
            for person in party.leaders:
                self.give(person, Role.LEADER, ScopeKind.GROUP, party.group_id)
            self.give(party.coordinator, Role.COORDINATOR, ScopeKind.ORGANISATION, party.organisation_id)
        self.give(NATIONAL, Role.NATIONAL, ScopeKind.COUNTRY, self.country)

    def all(self, statement: Statement, into: type[T], **parameters: Parameter) -> list[T]:
        """What stands in the database: every row of a select."""
        return drive(self.database.all(statement, into, **parameters))

    def _prepared(self, rpc: Rpc[Never, object], access: Access[R], request: R, caller: Caller) -> object:
        """What is made ready before the unit, once the access rule has let the caller in."""

        async def read(look: Callable[[Database], Awaitable[T]]) -> T:
            with self.database.unit(reads=True):
                return await look(self.database)

        now = self.clock.now()
        standing = drive(read(lambda database: admit(access, caller, database, request, now)))
        prepare = cast("Callable[[R, Preparing], Awaitable[object]]", rpc.prepare)
        before = Preparing(
            caller, standing, now, self.ids, self.keys, self.sealing, self.issuers, read, self._settings, in_line
        )
        return drive(prepare(request, before))

    def _rpc(self, handler: object) -> Rpc[Never, object]:
        for rpc in self.feature.rpcs:
            if rpc.handler is handler:
                return rpc
        raise LookupError(f"{self.feature.name} serves no {getattr(handler, '__name__', handler)}")

    @contextmanager
    def unit(self, *, reads: bool = False) -> Generator[Work]:
        """One unit of work that nobody called for: what is written and told in it is kept together, or not at all."""
        nobody = Caller(None, None, self.country)
        nowhere = Standing(whole_country(self.country), ())
        work = Work(nobody, nowhere, self.clock.now(), self.database, self.ids, self.keys, self.sealing, self._settings)
        work.areas, work.pushing = self.areas, self.pushing
        with self.database.unit(reads=reads):
            yield work
            assert not (reads and work.events), f"{type(work.events[0]).__name__} is told by what only reads"
            for event in work.events:
                assert type(event) in self._told, f"{self.feature.name} does not declare {type(event).__name__}"
                for hears in (*KIT_HEARS, *heard_at_home(self.feature.hears)):
                    if hears.kind is type(event):
                        drive(hears.handler(cast(Never, event), work))
            drive(shows_what_is_there(work))
        self.events += work.events
        self.alerts += work.alerts
        self.pushes = [one for one in self.pushes if one.id not in work.withdrawn] + work.pushes
