"""Telling somebody that there is something new: what any feature may tell, and hears of who wants to be told.

They stand in the kit, so that a feature tells of what is new whether or not its deployment has the feature that sends notices
(``mewe_core.notices``). It keeps a copy of ``NoticesWanted`` and tells nothing of those who do not want notices: where nobody
sends any, that is everybody. The protobuf messages of what is told are in ``mewe.kit.v1``.
"""

from attrs import frozen
from whenever import Instant

from mewe_core.kit.events import Event


@frozen
class NoticeDue(Event):
    """There is something new for somebody from ``due_at`` on. Told again before it has left, the newest ``due_at`` counts.

    ``occurrence_id`` is the teller's: the same for the same occurrence, however often and by how many processes it is told; one
    occurrence is one notice at most. Its aggregate and that of ``NoticeDone`` is ``person_id``, so that they are heard in the
    order in which they were told.
    """

    occurrence_id: str
    person_id: str
    due_at: Instant


@frozen
class NoticeDone(Event):
    """They have seen it, or it is no longer there: if its notice has not left, it does not leave any more."""

    occurrence_id: str
    person_id: str


@frozen
class NoticesWanted(Event):
    """Somebody wants notices, or does not. Of those who never said so nothing is told: they want none."""

    person_id: str
    wanted: bool
