"""What safety hears: groups, who is what, and what was reported elsewhere."""

from mewe_core.kit.access import ScopeKind
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import StandingChanged
from mewe_core.programme.events import GroupChanged
from mewe_core.safety.events import Reported
from mewe_core.safety.handlers import routing
from mewe_core.safety.handlers.contacts import protect
from mewe_core.safety.model.concerns import ConcernKind, EntryKind
from mewe_core.safety.store import concerns, contacts


async def hear_group_changed(event: GroupChanged, work: Work) -> None:
    """Know the groups."""
    await contacts.keep_group(work.database, event.group_id, event.organisation_id)
    await protect(work, ScopeKind.GROUP, event.group_id)


async def hear_reported(event: Reported, work: Work) -> None:
    """Make a concern of it, under the report's id; once, however often it is told."""
    concern = routing.new(
        work,
        ConcernKind(event.kind.value),
        event.report_id,
        group_id=event.group_id,
        about_id=event.author_id,
        raised_by_id=event.reporter_id,
        thing_id=event.thing_id,
    )
    await routing.begin(work, concern)


async def hear_standing_changed(event: StandingChanged, work: Work) -> None:
    """Whoever is no adult there any more is no contact, and concerns are no longer theirs."""
    if event.until is None or event.until > work.now:
        for group_id in await contacts.groups_of_contact(work.database, event.person_id):
            await protect(work, ScopeKind.GROUP, group_id)
        return
    for group_id in await contacts.groups_of_contact(work.database, event.person_id):
        await protect(work, ScopeKind.GROUP, group_id)
    for concern_id in await concerns.open_of_recipient(work.database, event.person_id):
        await _release(work, concern_id, event.person_id)


async def _release(work: Work, concern_id: str, person_id: str) -> None:
    concern = await concerns.concern(work.database, concern_id)
    if concern is None:
        return
    scopes = frozenset(await routing.around(work, concern.group_id))
    if await routing.is_adult(work, person_id, scopes):
        return
    there = await concerns.recipients(work.database, concern_id)
    for one in there:
        if one.person_id == person_id and one.end_time is None:
            await routing.release(work, one)
            await routing.enter(work, concern_id, EntryKind.RELEASED, person_id)
    if not any(one.end_time is None and one.person_id != person_id for one in there):
        await concerns.wind(work.database, concern, work.now, work.now, reminded=concern.reminded)
