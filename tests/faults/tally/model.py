"""Requests and answers of ``mewe.tally.v1``."""

from attrs import field, frozen
from mewe_core.kit.checks import identifier


@frozen
class GetTallyRequest:
    """Ask for the count of a room."""

    room_id: str = field(validator=identifier)


@frozen
class Tally:
    """How many messages were posted in a room, as far as is known here."""

    room_id: str
    posts: int
