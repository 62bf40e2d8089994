"""Erasures that were asked for, and what the features answered."""

from attrs import field, frozen
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from whenever import Instant

from mewe_core.kit.database import Database, either
from mewe_core.people.store import METADATA, ROLE_GRANT

ERASURE = Table(
    "people_erasure",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("token_digest", Text, nullable=False),
    Column("ask_time", BigInteger, nullable=False),
    Column("destroy_time", BigInteger, nullable=False),
    Column("undo_time", BigInteger),
    Column("undone_by_id", Text),
    Column("decide_time", BigInteger),
    Column("complete_time", BigInteger),
    Column("receipt", Text),
    Index("people_erasure_of_person", "person_id"),
    Index("people_erasure_to_decide", "decide_time", "undo_time", "destroy_time"),
    Index("people_erasure_to_complete", "complete_time", "decide_time"),
    Index("people_erasure_kept_from", "ask_time"),
)
"""What was asked for, undone, decided, completed; and the receipt."""

ROWS = Table(
    "people_erasure_rows",
    METADATA,
    Column("answer_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("table_name", Text, nullable=False),
    Column("done", Text, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("rule", Text),
    Column("until", BigInteger),
)
"""The lines of the answers, in the order in which they came."""

ANSWER = Table(
    "people_erasure_answer",
    METADATA,
    Column("erasure_id", Text, primary_key=True),
    Column("area", Text, primary_key=True),
    Column("answer_id", Text, nullable=False),
    Column("key_count", BigInteger, nullable=False),
    Column("erase_time", BigInteger, nullable=False),
    Column("signature", Text, nullable=False),
    Column("key_id", Text, nullable=False),
)
"""The newest answer of each feature."""


@frozen
class Kept:
    """An erasure as kept."""

    id: str
    person_id: str
    token_digest: str = field(repr=False)
    ask_time: Instant
    destroy_time: Instant
    undo_time: Instant | None
    undone_by_id: str | None
    decide_time: Instant | None
    complete_time: Instant | None
    receipt: str | None = field(repr=False)


@frozen
class KeptAnswer:
    """A feature's answer as kept."""

    erasure_id: str
    area: str
    answer_id: str
    key_count: int
    erase_time: Instant
    signature: str
    key_id: str


ADD = insert(ERASURE)
BY_ID = select(ERASURE).where(ERASURE.c.id == bindparam("which"))
OPEN_OF = select(ERASURE).where(ERASURE.c.person_id == bindparam("whose"), ERASURE.c.undo_time.is_(None)).limit(1)
UNDO = (
    update(ERASURE)
    .where(
        ERASURE.c.person_id == bindparam("whose"),
        ERASURE.c.undo_time.is_(None),
        ERASURE.c.decide_time.is_(None),
        ERASURE.c.destroy_time > bindparam("now"),
    )
    .values(undo_time=bindparam("now"), undone_by_id=bindparam("by"))
)
DUE = (
    select(ERASURE)
    .where(ERASURE.c.decide_time.is_(None), ERASURE.c.undo_time.is_(None), ERASURE.c.destroy_time <= bindparam("now"))
    .order_by(ERASURE.c.destroy_time)
    .limit(50)
)
DECIDE = update(ERASURE).where(ERASURE.c.id == bindparam("which")).values(decide_time=bindparam("now"))
INCOMPLETE = (
    select(ERASURE).where(ERASURE.c.complete_time.is_(None), ERASURE.c.decide_time.is_not(None)).order_by(ERASURE.c.decide_time)
)
COMPLETE = (
    update(ERASURE)
    .where(ERASURE.c.id == bindparam("which"))
    .values(complete_time=bindparam("now"), receipt=bindparam("receipt"))
)
REOPEN = update(ERASURE).where(ERASURE.c.id == bindparam("which")).values(complete_time=null())
ADD_ROW = insert(ROWS).from_select(
    ["answer_id", "number", "table_name", "done", "row_count", "rule", "until"],
    select(
        bindparam("answer_id", type_=Text()),
        func.coalesce(func.max(ROWS.c.number), literal(0)) + literal(1),
        bindparam("table_name", type_=Text()),
        bindparam("done", type_=Text()),
        bindparam("row_count", type_=BigInteger()),
        bindparam("rule", type_=Text()),
        bindparam("until", type_=BigInteger()),
    ).where(ROWS.c.answer_id == bindparam("answer_id", type_=Text())),
)
ROWS_OF = (
    select(ROWS.c.table_name, ROWS.c.done, ROWS.c.row_count, ROWS.c.rule, ROWS.c.until)
    .where(ROWS.c.answer_id == bindparam("which"))
    .order_by(ROWS.c.number)
)
FORGET_ROWS = delete(ROWS).where(ROWS.c.answer_id == bindparam("which"))
_ANSWERED = ("answer_id", "key_count", "erase_time", "signature", "key_id")
KEEP_ANSWER = either(
    lambda insert_into: (row := insert_into(ANSWER)).on_conflict_do_update(
        index_elements=[ANSWER.c.erasure_id, ANSWER.c.area], set_={name: row.excluded[name] for name in _ANSWERED}
    )
)
ANSWERS_OF = select(ANSWER).where(ANSWER.c.erasure_id == bindparam("which")).order_by(ANSWER.c.area)
OPEN_GRANTS_OF = select(ROLE_GRANT).where(
    ROLE_GRANT.c.person_id == bindparam("whose"), or_(ROLE_GRANT.c.until.is_(None), ROLE_GRANT.c.until > bindparam("now"))
)


async def under_way(database: Database, person_id: str) -> bool:
    """Whether somebody has asked to be erased and it was not undone, or they were."""
    return await database.first(OPEN_OF, Kept, whose=person_id) is not None
