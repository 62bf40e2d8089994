"""One country's part of the study, through the public API alone: two groups, of which one meets and one waits."""

import zlib
from collections.abc import Callable
from random import Random

from attrs import define, field, frozen
from mewe.eval.v1 import evaluation_service_pb2 as evaluation
from mewe.eval.v1 import study_service_pb2 as studies
from mewe.kit.v1.standing_pb2 import (
    PURPOSE_CHAT,
    PURPOSE_EVALUATION,
    PURPOSE_TAKE_PART,
    ROLE_COORDINATOR,
    ROLE_LEADER,
    ROLE_PARTICIPANT,
    ROLE_RESEARCHER,
    ROLE_SUPERVISOR,
)
from mewe.people.v1.people_service_pb2 import ORGANISATION_KIND_MUNICIPALITY, CreateOrganisationRequest
from mewe.programme.v1 import group_service_pb2 as groups
from mewe.safety.v1 import concern_service_pb2 as concerns
from mewe_client import Client, Deployment
from mewe_eval.instruments import shipped_instruments
from mewe_eval.protocol.assignment import Assigned, verify
from mewe_eval.protocol.reading import read_protocol
from whenever import Date, Instant, Time, ZonedDateTime

from mewe_demo.consent import guardian_signs, informed, says_yes
from mewe_demo.contacts import look_after
from mewe_demo.running import Running
from mewe_demo.story import ZONE, Play, beginning
from mewe_demo.study.answering import Respondent, answers
from mewe_demo.study.mixes import OLD_ENOUGH, protocol

STUDY = "meet-or-wait"
GAIN = 0.5
"""How much better those are whose group met, in the units of ``Respondent.mood``."""
STAYS_AWAY = {5: "T1", 6: "T1", 7: "T2", 8: "T2"}
"""Which participants of each group answer no more, from which wave on."""
LEAVES_AFTER, LEAVER = 3, 4
"""After which session somebody leaves the group that meets, and which participant, from 0."""
WORRIES_IN, WORRIES = "SE", 1
"""In which country a participant of the group that meets says, at the second wave, what an adult looks at; which one."""
PEOPLE = 12
"""How many are in a group."""
FIRST_SESSION = 44
"""Days from the beginning to the first session of the groups."""
PURPOSES = (PURPOSE_TAKE_PART, PURPOSE_CHAT, PURPOSE_EVALUATION)


@frozen
class Alarm:
    """What became of an answer that an adult has to look at."""

    shown_help: bool
    leader_read: str


@frozen
class Published:
    """What a country published: the municipality's report and its own, as pages and figures; what it hands on."""

    site_page: bytes = field(repr=False)
    site_figures: bytes = field(repr=False)
    country_page: bytes = field(repr=False)
    country_figures: bytes = field(repr=False)
    handed_on: bytes = field(repr=False)


@frozen
class Part:
    """What a country has at the end. ``arms``: by group; ``asked``: how many people; ``answered``: how many at each wave.

    ``rows`` and ``codebook``: the file of its study, with names in place of ids.
    """

    country: str
    organisation: str
    arms: dict[str, str]
    asked: int
    answered: dict[str, int]
    alarm: Alarm | None
    draws_hold: bool
    rows: bytes = field(repr=False)
    codebook: bytes = field(repr=False)
    published: Published


