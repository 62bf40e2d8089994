"""People on the databases that countries run: whatever happens at once, one code lets one person in, once."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar, cast

import pytest
from attrs import define
from mewe_core.kit.access import Access, Caller, Role, Scope, ScopeKind, Standing
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Failure
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import StandingChanged, admit, hear_standing_changed
from mewe_core.kit.testing import CountingIds, FixedClock, PlainKeys, PlainSealing
from mewe_core.people import handlers, model, store
from mewe_core.people.confirming.handlers import confirm_person
from mewe_core.people.confirming.model import ConfirmPersonRequest
from mewe_core.people.model import PeopleSettings
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.returning import handlers as returning
from mewe_core.people.returning.model import (
    AgreeToReturnRequest,
    AskForReturnRequest,
    AskToReopenRequest,
    ReopenEarlierRequest,
    ReturnReason,
)
from mewe_host.parts import Store, UnitDatabase
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from sqlalchemy import func, select

A = TypeVar("A")
R = TypeVar("R")
COUNTRY = Scope(ScopeKind.COUNTRY, "SE")
RULES = {rpc.handler: rpc.access for rpc in mewe_feature().rpcs}


@define
class Country:
    """The database of people, with units of work as a host runs them: under the lock of the scope that the rule finds."""

    store: Store
    clock: FixedClock
    ids: CountingIds
    keys: PlainKeys

    def work(self, database: Database, caller: Caller) -> Work:
        """What a handler is lent."""
        now = self.clock.now()
        return Work(
            caller, Standing(COUNTRY, ()), now, database, self.ids, self.keys, PlainSealing(self.keys), PeopleSettings()
        )

    async def start(self) -> str | None:
        """What a host does when it starts, and the line that it shows."""
        return await self.store.write(lambda database: handlers.open_way_in(self.work(database, Caller(None, None, "SE"))))

    async def call(self, handler: Callable[[R, Work], Awaitable[A]], request: R, by: str | None = None) -> A:
        """What a client gets. Raises what it would be told."""
        rule = cast("Access[R]", RULES[handler])

        async def unit(database: UnitDatabase) -> A:
            work = self.work(database, Caller(by, f"session-of-{by}" if by else None, "SE"))
            scope = None if rule.scope is None else await rule.scope(database, request)
            if scope is not None:
                await database.lock(scope.id)
            work.standing = await admit(rule, work.caller, database, request, work.now)
            answer = await handler(request, work)
            for event in work.events:
                if isinstance(event, StandingChanged):
                    await hear_standing_changed(event, work)
            return answer

        return await self.store.write(unit)

    async def redeem(self, code: str) -> model.DeviceSession:
        """What a device gets for a code."""
        return await self.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", code))

    async def sign_in(self, code: str, by: str) -> model.DeviceSession:
        """What a device gets for a code, once somebody has confirmed its person."""
        session = await self.redeem(code)
        await self.call(confirm_person, ConfirmPersonRequest("r", session.person_id, session.words or ""), by)
        return session

    async def school(self) -> tuple[str, str]:
        """Somebody of the competence centre, and a school."""
        line = await self.start()
        assert line is not None
        nina = (await self.redeem(line.split()[-1])).person_id
        request = model.CreateOrganisationRequest("r", "North School", model.OrganisationKind.SCHOOL)
        return nina, (await self.call(handlers.create_organisation, request, nina)).id

    async def invite(self, by: str, school: str, person: str | None = None, role: Role | None = None) -> model.Invitation:
        """A code."""
        return await self.call(handlers.invite_person, model.InvitePersonRequest("r", school, person, role), by)


def reasons(answers: list[object]) -> list[str]:
    """Of calls made at once: why each was refused; an error that nobody may be told fails the test."""
    assert [one for one in answers if isinstance(one, BaseException) and not isinstance(one, Failure)] == []
    return sorted(one.reason for one in answers if isinstance(one, Failure))


async def at_once(*calls: Awaitable[object]) -> list[object]:
    """Their answers and refusals, in order."""
    return list(await asyncio.gather(*calls, return_exceptions=True))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Once in a folder, once on the server."""
    return f"sqlite:{tmp_path}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


