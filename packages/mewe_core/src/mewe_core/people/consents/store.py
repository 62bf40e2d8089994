"""Consent: statements, and the scopes that requests are about."""

from typing import Protocol

from sqlalchemy import BigInteger, BindParameter, and_, bindparam, case, func, insert, null, or_, select, update
from sqlalchemy.sql import Executable
from whenever import Instant

from mewe_core.kit.access import Purpose, Role, Scope, ScopeKind
from mewe_core.kit.database import Database, Either, either
from mewe_core.kit.records import STANDING
from mewe_core.people.consents.kept import KeptGuardian, KeptOneGuardian, Subject, Terms
from mewe_core.people.consents.model import ConsentText
from mewe_core.people.consents.tables import (
    CONSENT,
    GUARDIAN,
    LINK,
    OBJECTION,
    ONE_GUARDIAN,
    REQUEST,
    STATE,
    SUBJECT,
    TERMS,
    TEXT,
)
from mewe_core.people.store import PERSON

_NOW = bindparam("now", type_=BigInteger())
_ABOUT: BindParameter[str] = bindparam("about")

ADD_TEXT: Executable = insert(TEXT)
TEXT_BY_ID: Executable = select(*TEXT.c).where(TEXT.c.id == bindparam("which"))
TEXT_THERE: Executable = select(func.count()).where(
    TEXT.c.purpose == bindparam("which"),
    TEXT.c.version == bindparam("version"),
    TEXT.c.age_from == bindparam("age_from"),
    TEXT.c.language == bindparam("language"),
)
TEXTS: Executable = (
    select(*TEXT.c)
    .where(
        or_(bindparam("purpose", type_=TEXT.c.purpose.type) == "", TEXT.c.purpose == bindparam("purpose")),
        or_(
            TEXT.c.create_time < bindparam("before"),
            and_(TEXT.c.create_time == bindparam("before"), TEXT.c.id < bindparam("before_id")),
        ),
    )
    .order_by(TEXT.c.create_time.desc(), TEXT.c.id.desc())
    .limit(bindparam("most"))
)

ALL_TERMS: Executable = select(*TERMS.c).order_by(TERMS.c.purpose)
HOLD_TERMS: Either = either(
    lambda insert_into: (
        (row := insert_into(TERMS))
        .on_conflict_do_update(index_elements=[TERMS.c.purpose], set_={"purpose": row.excluded.purpose})
        .returning(*TERMS.c)
    )
)
CHANGE_TERMS: Executable = (
    update(TERMS)
    .where(TERMS.c.purpose == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("latest_version", "needed_version", "table_digest", "reckoned_to")})
)

HOLD_SUBJECT: Either = either(
    lambda insert_into: (
        (row := insert_into(SUBJECT))
        .values(person_id=bindparam("person_id"), last_time=_NOW)
        .on_conflict_do_update(
            index_elements=[SUBJECT.c.person_id],
            set_={
                "last_time": case(
                    (SUBJECT.c.last_time >= row.excluded.last_time, SUBJECT.c.last_time + 1), else_=row.excluded.last_time
                )
            },
        )
        .returning(*SUBJECT.c)
    )
)
"""Have a person's records to oneself. The moment it gives is later than any before, whatever the clock says."""

SUBJECT_BY_ID: Executable = select(*SUBJECT.c).where(SUBJECT.c.person_id == _ABOUT)
SET_BIRTH_DATE: Executable = (
    update(SUBJECT)
    .where(SUBJECT.c.person_id == _ABOUT)
    .values(sealed_birth_date=bindparam("sealed"), birth_date_by_id=bindparam("by_id"))
)

ADD_CONSENT: Executable = insert(CONSENT)
CONSENTS_ABOUT: Executable = select(*CONSENT.c).where(CONSENT.c.person_id == _ABOUT).order_by(CONSENT.c.give_time, CONSENT.c.id)
WITHDRAW: Executable = (
    update(CONSENT)
    .where(
        CONSENT.c.person_id == _ABOUT,
        CONSENT.c.purpose == bindparam("which"),
        CONSENT.c.shared_with_id == bindparam("with_whom"),
        CONSENT.c.by_id == bindparam("said_by"),
        CONSENT.c.withdraw_time.is_(None),
    )
    .values(withdraw_time=_NOW)
)

ADD_OBJECTION: Executable = insert(OBJECTION)
OBJECTIONS_ABOUT: Executable = select(*OBJECTION.c).where(OBJECTION.c.person_id == _ABOUT).order_by(OBJECTION.c.id)
TAKE_BACK: Executable = (
    update(OBJECTION)
    .where(
        OBJECTION.c.person_id == _ABOUT,
        OBJECTION.c.purpose == bindparam("which"),
        OBJECTION.c.shared_with_id == bindparam("with_whom"),
        OBJECTION.c.take_back_time.is_(None),
    )
    .values(take_back_time=_NOW)
)

