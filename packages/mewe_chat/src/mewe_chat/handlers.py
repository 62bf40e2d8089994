"""What the chat does: one coroutine an RPC."""

import attrs
from mewe_core.kit import paging
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Follow, Work

from mewe_chat import messages, room_store, rooms, rules, sealed, store
from mewe_chat.checks.chain import Checked
from mewe_chat.errors import MessageGone
from mewe_chat.model import (
    DeleteMessageRequest,
    EditMessageRequest,
    ListMessagesRequest,
    ListMessagesResponse,
    ListRoomsRequest,
    ListRoomsResponse,
    Message,
    MessageState,
    PostMessageRequest,
    PostMessageResponse,
    WatchMessagesRequest,
)
from mewe_chat.moderation import act_store, acting, held
from mewe_chat.settings import Deployed


async def list_rooms(request: ListRoomsRequest, work: Work) -> ListRoomsResponse:
    """The rooms that the caller is in, by id. Raises Invalid for a page token of another list."""
    size = paging.size(request.page_size)
    after = str(paging.after("rooms", request.page_token, ""))
    person_id = work.caller.person_id or ""
    kept = await room_store.my_rooms(work.database, person_id, work.now, after=after, limit=size + 1, archived=request.archived)
    following = paging.token("rooms", kept[size - 1].id) if len(kept) > size else ""
    deployed, paused = work.settings(Deployed), await act_store.pauses(work.database, person_id, work.now)
    shown = (rooms.shown(one, deployed, work.now, paused.get(one.id)) for one in kept[:size])
    return ListRoomsResponse(tuple(shown), following)


async def post_message(request: PostMessageRequest, work: Work) -> PostMessageResponse:
    """Append a message to a room. Raises what ``rules.may_write`` does; NotFound for a reply to what the caller cannot see.

    Paused, and what the checks refuse. What may tell of somebody in danger is taken in any state of the room.
    """
    author_id, checked = work.caller.person_id, work.prepared(Checked)
    if checked.cause is not None:
        rules.in_room_since(work.standing)
        reply_to_id = "" if request.reply_to_id is None else (await _visible(request.room_id, request.reply_to_id, work)).id
        return await held.answer(work, checked, request.room_id, request.text, reply_to_id=reply_to_id)
    place = None if author_id is None else await store.take_place(work.database, request.room_id, author_id, work.now)
    if place is None or author_id is None:
        raise NotFound
    rules.may_write(work.standing, request.text, work.settings(Deployed), place, work.now)
    await acting.not_paused(work, request.room_id)
    checked.let_through()
    if request.reply_to_id is not None:
        await _visible(request.room_id, request.reply_to_id, work)
    return PostMessageResponse(
        await messages.append(work, place, request.room_id, author_id, request.text, request.reply_to_id or "")
    )


async def edit_message(request: EditMessageRequest, work: Work) -> PostMessageResponse:
    """Change the words of a message of one's own. Raises what ``rules.may_write`` does; MessageGone if it is not visible.

    Paused, and what the checks refuse. Where the new words are held back, the old ones stand.
    """
    author_id, checked = work.caller.person_id, work.prepared(Checked)
    room = None if author_id is None else await store.writing(work.database, request.room_id, author_id)
    message = await _visible(request.room_id, request.message_id, work)
    if room is None or author_id is None or message.author_id != author_id:
        raise NotFound
    is_there = message.state is MessageState.VISIBLE and message.sealed_text
    if checked.cause is not None:
        return await held.answer(work, checked, request.room_id, request.text, edited=message if is_there else None)
    rules.may_write(work.standing, request.text, work.settings(Deployed), room, work.now)
    await acting.not_paused(work, request.room_id)
    if not is_there:
        raise MessageGone
    checked.let_through()
    return PostMessageResponse(await messages.edit(work, message, request.text))


async def delete_message(request: DeleteMessageRequest, work: Work) -> Message:
    """Clear the words of a message of one's own, whenever it was said; a repeat changes nothing. Raises NotFound."""
    message = await store.message(work.database, request.message_id)
    if message is None or message.room_id != request.room_id or message.author_id != work.caller.person_id:
        raise NotFound
    if not message.sealed_text:
        return await sealed.opened(message, work.sealing)
    state = MessageState.REMOVED if message.state is MessageState.REMOVED else MessageState.DELETED
    return await messages.change(work, attrs.evolve(message, state=state, sealed_text=b""))


async def list_messages(request: ListMessagesRequest, work: Work) -> ListMessagesResponse:
    """What was said in a room since the caller joined, oldest first; in an emergency, all of it.

    Raises Invalid for a page token of another list.
    """
    size = paging.size(request.page_size)
    list_name = f"messages of {request.room_id}"
    asked = int(paging.after(list_name, request.page_token, 0) or 0)
    since = rules.reads_since(work.standing)
    after = max(asked, await store.last_before(work.database, request.room_id, since))
    found = await sealed.messages_after(work.database, work.sealing, request.room_id, after, size + 1)
    following = paging.token(list_name, found[size - 1].sequence) if len(found) > size else ""
    return ListMessagesResponse(tuple(found[:size]), following, await store.reached(work.database, request.room_id))


async def watch_messages(request: WatchMessagesRequest, work: Work) -> Follow[Message]:
    """Follow a room from behind a cursor: never what was said before the caller joined, whatever becomes of it later."""
    since = store.cursor_at(await store.last_before(work.database, request.room_id, rules.in_room_since(work.standing)))
    after = max(request.after_cursor, since)
    return Follow(topic=request.room_id, after=after, page=sealed.page_of_room, since=since, origin=sealed.place_of)


async def _visible(room_id: str, message_id: str, work: Work) -> store.KeptMessage:
    """A message of a room that the caller may see. Raises NotFound."""
    found = await store.message(work.database, message_id)
    if found is None or found.room_id != room_id or found.sent_at < rules.in_room_since(work.standing):
        raise NotFound
    return found
