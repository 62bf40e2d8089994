"""Answers that somebody has to look at, and who has read them: tables and statements."""

from typing import Protocol

from attrs import field, frozen
from mewe_core.kit.access import Scope, ScopeKind
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.values import columns
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    null,
    select,
    update,
)
from whenever import Instant

from mewe_eval.store import METADATA

ALERT = Table(
    "eval_alert",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("form_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("typed_in", Boolean, nullable=False),
    Column("sealed_copy", LargeBinary, nullable=False),
    Column("close_time", BigInteger),
    Index("eval_alert_closed", "close_time"),
    Index("eval_alert_of_person", "person_id"),
)
"""What was asked and answered, sealed under a key of the alert's own: no erasure of a person reaches it before its concern is
closed; it goes some time after that."""

READING = Table(
    "eval_alert_reading",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("alert_id", Text, nullable=False),
    Column("reader_id", Text, nullable=False),
    Column("read_time", BigInteger, nullable=False),
    Index("eval_alert_reading_by_reader", "reader_id"),
    Index("eval_alert_reading_by_time", "read_time"),
)
"""Who has read one, and when."""


@frozen
class KeptAlert:
    """An alert as kept; its id is that of the concern."""

    id: str
    form_id: str
    person_id: str
    create_time: Instant
    typed_in: bool
    sealed_copy: bytes = field(repr=False)
    close_time: Instant | None = None


@frozen
class Reading:
    """That somebody read one."""

    id: str
    alert_id: str
    reader_id: str
    read_time: Instant


class AboutReport(Protocol):
    """A request about one report."""

    @property
    def report_id(self) -> str:
        """Which report."""


ADD_ALERT: Executable = insert(ALERT)
ADD_READING: Executable = insert(READING)
ALERT_BY_ID: Executable = select(ALERT).where(ALERT.c.id == bindparam("which"))
CLOSE: Executable = (
    update(ALERT).where(ALERT.c.id == bindparam("which"), ALERT.c.close_time.is_(None)).values(close_time=bindparam("now"))
)
OPEN_AGAIN: Executable = update(ALERT).where(ALERT.c.id == bindparam("which")).values(close_time=null())
CLOSED_BEFORE: Executable = (
    select(ALERT.c.id).where(ALERT.c.close_time <= bindparam("moment")).order_by(ALERT.c.close_time).limit(bindparam("limit"))
)
FORGET: Executable = delete(ALERT).where(ALERT.c.id == bindparam("which"))
FORGET_READINGS: Executable = delete(READING).where(
    READING.c.id.in_(select(READING.c.id).where(READING.c.read_time <= bindparam("moment")).limit(bindparam("limit")))
)


async def alert(database: Database, report_id: str) -> KeptAlert | None:
    """One alert."""
    return await database.first(ALERT_BY_ID, KeptAlert, which=report_id)


async def concern_of_alert(database: Database, request: AboutReport) -> Scope | None:
    """The concern that an alert became: it bears the alert's id, and no role around it reaches in."""
    found = await alert(database, request.report_id)
    return None if found is None else Scope(ScopeKind.CONCERN, found.id)


async def keep(database: Database, one: KeptAlert) -> None:
    """Keep an alert."""
    await database.execute(ADD_ALERT, **columns(one))


async def note_reading(database: Database, one: Reading) -> None:
    """Keep that somebody has read one."""
    await database.execute(ADD_READING, **columns(one))