ADD_GUARDIAN: Executable = insert(GUARDIAN)
GUARDIANS_OF: Executable = (
    select(*GUARDIAN.c).where(GUARDIAN.c.person_id == _ABOUT).order_by(GUARDIAN.c.create_time, GUARDIAN.c.id)
)
GUARDIAN_OF: Executable = select(*GUARDIAN.c).where(GUARDIAN.c.id == bindparam("which"), GUARDIAN.c.person_id == _ABOUT)

ADD_ONE_GUARDIAN: Executable = insert(ONE_GUARDIAN)
ONE_GUARDIANS_OF: Executable = select(*ONE_GUARDIAN.c).where(ONE_GUARDIAN.c.person_id == _ABOUT)
ONE_GUARDIAN_BY_ID: Executable = select(*ONE_GUARDIAN.c).where(ONE_GUARDIAN.c.id == bindparam("which"))
END_ONE_GUARDIAN: Executable = (
    update(ONE_GUARDIAN).where(ONE_GUARDIAN.c.id == bindparam("which"), ONE_GUARDIAN.c.end_time.is_(None)).values(end_time=_NOW)
)

ADD_LINK: Executable = insert(LINK)
_GOOD = (LINK.c.answer_time.is_(None), LINK.c.expire_time > bindparam("now"))
LINK_BY_CODE: Executable = select(*LINK.c).where(LINK.c.code_digest == bindparam("digest"), *_GOOD)
USE_LINK: Executable = (
    update(LINK)
    .where(LINK.c.code_digest == bindparam("digest"), *_GOOD)
    .values(answer_time=_NOW, agrees=bindparam("said"), code_digest=null())
    .returning(*LINK.c)
)
END_LINKS: Executable = (
    update(LINK)
    .where(LINK.c.id.in_(select(LINK.c.id).where(LINK.c.expire_time <= _NOW, LINK.c.code_digest.is_not(None)).limit(100)))
    .values(code_digest=null())
)

ADD_STATE: Executable = insert(STATE)
STATES_OF: Executable = select(*STATE.c).where(STATE.c.person_id == _ABOUT)
CHANGE_STATE: Executable = (
    update(STATE).where(STATE.c.id == bindparam("which")).values(covered=bindparam("is_covered"), until=bindparam("ends"))
)
DUE: Executable = select(STATE.c.person_id).where(STATE.c.until <= bindparam("now")).order_by(STATE.c.until).limit(50)
SUBJECTS_BEHIND: Executable = (
    select(SUBJECT.c.person_id)
    .where(SUBJECT.c.person_id > bindparam("after"))
    .order_by(SUBJECT.c.person_id)
    .limit(bindparam("most"))
)

ADD_REQUEST: Executable = insert(REQUEST)
_TOLD = (REQUEST.c.id, REQUEST.c.person_id, REQUEST.c.state, REQUEST.c.create_time, REQUEST.c.answer_time)
REQUEST_BY_ID: Executable = select(*_TOLD).where(REQUEST.c.id == bindparam("which"))
ANSWER_REQUEST: Executable = (
    update(REQUEST)
    .where(REQUEST.c.id == bindparam("which"), REQUEST.c.answer_time.is_(None))
    .values(state=bindparam("became"), answer_time=_NOW, answered_by_id=bindparam("by_id"))
)
REQUESTS_IN: Executable = (
    select(*_TOLD)
    .where(
        REQUEST.c.organisation_id == bindparam("organisation_id"),
        or_(
            REQUEST.c.create_time > bindparam("after"),
            and_(REQUEST.c.create_time == bindparam("after"), REQUEST.c.id > bindparam("after_id")),
        ),
    )
    .order_by(REQUEST.c.create_time, REQUEST.c.id)
    .limit(bindparam("most"))
)

_TAKES_PART = (
    STANDING.c.scope_kind == ScopeKind.GROUP.value,
    STANDING.c.scope_id == bindparam("group_id"),
    STANDING.c.role == Role.PARTICIPANT.value,
)
PERSONS_IN_GROUP: Executable = (
    select(STANDING.c.person_id)
    .where(
        *_TAKES_PART,
        STANDING.c.since <= bindparam("now"),
        or_(STANDING.c.until.is_(None), STANDING.c.until > bindparam("now")),
        STANDING.c.person_id > bindparam("after"),
    )
    .group_by(STANDING.c.person_id)
    .order_by(STANDING.c.person_id)
    .limit(bindparam("most"))
)
PERSONS_IN_ORGANISATION: Executable = (
    select(SUBJECT.c.person_id)
    .select_from(SUBJECT.join(PERSON, PERSON.c.id == SUBJECT.c.person_id))
    .where(PERSON.c.organisation_id == bindparam("organisation_id"), SUBJECT.c.person_id > bindparam("after"))
    .order_by(SUBJECT.c.person_id)
    .limit(bindparam("most"))
)
PERSON_THERE: Executable = select(func.count()).where(PERSON.c.id == _ABOUT)
ORGANISATION_OF_PERSON: Executable = select(PERSON.c.organisation_id).where(PERSON.c.id == _ABOUT)
ORGANISATION_OF_ONE_GUARDIAN: Executable = (
    select(PERSON.c.organisation_id)
    .select_from(ONE_GUARDIAN.join(PERSON, PERSON.c.id == ONE_GUARDIAN.c.person_id))
    .where(ONE_GUARDIAN.c.id == bindparam("which"))
)
ORGANISATION_OF_REQUEST: Executable = select(REQUEST.c.organisation_id).where(REQUEST.c.id == bindparam("which"))


