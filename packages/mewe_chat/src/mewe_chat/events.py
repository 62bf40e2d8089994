"""What the chat tells: that there is something, never what was said."""

from attrs import frozen
from mewe_core.kit.events import Event, Published
from mewe_core.kit.noticing import NoticeDone, NoticeDue
from mewe_core.safety.events import Reported


@frozen
class MessagePosted(Event):
    """A message was accepted in a room. Tells that there is one, not what it says."""

    room_id: str
    message_id: str
    sequence: int


@frozen
class MessageChanged(Event):
    """A message was changed: its words, or whether it can be read. Tells that it was, not how."""

    room_id: str
    message_id: str


@frozen
class MessageHeld(Event):
    """A message is held back until a leader of the group decides. Tells that there is one, not what it says."""

    room_id: str
    held_id: str


EVENTS: tuple[Published, ...] = (
    Published(MessagePosted, aggregate="room_id", meaning="A message was accepted in a room; what it says is not told."),
    Published(MessageChanged, aggregate="room_id", meaning="A message was changed, hidden or deleted; how is not told."),
    Published(MessageHeld, aggregate="room_id", meaning="A message is held back until a leader decides; why is not told."),
    Published(Reported, aggregate="report_id", meaning="A message was reported; what it says is not told."),
    Published(
        NoticeDue,
        aggregate="person_id",
        meaning="There is something new for somebody; what and where is not told.",
    ),
    Published(NoticeDone, aggregate="person_id", meaning="Somebody has looked at what was new, or it is not there for them."),
)
"""What the chat tells."""
