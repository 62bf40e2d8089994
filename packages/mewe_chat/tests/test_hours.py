"""Hours: what the clock on the wall says, through both changes of it; tried minute by minute."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as draw
from mewe_chat import hours
from mewe_chat.hours import Hours
from mewe_chat.model import OpeningHours
from mewe_core.kit.errors import Invalid
from whenever import Instant, TimeDelta

STOCKHOLM = "Europe/Stockholm"
MINUTE = TimeDelta(minutes=1)
SPRING, AUTUMN = Instant.from_utc(2026, 3, 28, 12), Instant.from_utc(2026, 10, 24, 12)
"""Before the night in which 02:00 becomes 03:00, and before that in which 03:00 becomes 02:00."""

DAY, NIGHT = (8 * 60, 21 * 60), (21 * 60, 8 * 60)
IN_THE_CHANGE = [(2 * 60 + 15, 2 * 60 + 45), (2 * 60 + 30, 4 * 60), (20 * 60, 2 * 60 + 30), (2 * 60 + 45, 2 * 60 + 15)]


def wall(hours_: Hours, moment: Instant) -> int:
    """The minutes that the clock on the wall shows."""
    time = moment.to_tz(hours_.zone).time()
    return time.hour * 60 + time.minute


@pytest.mark.parametrize("begin", [SPRING, AUTUMN, Instant.from_utc(2026, 6, 1)])
@pytest.mark.parametrize(("opens", "closes"), [DAY, NIGHT, *IN_THE_CHANGE])
def test_it_is_open_when_the_clock_says_so_and_opens_when_it_first_does(begin: Instant, opens: int, closes: int) -> None:
    """Each minute of two days, backwards, so that the next opening is known from what was seen."""
    here, following = Hours(opens, closes, STOCKHOLM), None
    for number in reversed(range(2 * 24 * 60)):
        now = begin + MINUTE * number
        minute = wall(here, now)
        inside = opens <= minute < closes if opens < closes else minute >= opens or minute < closes
        assert hours.is_open(here, now) == inside
        if inside:
            following = now
            assert hours.opens_next(here, now) is None
        elif following is not None:
            assert hours.opens_next(here, now) == following


@settings(max_examples=150, deadline=None)
@given(
    opens=draw.integers(0, 1439),
    closes=draw.integers(0, 1439),
    zone=draw.sampled_from([STOCKHOLM, "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    seconds=draw.integers(1_700_000_000, 1_900_000_000),
)
def test_it_opens_at_a_moment_at_which_it_is_open_and_not_before(opens: int, closes: int, zone: str, seconds: int) -> None:
    """Within two days; the minute before it is closed, or it is now."""
    if opens == closes:
        closes = (closes + 1) % 1440
    here, now = Hours(opens, closes, zone), Instant.from_timestamp(seconds)
    following = hours.opens_next(here, now)
    if following is None:
        assert hours.is_open(here, now)
    else:
        assert hours.is_open(here, following)
        assert now < following <= now + TimeDelta(hours=49)
        assert following - MINUTE <= now or not hours.is_open(here, following - MINUTE)


def test_hours_are_shown_as_they_were_given() -> None:
    """Each time of day, there and back."""
    clocks = [f"{hour:02}:{minute:02}" for hour, minute in product(range(24), range(0, 60, 7))]
    for opens, closes in zip(clocks, clocks[1:] + clocks[:1], strict=True):
        given_ = OpeningHours(opens, closes, STOCKHOLM)
        assert hours.shown(hours.read(given_)) == given_


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (OpeningHours("8:00", "21:00", STOCKHOLM), "hours.opens"),
        (OpeningHours("24:00", "21:00", STOCKHOLM), "hours.opens"),
        (OpeningHours("08:00", "21:60", STOCKHOLM), "hours.closes"),
        (OpeningHours("08:00", "", STOCKHOLM), "hours.closes"),
        (OpeningHours("08:00", "08:00", STOCKHOLM), "hours.closes"),
        (OpeningHours("08:00", "21:00", "Europe/Atlantis"), "hours.zone"),
        (OpeningHours("08:00", "21:00", ""), "hours.zone"),
        (OpeningHours("08:00", "21:00", "../../etc/passwd"), "hours.zone"),
    ],
)
def test_what_are_no_hours_is_refused(wrong: OpeningHours, path: str) -> None:
    """By the field, and without saying what was given."""
    with pytest.raises(Invalid) as refused:
        hours.read(wrong)
    assert [one.path for one in refused.value.fields] == [path]
