"""The outbox as the bus reads it: what is still to be told, what is told again, what may go."""

from collections.abc import Sequence

from attrs import field, frozen
from mewe_core.kit.database import Database, Executable, one_of
from mewe_core.kit.records import INBOX, OUTBOX
from sqlalchemy import bindparam, delete, exists, false, func, not_, or_, select, true, update
from whenever import Instant

from mewe_host.parts import Envelope

UNIT = 500
"""The most rows that one unit changes."""

_ROW = (
    OUTBOX.c.position,
    OUTBOX.c.event_id,
    OUTBOX.c.name,
    OUTBOX.c.aggregate_id,
    OUTBOX.c.sequence,
    OUTBOX.c.occurred_at,
    OUTBOX.c.payload,
)
_NEWER = OUTBOX.alias("newer")


@frozen
class Row:
    """An event in the outbox, in the order of the columns."""

    position: int
    event_id: str
    name: str
    aggregate_id: str
    sequence: int
    occurred_at: Instant
    payload: bytes = field(repr=False)

    def envelope(self, area: str) -> Envelope:
        """On its way."""
        return Envelope(area, self.name, self.event_id, self.aggregate_id, self.sequence, self.occurred_at, self.payload)


_superseded = exists(
    select(1)
    .where(
        _NEWER.c.aggregate_id == OUTBOX.c.aggregate_id,
        _NEWER.c.name == OUTBOX.c.name,
        _NEWER.c.sequence > OUTBOX.c.sequence,
        _NEWER.c.published.is_(true()),
    )
    .correlate(OUTBOX)
)

UNPUBLISHED: Executable = (
    select(*_ROW)
    .where(OUTBOX.c.published.is_(false()), one_of(OUTBOX.c.name, "names"))
    .order_by(OUTBOX.c.position)
    .limit(bindparam("limit"))
)

WAITING: Executable = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.published.is_(false()))

MARK: Executable = update(OUTBOX).where(one_of(OUTBOX.c.position, "positions")).values(published=true())

KEPT: Executable = (
    select(*_ROW)
    .where(OUTBOX.c.position > bindparam("after"), OUTBOX.c.published.is_(true()), one_of(OUTBOX.c.name, "names"))
    .order_by(OUTBOX.c.position)
    .limit(bindparam("limit"))
)

NEWEST: Executable = (
    select(*_ROW)
    .where(
        OUTBOX.c.position > bindparam("after"),
        OUTBOX.c.published.is_(true()),
        one_of(OUTBOX.c.name, "names"),
        not_(_superseded),
    )
    .order_by(OUTBOX.c.position)
    .limit(bindparam("limit"))
)

OF_AGGREGATE: Executable = (
    select(*_ROW)
    .where(OUTBOX.c.aggregate_id == bindparam("aggregate_id"), OUTBOX.c.sequence > bindparam("after"))
    .order_by(OUTBOX.c.sequence)
    .limit(bindparam("limit"))
)

POSITIONS: Executable = (
    select(OUTBOX.c.position)
    .where(OUTBOX.c.position > bindparam("after"))
    .order_by(OUTBOX.c.position)
    .limit(bindparam("limit"))
)

FORGET: Executable = delete(OUTBOX).where(
    OUTBOX.c.position > bindparam("after"),
    OUTBOX.c.position <= bindparam("upto"),
    OUTBOX.c.published.is_(true()),
    OUTBOX.c.occurred_at < bindparam("before"),
    or_(not_(one_of(OUTBOX.c.name, "states")), _superseded),
)

TAKEN: Executable = select(INBOX.c.sequence).where(
    INBOX.c.area == bindparam("area"), INBOX.c.aggregate_id == bindparam("aggregate_id")
)


async def waiting(database: Database) -> int:
    """How many events are still to be told."""
    return await database.first(WAITING, int) or 0


async def taken(database: Database, area: str, aggregate_id: str) -> int:
    """The highest sequence of an aggregate of another feature whose effects are kept; 0: none."""
    return await database.first(TAKEN, int, area=area, aggregate_id=aggregate_id) or 0


async def forget(database: Database, after: int, states: Sequence[str], before: Instant) -> int | None:
    """Forget published events from before a moment among the next rows behind ``after``; of a state, never the newest.

    One bulk unit; says behind which position the next one goes on, None at the end.
    """
    positions = await database.all(POSITIONS, int, after=after, limit=UNIT)
    if not positions:
        return None
    await database.execute(FORGET, after=after, upto=positions[-1], states=list(states), before=before)
    return positions[-1] if len(positions) == UNIT else None
