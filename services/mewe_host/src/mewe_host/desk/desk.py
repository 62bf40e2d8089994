"""One feature at work in this process: its calls, what it hears, its starts, and what has to be cleared away."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from attrs import frozen
from google.protobuf.message import Message
from mewe_core.kit.access import Caller
from mewe_core.kit.database import Executable
from mewe_core.kit.errors import Failure
from mewe_core.kit.events import Catalogue, Event
from mewe_core.kit.feature import Feature, Job, Start
from mewe_core.kit.ports import Follow, Sealing, Work
from mewe_core.kit.records import ENDED_SESSION
from mewe_core.kit.values import micros
from sqlalchemy import bindparam, delete, select
from whenever import TimeDelta

from mewe_host.desk import alerts, inbox, parking, positions, requests
from mewe_host.desk.accesses import ASK_FIRST, Accesses
from mewe_host.desk.audit import Audit
from mewe_host.desk.calls import Calls, Done
from mewe_host.desk.effects import Effects
from mewe_host.desk.failures import DeadlinePassed, NotThereYet
from mewe_host.desk.hearing import Heard, Hearing
from mewe_host.desk.lent import Lent
from mewe_host.desk.outbox import EventCodecs, Outbox
from mewe_host.desk.parking import Parked
from mewe_host.desk.positions import Arrivals, Entry
from mewe_host.parts import Answer, Envelope, Method, Store, Taken, UnitDatabase

T = TypeVar("T")

_POLL_SECONDS = 0.02
_SESSIONS_REMEMBERED = TimeDelta(hours=1)

FORGET_SESSIONS: Executable = delete(ENDED_SESSION).where(
    ENDED_SESSION.c.session_id.in_(
        select(ENDED_SESSION.c.session_id).where(ENDED_SESSION.c.ended_at < bindparam("before")).limit(requests.MOST_FORGOTTEN)
    )
)


@frozen
class Redriven:
    """What came of driving a parked aggregate again: how many events took effect, and whether it waits for a missing one."""

    kept: int
    missing: bool


class FeatureDesk:
    """One feature at work (``parts.Desk``)."""

    def __init__(
        self,
        feature: Feature,
        store: Store,
        lent: Lent,
        effects: Effects,
        *,
        catalogue: Catalogue,
        codecs: EventCodecs,
    ) -> None:
        self._feature = feature
        self._store = store
        self._lent = lent
        self._effects = effects
        self._outbox = Outbox(feature.name, catalogue, codecs, lent.sealing, feature.hears)
        self._hearing = Hearing(feature, store, lent, self._outbox, catalogue, codecs)
        self._arrivals = Arrivals()
        self._shared = True
        self._unneeded: frozenset[str] = frozenset()
        self._running: set[asyncio.Future[Done]] = set()
        audit = Audit(lent.keys)
        self.accesses = Accesses(audit, store)
        self.calls = Calls(store, lent, self._outbox, effects.trust, audit, self.accesses)

    @property
    def feature(self) -> Feature:
        """The feature, as its plugin declares it."""
        return self._feature

    @property
    def store(self) -> Store:
        """The feature's database."""
        return self._store

    @property
    def sealing(self) -> Sealing:
        """What opens the words that it keeps."""
        return self._lent.sealing

    @property
    def areas(self) -> frozenset[str]:
        """The other features whose events are heard here."""
        return frozenset(self._hearing.heard)

    async def answer(self, method: Method, message: Message, request: object, caller: Caller, seconds: float) -> Answer:
        """A call, answered when it is durable. ``message`` is used up.

        Raises DeadlinePassed after ``seconds``; a write goes on even so, and a repeat of the request gives its answer.
        """
        if method.reads:
            return Answer(method.answer.dump(await self._read(method, request, caller, seconds)), "")
        loop = asyncio.get_running_loop()
        over: asyncio.Future[None] = loop.create_future()
        writing = asyncio.ensure_future(self.calls.write(method, message, request, caller, seconds))
        self._running.add(writing)
        writing.add_done_callback(partial(self._written, over))
        timer = loop.call_later(seconds, _end, over)
        try:
            await over
        finally:
            timer.cancel()
        if not writing.done():
            raise DeadlinePassed
        answer = writing.result().answer
        if isinstance(answer, Failure):
            raise answer
        return answer

    async def follow(self, method: Method, request: object, caller: Caller, seconds: float) -> Follow[object]:
        """Authorise a stream. Raises DeadlinePassed after ``seconds``, RuntimeError if its handler answers no ``Follow``."""
        answer = await self._read(method, request, caller, seconds)
        if not isinstance(answer, Follow):
            raise RuntimeError(f"{method.path} streams and its handler answers no Follow")
        return answer

    async def tell(self, event: Event, database: UnitDatabase) -> None:
        """Tell something within a unit that nobody called for."""
        work = self._lent.own_work(self._lent.clock.now(), database)
        work.emit(event)
        await self._outbox.tell(work)

    async def settle(self) -> None:
        """Wait for the writes that were begun."""
        while self._running:
            await asyncio.wait(self._running)

    async def hear(self, envelope: Envelope, *, earlier_gone: bool = False) -> Taken:
        """Take in an event of another feature: inbox and effects in one unit. KEPT also when nobody here listens to it.

        GAP: an earlier event of the aggregate is missing, unless ``earlier_gone`` says that it is not to be had any more.
        An exception of a handler is let through and nothing is kept.
        """
        if not self._hearing.hears(envelope):
            return Taken.KEPT
        heard = await self._hearing.hear(envelope, earlier_gone=earlier_gone)
        self._follow_up(envelope, heard)
        return heard.verdict.taken

    async def park(self, envelope: Envelope, reason: str) -> None:
        """Put an event (and by that its aggregate) aside; ``reason`` is the kind of the fault, never its text."""
        now = self._lent.clock.now()
        await self._store.write(lambda database: parking.park(envelope, reason, database, now))

    async def parked(self) -> list[Parked]:
        """What is put aside, by area and aggregate, in order; the first thousand."""
        return await self._store.read(parking.listed)

    async def redrive(self, area: str, aggregate_id: str) -> Redriven:
        """Take in the parked events of an aggregate in order. One that fails stays parked, and its fault is let through."""
        kept = 0
        while (driven := await self._hearing.drive(area, aggregate_id)) is not None:
            envelope, heard = driven
            if heard.verdict.taken is Taken.GAP:
                return Redriven(kept, missing=True)
            self._follow_up(envelope, heard)
            kept += heard.verdict.taken is Taken.KEPT
        return Redriven(kept, missing=False)

    async def start(self) -> tuple[str, ...]:
        """Run the feature's starts, then know its keys and ended sessions. What the starts say is for the screen alone."""
        said = []
        await requests.change_keys(self._lent.sealing, micros(self._lent.clock.now()))
        for start in self._feature.starts:
            line, envelopes, events = await self._store.write(partial(self._started, start))
            self._effects.told(envelopes, events)
            if line is not None:
                said.append(line)
        self._shared = await self._store.write(_is_shared)
        await self.refresh()
        return tuple(said)

    async def do_jobs(self) -> None:
        """Do what is due by the clock, each job until it says that there is no more. May be repeated."""
        for job in self._feature.jobs:
            more = True
            while more:
                more, envelopes, events = await self._store.write(partial(self._job_done, job))
                self._effects.told(envelopes, events)

    async def refresh(self) -> None:
        """Learn of keys and ended sessions that another process has heard. To be called each second on PostgreSQL."""
        await self._effects.trust.load(self._store)

    async def caught_up(self, position: str, seconds: float) -> None:
        """Return when everything that a position names has been heard here, as far as this feature hears it.

        Raises NotThereYet after ``seconds``, Invalid if it is no position.
        """
        until = asyncio.get_running_loop().time() + seconds
        for entry in positions.read(position):
            if entry.name in self._hearing.heard.get(entry.area, ()):
                await self._until_heard(entry, until)

    async def clear_away(self) -> int:
        """Forget answers and ended sessions that nobody can ask for any more, 500 a unit; says how many.

        The keys of answers change with the day, and those of alerts that are no more go.
        """
        now = self._lent.clock.now()
        await requests.change_keys(self._lent.sealing, micros(now))
        self._unneeded = await self._store.read(partial(alerts.unneeded, self._lent.sealing, self._unneeded))
        before = now - _SESSIONS_REMEMBERED
        gone = await self._delete(requests.FORGET_ANSWERS, now=micros(now))
        gone += await self._delete(FORGET_SESSIONS, before=micros(before))
        self._effects.trust.forget(before)
        return gone

    def _read(self, method: Method, request: object, caller: Caller, seconds: float) -> Awaitable[object]:
        reading = self.calls.read(method, request, caller, seconds)
        waits = self._shared or not ASK_FIRST.isdisjoint(method.rpc.access.roles)
        return _in_time(reading, seconds) if waits else reading  # nothing else is waited for beside an embedded file

    def _written(self, over: "asyncio.Future[None]", writing: "asyncio.Future[Done]") -> None:
        self._running.discard(writing)
        try:
            if not writing.cancelled() and writing.exception() is None:
                done = writing.result()
                self._effects.told(done.envelopes, done.events, done.shown)
        finally:
            _end(over)

    def _follow_up(self, envelope: Envelope, heard: Heard) -> None:
        verdict = heard.verdict
        if verdict.moves_whole or verdict.moves_state or verdict.taken is Taken.REPEATED:
            entry = Entry(envelope.area, envelope.name, envelope.aggregate_id, envelope.sequence)
            self._arrivals.note(entry, whole=verdict.moves_whole)
        if heard.event is not None:
            self._effects.heard((heard.event,))
        self._effects.told(heard.envelopes, heard.events)

    async def run(self, key: str, do: Callable[[Work], Awaitable[T]]) -> T:
        """Do something of the host's own in one unit: under the lock ``key``, and what it tells leaves with it."""

        async def unit(database: UnitDatabase) -> tuple[T, list[Envelope], list[Event]]:
            if database.must_lock:
                await database.lock(key)
            work = self._lent.own_work(self._lent.clock.now(), database)
            answer = await do(work)
            return answer, await self._outbox.tell(work), work.events

        answer, envelopes, events = await self._store.write(unit)
        self._effects.told(envelopes, events)
        return answer

    async def look(self, do: Callable[[Work], Awaitable[T]]) -> T:
        """Read something for the host's own use, on a snapshot."""
        now = self._lent.clock.now()
        return await self._store.read(lambda database: do(self._lent.own_work(now, database)))

    async def _started(self, start: Start, database: UnitDatabase) -> tuple[str | None, list[Envelope], list[Event]]:
        if database.must_lock:
            await database.lock("start")
        work = self._lent.own_work(self._lent.clock.now(), database)
        line = await start.handler(work)
        return line, await self._outbox.tell(work), work.events

    async def _job_done(self, job: Job, database: UnitDatabase) -> tuple[bool, list[Envelope], list[Event]]:
        if database.must_lock:
            await database.lock(f"job/{job.handler.__name__}")
        work = self._lent.own_work(self._lent.clock.now(), database)
        more = await job.handler(work)
        return more, await self._outbox.tell(work), work.events

    async def _until_heard(self, entry: Entry, until: float) -> None:
        clock = asyncio.get_running_loop().time
        while not self._arrivals.heard(entry):
            if await self._store.read(lambda database: inbox.heard(entry, database)):
                self._arrivals.note(entry, whole=False)
                return
            left = until - clock()
            if left <= 0:
                raise NotThereYet
            if not self._arrivals.heard(entry):
                await self._arrivals.next(entry, min(left, _POLL_SECONDS) if self._shared else left)

    async def _delete(self, statement: Executable, **parameters: int) -> int:
        gone = 0
        while True:
            count = await self._store.write(lambda database: database.execute(statement, **parameters))
            gone += count
            if count < requests.MOST_FORGOTTEN:
                return gone


async def _in_time(reading: Awaitable[T], seconds: float) -> T:
    try:
        async with asyncio.timeout(seconds) as deadline:
            return await reading
    except TimeoutError:
        if deadline.expired():
            raise DeadlinePassed from None
        raise


def _end(over: "asyncio.Future[None]") -> None:
    if not over.done():
        over.set_result(None)


async def _is_shared(database: UnitDatabase) -> bool:
    return database.must_lock
