"""Checkpoints of the audit, told by every feature and kept by others: whoever has one database cannot cut off its end unseen.

A witness needs no secret: a checkpoint is signed, and verified with the country's public key alone.
"""

from attrs import frozen
from sqlalchemy import bindparam, delete
from whenever import Instant

from mewe_core.kit.database import Either, Executable, either
from mewe_core.kit.events import Event, Hears, Hexadecimal, Published
from mewe_core.kit.ports import Work
from mewe_core.kit.records import CHECKPOINT
from mewe_core.kit.values import columns, micros

HOUR = 3_600_000_000
"""In microseconds."""


@frozen
class AuditCheckpoint(Event):
    """The chain of a feature's audit held ``number`` records, with the value ``chain`` at the last.

    ``follows`` is the value at the checkpoint before it, which the same host has found in the chain again (zeros if there is
    none): that one may make room. ``signature`` (ES256) is over all the rest, for a country.
    """

    area_id: str
    number: int
    chain: Hexadecimal
    follows: Hexadecimal
    taken_at: Instant
    key_id: str
    signature: Hexadecimal


AUDIT_CHECKPOINTS = Published(
    AuditCheckpoint,
    aggregate="area_id",
    state=True,
    meaning="How long the chain over the feature's audit is, signed; other features keep it.",
)
"""What every feature tells, without declaring it itself."""

KEEP: Either = either(lambda insert: insert(CHECKPOINT).on_conflict_do_nothing())

MAKE_ROOM: Executable = delete(CHECKPOINT).where(
    CHECKPOINT.c.area_id == bindparam("area_id"),
    CHECKPOINT.c.chain == bindparam("follows"),
    CHECKPOINT.c.taken_at >= bindparam("hour"),
    CHECKPOINT.c.taken_at <= bindparam("now"),
)


async def hear_audit_checkpoint(event: AuditCheckpoint, work: Work) -> None:
    """Keep a checkpoint; the one that it goes on from makes room if it is of the same hour. So one an hour is kept.

    A chain that was cut off and went on does not go on from what it had told: what was told before stays, and bears witness.
    """
    told = micros(event.taken_at)
    await work.database.execute(MAKE_ROOM, area_id=event.area_id, follows=event.follows, hour=told - told % HOUR, now=told)
    await work.database.execute(KEEP, **columns(event))


WITNESSES = Hears(AuditCheckpoint, hear_audit_checkpoint)
"""What a feature hears of those that it is a witness for."""
