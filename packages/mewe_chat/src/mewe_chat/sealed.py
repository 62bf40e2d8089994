"""What is said is kept sealed under a key of whoever says it; who has the database alone cannot read it."""

from collections.abc import Sequence

from mewe_core.kit.database import Database
from mewe_core.kit.ports import Sealing

from mewe_chat import store
from mewe_chat.model import Message, MessageState
from mewe_chat.store import KeptMessage

PURPOSE = "chat"
"""What the key of an author is for. Once it is destroyed, nothing that they said here can be opened again."""


async def words(message_id: str, author_id: str, text: str, sealing: Sealing) -> bytes:
    """The words of a message as they are kept."""
    return await sealing.seal(author_id, PURPOSE, _place(message_id), text)


async def opened(kept: KeptMessage, sealing: Sealing, cursor: int = 0) -> Message:
    """A message as it is shown. What cannot be opened (its key is gone, it was cleared, or somebody changed it) is erased.

    One message that cannot be shown never stands in the way of the others. Of one that is not visible nothing is opened.
    """
    author_id, text, state = kept.author_id, "", kept.state
    if state is MessageState.VISIBLE:
        found = await words_of(kept, sealing)
        if found is None:
            author_id, state = "", MessageState.ERASED
        else:
            text = found
    elif not author_id:
        state = MessageState.ERASED
    return Message(
        kept.id,
        kept.room_id,
        author_id,
        text,
        kept.sent_at,
        kept.sequence,
        state,
        kept.edited_time,
        kept.reply_to_id,
        cursor,
    )


async def words_of(kept: KeptMessage, sealing: Sealing) -> str | None:
    """What a message says, visible or not; None if that cannot be known any more."""
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
    """For a stream: what was said or changed in a room (``topic``) behind a cursor, each as it now stands, in their order."""
    said = await store.messages_after(database, topic, store.sequence_at(after), limit)
    changed = await store.changed_after(database, topic, after, limit)
    there = [(store.cursor_at(one.sequence), one) for one in said]
    if changed:
        there += [(one.changed or 0, one) for one in changed]
        there.sort(key=_cursor)
    return [(cursor, await opened(one, sealing, cursor)) for cursor, one in there[:limit]]


def place_of(message: Message) -> int:
    """The cursor at which a message was first."""
    return store.cursor_at(message.sequence)


def _cursor(item: tuple[int, KeptMessage]) -> int:
    return item[0]


def _place(message_id: str) -> str:
    return f"chat_message/{message_id}/sealed_text"
