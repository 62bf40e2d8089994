"""A group whole, as a table can be made of it: the answer of GetGroupSummary."""

from attrs import field, frozen

from mewe_core.kit.checks import identifier
from mewe_core.programme.model.groups import Group, Membership
from mewe_core.programme.model.sessions import Attendance, Session


@frozen
class GetGroupSummaryRequest:
    """Ask for a group whole."""

    group_id: str = field(validator=identifier)


@frozen
class SessionSummary:
    """A session and what came of it. ``attended`` of ``marked`` participants were there; activities by what became of them."""

    session: Session
    attended: int
    marked: int
    delivered: int
    adapted: int
    skipped: int


@frozen
class SessionMark:
    """Whether a member was at one session."""

    session_id: str
    attendance: Attendance


@frozen
class MemberSummary:
    """A member and where they were; ``attended`` counts the sessions they were at."""

    membership: Membership
    marks: tuple[SessionMark, ...]
    attended: int


@frozen
class GroupSummary:
    """A group, its sessions by time (cancelled ones too), and everybody who is or was in it in the order they came."""

    group: Group
    sessions: tuple[SessionSummary, ...]
    members: tuple[MemberSummary, ...]
