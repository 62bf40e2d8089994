"""Sessions that were held: table and statements."""

from attrs import frozen
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.database import Either, Executable, either
from mewe_core.kit.records import STANDING
from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, and_, bindparam, or_, select
from whenever import Instant

from mewe_diary.store import METADATA

HOUR = 3_600_000_000
"""In microseconds."""

PROMPT = Table(
    "diary_prompt",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("group_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("follow_up", Boolean, nullable=False),
    Column("held_time", BigInteger, nullable=False),
    Index("diary_prompt_of_group", "group_id", "held_time"),
)
"""Sessions that were held, by their ids: each is something to write about."""


@frozen
class KeptPrompt:
    """A session that was held."""

    id: str
    group_id: str
    number: int
    follow_up: bool
    held_time: Instant


KEEP_PROMPT: Either = either(lambda insert: insert(PROMPT).on_conflict_do_nothing())
MY_PROMPTS: Executable = (
    select(PROMPT.c.id, PROMPT.c.group_id, PROMPT.c.number, PROMPT.c.follow_up, PROMPT.c.held_time)
    .select_from(STANDING)
    .join(PROMPT, PROMPT.c.group_id == STANDING.c.scope_id)
    .where(
        STANDING.c.person_id == bindparam("person_id"),
        STANDING.c.scope_kind == ScopeKind.GROUP.value,
        or_(STANDING.c.role == Role.PARTICIPANT.value, STANDING.c.role == Role.LEADER.value),
        STANDING.c.since <= bindparam("now"),
        or_(STANDING.c.until.is_(None), STANDING.c.until > bindparam("now")),
        STANDING.c.since < PROMPT.c.held_time + HOUR,
        or_(
            PROMPT.c.held_time < bindparam("before_time"),
            and_(PROMPT.c.held_time == bindparam("before_time"), PROMPT.c.id < bindparam("before_id")),
        ),
    )
    .group_by(PROMPT.c.id)
    .order_by(PROMPT.c.held_time.desc(), PROMPT.c.id.desc())
    .limit(bindparam("limit"))
)
