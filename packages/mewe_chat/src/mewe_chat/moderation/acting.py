"""What leaders do: hide, restore, remove, pause, close, open; each with a reason that whoever it is about is told."""

from attrs import evolve
from mewe_core.kit import paging
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import held_by
from whenever import Instant, TimeDelta

from mewe_chat import hours, messages, room_store, sealed, store
from mewe_chat.errors import MessageGone, RoomClosed
from mewe_chat.model import Message, MessageState
from mewe_chat.moderation import act_store, rules
from mewe_chat.moderation.act_store import KeptAct
from mewe_chat.moderation.errors import LeaderNotPaused, Paused
from mewe_chat.moderation.model import (
    Act,
    EndPauseRequest,
    HideMessageRequest,
    ListActsAboutMeRequest,
    ListActsAboutMeResponse,
    ListActsRequest,
    ListActsResponse,
    OpenHiddenMessageRequest,
    OpenHiddenMessageResponse,
    PauseMemberRequest,
    RemoveMessageRequest,
    RestoreMessageRequest,
    SetOpeningHoursRequest,
    SetRoomOpenRequest,
)
from mewe_chat.moderation.rules import ActKind

PURPOSE = "act"
"""What the key of an act is for."""

_NEWEST = "g"
"""Behind every id, which is of hexadecimal digits."""


async def hide_message(request: HideMessageRequest, work: Work) -> Message:
    """Hide a message until it is restored or removed. Raises NotFound, MessageGone, OwnCase."""
    return await _moderated(request, ActKind.HIDDEN, work)


async def restore_message(request: RestoreMessageRequest, work: Work) -> Message:
    """Show a hidden message again. Raises NotFound, OwnCase, MessageGone if it is not hidden."""
    return await _moderated(request, ActKind.RESTORED, work)


async def remove_message(request: RemoveMessageRequest, work: Work) -> Message:
    """Remove a message for good: its words are gone. Raises NotFound, MessageGone, OwnCase, LeadersMessage."""
    return await _moderated(request, ActKind.REMOVED, work)


async def open_hidden_message(request: OpenHiddenMessageRequest, work: Work) -> OpenHiddenMessageResponse:
    """The words of a hidden message, for leaders and for its author. Raises NotFound."""
    found = await store.message(work.database, request.message_id)
    if found is None or found.room_id != request.room_id or found.state is not MessageState.HIDDEN:
        raise NotFound
    if found.author_id != work.caller.person_id and Role.LEADER not in work.standing.roles():
        raise NotFound
    text = await sealed.words_of(found, work.sealing)
    if text is None:
        raise NotFound
    return OpenHiddenMessageResponse(text)


async def pause_member(request: PauseMemberRequest, work: Work) -> Act:
    """Pause a participant's writing in the room of the group. Raises LeaderNotPaused, NotFound."""
    await _participant(request.person_id, work)
    until = work.now + TimeDelta(hours=request.hours)
    await act_store.end_pause(work.database, request.room_id, request.person_id, work.now)
    return await record(work, request.room_id, ActKind.PAUSED, request.reason, request.person_id, until=until)


async def end_pause(request: EndPauseRequest, work: Work) -> Act:
    """End a pause before its time; one that is over stays over. Raises LeaderNotPaused, NotFound."""
    await _participant(request.person_id, work)
    await act_store.end_pause(work.database, request.room_id, request.person_id, work.now)
    return await record(work, request.room_id, ActKind.PAUSE_ENDED, request.reason, request.person_id)


async def set_room_open(request: SetRoomOpenRequest, work: Work) -> Act:
    """Close the room of a group to writing, or open it again. Raises RoomClosed once the programme has ended."""
    group = await room_store.group(work.database, request.room_id)
    if group is None:
        raise NotFound
    if not group.open:
        raise RoomClosed
    await act_store.set_closed(work.database, request.room_id, closed=not request.open)
    return await record(work, request.room_id, ActKind.OPENED if request.open else ActKind.CLOSED, request.reason)


