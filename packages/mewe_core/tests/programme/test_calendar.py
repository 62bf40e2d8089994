"""The sessions as an iCalendar file: entries that a calendar can follow, and that tell others nothing."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar as File
from icalendar import Event
from mewe_core.programme import LocalStart
from mewe_core.programme.handlers import sessions
from mewe_core.programme.model import groups as g
from mewe_core.programme.model import sessions as s
from mewe_core.programme.testing import LINK, PLACE, School
from whenever import Date


def text(school: School, group: g.Group, by: str, language: str = "") -> str:
    """The file as somebody gets it."""
    return school.stage.call(sessions.get_calendar, s.GetCalendarRequest(group.id, language), by=by).text


def entries(file: str) -> list[Event]:
    """What a calendar reads in it."""
    return list(File.from_ical(file).events)


def test_an_entry_stands_on_the_clocks_of_the_group(school: School) -> None:
    """Four o'clock in summer and in winter, with the rules of the time zone in the file."""
    file = text(school, school.group(), "karin")
    starts = [one.start for one in entries(file)]
    zone = ZoneInfo("Europe/Stockholm")
    assert starts[0] == datetime(2026, 9, 8, 16, tzinfo=zone)
    assert starts[-1] == datetime(2027, 1, 20, 16, tzinfo=zone)
    assert File.from_ical(file).get_missing_tzids() == set()
    assert "DTSTART;TZID=Europe/Stockholm:20260908T160000\r\n" in file
    assert "DTEND;TZID=Europe/Stockholm:20260908T180000\r\n" in file


def test_an_entry_keeps_its_uid_and_its_sequence_rises(school: School) -> None:
    """Moved, then cancelled: the same entry, which a calendar shows where it now is."""
    group = school.group()
    first = school.sessions(group)[0]
    before = entries(text(school, group, "karin"))[0]
    move = s.MoveSessionRequest("r", first.id, LocalStart(Date(2026, 9, 9), "17:00"))
    school.stage.call(sessions.move_session, move, by="karin")
    school.stage.clock.advance(hours=1)
    cancel = s.CancelSessionRequest("r", first.id, s.CancelReason.TOO_FEW)
    school.stage.call(sessions.cancel_session, cancel, by="karin")
    after = entries(text(school, group, "karin"))[0]
    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 2)
    assert (before["status"], after["status"]) == ("CONFIRMED", "CANCELLED")
    assert after.start == datetime(2026, 9, 9, 17, tzinfo=ZoneInfo("Europe/Stockholm"))
    assert school.stage.clock.now().to_stdlib() == after.LAST_MODIFIED
    assert len({one["uid"] for one in entries(text(school, group, "karin"))}) == 8


def test_a_session_made_up_is_an_entry_of_its_own(school: School) -> None:
    """Beside the cancelled one."""
    group = school.group()
    first = school.sessions(group)[0]
    school.stage.call(sessions.cancel_session, s.CancelSessionRequest("r", first.id, s.CancelReason.OTHER), by="karin")
    again = s.MakeUpSessionRequest("r", first.id, LocalStart(Date(2026, 10, 30), "16:00"))
    school.stage.call(sessions.make_up_session, again, by="karin")
    found = entries(text(school, group, "karin"))
    assert len(found) == 9
    assert [str(one["summary"]) for one in found].count("Oak (1 av 7)") == 2


def test_place_and_link_are_in_the_file_of_members_alone(school: School) -> None:
    """The coordinator gets the times."""
    group = school.running("ada")
    assert PLACE in text(school, group, "ada")
    assert LINK in text(school, group, "lena")
    for other in ("karin", "sven"):
        assert PLACE not in text(school, group, other)
        assert LINK not in text(school, group, other)


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("", ["Oak (1 av 7)", "Oak (återträff)"]),
        ("en", ["Oak (1 of 7)", "Oak (meeting again)"]),
        ("en-GB", ["Oak (1 of 7)", "Oak (meeting again)"]),
        ("sl", ["Oak (1 of 7)", "Oak (meeting again)"]),
    ],
)
def test_titles_are_in_the_language_asked_for_or_that_of_the_group(school: School, language: str, titles: list[str]) -> None:
    """English where there is no other."""
    found = [str(one["summary"]) for one in entries(text(school, school.group(), "karin", language))]
    assert [found[0], found[-1]] == titles


def test_a_title_says_nothing_about_what_a_session_is_about(school: School) -> None:
    """Others may look at the calendar: neither aim nor programme is in it."""
    file = text(school, school.running("ada"), "ada")
    for telling in ("ME-WE", "tankar", "känslor", "young carer"):
        assert telling not in file


def test_an_online_session_says_that_it_is_online(school: School) -> None:
    """To whoever does not see the link as well."""
    group = school.group()
    third = school.sessions(group)[2]
    request = s.SetMeetingRequest("r", third.id, s.MeetingMode.ONLINE, None, "https://meet.example.org/third")
    school.stage.call(sessions.set_meeting, request, by="karin")
    assert entries(text(school, group, "karin"))[2]["location"] == "På nätet"


def test_what_a_person_wrote_cannot_break_the_file(school: School) -> None:
    """Line ends, semicolons and commas in a place stay in the place."""
    group = school.running("ada")
    nasty = "Room 4; upstairs,\nBEGIN:VEVENT"
    request = s.SetMeetingRequest("r", school.sessions(group)[0].id, s.MeetingMode.IN_PERSON, nasty, None)
    school.stage.call(sessions.set_meeting, request, by="karin")
    found = entries(text(school, group, "ada"))
    assert len(found) == 8
    assert found[0]["location"] == nasty


def test_the_same_sessions_give_the_same_file(school: School) -> None:
    """Whenever it is asked for."""
    group = school.group()
    before = text(school, group, "karin")
    school.stage.clock.advance(days=3)
    assert text(school, group, "karin") == before
