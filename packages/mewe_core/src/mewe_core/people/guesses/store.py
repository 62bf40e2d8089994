"""How many codes were wrong, by the minute; nothing of what they were, or who had them."""

from sqlalchemy import BigInteger, Column, Table, bindparam, delete, func, select
from whenever import Instant

from mewe_core.kit.database import Database, Either, either
from mewe_core.kit.values import micros
from mewe_core.people.guesses.rules import WINDOW_MINUTES
from mewe_core.people.store import METADATA

WRONG_CODES = Table(
    "people_wrong_codes",
    METADATA,
    Column("minute", BigInteger, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
)

_MINUTE = 60 * 1_000_000

WRONG_SINCE = select(func.coalesce(func.sum(WRONG_CODES.c.count), 0)).where(WRONG_CODES.c.minute > bindparam("before"))
COUNT: Either = either(
    lambda insert: insert(WRONG_CODES).on_conflict_do_update(
        index_elements=[WRONG_CODES.c.minute], set_={"count": WRONG_CODES.c.count + 1}
    )
)
FORGET = delete(WRONG_CODES).where(WRONG_CODES.c.minute <= bindparam("before"))


async def wrong(database: Database, now: Instant) -> int:
    """How many codes were wrong in the last minutes."""
    return int(await database.first(WRONG_SINCE, int, before=_minute(now) - WINDOW_MINUTES) or 0)


async def count(database: Database, now: Instant) -> None:
    """One more; those that count no longer are forgotten."""
    minute = _minute(now)
    await database.execute(COUNT, minute=minute, count=1)
    await database.execute(FORGET, before=minute - WINDOW_MINUTES)


def _minute(now: Instant) -> int:
    return micros(now) // _MINUTE