async def set_opening_hours(request: SetOpeningHoursRequest, work: Work) -> Act:
    """Say at which hours participants may write. Raises Invalid for hours that are none, RoomClosed once it has ended."""
    group = await room_store.group(work.database, request.room_id)
    if group is None:
        raise NotFound
    if not group.open:
        raise RoomClosed
    given = None if request.hours is None else hours.read(request.hours)
    await act_store.set_hours(work.database, request.room_id, given)
    return await record(work, request.room_id, ActKind.HOURS_SET, "")


async def list_acts_about_me(request: ListActsAboutMeRequest, work: Work) -> ListActsAboutMeResponse:
    """What was decided about the caller, newest first. Raises Invalid for a page token of another list."""
    size = paging.size(request.page_size)
    before = str(paging.after("acts about me", request.page_token, _NEWEST))
    found = await act_store.about(work.database, work.caller.person_id or "", before=before, limit=size + 1)
    following = paging.token("acts about me", found[size - 1].id) if len(found) > size else ""
    return ListActsAboutMeResponse(tuple([await shown(one, work) for one in found[:size]]), following)


async def list_acts(request: ListActsRequest, work: Work) -> ListActsResponse:
    """What was decided in a room, newest first. Raises Invalid for a page token of another list."""
    size, name = paging.size(request.page_size), f"acts in {request.room_id}"
    before = str(paging.after(name, request.page_token, _NEWEST))
    found = await act_store.in_room(work.database, request.room_id, before=before, limit=size + 1)
    following = paging.token(name, found[size - 1].id) if len(found) > size else ""
    return ListActsResponse(tuple([await shown(one, work) for one in found[:size]]), following)


async def not_paused(work: Work, room_id: str) -> None:
    """Raises Paused if a leader has paused the caller's writing in a room."""
    person_id = work.caller.person_id or ""
    if await act_store.paused_until(work.database, room_id, person_id, work.now) is not None:
        raise Paused


async def record(
    work: Work,
    room_id: str,
    kind: ActKind,
    reason: str,
    person_id: str | None = None,
    message_id: str | None = None,
    *,
    until: Instant | None = None,
) -> Act:
    """Keep what the caller has decided, and why. Raises NotFound if nobody has."""
    if work.caller.person_id is None:
        raise NotFound
    id_ = work.new_ordered_id()
    words = await work.sealing.seal(id_, PURPOSE, _place(id_), reason) if reason.strip() else None
    kept = KeptAct(id_, room_id, kind, work.caller.person_id, person_id, message_id, words, work.now, until)
    await act_store.keep(work.database, kept)
    return await shown(kept, work)


async def shown(kept: KeptAct, work: Work) -> Act:
    """An act as it is shown."""
    reason = None
    if kept.sealed_reason:
        reason = await work.sealing.open(kept.id, PURPOSE, _place(kept.id), kept.sealed_reason)
    return Act(
        kept.id,
        kept.room_id,
        kept.kind,
        kept.leader_id,
        kept.person_id or "",
        kept.message_id or "",
        reason or "",
        kept.act_time,
        kept.until_time,
    )


async def _moderated(
    request: HideMessageRequest | RestoreMessageRequest | RemoveMessageRequest, kind: ActKind, work: Work
) -> Message:
    found = await store.message(work.database, request.message_id)
    if found is None or found.room_id != request.room_id:
        raise NotFound
    if not found.author_id:
        raise MessageGone
    author_leads = rules.leads(await held_by(work.database, found.author_id), work.standing.scope.id)
    rules.may_moderate(kind, work.caller.person_id or "", found.author_id, author_leads=author_leads)
    state = rules.becomes(found.state, kind)
    words = b"" if state is MessageState.REMOVED else found.sealed_text
    message = await messages.change(work, evolve(found, state=state, sealed_text=words))
    await record(work, found.room_id, kind, request.reason, found.author_id, found.id)
    return message


async def _participant(person_id: str, work: Work) -> None:
    """Raises LeaderNotPaused, and NotFound for who is no participant of the group now."""
    held = [one for one in await held_by(work.database, person_id) if one.at(work.now)]
    here = {one.role for one in held if one.scope_kind is ScopeKind.GROUP and one.scope_id == work.standing.scope.id}
    if Role.LEADER in here:
        raise LeaderNotPaused
    if Role.PARTICIPANT not in here:
        raise NotFound


def _place(act_id: str) -> str:
    return f"chat_act/{act_id}/sealed_reason"
