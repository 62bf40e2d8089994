"""How much one person may ask for in a minute: of calls, and of those that give much.

Counted by the person whom the token names, in each process for itself: a person has as many allowances as there are processes
that serve them. Not by address: a school sits behind one, and so does everybody behind a deployment's proxy. Whoever has no
token meets the bound on all calls at once, and codes that are counted where they are wrong.
"""

from math import ceil

from attrs import define, frozen

from mewe_host.desk.failures import TooManyCalls
from mewe_host.recent import Recent

MINUTE = 60.0

REMEMBERED = 20_000
"""Of how many persons it is known what they have asked for; whoever has not called for the longest begins anew."""


@frozen
class Allowance:
    """How many calls of one person a minute: ``calls`` of all, ``lists`` of those that give much. As many at once."""

    calls: int = 300
    lists: int = 120


def full_again(full_at: float, now: float, a_minute: int) -> float:
    """When a bucket is full again from which one more is taken now. Pure.

    A bucket holds ``a_minute``, fills up evenly within a minute, and is known by the moment at which it is full.
    """
    return (full_at if full_at > now else now) + MINUTE / a_minute


def waits(full_at: float, now: float, a_minute: int) -> float:
    """How many seconds until one can be taken; zero or less if there is one now. Pure."""
    return full_again(full_at, now, a_minute) - now - MINUTE - MINUTE / a_minute / 1000


@define
class _Taken:
    calls_full_at: float = 0.0
    lists_full_at: float = 0.0


class Allowances:
    """What everybody has asked for lately, in this process."""

    def __init__(self, allowance: Allowance, *, most: int = REMEMBERED) -> None:
        """``most``: of how many persons it is remembered."""
        self._calls, self._lists = allowance.calls, allowance.lists
        self._taken: Recent[str, _Taken] = Recent(most)

    def __len__(self) -> int:
        """Of how many persons it is remembered."""
        return len(self._taken)

    def take(self, person_id: str, now: float, *, much: bool) -> None:
        """One more call; ``now`` in seconds of a clock that never goes back, ``much``: it gives much.

        Raises TooManyCalls, and then takes nothing.
        """
        taken = self._taken.get(person_id)
        if taken is None:
            taken = self._taken.keep(person_id, _Taken())
        wait = waits(taken.calls_full_at, now, self._calls)
        if much:
            wait = max(wait, waits(taken.lists_full_at, now, self._lists))
        if wait > 0:
            raise TooManyCalls(after_seconds=ceil(wait))
        taken.calls_full_at = full_again(taken.calls_full_at, now, self._calls)
        if much:
            taken.lists_full_at = full_again(taken.lists_full_at, now, self._lists)
