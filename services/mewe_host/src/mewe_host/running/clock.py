"""Where the time comes from: the machine, or for a demo a file that its processes share and a client may move on."""

import os
import time
from pathlib import Path

from whenever import Instant

_SECOND = 1_000_000
FURTHEST = 20 * 366 * 24 * 3600 * _SECOND
"""How far a clock file may stand ahead of the machine, in microseconds: twenty years."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        """This moment, in whole microseconds."""
        return Instant.from_timestamp(time.time_ns() // 1000, unit="microsecond")


class FileClock:
    """The machine's clock, ahead by what a file says: a whole number of microseconds, the same for all who read it.

    Time goes on between the jumps and never back. A file that is missing or unreadable changes nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._ahead = 0

    def now(self) -> Instant:
        """This moment, in whole microseconds."""
        return Instant.from_timestamp(time.time_ns() // 1000 + self._offset(), unit="microsecond")

    def advance(self, microseconds: int) -> Instant:
        """Let time pass for everybody who reads the file. Raises ValueError for less than nothing, or beyond twenty years."""
        ahead = self._offset() + microseconds
        if microseconds < 0 or ahead > FURTHEST:
            raise ValueError("time goes forward, and at most twenty years ahead of the machine")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        fresh.write_text(f"{ahead}\n")
        fresh.replace(self._path)
        return self.now()

    def _offset(self) -> int:
        try:
            found = self._path.stat()
            seen = (found.st_mtime_ns, found.st_ino)
            if seen != self._seen:
                ahead = int(self._path.read_text())
                self._ahead = max(self._ahead, min(ahead, FURTHEST))
                self._seen = seen
        except (OSError, ValueError):
            pass
        return self._ahead
