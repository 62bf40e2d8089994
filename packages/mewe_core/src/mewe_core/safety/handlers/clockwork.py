"""What is due by the clock: reminders and the next who is told; and what has to be right before the first start."""

from mewe_core.kit.plugins import PluginFault
from mewe_core.kit.ports import AlertKind, Work
from mewe_core.safety import rules
from mewe_core.safety.handlers import help as doors_handlers
from mewe_core.safety.handlers import routing
from mewe_core.safety.lines import lines_of, overdue
from mewe_core.safety.model.concerns import EntryKind, KeptConcern
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.rules import Due
from mewe_core.safety.store import concerns, contacts, doors

VERSION = "1"
MOST = 20
"""Concerns looked at in one unit: each brings a few rows."""


async def look_after_concerns(work: Work) -> bool:
    """Remind, and bring to the next who are there, where nobody has answered."""
    due = await concerns.are_due(work.database, work.now, MOST)
    for one in due:
        await _look_after(work, one)
    return len(due) == MOST


async def _look_after(work: Work, concern: KeptConcern) -> None:
    settings = work.settings(SafetySettings)
    there = await concerns.recipients(work.database, concern.id)
    live = [one for one in there if one.end_time is None]
    what = rules.now_due(concern.state, reminded=concern.reminded, anybody=bool(live))
    if what is Due.ESCALATE:
        await routing.escalate(work, concern, there)
        return
    begin = work.now if what is Due.FOLLOW_UP else concern.begin_time
    following = rules.due(concern.state, begin, settings, reminded=what is Due.REMIND)
    moment = None if following is None else max(following[0], work.now)
    if await concerns.wind(work.database, concern, begin, moment, reminded=what is Due.REMIND):
        await routing.enter(work, concern.id, EntryKind.REMINDED, None)
        for one in live:
            await routing.alert_contact(work, one.contact_id, AlertKind.REMINDER)


async def look_after_talks(work: Work) -> bool:
    """Remind leaders of those who want to talk."""
    due = await doors.talks_due(work.database, work.now, MOST)
    for one in due:
        following = work.now.add(hours=work.settings(SafetySettings).talk_hours)
        if await doors.remind_talk(work.database, one.id, following):
            await doors_handlers.ask_leaders_to_look(work, one.group_id, AlertKind.REMINDER)
    return len(due) == MOST


async def look_at_lines(work: Work) -> str | None:
    """Say which telephone numbers have to be verified. Raises PluginFault at the first start of a version, unless accepted.

    Another start of the same version is never stopped: a platform that does not run answers nobody.
    """
    settings = work.settings(SafetySettings)
    lines = lines_of(work.caller.country, settings.lines)
    late = overdue(lines, work.now.to_tz("UTC").date())
    fault = rules.lines_fault(work.caller.country, [one.number for one in lines], [one.number for one in late])
    accepted = bool(settings.lines_accepted_by.strip())
    if fault and not accepted and not await contacts.was_started(work.database, VERSION):
        raise PluginFault(fault)
    await contacts.keep_start(work.database, VERSION, work.now)
    return fault or None
