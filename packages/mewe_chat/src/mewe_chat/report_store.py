"""Reports, what was frozen for them, and who has read it: tables and statements."""

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
    and_,
    bindparam,
    delete,
    insert,
    null,
    or_,
    select,
    update,
)
from whenever import Instant

from mewe_chat.model import ReportReason
from mewe_chat.store import MESSAGE, MESSAGE_COLUMNS, METADATA, KeptMessage

REPORT = Table(
    "chat_report",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("room_id", Text),
    Column("reporter_id", Text),
    Column("create_time", BigInteger, nullable=False),
    Column("sealed_words", LargeBinary),
    Column("sealed_copy", LargeBinary),
    Column("seen_time", BigInteger),
    Column("close_time", BigInteger),
    Column("reason", Text),
    Column("by_rule", Boolean, nullable=False),
    Index("chat_report_in_room", "room_id", "create_time", "id"),
    Index("chat_report_closed", "close_time"),
    Index("chat_report_by_reporter", "reporter_id", "create_time"),
)
"""What somebody reported: their words and the frozen messages, sealed under a key of the report's own. No erasure of a person
reaches it; it goes when its concern has been closed for long enough."""

READING = Table(
    "chat_report_reading",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("report_id", Text, nullable=False),
    Column("reader_id", Text, nullable=False),
    Column("read_time", BigInteger, nullable=False),
    Index("chat_report_reading_of_report", "report_id", "read_time"),
    Index("chat_report_reading_by_reader", "reader_id"),
    Index("chat_report_reading_by_time", "read_time"),
)
"""Who has read what was frozen, and when."""

AROUND = 5
"""How many messages before a reported one, and how many behind it, are frozen with it."""


GATHERED = "gathered"
"""Stands in place of a message's id where one report was made of many that nobody in particular has made."""


@frozen
class Report:
    """A report as kept."""

    id: str
    message_id: str
    room_id: str | None
    reporter_id: str | None
    create_time: Instant
    sealed_words: bytes | None = field(repr=False)
    sealed_copy: bytes | None = field(repr=False)
    seen_time: Instant | None
    close_time: Instant | None
    reason: ReportReason | None = None
    by_rule: bool = False


@frozen
class ShownReport:
    """A report as the leaders of its group see it, and whose message it is about."""

    id: str
    message_id: str
    reason: ReportReason | None
    create_time: Instant


@frozen
class Reading:
    """That somebody read what was frozen."""

    id: str
    report_id: str
    reader_id: str
    read_time: Instant


class AboutReport(Protocol):
    """A request about one report."""

    @property
    def report_id(self) -> str:
        """Which report."""


ADD_REPORT: Executable = insert(REPORT)
ADD_READING: Executable = insert(READING)
REPORT_BY_ID: Executable = select(REPORT).where(REPORT.c.id == bindparam("which"))
MESSAGES_AROUND: Executable = (
    select(*MESSAGE_COLUMNS)
    .where(
        MESSAGE.c.room_id == bindparam("room_id"),
        MESSAGE.c.sequence >= bindparam("first"),
        MESSAGE.c.sequence <= bindparam("last"),
    )
    .order_by(MESSAGE.c.sequence)
)
TO_LEADER: Executable = (
    select(REPORT.c.id, REPORT.c.message_id, REPORT.c.reason, REPORT.c.create_time)
    .join(MESSAGE, MESSAGE.c.id == REPORT.c.message_id)
    .where(
        REPORT.c.room_id == bindparam("room_id"),
        MESSAGE.c.room_id == bindparam("room_id"),
        MESSAGE.c.author_id != bindparam("leader_id"),
        REPORT.c.by_rule.is_(False),
        or_(
            REPORT.c.create_time > bindparam("since", type_=BigInteger()),
            and_(REPORT.c.create_time == bindparam("since", type_=BigInteger()), REPORT.c.id > bindparam("after")),
        ),
    )
    .order_by(REPORT.c.create_time, REPORT.c.id)
    .limit(bindparam("limit"))
)
"""Nobody sees who reported what they wrote themselves, not even that it was reported."""

