"""Complaints past the leaders, and who has read them: tables and statements."""

from collections.abc import Sequence
from typing import Protocol

from attrs import field, frozen
from mewe_core.kit.access import Role, Scope, ScopeKind
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.records import STANDING
from mewe_core.kit.values import columns
from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, bindparam, exists, insert, not_, select, update
from whenever import Instant

from mewe_chat.store import METADATA, ROOM

COMPLAINT = Table(
    "chat_complaint",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("group_id", Text, nullable=False),
    Column("organisation_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("act_id", Text),
    Column("sealed_text", LargeBinary, nullable=False),
    Column("complaint_time", BigInteger, nullable=False),
    Column("sealed_answer", LargeBinary),
    Column("answer_time", BigInteger),
    Column("answerer_id", Text),
    Index("chat_complaint_to", "organisation_id", "id"),
    Index("chat_complaint_of", "person_id", "id"),
    Index("chat_complaint_by_time", "complaint_time"),
    Index("chat_complaint_answered_by", "answerer_id"),
)
"""Complaints and their answers, each under the key of the complaint. Ids rise with time."""

READING = Table(
    "chat_complaint_reading",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("complaint_id", Text, nullable=False),
    Column("reader_id", Text, nullable=False),
    Column("read_time", BigInteger, nullable=False),
    Index("chat_complaint_reading_of", "complaint_id"),
    Index("chat_complaint_reading_by", "reader_id"),
    Index("chat_complaint_reading_by_time", "read_time"),
)
"""Who has read a complaint, and when."""


@frozen
class KeptComplaint:
    """A complaint as kept."""

    id: str
    group_id: str
    organisation_id: str
    person_id: str
    act_id: str | None
    sealed_text: bytes = field(repr=False)
    complaint_time: Instant
    sealed_answer: bytes | None = field(repr=False)
    answer_time: Instant | None
    answerer_id: str | None


@frozen
class Reading:
    """That somebody read a complaint."""

    id: str
    complaint_id: str
    reader_id: str
    read_time: Instant


class AboutOrganisation(Protocol):
    """A request about an organisation."""

    @property
    def organisation_id(self) -> str:
        """Which organisation."""


class AboutComplaint(Protocol):
    """A request about one complaint."""

    @property
    def complaint_id(self) -> str:
        """Which complaint."""


_LEADS = exists().where(
    STANDING.c.person_id == bindparam("reader_id"),
    STANDING.c.role == Role.LEADER.value,
    STANDING.c.scope_kind == ScopeKind.GROUP.value,
    STANDING.c.scope_id == COMPLAINT.c.group_id,
)
"""Whether the reader leads the group that it comes from, or once did."""

ADD: Executable = insert(COMPLAINT)
ADD_READING: Executable = insert(READING)
ONE: Executable = select(COMPLAINT).where(COMPLAINT.c.id == bindparam("which"))
TO: Executable = (
    select(COMPLAINT)
    .where(COMPLAINT.c.organisation_id == bindparam("organisation_id"), COMPLAINT.c.id > bindparam("after"), not_(_LEADS))
    .order_by(COMPLAINT.c.id)
    .limit(bindparam("limit"))
)
OF: Executable = (
    select(COMPLAINT)
    .where(COMPLAINT.c.person_id == bindparam("person_id"), COMPLAINT.c.id > bindparam("after"))
    .order_by(COMPLAINT.c.id)
    .limit(bindparam("limit"))
)
ANSWER: Executable = (
    update(COMPLAINT)
    .where(COMPLAINT.c.id == bindparam("which"), COMPLAINT.c.answer_time.is_(None))
    .values(
        sealed_answer=bindparam("words"),
        answer_time=bindparam("now", type_=BigInteger()),
        answerer_id=bindparam("answerer"),
    )
)
ORGANISATION_OF_GROUP: Executable = select(ROOM.c.organisation_id).where(ROOM.c.group_id == bindparam("group_id")).limit(1)


async def organisation(database: Database, request: AboutOrganisation) -> Scope | None:
    """The organisation that a request is about; of one that there is not nobody is a coordinator."""
    return Scope(ScopeKind.ORGANISATION, request.organisation_id)


async def organisation_of_complaint(database: Database, request: AboutComplaint) -> Scope | None:
    """The organisation whose coordinators a complaint went to."""
    found = await complaint(database, request.complaint_id)
    return None if found is None else Scope(ScopeKind.ORGANISATION, found.organisation_id)


async def organisation_of_group(database: Database, group_id: str) -> str | None:
    """The organisation of a group; None: there is no such group."""
    return await database.first(ORGANISATION_OF_GROUP, str, group_id=group_id)


async def keep(database: Database, one: KeptComplaint) -> None:
    """Keep a complaint."""
    await database.execute(ADD, **columns(one))


async def complaint(database: Database, complaint_id: str) -> KeptComplaint | None:
    """One complaint."""
    return await database.first(ONE, KeptComplaint, which=complaint_id)


async def to(database: Database, organisation_id: str, reader_id: str, *, after: str, limit: int) -> Sequence[KeptComplaint]:
    """What somebody may read of the complaints to an organisation, behind the id ``after``."""
    return await database.all(TO, KeptComplaint, organisation_id=organisation_id, reader_id=reader_id, after=after, limit=limit)


async def of(database: Database, person_id: str, *, after: str, limit: int) -> Sequence[KeptComplaint]:
    """The complaints of somebody, behind the id ``after``."""
    return await database.all(OF, KeptComplaint, person_id=person_id, after=after, limit=limit)


async def answer(database: Database, complaint_id: str, words: bytes, answerer_id: str, now: Instant) -> bool:
    """Keep an answer; says whether there was none before."""
    changed = await database.execute(ANSWER, which=complaint_id, words=words, answerer=answerer_id, now=now)
    return changed == 1


async def note_reading(database: Database, one: Reading) -> None:
    """Keep that somebody has read a complaint."""
    await database.execute(ADD_READING, **columns(one))
