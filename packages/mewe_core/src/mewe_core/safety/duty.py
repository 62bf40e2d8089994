"""When somebody is on duty, on the clocks of a time zone. Pure.

Duty that begins at 08:00 begins at 08:00 when the clocks change. What begins in an hour that the clocks skip begins as much
later as they jump; what ends in an hour that comes twice ends the second time: nobody is off duty by mistake.
"""

from collections.abc import Sequence
from typing import Literal

from attrs import field, frozen
from whenever import Date, Instant, Time

from mewe_core.kit.checks import between
from mewe_core.kit.errors import Field, Invalid

MIDNIGHT = 24 * 60
_DAYS_AHEAD = 8


@frozen
class DutyHours:
    """A part of a day in each week: ``weekday`` 1 (Monday) to 7; minutes since midnight, ``to_minute`` excluded (to 1,440).

    A duty over midnight is two of them. Raises Invalid.
    """

    weekday: int = field(validator=between(1, 7))
    from_minute: int = field(validator=between(0, MIDNIGHT - 1))
    to_minute: int = field(validator=between(1, MIDNIGHT))

    def __attrs_post_init__(self) -> None:
        if self.to_minute <= self.from_minute:
            raise Invalid(Field("to_minute", "a minute after from_minute"))


ALWAYS = tuple(DutyHours(weekday, 0, MIDNIGHT) for weekday in range(1, 8))
"""Day and night."""


def next_on_duty(hours: Sequence[DutyHours], time_zone: str, now: Instant) -> Instant | None:
    """The first moment from ``now`` on that is within the hours (``now`` itself if it is); None: there are no hours."""
    today = now.to_tz(time_zone).date()
    moments = [
        max(begins, now)
        for ahead in range(_DAYS_AHEAD)
        for one in hours
        if one.weekday == (day := today.add(days=ahead)).day_of_week().value
        and (begins := _at(day, one.from_minute, time_zone, "compatible"))
        < (ends := _at(day, one.to_minute, time_zone, "later"))
        and ends > now
    ]
    return min(moments, default=None)


def local_date(time_zone: str, now: Instant) -> Date:
    """The date there."""
    return now.to_tz(time_zone).date()


def _at(day: Date, minute: int, time_zone: str, which: Literal["compatible", "later"]) -> Instant:
    day, minute = (day.add(days=1), 0) if minute == MIDNIGHT else (day, minute)
    return day.at(Time(minute // 60, minute % 60)).assume_tz(time_zone, disambiguation=which).to_instant()
