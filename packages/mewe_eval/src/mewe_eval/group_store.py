"""What evaluation copies of groups: where they stand, their sessions, who is in them and who came. Tables and statements."""

from collections.abc import Callable
from typing import Protocol

from attrs import frozen
from mewe_core.kit.access import Purpose, Role, Scope, ScopeKind
from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.records import STANDING
from mewe_core.kit.standing import covers
from mewe_core.programme.events import GroupState
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_eval.store import FORM, METADATA

GROUP = Table(
    "eval_group",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organisation_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("training", Boolean, nullable=False),
    Column("staffed", Boolean, nullable=False),
    Index("eval_group_of_organisation", "organisation_id", "id"),
)
"""A copy, fed by the programme and by safety. ``training``: nobody in it is asked for consent, nor anything else;
``staffed``: it has adults who look at what alarms."""

SESSION = Table(
    "eval_session",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("group_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("follow_up", Boolean, nullable=False),
    Column("held_time", BigInteger, nullable=False),
    Index("eval_session_of_group", "group_id"),
)
"""A copy, fed by the programme: which sessions were held, and when."""

ATTENDANCE = Table(
    "eval_attendance",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("group_id", Text, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("held_time", BigInteger, nullable=False),
    Index("eval_attendance_of_person", "person_id"),
    Index("eval_attendance_of_group", "group_id"),
    Index("eval_attendance_held", "held_time"),
)
"""A copy, fed by the programme: who was at which session."""


@frozen
class KeptGroup:
    """A group as kept."""

    id: str
    organisation_id: str
    state: GroupState
    training: bool
    staffed: bool


@frozen
class KeptSession:
    """A session that was held."""

    id: str
    group_id: str
    number: int
    follow_up: bool
    held_time: Instant


@frozen
class KeptAttendance:
    """Whether somebody was at a session."""

    session_id: str
    person_id: str
    group_id: str
    present: bool
    held_time: Instant


@frozen
class Member:
    """Somebody in a group, since when."""

    person_id: str
    role: Role
    since: Instant


@frozen
class Attended:
    """At how many sessions of a group somebody was."""

    person_id: str
    sessions: int


class AboutOrganisation(Protocol):
    """A request about one organisation."""

    @property
    def organisation_id(self) -> str:
        """Which organisation."""


class AboutGroup(Protocol):
    """A request about one group."""

    @property
    def group_id(self) -> str:
        """Which group."""


def _keep_group(names: tuple[str, ...]) -> Callable[[Callable[[Table], Insert]], Executable]:
    def of(insert_into: Callable[[Table], Insert]) -> Executable:
        row = insert_into(GROUP)
        return row.on_conflict_do_update(index_elements=[GROUP.c.id], set_={name: row.excluded[name] for name in names})

    return of


KEEP_GROUP: Either = either(_keep_group(("organisation_id", "state", "training")))
KEEP_STAFFED: Either = either(_keep_group(("staffed",)))
KEEP_SESSION: Either = either(lambda insert_into: insert_into(SESSION).on_conflict_do_nothing(index_elements=[SESSION.c.id]))


def _keep_attendance(insert_into: Callable[[Table], Insert]) -> Executable:
    row = insert_into(ATTENDANCE)
    newest = {name: row.excluded[name] for name in ("present", "held_time")}
    return row.on_conflict_do_update(index_elements=[ATTENDANCE.c.session_id, ATTENDANCE.c.person_id], set_=newest)


KEEP_ATTENDANCE: Either = either(_keep_attendance)
ATTENDED: Executable = (
    select(ATTENDANCE.c.person_id, func.count())
    .where(ATTENDANCE.c.group_id == bindparam("which"), ATTENDANCE.c.present == true())
    .group_by(ATTENDANCE.c.person_id)
)
GROUP_BY_ID: Executable = select(GROUP).where(GROUP.c.id == bindparam("which"))
ANY_GROUP_OF: Executable = select(GROUP.c.id).where(GROUP.c.organisation_id == bindparam("which")).limit(1)
GROUPS_OF: Executable = (
    select(GROUP)
    .where(GROUP.c.organisation_id == bindparam("which"), GROUP.c.id > bindparam("after"), GROUP.c.training == false())
    .order_by(GROUP.c.id)
    .limit(bindparam("limit"))
)
GROUPS: Executable = (
    select(GROUP)
    .where(GROUP.c.id > bindparam("after"), GROUP.c.training == false())
    .order_by(GROUP.c.id)
    .limit(bindparam("limit"))
)
"""Every group of the country."""
_PARTICIPANTS = FORM.c.role == Role.PARTICIPANT.value
_THEIRS = FORM.alias("theirs")
ANSWERED: Executable = (
    select(FORM)
    .where(
        FORM.c.study == bindparam("of_study"),
        or_(
            and_(FORM.c.group_id == bindparam("which"), not_(_PARTICIPANTS)),
            and_(
                _PARTICIPANTS,
                FORM.c.person_id.in_(
                    select(_THEIRS.c.person_id).where(
                        _THEIRS.c.group_id == bindparam("which"),
                        _THEIRS.c.study == bindparam("of_study"),
                        _THEIRS.c.role == Role.PARTICIPANT.value,
                    )
                ),
                FORM.c.group_id.in_(
                    select(GROUP.c.id).where(
                        GROUP.c.organisation_id == bindparam("organisation_id"), GROUP.c.training == false()
                    )
                ),
                covers(Purpose.EVALUATION, FORM.c.person_id),
                or_(not_(bindparam("for_research", type_=Boolean)), covers(Purpose.RESEARCH, FORM.c.person_id)),
            ),
        ),
    )
    .order_by(FORM.c.person_id, FORM.c.id)
)
"""The forms of a study of those in a group who consent to what they are wanted for: of participants in any group of its
organisation, of leaders in this one."""
SESSIONS: Executable = (
    select(SESSION).where(SESSION.c.group_id == bindparam("which")).order_by(SESSION.c.held_time, SESSION.c.id)
)
MEMBERS: Executable = (
    select(STANDING.c.person_id, STANDING.c.role, STANDING.c.since)
    .where(
        STANDING.c.scope_kind == ScopeKind.GROUP.value,
        STANDING.c.scope_id == bindparam("which"),
        or_(STANDING.c.role == Role.PARTICIPANT.value, STANDING.c.role == Role.LEADER.value),
        or_(STANDING.c.until.is_(None), STANDING.c.until > bindparam("now")),
    )
    .order_by(STANDING.c.person_id, STANDING.c.since)
)


async def scope_of_group(database: Database, request: AboutGroup) -> Scope | None:
    """A group that evaluation knows."""
    found = await database.first(GROUP_BY_ID, KeptGroup, which=request.group_id)
    return None if found is None else Scope(ScopeKind.GROUP, found.id, organisation_id=found.organisation_id)


async def scope_of_organisation(database: Database, request: AboutOrganisation) -> Scope | None:
    """An organisation that has groups."""
    found = await database.first(ANY_GROUP_OF, str, which=request.organisation_id)
    return None if found is None else Scope(ScopeKind.ORGANISATION, request.organisation_id)
