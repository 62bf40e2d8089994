"""Consent on the databases that countries run: whatever happens at once, one code answers once, and the last word holds."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar, cast

import pytest
from attrs import define
from mewe_core.kit.access import Access, Caller, Purpose, Role, Scope, ScopeKind, Standing
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Failure
from mewe_core.kit.ports import Work
from mewe_core.kit.records import CONSENT as TOLD
from mewe_core.kit.standing import ConsentChanged, StandingChanged, admit, hear_consent_changed, hear_standing_changed
from mewe_core.kit.testing import CountingIds, FixedClock, PlainKeys, PlainSealing
from mewe_core.kit.values import columns
from mewe_core.people import store as people
from mewe_core.people.consents import guardian_model as g
from mewe_core.people.consents import guardians, handlers, links, model, tables
from mewe_core.people.consents.testing import example_settings
from mewe_core.people.plugin import mewe_feature
from mewe_host.parts import Store, UnitDatabase
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from sqlalchemy import func, select
from whenever import Date

A = TypeVar("A")
R = TypeVar("R")
RULES = {rpc.handler: rpc.access for rpc in mewe_feature().rpcs}
COVERED = select(TOLD.c.covered).where(TOLD.c.purpose == Purpose.TAKE_PART.value)
SCHOOL, CHILD, KARIN, NILS = "school", "child", "karin", "nils"


@define
class Country:
    """The database of people, with units of work as a host runs them; a child of 13 and one of 16, a coordinator."""

    store: Store
    clock: FixedClock
    ids: CountingIds
    keys: PlainKeys
    sealing: PlainSealing

    def work(self, database: Database, caller: Caller) -> Work:
        """What a handler is lent."""
        nowhere = Standing(Scope(ScopeKind.COUNTRY, "SE"), ())
        return Work(caller, nowhere, self.clock.now(), database, self.ids, self.keys, self.sealing, example_settings())

    async def furnish(self) -> None:
        """A school, a coordinator, a child, a text about taking part."""

        async def unit(database: UnitDatabase) -> None:
            work = self.work(database, Caller(None, None, "SE"))
            await database.execute(people.ADD_ORGANISATION, id=SCHOOL, name="North", kind="school", create_time=work.now)
            await database.execute(people.ADD_PERSON, **columns(people.Person(CHILD, SCHOOL, work.now, None)))
            for person, role, kind, where in (
                (KARIN, Role.COORDINATOR, ScopeKind.ORGANISATION, SCHOOL),
                (NILS, Role.NATIONAL, ScopeKind.COUNTRY, "SE"),
            ):
                await hear_standing_changed(StandingChanged(person, person, role, kind, where, work.now, None), work)

        await self.store.write(unit)

    async def call(self, handler: Callable[[R, Work], Awaitable[A]], request: R, by: str | None = None) -> A:
        """What a client gets. Raises what it would be told."""
        rule = cast("Access[R]", RULES[handler])

        async def unit(database: UnitDatabase) -> A:
            work = self.work(database, Caller(by, f"session-of-{by}" if by else None, "SE"))
            scope = None if rule.scope is None else await rule.scope(database, request)
            if scope is not None:
                await database.lock(scope.id)
            elif by is not None:
                await database.lock(by)
            work.standing = await admit(rule, work.caller, database, request, work.now)
            answer = await handler(request, work)
            for event in work.events:
                if isinstance(event, ConsentChanged):
                    await hear_consent_changed(event, work)
            return answer

        return await self.store.write(unit)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Once in a folder, once on the server."""
    return f"sqlite:{tmp_path}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


def play(url: str, story: Callable[[Country], Awaitable[None]]) -> None:
    """Play a story on a fresh database of people."""

    async def whole() -> None:
        await migrate([mewe_feature()], url)
        database = await open_store("people", url)
        keys = PlainKeys()
        try:
            country = Country(database, FixedClock(), CountingIds(), keys, PlainSealing(keys))
            await country.furnish()
            await story(country)
        finally:
            await database.close()

    asyncio.run(whole())


async def born(country: Country, year: int) -> str:
    """The child's date of birth, and the text about taking part."""
    request = g.RecordBirthDateRequest("r", CHILD, None, Date(year, 3, 24))
    await country.call(guardians.record_birth_date, request, KARIN)
    text = model.PublishConsentTextRequest("r", Purpose.TAKE_PART, 1, 0, None, "en", "What we do.", False)
    return (await country.call(handlers.publish_consent_text, text, NILS)).id


def test_of_many_who_answer_with_one_code_at_once_one_is_heard(url: str) -> None:
    """The others are told that the code does not work; there is one yes."""

    async def story(country: Country) -> None:
        text = await born(country, 2013)
        guardian = await country.call(guardians.add_guardian, g.AddGuardianRequest("r", CHILD, None, "first"), KARIN)
        link = g.MakeConsentLinkRequest("r", CHILD, None, guardian.id, text)
        code = (await country.call(links.make_consent_link, link, KARIN)).code
        answers = (
            country.call(links.answer_consent_link, g.AnswerConsentLinkRequest("r", code, agrees=True)) for _ in range(30)
        )
        told = await asyncio.gather(*answers, return_exceptions=True)
        assert [one.reason for one in told if isinstance(one, Failure)] == ["CODE_NOT_GOOD"] * 29
        assert await country.store.read(lambda database: database.first(select(func.count(tables.CONSENT.c.id)), int)) == 1

    play(url, story)


def test_what_is_told_is_what_the_records_say_however_they_race(url: str) -> None:
    """Somebody says yes, takes it back, objects and takes that back, all at once: the features know what the records say."""

    async def story(country: Country) -> None:
        text = await born(country, 2010)
        for _ in range(5):
            await asyncio.gather(
                *(country.call(handlers.give_consent, model.GiveConsentRequest("r", text), CHILD) for _ in range(3)),
                *(
                    country.call(handlers.withdraw_consent, model.WithdrawConsentRequest("r", Purpose.TAKE_PART), CHILD)
                    for _ in range(2)
                ),
                country.call(handlers.raise_objection, model.RaiseObjectionRequest("r", Purpose.TAKE_PART), CHILD),
                country.call(handlers.take_back_objection, model.TakeBackObjectionRequest("r", Purpose.TAKE_PART), CHILD),
                country.call(guardians.record_birth_date, g.RecordBirthDateRequest("r", CHILD, None, Date(2010, 3, 24)), KARIN),
            )
            mine = (await country.call(handlers.get_my_consents, model.GetMyConsentsRequest(), CHILD)).consents[0]
            known = await country.store.read(lambda database: database.first(COVERED, bool))
            assert bool(known) == mine.covered

    play(url, story)


def test_the_order_of_words_is_kept(url: str) -> None:
    """A yes after a no counts, however stuck the clock is."""

    async def story(country: Country) -> None:
        text = await born(country, 2010)
        for _ in range(3):
            given = await country.call(handlers.give_consent, model.GiveConsentRequest("r", text), CHILD)
            request = model.WithdrawConsentRequest("r", Purpose.TAKE_PART)
            taken_back = await country.call(handlers.withdraw_consent, request, CHILD)
            assert (given.covered, taken_back.covered) == (True, False)

    play(url, story)
