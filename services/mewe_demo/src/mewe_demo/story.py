"""The story of one ME-WE group, from the first sign-in to the follow-up, through the public API alone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from attrs import define, field
from mewe.kit.v1.standing_pb2 import ROLE_COORDINATOR, ROLE_LEADER, ROLE_PARTICIPANT, ROLE_SUPERVISOR, Role
from mewe.people.v1.people_service_pb2 import (
    ORGANISATION_KIND_MUNICIPALITY,
    CreateOrganisationRequest,
    GetMeRequest,
    InvitePersonRequest,
    Organisation,
)
from mewe.programme.v1 import group_service_pb2 as groups
from mewe.programme.v1 import recruitment_service_pb2 as recruitment
from mewe.programme.v1.programme_service_pb2 import Programme
from mewe.programme.v1.training_service_pb2 import Certificate, IssueCertificateRequest, ListCertificatesRequest
from mewe_client import Client, Deployment, Refused
from rich.console import Console
from rich.progress import Progress, TaskID
from whenever import Date, Instant, Time, TimeDelta, ZonedDateTime

from mewe_demo.care import forgotten, helped, shown_everything
from mewe_demo.consent import guardian_signs, informed, says_yes
from mewe_demo.contacts import look_after
from mewe_demo.conversation import Conversation
from mewe_demo.diaries import kept
from mewe_demo.moderating import answered, taken_away
from mewe_demo.running import MIX, DoesNotRun, Running, running
from mewe_demo.telling import Tale, tell

ZONE = "Europe/Stockholm"
INVITED = 10
MONTH = TimeDelta(hours=30 * 24)
STEPS = 20

Missing = frozenset[tuple[int, int]]
MISSING: Missing = frozenset({(2, 3), (4, 1), (4, 6), (7, 2)})
"""Who was not there: the number of the session (8 is the follow-up) and of the participant, from 1."""
OLD_ENOUGH = 15
"""The age from which one says yes oneself, in the example of this mix."""
LEAVES_AFTER = 4
LEAVER = 5
"""After which session somebody leaves, and which participant."""
UNKIND_AFTER, UNKIND, HURT = 2, 6, 7
"""After which session a message hurts somebody, which participant wrote it, and which one reports it."""
IN_CRISIS_AFTER, IN_CRISIS = 3, 8
"""After which session somebody writes of a crisis, and which participant."""
ASKS_FOR_HELP_AFTER, NEEDS_HELP = 5, 3
DIARY_AFTER, WRITES_A_DIARY = 6, 1
"""After which session somebody's diary is adopted, and which participant's."""
"""After which session somebody asks for help, and which participant."""
FORGOTTEN = 4
"""Which participant has everything shown at the end, and asks to be forgotten."""


@define
class Play:
    """The people on the stage, and what they have made so far."""

    here: Running
    deployment: Deployment
    done: Callable[[str], None]
    missing: Missing = MISSING
    national: Client = field(init=False)
    coordinator: Client = field(init=False)
    supervisor: Client = field(init=False)
    leaders: list[Client] = field(factory=list)
    young: list[Client] = field(factory=list)
    organisation: Organisation = field(init=False)
    candidates: list[recruitment.Candidate] = field(factory=list)
    certificates: list[Certificate] = field(factory=list)

    async def the_organisation(self) -> None:
        """The competence centre signs in with the code of the first start, makes an organisation, invites its staff."""
        self.national = await self.deployment.sign_in(self.here.notes[0].rsplit(": ", 1)[1])
        me = self.national
        self.organisation = await me.send(
            me.people.CreateOrganisation,
            CreateOrganisationRequest(name="The municipality of Exempelby", kind=ORGANISATION_KIND_MUNICIPALITY),
        )
        await informed(me)
        self.coordinator = await self.invited(me, ROLE_COORDINATOR)
        self.supervisor = await self.invited(self.coordinator, ROLE_SUPERVISOR)
        self.leaders = [await self.invited(self.coordinator) for _ in range(2)]
        self.done("an organisation, its coordinator, a supervisor, two leaders to be")

    async def invited(self, by: Client, role: Role.ValueType | None = None) -> Client:
        """Somebody new, who has redeemed their code and was confirmed."""
        request = InvitePersonRequest(organisation_id=self.organisation.id)
        if role is not None:
            request.role = role
        invitation = await by.send(by.people.InvitePerson, request)
        person = await self.deployment.sign_in(invitation.code)
        await by.confirm(person)
        return person

    async def group(self, programme: str, name: str, first: Date, at: Time, *, capacity: int = 8) -> groups.Group:
        """A group that meets weekly."""
        by = self.coordinator
        start = groups.LocalStart(date=first.format_iso(), time=at.format_iso()[:5])
        return await by.send(
            by.groups.CreateGroup,
            groups.CreateGroupRequest(
                organisation_id=self.organisation.id,
                programme_id=programme,
                name=name,
                time_zone=ZONE,
                language="en",
                capacity=capacity,
                weekly=groups.WeeklySeries(first=start),
                mode=groups.MEETING_MODE_IN_PERSON,
                place="The youth centre, first floor",
            ),
        )

    async def add(self, group: groups.Group, who: Client, role: Role.ValueType) -> groups.Membership:
        """Take somebody into a group."""
        by = self.coordinator
        request = groups.AddMemberRequest(group_id=group.id, person_id=who.person_id, role=role)
        return await by.send(by.groups.AddMember, request)

    async def programme_of(self, group: groups.Group) -> Programme:
        """The programme as a group runs it."""
        by = self.coordinator
        return await by.send(by.groups.GetGroupProgramme, groups.GetGroupProgrammeRequest(group_id=group.id, language="en"))

    async def sessions_of(self, group: groups.Group) -> list[groups.Session]:
        """The sessions of a group by time."""
        by = self.coordinator
        return list(
            (await by.send(by.groups.ListSessions, groups.ListSessionsRequest(group_id=group.id, page_size=50))).sessions
        )

    async def the_training(self, monday: Date) -> groups.GroupSummary:
        """Two leaders take the training, and get their certificates."""
        group = await self.group("leader-training", "Training in January", monday, Time(9))
        await self.add(group, self.supervisor, ROLE_LEADER)
        trained = [await self.add(group, leader, ROLE_PARTICIPANT) for leader in self.leaders]
        by = self.supervisor
        await by.send(by.groups.StartGroup, groups.StartGroupRequest(group_id=group.id))
        programme = await self.programme_of(group)
        for session in await self.sessions_of(group):
            await self.record(by, session, [(one, groups.ATTENDANCE_PRESENT) for one in trained], programme)
        for one in trained:
            await by.send(by.training.IssueCertificate, IssueCertificateRequest(membership_id=one.id))
        listed = await by.send(by.training.ListCertificates, ListCertificatesRequest(organisation_id=self.organisation.id))
        self.certificates = list(listed.certificates)
        self.done("the training, and two certificates")
        return await by.send(by.groups.GetGroupSummary, groups.GetGroupSummaryRequest(group_id=group.id))

    async def record(
        self,
        by: Client,
        session: groups.Session,
        marks: list[tuple[groups.Membership, groups.Attendance.ValueType]],
        programme: Programme,
        adapted: int = 0,
    ) -> None:
        """Let a session take place, and record it: all its activities delivered but for those adapted."""
        await self.until(Instant.from_timestamp(session.end_time.seconds))
        plan = next(one for one in programme.sessions if one.id == session.plan_id)
        await by.send(
            by.groups.RecordSession,
            groups.RecordSessionRequest(
                session_id=session.id,
                attendance=[groups.AttendanceMark(membership_id=one.id, attendance=mark) for one, mark in marks],
                activities=[
                    groups.ActivityMark(
                        activity_id=activity.id,
                        fidelity=groups.FIDELITY_ADAPTED if number < adapted else groups.FIDELITY_DELIVERED,
                    )
                    for number, activity in enumerate(plan.activities)
                ],
            ),
        )

    async def until(self, moment: Instant) -> None:
        """Let time pass, a month at a time at most; everybody looks in after each, so that nobody is signed out."""
        while self.here.now() < moment:
            await self.here.wait_until(min(moment, self.here.now() + MONTH))
            for one in self.looking_in():
                await one.send(one.people.GetMe, GetMeRequest())

    def looking_in(self) -> tuple[Client, ...]:
        """Who opens the app at least once a month."""
        return (self.coordinator, self.supervisor, *self.leaders, *self.young)

    async def the_way_in(self, group: groups.Group) -> list[groups.Membership]:
        """Ten young people are invited; one is too old, one has no time, eight get a place."""
        by = self.coordinator
        State = recruitment.RecruitmentState  # noqa: N806
        ages = list[int]()
        for number in range(1, INVITED + 1):
            candidate = await by.send(
                by.recruitment.AddCandidate,
                recruitment.AddCandidateRequest(
                    organisation_id=self.organisation.id,
                    programme_id=group.programme_id,
                    state=State.RECRUITMENT_STATE_REFERRED,
                ),
            )

            person = await self.invited(by)
            await self.move(candidate, State.RECRUITMENT_STATE_RECRUITED, person_id=person.person_id)
            try:
                await self.move(candidate, State.RECRUITMENT_STATE_SCREENED, age=19 if number == 3 else 14 + number % 4)
            except Refused as refused:
                if refused.reason != "NOT_ELIGIBLE":
                    raise
                reason = recruitment.RECRUITMENT_REASON_AGE
                await self.move(candidate, State.RECRUITMENT_STATE_SCREEN_FAILURE, reason=reason)
                continue
            if number == 8:
                reason = recruitment.RECRUITMENT_REASON_TIME
                await self.move(candidate, State.RECRUITMENT_STATE_WITHDRAWN, reason=reason)
                continue
            await self.move(candidate, State.RECRUITMENT_STATE_ENROLLED, group_id=group.id)
            self.young.append(person)
            self.candidates.append(candidate)
            ages.append(14 + number % 4)
        await self.consents(ages)
        members = [await self.add(group, person, ROLE_PARTICIPANT) for person in self.young]
        self.done("ten young people invited, eight in the group")
        return members

    async def consents(self, ages: list[int]) -> None:
        """Who is old enough in this example says yes themselves; for the others a guardian signs."""
        today = self.here.now().to_tz(ZONE).date()
        by, themselves = self.coordinator, 0
        for young, age in zip(self.young, ages, strict=True):
            born = Date(today.year - age - 1, 12, 31)
            if age >= OLD_ENOUGH:
                await says_yes(young, born=born)
                by.positions.keep(young.positions.shown())
                themselves += 1
            else:
                await guardian_signs(by, young.person_id, born=born, signed_on=today)
        self.done(f"{themselves} of them say yes themselves, for {len(ages) - themselves} a guardian signs")

    async def move(
        self,
        candidate: recruitment.Candidate,
        state: recruitment.RecruitmentState.ValueType,
        *,
        reason: recruitment.RecruitmentReason.ValueType | None = None,
        age: int | None = None,
        person_id: str | None = None,
        group_id: str | None = None,
    ) -> None:
        """Move somebody on, or out."""
        by = self.coordinator
        request = recruitment.MoveCandidateRequest(
            candidate_id=candidate.id, state=state, reason=reason, age=age, person_id=person_id, group_id=group_id
        )
        await by.send(by.recruitment.MoveCandidate, request)

    async def the_series(self, monday: Date) -> Tale:
        """The group itself: seven sessions and the follow-up, and the chat between them."""
        training = await self.the_training(monday)
        group = await self.group("me-we", "Wednesdays", monday.add(days=44), Time(16))
        by = self.coordinator
        for leader in self.leaders:
            membership = await self.add(group, leader, ROLE_LEADER)
            note = groups.NoteBackgroundCheckRequest(membership_id=membership.id, date=monday.format_iso())
            await by.send(by.groups.NoteBackgroundCheck, note)
        members = await self.the_way_in(group)
        await look_after(self.coordinator, self.leaders, group.id)
        leader = self.leaders[0]
        await leader.send(leader.groups.StartGroup, groups.StartGroupRequest(group_id=group.id))
        room = await Conversation.begin(group.id, (*self.leaders, *self.young))
        programme = await self.programme_of(group)
        moved, goes_away = set[str](), self.young[LEAVER - 1]
        for number in range(1, 9):
            session = next(one for one in await self.sessions_of(group) if (8 if one.follow_up else one.number) == number)
            if number == 3:
                session = await self.one_day_later(leader, session)
                moved.add(session.id)
            if number == 5:
                link = groups.SetMeetingRequest(
                    session_id=session.id, mode=groups.MEETING_MODE_ONLINE, link="https://meet.example/wednesdays"
                )
                await leader.send(leader.groups.SetMeeting, link)
            await room.goes_on((leader, "See you on the day."), (self.young[number % 4], "Thank you, I will come."))
            there = [(one, self.mark(number, place)) for place, one in enumerate(members, 1) if self.is_in(number, place)]
            await self.record(leader, session, there, programme, adapted=1 if number == 6 else 0)
            self.done(f"session {number}" if number < 8 else "the follow-up")
            if number == 1:
                for candidate in self.candidates:
                    await self.move(candidate, recruitment.RECRUITMENT_STATE_STARTED)
            if number == UNKIND_AFTER:
                unkind = await taken_away(room.room_id, self.young[UNKIND - 1], self.young[HURT - 1], leader)
                room.said += 1
                self.done("an unkind message, reported and taken away")
            if number == IN_CRISIS_AFTER:
                crisis = await answered(room.room_id, self.young[IN_CRISIS - 1], self.young[HURT - 1], leader)
                self.done("a word of crisis, answered with help")
            if number == LEAVES_AFTER:
                await self.leaves(room, goes_away, members[LEAVER - 1])
            if number == ASKS_FOR_HELP_AFTER:
                help_given = await helped(self.young[NEEDS_HELP - 1], leader)
                self.done("a cry for help, answered")
            if number == DIARY_AFTER:
                diary = await kept(self.young[WRITES_A_DIARY - 1], leader, group.id, self.here.now)
                self.done("a diary, adopted, on two devices, one entry shared and taken back")
        chat = await room.ends(leader)
        summary = await by.send(by.groups.GetGroupSummary, groups.GetGroupSummaryRequest(group_id=group.id))
        goes = self.young[FORGOTTEN - 1]
        own = await shown_everything(goes)
        self.done("everything of one's own, shown")
        self.young.remove(goes)
        erased = await forgotten(goes, self.here.now, self.here.wait_until)
        self.done("forgotten, with a receipt")
        calendar = await leader.send(leader.groups.GetCalendar, groups.GetCalendarRequest(group_id=group.id, language="en"))
        funnel = recruitment.GetFunnelRequest(organisation_id=self.organisation.id, programme_id=group.programme_id)
        return Tale(
            organisation=self.organisation,
            training=training,
            certificates=tuple(self.certificates),
            programme=programme,
            funnel=await by.send(by.recruitment.GetFunnel, funnel),
            summary=summary,
            calendar_events=calendar.text.count("BEGIN:VEVENT"),
            moved=frozenset(moved),
            chat=chat,
            unkind=unkind,
            crisis=crisis,
            diary=diary,
            help=help_given,
            own=own,
            forgotten=erased,
        )

    def is_in(self, number: int, participant: int) -> bool:
        """Whether a participant is still in the group at a session."""
        return participant != LEAVER or number <= LEAVES_AFTER

    def mark(self, number: int, participant: int) -> groups.Attendance.ValueType:
        """Whether a participant was at a session."""
        return groups.ATTENDANCE_EXCUSED if (number, participant) in self.missing else groups.ATTENDANCE_PRESENT

    async def one_day_later(self, leader: Client, session: groups.Session) -> groups.Session:
        """A session is moved to the next day."""
        later = groups.LocalStart(date=Date.parse_iso(session.start.date).add(days=1).format_iso(), time=session.start.time)
        return await leader.send(leader.groups.MoveSession, groups.MoveSessionRequest(session_id=session.id, start=later))

    async def leaves(self, room: Conversation, goes: Client, membership: groups.Membership) -> None:
        """Somebody leaves the group, and with it its room."""
        await goes.send(goes.groups.LeaveGroup, groups.LeaveGroupRequest(membership_id=membership.id))
        await room.leaves(goes)
        self.done("somebody left, and was cut off")


def beginning(now: Instant) -> Date:
    """The third Monday of the next January but one at the latest: the same for whoever plays on the same day."""
    january = Date(now.to_tz(ZONE).year + 1, 1, 1)
    return january.add(days=(7 - january.day_of_week().value + 1) % 7 + 14)


async def played(here: Running, done: Callable[[str], None], missing: Missing = MISSING) -> Tale:
    """The whole story on a deployment that runs."""
    async with Deployment(here.addresses, now=lambda: here.now().timestamp()) as deployment:
        play = Play(here, deployment, done, missing)
        monday = beginning(here.now())
        await play.the_organisation()
        await here.wait_until(ZonedDateTime(monday.year, monday.month, monday.day, 8, tz=ZONE).to_instant())
        return await play.the_series(monday)


async def told(done: Callable[[str], None], mix: str = MIX, *, split: bool, missing: Missing = MISSING) -> Tale:
    """The whole story on a deployment of its own, which is stopped at the end. Raises DoesNotRun, Refused."""
    async with running(mix, split=split) as here:
        done("Started" + (" with a process for each feature" if split else ""))
        return await played(here, done, missing)


def play(*, split: bool) -> int:
    """Play the story, show how far it is, and print the tables; 0 if all went well."""
    progress = Progress(console=Console(stderr=True), transient=True)
    task: TaskID = progress.add_task("Starting", total=STEPS)

    def done(what: str) -> None:
        progress.update(task, advance=1, description=what)

    try:
        with progress:
            tale = asyncio.run(told(done, split=split))
    except DoesNotRun as fault:
        sys.stderr.write(f"The demo could not be played. {fault}\n")
        return 1
    tell(tale, Console())
    return 0
