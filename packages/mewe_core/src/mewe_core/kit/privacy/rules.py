"""What becomes of what is held about a person who is erased: deleted, emptied, kept or held, and under which rule. Pure."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.personal import Erasure, Personal

HOURS_PER_DAY = 24


class Done(StrEnum):
    """What was done with rows."""

    DELETED = "deleted"
    CLEARED = "cleared"
    KEPT = "kept"
    HELD = "held"


@frozen
class Archive:
    """A rule of the organisation, by the name that a receipt shows: these tables stay so many days longer than the person."""

    rule: str
    tables: tuple[str, ...]
    days: int


@frozen
class Fate:
    """What is to be done with what a declaration names. ``rule`` says why it stays, ``until`` how long, if that is known."""

    done: Done
    rule: str | None = None
    until: Instant | None = None


_DONE = {Erasure.DELETE_ROW: Done.DELETED, Erasure.CLEAR: Done.CLEARED, Erasure.KEEP_PSEUDONYM: Done.KEPT}


def fate(one: Personal, archives: Iterable[Archive], decided_at: Instant, now: Instant) -> Fate:
    """What becomes of what one declaration names, but for rows that its ``hold`` keeps.

    The longest archive rule that still runs comes before everything that would change a row; what is kept under the pseudonym
    anyway is kept under its legal basis. Nothing is held for ever: when the rule has run out, the declaration takes effect.
    """
    if one.erasure is Erasure.KEEP_PSEUDONYM:
        return Fate(Done.KEPT, one.basis.value)
    running = [
        (until, archive.rule)
        for archive in archives
        if one.table in archive.tables and (until := decided_at.add(hours=HOURS_PER_DAY * archive.days)) > now
    ]
    if running:
        until, rule = max(running, key=lambda pair: pair[0])
        return Fate(Done.HELD, rule, until)
    return Fate(_DONE[one.erasure])


@frozen
class Purposes:
    """Which of a person's keys are destroyed: ``every`` one, or those of some purposes."""

    every: bool
    named: tuple[str, ...] = ()


def purposes(lines: Sequence[tuple[Personal, Done]]) -> Purposes:
    """Which keys go, given what becomes of each declaration. The key of what is held stays until that is released."""
    held = {one.sealed for one, done in lines if one.own_keys and done is Done.HELD}
    if not held:
        return Purposes(every=True)
    declared = {one.sealed for one, _ in lines if one.own_keys and one.sealed is not None}
    return Purposes(every=False, named=tuple(sorted(name for name in declared - held if name is not None)))


@frozen
class Outcome:
    """How many rows of a table came to what, under which rule."""

    table: str
    done: Done
    rows: int
    rule: str | None = None
    until: Instant | None = field(default=None)


def summed(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """One outcome a table, end, rule and moment, in a fixed order; none of no rows."""
    counted: dict[tuple[str, Done, str | None, Instant | None], int] = {}
    for one in outcomes:
        key = (one.table, one.done, one.rule, one.until)
        counted[key] = counted.get(key, 0) + one.rows
    made = [Outcome(table, done, rows, rule, until) for (table, done, rule, until), rows in counted.items() if rows]
    return tuple(sorted(made, key=lambda one: (one.table, one.done.value, one.rule or "", str(one.until))))
