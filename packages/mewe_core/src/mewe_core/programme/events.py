"""What the programme tells: where groups stand and who is in them, which sessions were held and who came, certificates."""

from enum import StrEnum

from attrs import frozen
from whenever import Instant

from mewe_core.kit.events import Event, Published
from mewe_core.kit.standing import StandingChanged


class GroupState(StrEnum):
    """Where a group stands. It goes from planned to completed in this order, or is ended on the way."""

    PLANNED = "planned"
    RUNNING = "running"
    FOLLOW_UP = "follow_up"
    COMPLETED = "completed"
    ENDED = "ended"


@frozen
class GroupChanged(Event):
    """There is a group, and where it stands. ``without_consent``: nobody in it is asked for consent."""

    group_id: str
    organisation_id: str
    state: GroupState
    without_consent: bool = False


@frozen
class GroupProtected(Event):
    """A group has two adults who look after its young people, and it was tried whether an alert reaches them; or it has not.

    Told by whichever feature looks after that. A group for young people does not start without it.
    """

    group_id: str
    protected: bool


@frozen
class SessionHeld(Event):
    """A session was held; told once a session, when it is first recorded."""

    session_id: str
    group_id: str
    number: int
    follow_up: bool
    held_at: Instant


@frozen
class AttendanceMarked(Event):
    """Whether a participant was at a session; told when it is recorded, and again when a correction says otherwise."""

    session_id: str
    group_id: str
    person_id: str
    present: bool
    held_at: Instant


@frozen
class CertificateIssued(Event):
    """Somebody was given a certificate."""

    certificate_id: str
    person_id: str
    organisation_id: str


@frozen
class CertificateWithdrawn(Event):
    """A certificate was taken back."""

    certificate_id: str
    person_id: str
    organisation_id: str


EVENTS: tuple[Published, ...] = (
    Published(
        StandingChanged,
        aggregate="id",
        state=True,
        meaning="A person is participant or leader of a group, from one moment to another.",
    ),
    Published(GroupChanged, aggregate="group_id", state=True, meaning="There is a group, and where it stands."),
    Published(SessionHeld, aggregate="session_id", meaning="A session was held; told when it is first recorded."),
    Published(
        AttendanceMarked,
        aggregate="session_id",
        meaning="A participant was at a session, or was not; the newest one counts.",
    ),
    Published(CertificateIssued, aggregate="certificate_id", meaning="Somebody was given a certificate."),
    Published(CertificateWithdrawn, aggregate="certificate_id", meaning="A certificate was taken back."),
)
