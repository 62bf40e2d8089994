"""What the chat hears of groups and of who is in them: it has their rooms."""

from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.telling import is_erased
from mewe_core.kit.standing import StandingChanged
from mewe_core.programme.events import GroupChanged

from mewe_chat import member_store, news, room_store, rules
from mewe_chat.model import RoomKind
from mewe_chat.room_store import Group


async def hear_group_changed(event: GroupChanged, work: Work) -> None:
    """Have the rooms of each group, and close them when it is completed or ended."""
    is_open = rules.stays_open(event.state)
    group = Group(event.organisation_id, is_open, event.without_consent, None if is_open else work.now)
    await room_store.keep_room(work.database, RoomKind.GROUP, event.group_id, group)
    await room_store.keep_room(work.database, RoomKind.LEADERS, event.group_id, group)
    for person_id in await room_store.participants(work.database, event.group_id, work.now):
        await room_store.keep_room(work.database, RoomKind.SIDE, event.group_id, group, person_id)
    await room_store.set_group(work.database, event.group_id, group, work.now)


async def hear_standing_changed(event: StandingChanged, work: Work) -> None:
    """Have a side room for each participant, once their group is known; nothing is kept of somebody who was erased.

    Whoever leads a group is muted by nobody any more. What somebody who leaves was told is done.
    """
    if event.scope_kind is not ScopeKind.GROUP:
        return
    if event.until is not None and event.until <= work.now:
        await news.left(work, event.person_id, event.scope_id)
        if event.role is Role.LEADER:
            await news.leads_no_more(work, event.person_id, event.scope_id)
        return
    if event.role is Role.LEADER:
        await member_store.end_mutes_of(work.database, event.person_id)
    if event.role is not Role.PARTICIPANT:
        return
    group = await room_store.group(work.database, event.scope_id)
    if group is not None and not await is_erased(work.database, event.person_id):
        await room_store.keep_room(work.database, RoomKind.SIDE, event.scope_id, group, event.person_id)
