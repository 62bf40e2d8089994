"""Randomisation that nobody can foresee and everybody can check: permuted blocks from a secret that is shown at the end.

Before the first assignment the commitment is published: SHA-256 of the secret. Whoever has only that cannot tell the next arm.
When the study is over the secret is shown, and whoever has it draws every assignment again. The log is a chain: each entry
holds the hash of the one before, so that none can be changed or left out later.

The draw is a Fisher-Yates shuffle over HMAC-SHA256, without remainders that would favour an arm, so that it is the same
in every version of every library.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from attrs import frozen
from whenever import Instant

from mewe_eval.protocol.definition import Assignment

_WHOLE = 1 << 64


class NotAssignable(Exception):
    """A log cannot be right; the sentence says where."""


@frozen
class Assigned:
    """One entry of the log. ``number``: from 1; ``unit_id``: the group or person; ``before``: the hash of the entry before."""

    number: int
    stratum: str
    unit_id: str
    arm: str
    assign_time: Instant
    before: str

    @property
    def sha256(self) -> str:
        """The hash of this entry, in 64 hexadecimal digits."""
        said = [self.number, self.stratum, self.unit_id, self.arm, self.assign_time.format_iso(), self.before]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def commitment(secret: bytes) -> str:
    """What is published before anything is assigned, in 64 hexadecimal digits; ``secret``: 32 random bytes."""
    return hashlib.sha256(b"mewe randomisation\n" + secret).hexdigest()


def arm_of(assignment: Assignment, secret: bytes, stratum: str, place: int) -> str:
    """The arm of the unit at a place, from 0, of a stratum."""
    return next(islice(_arms(assignment, secret, stratum), place, None))


def assigned(
    assignment: Assignment, secret: bytes, log: Sequence[Assigned], stratum: str, unit_id: str, now: Instant
) -> Assigned:
    """The next entry of the log. ``log``: all there are so far, in order.

    Raises NotAssignable if the unit is in it already.
    """
    if any(one.unit_id == unit_id for one in log):
        raise NotAssignable("it has been assigned already")
    place = sum(one.stratum == stratum for one in log)
    before = log[-1].sha256 if log else commitment(secret)
    return Assigned(len(log) + 1, stratum, unit_id, arm_of(assignment, secret, stratum, place), now, before)


def verify(assignment: Assignment, secret: bytes, published: str, log: Sequence[Assigned]) -> None:
    """Whether a log is what the secret gives, whole and in order, from the commitment that was published.

    Raises NotAssignable with the first thing that is not.
    """
    if commitment(secret) != published:
        raise NotAssignable("the secret is not the one that was published")
    before, places, seen = published, dict[str, int](), set[str]()
    for number, one in enumerate(log, 1):
        place = places.get(one.stratum, 0)
        if one.number != number or one.before != before:
            raise NotAssignable(f"entry {number} does not follow the one before")
        if one.unit_id in seen:
            raise NotAssignable(f"entry {number} assigns somebody for the second time")
        if one.arm != arm_of(assignment, secret, one.stratum, place):
            raise NotAssignable(f"entry {number} is not the arm that was drawn")
        before, places[one.stratum] = one.sha256, place + 1
        seen.add(one.unit_id)


def _arms(assignment: Assignment, secret: bytes, stratum: str) -> Iterator[str]:
    draw = _Draw(hmac.digest(secret, stratum.encode(), "sha256"))
    one_ratio = [arm for arm in sorted(assignment.ratio) for _ in range(assignment.ratio[arm])]
    while True:
        block = one_ratio * assignment.blocks[draw.below(len(assignment.blocks))]
        for last in range(len(block) - 1, 0, -1):
            other = draw.below(last + 1)
            block[last], block[other] = block[other], block[last]
        yield from block


class _Draw:
    """Whole numbers from a key, each as likely as the other."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._count = 0

    def below(self, limit: int) -> int:
        """A number from 0 to ``limit`` - 1."""
        while True:
            self._count += 1
            drawn = int.from_bytes(hmac.digest(self._key, self._count.to_bytes(8), "sha256")[:8])
            if drawn < _WHOLE - _WHOLE % limit:
                return drawn % limit


def balance(log: Sequence[Assigned]) -> Mapping[str, int]:
    """How many units each arm has."""
    return {arm: sum(one.arm == arm for one in log) for arm in sorted({one.arm for one in log})}
