"""How a message comes into a room, and how one that is there is changed: the only two ways."""

import attrs
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Next, Work

from mewe_chat import sealed, store
from mewe_chat.events import MessageChanged, MessagePosted
from mewe_chat.model import Message
from mewe_chat.store import KeptMessage, Place


async def append_new(work: Work, room_id: str, author_id: str, text: str, reply_to_id: str = "") -> Message:
    """Append a message at the next place of a room. Who may is decided before. Raises NotFound if there is no such room."""
    place = await store.take_place(work.database, room_id, author_id, work.now)
    if place is None:
        raise NotFound
    return await append(work, place, room_id, author_id, text, reply_to_id)


async def append(work: Work, place: Place, room_id: str, author_id: str, text: str, reply_to_id: str = "") -> Message:
    """Append a message at a place that was taken for it."""
    message_id = work.new_ordered_id()
    words = await sealed.words(message_id, author_id, text, work.sealing)
    await store.append(
        work.database,
        KeptMessage(message_id, room_id, author_id, words, place.sent_at, place.sequence, reply_to_id=reply_to_id),
    )
    work.emit(MessagePosted(room_id=room_id, message_id=message_id, sequence=place.sequence))
    message = Message(message_id, room_id, author_id, text, place.sent_at, place.sequence, reply_to_id=reply_to_id)
    _show(work, message, store.cursor_at(place.sequence - 1, place.changes_before), store.cursor_at(place.sequence))
    return message


async def edit(work: Work, message: KeptMessage, text: str) -> Message:
    """Keep other words of a message in place of those it had, marked as edited."""
    words = await sealed.words(message.id, message.author_id, text, work.sealing)
    return await change(work, attrs.evolve(message, sealed_text=words, edited_time=work.now))


async def change(work: Work, message: KeptMessage) -> Message:
    """Keep a message as it now is to stand (``attrs.evolve``: its state, words, when it was edited), and tell who watches.

    Whoever is in the room reads it anew. Raises NotFound if there is no such room.
    """
    cursor = await store.take_change(work.database, message.room_id)
    if cursor is None:
        raise NotFound
    await store.change(work.database, attrs.evolve(message, changed=cursor))
    work.emit(MessageChanged(room_id=message.room_id, message_id=message.id))
    changed = await sealed.opened(message, work.sealing)
    _show(work, changed, cursor - 1, cursor)
    return changed


def _show(work: Work, message: Message, behind: int, cursor: int) -> None:
    work.show(Next(sealed.page_of_room, message.room_id, behind, cursor, attrs.evolve(message, cursor=cursor)))
