"""What the tally does: it counts, and says the count."""

from mewe_chat.events import MessagePosted
from mewe_core.kit.ports import Work

from tests.faults.tally import store
from tests.faults.tally.model import GetTallyRequest, Tally


async def get_tally(request: GetTallyRequest, work: Work) -> Tally:
    """The count of a room."""
    return Tally(request.room_id, await store.posts(work.database, request.room_id))


async def hear_message_posted(event: MessagePosted, work: Work) -> None:
    """One more was posted in the room."""
    await store.count(work.database, event.room_id)
