"""Checkpoints as other features keep them: signed by the host that took them, read again by whoever verifies."""

import json

from attrs import asdict, evolve, frozen
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.records import CHECKPOINT
from mewe_core.kit.values import micros
from mewe_core.kit.witness import AuditCheckpoint
from sqlalchemy import select
from whenever import Instant

from mewe_host.desk.chain import Head
from mewe_host.desk.checkpoints import Checkpoint
from mewe_host.parts import SigningKeys

_PURPOSE = "audit checkpoint of a witness"

_ROW = tuple(CHECKPOINT.c[name] for name in ("area_id", "number", "chain", "follows", "taken_at", "key_id", "signature"))

KEPT: Executable = select(*_ROW).order_by(CHECKPOINT.c.number)
"""Every checkpoint that a feature keeps for others: one an hour and feature."""


@frozen
class Kept:
    """A row of ``kit_checkpoint``, as it stands there."""

    area_id: str
    number: int
    chain: str
    follows: str
    taken_at: int
    key_id: str
    signature: str


def taken(feature: str, head: Head, follows: Head, at: Instant, keys: SigningKeys) -> AuditCheckpoint:
    """A signed checkpoint. ``follows`` is where the chain stood at the one before it."""
    key_id = keys.public_key().id
    bare = Kept(feature, head.count, head.chain.hex(), follows.chain.hex(), micros(at), key_id, "")
    chain, before = Hexadecimal(bare.chain), Hexadecimal(bare.follows)
    return AuditCheckpoint(feature, head.count, chain, before, at, key_id, keys.sign(_PURPOSE, _said(bare)))


async def kept(database: Database) -> list[Kept]:
    """Everything that a feature keeps as a witness, whatever it says."""
    return await database.all(KEPT, Kept)


def read(row: Kept, witness: str, keys: SigningKeys) -> Checkpoint | None:
    """What a feature keeps as a witness, or None if it is not as it was signed."""
    try:
        if not keys.verified(_PURPOSE, _said(row), row.key_id, row.signature):
            return None
        return Checkpoint(row.area_id, Head(row.number, bytes.fromhex(row.chain)), row.taken_at, witness)
    except (TypeError, ValueError):  # a database may hold anything
        return None


def _said(row: Kept) -> bytes:
    return json.dumps(asdict(evolve(row, signature=""))).encode()
