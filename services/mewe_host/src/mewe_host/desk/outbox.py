"""What a unit tells: numbered within its aggregate and written beside what it tells of. The relay publishes it, nobody else."""

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Never

from attrs import frozen
from mewe_core.kit.database import Either, Executable, either
from mewe_core.kit.events import Catalogue, Event, Hears
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.telling import heard_at_home
from mewe_core.kit.records import AGGREGATE, OUTBOX
from mewe_core.kit.standing import KIT_HEARS
from mewe_core.kit.values import micros
from sqlalchemy import bindparam, insert

from mewe_host.desk import alerts
from mewe_host.parts import Codec, Envelope, Seals

NEXT_SEQUENCE: Either = either(
    lambda insert: (
        insert(AGGREGATE)
        .values(aggregate_id=bindparam("aggregate_id"), sequence=1)
        .on_conflict_do_update(index_elements=[AGGREGATE.c.aggregate_id], set_={"sequence": AGGREGATE.c.sequence + 1})
        .returning(AGGREGATE.c.sequence)
    )
)

TELL: Executable = insert(OUTBOX).values(
    {name: bindparam(name) for name in ("event_id", "name", "aggregate_id", "sequence", "occurred_at", "payload")}
)

EventCodecs = Mapping[tuple[str, str], Codec[Event]]
"""The codec of every event of the mix, by the two words of its subject: ``("chat", "message_posted")``."""

_AGGREGATE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@frozen
class _Kind:
    name: str
    aggregate: Callable[[Event], str]
    codec: Codec[Event]
    applied: Hears[Any] | None


class Outbox:
    """Writes the events of one feature; its own standing events take effect in the same unit."""

    def __init__(
        self, area: str, catalogue: Catalogue, codecs: EventCodecs, sealing: Seals, hears: tuple[Hears[Never], ...] = ()
    ) -> None:
        self._area = area
        self._sealing = sealing
        applied: Mapping[type[Event], Hears[Any]] = {one.kind: one for one in (*KIT_HEARS, *heard_at_home(hears))}
        self._kinds = {
            told.published.kind: _Kind(
                told.name,
                attrgetter(told.published.aggregate),
                codecs[area, told.name],
                applied.get(told.published.kind),
            )
            for told in catalogue.of(area)
        }

    async def tell(self, work: Work) -> list[Envelope]:
        """Write what the unit has emitted. Raises RuntimeError for an event that the feature does not declare."""
        for alert in work.alerts:
            await alerts.keep(alert, work.database, self._sealing, work.now)
        for push_id in work.withdrawn:
            await alerts.withdraw(push_id, work.database)
        for push in work.pushes:
            await alerts.keep_push(push, work.database, self._sealing, work.now)
        if not work.events:
            return []
        told = []
        occurred_at = micros(work.now)
        for event in work.events:
            kind = self._kinds.get(type(event))
            if kind is None:
                raise RuntimeError(f"{self._area} emits {type(event).__name__}, which it does not declare")
            aggregate_id = kind.aggregate(event)
            if not _AGGREGATE_ID.fullmatch(aggregate_id):
                raise RuntimeError(f"the aggregate of {type(event).__name__} is no id")
            sequence = await work.database.first(NEXT_SEQUENCE, int, aggregate_id=aggregate_id)
            if sequence is None:
                raise RuntimeError("the database gave no sequence")
            payload = kind.codec.dump(event).SerializeToString()
            event_id = work.new_ordered_id()
            await work.database.execute(
                TELL,
                event_id=event_id,
                name=kind.name,
                aggregate_id=aggregate_id,
                sequence=sequence,
                occurred_at=occurred_at,
                payload=payload,
            )
            if kind.applied is not None:
                await kind.applied.handler(event, work)
            told.append(Envelope(self._area, kind.name, event_id, aggregate_id, sequence, work.now, payload))
        return told
