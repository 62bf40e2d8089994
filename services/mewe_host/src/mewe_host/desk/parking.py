"""Events that could not be taken in: put aside with those behind them, listed, driven again, never dropped."""

from attrs import frozen
from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.records import PARKED
from mewe_core.kit.values import micros
from sqlalchemy import bindparam, delete, select
from whenever import Instant

from mewe_host.parts import Envelope, UnitDatabase

BEHIND = "BEHIND_ANOTHER"
"""The reason of an event that is parked only because one before it is."""

EARLIER_GONE = "BEHIND_ANOTHER_EARLIER_GONE"
"""The same, where those between the two are not to be had any more."""

MOST_LISTED = 1000

_COLUMNS = (
    PARKED.c.area,
    PARKED.c.name,
    PARKED.c.event_id,
    PARKED.c.aggregate_id,
    PARKED.c.sequence,
    PARKED.c.occurred_at,
    PARKED.c.payload,
    PARKED.c.reason,
    PARKED.c.parked_at,
)

PARK: Either = either(lambda insert: insert(PARKED).on_conflict_do_nothing())

LISTED: Executable = select(*_COLUMNS).order_by(PARKED.c.area, PARKED.c.aggregate_id, PARKED.c.sequence).limit(MOST_LISTED)

FIRST: Executable = (
    select(*_COLUMNS)
    .where(PARKED.c.area == bindparam("area"), PARKED.c.aggregate_id == bindparam("aggregate_id"))
    .order_by(PARKED.c.sequence)
    .limit(1)
)

RELEASE: Executable = delete(PARKED).where(
    PARKED.c.area == bindparam("area"),
    PARKED.c.aggregate_id == bindparam("aggregate_id"),
    PARKED.c.sequence == bindparam("sequence"),
)


@frozen
class _Row:
    area: str
    name: str
    event_id: str
    aggregate_id: str
    sequence: int
    occurred_at: Instant
    payload: bytes
    reason: str
    parked_at: Instant


@frozen
class Parked:
    """An event put aside, why (the kind of the fault, never its text), and since when."""

    envelope: Envelope
    reason: str
    parked_at: Instant


async def park(envelope: Envelope, reason: str, database: UnitDatabase, now: Instant) -> None:
    """Put an event aside; one that is there already stays as it is."""
    await database.execute(
        PARK,
        area=envelope.area,
        aggregate_id=envelope.aggregate_id,
        sequence=envelope.sequence,
        name=envelope.name,
        event_id=envelope.event_id,
        occurred_at=micros(envelope.occurred_at),
        payload=envelope.payload,
        reason=reason,
        parked_at=micros(now),
    )


async def listed(database: Database) -> list[Parked]:
    """What is parked, by area and aggregate, in order; the first thousand."""
    return [_parked(row) for row in await database.all(LISTED, _Row)]


async def first(area: str, aggregate_id: str, database: Database) -> Parked | None:
    """The first parked event of an aggregate."""
    row = await database.first(FIRST, _Row, area=area, aggregate_id=aggregate_id)
    return None if row is None else _parked(row)


async def release(envelope: Envelope, database: UnitDatabase) -> None:
    """It has taken effect: parked no longer."""
    await database.execute(RELEASE, area=envelope.area, aggregate_id=envelope.aggregate_id, sequence=envelope.sequence)


def _parked(row: _Row) -> Parked:
    envelope = Envelope(row.area, row.name, row.event_id, row.aggregate_id, row.sequence, row.occurred_at, row.payload)
    return Parked(envelope, row.reason, row.parked_at)
