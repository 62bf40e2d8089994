"""The sessions of a group as an iCalendar file (RFC 5545).

An entry keeps its UID for good and its SEQUENCE rises with each change, so that a calendar shows a session that was moved or
cancelled where it was. The entry is called after the group and its place in the series, never after what the session is about:
others may look at the calendar too. The library is loaded when the first file is asked for: no start waits for it.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from mewe_core.kit import texts
from mewe_core.programme.model.kept import KeptGroup, KeptSession
from mewe_core.programme.model.sessions import MeetingMode, SessionState

if TYPE_CHECKING:
    from icalendar import Event

PACKAGE = "mewe_core.programme"


def uid(session_id: str) -> str:
    """The UID of a session's entry: the same for good."""
    return f"mewe-session-{session_id}"


def calendar(group: KeptGroup, sessions: Sequence[KeptSession], language: str, *, with_place: bool) -> str:
    """The file as text, lines ended by CRLF. Place and link are in it only ``with_place``.

    Times stand in the group's time zone, whose rules are in the file. The same group and sessions give the same text.
    """
    from icalendar import Calendar as File

    tag = _nearest(language)
    series = {one.number for one in sessions if not one.follow_up}
    file = File()
    file.add("prodid", f"-//MEWE//Programme//{tag.upper()}")
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    for session in sessions:
        file.add_component(_entry(group, session, len(series), tag, with_place=with_place))
    if sessions:
        years = [one.start_time.to_tz(group.time_zone).year for one in sessions]
        file.add_missing_timezones(date(min(years) - 1, 1, 1), date(max(years) + 1, 12, 31))
    text: str = file.to_ical().decode()
    return text


def _entry(group: KeptGroup, session: KeptSession, count: int, tag: str, *, with_place: bool) -> "Event":
    from icalendar import Event

    entry = Event()
    entry.add("uid", uid(session.id))
    entry.add("sequence", session.revision)
    entry.add("status", "CANCELLED" if session.state is SessionState.CANCELLED else "CONFIRMED")
    entry.add("summary", _title(group, session, count, tag))
    entry.add("dtstart", session.start_time.to_tz(group.time_zone).to_stdlib())
    entry.add("dtend", session.end_time.to_tz(group.time_zone).to_stdlib())
    entry.add("dtstamp", session.change_time.to_stdlib().replace(microsecond=0))
    entry.add("last-modified", session.change_time.to_stdlib().replace(microsecond=0))
    if with_place and session.place is not None:
        entry.add("location", session.place)
    elif session.mode is MeetingMode.ONLINE:
        entry.add("location", texts.say(PACKAGE, tag, "calendar-online"))
    if with_place and session.link is not None:
        entry.add("url", session.link)
    return entry


def _title(group: KeptGroup, session: KeptSession, count: int, tag: str) -> str:
    if session.follow_up:
        return texts.say(PACKAGE, tag, "calendar-follow-up", group=group.name)
    return texts.say(PACKAGE, tag, "calendar-session", group=group.name, number=session.number, count=count)


def _nearest(language: str) -> str:
    known = texts.languages(PACKAGE)
    return next((tag for tag in (language, language.partition("-")[0]) if tag in known), texts.FALLBACK)
