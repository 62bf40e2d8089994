"""What the chat does: one coroutine an RPC."""

from mewe_core.kit import paging
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Follow, Work

from mewe_chat import messages, room_store, rooms, rules, sealed, store
from mewe_chat.model import (
    ChatSettings,
    ListMessagesRequest,
    ListMessagesResponse,
    ListRoomsRequest,
    ListRoomsResponse,
    Message,
    PostMessageRequest,
    PostMessageResponse,
    WatchMessagesRequest,
)


async def list_rooms(request: ListRoomsRequest, work: Work) -> ListRoomsResponse:
    """The rooms that the caller is in, by id. Raises Invalid for a page token of another list."""
    size = paging.size(request.page_size)
    after = str(paging.after("rooms", request.page_token, ""))
    person_id = work.caller.person_id or ""
    kept = await room_store.my_rooms(work.database, person_id, work.now, after=after, limit=size + 1, archived=request.archived)
    following = paging.token("rooms", kept[size - 1].id) if len(kept) > size else ""
    return ListRoomsResponse(tuple(rooms.shown(one) for one in kept[:size]), following)


async def post_message(request: PostMessageRequest, work: Work) -> PostMessageResponse:
    """Append a message to a room. Raises RoomClosed; Invalid if the text is longer than this deployment allows."""
    author_id = work.caller.person_id
    place = None if author_id is None else await store.take_place(work.database, request.room_id, author_id, work.now)
    if place is None or author_id is None:
        raise NotFound
    rules.may_post(work.standing, request.text, work.settings(ChatSettings), place)
    if request.reply_to_id is not None:
        await _visible(request.room_id, request.reply_to_id, work)
    return PostMessageResponse(
        await messages.append(work, place, request.room_id, author_id, request.text, request.reply_to_id or "")
    )


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