class AboutPerson(Protocol):
    """A request about a person."""

    @property
    def person_id(self) -> str:
        """Who."""


class AboutGroup(Protocol):
    """A request about a group."""

    @property
    def group_id(self) -> str:
        """Which."""


class AboutOrganisation(Protocol):
    """A request about an organisation."""

    @property
    def organisation_id(self) -> str:
        """Which."""


class AboutException(Protocol):
    """A request about an exception to "both guardians"."""

    @property
    def one_guardian_id(self) -> str:
        """Which."""


class AboutRequest(Protocol):
    """A request about what a guardian asks for."""

    @property
    def guardian_request_id(self) -> str:
        """Which."""


async def of_person(database: Database, request: AboutPerson) -> Scope | None:
    """The organisation that invited a person."""
    return _organisation(await database.first(ORGANISATION_OF_PERSON, str, about=request.person_id))


async def of_group(database: Database, request: AboutGroup) -> Scope | None:
    """A group, without its organisation; whether it exists shows in the roles that are held in it."""
    return Scope(ScopeKind.GROUP, request.group_id)


async def of_organisation(database: Database, request: AboutOrganisation) -> Scope | None:
    """An organisation; whether it exists shows in the roles that are held in it."""
    return Scope(ScopeKind.ORGANISATION, request.organisation_id)


async def of_exception(database: Database, request: AboutException) -> Scope | None:
    """The organisation that invited whom an exception is about."""
    return _organisation(await database.first(ORGANISATION_OF_ONE_GUARDIAN, str, which=request.one_guardian_id))


async def of_request(database: Database, request: AboutRequest) -> Scope | None:
    """The organisation that invited whom a guardian asks about."""
    return _organisation(await database.first(ORGANISATION_OF_REQUEST, str, which=request.guardian_request_id))


def _organisation(organisation_id: str | None) -> Scope | None:
    return None if organisation_id is None else Scope(ScopeKind.ORGANISATION, organisation_id)


async def hold(database: Database, person_id: str, now: Instant) -> Subject:
    """Have a person's records to oneself; the moment it bears is the one to write with."""
    found = await database.first(HOLD_SUBJECT, Subject, person_id=person_id, now=now)
    if found is None:
        raise LookupError("a row that was written is there")
    return found


async def subject(database: Database, person_id: str) -> Subject | None:
    """What is known of a person; None: nothing is."""
    return await database.first(SUBJECT_BY_ID, Subject, about=person_id)


async def terms(database: Database) -> dict[Purpose, Terms]:
    """By what each purpose is judged, as far as anything is recorded."""
    return {one.purpose: one for one in await database.all(ALL_TERMS, Terms)}


async def change_terms(database: Database, changed: Terms) -> None:
    """Keep by what a purpose is judged."""
    await database.execute(
        CHANGE_TERMS,
        key=changed.purpose,
        new_latest_version=changed.latest_version,
        new_needed_version=changed.needed_version,
        new_table_digest=changed.table_digest,
        new_reckoned_to=changed.reckoned_to,
    )


async def text(database: Database, text_id: str) -> ConsentText | None:
    """One text."""
    return await database.first(TEXT_BY_ID, ConsentText, which=text_id)


async def is_published(database: Database, one: ConsentText) -> bool:
    """Whether there is a text of that purpose, version, age and language."""
    there = await database.first(
        TEXT_THERE, int, which=one.purpose, version=one.version, age_from=one.age_from, language=one.language
    )
    return bool(there)


async def is_known(database: Database, person_id: str) -> bool:
    """Whether there is such a person."""
    return bool(await database.first(PERSON_THERE, int, about=person_id))


async def guardian(database: Database, person_id: str, guardian_id: str) -> KeptGuardian | None:
    """One guardian of a person."""
    return await database.first(GUARDIAN_OF, KeptGuardian, about=person_id, which=guardian_id)


async def exception(database: Database, one_guardian_id: str) -> KeptOneGuardian | None:
    """One exception."""
    return await database.first(ONE_GUARDIAN_BY_ID, KeptOneGuardian, which=one_guardian_id)
