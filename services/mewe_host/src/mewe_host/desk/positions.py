"""Positions: what a caller's last write told, so that another service can wait until it has heard it.

A position is ``area.event/aggregate/sequence``, several of them with commas between; opaque to clients.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Sequence

from attrs import frozen
from mewe_core.kit.errors import Field, Invalid

from mewe_host.parts import Envelope
from mewe_host.recent import Recent

MOST_ENTRIES = 16
_LONGEST = 2048
_REMEMBERED = 20_000
_ENTRY = re.compile(r"([a-z][a-z_]{0,31})\.([a-z][a-z_]{0,63})/([A-Za-z0-9_-]{1,64})/([1-9][0-9]{0,17})")


@frozen
class Entry:
    """An event of another feature; a later one of its name and aggregate stands for it, and any with all that was before it."""

    area: str
    name: str
    aggregate_id: str
    sequence: int


def written(told: Sequence[Envelope]) -> str:
    """The position of what a unit told: the newest event of each name and aggregate, the last sixteen of them."""
    if not told:
        return ""
    newest = {(one.name, one.aggregate_id): one for one in told}
    kept = list(newest.values())[-MOST_ENTRIES:]
    return ",".join(f"{one.area}.{one.name}/{one.aggregate_id}/{one.sequence}" for one in kept)


def read(position: str) -> list[Entry]:
    """What a position names. Raises Invalid if it is none."""
    found = [_ENTRY.fullmatch(one) for one in position.split(",", MOST_ENTRIES)] if len(position) <= _LONGEST else [None]
    entries = [Entry(one[1], one[2], one[3], int(one[4])) for one in found if one is not None]
    if len(entries) < len(found) or len(entries) > MOST_ENTRIES:
        raise Invalid(Field("mewe-position", "the mewe-position of an earlier answer, unchanged"))
    return entries


class Arrivals:
    """What this process knows to have been heard, and who waits for more."""

    def __init__(self) -> None:
        self._whole: Recent[tuple[str, str], int] = Recent(_REMEMBERED)
        self._newest: Recent[tuple[str, str, str], int] = Recent(_REMEMBERED)
        self._waiting: defaultdict[tuple[str, str], set[asyncio.Event]] = defaultdict(set)

    def heard(self, entry: Entry) -> bool:
        """Whether the entry, or one that stands for it, was noted here."""
        whole = self._whole.get((entry.area, entry.aggregate_id)) or 0
        return max(whole, self._newest.get((entry.area, entry.name, entry.aggregate_id)) or 0) >= entry.sequence

    def note(self, entry: Entry, *, whole: bool) -> None:
        """This was heard, and is kept; ``whole``: with everything before it in its aggregate."""
        place, newest = (entry.area, entry.aggregate_id), (entry.area, entry.name, entry.aggregate_id)
        if whole:
            self._whole.keep(place, max(entry.sequence, self._whole.get(place) or 0))
        else:
            self._newest.keep(newest, max(entry.sequence, self._newest.get(newest) or 0))
        for waiting in self._waiting.get(place, ()):
            waiting.set()

    async def next(self, entry: Entry, seconds: float) -> None:
        """Wait until something of the entry's aggregate is noted, at most that long."""
        place, arrived = (entry.area, entry.aggregate_id), asyncio.Event()
        self._waiting[place].add(arrived)
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await arrived.wait()
        except TimeoutError:
            return
        finally:
            self._waiting[place].discard(arrived)
            if not self._waiting[place]:
                del self._waiting[place]
