"""What the transport still holds of a person who is erased: noted here in the unit that erases, swept out by the host.

A state event of the person's own (a standing, a consent, an ended session) is swept whole; of the history of something that
many share, only what names the person.
"""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, LargeBinary, Text, and_, bindparam, delete, false, func, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from mewe_core.kit.database import Database, Either, Executable, one_of
from mewe_core.kit.records import OUTBOX, PARKED, SWEEP

TOMBSTONES = ("erasure_decided",)
"""Events that say that somebody was erased: they stay, so that whoever comes later holds nothing of them."""

_NEEDLE = bindparam("needle", type_=LargeBinary())


def _in_sqlite(column: Any) -> ColumnElement[bool]:
    return func.instr(column, _NEEDLE) > 0


def _in_postgresql(column: Any) -> ColumnElement[bool]:
    return func.pg_catalog.position(column, _NEEDLE) > 0


def _either(build: Callable[[Callable[[Any], ColumnElement[bool]], Any], Executable]) -> Either:
    return Either(build(_in_sqlite, sqlite.insert), build(_in_postgresql, postgresql.insert))


def _noted(insert: Any, where: ColumnElement[bool], *, whole: bool) -> Executable:
    chosen = (
        select(OUTBOX.c.name, OUTBOX.c.aggregate_id, bindparam("person", type_=Text()), literal(whole))
        .where(*(OUTBOX.c.name != name for name in TOMBSTONES), where)
        .distinct()
    )
    names = [SWEEP.c.name, SWEEP.c.aggregate_id, SWEEP.c.person_id, SWEEP.c.whole]
    made: Executable = insert(SWEEP).from_select(names, chosen).on_conflict_do_nothing()
    return made


_RANGE = and_(OUTBOX.c.position > bindparam("after"), OUTBOX.c.position <= bindparam("upto"))
NOTE_NAMING = _either(lambda inside, insert: _noted(insert, and_(_RANGE, inside(OUTBOX.c.payload)), whole=False))
NOTE_OF = Either(
    _noted(sqlite.insert, one_of(OUTBOX.c.aggregate_id, "ids"), whole=True),
    _noted(postgresql.insert, one_of(OUTBOX.c.aggregate_id, "ids"), whole=True),
)
FORGET_PARKED = _either(lambda inside, _: delete(PARKED).where(inside(PARKED.c.payload)))
LAST: Executable = select(func.max(OUTBOX.c.position))
WINDOW = 5_000
"""How many told events one statement looks through."""

NOTED: Executable = select(SWEEP.c.name, SWEEP.c.aggregate_id, SWEEP.c.person_id, SWEEP.c.whole).limit(100)
WAITS: Executable = select(func.count()).where(
    OUTBOX.c.aggregate_id == bindparam("aggregate_id"), OUTBOX.c.name == bindparam("name"), OUTBOX.c.published.is_(false())
)
_OF = (OUTBOX.c.aggregate_id == bindparam("aggregate_id"), OUTBOX.c.name == bindparam("name"))
FORGET_TOLD = _either(
    lambda inside, _: delete(OUTBOX).where(*_OF, or_(bindparam("whole") == literal(1), inside(OUTBOX.c.payload)))
)
SWEPT: Executable = delete(SWEEP).where(SWEEP.c.name == bindparam("name"), SWEEP.c.aggregate_id == bindparam("aggregate_id"))


@frozen
class Sweep:
    """Messages to take out of the streams: of one event and aggregate, all of them or those that name the person."""

    name: str
    aggregate_id: str
    person_id: str
    whole: bool

    def names(self, payload: bytes) -> bool:
        """Whether a message is one of them."""
        return self.whole or self.person_id.encode() in payload


async def of_aggregates(person_id: str, ids: Sequence[str], database: Database) -> None:
    """Note everything that was told of rows that go now."""
    if ids:
        await database.execute(NOTE_OF, person=person_id, ids=ids)


async def gather(person_id: str, database: Database) -> None:
    """Note everything else that names the person, and forget what was put aside of them."""
    needle = person_id.encode()
    last = await database.first(LAST, int) or 0
    for after in range(0, last, WINDOW):
        await database.execute(NOTE_NAMING, person=person_id, needle=needle, after=after, upto=after + WINDOW)
    await database.execute(FORGET_PARKED, needle=needle)


async def noted(database: Database) -> list[Sweep]:
    """What is to be swept; the first hundred."""
    return await database.all(NOTED, Sweep)


async def waits(sweep: Sweep, database: Database) -> bool:
    """Whether something of it has yet to be told: it is told first."""
    return bool(await database.first(WAITS, int, name=sweep.name, aggregate_id=sweep.aggregate_id))


async def forget(sweep: Sweep, database: Database) -> None:
    """Forget in the outbox what is gone from the streams, and the note of it."""
    place = {"name": sweep.name, "aggregate_id": sweep.aggregate_id}
    await database.execute(FORGET_TOLD, whole=int(sweep.whole), needle=sweep.person_id.encode(), **place)
    await database.execute(SWEPT, **place)
