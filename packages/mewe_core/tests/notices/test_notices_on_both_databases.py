"""What several processes do at once, on SQLite and on PostgreSQL: an occurrence is one notice."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from mewe_core.kit.access import Caller, Standing, whole_country
from mewe_core.kit.noticing import NoticeDone, NoticeDue
from mewe_core.kit.ports import Push, Pushing, Work
from mewe_core.kit.testing import CountingIds, FixedClock, PlainKeys, PlainSealing
from mewe_core.notices import handlers, hearing, sending
from mewe_core.notices.model import AddDeviceRequest, NoticesSettings, SetNoticeSettingsRequest
from mewe_core.notices.plugin import mewe_feature
from mewe_core.notices.testing import ENDPOINT, POINT, SECRET, ZONE
from mewe_host.parts import Store, UnitDatabase
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store

PEOPLE = ("ada", "bo", "cleo")


class Workers:
    """Notices' database, with people who have a device each, and as many processes as one likes.

    ``locked``: units take the locks that a host takes. Without them, nothing but the rows keeps two workers apart.
    """

    def __init__(self, database: Store, *, locked: bool) -> None:
        self.store, self.locked = database, locked
        self.clock, self.ids, self.keys = FixedClock(), CountingIds(), PlainKeys()
        self.sealing = PlainSealing(self.keys)
        self.pushes = list[Push]()

    async def unit(self, do: Callable[[Work], Awaitable[object]], lock: str, person: str | None = None) -> object:
        """A unit of work as a host runs it; what it pushes has left once it is kept."""

        async def whole(database: UnitDatabase) -> tuple[object, list[Push]]:
            if database.must_lock and self.locked:
                await database.lock(lock)
            caller = Caller(person, f"session-of-{person}" if person else None, "SE")
            nowhere = Standing(whole_country("SE"), ())
            work = Work(caller, nowhere, self.clock.now(), database, self.ids, self.keys, self.sealing, NoticesSettings())
            work.pushing = Pushing("a key")
            return await do(work), work.pushes

        answer, pushes = await self.store.write(whole)
        self.pushes += pushes
        return answer

    async def furnish(self) -> None:
        """Everybody wants notices and has a device."""
        for person in PEOPLE:
            choose = SetNoticeSettingsRequest("r", True, 0, 0, ZONE)
            await self.unit(lambda work, choose=choose: handlers.set_notice_settings(choose, work), person, person)  # type: ignore[misc]
            device = AddDeviceRequest("r", ENDPOINT + person, POINT, SECRET)
            await self.unit(lambda work, device=device: handlers.add_device(device, work), person, person)  # type: ignore[misc]

    async def tell(self, person: str, occurrence: str) -> None:
        """What is new."""
        event = NoticeDue(occurrence, person, self.clock.now())
        await self.unit(lambda work: hearing.hear_notice_due(event, work), person)

    async def seen(self, person: str, occurrence: str) -> None:
        """It was seen."""
        await self.unit(lambda work: hearing.hear_notice_done(NoticeDone(occurrence, person), work), person)

    async def choose(self, person: str, start: int, end: int) -> None:
        """Quiet hours, chosen anew."""
        request = SetNoticeSettingsRequest("r", True, start, end, ZONE)
        await self.unit(lambda work: handlers.set_notice_settings(request, work), person, person)

    async def work(self) -> None:
        """The job of one process."""
        while await self.unit(sending.look_after_notices, "job/look_after_notices"):
            pass


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Once in a folder, once on the server."""
    return f"sqlite:{tmp_path}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


def play(url: str, story: Callable[[Workers], Awaitable[None]], *, locked: bool) -> None:
    """Play a story on a fresh database."""

    async def whole() -> None:
        await migrate([mewe_feature()], url)
        database = await open_store("notices", url)
        try:
            workers = Workers(database, locked=locked)
            await workers.furnish()
            await story(workers)
        finally:
            await database.close()

    asyncio.run(whole())


@pytest.mark.parametrize("locked", [True, False])
def test_an_occurrence_that_many_tell_and_many_send_is_one_notice(url: str, locked: bool) -> None:
    """Eight tellers and eight workers at once, round after round, some of them slow: one push a person and round."""

    async def story(workers: Workers) -> None:
        for number in range(6):
            telling = [workers.tell(person, f"{number}") for person in PEOPLE for _ in range(8)]
            await asyncio.gather(*telling, *(workers.work() for _ in range(8)))
            await workers.work()
            workers.clock.advance(minutes=21)
        assert sorted(one.person_id for one in workers.pushes) == sorted(PEOPLE * 6)
        assert len({one.id for one in workers.pushes}) == len(workers.pushes)

    play(url, story, locked=locked)


@pytest.mark.parametrize("locked", [True, False])
def test_choices_sights_and_workers_at_once_never_make_two(url: str, locked: bool) -> None:
    """While quiet hours are chosen anew and things are seen, each occurrence leaves once at most, and the rest in the end."""

    async def story(workers: Workers) -> None:
        for number in range(4):
            told = [workers.tell(person, f"{number}") for person in PEOPLE]
            chosen = [workers.choose(person, 60 * hour, 60 * hour + 30) for person in PEOPLE for hour in (3, 15, 16)]
            seen = [workers.seen("ada", f"{number}")]
            await asyncio.gather(*told, *chosen, *seen, *(workers.work() for _ in range(6)))
            workers.clock.advance(hours=2)
        await asyncio.gather(*(workers.choose(person, 0, 0) for person in PEOPLE))
        await workers.work()
        counts = {person: sum(one.person_id == person for one in workers.pushes) for person in PEOPLE}
        assert counts["ada"] <= 4
        assert 1 <= counts["bo"] <= 4
        assert 1 <= counts["cleo"] <= 4
        before = len(workers.pushes)
        for number in range(4):
            await asyncio.gather(*(workers.tell(person, f"{number}") for person in PEOPLE))
        await workers.work()
        assert len(workers.pushes) == before

    play(url, story, locked=locked)
