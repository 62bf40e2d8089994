"""What everybody does for themselves alone: marking what they have read, muting somebody. Nobody else is told."""

from mewe_core.kit import paging
from mewe_core.kit.access import Role
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work

from mewe_chat import member_store, news, store
from mewe_chat.errors import LeaderNotMuted
from mewe_chat.model import (
    ListMutedRequest,
    ListMutedResponse,
    MarkReadRequest,
    MarkReadResponse,
    SetMutedRequest,
    SetMutedResponse,
)


async def mark_read(request: MarkReadRequest, work: Work) -> MarkReadResponse:
    """Mark a room as read up to a message, at most its last. Wherever the mark moves, they have looked at what was new."""
    if work.caller.person_id is None:
        raise NotFound
    last = store.sequence_at(await store.reached(work.database, request.room_id))
    sequence = min(request.sequence, last)
    told = await member_store.mark_read(work.database, request.room_id, work.caller.person_id, sequence)
    if told is not None:
        await news.seen(work, request.room_id, work.caller.person_id, told)
    return MarkReadResponse(sequence)


async def set_muted(request: SetMutedRequest, work: Work) -> SetMutedResponse:
    """Mute another participant, or no longer. Raises LeaderNotMuted; NotFound for oneself and who was never in the group."""
    person_id = work.caller.person_id
    if person_id is None:
        raise NotFound
    if request.muted:
        roles = await member_store.roles_in_group(work.database, request.person_id, work.standing.scope.id)
        if not roles or request.person_id == person_id:
            raise NotFound
        if Role.LEADER in roles:
            raise LeaderNotMuted
    await member_store.set_muted(work.database, person_id, request.person_id, muted=request.muted)
    return SetMutedResponse(request.muted)


async def list_muted(request: ListMutedRequest, work: Work) -> ListMutedResponse:
    """Whom the caller has muted. Raises Invalid for a page token of another list."""
    size = paging.size(request.page_size)
    after = str(paging.after("muted", request.page_token, ""))
    found = await member_store.muted(work.database, work.caller.person_id or "", after=after, limit=size + 1)
    following = paging.token("muted", found[size - 1]) if len(found) > size else ""
    return ListMutedResponse(tuple(found[:size]), following)
