"""The hours at which a room is open to participants: what the clock on the wall says, at its place. Pure."""

import re

from attrs import frozen
from mewe_core.kit.errors import Field, Invalid
from whenever import Instant, Time, TimeDelta, TimeZoneNotFoundError

from mewe_chat.model import OpeningHours

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_HOUR = 60


@frozen
class Hours:
    """From ``opens`` (included) to ``closes`` (excluded), minutes after midnight in ``zone``; to an earlier one: the next
    morning's. Both the same: always."""

    opens: int
    closes: int
    zone: str


def read(given: OpeningHours) -> Hours:
    """The hours somebody gave. Raises Invalid for what is no time of day or no zone, and for hours that are none."""
    minutes = {}
    for name, clock in (("hours.opens", given.opens), ("hours.closes", given.closes)):
        found = _CLOCK.fullmatch(clock)
        if found is None:
            raise Invalid(Field(name, 'a time of day as "08:00"'))
        minutes[name] = int(found[1]) * _HOUR + int(found[2])
    if minutes["hours.opens"] == minutes["hours.closes"]:
        raise Invalid(Field("hours.closes", "another time than that of opening; without hours it is always open"))
    try:
        Instant.from_timestamp(0).to_tz(given.zone)
    except (TimeZoneNotFoundError, ValueError):
        raise Invalid(Field("hours.zone", 'a time zone as "Europe/Stockholm"')) from None
    return Hours(minutes["hours.opens"], minutes["hours.closes"], given.zone)


def shown(hours: Hours) -> OpeningHours:
    """The inverse of ``read``."""
    return OpeningHours(_clock(hours.opens), _clock(hours.closes), hours.zone)


def is_open(hours: Hours, now: Instant) -> bool:
    """Whether the clock on the wall stands within the hours."""
    wall = now.to_tz(hours.zone).time()
    minute = wall.hour * _HOUR + wall.minute
    if hours.opens < hours.closes:
        return hours.opens <= minute < hours.closes
    return minute >= hours.opens or minute < hours.closes


def opens_next(hours: Hours, now: Instant) -> Instant | None:
    """The first moment from now on at which it is open; None where it is open now.

    On the days on which the clock is changed: where it skips the time of opening it is open right after the skip; where it goes
    back over the time of closing it is open once more.
    """
    if is_open(hours, now):
        return None
    minute = TimeDelta(minutes=1)
    today = now.to_tz(hours.zone).date()
    candidates = []
    for days in range(3):
        date = today.add(days=days)
        for clock, before in ((hours.opens, 0), (hours.closes, 1)):
            at = date.at(Time(clock // _HOUR, clock % _HOUR))
            both = (at.assume_tz(hours.zone, disambiguation="earlier"), at.assume_tz(hours.zone, disambiguation="later"))
            candidates += [one.to_instant() - minute * before for one in both]
    first = min(one for one in candidates if one > now and is_open(hours, one))
    while first - minute > now and is_open(hours, first - minute):
        first -= minute
    return first


def _clock(minutes: int) -> str:
    return f"{minutes // _HOUR:02}:{minutes % _HOUR:02}"
