"""What the kit tells and keeps of erasures: decided by people, answered by every feature, remembered by each."""

from collections.abc import Callable
from typing import Never

from attrs import frozen
from sqlalchemy import Table, bindparam, func, null, select, update
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.events import Event, Hears, Hexadecimal, Published
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.rules import Done, Outcome
from mewe_core.kit.records import ERASURE, ERASURE_LINE


@frozen
class ErasureDecided(Event):
    """State: a person is erased, everywhere, from now on. What is left of them in transport: the tombstone."""

    id: str
    person_id: str
    decided_at: Instant


@frozen
class RowsErased(Event):
    """A feature says what became of rows of one table; the ``PersonErased`` with the same id comes after it."""

    id: str
    erasure_id: str
    area_id: str
    table_id: str
    done: Done
    rows: int
    rule_id: str | None
    until: Instant | None


@frozen
class PersonErased(Event):
    """A feature has erased a person: so many keys destroyed, so many ``RowsErased`` before this, signed for all of them.

    ``key_id``: the signing key of the country that it was signed with, ES256."""

    id: str
    erasure_id: str
    area_id: str
    keys: int
    lines: int
    erased_at: Instant
    signature: Hexadecimal
    key_id: str


ANSWERS: tuple[Published, ...] = (
    Published(RowsErased, aggregate="id", meaning="What became of the rows of an erased person in one table."),
    Published(PersonErased, aggregate="id", meaning="A feature has erased a person, and signs for it."),
)
"""What every feature tells, without declaring it itself."""


def heard_at_home(hears: tuple[Hears[Never], ...]) -> tuple[Hears[Never], ...]:
    """Of what a feature hears, the answers: it hears its own too, in the unit that tells them."""
    return tuple(one for one in hears if one.kind in (RowsErased, PersonErased))


@frozen
class Pending:
    """An erasure that a feature has been told of. ``state``: decided, held (something stays for the time being) or done.

    ``answered``: the total of its last answer, to know whether there is anything new to say.
    """

    id: str
    person_id: str
    decided_at: Instant
    state: str
    keys: int
    next_time: Instant | None
    answered: int | None


DECIDED, HELD, DONE = "decided", "held", "done"

_COLUMNS = (
    ERASURE.c.id,
    ERASURE.c.person_id,
    ERASURE.c.decided_at,
    ERASURE.c.state,
    ERASURE.c.key_count,
    ERASURE.c.next_time,
    ERASURE.c.answered,
)


def _keep(insert_into: Callable[[Table], Insert]) -> Executable:
    return insert_into(ERASURE).on_conflict_do_nothing()


KEEP: Either = either(_keep)
PENDING: Executable = (
    select(*_COLUMNS)
    .where((ERASURE.c.state == DECIDED) | ((ERASURE.c.state == HELD) & (ERASURE.c.next_time <= bindparam("now"))))
    .order_by(ERASURE.c.decided_at, ERASURE.c.id)
    .limit(100)
)
EVERY: Executable = select(*_COLUMNS).order_by(ERASURE.c.decided_at, ERASURE.c.id)
OF_PERSON: Executable = select(func.count()).where(ERASURE.c.person_id == bindparam("person"))
MARK: Executable = (
    update(ERASURE)
    .where(ERASURE.c.id == bindparam("which"))
    .values(state=bindparam("to_state"), next_time=bindparam("next_at"), answered=bindparam("total"))
)
ADD_KEYS: Executable = (
    update(ERASURE).where(ERASURE.c.id == bindparam("which")).values(key_count=ERASURE.c.key_count + bindparam("more"))
)


def _add_rows(insert_into: Callable[[Table], Insert]) -> Executable:
    row = insert_into(ERASURE_LINE)
    return row.on_conflict_do_update(
        index_elements=[ERASURE_LINE.c.erasure_id, ERASURE_LINE.c.table_name, ERASURE_LINE.c.done],
        set_={"row_count": ERASURE_LINE.c.row_count + row.excluded.row_count},
    )


ADD_ROWS: Either = either(_add_rows)
KEYS_OF: Executable = select(ERASURE.c.key_count).where(ERASURE.c.id == bindparam("which"))
COUNTED: Executable = select(ERASURE_LINE.c.table_name, ERASURE_LINE.c.done, ERASURE_LINE.c.row_count, null(), null()).where(
    ERASURE_LINE.c.erasure_id == bindparam("which")
)


async def hear_erasure_decided(event: ErasureDecided, work: Work) -> None:
    """Remember that the person is to be erased here; the host does it, in bounded units."""
    await begin(work.database, event.id, event.person_id, event.decided_at)


async def begin(database: Database, erasure_id: str, person_id: str, decided_at: Instant) -> None:
    """The same, for whoever knows it otherwise: a ledger, an operator."""
    await database.execute(
        KEEP,
        id=erasure_id,
        person_id=person_id,
        decided_at=decided_at,
        state=DECIDED,
        key_count=0,
        next_time=None,
        answered=None,
    )


async def is_erased(database: Database, person_id: str) -> bool:
    """Whether this feature was told that the person is erased: nothing about them is taken in any more."""
    return bool(await database.first(OF_PERSON, int, person=person_id))


async def counted(database: Database, erasure_id: str) -> list[Outcome]:
    """What has been deleted and emptied so far."""
    return await database.all(COUNTED, Outcome, which=erasure_id)
