"""The programme on the databases that countries run: the same story as in memory, and no place given twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import asyncpg
import attrs
import pytest
from mewe_core.kit.access import Caller, Purpose, Role, ScopeKind
from mewe_core.kit.database import Database, Statement
from mewe_core.kit.errors import Conflict
from mewe_core.kit.events import catalogue
from mewe_core.kit.ports import Follow, Next, Work
from mewe_core.kit.privacy.telling import ErasureDecided
from mewe_core.kit.standing import KEEP_CONSENT, KEEP_STANDING, ConsentChanged, StandingChanged
from mewe_core.kit.testing import CountingIds, FixedClock, PlainKeys, PlainSealing, Stage
from mewe_core.kit.values import Parameter, columns
from mewe_core.people.events import PersonInvited
from mewe_core.programme.emergency import handlers as emergency
from mewe_core.programme.emergency import model as e
from mewe_core.programme.events import GroupProtected, GroupState
from mewe_core.programme.funnel import RecruitmentReason, RecruitmentState
from mewe_core.programme.handlers import groups, members, records, recruitment, sessions, training
from mewe_core.programme.model import groups as g
from mewe_core.programme.model import recruitment as r
from mewe_core.programme.model import sessions as s
from mewe_core.programme.model import training as t
from mewe_core.programme.model.summary import GetGroupSummaryRequest
from mewe_core.programme.offer import ProgrammeSettings, offer
from mewe_core.programme.plugin import mewe_feature, mewe_programmes
from mewe_core.programme.series import LocalStart
from mewe_core.programme.store import belonging
from mewe_core.programme.store import groups as stored_groups
from mewe_core.programme.testing import School
from mewe_host.desk.desk import FeatureDesk
from mewe_host.desk.effects import Effects
from mewe_host.desk.lent import Lent
from mewe_host.identity.trust import TokenTrust
from mewe_host.parts import Codec, Desk, Envelope, UnitDatabase
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from mewe_host.wire.assembling import assemble
from whenever import Date, Instant

A = TypeVar("A")
R = TypeVar("R")


class NobodyFollows:
    """Streams of a host that nobody watches."""

    def told(self, envelopes: Sequence[Envelope], shown: Sequence[Next[object]] = ()) -> None:
        """Nobody to tell."""

    def recheck(self, person_id: str | None = None) -> None:
        """Nobody to check."""

    def follow(
        self,
        desk: Desk,
        follow: Follow[object],
        codec: Codec[object],
        allowed: Callable[[Database], Awaitable[bool]],
        ends_at: Instant,
        person_id: str | None,
    ) -> AsyncIterator[bytes]:
        """The programme has no streams."""
        raise LookupError(follow.topic)


class Served:
    """What ``Stage`` is, on a real database behind a real desk: calls go over the wire's classes and are durable."""

    def __init__(self, url: str) -> None:
        self.clock = FixedClock()
        self._runner = asyncio.Runner()
        feature, keys = mewe_feature(), PlainKeys()
        wire = assemble((feature,))
        self._methods = {id(one.rpc.handler): one for one in wire.methods.values()}
        self._runner.run(migrate((feature,), url))
        self._store = self._runner.run(open_store("programme", url))
        configured = offer(ProgrammeSettings(), mewe_programmes())
        self.url = url
        self.lent = lent = Lent("SE", self.clock, CountingIds(), keys, PlainSealing(keys), configured)
        effects = Effects(TokenTrust("SE", keys.public_key()), NobodyFollows())
        told = catalogue([(feature.name, feature.events)])
        self._desk = FeatureDesk(feature, self._store, lent, effects, catalogue=told, codecs=wire.events)
        self._runner.run(self._desk.start())
        self._requests = 0

    def close(self) -> None:
        """Let go of the database."""
        self._runner.run(self._desk.settle())
        self._runner.run(self._store.close())
        self._runner.close()

    def give(self, person: str, role: Role, kind: ScopeKind, scope_id: str) -> None:
        """Let somebody hold a role from now on."""
        held = StandingChanged(f"{person} {scope_id}", person, role, kind, scope_id, self.clock.now(), None)

        async def keep() -> None:
            await self._store.write(lambda database: database.execute(KEEP_STANDING, **columns(held)))

        self._runner.run(keep())

    def hear(self, event: PersonInvited | GroupProtected) -> None:
        """Somebody belongs to an organisation, or a group is looked after."""

        async def keep() -> None:
            if isinstance(event, GroupProtected):
                kept, is_so = event.group_id, event.protected
                await self._store.write(lambda database: stored_groups.keep_protected(database, kept, protected=is_so))
            else:
                person, organisation = event.person_id, event.organisation_id
                await self._store.write(lambda database: belonging.keep(database, person, organisation))

        self._runner.run(keep())

    def consent(self, person: str, purpose: Purpose) -> None:
        """A purpose of somebody is covered."""
        covered = ConsentChanged(f"{person} {purpose}", person, purpose, None, True, None)

        async def keep() -> None:
            await self._store.write(lambda database: database.execute(KEEP_CONSENT, **columns(covered)))

        self._runner.run(keep())

    def call(self, handler: Callable[[R, Work], Awaitable[A]], request: R, *, by: str) -> A:
        """One call."""
        return cast(A, self._runner.run(self._call(handler, request, by)))

    def run(self, scene: Awaitable[A]) -> A:
        """Something that goes on beside calls."""

        async def awaited() -> A:
            return await scene

        return self._runner.run(awaited())

    async def unit(self, do: Callable[[UnitDatabase], Awaitable[A]], lock: str) -> A:
        """A unit of its own under a lock, as an event is taken in."""

        async def whole(database: UnitDatabase) -> A:
            if database.must_lock:
                await database.lock(lock)
            return await do(database)

        return await self._store.write(whole)

    async def ask(self, handler: Callable[[R, Work], Awaitable[A]], request: R, *, by: str) -> A:
        """One call among others."""
        return cast(A, await self._call(handler, request, by))

    def at_once(self, handler: Callable[[R, Work], Awaitable[A]], requests: list[R], *, by: str) -> list[A | BaseException]:
        """Calls that do not wait for each other."""

        async def all_() -> list[Any]:
            return await asyncio.gather(*(self._call(handler, one, by) for one in requests), return_exceptions=True)

        return self._runner.run(all_())

    async def _call(self, handler: object, request: Any, by: str) -> object:
        method = self._methods[id(handler)]
        self._requests += 1
        if not method.reads:
            request = attrs.evolve(request, request_id=f"request-{self._requests}")
        message = method.request.dump(request)
        answer = await self._desk.answer(method, message, method.request.load(message), Caller(by, f"{by}-1", "SE"), 20)
        return method.answer.load(answer.message)


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """The programme on a fresh database of either kind."""
    url = f"sqlite:{tmp_path}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))
    served = Served(url)
    yield served
    served.close()


