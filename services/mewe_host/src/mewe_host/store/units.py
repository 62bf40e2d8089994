"""What the two kinds of store have in common: how a unit is told that it is over, and who is told of a commit."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from mewe_core.kit.errors import Unavailable

T = TypeVar("T")


class UnitSuspended(RuntimeError):
    """A unit of work waited for something. Slow work belongs before or after a unit, never inside."""

    def __init__(self) -> None:
        super().__init__("a unit of work had to wait for something that is not its database; nothing of it was kept")


class UnitOver(RuntimeError):
    """A database was used outside the unit that it was lent to."""

    def __init__(self) -> None:
        super().__init__("this database belongs to a unit of work that is over")


class Reading(RuntimeError):
    """A unit that only reads tried to change something."""

    def __init__(self) -> None:
        super().__init__("a unit that reads cannot change anything; the contract must say that this call writes")


def unavailable(cause: BaseException | None = None) -> Unavailable:
    """What a caller is told when the database does not work just now; the cause is for the log alone."""
    failure = Unavailable()
    failure.__cause__ = cause
    return failure


def unbroken(awaitable: Awaitable[T]) -> T:
    """Run a coroutine from start to end without the loop. Raises UnitSuspended if it waits for anything."""
    steps = awaitable.__await__()
    try:
        next(steps)
    except StopIteration as end:
        answer: T = end.value
        return answer
    close = getattr(steps, "close", None)
    if close is not None:
        close()
    raise UnitSuspended


class Wakes:
    """Who wants to know of commits."""

    def __init__(self) -> None:
        self._calls: list[Callable[[], None]] = []

    def add(self, wake: Callable[[], None]) -> None:
        """Call this too, from now on."""
        self._calls.append(wake)

    def call(self) -> None:
        """There was a commit."""
        for wake in self._calls:
            wake()
