"""When the story begins."""

from hypothesis import given
from hypothesis import strategies as draw
from mewe_demo.story import ZONE, beginning
from whenever import Date, Time, Weekday

DAYS = draw.integers(0, 400 * 366).map(lambda days: Date(2000, 1, 1).add(days=days))
TIMES = draw.integers(0, 24 * 60 - 1).map(lambda minutes: Time(minutes // 60, minutes % 60))


def played_at(day: Date, time: Time) -> Date:
    """The beginning, for whoever plays then."""
    return beginning(day.at(time).assume_tz(ZONE, disambiguation="compatible").to_instant())


@given(DAYS, TIMES, TIMES)
def test_whoever_plays_on_the_same_day_begins_on_the_same_day(day: Date, one: Time, another: Time) -> None:
    """From midnight to midnight in Stockholm, so that two plays tell the same story."""
    assert played_at(day, one) == played_at(day, another)


@given(DAYS, TIMES)
def test_it_begins_on_the_third_monday_of_the_next_january(day: Date, time: Time) -> None:
    """Always ahead, by two weeks at the least: a clock only moves on."""
    begins = played_at(day, time)
    assert begins.day_of_week() is Weekday.MONDAY
    assert (begins.year, begins.month) == (day.year + 1, 1)
    assert 15 <= begins.day <= 21
    assert begins >= day.add(days=14)
