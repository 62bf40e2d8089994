"""What a witness keeps of checkpoints: one an hour and the newest, and both ends of a chain that was cut off."""

import asyncio

from mewe_core.kit import records
from mewe_core.kit.access import Caller, Standing, whole_country
from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.ports import Work
from mewe_core.kit.records import CHECKPOINT
from mewe_core.kit.testing import CountingIds, MemoryDatabase, PlainKeys, PlainSealing
from mewe_core.kit.witness import AuditCheckpoint, hear_audit_checkpoint
from sqlalchemy import select
from whenever import Instant

NUMBERS = select(CHECKPOINT.c.number).order_by(CHECKPOINT.c.taken_at, CHECKPOINT.c.number)
NINE = Instant.from_utc(2026, 9, 1, 9)


def value(text: str) -> Hexadecimal:
    """A value of a chain."""
    return Hexadecimal(text.encode().hex().zfill(64))


def checkpoint(number: int, minute: int, follows: str = "", area: str = "chat", mark: str = "") -> AuditCheckpoint:
    """A checkpoint at a minute after nine, that goes on from another."""
    chain = value(f"{mark}{number}")
    return AuditCheckpoint(area, number, chain, value(follows), NINE.add(minutes=minute), "key", value("signature"))


def lent(database: MemoryDatabase) -> Work:
    """A unit that nobody called for."""
    keys = PlainKeys()
    nobody, nowhere = Caller(None, None, "SE"), Standing(whole_country("SE"), ())
    return Work(nobody, nowhere, NINE, database, CountingIds(), keys, PlainSealing(keys))


def kept(*heard: AuditCheckpoint) -> list[int]:
    """How long the chain was in each checkpoint that is kept, after these were heard."""

    async def scene() -> list[int]:
        database = MemoryDatabase(records.METADATA)
        with database.unit():
            for one in heard:
                await hear_audit_checkpoint(one, lent(database))
            return await database.all(NUMBERS, int)

    return asyncio.run(scene())


def test_the_newest_of_each_hour_is_kept() -> None:
    """One that goes on from another of the same hour takes its place."""
    assert kept(checkpoint(1, 0), checkpoint(2, 10, "1"), checkpoint(5, 59, "2"), checkpoint(7, 61, "5")) == [5, 7]


def test_one_that_goes_on_from_nothing_takes_no_place() -> None:
    """A host that has started anew, or has found its last checkpoint gone from the chain: both are kept."""
    assert kept(checkpoint(9, 0), checkpoint(4, 1, mark="other"), checkpoint(12, 2, "other4")) == [9, 12]


def test_the_same_heard_again_and_of_another_feature_are_kept_apart() -> None:
    """A repeat changes nothing, and no feature makes room in another's."""
    assert kept(checkpoint(1, 0), checkpoint(1, 0), checkpoint(2, 1, "1", area="people")) == [1, 2]
