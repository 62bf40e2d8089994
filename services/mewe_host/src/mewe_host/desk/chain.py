"""The chain over a feature's audit: what a record's value is made of, and how records are taken into the chain.

The value of a record is HMAC-SHA-256, under a key of the country that is for this feature's audit alone, over the value
before it and the record. Whoever has the database and not the key can make no value that fits.
"""

import json
import struct

from attrs import Factory, define, field, frozen
from mewe_core.kit.ports import Keys

_WIDTH = 32


@define
class Record:
    """A row of ``kit_audit``, as it stands there. Nobody changes one; that it is not frozen makes it cheaper to read."""

    position: int
    at: int
    caller_id: str | None
    method: str
    scope_kind: str
    scope_id: str
    about_id: str | None
    outcome: str
    count: int
    until: int | None


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

    def value_at(self, number: int) -> bytes | None:
        """The chain's value at a record, by the record's place in the chain; None if it is not in this row."""
        start = (number - self.number) * _WIDTH
        return self.chains[start : start + _WIDTH] if 0 <= start < len(self.chains) else None

    @property
    def places(self) -> tuple[int, ...]:
        """The position of each record, in the order of the chain."""
        return struct.unpack(f">{len(self.positions) // 8}q", self.positions)

    def pairs(self) -> list[tuple[int, bytes]]:
        """The position of each record and the chain's value at it, in the order of the chain."""
        chains = (self.chains[start : start + _WIDTH] for start in range(0, len(self.chains), _WIDTH))
        return list(zip(self.places, chains, strict=True))


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
    purpose: str = field(
        init=False, repr=False, default=Factory(lambda self: f"audit chain of {self.feature}", takes_self=True)
    )

    def value(self, before: bytes, record: Record, *, position: int | None = None) -> bytes:
        """The value of a record behind the value ``before``; ``position`` is where it stands, if not at its own.

        A record is told as a list in JSON, ASCII without blanks, so that no two tell the same. Raises TypeError or ValueError
        for one that holds what no host writes (bytes in place of text, text in place of a number).
        """
        place = record.position if position is None else position
        caller = "null" if record.caller_id is None else _TEXT(record.caller_id)
        about = "null" if record.about_id is None else _TEXT(record.about_id)
        until = "null" if record.until is None else f"{record.until:d}"
        where = f"{_TEXT(record.method)},{_TEXT(record.scope_kind)},{_TEXT(record.scope_id)},{about}"
        told = f"[{place:d},{record.at:d},{caller},{where},{_TEXT(record.outcome)},{record.count:d},{until}]"
        return bytes.fromhex(self.keys.digest(self.purpose, before + told.encode()))

    def seal(self, before: Head, records: list[Record]) -> Seal:
        """The row that takes these records into the chain, in this order."""
        chain, chains = before.chain, []
        for record in records:
            chain = self.value(chain, record)
            chains.append(chain)
        positions = struct.pack(f">{len(records)}q", *(record.position for record in records))
        return Seal(before.count + 1, positions, b"".join(chains))
