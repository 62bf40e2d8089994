"""What notices tells, and what other features tell to it.

A feature that has something new for somebody tells ``NoticeDue``, under a name of its own area, and ``NoticeDone`` once they
have seen it. It keeps a copy of ``NoticesWanted`` and tells neither of those who do not want notices. ``occurrence_id`` is the
teller's: the same for the same occurrence, however often and by how many processes it is told; one occurrence is one notice at
most. Both events have ``person_id`` for their aggregate, so that they are heard in the order in which they were told.
"""

from attrs import frozen
from whenever import Instant

from mewe_core.kit.events import Event, Published


@frozen
class NoticeDue(Event):
    """There is something new for somebody from ``due_at`` on. Told again before it has left, the newest ``due_at`` counts."""

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


EVENTS: tuple[Published, ...] = (
    Published(
        NoticesWanted,
        aggregate="person_id",
        state=True,
        meaning="Somebody wants notices, or does not; those of whom nothing is told want none.",
    ),
)