def play(url: str, story: Callable[[Country], Awaitable[None]]) -> None:
    """Play a story on a fresh database of people."""

    async def whole() -> None:
        await migrate([mewe_feature()], url)
        database = await open_store("people", url)
        try:
            await story(Country(database, FixedClock(), CountingIds(), PlainKeys()))
        finally:
            await database.close()

    asyncio.run(whole())


def test_of_a_hundred_who_redeem_one_code_at_once_one_gets_in(url: str) -> None:
    """The others are told that the code does not work; there is one session and one grant."""

    async def story(country: Country) -> None:
        nina, school = await country.school()
        invitation = await country.invite(nina, school, role=Role.COORDINATOR)
        answers = await at_once(*(country.redeem(invitation.code) for _ in range(100)))
        assert reasons(answers) == ["CODE_NOT_GOOD"] * 99
        [session] = [one for one in answers if isinstance(one, model.DeviceSession)]
        confirm = ConfirmPersonRequest("r", session.person_id, session.words or "")
        answers = await at_once(*(country.call(confirm_person, confirm, nina) for _ in range(20)))
        assert reasons(answers) == ["NOTHING_TO_CONFIRM"] * 19
        listed = await country.call(handlers.list_role_grants, model.ListRoleGrantsRequest(school), nina)
        assert [one.person_id for one in listed.role_grants] == [invitation.person_id]
        sessions = await country.call(handlers.list_device_sessions, model.ListDeviceSessionsRequest(), invitation.person_id)
        assert len(sessions.device_sessions) == 1

    play(url, story)


def test_a_code_that_is_replaced_while_it_is_redeemed_lets_one_in(url: str) -> None:
    """Whichever comes first: the person has one session, and the other code is worthless."""

    async def story(country: Country) -> None:
        nina, school = await country.school()
        for _ in range(10):
            first = await country.invite(nina, school)
            _, again = await at_once(country.redeem(first.code), country.invite(nina, school, first.person_id))
            codes = [first.code, *([again.code] if isinstance(again, model.Invitation) else [])]
            await at_once(*(country.redeem(code) for code in codes))
            last = await country.invite(nina, school, first.person_id)
            redeemed = await at_once(*(country.redeem(last.code) for _ in range(3)))
            confirms = [
                country.call(confirm_person, ConfirmPersonRequest("r", first.person_id, one.words or ""), nina)
                for one in redeemed
                if isinstance(one, model.DeviceSession)
            ]
            await at_once(*confirms, *(country.redeem(code) for code in codes))
            request = model.ListDeviceSessionsRequest()
            assert len((await country.call(handlers.list_device_sessions, request, first.person_id)).device_sessions) == 1

    play(url, story)


def test_hosts_that_start_at_once_leave_one_way_in(url: str) -> None:
    """Each shows a code, on a fresh database and later; the newest of them works, and there is one who can use it."""

    async def story(country: Country) -> None:
        await at_once(*(country.start() for _ in range(6)))
        lines = await at_once(*(country.start() for _ in range(6)))
        assert [one for one in lines if not isinstance(one, str)] == []
        good = select(func.count()).where(store.INVITATION.c.withdraw_time.is_(None))
        assert await country.store.read(lambda database: database.first(good, int)) == 1
        answers = await at_once(*(country.redeem(str(line).split()[-1]) for line in lines))
        assert reasons(answers) == ["CODE_NOT_GOOD"] * 5
        signed_in = select(func.count(store.PERSON.c.sign_in_time))
        assert await country.store.read(lambda database: database.first(signed_in, int)) == 1
        assert await country.start() is None

    play(url, story)


