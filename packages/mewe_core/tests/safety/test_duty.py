"""When somebody is on duty: on the clocks of a time zone, also when these change."""

import pytest
from hypothesis import given
from hypothesis import strategies as draw
from mewe_core.kit.checks import zone
from mewe_core.kit.errors import Invalid
from mewe_core.safety.duty import ALWAYS, MIDNIGHT, DutyHours, local_date, next_on_duty
from whenever import Date, Instant

STOCKHOLM = "Europe/Stockholm"
OFFICE = tuple(DutyHours(day, 8 * 60, 16 * 60) for day in range(1, 6))


def local(text: str) -> Instant:
    """A moment on the clocks of Stockholm in winter (+1) or summer (+2), as written."""
    return Instant.parse_iso(text)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-09-01T07:59:59+02:00", "2026-09-01T08:00:00+02:00"),
        ("2026-09-01T08:00:00+02:00", "2026-09-01T08:00:00+02:00"),
        ("2026-09-01T15:59:59+02:00", "2026-09-01T15:59:59+02:00"),
        ("2026-09-01T16:00:00+02:00", "2026-09-02T08:00:00+02:00"),
        ("2026-09-04T16:00:00+02:00", "2026-09-07T08:00:00+02:00"),
        ("2026-10-23T17:00:00+02:00", "2026-10-26T08:00:00+01:00"),
        ("2026-03-27T17:00:00+01:00", "2026-03-30T08:00:00+02:00"),
    ],
)
def test_duty_begins_at_the_same_time_of_the_day_all_year(now: str, expected: str) -> None:
    """Office hours: before, at, in and after them, over a weekend, and over a weekend in which the clocks change."""
    assert next_on_duty(OFFICE, STOCKHOLM, local(now)) == local(expected)


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        (DutyHours(7, 150, 240), "2026-03-29T01:00:00+01:00", "2026-03-29T03:30:00+02:00"),
        (DutyHours(7, 120, 180), "2026-03-29T01:00:00+01:00", "2026-04-05T02:00:00+02:00"),
        (DutyHours(7, 60, 150), "2026-03-29T03:15:00+02:00", "2026-03-29T03:15:00+02:00"),
        (DutyHours(7, 60, 150), "2026-10-25T02:15:00+01:00", "2026-10-25T02:15:00+01:00"),
        (DutyHours(7, 60, 150), "2026-10-25T02:30:00+01:00", "2026-11-01T01:00:00+01:00"),
        (DutyHours(7, 150, 160), "2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00"),
    ],
)
def test_hours_that_are_skipped_or_come_twice(hours: DutyHours, now: str, expected: str) -> None:
    """Begin later by the jump, lie wholly in it, end in it; end the second time, begin the first time."""
    assert next_on_duty([hours], STOCKHOLM, local(now)) == local(expected)


def test_duty_over_midnight_goes_on() -> None:
    """Up to midnight and from midnight on: no gap in between."""
    night = [DutyHours(1, 22 * 60, MIDNIGHT), DutyHours(2, 0, 6 * 60)]
    for time in ("2026-08-31T23:59:59+02:00", "2026-09-01T00:00:00+02:00", "2026-09-01T05:59:59+02:00"):
        assert next_on_duty(night, STOCKHOLM, local(time)) == local(time)
    assert next_on_duty(night, STOCKHOLM, local("2026-09-01T06:00:00+02:00")) == local("2026-09-07T22:00:00+02:00")


def test_duty_to_midnight_ends_at_midnight() -> None:
    """Not a minute later, nor a day; and not before the last second, also in the night in which the clocks change."""
    for hours, midnight, begins in (
        (DutyHours(1, 1200, MIDNIGHT), "2026-09-01T00:00:00+02:00", "2026-09-07T20:00:00+02:00"),
        (DutyHours(6, 1200, MIDNIGHT), "2026-03-29T00:00:00+01:00", "2026-04-04T20:00:00+02:00"),
        (DutyHours(6, 1200, MIDNIGHT), "2026-10-25T00:00:00+02:00", "2026-10-31T20:00:00+01:00"),
    ):
        end = local(midnight)
        assert next_on_duty([hours], STOCKHOLM, end.subtract(seconds=1)) == end.subtract(seconds=1)
        assert next_on_duty([hours], STOCKHOLM, end) == local(begins)


