"""What the chat does: one coroutine an RPC."""

import attrs
from mewe_core.kit import paging
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Follow, Work

from mewe_chat import messages, room_store, rooms, rules, sealed, store
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
from mewe_chat.settings import Deployed


async def list_rooms(request: ListRoomsRequest, work: Work) -> ListRoomsResponse:
    """The rooms that the caller is in, by id. Raises Invalid for a page token of another list."""
    size = paging.size(request.page_size)
    after = str(paging.after("rooms", request.page_token, ""))
    person_id = work.caller.person_id or ""
    kept = await room_store.my_rooms(work.database, person_id, work.now, after=after, limit=size + 1, archived=request.archived)
    following = paging.token("rooms", kept[size - 1].id) if len(kept) > size else ""
    deployed = work.settings(Deployed)
    return ListRoomsResponse(tuple(rooms.shown(one, deployed, work.now) for one in kept[:size]), following)


async def post_message(request: PostMessageRequest, work: Work) -> PostMessageResponse:
    """Append a message to a room. Raises what ``rules.may_write`` does; NotFound for a reply to what the caller cannot see."""
    author_id = work.caller.person_id
    place = None if author_id is None else await store.take_place(work.database, request.room_id, author_id, work.now)
    if place is None or author_id is None:
        raise NotFound
    rules.may_write(work.standing, request.text, work.settings(Deployed), place, work.now)
    if request.reply_to_id is not None:
        await _visible(request.room_id, request.reply_to_id, work)
    return PostMessageResponse(
        await messages.append(work, place, request.room_id, author_id, request.text, request.reply_to_id or "")
    )


async def edit_message(request: EditMessageRequest, work: Work) -> PostMessageResponse:
    """Change the words of a message of one's own. Raises what ``rules.may_write`` does; MessageGone if it is not visible."""
    author_id = work.caller.person_id
    room = None if author_id is None else await store.writing(work.database, request.room_id, author_id)
    message = await _visible(request.room_id, request.message_id, work)
    if room is None or author_id is None or message.author_id != author_id:
        raise NotFound
    rules.may_write(work.standing, request.text, work.settings(Deployed), room, work.now)
    if message.state is not MessageState.VISIBLE or not message.sealed_text:
        raise MessageGone
    words = await sealed.words(message.id, author_id, request.text, work.sealing)
    return PostMessageResponse(await messages.change(work, attrs.evolve(message, sealed_text=words, edited_time=work.now)))


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