def story(school: School) -> list[object]:
    """Something of everything that the programme does; every answer on the way."""
    call, told = school.stage.call, list[object]()
    group = school.running("ada", "bo", "cleo", capacity=2)
    told += [call(groups.list_groups, g.ListGroupsRequest("school", state, 1), by="karin") for state in (None, *GroupState)]
    told.append(call(groups.list_my_groups, g.ListMyGroupsRequest(), by="cleo"))
    first, second, third = school.sessions(group)[:3]
    told.append(school.record(first, absent=("bo",)))
    start = LocalStart(Date(2026, 12, 1), "17:00")
    told.append(call(sessions.move_session, s.MoveSessionRequest("r", second.id, start), by="lena"))
    told.append(call(sessions.cancel_session, s.CancelSessionRequest("r", third.id, s.CancelReason.OTHER), by="lena"))
    told.append(call(sessions.make_up_session, s.MakeUpSessionRequest("r", third.id, start), by="lars"))
    there = call(members.list_members, g.ListMembersRequest(group.id, 2), by="karin")
    there_too = call(members.list_members, g.ListMembersRequest(group.id, 2, there.next_page_token), by="karin")
    told += [there, there_too]
    leader = there.memberships[0]
    noted = g.NoteBackgroundCheckRequest("r", leader.id, Date(2026, 8, 1))
    told.append(call(members.note_background_check, noted, by="karin"))
    leaving = g.LeaveGroupRequest("r", there_too.memberships[0].id)
    told.append(call(members.leave_group, leaving, by=there_too.memberships[0].person_id))
    told.append(call(groups.name_substitute, g.NameSubstituteRequest("r", group.id), by="karin"))
    told.append(call(records.get_group_summary, GetGroupSummaryRequest(group.id), by="lena"))
    told.append(call(sessions.get_calendar, s.GetCalendarRequest(group.id), by="lena"))
    told.append(call(groups.get_group_programme, g.GetGroupProgrammeRequest(group.id), by="lena"))
    school.invite("dina")
    added = r.AddCandidateRequest("r", "school", "me-we", "dina", RecruitmentState.RECRUITED)
    candidate = call(recruitment.add_candidate, added, by="karin")
    out = r.MoveCandidateRequest("r", candidate.id, RecruitmentState.WITHDRAWN, RecruitmentReason.TIME)
    told.append(call(recruitment.move_candidate, out, by="karin"))
    told.append(call(recruitment.list_candidates, r.ListCandidatesRequest("school"), by="karin"))
    told.append(call(recruitment.get_funnel, r.GetFunnelRequest("school", "me-we"), by="karin"))
    given = call(training.list_certificates, t.ListCertificatesRequest("school", 1), by="karin")
    reason = t.WithdrawalReason.ASKED_BY_HOLDER
    withdrawn = t.WithdrawCertificateRequest("r", given.certificates[0].id, reason)
    told += [given, call(training.withdraw_certificate, withdrawn, by="sven")]
    told.append(call(training.list_my_certificates, t.ListMyCertificatesRequest(), by="lars"))
    told += in_an_emergency(school, group)
    told.append(call(groups.end_group, g.EndGroupRequest("r", group.id, g.EndReason.OTHER), by="karin"))
    told.append(school.sessions(group, by="bo"))
    return told


