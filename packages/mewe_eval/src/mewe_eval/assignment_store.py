"""Which group or person is in which arm of a study: tables and statements."""

from attrs import frozen
from mewe_core.kit.database import Either, Executable, either
from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, bindparam, func, insert, select, update
from whenever import Instant

from mewe_eval.store import METADATA

DRAWING = Table(
    "eval_drawing",
    METADATA,
    Column("study", Text, primary_key=True),
    Column("study_version", Integer, primary_key=True),
    Column("end_time", BigInteger),
)
"""Of which studies arms are drawn, and since when no more; whoever draws holds the row, so that draws come one by one."""

ASSIGNMENT = Table(
    "eval_assignment",
    METADATA,
    Column("study", Text, primary_key=True),
    Column("study_version", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("stratum", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("arm", Text, nullable=False),
    Column("assign_time", BigInteger, nullable=False),
    Column("before", Text, nullable=False),
    Index("eval_assignment_of_unit", "study", "unit_id", unique=True),
    Index("eval_assignment_by_unit", "unit_id"),
    Index("eval_assignment_of_group", "group_id"),
)
"""The log of draws, each with the hash of the one before."""


@frozen
class KeptAssignment:
    """A draw as kept. ``unit_id``: the group, or a person in it."""

    study: str
    study_version: int
    number: int
    stratum: str
    unit_id: str
    group_id: str
    arm: str
    assign_time: Instant
    before: str


@frozen
class KeptDrawing:
    """Whether a study still draws."""

    study: str
    study_version: int
    end_time: Instant | None


BEGIN: Either = either(lambda insert_into: insert_into(DRAWING).on_conflict_do_nothing())
_DRAWING = select(DRAWING).where(DRAWING.c.study == bindparam("which"), DRAWING.c.study_version == bindparam("version"))
DRAWING_OF: Executable = _DRAWING
HOLD_DRAWING: Executable = _DRAWING.with_for_update()
END: Executable = (
    update(DRAWING)
    .where(DRAWING.c.study == bindparam("which"), DRAWING.c.study_version == bindparam("version"))
    .values(end_time=func.coalesce(DRAWING.c.end_time, bindparam("now")))
)
ADD: Executable = insert(ASSIGNMENT)
OF_UNIT: Executable = select(ASSIGNMENT).where(
    ASSIGNMENT.c.study == bindparam("which"), ASSIGNMENT.c.unit_id == bindparam("unit")
)
OF_GROUP: Executable = select(ASSIGNMENT).where(ASSIGNMENT.c.group_id == bindparam("group_id"))
LOG: Executable = (
    select(ASSIGNMENT)
    .where(
        ASSIGNMENT.c.study == bindparam("which"),
        ASSIGNMENT.c.study_version == bindparam("version"),
        ASSIGNMENT.c.number > bindparam("after"),
    )
    .order_by(ASSIGNMENT.c.number)
    .limit(bindparam("limit"))
)
