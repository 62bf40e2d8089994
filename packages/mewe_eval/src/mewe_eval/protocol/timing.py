"""When somebody is asked: pure decisions on moments and days. A day is one of the deployment's time zone."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from attrs import frozen
from whenever import Date, Instant, Time, ZonedDateTime

from mewe_eval.protocol.definition import Protocol, Window


@frozen
class Opening:
    """When one person can answer one wave: from ``opens``, until just before ``closes``; ``due``: the day in between.

    ``reminders``: when they are told of it, unless they have answered.
    """

    opens: Instant
    due: Date
    closes: Instant
    reminders: tuple[Instant, ...]


def opening(window: Window, moments: Mapping[str, Instant], zone: ZoneInfo) -> Opening | None:
    """When a window is open, counted from what has happened so far; None: what it counts from has not happened.

    ``moments``: by what ``Window.after`` names. A reminder at a time that the clock skips comes when the clock goes on; at one
    that comes twice, the first time.
    """
    happened = moments.get(window.after)
    if happened is None:
        return None
    due = happened.to_tz(zone.key).date().add(days=window.days)
    return Opening(
        _at(due.subtract(days=window.opens), Time(), zone),
        due,
        _at(due.add(days=window.closes + 1), Time(), zone),
        tuple(sorted(_at(due.add(days=day), window.at, zone) for day in window.reminders)),
    )


def openings(protocol: Protocol, arm: str, moments: Mapping[str, Instant], zone: ZoneInfo) -> Mapping[str, Opening]:
    """Every wave of an arm that can be placed by what has happened so far."""
    placed = dict[str, Opening]()
    for name in protocol.waves:
        window = protocol.window(name, arm)
        found = None if window is None else opening(window, moments, zone)
        if found is not None:
            placed[name] = found
    return placed


def _at(day: Date, time: Time, zone: ZoneInfo) -> Instant:
    return ZonedDateTime(
        day.year, day.month, day.day, time.hour, time.minute, tz=zone.key, disambiguation="compatible"
    ).to_instant()