def in_an_emergency(school: School, group: g.Group) -> list[object]:
    """Three readings of a group: one goes on, one is ended, one is refused."""
    call, why = school.stage.call, "Somebody may be in danger"
    school.stage.give("nils", Role.NATIONAL, ScopeKind.COUNTRY, "SE")
    address = e.SetEmergencyAddressRequest("r", "school", "mailto:karin@example.org", "sv")
    told: list[object] = [call(emergency.set_emergency_address, address, by="karin") for _ in range(2)]
    first = call(emergency.begin_emergency_reading, e.BeginEmergencyReadingRequest("r", group.id, why), by="sven")
    second = call(emergency.begin_emergency_reading, e.BeginEmergencyReadingRequest("r", group.id, why, 5), by="nils")
    told += [first, call(emergency.end_emergency_reading, e.EndEmergencyReadingRequest("r", second.id), by="karin")]
    try:
        call(emergency.begin_emergency_reading, e.BeginEmergencyReadingRequest("r", group.id, why, 5), by="nils")
    except Conflict as refused:
        told.append(refused.reason)
    listed = call(emergency.list_emergency_readings, e.ListEmergencyReadingsRequest(1), by="karin")
    rest = e.ListEmergencyReadingsRequest(5, listed.next_page_token)
    told += [listed, *(call(emergency.list_emergency_readings, rest, by=who) for who in ("karin", "nils", "sven"))]
    gone = e.SetEmergencyAddressRequest("r", "school", "")
    return [*told, call(emergency.set_emergency_address, gone, by="karin")]


def test_the_story_is_the_same_on_each_database(served: Served) -> None:
    """Every answer, to the letter, as in memory: each statement runs on it and means the same."""
    with Stage(mewe_feature(), programmes=tuple(mewe_programmes())) as stage:
        expected = story(School(stage))
    assert story(School(cast(Stage, served))) == expected


def test_sixteen_who_join_at_once_get_the_eight_places(served: Served) -> None:
    """The others wait, in an order; nobody is lost and no place is given twice."""
    school = School(cast(Stage, served))
    group = school.group(capacity=8)
    requests = [g.AddMemberRequest("r", group.id, f"person-{n}", Role.PARTICIPANT) for n in range(16)]
    school.invite(*(one.person_id for one in requests))
    joined = served.at_once(members.add_member, requests, by="karin")
    states = [one.state for one in joined if isinstance(one, g.Membership)]
    assert (states.count(g.MembershipState.ACTIVE), states.count(g.MembershipState.WAITING)) == (8, 8)


