"""Letting those who want notices know that they are asked something: once for each reminder of the protocol, whatever happens.

A reminder that was not told while nothing ran is told once for all of them that are over, if it can still be answered. Who is
reminded of several forms at once is told once.
"""

from mewe_core.kit.noticing import NoticeDone, NoticeDue
from mewe_core.kit.ports import Work
from mewe_core.kit.values import micros, moment
from whenever import Instant

from mewe_eval import store
from mewe_eval.store import Reminded, ToRemind

NOTICE = "eval.notice"
"""What the ids of occurrences are hashed for."""

_AT_ONCE = 100


def following(times: str, reminded: int) -> Instant | None:
    """The next reminder, of which so many are over. ``times``: microseconds with spaces between."""
    there = times.split()
    return moment(int(there[reminded])) if reminded < len(there) else None


def over(times: str, reminded: int, now: Instant) -> int:
    """How many reminders are over at a moment; never fewer than were told already."""
    return max(reminded, sum(int(one) <= micros(now) for one in times.split()))


async def remind(work: Work) -> bool:
    """Tell whose time has come, once. Due all the time."""
    told = set[str]()
    due = await work.database.all(store.TO_REMIND, ToRemind, now=work.now, limit=_AT_ONCE)
    for one in due:
        count = over(one.remind_times, one.reminded, work.now)
        following_time = following(one.remind_times, count)
        await work.database.execute(store.REMINDED, which=one.id, count=count, next=following_time)
        if one.tell and one.person_id not in told:
            told.add(one.person_id)
            work.emit(NoticeDue(_occurrence(work, one.id, count), one.person_id, work.now))
    return len(due) == _AT_ONCE


async def asked_no_more(work: Work, person_id: str, group_id: str | None) -> None:
    """What somebody was told of and has not answered is done; in one group, or anywhere."""
    found = await work.database.all(
        store.REMINDED_OF, Reminded, of=person_id, anywhere=group_id is None, group_id=group_id or ""
    )
    for one in found:
        done(work, one.id, one.count, person_id)


def done(work: Work, form_id: str, reminded: int, person_id: str) -> None:
    """Nothing is to be told of a form any more."""
    if reminded:
        work.emit(NoticeDone(_occurrence(work, form_id, reminded), person_id))


def _occurrence(work: Work, form_id: str, count: int) -> str:
    return work.keys.digest(NOTICE, f"{form_id}/{count}".encode())[:32]