CLOSE: Executable = (
    update(REPORT).where(REPORT.c.id == bindparam("which"), REPORT.c.close_time.is_(None)).values(close_time=bindparam("now"))
)
OPEN_AGAIN: Executable = update(REPORT).where(REPORT.c.id == bindparam("which")).values(close_time=null())
CLOSED_BEFORE: Executable = (
    select(REPORT.c.id)
    .where(REPORT.c.close_time <= bindparam("moment"))
    .order_by(REPORT.c.close_time)
    .limit(bindparam("limit"))
)
_OF_NOBODY = (REPORT.c.reporter_id.is_(None), REPORT.c.by_rule.is_(False), REPORT.c.create_time > bindparam("since"))
OF_NOBODY: Executable = select(REPORT.c.id).where(*_OF_NOBODY, REPORT.c.message_id != GATHERED).limit(bindparam("limit"))
_UNSEEN = (*_OF_NOBODY, REPORT.c.message_id == GATHERED, REPORT.c.seen_time.is_(None), REPORT.c.close_time.is_(None))
UNSEEN: Executable = select(REPORT.c.id).where(*_UNSEEN).limit(bindparam("limit"))
HOLD_GATHERED: Executable = (
    update(REPORT)
    .where(
        REPORT.c.id
        == select(REPORT.c.id)
        .where(*_UNSEEN)
        .order_by(REPORT.c.create_time.desc(), REPORT.c.id.desc())
        .limit(1)
        .scalar_subquery(),
        REPORT.c.seen_time.is_(None),
        REPORT.c.close_time.is_(None),
    )
    .values(message_id=GATHERED)
    .returning(*REPORT.c)
)
"""Have the newest report that gathers those of nobody to oneself, if nobody has seen it."""

SEE: Executable = (
    update(REPORT)
    .where(REPORT.c.id == bindparam("which"), REPORT.c.message_id == GATHERED, REPORT.c.seen_time.is_(None))
    .values(seen_time=bindparam("now"))
)
SAY_MORE: Executable = update(REPORT).where(REPORT.c.id == bindparam("which")).values(sealed_words=bindparam("words"))
FORGET: Executable = delete(REPORT).where(REPORT.c.id == bindparam("which"))
FORGET_READINGS: Executable = delete(READING).where(
    READING.c.id.in_(select(READING.c.id).where(READING.c.read_time <= bindparam("moment")).limit(bindparam("limit")))
)


async def concern_of_report(database: Database, request: AboutReport) -> Scope | None:
    """The concern that a report became: it bears the report's id, and no role around it reaches in."""
    found = await report(database, request.report_id)
    return None if found is None else Scope(ScopeKind.CONCERN, found.id)


async def report(database: Database, report_id: str) -> Report | None:
    """One report."""
    return await database.first(REPORT_BY_ID, Report, which=report_id)


async def messages_around(database: Database, one: KeptMessage) -> list[KeptMessage]:
    """A message with those before and behind it, in order."""
    first, last = one.sequence - AROUND, one.sequence + AROUND
    return await database.all(MESSAGES_AROUND, KeptMessage, room_id=one.room_id, first=first, last=last)


async def last_messages(database: Database, room_id: str, last: int) -> list[KeptMessage]:
    """The newest messages of a room up to a sequence, in order."""
    return await database.all(MESSAGES_AROUND, KeptMessage, room_id=room_id, first=last - AROUND + 1, last=last)


async def to_leader(
    database: Database, room_id: str, leader_id: str, *, since: int, after: str, limit: int
) -> list[ShownReport]:
    """The reports of a room's messages that are not a leader's own, behind a moment (microseconds) and an id, oldest first."""
    return await database.all(
        TO_LEADER, ShownReport, room_id=room_id, leader_id=leader_id, since=since, after=after, limit=limit
    )


async def keep(database: Database, one: Report) -> None:
    """Keep a report."""
    await database.execute(ADD_REPORT, **columns(one))


async def of_nobody(database: Database, since: Instant, limit: int) -> int:
    """How many reports nobody in particular has made since then, each by itself; ``limit`` is counted to."""
    return len(await database.all(OF_NOBODY, str, since=since, limit=limit))


async def hold_gathered(database: Database, since: Instant) -> Report | None:
    """The newest report that gathers those of nobody and that nobody has seen, to oneself; None: there is none."""
    return await database.first(HOLD_GATHERED, Report, since=since)


async def unseen(database: Database, since: Instant, limit: int) -> int:
    """How many reports that gather others nobody has seen; ``limit`` is counted to."""
    return len(await database.all(UNSEEN, str, since=since, limit=limit))


async def see(database: Database, report_id: str, now: Instant) -> None:
    """Keep that somebody has seen a report that gathers others: what is said from now on is not added to it."""
    await database.execute(SEE, which=report_id, now=now)


async def say_more(database: Database, report_id: str, words: bytes) -> None:
    """Keep other words of a report in place of those it had."""
    await database.execute(SAY_MORE, which=report_id, words=words)


async def note_reading(database: Database, one: Reading) -> None:
    """Keep that somebody has read a report."""
    await database.execute(ADD_READING, **columns(one))
