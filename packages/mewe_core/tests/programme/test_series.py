"""Sessions are planned on the clocks of a time zone."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_core.kit.checks import zone
from mewe_core.kit.errors import Invalid
from mewe_core.programme import Definition, LocalStart, follow_up_start, plan_dates, plan_series, read_programme
from mewe_core.programme.plugin import mewe_programmes
from mewe_core.programme.series import entered, local, on_the_day
from whenever import Date, Instant

STOCKHOLM = "Europe/Stockholm"
ME_WE = next(one for one in map(read_programme, mewe_programmes()) if one.id == "me-we")
Documents = Callable[[str], str]


def starts(programme: Definition, first: LocalStart, time_zone: str = STOCKHOLM, skipped: tuple[Date, ...] = ()) -> list[str]:
    """The planned starts on the clocks of the time zone."""
    planned = [local(one.starts_at, time_zone) for one in plan_series(programme, first, time_zone, skipped)]
    return [f"{one.date} {one.time}" for one in planned]


def test_a_session_at_four_stays_at_four_when_summer_time_ends() -> None:
    """The clocks go back on 25 October 2026; the sessions do not."""
    assert starts(ME_WE, LocalStart(Date(2026, 10, 6), "16:00"))[:4] == [
        "2026-10-06 16:00",
        "2026-10-13 16:00",
        "2026-10-20 16:00",
        "2026-10-27 16:00",
    ]
    planned = plan_series(ME_WE, LocalStart(Date(2026, 10, 20), "16:00"), STOCKHOLM)
    assert (planned[1].starts_at - planned[0].starts_at).total("hours") == 7 * 24 + 1


def test_a_session_at_four_stays_at_four_when_summer_time_begins() -> None:
    """The clocks go forward on 28 March 2027; the sessions do not."""
    planned = plan_series(ME_WE, LocalStart(Date(2027, 3, 23), "16:00"), STOCKHOLM)
    assert local(planned[1].starts_at, STOCKHOLM) == LocalStart(Date(2027, 3, 30), "16:00")
    assert (planned[1].starts_at - planned[0].starts_at).total("hours") == 7 * 24 - 1


def test_a_series_goes_on_over_the_end_of_the_year() -> None:
    """The week after 29 December is in January."""
    assert starts(ME_WE, LocalStart(Date(2026, 12, 15), "17:30"))[1:4] == [
        "2026-12-22 17:30",
        "2026-12-29 17:30",
        "2027-01-05 17:30",
    ]


def test_a_skipped_date_pushes_all_that_follow() -> None:
    """Two weeks of holidays: seven sessions all the same, and two weeks later."""
    holidays = (Date(2026, 12, 22), Date(2026, 12, 29))
    planned = starts(ME_WE, LocalStart(Date(2026, 12, 15), "16:00"), skipped=holidays)
    assert planned[:3] == ["2026-12-15 16:00", "2027-01-05 16:00", "2027-01-12 16:00"]
    assert len(planned) == 8


def test_a_first_date_may_be_skipped_itself() -> None:
    """Then the series begins an interval later."""
    first = LocalStart(Date(2026, 9, 8), "16:00")
    assert starts(ME_WE, first, skipped=(first.date,))[0] == "2026-09-15 16:00"


def test_the_follow_up_comes_three_months_after_the_last_session_at_the_same_time() -> None:
    """Seven weeks from 8 September end on 20 October; three months later it is January, and winter."""
    planned = plan_series(ME_WE, LocalStart(Date(2026, 9, 8), "16:00"), STOCKHOLM)
    assert [one.number for one in planned] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [one.follow_up for one in planned] == [False] * 7 + [True]
    assert local(planned[7].starts_at, STOCKHOLM) == LocalStart(Date(2027, 1, 20), "16:00")


@pytest.mark.parametrize(
    ("last", "follow_up"),
    [
        (Date(2026, 11, 30), Date(2027, 2, 28)),
        (Date(2027, 11, 30), Date(2028, 2, 29)),
        (Date(2026, 3, 31), Date(2026, 6, 30)),
        (Date(2026, 10, 31), Date(2027, 1, 31)),
    ],
)
def test_three_months_after_the_end_of_a_month_is_the_end_of_a_month(last: Date, follow_up: Date) -> None:
    """A day that a shorter month does not have is its last day."""
    start = follow_up_start(ME_WE, entered(LocalStart(last, "16:00"), STOCKHOLM, "start"), STOCKHOLM)
    assert start is not None
    assert local(start, STOCKHOLM) == LocalStart(follow_up, "16:00")


def test_a_programme_without_follow_up_plans_none(documents: Documents) -> None:
    """The training has four sessions and nothing after them."""
    training = read_programme(documents("leader-training"))
    planned = plan_series(training, LocalStart(Date(2026, 9, 8), "09:00"), STOCKHOLM)
    assert [one.follow_up for one in planned] == [False] * 4
    assert follow_up_start(training, planned[-1].starts_at, STOCKHOLM) is None


def test_a_session_lasts_as_long_as_the_programme_says() -> None:
    """Two hours."""
    first = plan_series(ME_WE, LocalStart(Date(2026, 9, 8), "16:00"), STOCKHOLM)[0]
    assert (first.ends_at - first.starts_at).total("minutes") == 120


def test_a_start_that_the_clocks_skip_is_refused() -> None:
    """At half past two on 28 March 2027 nobody in Stockholm can meet."""
    with pytest.raises(Invalid) as refused:
        entered(LocalStart(Date(2027, 3, 28), "02:30"), STOCKHOLM, "start")
    assert [one.path for one in refused.value.fields] == ["start.time"]


def test_a_series_that_begins_at_a_time_that_the_clocks_skip_is_refused() -> None:
    """The first start is one that somebody entered."""
    with pytest.raises(Invalid) as refused:
        plan_series(ME_WE, LocalStart(Date(2027, 3, 28), "02:30"), STOCKHOLM)
    assert [one.path for one in refused.value.fields] == ["first.time"]


def test_of_a_start_that_comes_twice_the_first_is_meant() -> None:
    """Half past two on 25 October 2026 is summer time first."""
    assert entered(LocalStart(Date(2026, 10, 25), "02:30"), STOCKHOLM, "start") == Instant.from_utc(2026, 10, 25, 0, 30)


def test_a_later_session_that_the_clocks_skip_begins_as_much_later() -> None:
    """Weekly at half past two: on the night that it does not exist, at half past three."""
    assert starts(ME_WE, LocalStart(Date(2027, 3, 21), "02:30"))[:3] == [
        "2027-03-21 02:30",
        "2027-03-28 03:30",
        "2027-04-04 02:30",
    ]


def test_own_dates_are_taken_as_they_are() -> None:
    """One start for each session of the series; the follow-up is counted from the last."""
    days = [Date(2026, 9, 1).add(days=10 * n) for n in range(7)]
    planned = plan_dates(ME_WE, [LocalStart(day, "10:00") for day in days], STOCKHOLM)
    assert [local(one.starts_at, STOCKHOLM).date for one in planned[:7]] == days
    assert local(planned[7].starts_at, STOCKHOLM) == LocalStart(days[-1].add(months=3), "10:00")


@pytest.mark.parametrize(
    ("days", "path"),
    [([1, 2, 3], "starts"), ([1, 2, 3, 4, 5, 5, 6], "starts[5]"), ([2, 1, 3, 4, 5, 6, 7], "starts[1]")],
)
def test_own_dates_have_to_be_as_many_as_sessions_and_to_rise(days: list[int], path: str) -> None:
    """Too few, the same twice, or one before the other."""
    with pytest.raises(Invalid) as refused:
        plan_dates(ME_WE, [LocalStart(Date(2026, 9, day), "10:00") for day in days], STOCKHOLM)
    assert [one.path for one in refused.value.fields] == [path]


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "Europe", "posixrules", "Stockholm"])
def test_a_time_zone_that_does_not_exist_is_refused(name: str) -> None:
    """Only what the IANA database has."""
    with pytest.raises(Invalid) as refused:
        zone(name)
    assert [one.path for one in refused.value.fields] == ["time_zone"]


def test_a_time_zone_is_written_as_the_database_writes_it() -> None:
    """However somebody typed it."""
    assert zone("europe/stockholm") == STOCKHOLM


@pytest.mark.parametrize("time", ["24:00", "7:00", "16", "16:60", "16:00:30", "", "١٦:٠٠"])
def test_a_time_of_the_day_has_hours_and_minutes(time: str) -> None:
    """Everything else is refused."""
    with pytest.raises(Invalid):
        LocalStart(Date(2026, 9, 8), time)


@pytest.mark.parametrize("day", [Date(1999, 12, 31), Date(2200, 1, 1)])
def test_a_date_far_away_is_refused(day: Date) -> None:
    """A slip of the pen plans nothing in another century."""
    with pytest.raises(Invalid):
        LocalStart(day, "16:00")


def test_a_series_that_leads_beyond_the_last_date_is_refused() -> None:
    """The calculation ends where dates end."""
    with pytest.raises(Invalid):
        plan_series(ME_WE, LocalStart(Date(2199, 12, 31), "16:00"), STOCKHOLM)


def test_a_session_held_on_another_day_counts_by_that_day_at_its_own_time() -> None:
    """Planned at 16:00 on Tuesday, begun at 17:10 on Wednesday: Wednesday, 16:00."""
    planned = entered(LocalStart(Date(2026, 10, 20), "16:00"), STOCKHOLM, "start")
    held = entered(LocalStart(Date(2026, 10, 21), "17:10"), STOCKHOLM, "start")
    assert local(on_the_day(held, planned, STOCKHOLM), STOCKHOLM) == LocalStart(Date(2026, 10, 21), "16:00")


ZONES = st.sampled_from([STOCKHOLM, "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Tehran", "UTC"])
DAYS = st.dates(min_value=Date(2020, 1, 1).to_stdlib(), max_value=Date(2037, 1, 1).to_stdlib()).map(Date)


@settings(max_examples=150, deadline=None)
@given(zone_name=ZONES, day=DAYS, hour=st.integers(5, 22), skipped=st.sets(st.integers(0, 12), max_size=5))
def test_whatever_the_zone_and_the_holidays_sessions_keep_their_weekday_and_hour(
    zone_name: str, day: Date, hour: int, skipped: set[int]
) -> None:
    """Seven sessions, rising, on the weekday and at the hour of the first, none on a skipped date."""
    first = LocalStart(day, f"{hour:02}:00")
    dates = tuple(day.add(days=7 * n) for n in skipped)
    planned = plan_series(ME_WE, first, zone_name, dates)
    there = [local(one.starts_at, zone_name) for one in planned]
    assert [one.starts_at for one in planned] == sorted({one.starts_at for one in planned})
    assert {one.time for one in there} == {first.time}
    assert {one.date.day_of_week() for one in there[:7]} == {day.day_of_week()}
    assert not {one.date for one in there[:7]} & set(dates)
