"""What is said is kept sealed under a key of whoever says it; who has the database alone cannot read it."""

from collections.abc import Sequence

from mewe_core.kit.database import Database
from mewe_core.kit.ports import Sealing

from mewe_chat import store
from mewe_chat.model import Message
from mewe_chat.store import KeptMessage

PURPOSE = "chat"
"""What the key of an author is for. Once it is destroyed, nothing that they said here can be opened again."""


async def sealed(message: Message, sealing: Sealing) -> KeptMessage:
    """A message as it is kept."""
    author_id, id_ = message.author_id, message.id
    words = await sealing.seal(author_id, PURPOSE, _place(id_), message.text)
    return KeptMessage(id_, message.room_id, author_id, words, message.sent_at, message.sequence)


async def opened(kept: KeptMessage, sealing: Sealing) -> Message:
    """The inverse. What cannot be opened (its key is gone, it was cleared, or somebody changed it) is a removed message.

    One message that cannot be shown never stands in the way of the others.
    """
    text = await words_of(kept, sealing)
    if text is None:
        return Message(kept.id, kept.room_id, "", "", kept.sent_at, kept.sequence, removed=True)
    return Message(kept.id, kept.room_id, kept.author_id, text, kept.sent_at, kept.sequence)


async def words_of(kept: KeptMessage, sealing: Sealing) -> str | None:
    """What a message says; None if that cannot be known any more."""
    if not kept.sealed_text:
        return None
    try:
        return await sealing.open(kept.author_id, PURPOSE, _place(kept.id), kept.sealed_text)
    except ValueError:
        return None


async def messages_after(database: Database, sealing: Sealing, room_id: str, after: int, limit: int) -> list[Message]:
    """What was said in a room behind a sequence, in order, without a gap."""
    return [await opened(one, sealing) for one in await store.messages_after(database, room_id, after, limit)]


async def page_of_room(
    database: Database, sealing: Sealing, topic: str, after: int, limit: int
) -> Sequence[tuple[int, Message]]:
    """The same for a stream: ``topic`` is the room's id, a cursor a sequence."""
    return [(one.sequence, one) for one in await messages_after(database, sealing, topic, after, limit)]


def _place(message_id: str) -> str:
    return f"chat_message/{message_id}/sealed_text"
