"""When a notice may leave. Pure."""

from collections.abc import Sequence

from whenever import Date, Instant, Time, TimeDelta

from mewe_core.notices.model import Quiet

HOUR = TimeDelta(hours=1)


def quiet_until(now: Instant, quiet: Quiet) -> Instant | None:
    """When the quiet hours end that ``now`` is in; None: it is in none.

    Once a day, and never interrupted: hours that begin in an hour that comes twice begin the first time, those that end in one
    end the second time; where the clocks skip an hour, nobody is woken by that.
    """
    if quiet.from_minute == quiet.to_minute:
        return None
    today = now.to_tz(quiet.time_zone).date()
    over_midnight = quiet.to_minute < quiet.from_minute
    for day in (today.add(days=ahead) for ahead in (-2, -1, 0, 1)):
        begins, ends = _hours(day, day.add(days=1) if over_midnight else day, quiet)
        if begins <= now < ends:
            return ends
    return None


def _hours(first: Date, last: Date, quiet: Quiet) -> tuple[Instant, Instant]:
    begins = first.at(_time(quiet.from_minute)).assume_tz(quiet.time_zone, disambiguation="earlier").to_instant()
    ends = last.at(_time(quiet.to_minute)).assume_tz(quiet.time_zone, disambiguation="later").to_instant()
    return begins, ends


def _time(minute: int) -> Time:
    return Time(minute // 60, minute % 60)


def minute(time: Time) -> int:
    """The minute of the day."""
    return time.hour * 60 + time.minute


def free_at(now: Instant, sent: Sequence[Instant], an_hour: int) -> Instant | None:
    """When the next notice may leave after those that were ``sent``, not more than ``an_hour`` within any hour; None: now."""
    within = sorted(one for one in sent if one + HOUR > now)
    return None if len(within) < an_hour else within[len(within) - an_hour] + HOUR


def held_until(now: Instant, quiet: Quiet, sent: Sequence[Instant], an_hour: int) -> Instant | None:
    """Until when nothing leaves: the quiet hours, or the hour that is full; to be asked again then. None: it may leave now."""
    return quiet_until(now, quiet) or free_at(now, sent, an_hour)