def test_somebody_who_is_added_many_times_at_once_is_in_the_group_once(served: Served) -> None:
    """The others are told so."""
    school = School(cast(Stage, served))
    group = school.group()
    school.invite("ada")
    joined = served.at_once(members.add_member, [g.AddMemberRequest("r", group.id, "ada", Role.PARTICIPANT)] * 8, by="karin")
    assert sum(isinstance(one, g.Membership) for one in joined) == 1
    assert sum(isinstance(one, Conflict) for one in joined) == 7


def test_places_that_get_free_at_once_are_each_given_once(served: Served) -> None:
    """Four leave, four of six who waited move up, the first of them first."""
    school = School(cast(Stage, served))
    group = school.group(capacity=4)
    inside = school.join(group, *(f"person-{n}" for n in range(4)))
    for n in range(6):
        served.clock.advance(minutes=1)
        school.join(group, f"waiting-{n}")
    requests = [g.EndMembershipRequest("r", one.id, g.LeaveReason.OTHER) for one in inside]
    assert all(isinstance(one, g.Membership) for one in served.at_once(members.end_membership, requests, by="karin"))
    there = served.call(members.list_members, g.ListMembersRequest(group.id), by="karin").memberships
    moved_up = [one.person_id for one in there if one.state is g.MembershipState.ACTIVE]
    assert moved_up == [f"waiting-{n}" for n in range(4)]


class Pausing:
    """A unit's database that waits before it says who has waited longest, until it may go on."""

    def __init__(self, database: UnitDatabase) -> None:
        self._database = database
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def all(self, statement: Statement, into: type[R], **parameters: Parameter) -> list[R]:
        """As it is."""
        return await self._database.all(statement, into, **parameters)

    async def first(self, statement: Statement, into: type[R], **parameters: Parameter) -> R | None:
        """As it is, but for that one."""
        if statement is stored_groups.FIRST_WAITING:
            self.reached.set()
            await self.go_on.wait()
        return await self._database.first(statement, into, **parameters)

    async def execute(self, statement: Statement, **parameters: Parameter) -> int:
        """As it is."""
        return await self._database.execute(statement, **parameters)


async def waits(url: str) -> bool:
    """Whether a unit waits for another there."""
    connection = await asyncpg.connect(url)
    try:
        return bool(await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))
    finally:
        await connection.close()


def test_whoever_is_erased_leaves_their_place_to_one(postgresql_url: str) -> None:
    """Three join while somebody's place becomes free: of two places none is given to a third."""
    served = Served(postgresql_url)
    school = School(cast(Stage, served))
    group = school.group(capacity=2)
    school.join(group, "cid")
    school.invite("dan", "eli", "fia")

    async def joining() -> None:
        for person in ("dan", "eli", "fia"):
            served.clock.advance(minutes=1)
            await served.ask(members.add_member, g.AddMemberRequest("r", group.id, person, Role.PARTICIPANT), by="karin")

    async def scene() -> None:
        at = asyncio.Future[Pausing]()

        async def erased(database: UnitDatabase) -> None:
            at.set_result(Pausing(database))
            work = served.lent.own_work(served.clock.now(), at.result())
            await members.hear_erasure_decided(ErasureDecided("erasure", "cid", served.clock.now()), work)

        erasing = asyncio.create_task(served.unit(erased, "cid"))
        paused = await at
        async with asyncio.timeout(30):
            await paused.reached.wait()
        others = asyncio.create_task(joining())
        async with asyncio.timeout(30):
            while not (others.done() or await waits(served.url)):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        paused.go_on.set()
        await asyncio.gather(erasing, others)

    served.run(scene())
    there = served.call(members.list_members, g.ListMembersRequest(group.id), by="karin").memberships
    states = {one.person_id: one.state for one in there}
    assert [one for one, state in states.items() if state is g.MembershipState.ACTIVE] == ["dan", "eli"]
    assert (states["cid"], states["fia"]) == (g.MembershipState.ENDED, g.MembershipState.WAITING)
    served.close()
