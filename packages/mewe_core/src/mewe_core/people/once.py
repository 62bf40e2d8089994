"""What is good once and for minutes: challenges and states that a device brings back.

Nothing is kept when one is made, so that nobody who is not signed in can fill a database; it says itself when it ends, and a
keyed digest binds it to what it is for. What was used is kept until it would have ended.
"""

from hmac import compare_digest

from sqlalchemy import BigInteger, Column, Index, Table, Text, bindparam, delete, func, select
from whenever import Instant

from mewe_core.kit.database import Database, either
from mewe_core.kit.ports import Ids, Keys, Work
from mewe_core.kit.values import micros, moment
from mewe_core.people.store import METADATA

RANDOM_BYTES = 16
MOST_FORGOTTEN = 500
_ENDS_BYTES = 8
_DIGEST_BYTES = 16
_PURPOSE = "people.once"
_SPENT = "people.spent"

SPENT = Table(
    "people_spent",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("expire_time", BigInteger, nullable=False),
    Index("people_spent_by_end", "expire_time"),
)
"""What was used once and would still be good. Says nothing about anybody."""

SPEND = either(lambda insert: insert(SPENT).on_conflict_do_nothing())
IS_SPENT = select(func.count()).where(SPENT.c.digest == bindparam("which"))
FORGET_SPENT = delete(SPENT).where(
    SPENT.c.digest.in_(select(SPENT.c.digest).where(SPENT.c.expire_time <= bindparam("now")).limit(MOST_FORGOTTEN))
)


def made(purpose: str, bound_to: str, ends: Instant, ids: Ids, keys: Keys) -> bytes:
    """A fresh one: 40 bytes that nobody can guess or make."""
    plain = micros(ends).to_bytes(_ENDS_BYTES, "big") + ids.secret(RANDOM_BYTES)
    return plain + _digest(purpose, bound_to, plain, keys)


def ends(brought: bytes, purpose: str, bound_to: str, keys: Keys) -> Instant | None:
    """When what was brought back ends; None if it was not made here for this purpose and what it is bound to."""
    plain, digest = brought[:-_DIGEST_BYTES], brought[-_DIGEST_BYTES:]
    if len(plain) != _ENDS_BYTES + RANDOM_BYTES or not compare_digest(digest, _digest(purpose, bound_to, plain, keys)):
        return None
    return moment(int.from_bytes(plain[:_ENDS_BYTES], "big"))


async def spend(brought: bytes, until: Instant, work: Work) -> bool:
    """Use it up; whether it was still good to use."""
    if until <= work.now:
        return False
    digest = work.keys.digest(_SPENT, brought)
    return bool(await work.database.execute(SPEND, digest=digest, expire_time=until))


async def is_spent(brought: bytes, database: Database, keys: Keys) -> bool:
    """Whether it was used up; for a look before something costly."""
    return bool(await database.first(IS_SPENT, int, which=keys.digest(_SPENT, brought)))


async def forget_spent(work: Work) -> bool:
    """Forget what could not be used any more in any case; whether there may be more."""
    return await work.database.execute(FORGET_SPENT, now=work.now) == MOST_FORGOTTEN


def _digest(purpose: str, bound_to: str, plain: bytes, keys: Keys) -> bytes:
    return bytes.fromhex(keys.digest(_PURPOSE, f"{purpose}\0{bound_to}\0".encode() + plain))[:_DIGEST_BYTES]
