"""When a group meets: sessions planned on the clocks of a time zone.

A session at 16:00 stays at 16:00 when the clocks change. A time that somebody wrote and that the clocks skip on that date is
refused; of a time that comes twice the first is meant. Where a time follows from others (the next week, three months later)
and the clocks skip it, the session begins as much later as the clocks jump (RFC 5545 says the same).
"""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from attrs import field, frozen
from whenever import Date, Instant, PlainDateTime, SkippedTime, Time, ZonedDateTime

from mewe_core.kit.checks import zone
from mewe_core.kit.errors import Field, Invalid
from mewe_core.programme.definition import Definition, SessionDefinition

EARLIEST, LATEST = Date(2000, 1, 1), Date(2199, 12, 31)
"""Dates that a session may have."""

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@frozen
class LocalStart:
    """A date and time on a group's clocks. ``time`` is "16:00": hours and minutes."""

    date: Date = field()
    time: str = field()

    @date.validator
    def _possible(self, _: object, value: Date) -> None:
        if not EARLIEST <= value <= LATEST:
            raise Invalid(Field("date", f"a date from {EARLIEST} to {LATEST}"))

    @time.validator
    def _of_day(self, _: object, value: str) -> None:
        if not _TIME.fullmatch(value):
            raise Invalid(Field("time", 'a time of the day from "00:00" to "23:59"'))

    def plain(self) -> PlainDateTime:
        """Both together, without a zone."""
        return self.date.at(Time.parse_iso(self.time))


@frozen
class PlannedSession:
    """A session with its start and end. ``number`` counts the series from 1; the follow-up comes after the last."""

    plan_id: str
    number: int
    follow_up: bool
    starts_at: Instant
    ends_at: Instant


def entered(start: LocalStart, time_zone: str, path: str) -> Instant:
    """The moment that somebody meant. Raises Invalid under ``path`` for a time that the clocks skip on that date."""
    try:
        return _earlier(start.plain(), time_zone).to_instant()
    except SkippedTime:
        raise Invalid(Field(f"{path}.time", "a time that the clocks do not skip on that date")) from None


def local(moment: Instant, time_zone: str) -> LocalStart:
    """A moment on the clocks of a time zone, in whole minutes."""
    there = moment.to_tz(time_zone)
    return LocalStart(there.date(), f"{there.hour:02}:{there.minute:02}")


def plan_series(
    programme: Definition, first: LocalStart, time_zone: str, skipped: Collection[Date] = ()
) -> tuple[PlannedSession, ...]:
    """All sessions of a programme at its interval, the follow-up included, from the first start on.

    A date in ``skipped`` has no session: it and those behind it come an interval later. Raises Invalid for a time zone that
    does not exist, or a first start that the clocks skip.
    """
    place, day, starts = zone(time_zone), first.date, list[Instant]()
    entered(first, place, "first")
    for _ in programme.sessions:
        while day in skipped:
            day = _later(day, programme.days_between)
        starts.append(_compatible(day.at(first.plain().time()), place).to_instant())
        day = _later(day, programme.days_between)
    return _with_follow_up(programme, starts, place)


def plan_dates(programme: Definition, starts: Sequence[LocalStart], time_zone: str) -> tuple[PlannedSession, ...]:
    """All sessions of a programme on dates of one's own, and the follow-up behind them.

    Raises Invalid unless there is one start for each session of the series, rising, each of which exists.
    """
    place = zone(time_zone)
    if len(starts) != len(programme.sessions):
        raise Invalid(Field("starts", f"{len(programme.sessions)} starts, one for each session of the series"))
    moments = [entered(start, place, f"starts[{n}]") for n, start in enumerate(starts)]
    for n, (one, following) in enumerate(pairwise(moments)):
        if one >= following:
            raise Invalid(Field(f"starts[{n + 1}]", "a start after the one before"))
    return _with_follow_up(programme, moments, place)


def follow_up_start(programme: Definition, last: Instant, time_zone: str) -> Instant | None:
    """When the follow-up begins if the last session of the series began at ``last``; None if the programme has none.

    The same day of the month that many months later (the last day of a shorter month), at the same time of the day.
    """
    if programme.follow_up is None:
        return None
    plain = last.to_tz(time_zone).to_plain()
    day = plain.date().add(months=programme.follow_up.months)
    return _compatible(day.at(plain.time()), time_zone).to_instant()


def on_the_day(held_at: Instant, planned: Instant, time_zone: str) -> Instant:
    """The day on which a session was really held, at the time of the day that was planned for it."""
    day = held_at.to_tz(time_zone).date()
    return _compatible(day.at(planned.to_tz(time_zone).time()), time_zone).to_instant()


def lasting(programme: Definition, starts_at: Instant) -> Instant:
    """When a session that begins then is over."""
    return starts_at.add(minutes=programme.session_minutes)


def _with_follow_up(programme: Definition, starts: Sequence[Instant], time_zone: str) -> tuple[PlannedSession, ...]:
    planned = [
        _planned(programme, session, number, starts_at, follow_up=False)
        for number, (session, starts_at) in enumerate(zip(programme.sessions, starts, strict=True), start=1)
    ]
    after = follow_up_start(programme, starts[-1], time_zone)
    if programme.follow_up is not None and after is not None:
        planned.append(_planned(programme, programme.follow_up.session, len(starts) + 1, after, follow_up=True))
    return tuple(planned)


def _planned(
    programme: Definition, session: SessionDefinition, number: int, starts_at: Instant, *, follow_up: bool
) -> PlannedSession:
    return PlannedSession(session.id, number, follow_up, starts_at, lasting(programme, starts_at))


def _later(day: Date, days: int) -> Date:
    if day > LATEST:
        raise Invalid(Field("first.date", f"a date from which all sessions come before {LATEST}"))
    return day.add(days=days)


def _compatible(plain: PlainDateTime, time_zone: str) -> ZonedDateTime:
    return plain.assume_tz(time_zone, disambiguation="compatible")


def _earlier(plain: PlainDateTime, time_zone: str) -> ZonedDateTime:
    try:
        return plain.assume_tz(time_zone, disambiguation="raise")
    except SkippedTime:
        raise
    except ValueError:
        return plain.assume_tz(time_zone, disambiguation="earlier")
