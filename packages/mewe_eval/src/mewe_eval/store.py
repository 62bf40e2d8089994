"""Forms and what was answered: tables and statements. No answer is kept in the clear."""

from typing import Protocol

from attrs import field, frozen
from mewe_core.kit.access import Purpose, Role, Scope, ScopeKind
from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.records import STANDING
from mewe_core.kit.standing import covers
from mewe_core.kit.values import columns
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)
from whenever import Instant

METADATA = MetaData()

FORM = Table(
    "eval_form",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("study", Text, nullable=False),
    Column("study_version", Integer, nullable=False),
    Column("wave", Text, nullable=False),
    Column("instrument", Text, nullable=False),
    Column("instrument_version", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("open_time", BigInteger, nullable=False),
    Column("close_time", BigInteger, nullable=False),
    Column("remind_times", Text, nullable=False),
    Column("reminded", Integer, nullable=False),
    Column("remind_time", BigInteger),
    Column("begin_time", BigInteger),
    Column("finish_time", BigInteger),
    Column("language", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("typed_by", Text, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("sealed_answers", LargeBinary, nullable=False),
    Index("eval_form_of_person", "person_id", "close_time", "id"),
    Index("eval_form_of_group", "group_id", "person_id", "id"),
    Index("eval_form_to_remind", "remind_time"),
    Index("eval_form_closed", "close_time"),
)
"""One questionnaire at one wave for one person. Its answers are sealed under a key of theirs; empty until there are any."""

WANTED = Table("eval_notices_wanted", METADATA, Column("person_id", Text, primary_key=True))
"""A copy, fed by notices: who wants them."""


@frozen
class KeptForm:
    """A form as kept. ``remind_times``: microseconds with spaces between; ``reminded``: how many of them are over.

    ``typed_by``: the leader who typed in what was on paper; empty if nobody did.
    """

    id: str
    study: str
    study_version: int
    wave: str
    instrument: str
    instrument_version: int
    role: str
    person_id: str
    group_id: str
    open_time: Instant
    close_time: Instant
    remind_times: str = ""
    reminded: int = 0
    remind_time: Instant | None = None
    begin_time: Instant | None = None
    finish_time: Instant | None = None
    language: str = ""
    wording: str = ""
    typed_by: str = ""
    answered: int = 0
    sealed_answers: bytes = field(default=b"", repr=False)


@frozen
class ToRemind:
    """A form of which its time to be told has come. ``tell``: whether they want to be told, and may answer."""

    id: str
    person_id: str
    remind_times: str
    reminded: int
    tell: bool


class AboutForm(Protocol):
    """A request about one form."""

    @property
    def form_id(self) -> str:
        """Which form."""


_FORM_BY_ID = select(FORM).where(FORM.c.id == bindparam("which"))
PLACE_OF_FORM: Executable = select(FORM.c.group_id, FORM.c.role, FORM.c.person_id).where(FORM.c.id == bindparam("which"))
FORM_BY_ID: Executable = _FORM_BY_ID
HOLD_FORM: Executable = _FORM_BY_ID.with_for_update()
FORMS_OF_GROUP: Executable = select(FORM).where(FORM.c.group_id == bindparam("which"))
ADD_FORM: Executable = insert(FORM)
MOVE_FORM: Executable = (
    update(FORM)
    .where(FORM.c.id == bindparam("which"))
    .values(
        open_time=bindparam("opens"),
        close_time=bindparam("closes"),
        remind_times=bindparam("times"),
        remind_time=bindparam("next"),
    )
)
ANSWER_FORM: Executable = (
    update(FORM)
    .where(FORM.c.id == bindparam("which"))
    .values(
        begin_time=bindparam("began"),
        finish_time=bindparam("finished"),
        language=bindparam("read_in"),
        wording=bindparam("words"),
        typed_by=bindparam("typed"),
        answered=bindparam("count"),
        sealed_answers=bindparam("sealed"),
        remind_time=bindparam("next"),
    )
)

_OPEN_NOW = (FORM.c.open_time <= bindparam("now"), FORM.c.close_time > bindparam("now"))
_BEHIND = or_(
    FORM.c.close_time > bindparam("after_time", type_=BigInteger()),
    and_(FORM.c.close_time == bindparam("after_time", type_=BigInteger()), FORM.c.id > bindparam("after_id")),
)


_ANSWERS = and_(
    exists().where(
        STANDING.c.person_id == FORM.c.person_id,
        STANDING.c.scope_kind == ScopeKind.GROUP.value,
        STANDING.c.scope_id == FORM.c.group_id,
        STANDING.c.role == FORM.c.role,
        STANDING.c.since <= bindparam("now"),
        or_(STANDING.c.until.is_(None), STANDING.c.until > bindparam("now")),
    ),
    or_(FORM.c.role != Role.PARTICIPANT.value, covers(Purpose.EVALUATION, FORM.c.person_id)),
)
"""Whoever it is for is in the group, and consents to the evaluation if they are a participant."""

MY_FORMS: Executable = (
    select(FORM)
    .where(FORM.c.person_id == bindparam("person_id"), FORM.c.finish_time.is_(None), *_OPEN_NOW, _BEHIND, _ANSWERS)
    .order_by(FORM.c.close_time, FORM.c.id)
    .limit(bindparam("limit"))
)
GROUP_FORMS: Executable = (
    select(FORM)
    .where(
        FORM.c.group_id == bindparam("which"),
        FORM.c.role == Role.PARTICIPANT.value,
        *_OPEN_NOW,
        or_(
            FORM.c.person_id > bindparam("after_person"),
            and_(FORM.c.person_id == bindparam("after_person"), FORM.c.id > bindparam("after_id")),
        ),
        _ANSWERS,
    )
    .order_by(FORM.c.person_id, FORM.c.id)
    .limit(bindparam("limit"))
)
TO_REMIND: Executable = (
    select(
        FORM.c.id,
        FORM.c.person_id,
        FORM.c.remind_times,
        FORM.c.reminded,
        and_(exists().where(WANTED.c.person_id == FORM.c.person_id), FORM.c.close_time > bindparam("now"), _ANSWERS),
    )
    .where(FORM.c.remind_time <= bindparam("now"))
    .order_by(FORM.c.remind_time, FORM.c.person_id)
    .limit(bindparam("limit"))
    .with_for_update(of=FORM, skip_locked=True)
)
REMINDED: Executable = (
    update(FORM)
    .where(FORM.c.id == bindparam("which"))
    .values(reminded=bindparam("count"), remind_time=bindparam("next", type_=BigInteger()))
)
REMINDED_OF: Executable = select(FORM.c.id, FORM.c.reminded).where(
    FORM.c.person_id == bindparam("of"),
    FORM.c.finish_time.is_(None),
    FORM.c.reminded > 0,
    or_(bindparam("anywhere", type_=Boolean), FORM.c.group_id == bindparam("group_id")),
)

WANTS: Either = either(lambda insert_into: insert_into(WANTED).on_conflict_do_nothing())
WANTS_NOT: Executable = delete(WANTED).where(WANTED.c.person_id == bindparam("person_id"))


@frozen
class Reminded:
    """How often somebody was told of a form."""

    id: str
    count: int


@frozen
class Placed:
    """Whose a form is, and where."""

    group_id: str
    role: str
    person_id: str


async def form(database: Database, form_id: str) -> KeptForm | None:
    """One form."""
    return await database.first(FORM_BY_ID, KeptForm, which=form_id)


async def hold_form(database: Database, form_id: str) -> KeptForm | None:
    """One form, to oneself until the unit ends."""
    return await database.first(HOLD_FORM, KeptForm, which=form_id)


async def add_form(database: Database, one: KeptForm) -> None:
    """Keep a new form."""
    await database.execute(ADD_FORM, **columns(one))


async def scope_of_form(database: Database, request: AboutForm) -> Scope | None:
    """The group that a form is answered in. Of its participants, only the one whom it is for; no role around it reaches in."""
    found = await database.first(PLACE_OF_FORM, Placed, which=request.form_id)
    if found is None:
        return None
    alone = found.person_id if found.role == Role.PARTICIPANT.value else ""
    return Scope(ScopeKind.GROUP, found.group_id, participant=alone)
