"""The counters: table and statements."""

from mewe_core.kit.access import Scope, ScopeKind
from mewe_core.kit.database import Database, Executable
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, bindparam, insert, select, update

from tests.faults.tally.model import GetTallyRequest

METADATA = MetaData()

ROOM = Table(
    "tally_room",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("posts", BigInteger, nullable=False),
)

POSTS: Executable = select(ROOM.c.posts).where(ROOM.c.id == bindparam("room_id"))
COUNT: Executable = update(ROOM).where(ROOM.c.id == bindparam("room_id")).values(posts=ROOM.c.posts + 1)
BEGIN: Executable = insert(ROOM).values(id=bindparam("room_id"), posts=1)


async def group_of_room(database: Database, request: GetTallyRequest) -> Scope:
    """The group whose room it is: they have one id."""
    return Scope(ScopeKind.GROUP, request.room_id)


async def posts(database: Database, room_id: str) -> int:
    """How many were counted."""
    return await database.first(POSTS, int, room_id=room_id) or 0


async def count(database: Database, room_id: str) -> None:
    """One more. Nothing in it would notice that it was done twice."""
    if not await database.execute(COUNT, room_id=room_id):
        await database.execute(BEGIN, room_id=room_id)
