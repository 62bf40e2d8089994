"""What safety keeps, and the statements that read and change it."""

from collections.abc import Callable

from sqlalchemy import Boolean, Column, MetaData, Table, Text
from sqlalchemy.dialects.sqlite import Insert

from mewe_core.kit.database import Database, Either, Executable, either

METADATA = MetaData()

GROUP = Table(
    "safety_group",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organisation_id", Text, nullable=False),
    Column("over", Boolean, nullable=False),
)
"""Groups, as the programme tells of them."""


def _keep_group(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(GROUP)
    return row.on_conflict_do_update(
        index_elements=[GROUP.c.id], set_={"organisation_id": row.excluded.organisation_id, "over": row.excluded.over}
    )


KEEP_GROUP: Either = either(_keep_group)


async def keep_group(database: Database, group_id: str, organisation_id: str, *, over: bool) -> None:
    """Know a group, and whether it is over."""
    await database.execute(KEEP_GROUP, id=group_id, organisation_id=organisation_id, over=over)
