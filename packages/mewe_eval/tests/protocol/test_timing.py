"""When somebody is asked: in days of the deployment's time zone, whatever its clocks do."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from mewe_eval.protocol.definition import Window
from mewe_eval.protocol.timing import opening
from whenever import Instant, Time

STOCKHOLM = ZoneInfo("Europe/Stockholm")
EVENING = Instant.from_utc(2026, 10, 20, 17)
ZONES = [ZoneInfo(one) for one in ("Europe/Stockholm", "Europe/Ljubljana", "Europe/London", "UTC")]


def test_a_wave_opens_and_closes_with_whole_days() -> None:
    """Three weeks after a session in the evening are over at the end of that day, not at that hour."""
    found = opening(Window(after="ended", days=3, opens=2, closes=4), {"ended": EVENING}, STOCKHOLM)
    assert found is not None
    assert found.due.format_iso() == "2026-10-23"
    assert found.opens == Instant.from_utc(2026, 10, 20, 22)
    assert found.closes == Instant.from_utc(2026, 10, 27, 23)


def test_late_in_the_evening_is_the_day_it_is_there() -> None:
    """Half past eleven in Stockholm is that day, though it is the day before or after elsewhere."""
    late = Instant.from_utc(2026, 7, 1, 22, 30)
    found = opening(Window(after="joined", closes=0), {"joined": late}, STOCKHOLM)
    assert found is not None
    assert found.due.format_iso() == "2026-07-02"


def test_what_has_not_happened_opens_nothing() -> None:
    """Nobody is asked how the sessions were before the last one."""
    assert opening(Window(after="ended", closes=7), {"joined": EVENING}, STOCKHOLM) is None


def test_a_reminder_at_a_time_that_the_clock_skips_comes_when_it_goes_on() -> None:
    """On 29 March 2026 there is no half past two in Stockholm."""
    window = Window(after="joined", days=0, closes=2, at=Time(2, 30))
    found = opening(window, {"joined": Instant.from_utc(2026, 3, 29, 10)}, STOCKHOLM)
    assert found is not None
    assert found.reminders == (Instant.from_utc(2026, 3, 29, 1, 30),)


def test_a_reminder_at_a_time_that_comes_twice_comes_once() -> None:
    """On 25 October 2026 half past two comes twice in Stockholm; the first is taken."""
    window = Window(after="joined", days=0, closes=2, at=Time(2, 30))
    found = opening(window, {"joined": Instant.from_utc(2026, 10, 25, 10)}, STOCKHOLM)
    assert found is not None
    assert found.reminders == (Instant.from_utc(2026, 10, 25, 0, 30),)


@given(
    happened=st.integers(0, 3 * 365 * 24 * 60),
    days=st.integers(-30, 200),
    opens=st.integers(0, 40),
    closes=st.integers(0, 40),
    day=st.integers(-40, 40),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
)
def test_a_reminder_never_comes_while_nobody_can_answer(
    happened: int, days: int, opens: int, closes: int, day: int, hour: int, zone: ZoneInfo
) -> None:
    """In every zone, on every day of three years; and a window has as many hours as its days."""
    window = Window(after="joined", days=days, opens=opens, closes=closes, reminders=(day,), at=Time(hour))
    found = opening(window, {"joined": Instant.from_utc(2025, 1, 1).add(minutes=happened)}, zone)
    assert found is not None
    (reminder,) = found.reminders
    assert (found.opens <= reminder < found.closes) == (-opens <= day <= closes)
    hours = (found.closes - found.opens).total("hours")
    assert abs(hours - 24 * (opens + closes + 1)) <= 1
