"""The chain over a feature's audit: what a record's value is made of, where it is kept, and which records may come late.

The value of a record is HMAC-SHA-256, under a key of the country that is for this feature's audit alone, over the value
before it and the record. Whoever has the database and not the key can make no value that fits.

The values stand in a table of their own (``kit_audit_seal``), some hundreds of records a row: the unit that writes a record
pays nothing for its seal, neither a column that is written twice nor an index. The chain has an order of its own, that of
sealing. On SQLite it is the order of positions. On PostgreSQL units run beside each other, so that a record may be kept after
one with a higher position has been sealed; it is sealed then, and that is no fault as long as no more than ``LATEST`` others
were sealed in between. A position that nobody fills (its unit was undone) stays empty, which is no fault either.
"""

import json
import struct

from attrs import define, field, frozen
from mewe_core.kit.database import Executable, one_of
from mewe_core.kit.ports import Keys
from mewe_core.kit.records import AUDIT, AUDIT_SEAL
from sqlalchemy import bindparam, func, insert, select

MOST = 500
"""How many records are sealed in one unit."""

LATEST = 200_000
"""How many records may be sealed between the first that overtook a record and the record itself: a minute's, at full load."""

WIDEST = 1000
"""How many empty positions before a record are waited for; units that run beside each other are far fewer."""

_WIDTH = 32
_RECORD = (AUDIT.c.position, AUDIT.c.at, AUDIT.c.caller_id, AUDIT.c.method, AUDIT.c.scope_kind, AUDIT.c.scope_id)
_SEAL = (AUDIT_SEAL.c.number, AUDIT_SEAL.c.positions, AUDIT_SEAL.c.chains)

BEHIND: Executable = select(*_RECORD).where(AUDIT.c.position > bindparam("after")).order_by(AUDIT.c.position).limit(MOST)
"""The next records behind a position."""

AT: Executable = select(*_RECORD).where(one_of(AUDIT.c.position, "positions")).order_by(AUDIT.c.position)
"""The records at these positions, as far as they are there."""

LAST: Executable = select(*_SEAL).where(AUDIT_SEAL.c.number == select(func.max(AUDIT_SEAL.c.number)).scalar_subquery())
"""The last row of the chain."""

NEXT: Executable = select(*_SEAL).where(AUDIT_SEAL.c.number > bindparam("after")).order_by(AUDIT_SEAL.c.number).limit(1)
"""The row of the chain behind this one."""

KEEP_SEAL: Executable = insert(AUDIT_SEAL)


@frozen
class Record:
    """A row of ``kit_audit``, as it stands there."""

    position: int
    at: int
    caller_id: str | None
    method: str
    scope_kind: str
    scope_id: str


@frozen
class Seal:
    """A row of ``kit_audit_seal``, as it stands there."""

    number: int
    positions: bytes
    chains: bytes

    @property
    def is_whole(self) -> bool:
        """Whether it has one value for each position, and one at least."""
        if {type(self.positions), type(self.chains)} != {bytes}:  # a file may hold anything
            return False
        count, rest = divmod(len(self.chains), _WIDTH)
        return count > 0 and rest == 0 and len(self.positions) == 8 * count

    @property
    def head(self) -> "Head":
        """Where the chain stands behind it."""
        return Head(self.number - 1 + len(self.chains) // _WIDTH, self.chains[-_WIDTH:])

    def pairs(self) -> list[tuple[int, bytes]]:
        """The position of each record and the chain's value at it, in the order of the chain."""
        chains = (self.chains[start : start + _WIDTH] for start in range(0, len(self.chains), _WIDTH))
        return list(zip(struct.unpack(f">{len(self.positions) // 8}q", self.positions), chains, strict=True))


@frozen
class Head:
    """Where a chain stands: how many records it holds, and its value at the last."""

    count: int = 0
    chain: bytes = bytes(_WIDTH)


_TEXT = json.encoder.encode_basestring_ascii


@frozen
class Chain:
    """The chain of one feature."""

    feature: str
    keys: Keys = field(repr=False)

    def value(self, before: bytes, record: Record, *, position: int | None = None) -> bytes:
        """The value of a record behind the value ``before``; ``position`` is where it stands, if not at its own.

        A record is told as a list in JSON, ASCII without blanks, so that no two tell the same. Raises TypeError or ValueError
        for one that holds what no host writes (bytes in place of text, text in place of a number).
        """
        place = record.position if position is None else position
        caller = "null" if record.caller_id is None else _TEXT(record.caller_id)
        scope = f"{_TEXT(record.scope_kind)},{_TEXT(record.scope_id)}"
        told = f"[{place:d},{record.at:d},{caller},{_TEXT(record.method)},{scope}]"
        return bytes.fromhex(self.keys.digest(f"audit chain of {self.feature}", before + told.encode()))

    def seal(self, before: Head, records: list[Record]) -> Seal:
        """The row that takes these records into the chain, in this order."""
        chain, chains = before.chain, []
        for record in records:
            chain = self.value(chain, record)
            chains.append(chain)
        positions = struct.pack(f">{len(records)}q", *(record.position for record in records))
        return Seal(before.count + 1, positions, b"".join(chains))


@define
class Order:
    """Which positions are in the chain, as far as it takes to know what may still come.

    ``missing`` holds positions that were overtaken, each with the count of the chain at which that was.
    """

    count: int = 0
    top: int = 0
    missing: dict[int, int] = field(factory=dict)

    def take(self, position: int) -> None:
        """The next record of the chain has this position."""
        self.count += 1
        if position > self.top:
            for empty in range(max(self.top + 1, position - WIDEST), position):
                self.missing[empty] = self.count
            self.top = position
        else:
            self.missing.pop(position, None)

    def may_come(self, position: int) -> bool:
        """Whether the record at this position may still be sealed."""
        overtaken = self.missing.get(position)
        return overtaken is not None and self.count - overtaken < LATEST

    def forget(self) -> None:
        """Wait no more for what can be late no more."""
        while self.missing and not self.may_come(first := next(iter(self.missing))):
            del self.missing[first]
