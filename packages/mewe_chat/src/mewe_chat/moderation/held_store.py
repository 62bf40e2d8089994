"""Messages that were held back: table and statements."""

from attrs import field, frozen
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.values import columns
from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text, bindparam, insert, or_, select, update
from whenever import Instant

from mewe_chat.moderation.model import HeldCause, HeldState
from mewe_chat.store import METADATA

HELD = Table(
    "chat_held",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("room_id", Text, ForeignKey("chat_room.id"), nullable=False),
    Column("author_id", Text, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("reply_to_id", Text, nullable=False),
    Column("held_time", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("decide_time", BigInteger),
    Index("chat_held_in_room", "room_id", "id"),
    Index("chat_held_of_author", "author_id"),
    Index("chat_held_by_time", "held_time"),
)
"""What was held back: sealed under the key of who wrote it, and empty once it was delivered. ``message_id``: whose words it was
to change; empty: a new one. Ids rise with time."""


@frozen
class KeptHeld:
    """A held message as kept."""

    id: str
    room_id: str
    author_id: str
    sealed_text: bytes = field(repr=False)
    message_id: str
    reply_to_id: str
    held_time: Instant
    kind: HeldCause
    state: HeldState
    decide_time: Instant | None


ADD: Executable = insert(HELD)
ONE: Executable = select(HELD).where(HELD.c.id == bindparam("which"), HELD.c.room_id == bindparam("room_id"))
PAGE: Executable = (
    select(HELD)
    .where(
        HELD.c.room_id == bindparam("room_id"),
        HELD.c.id > bindparam("after"),
        or_(bindparam("everybodys") == "yes", HELD.c.author_id == bindparam("author_id")),
    )
    .order_by(HELD.c.id)
    .limit(bindparam("limit"))
)
DECIDE: Executable = (
    update(HELD)
    .where(HELD.c.id == bindparam("which"), HELD.c.state == HeldState.WAITING.value)
    .values(state=bindparam("new_state"), decide_time=bindparam("now", type_=BigInteger()))
)
EMPTY: Executable = update(HELD).where(HELD.c.id == bindparam("which")).values(sealed_text=b"")


async def keep(database: Database, one: KeptHeld) -> None:
    """Keep a message back."""
    await database.execute(ADD, **columns(one))


async def held(database: Database, room_id: str, held_id: str) -> KeptHeld | None:
    """One that was held back in a room."""
    return await database.first(ONE, KeptHeld, which=held_id, room_id=room_id)


async def page(database: Database, room_id: str, author_id: str | None, *, after: str, limit: int) -> list[KeptHeld]:
    """Those of a room behind the id ``after``; with an author, theirs alone."""
    everybodys = "yes" if author_id is None else "no"
    return await database.all(
        PAGE, KeptHeld, room_id=room_id, after=after, limit=limit, author_id=author_id or "", everybodys=everybodys
    )


async def decide(database: Database, held_id: str, state: HeldState, now: Instant) -> bool:
    """Keep what was decided; says whether nobody had decided before."""
    return await database.execute(DECIDE, which=held_id, new_state=state, now=now) == 1


async def empty(database: Database, held_id: str) -> None:
    """Let go of the words: they stand in a message now."""
    await database.execute(EMPTY, which=held_id)
