"""The highest moment that a deployment has seen, so that a machine's clock that is set back brings nothing expired to life.

Each host notes it every second in ``clock-seen`` beside the key folder, which all its processes share; the newest records of
its databases count too, for a machine that has no such file. Time never falls below it, in a running host or after a restart.
While the machine's clock is behind, time goes on from there at nine tenths of its pace: it is never frozen, and a machine that
was put right by a little has caught up by itself. One that was far ahead by mistake is put right by ``mewe clock accept``.
"""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from attrs import frozen
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.ports import Clock
from mewe_core.kit.records import AUDIT, OUTBOX
from mewe_core.kit.values import micros, moment
from sqlalchemy import select
from whenever import Instant, TimeDelta

from mewe_host.identity.folder import KeyFault
from mewe_host.parts import Store

TOLD_FROM = TimeDelta(seconds=10)
"""A machine that is behind by less is not worth a word: clocks that are kept in step move by less."""

_SLOWLY, _OF = 9, 10
_NEWEST_EVENT: Executable = (
    select(OUTBOX.c.occurred_at).where(OUTBOX.c.position > 0).order_by(OUTBOX.c.position.desc()).limit(1)
)
_NEWEST_RECORD: Executable = select(AUDIT.c.at).where(AUDIT.c.position > 0).order_by(AUDIT.c.position.desc()).limit(1)


@frozen
class Mark:
    """What the file says, in microseconds since 1970 UTC: the highest moment, and up to which the databases are not asked."""

    seen: int = 0
    forgiven: int = 0

    @classmethod
    def read(cls, file: Path) -> "Mark":
        """What the file says; nothing if it is not there. Raises KeyFault if it cannot be read or says no moments."""
        try:
            seen, forgiven = (int(line) for line in file.read_text("ascii").split())
            moment(seen), moment(forgiven)
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as fault:
            raise KeyFault(
                f"{file} does not say which moment this deployment has seen last ({type(fault).__name__}). Allowed: two whole "
                "numbers; see that the machine's clock is right, then remove the file"
            ) from None
        return cls(seen, forgiven)

    def write(self, file: Path) -> None:
        """Have the file say so. Raises OSError."""
        fresh = file.with_name(f".{file.name}.{os.getpid()}")
        fresh.write_text(f"{self.seen} {self.forgiven}\n", "ascii")
        fresh.replace(file)


def beside(keys_folder: Path) -> Path:
    """The file that belongs to a key folder: ``clock-seen`` beside it."""
    return keys_folder.parent / "clock-seen"


class SeenClock:
    """A clock that never falls below what a deployment has seen. ``steady`` counts nanoseconds and is set by nobody."""

    def __init__(self, clock: Clock, file: Path, *, steady: Callable[[], int] = time.monotonic_ns) -> None:
        """Raises KeyFault if the file cannot be used."""
        self._clock, self._file, self._steady = clock, file, steady
        mark = Mark.read(file)
        self._forgiven = mark.forgiven
        self._highest, self._at = mark.seen, steady()

    def now(self) -> Instant:
        """This moment, in whole microseconds."""
        now, at = self._clock.now(), self._steady()
        told, passed = micros(now), (at - self._at) // 1000
        slowly = passed * _SLOWLY // _OF
        if told >= self._highest + slowly:
            self._highest, self._at = told, at
            return now
        if slowly:
            self._highest += slowly
            self._at += passed * 1000
        return moment(self._highest)

    @property
    def behind(self) -> TimeDelta:
        """How far the machine's clock is behind the time that goes here."""
        return self.now() - self._clock.now()

    async def learn(self, stores: Iterable[Store]) -> None:
        """Take the newest records of databases into account."""
        newest = await newest_of(stores)
        if newest > self._forgiven:
            self._raise(newest)

    async def keep(self) -> None:
        """Note in the file what was seen, and see what other processes have noted. To be called each second."""
        self.note()

    def note(self) -> None:
        """The same at once. Raises KeyFault or OSError if the file cannot be used."""
        mark = Mark.read(self._file)
        self._raise(mark.seen)
        now = micros(self.now())
        if now > mark.seen:
            Mark(now, self._forgiven).write(self._file)

    def _raise(self, seen: int) -> None:
        if seen > micros(self.now()):
            self._highest, self._at = seen, self._steady()


async def newest_of(stores: Iterable[Store]) -> int:
    """The newest moment that stands in databases, in microseconds since 1970 UTC; 0 if there is none."""
    found = [await store.read(_newest) for store in stores]
    return max(found, default=0)


async def _newest(database: Database) -> int:
    moments = (await database.first(_NEWEST_EVENT, int), await database.first(_NEWEST_RECORD, int))
    return max(one or 0 for one in moments)


def notes(clock: SeenClock, file: str) -> tuple[str, ...]:
    """What to say of a machine's clock that is behind."""
    behind = clock.behind
    if behind < TOLD_FROM:
        return ()
    return (
        f"The machine's clock is {_words(behind)} behind what this deployment has seen, so time goes on from there and nothing "
        f"expired comes alive. Set it right; if it was ahead by mistake: mewe clock accept {file}",
    )


def _words(span: TimeDelta) -> str:
    seconds = int(span.total("seconds"))
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} seconds"
