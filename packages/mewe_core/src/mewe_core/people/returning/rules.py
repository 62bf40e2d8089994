"""Which adults let somebody come back. Pure."""

from whenever import Instant

from mewe_core.people.errors import AnotherAdult

OPEN_HOURS = 72
"""How long a return waits for a second adult, and for the person."""


def ends(now: Instant) -> Instant:
    """When a return asked for now is over, if nobody has come back by it."""
    return now.add(hours=OPEN_HOURS)


def another(caller: str | None, *others: str | None) -> None:
    """Whether the caller is none of those who did something in this before, nor the person. Raises AnotherAdult."""
    if caller is None or caller in others:
        raise AnotherAdult
