"""Reports that are out, and whom their figures counted, so that no later one tells of few: tables and statements."""

from typing import Protocol

from attrs import field, frozen
from mewe_core.kit.access import Scope, ScopeKind
from mewe_core.kit.database import Database, Executable
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, bindparam, insert, select
from whenever import Instant

from mewe_eval.store import METADATA

PUBLICATION = Table(
    "eval_publication",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("study", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("study_version", Integer, nullable=False),
    Column("country", Text, nullable=False),
    Column("organisation_id", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("as_of", Text, nullable=False),
    Column("publish_time", BigInteger, nullable=False),
    Column("forms", Text, nullable=False),
    Column("figures", Text, nullable=False),
    Index("eval_publication_of_study", "study", "number", unique=True),
    Index("eval_publication_about", "study", "organisation_id", "number"),
)
"""A report that is out. ``number``: which of the study; ``organisation_id``: empty for the country's; ``figures``: what the
ledger keeps of it but who is in it, as JSON."""

CONTENT = Table(
    "eval_publication_content",
    METADATA,
    Column("publication_id", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""What was published, in each form. There is no figure in it that may not be shown."""

PERSON = Table(
    "eval_published_person",
    METADATA,
    Column("publication_id", Text, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("organisation_id", Text, primary_key=True),
    Index("eval_published_person_of", "person_id"),
)
"""Who was counted in a report. ``place``: which of the finest groups of people that its figures tell apart, of all its entries
one behind the other."""


@frozen
class KeptPublication:
    """A report that is out, as kept."""

    id: str
    study: str
    number: int
    study_version: int
    country: str
    organisation_id: str
    language: str
    as_of: str
    publish_time: Instant
    forms: str
    figures: str = field(repr=False)


@frozen
class KeptContent:
    """One form of it."""

    publication_id: str
    form: str
    content: bytes = field(repr=False)


@frozen
class Counted:
    """That somebody was counted in a report."""

    publication_id: str
    place: int
    person_id: str
    organisation_id: str


class AboutPublication(Protocol):
    """A request about one report."""

    @property
    def publication_id(self) -> str:
        """Which report."""


ADD: Executable = insert(PUBLICATION)
ADD_CONTENT: Executable = insert(CONTENT)
ADD_PERSON: Executable = insert(PERSON)
BY_ID: Executable = select(PUBLICATION).where(PUBLICATION.c.id == bindparam("which"))
OF_STUDY: Executable = select(PUBLICATION).where(PUBLICATION.c.study == bindparam("which")).order_by(PUBLICATION.c.number)
ABOUT: Executable = (
    select(PUBLICATION)
    .where(
        PUBLICATION.c.study == bindparam("which"),
        PUBLICATION.c.organisation_id == bindparam("organisation_id"),
        PUBLICATION.c.number < bindparam("before"),
    )
    .order_by(PUBLICATION.c.number.desc())
    .limit(bindparam("limit"))
)
CONTENT_OF: Executable = select(CONTENT.c.content).where(
    CONTENT.c.publication_id == bindparam("which"), CONTENT.c.form == bindparam("form")
)
PEOPLE_OF: Executable = (
    select(PERSON).where(PERSON.c.publication_id == bindparam("which")).order_by(PERSON.c.place, PERSON.c.person_id)
)


async def publication(database: Database, publication_id: str) -> KeptPublication | None:
    """One report that is out."""
    return await database.first(BY_ID, KeptPublication, which=publication_id)


async def scope_of_publication(database: Database, request: AboutPublication) -> Scope | None:
    """The organisation that a report is about, or the country."""
    found = await publication(database, request.publication_id)
    if found is None:
        return None
    if found.organisation_id:
        return Scope(ScopeKind.ORGANISATION, found.organisation_id)
    return Scope(ScopeKind.COUNTRY, found.country)
