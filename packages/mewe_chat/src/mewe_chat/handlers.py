"""What the chat does: one coroutine an RPC or event heard."""

from mewe_core.kit import paging
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Follow, Work
from mewe_core.programme.events import GroupChanged

from mewe_chat import rules, sealed, store
from mewe_chat.events import MessagePosted
from mewe_chat.model import (
    ChatSettings,
    ListMessagesRequest,
    ListMessagesResponse,
    ListRoomsRequest,
    ListRoomsResponse,
    Message,
    PostMessageRequest,
    WatchMessagesRequest,
)


async def list_rooms(request: ListRoomsRequest, work: Work) -> ListRoomsResponse:
    """The rooms that the caller is in, by id. Raises Invalid for a page token of another list."""
    size = paging.size(request.page_size)
    after = str(paging.after("rooms", request.page_token, ""))
    rooms = await store.my_rooms(work.database, work.caller.person_id or "", work.now, after=after, limit=size + 1)
    following = paging.token("rooms", rooms[size - 1].id) if len(rooms) > size else ""
    return ListRoomsResponse(tuple(rooms[:size]), following)


async def post_message(request: PostMessageRequest, work: Work) -> Message:
    """Append a message to a room. Raises RoomClosed; Invalid if the text is longer than this deployment allows."""
    place = await store.take_place(work.database, request.room_id, work.now)
    if place is None or work.caller.person_id is None:
        raise NotFound
    rules.may_post(work.standing, request.text, work.settings(ChatSettings), is_open=place.open)
    message = Message(
        id=work.new_ordered_id(),
        room_id=request.room_id,
        author_id=work.caller.person_id,
        text=request.text,
        sent_at=place.sent_at,
        sequence=place.sequence,
    )
    await store.append(work.database, await sealed.sealed(message, work.sealing))
    work.emit(MessagePosted(room_id=message.room_id, message_id=message.id, sequence=message.sequence))
    return message


async def list_messages(request: ListMessagesRequest, work: Work) -> ListMessagesResponse:
    """What was said in a room since the caller joined, oldest first; in an emergency, all of it.

    Raises Invalid for a page token of another list.
    """
    size = paging.size(request.page_size)
    list_name = f"messages of {request.room_id}"
    asked = int(paging.after(list_name, request.page_token, 0) or 0)
    since = rules.reads_since(work.standing)
    after = max(asked, await store.last_before(work.database, request.room_id, since))
    messages = await sealed.messages_after(work.database, work.sealing, request.room_id, after, size + 1)
    following = paging.token(list_name, messages[size - 1].sequence) if len(messages) > size else ""
    return ListMessagesResponse(tuple(messages[:size]), following)


async def watch_messages(request: WatchMessagesRequest, work: Work) -> Follow[Message]:
    """Follow a room from behind a sequence, but never from before the caller joined."""
    since = rules.in_room_since(work.standing)
    after = max(request.after_sequence, await store.last_before(work.database, request.room_id, since))
    return Follow(topic=request.room_id, after=after, page=sealed.page_of_room)


async def hear_group_changed(event: GroupChanged, work: Work) -> None:
    """Have a room for each group, and close it when the group is completed or ended."""
    await store.keep_room(
        work.database, event.group_id, is_open=rules.stays_open(event.state), without_consent=event.without_consent
    )