@define
class InACountry(Play):
    """The people of a country's part."""

    country: str = ""
    chance: Random = field(factory=Random)
    groups_: dict[str, groups.Group] = field(factory=dict)
    members: dict[str, list[groups.Membership]] = field(factory=dict)
    asked: dict[str, list[Respondent]] = field(factory=dict)

    async def begins(self) -> None:
        """The competence centre signs in, makes a municipality and invites its staff."""
        me = self.national = await self.deployment.sign_in(self.code())
        self.organisation = await me.send(
            me.people.CreateOrganisation,
            CreateOrganisationRequest(name=f"Exempelby ({self.country})", kind=ORGANISATION_KIND_MUNICIPALITY),
        )
        await informed(me, PURPOSES)
        self.coordinator = await self.invited(me, ROLE_COORDINATOR)
        self.supervisor = await self.invited(self.coordinator, ROLE_SUPERVISOR)
        self.leaders = [await self.invited(self.coordinator) for _ in range(2)]

    def code(self) -> str:
        """The code of the first start, which was told to whoever started it."""
        return next(note for note in self.here.notes if "code" in note.lower()).rsplit(": ", 1)[1]

    def looking_in(self) -> tuple[Client, ...]:
        """The competence centre as well: it shows the draws at the end."""
        return (self.national, *Play.looking_in(self))

    async def gathers(self, name: str, first: Date) -> None:
        """A group with its leaders and everybody who is to take part; nobody knows yet whether it meets or waits."""
        group = await self.group("me-we", name, first, Time(16), capacity=PEOPLE)
        by = self.coordinator
        for leader in self.leaders:
            membership = await self.add(group, leader, ROLE_LEADER)
            note = groups.NoteBackgroundCheckRequest(membership_id=membership.id, date=first.subtract(days=30).format_iso())
            await by.send(by.groups.NoteBackgroundCheck, note)
        shared, people = self.chance.gauss(0, 0.3), list[Respondent]()
        for number in range(PEOPLE):
            young = await self.invited(by)
            age = 14 + number % 4
            today = self.here.now().to_tz(ZONE).date()
            born = Date(today.year - age - 1, 12, 31)
            if age >= OLD_ENOUGH:
                await says_yes(young, born=born)
                by.positions.keep(young.positions.shown())
            else:
                await guardian_signs(by, young.person_id, born=born, signed_on=today)
            self.members.setdefault(name, []).append(await self.add(group, young, ROLE_PARTICIPANT))
            self.young.append(young)
            people.append(Respondent(young, shared + self.chance.gauss(0, 0.8)))
        await look_after(by, self.leaders, group.id)
        self.groups_[name], self.asked[name] = group, people
        self.done(f"{self.country}: {name}, {PEOPLE} young people")

    async def answers(self, wave: str, gains: dict[str, float]) -> Alarm | None:
        """Everybody who still answers does; what an adult has to look at is looked at."""
        alarm = None
        for name, people in self.asked.items():
            for number, one in enumerate(people):
                one.here = one.here and STAYS_AWAY.get(number) != wave
                if not one.here:
                    continue
                alarming = (self.country, wave, number) == (WORRIES_IN, "T1", WORRIES) and bool(gains[name])
                form = await answers(one, wave, gains[name], self.chance, alarming=alarming)
                if alarming:
                    alarm = Alarm(form is not None, await self.looked_at(one, form or ""))
        self.done(f"{self.country}: {wave} answered")
        return alarm

    async def looked_at(self, whose: Respondent, form_id: str) -> str:
        """A leader who was told that there is something opens it; what they read."""
        leader = self.leaders[0]
        leader.positions.keep(whose.client.positions.shown())
        await self.here.settled()
        listed = await leader.send(leader.concerns.ListConcerns, concerns.ListConcernsRequest())
        concern = next(one for one in listed.concerns if one.thing_id == form_id)
        await leader.send(leader.concerns.OpenConcern, concerns.OpenConcernRequest(concern_id=concern.id))
        read = await leader.send(
            leader.evaluation.OpenReportedAnswer, evaluation.OpenReportedAnswerRequest(report_id=concern.id)
        )
        return read.answer

    async def draws(self) -> dict[str, str]:
        """The coordinator asks for the arm of each group, once everybody has joined and answered the first time."""
        by = self.coordinator
        drawn = dict[str, str]()
        for name, group in self.groups_.items():
            request = studies.AssignArmRequest(study_id=STUDY, group_id=group.id)
            drawn[name] = (await by.send(by.studies.AssignArm, request)).arm
        self.done(f"{self.country}: drawn who meets and who waits")
        return drawn

    async def draws_hold(self) -> bool:
        """Drawing ends, the secret is shown, and every draw is made again from it."""
        me = self.national
        await me.send(me.studies.EndDrawing, studies.EndDrawingRequest(study_id=STUDY))
        log = await me.send(me.studies.ListAssignments, studies.ListAssignmentsRequest(study_id=STUDY))
        entries = [Assigned(one.number, one.stratum, one.unit_id, one.arm, _moment(one), one.before) for one in log.assignments]
        planned = read_protocol(protocol(), "protocol.toml", shipped_instruments())
        verify(planned.assignment, bytes.fromhex(log.secret), log.commitment, entries)
        return len(entries) == len(self.groups_)

    async def meets(self, name: str) -> None:
        """The seven sessions of a group; somebody leaves on the way."""
        group, leader = self.groups_[name], self.leaders[0]
        await leader.send(leader.groups.StartGroup, groups.StartGroupRequest(group_id=group.id))
        programme, there = await self.programme_of(group), list(self.members[name])
        for session in [one for one in await self.sessions_of(group) if not one.follow_up]:
            marks = [
                (one, groups.ATTENDANCE_PRESENT if self.chance.random() < 0.85 else groups.ATTENDANCE_EXCUSED) for one in there
            ]
            await self.record(leader, session, marks, programme)
            if session.number == LEAVES_AFTER:
                goes, membership = self.asked[name][LEAVER], there.pop(LEAVER)
                me = goes.client
                await me.send(me.groups.LeaveGroup, groups.LeaveGroupRequest(membership_id=membership.id))
                goes.here = False
        self.done(f"{self.country}: seven sessions")

    async def file(self) -> tuple[bytes, bytes]:
        """The file of the study and its codebook, for a researcher of the municipality."""
        researcher = await self.invited(self.national, ROLE_RESEARCHER)
        rows, book, token = b"", b"", ""
        while True:
            request = studies.GetStudyFileRequest(
                study_id=STUDY,
                organisation_id=self.organisation.id,
                purpose=studies.EXPORT_PURPOSE_EVALUATION,
                page_token=token,
                language="en",
            )
            page = await researcher.send(researcher.studies.GetStudyFile, request)
            rows, book, token = rows + page.rows, book or page.codebook, page.next_page_token
            if not token:
                break
        return self.named(rows), book

    def named(self, told: bytes) -> bytes:
        """What a deployment tells, with names in place of ids."""
        names = {self.organisation.id: self.organisation.name, **{one.id: name for name, one in self.groups_.items()}}
        for id_, name in names.items():
            told = told.replace(id_.encode(), name.encode())
        return told

    async def publishes(self) -> Published:
        """The coordinator publishes the municipality's report, then the competence centre the country's."""
        by, centre, place = self.coordinator, self.national, self.organisation
        site = await by.send(
            by.studies.PublishSiteReport,
            studies.PublishSiteReportRequest(study_id=STUDY, organisation_id=place.id, name=place.name, language="en"),
        )
        names = [studies.SiteName(organisation_id=place.id, name=place.name)]
        country = await centre.send(
            centre.studies.PublishCountryReport,
            studies.PublishCountryReportRequest(study_id=STUDY, names=names, language="en"),
        )
        self.done(f"{self.country}: two reports published")
        return Published(
            await _report(by, site, studies.REPORT_FORM_PAGE),
            await _report(by, site, studies.REPORT_FORM_FIGURES),
            await _report(centre, country, studies.REPORT_FORM_PAGE),
            self.named(await _report(centre, country, studies.REPORT_FORM_FIGURES)),
            await _report(centre, country, studies.REPORT_FORM_HANDED_ON),
        )


