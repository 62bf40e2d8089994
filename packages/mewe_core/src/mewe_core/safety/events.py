"""What safety tells, and what features that need safety tell to it.

A feature in which young people write or answer tells ``Reported``, under a name of its own area: a concern takes the report's
id as its own, so that whoever it is brought to can be let in to what was frozen by that feature
(``Scope(ScopeKind.CONCERN, report_id)``, role ``CONTACT``). ``ConcernChanged`` says until when it has to be kept.
"""

from enum import StrEnum

from attrs import frozen

from mewe_core.kit.events import Event, Published
from mewe_core.kit.standing import StandingChanged
from mewe_core.programme.events import GroupProtected


class ReportedKind(StrEnum):
    """What was reported: a message in a chat, an answer that a questionnaire asks to look at, a story."""

    MESSAGE = "message"
    ANSWER = "answer"
    STORY = "story"


@frozen
class Reported(Event):
    """Something was reported; told by the feature that holds it. The concern that it becomes bears the report's id.

    ``thing_id``: what was reported; ``author_id``: who wrote it, if that is known; ``reporter_id``: who reported it, None if
    nobody did (an answer that asks to be looked at). ``group_id``: where; None: in no group.
    """

    report_id: str
    kind: ReportedKind
    thing_id: str
    group_id: str | None
    author_id: str | None
    reporter_id: str | None


class ConcernState(StrEnum):
    """Where a concern stands. ``RAISED``: nobody has said yet that they have it. ``HANDED_OVER``: to an authority."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"


@frozen
class ConcernChanged(Event):
    """There is a concern, and where it stands. What belongs to it is beyond deletion and erasure until it is closed."""

    concern_id: str
    state: ConcernState


EVENTS: tuple[Published, ...] = (
    Published(
        StandingChanged,
        aggregate="id",
        state=True,
        meaning="A concern was brought to an adult, until it is closed or is no longer theirs.",
    ),
    Published(
        GroupProtected,
        aggregate="group_id",
        state=True,
        meaning="A group has two adults who look after its young people and whose alerts were tested; or it has not.",
    ),
    Published(
        ConcernChanged,
        aggregate="concern_id",
        state=True,
        meaning="There is a concern, and where it stands; about whom or what is not told.",
    ),
)