def test_a_role_that_is_given_by_ten_at_once_is_held_once(url: str) -> None:
    """The others are told that it is held."""

    async def story(country: Country) -> None:
        nina, school = await country.school()
        person = (await country.invite(nina, school)).person_id
        request = model.GrantRoleRequest("r", school, person, Role.SUPERVISOR)
        answers = await at_once(*(country.call(handlers.grant_role, request, nina) for _ in range(10)))
        assert reasons(answers) == ["ROLE_HELD"] * 9

    play(url, story)


def test_two_of_the_competence_centre_who_end_each_other_at_once_leave_one(url: str) -> None:
    """Somebody stays who can act for the country."""

    async def story(country: Country) -> None:
        nina, school = await country.school()
        nils = (await country.sign_in((await country.invite(nina, school, role=Role.NATIONAL)).code, nina)).person_id
        request = model.ListNationalRoleGrantsRequest()
        grants = (await country.call(handlers.list_national_role_grants, request, nina)).role_grants
        of = {one.person_id: one.id for one in grants}
        answers = await at_once(
            country.call(handlers.end_role, model.EndRoleRequest("r", of[nils]), nina),
            country.call(handlers.end_role, model.EndRoleRequest("r", of[nina]), nils),
        )
        assert len(reasons(answers)) == 1
        assert set(reasons(answers)) <= {"LAST_NATIONAL", "NOT_FOUND"}

    play(url, story)


def test_lists_go_on_where_they_stopped(url: str) -> None:
    """However a database sorts names: pages together are the whole list, each once."""

    async def story(country: Country) -> None:
        nina, _ = await country.school()
        for name in ("Åkern", "akern", "Öster", "Zon", "a/b", "A b", "æ", "a/b"):
            request = model.CreateOrganisationRequest("r", name, model.OrganisationKind.OTHER)
            await country.call(handlers.create_organisation, request, nina)
        shown, token = list[str](), ""
        while True:
            page = await country.call(handlers.list_organisations, model.ListOrganisationsRequest(2, token), nina)
            shown += [one.id for one in page.organisations]
            token = page.next_page_token
            if not token:
                break
        assert len(shown) == len(set(shown)) == 9

    play(url, story)


def test_adults_who_do_one_step_of_a_return_at_once_do_it_once(url: str) -> None:
    """Two ask: there is one return. Two agree: there is one code that works. Two confirm, two open: once each."""

    async def story(country: Country) -> None:
        nina, school = await country.school()
        karin, kim, ada = [
            (await country.sign_in((await country.invite(nina, school, role=role)).code, nina)).person_id
            for role in (Role.COORDINATOR, Role.COORDINATOR, None)
        ]
        ask = AskForReturnRequest("r", ada, ReturnReason.LOST)
        answers = await at_once(*(country.call(returning.ask_for_return, ask, karin) for _ in range(8)))
        assert set(reasons(answers)) <= {"RETURN_ASKED_FOR", "CONFLICT"}
        assert len(reasons(answers)) == 7
        agree = AgreeToReturnRequest("r", ada)
        answers = await at_once(*(country.call(returning.agree_to_return, agree, by) for by in (kim, nina) * 4))
        assert reasons(answers) == ["RETURN_NOT_OPEN"] * 7
        [invitation] = [one for one in answers if isinstance(one, model.Invitation)]
        session = await country.redeem(invitation.code)
        confirm = ConfirmPersonRequest("r", ada, session.words or "")
        answers = await at_once(*(country.call(confirm_person, confirm, karin) for _ in range(8)))
        assert reasons(answers) == ["NOTHING_TO_CONFIRM"] * 7
        words = (await country.call(returning.ask_to_reopen, AskToReopenRequest("r"), ada)).words
        opened = ReopenEarlierRequest("r", ada, words)
        answers = await at_once(*(country.call(returning.reopen_earlier, opened, by) for by in (kim, nina) * 2))
        assert reasons(answers) == ["NOTHING_CLOSED"] * 3

    play(url, story)