async def _report(reader: Client, of: studies.Publication, form: "studies.ReportForm.ValueType") -> bytes:
    request = studies.GetReportRequest(publication_id=of.publication_id, form=form)
    return (await reader.send(reader.studies.GetReport, request)).content


async def played(here: Running, country: str, done: Callable[[str], None]) -> Part:
    """A country's part, from the first sign-in to the file of its study."""
    async with Deployment(here.addresses, now=lambda: here.now().timestamp()) as deployment:
        play = InACountry(here, deployment, done, country=country, chance=Random(zlib.crc32(country.encode())))  # noqa: S311
        monday = beginning(here.now())
        await play.begins()
        await here.wait_until(_morning(monday))
        await play.the_training(monday)
        first = monday.add(days=FIRST_SESSION)
        for name in ("Tuesdays", "Thursdays"):
            await play.gathers(name, first)
        await here.settled()
        await play.answers("T0", dict.fromkeys(play.groups_, 0.0))
        await play.until(_morning(first.subtract(days=1)))
        arms = await play.draws()
        meets = next(name for name, arm in arms.items() if arm == "programme")
        gains = {name: GAIN if name == meets else 0.0 for name in arms}
        await play.meets(meets)
        await play.until(_morning(first.add(days=49)))
        alarm = await play.answers("T1", gains)
        await play.until(_morning(first.add(days=139)))
        await play.answers("T2", gains)
        holds = await play.draws_hold()
        rows, book = await play.file()
        published = await play.publishes()
        people = [one for several in play.asked.values() for one in several]
        answered = {wave: sum(wave in one.answered for one in people) for wave in ("T0", "T1", "T2")}
        return Part(country, play.organisation.name, arms, len(people), answered, alarm, holds, rows, book, published)


def _morning(day: Date) -> Instant:
    return ZonedDateTime(day.year, day.month, day.day, 8, tz=ZONE).to_instant()


def _moment(one: studies.Assignment) -> Instant:
    told = one.assign_time
    return Instant.from_timestamp(told.seconds * 1_000_000_000 + told.nanos, unit="nanosecond")
