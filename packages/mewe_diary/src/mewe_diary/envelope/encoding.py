"""How things become bytes: fields, canonical JSON, padding (docs/diary-protocol.md, notation)."""

import json
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import TypeAlias

from attrs import define, field

from mewe_diary.envelope.errors import EntryTooLong, Malformed, Unreadable

LABEL = "MEWE diary 1"
FORMAT = 1
ID = 16
HASH = 32
NONCE = 12
TAG = 16
BUCKETS = (1024, 2048, 4096, 8192, 16384, 32768, 65536)
LENGTH = 4
LAST_MILLISECOND = 253402300799999
"""Of the year 9999."""

Secret: TypeAlias = Callable[[int], bytes]
"""Where random bytes come from: called with how many (``mewe_core.kit.ports.Ids.secret``, or ``secrets.token_bytes``)."""

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"


class Kind(IntEnum):
    """What a sealed thing is; its second byte."""

    ENTRY = 1
    TOMBSTONE = 2
    HEAD = 3
    LOCK = 4
    SHARE = 5
    HAND_OVER = 6
    LOCAL = 7


def fields(*parts: str | bytes) -> bytes:
    """Each part behind its length in two bytes, so that no two lists of parts are the same bytes."""
    encoded = (part.encode() if isinstance(part, str) else part for part in parts)
    return b"".join(len(part).to_bytes(2, "big") + part for part in encoded)


def begin(kind: Kind) -> bytes:
    """The two bytes that everything sealed begins with."""
    return bytes((FORMAT, kind))


@define(slots=True)
class Reader:
    """Takes bytes off the front. Raises Malformed where there are too few."""

    _given: bytes
    _at: int = field(default=0, init=False)

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self._given) - self._at

    @property
    def rest(self) -> bytes:
        """The bytes that are left."""
        return self._given[self._at :]

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        if self.left < count:
            raise Malformed
        self._at += count
        return self._given[self._at - count : self._at]

    def number(self, count: int) -> int:
        """The next ``count`` bytes as an unsigned integer."""
        return int.from_bytes(self.take(count), "big")

    def moment(self) -> int:
        """The next eight bytes as milliseconds since 1970. Raises Malformed behind the year 9999."""
        milliseconds = self.number(8)
        if milliseconds > LAST_MILLISECOND:
            raise Malformed
        return milliseconds

    def begin(self, *kinds: Kind) -> Kind:
        """Format and kind. Raises Malformed unless it is one of ``kinds``."""
        form, kind = self.take(2)
        if form != FORMAT or kind not in kinds:
            raise Malformed
        return Kind(kind)

    def end(self, count: int) -> bytes:
        """What is left. Raises Malformed unless it is exactly ``count`` bytes."""
        if self.left != count:
            raise Malformed
        return self.take(count)


def canonical(value: Mapping[str, Json]) -> bytes:
    """Canonical JSON (RFC 8785) of an object without fractions."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parsed(said: bytes) -> dict[str, Json]:
    """The object that canonical JSON says. Raises Unreadable for anything else, however near."""
    try:
        value = json.loads(said.decode())
        if isinstance(value, dict) and canonical(value) == said:
            return value
    except (ValueError, RecursionError):
        pass
    raise Unreadable


def padded(said: bytes) -> bytes:
    """Length, JSON, zeros, up to the smallest bucket that holds it. Raises EntryTooLong past the largest."""
    for bucket in BUCKETS:
        if LENGTH + len(said) <= bucket:
            return (len(said).to_bytes(LENGTH, "big") + said).ljust(bucket, b"\0")
    raise EntryTooLong


def unpadded(plain: bytes) -> bytes:
    """The inverse. Raises Unreadable for anything that ``padded`` would not have made."""
    said = plain[LENGTH : LENGTH + int.from_bytes(plain[:LENGTH], "big")]
    if len(plain) not in BUCKETS or padded(said) != plain:
        raise Unreadable
    return said
