"""What a feature has heard of others: each event's effects once, in the order of its aggregate.

Two rows an aggregate at most: the highest sequence up to which nothing is missing, and for each kind of state event the newest
one, which may run ahead (a state event stands for all before it).
"""

from enum import Enum, auto

from attrs import frozen
from mewe_core.kit.database import Database, Either, Executable, either, one_of
from mewe_core.kit.records import INBOX, PARKED
from sqlalchemy import bindparam, func, select

from mewe_host.desk.positions import Entry
from mewe_host.parts import Envelope, Taken, UnitDatabase

_HIGHEST = select(INBOX.c.sequence).where(INBOX.c.area == bindparam("area"))

SEEN: Executable = select(
    _HIGHEST.where(INBOX.c.aggregate_id == bindparam("aggregate_id")).scalar_subquery().label("whole"),
    _HIGHEST.where(INBOX.c.aggregate_id == bindparam("state_id")).scalar_subquery().label("state"),
    select(func.max(PARKED.c.sequence))
    .where(PARKED.c.area == bindparam("area"), PARKED.c.aggregate_id == bindparam("aggregate_id"))
    .scalar_subquery()
    .label("parked"),
)

KEEP_SEEN: Either = either(
    lambda insert: (row := insert(INBOX)).on_conflict_do_update(
        index_elements=[INBOX.c.area, INBOX.c.aggregate_id], set_={"sequence": row.excluded["sequence"]}
    )
)

HEARD_UP_TO: Executable = select(func.max(INBOX.c.sequence)).where(
    INBOX.c.area == bindparam("area"), one_of(INBOX.c.aggregate_id, "places")
)


class Sort(Enum):
    """What the catalogue says of an event."""

    STATE = auto()
    STEP = auto()
    UNKNOWN = auto()


@frozen
class Seen:
    """How far an aggregate was heard: without a gap, in this kind of state event, and what is parked of it."""

    whole: int | None
    state: int | None
    parked: int | None


@frozen
class Verdict:
    """What to do with an event: whether it takes effect, and which rows of the inbox move on."""

    taken: Taken
    moves_whole: bool = False
    moves_state: bool = False


def state_place(aggregate_id: str, name: str) -> str:
    """Where the inbox keeps the newest state event of a kind; no id looks like it."""
    return f"{aggregate_id}#{name}"


def judge(sequence: int, sort: Sort, seen: Seen, *, earlier_gone: bool = False) -> Verdict:
    """Whether an event is new, missing something before it, or to stand behind a parked one. Pure.

    ``earlier_gone``: what comes before it in its aggregate is not to be had any more.
    """
    whole = seen.whole or 0
    if sequence <= whole:
        return Verdict(Taken.REPEATED)
    if seen.parked is not None:
        missing = sort is Sort.STEP and not earlier_gone and sequence > max(whole, seen.parked) + 1
        return Verdict(Taken.GAP if missing else Taken.PARKED)
    follows = earlier_gone or sequence == whole + 1
    if sort is Sort.STATE:
        newer = sequence > (seen.state or 0)
        return Verdict(Taken.KEPT if newer else Taken.REPEATED, moves_whole=follows, moves_state=newer)
    if sort is Sort.STEP and not follows:
        return Verdict(Taken.GAP)
    return Verdict(Taken.KEPT, moves_whole=follows)


async def seen(envelope: Envelope, database: UnitDatabase) -> Seen:
    """How far the envelope's aggregate was heard."""
    state_id = state_place(envelope.aggregate_id, envelope.name)
    found = await database.first(SEEN, Seen, area=envelope.area, aggregate_id=envelope.aggregate_id, state_id=state_id)
    return found or Seen(None, None, None)


async def move(envelope: Envelope, verdict: Verdict, database: UnitDatabase) -> None:
    """Keep that the event was heard."""
    if verdict.moves_whole:
        await database.execute(KEEP_SEEN, area=envelope.area, aggregate_id=envelope.aggregate_id, sequence=envelope.sequence)
    if verdict.moves_state:
        place = state_place(envelope.aggregate_id, envelope.name)
        await database.execute(KEEP_SEEN, area=envelope.area, aggregate_id=place, sequence=envelope.sequence)


async def heard(entry: Entry, database: Database) -> bool:
    """Whether an entry of a position was heard, or one that stands for it: a later one, the newest of its state."""
    places = [entry.aggregate_id, state_place(entry.aggregate_id, entry.name)]
    highest = await database.first(HEARD_UP_TO, int, area=entry.area, places=places)
    return highest is not None and highest >= entry.sequence