@pytest.mark.parametrize(("time_zone", "day"), [("Europe/Stockholm", 2), ("UTC", 1), ("America/New_York", 1)])
def test_the_date_is_that_of_the_place(time_zone: str, day: int) -> None:
    """In the evening of New York it is tomorrow in Stockholm."""
    assert local_date(time_zone, local("2026-09-01T22:30:00+00:00")) == Date(2026, 9, day)


def test_one_hour_a_week_is_found_a_week_ahead() -> None:
    """Just missed it: the same day next week."""
    assert next_on_duty([DutyHours(2, 480, 540)], STOCKHOLM, local("2026-09-01T09:00:00+02:00")) == local(
        "2026-09-08T08:00:00+02:00"
    )


def test_without_hours_nobody_knows() -> None:
    """There is no such moment."""
    assert next_on_duty([], STOCKHOLM, local("2026-09-01T09:00:00+02:00")) is None


SECONDS = draw.integers(0, 2 * 366 * 24 * 3600)


@given(SECONDS)
def test_day_and_night_is_always(seconds: int) -> None:
    """Whatever the clocks do."""
    now = Instant.from_utc(2026, 1, 1).add(seconds=seconds)
    assert next_on_duty(ALWAYS, STOCKHOLM, now) == now


@given(SECONDS, draw.integers(1, 7), draw.integers(0, MIDNIGHT - 2), draw.integers(1, MIDNIGHT))
def test_the_next_duty_is_now_or_to_come_within_eight_days_and_stays_put(
    seconds: int, weekday: int, begin: int, length: int
) -> None:
    """And whoever asks then is told: now."""
    hours = [DutyHours(weekday, begin, min(MIDNIGHT, begin + length))]
    now = Instant.from_utc(2026, 1, 1).add(seconds=seconds)
    found = next_on_duty(hours, STOCKHOLM, now)
    if found is None:
        assert weekday == 7, "only an hour that the clocks skip may have no next time within eight days"
        return
    assert now <= found <= now.add(hours=8 * 24 + 1)
    assert next_on_duty(hours, STOCKHOLM, found) == found


@pytest.mark.parametrize(
    ("weekday", "begin", "end", "path", "rule"),
    [
        (0, 0, 1, "weekday", "a number from 1 to 7"),
        (8, 0, 1, "weekday", "a number from 1 to 7"),
        (1, -1, 1, "from_minute", "a number from 0 to 1439"),
        (1, 1440, 1441, "from_minute", "a number from 0 to 1439"),
        (1, 0, 1441, "to_minute", "a number from 1 to 1440"),
        (1, 5, 5, "to_minute", "a minute after from_minute"),
        (1, 6, 5, "to_minute", "a minute after from_minute"),
    ],
)
def test_hours_that_cannot_be_are_refused(weekday: int, begin: int, end: int, path: str, rule: str) -> None:
    """A weekday, minutes of a day, the end after the beginning."""
    with pytest.raises(Invalid) as refused:
        DutyHours(weekday, begin, end)
    assert [(one.path, one.rule) for one in refused.value.fields] == [(path, rule)]


@pytest.mark.parametrize("name", ["", "Stockholm", "Europe/Nowhere", "../etc/passwd", "+01:00", "Etc/GMT+1/../UTC", "EST5EDT"])
def test_a_time_zone_is_one_of_the_database(name: str) -> None:
    """As the IANA database writes it."""
    with pytest.raises(Invalid) as refused:
        zone(name)
    said = 'a time zone of the IANA database, such as "Europe/Stockholm"'
    assert [(one.path, one.rule) for one in refused.value.fields] == [("time_zone", said)]


@pytest.mark.parametrize("name", [STOCKHOLM, "UTC", "Etc/GMT+1", "America/Argentina/Buenos_Aires"])
def test_the_name_of_a_time_zone_stays_as_it_is(name: str) -> None:
    """One that is in the database."""
    assert zone(name) == name
