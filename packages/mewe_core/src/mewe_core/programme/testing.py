"""A school with its groups, played on a stage: for tests and documentation, and for features that listen to groups."""

from whenever import TUESDAY

from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.testing import Stage
from mewe_core.people.events import PersonInvited
from mewe_core.programme.events import GroupProtected
from mewe_core.programme.handlers import groups, members, records, sessions, training
from mewe_core.programme.model import groups as g
from mewe_core.programme.model import sessions as s
from mewe_core.programme.model.training import IssueCertificateRequest
from mewe_core.programme.series import LocalStart

PLACE, LINK = "Room 4", "https://meet.example.org/oak"


class School:
    """Karin coordinates the school, Sven supervises, Kerstin coordinates another one. What is done is done by Karin."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        stage.give("karin", Role.COORDINATOR, ScopeKind.ORGANISATION, "school")
        stage.give("sven", Role.SUPERVISOR, ScopeKind.ORGANISATION, "school")
        stage.give("kerstin", Role.COORDINATOR, ScopeKind.ORGANISATION, "other-school")

    def group(self, programme: str = "me-we", *, capacity: int = 0, by: str = "karin", school: str = "school") -> g.Group:
        """A planned group, weekly at 16:00 from the next Tuesday on (8 September 2026, unless the clock was moved)."""
        today = self.stage.clock.now().to_tz("Europe/Stockholm").date()
        tuesday = today.add(days=(TUESDAY.value - today.day_of_week().value) % 7 or 7)
        weekly = g.WeeklySeries(LocalStart(tuesday, "16:00"))
        request = g.CreateGroupRequest(
            "r", school, programme, "Oak", "Europe/Stockholm", "sv", capacity, weekly, place=PLACE, link=LINK
        )
        return self.stage.call(groups.create_group, request, by=by)

    def join(self, group: g.Group, *people: str, role: Role = Role.PARTICIPANT, by: str = "karin") -> list[g.Membership]:
        """Their memberships. They are the school's people."""
        self.invite(*people, to=group.organisation_id)
        requests = [g.AddMemberRequest("r", group.id, person, role) for person in people]
        return [self.stage.call(members.add_member, request, by=by) for request in requests]

    def invite(self, *people: str, to: str = "school") -> None:
        """They belong to an organisation, and their taking part is covered: of both people tells."""
        for person in people:
            self.stage.hear(PersonInvited(person, to))
            self.stage.consent(person, Purpose.TAKE_PART)

    def sessions(self, group: g.Group, by: str = "karin") -> list[s.Session]:
        """All sessions by time."""
        return list(self.stage.call(sessions.list_sessions, s.ListSessionsRequest(group.id), by=by).sessions)

    def until(self, session: s.Session) -> None:
        """Move the clock to the start of a session, if it is to come."""
        seconds = (session.start_time - self.stage.clock.now()).total("seconds")
        self.stage.clock.advance(seconds=max(0, seconds))

    def record(self, session: s.Session, *, absent: tuple[str, ...] = (), by: str = "karin") -> s.SessionRecord:
        """Go to the session and record it: everybody there but the ``absent``."""
        self.until(session)
        there = self.stage.call(members.list_members, g.ListMembersRequest(session.group_id), by="karin").memberships
        marks = tuple(
            s.AttendanceMark(one.id, s.Attendance.ABSENT if one.person_id in absent else s.Attendance.PRESENT)
            for one in there
            if one.state is g.MembershipState.ACTIVE and one.role is Role.PARTICIPANT
        )
        return self.stage.call(records.record_session, s.RecordSessionRequest("r", session.id, None, marks), by=by)

    def train(self, *people: str) -> None:
        """Let them take the training and get their certificates."""
        group = self.group("leader-training")
        trained = self.join(group, *people)
        self.join(group, "tove", role=Role.LEADER)
        self.stage.call(groups.start_group, g.StartGroupRequest("r", group.id), by="karin")
        for session in self.sessions(group):
            self.record(session)
        for one in trained:
            self.stage.call(training.issue_certificate, IssueCertificateRequest("r", one.id), by="sven")

    def protect(self, group: g.Group) -> None:
        """Let it be told that two adults look after the group."""
        self.stage.hear(GroupProtected(group.id, protected=True))

    def running(self, *people: str, capacity: int = 0) -> g.Group:
        """A group with two certified leaders, lena and lars, and its participants, begun."""
        self.train("lena", "lars")
        group = self.group(capacity=capacity)
        self.join(group, "lena", "lars", role=Role.LEADER)
        self.join(group, *(people or ("ada", "bo")))
        self.protect(group)
        return self.stage.call(groups.start_group, g.StartGroupRequest("r", group.id), by="karin")
