"""Events of other features: each taken in by one unit, its place in the inbox and its effects together."""

from collections.abc import Sequence
from typing import Any

from attrs import evolve, frozen
from mewe_core.kit.events import Catalogue, Event, Hears, snake
from mewe_core.kit.feature import Feature
from mewe_core.kit.standing import KIT_HEARS
from mewe_core.kit.witness import WITNESSES, AuditCheckpoint

from mewe_host.desk import inbox, parking
from mewe_host.desk.inbox import Sort, Verdict
from mewe_host.desk.lent import Lent
from mewe_host.desk.outbox import EventCodecs, Outbox
from mewe_host.parts import Codec, Envelope, Store, Taken, UnitDatabase


@frozen
class Heard:
    """What came of an event: whether the inbox moved, the event if it took effect, and what its handlers told."""

    verdict: Verdict
    event: Event | None = None
    envelopes: Sequence[Envelope] = ()
    events: Sequence[Event] = ()


@frozen
class _Listened:
    sort: Sort
    codec: Codec[Event] | None = None
    hears: tuple[Hears[Any], ...] = ()


CHECKPOINT = snake(AuditCheckpoint.__name__)
"""What a checkpoint of the audit is called in a subject."""

_UNKNOWN = _Listened(Sort.UNKNOWN)


def heard(feature: Feature, catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """The events of other areas that a feature hears, those of the kit included, by area."""
    found: dict[str, frozenset[str]] = {}
    kinds = {one.kind for one in (*KIT_HEARS, *feature.hears)}
    for told in catalogue.entries:
        if told.published.kind in kinds and told.area != feature.name:
            found[told.area] = found.get(told.area, frozenset()) | {told.name}
    return found


def delivered(feature: Feature, catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """The events of other areas that come to a feature: what it hears, what tells of the same aggregates, and checkpoints.

    An aggregate's events are counted through, so that a missing one is noticed: all of them come, or none.
    """
    found = {}
    for area, names in heard(feature, catalogue).items():
        aggregates = {told.published.aggregate for told in catalogue.of(area) if told.name in {*names, CHECKPOINT}}
        found[area] = frozenset(told.name for told in catalogue.of(area) if told.published.aggregate in aggregates)
    return found


class Hearing:
    """What one feature hears: the kit's standing events, and what it declares."""

    def __init__(
        self, feature: Feature, store: Store, lent: Lent, outbox: Outbox, catalogue: Catalogue, codecs: EventCodecs
    ) -> None:
        self._store = store
        self._lent = lent
        self._outbox = outbox
        self.heard = heard(feature, catalogue)
        hears: tuple[Hears[Any], ...] = (*KIT_HEARS, *feature.hears, WITNESSES)
        kinds = {one.kind for one in hears}
        self._listened: dict[tuple[str, str], _Listened] = {}
        for told in catalogue.entries:
            sort = Sort.STATE if told.published.state else Sort.STEP
            kind = told.published.kind
            codec = codecs[told.area, told.name] if kind in kinds else None
            handlers = tuple(one for one in hears if one.kind is kind)
            self._listened[told.area, told.name] = _Listened(sort, codec, handlers)

    def hears(self, envelope: Envelope) -> bool:
        """Whether an event is of an area that is heard here; a checkpoint of the audit may be of any."""
        return envelope.area in self.heard or envelope.name == CHECKPOINT

    async def hear(self, envelope: Envelope, *, earlier_gone: bool) -> Heard:
        """Take in an event, unless it was heard before, misses one, or has to stand behind a parked one."""

        async def unit(database: UnitDatabase) -> Heard:
            if database.must_lock:
                await database.lock(_place(envelope.area, envelope.aggregate_id))
            seen = await inbox.seen(envelope, database)
            verdict = inbox.judge(envelope.sequence, self._of(envelope).sort, seen, earlier_gone=earlier_gone)
            if verdict.taken is Taken.PARKED:
                reason = parking.EARLIER_GONE if earlier_gone else parking.BEHIND
                await parking.park(envelope, reason, database, self._lent.clock.now())
                return Heard(verdict)
            return await self._taken_in(envelope, verdict, database)

        return await self._store.write(unit)

    async def drive(self, area: str, aggregate_id: str) -> tuple[Envelope, Heard] | None:
        """Take in the first parked event of an aggregate; None: there is none. It stays parked if its handler fails.

        What was parked by itself had nothing missing before it; what was parked behind it may have.
        """

        async def unit(database: UnitDatabase) -> tuple[Envelope, Heard] | None:
            if database.must_lock:
                await database.lock(_place(area, aggregate_id))
            parked = await parking.first(area, aggregate_id, database)
            if parked is None:
                return None
            envelope = parked.envelope
            seen = evolve(await inbox.seen(envelope, database), parked=None)
            earlier_gone = parked.reason != parking.BEHIND
            verdict = inbox.judge(envelope.sequence, self._of(envelope).sort, seen, earlier_gone=earlier_gone)
            heard = await self._taken_in(envelope, verdict, database)
            if verdict.taken is not Taken.GAP:
                await parking.release(envelope, database)
            return envelope, heard

        return await self._store.write(unit)

    def _of(self, envelope: Envelope) -> _Listened:
        return self._listened.get((envelope.area, envelope.name), _UNKNOWN)

    async def _taken_in(self, envelope: Envelope, verdict: Verdict, database: UnitDatabase) -> Heard:
        listened = self._of(envelope)
        await inbox.move(envelope, verdict, database)
        if verdict.taken is not Taken.KEPT or listened.codec is None:
            return Heard(verdict)
        event = listened.codec.load(listened.codec.parse(envelope.payload))
        if database.must_lock:
            for scope in sorted({one.lock(event) if one.lock else envelope.aggregate_id for one in listened.hears}):
                await database.lock(scope)
        work = self._lent.own_work(self._lent.clock.now(), database)
        for one in listened.hears:
            await one.handler(event, work)
        return Heard(verdict, event, await self._outbox.tell(work), work.events)


def _place(area: str, aggregate_id: str) -> str:
    return f"{area}/{aggregate_id}"
