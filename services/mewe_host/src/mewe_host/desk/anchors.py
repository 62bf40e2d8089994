"""The anchor of a chain whose oldest records were let go: where it begins, signed by the host that let them go.

Only with an anchor may a chain begin behind its first record. It is signed for this purpose alone, so that no checkpoint can be
put in its place.
"""

import json

from attrs import asdict, evolve, frozen
from mewe_core.kit.database import Executable
from mewe_core.kit.records import AUDIT_ANCHOR
from sqlalchemy import bindparam, delete, insert, select

from mewe_host.desk.chain import Head
from mewe_host.parts import SigningKeys

_PURPOSE = "audit anchor"

ANCHORS: Executable = select(*AUDIT_ANCHOR.c).order_by(AUDIT_ANCHOR.c.number).limit(2)
"""The one there is; a second would be a fault."""

KEEP_ANCHOR: Executable = insert(AUDIT_ANCHOR)

FORGET_ANCHORS: Executable = delete(AUDIT_ANCHOR).where(AUDIT_ANCHOR.c.number < bindparam("number"))


@frozen
class Anchor:
    """A row of ``kit_audit_anchor``, as it stands there."""

    number: int
    chain: str
    top: int
    until: int
    taken_at: int
    key_id: str
    signature: str

    @property
    def head(self) -> Head:
        """Where the chain begins behind it."""
        return Head(self.number, bytes.fromhex(self.chain))


def signed(feature: str, head: Head, *, top: int, until: int, taken_at: int, keys: SigningKeys) -> Anchor:
    """The anchor of a chain that begins behind ``head``."""
    bare = Anchor(head.count, head.chain.hex(), top, until, taken_at, keys.public_key().id, "")
    return evolve(bare, signature=keys.sign(_PURPOSE, _said(feature, bare)))


def is_good(feature: str, anchor: Anchor, keys: SigningKeys) -> bool:
    """Whether it is as it was signed."""
    try:
        return keys.verified(_PURPOSE, _said(feature, anchor), anchor.key_id, anchor.signature)
    except (TypeError, ValueError):  # a database may hold anything
        return False


def _said(feature: str, anchor: Anchor) -> bytes:
    return json.dumps(asdict(evolve(anchor, signature="")) | {"feature": feature}).encode()
