"""Quiet hours on the clocks of a zone, also when these change; and not too many an hour."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as draw
from mewe_core.kit.pushing import KNOWN_SERVICES, LONGEST_ENDPOINT, Pushing, leads_to
from mewe_core.notices import rules
from mewe_core.notices.model import LAST_MINUTE, Quiet
from whenever import Instant, TimeDelta

NIGHT = Quiet(21 * 60, 8 * 60, "Europe/Stockholm")
YEAR = Instant.from_utc(2026, 1, 1)
MINUTES = draw.integers(0, LAST_MINUTE)
ZONES = draw.sampled_from(["Europe/Stockholm", "UTC", "America/St_Johns", "Pacific/Chatham", "Australia/Lord_Howe"])
MOMENTS = draw.integers(0, 365 * 24 * 60).map(lambda minutes: YEAR.add(minutes=minutes))
CHANGES = (Instant.from_utc(2026, 3, 29, 1), Instant.from_utc(2026, 10, 25, 1))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-01-15T19:59:59Z", None),
        ("2026-01-15T20:00:00Z", "2026-01-16T07:00:00Z"),
        ("2026-01-16T06:59:59Z", "2026-01-16T07:00:00Z"),
        ("2026-01-16T07:00:00Z", None),
        ("2026-03-28T20:00:00Z", "2026-03-29T06:00:00Z"),  # a night of ten hours
        ("2026-10-24T19:00:00Z", "2026-10-25T07:00:00Z"),  # a night of twelve
    ],
)
def test_the_night_ends_at_eight_on_the_wall(now: str, until: str | None) -> None:
    """In winter, in summer, and in the two nights between."""
    assert rules.quiet_until(Instant.parse_iso(now), NIGHT) == (until and Instant.parse_iso(until))


@given(now=MOMENTS, start=MINUTES, end=MINUTES, zone=ZONES)
@example(now=CHANGES[0], start=2 * 60 + 30, end=8 * 60, zone="Europe/Stockholm")
@example(now=CHANGES[0], start=21 * 60, end=2 * 60 + 30, zone="Europe/Stockholm")
@example(now=CHANGES[1], start=21 * 60, end=2 * 60 + 30, zone="Europe/Stockholm")
@example(now=CHANGES[1], start=2 * 60 + 30, end=2 * 60 + 45, zone="Europe/Stockholm")
def test_quiet_hours_end_once_and_are_over_then(now: Instant, start: int, end: int, zone: str) -> None:
    """What is held is held for a day and an hour at most, and leaves at the moment that was named: nothing is put off twice."""
    quiet = Quiet(start, end, zone)
    until = rules.quiet_until(now, quiet)
    if until is None:
        local = now.to_tz(zone)
        minute = local.hour * 60 + local.minute
        inside = start <= minute < end if start < end else start != end and (minute >= start or minute < end)
        assert not inside
        return
    assert now < until <= now.add(hours=25)
    assert rules.quiet_until(until, quiet) is None or _meets(start, end)
    assert rules.quiet_until(until - TimeDelta(seconds=1), quiet) == until


def _meets(start: int, end: int) -> bool:
    """Whether the clocks may skip all that lies between the end of one quiet time and the beginning of the next."""
    return (start - end) % (24 * 60) <= 60


@given(draw.lists(draw.integers(0, 300), max_size=40), draw.integers(1, 5))
def test_no_hour_has_more_than_its_number(waits: list[int], an_hour: int) -> None:
    """Whoever sends as soon as they may never sends more within an hour, and is never held for more than one."""
    now, sent = YEAR, list[Instant]()
    for wait in waits:
        now = now.add(minutes=wait)
        held = rules.free_at(now, sent, an_hour)
        assert held is None or now < held <= now + rules.HOUR
        now = held or now
        assert rules.free_at(now, sent, an_hour) is None
        sent.append(now)
    assert all(sum(one <= other < one + rules.HOUR for other in sent) <= an_hour for one in sent)


SERVICES = ("push.example.org", ".wide.example.org")
REFUSED = (
    "",
    "http://push.example.org/1",
    "https://push.example.org",
    "https://push.example.org:8443/1",
    "https://push.example.org:443@127.0.0.1/1",
    "https://user@push.example.org/1",
    "https://push.example.org\\@127.0.0.1/1",
    "https://push.example.org#@127.0.0.1/1",
    "https://push.example.org%2f@127.0.0.1/1",
    "https://127.0.0.1/push.example.org",
    "https://[::1]/1",
    "https://2130706433/1",
    "https://0x7f.1/1",
    "https://localhost/1",
    "https://169.254.169.254/latest/meta-data",
    "https://push.example.org.evil.org/1",
    "https://evilpush.example.org/1",
    "https://wide.example.org/1",
    "https://.wide.example.org/1",
    "https://a..wide.example.org/1",
    "https://push.example.org/1 2",
    "https://push.example.org/1\r\nHost: 127.0.0.1",
    "https://push.example.org\t/1",
    "https://PUSH.example.org/1",
    "https://pu\u0161h.example.org/1",
    "https://push.example.org/\u2025",
    "https://push.example.org/#1",
    "http://127.0.0.1:80/1",
    "file:///etc/passwd",
    "//push.example.org/1",
    "gopher://push.example.org/1",
    "https://push.example.org/" + "1" * LONGEST_ENDPOINT,
)


@pytest.mark.parametrize("endpoint", REFUSED)
def test_a_device_cannot_send_a_host_anywhere_else(endpoint: str) -> None:
    """Other machines, ports, users and schemes, and whatever one program reads in another way than the next."""
    assert not leads_to(endpoint, SERVICES, here=False)
    assert endpoint.startswith("http://127.0.0.1:") or not leads_to(endpoint, SERVICES, here=True)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://push.example.org/1",
        "https://push.example.org:443/a/b?c=d:e-f_g%20",
        "https://a.wide.example.org/1",
        "https://a.b.wide.example.org/1",
    ],
)
def test_push_services_on_the_list_are_called(endpoint: str) -> None:
    """By name, or by what their names end with; not by a deployment that pushes nothing."""
    assert leads_to(endpoint, SERVICES, here=False)
    assert Pushing("a key", SERVICES).takes(endpoint)
    assert not Pushing("", SERVICES).takes(endpoint)


def test_this_machine_is_called_only_where_the_mix_says_so() -> None:
    """A push service of a demo, by its number and a port."""
    assert leads_to("http://127.0.0.1:8000/1", (), here=True)
    assert not any(leads_to(f"http://127.0.0.1:8000{rest}/1", (), here=True) for rest in (".evil.org", "@evil.org", ":80"))
    assert leads_to("https://fcm.googleapis.com/fcm/send/1", KNOWN_SERVICES, here=False)
