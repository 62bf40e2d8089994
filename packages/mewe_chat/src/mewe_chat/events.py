"""What the chat tells."""

from attrs import frozen
from mewe_core.kit.events import Event, Published
from mewe_core.safety.events import Reported


@frozen
class MessagePosted(Event):
    """A message was accepted in a room. Tells that there is one, not what it says."""

    room_id: str
    message_id: str
    sequence: int


EVENTS: tuple[Published, ...] = (
    Published(MessagePosted, aggregate="room_id", meaning="A message was accepted in a room; what it says is not told."),
    Published(Reported, aggregate="report_id", meaning="A message was reported; what it says is not told."),
)
