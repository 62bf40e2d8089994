"""What two people do at once, on SQLite and on PostgreSQL: one takes a concern on, and no step of the clock is taken twice."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from mewe_core.kit.access import Access, Caller, Role, ScopeKind, Standing, whole_country
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import StandingChanged, admit, hear_standing_changed
from mewe_core.kit.testing import OAK, CountingIds, FixedClock, PlainKeys, PlainSealing
from mewe_core.programme.events import GroupChanged, GroupState
from mewe_core.safety.events import ConcernChanged, Reported, ReportedKind
from mewe_core.safety.handlers import clockwork, concerns, hearing
from mewe_core.safety.model.concerns import AcknowledgeConcernRequest, Concern, EntryKind
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.plugin import HAS_IT, mewe_feature
from mewe_core.safety.store import concerns as store
from mewe_host.parts import Store, UnitDatabase
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store

NOBODY = Caller(None, None, "SE")
REPORT = "report-1"
PEOPLE = (("karin", Role.COORDINATOR, OAK.organisation_id), ("kia", Role.COORDINATOR, OAK.organisation_id))


class Oak:
    """Safety's database, with a reported message that two coordinators have."""

    def __init__(self, database: Store) -> None:
        self.store = database
        self.clock, self.ids, self.keys = FixedClock(), CountingIds(), PlainKeys()
        self.sealing = PlainSealing(self.keys)
        self.told = list[object]()

    async def unit(self, do: Callable[[Work], Awaitable[object]], lock: str, caller: Caller = NOBODY) -> object:
        """A unit of work under a lock, as a host runs it: what it tells about standing is kept in it."""

        async def whole(database: UnitDatabase) -> object:
            if database.must_lock:
                await database.lock(lock)
            nowhere = Standing(whole_country("SE"), ())
            work = Work(caller, nowhere, self.clock.now(), database, self.ids, self.keys, self.sealing, SafetySettings())
            answer = await do(work)
            for event in work.events:
                if isinstance(event, StandingChanged):
                    await hear_standing_changed(event, work)
            self.told += work.events
            return answer

        return await self.store.write(whole)

    async def furnish(self) -> None:
        """The group, its coordinators, and the report, told five times at once."""
        changed = GroupChanged(OAK.group_id, OAK.organisation_id, GroupState.RUNNING)
        await self.unit(lambda work: hearing.hear_group_changed(changed, work), OAK.group_id)
        for person, role, scope in PEOPLE:
            event = StandingChanged(person, person, role, ScopeKind.ORGANISATION, scope, self.clock.now(), None)
            await self.unit(lambda work, event=event: hear_standing_changed(event, work), scope)  # type: ignore[misc]
        reported = Reported(REPORT, ReportedKind.MESSAGE, "message", OAK.group_id, "bo", "ada")
        again = (self.unit(lambda work: hearing.hear_reported(reported, work), f"told {n}") for n in range(5))
        await asyncio.gather(*again)

    async def acknowledge(self, person: str) -> Concern:
        """Take it on: under the lock of the concern."""
        request, access = AcknowledgeConcernRequest("r", REPORT), HAS_IT
        answer = await self.unit(lambda work: self._admitted(request, access, work), REPORT, Caller(person, "s", "SE"))
        assert isinstance(answer, Concern)
        return answer

    async def _admitted(
        self, request: AcknowledgeConcernRequest, access: Access[AcknowledgeConcernRequest], work: Work
    ) -> Concern:
        work.standing = await admit(access, work.caller, work.database, request, work.now)
        return await concerns.acknowledge_concern(request, work)

    async def log(self) -> list[EntryKind]:
        """What was done about it."""
        return [one.kind for one in await self.store.read(lambda database: store.entries(database, REPORT, (0, ""), 100))]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Once in a folder, once on the server."""
    return f"sqlite:{tmp_path}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


def play(url: str, story: Callable[[Oak], Awaitable[None]]) -> None:
    """Play a story on a fresh database."""

    async def whole() -> None:
        await migrate([mewe_feature()], url)
        database = await open_store("safety", url)
        try:
            oak = Oak(database)
            await oak.furnish()
            await story(oak)
        finally:
            await database.close()

    asyncio.run(whole())


def test_a_report_that_is_told_at_once_again_is_one_concern(url: str) -> None:
    """Brought to each of the two once."""

    async def story(oak: Oak) -> None:
        assert await oak.log() == [EntryKind.TOLD, EntryKind.TOLD]
        assert len([one for one in oak.told if isinstance(one, ConcernChanged)]) == 1

    play(url, story)


def test_of_two_who_take_it_on_at_once_one_has_it_and_both_know_who(url: str) -> None:
    """Twenty calls: one entry, one event, one name."""

    async def story(oak: Oak) -> None:
        answers = await asyncio.gather(*(oak.acknowledge(("karin", "kia")[n % 2]) for n in range(20)))
        assert len({one.acknowledged_by_id for one in answers}) == 1
        assert (await oak.log()).count(EntryKind.ACKNOWLEDGED) == 1
        assert len([one for one in oak.told if isinstance(one, ConcernChanged)]) == 2

    play(url, story)


def test_the_clock_and_somebody_who_answers_at_once_do_not_undo_each_other(url: str) -> None:
    """Five clocks and an answer: at most one reminder, and whoever answered has it, for good."""

    async def story(oak: Oak) -> None:
        oak.clock.advance(minutes=15)
        clocks = (oak.unit(clockwork.look_after_concerns, f"clock {n}") for n in range(5))
        await asyncio.gather(*clocks, oak.acknowledge("karin"))
        log = await oak.log()
        assert log.count(EntryKind.REMINDED) <= 1
        assert log.count(EntryKind.ACKNOWLEDGED) == 1
        oak.clock.advance(hours=1)
        await oak.unit(clockwork.look_after_concerns, "clock")
        assert await oak.log() == log

    play(url, story)
