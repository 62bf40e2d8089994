"""Evaluation on the databases that countries run: nobody is reminded twice by several processes, and no answer is lost."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from attrs import define, field
from mewe_core.kit.access import Access, Caller, Purpose, Role, Scope, ScopeKind, Standing, signed_in
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.feature import Brought
from mewe_core.kit.noticing import NoticeDue, NoticesWanted
from mewe_core.kit.ports import Sealing, Work
from mewe_core.kit.preparing import NoIssuers, Preparing
from mewe_core.kit.standing import ConsentChanged, StandingChanged, admit, hear_consent_changed, hear_standing_changed
from mewe_core.kit.testing import OAK, CountingIds, FixedClock, PlainKeys, PlainSealing
from mewe_core.programme.events import GroupChanged, GroupProtected, GroupState, SessionHeld
from mewe_core.safety.events import ConcernChanged, ConcernState, Reported
from mewe_eval import alerts, handlers, placing, publishing, reminding
from mewe_eval.alert_store import ALERT
from mewe_eval.model import (
    Answer,
    Form,
    GetFormRequest,
    ListFormsRequest,
    ListGroupFormsRequest,
    OpenReportedAnswerRequest,
    Publication,
    PublishCountryReportRequest,
    PublishSiteReportRequest,
    PutAnswersRequest,
    PutAnswersResponse,
)
from mewe_eval.personal import FROZEN_DAYS
from mewe_eval.plugin import ANSWERS, BROUGHT_TO, LEADS, mewe_feature
from mewe_eval.publication_store import PUBLICATION
from mewe_eval.settings import configure
from mewe_host.parts import Store, UnitDatabase
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from sqlalchemy import func, select

from .asking import WORRIES

A = TypeVar("A")
R = TypeVar("R")
NOBODY = Caller(None, None, "SE")
NOWHERE = Standing(Scope(ScopeKind.COUNTRY, "SE"), ())
_PUBLISHED = select(PUBLICATION.c.number).order_by(PUBLICATION.c.number)
_ALERTS = select(func.count()).select_from(ALERT)
ADA, LENA = OAK.participants[0], OAK.leaders[0]


@define
class Oak:
    """Evaluation's database with a group in it, and units of work as a host runs them; ``told``: what those that ended told."""

    store: Store
    clock: FixedClock = field(factory=FixedClock)
    ids: CountingIds = field(factory=CountingIds)
    keys: PlainKeys = field(factory=PlainKeys)
    told: list[object] = field(factory=list)
    sealing: Sealing = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.sealing = PlainSealing(self.keys)

    async def unit(self, do: Callable[[Work], Awaitable[A]], *, lock: str | None = None) -> A:
        """A unit that nobody called for."""

        async def whole(database: UnitDatabase) -> tuple[A, Work]:
            if lock is not None:
                await database.lock(lock)
            work = self.work(database, NOBODY)
            return await do(work), work

        answer, work = await self.store.write(whole)
        self.told += work.events
        return answer

    async def write(self, handler: Callable[[R, Work], Awaitable[A]], request: R, rule: Access[R], by: str) -> A:
        """Do something."""

        async def whole(database: UnitDatabase) -> tuple[A, Work]:
            work = await self._admitted(rule, request, database, by)
            return await handler(request, work), work

        answer, work = await self.store.write(whole)
        self.told += work.events
        return answer

    async def read(self, handler: Callable[[R, Work], Awaitable[A]], request: R, rule: Access[R], by: str) -> A:
        """Ask for something."""

        async def whole(database: Database) -> A:
            return await handler(request, await self._admitted(rule, request, database, by))

        return await self.store.read(whole)

    def work(self, database: Database, caller: Caller) -> Work:
        """What a handler is lent."""
        deployed = configure(WORRIES, Brought())
        return Work(caller, NOWHERE, self.clock.now(), database, self.ids, self.keys, self.sealing, deployed)

    async def furnish(self) -> None:
        """The group, its people, who consent and want notices; everything is told twice at once."""
        told = GroupChanged(OAK.group_id, OAK.organisation_id, GroupState.RUNNING)
        staffed = GroupProtected(OAK.group_id, protected=True)
        for _ in range(2):
            await asyncio.gather(
                self.unit(lambda work: placing.hear_group_changed(told, work), lock=OAK.group_id),
                self.unit(lambda work: placing.hear_group_protected(staffed, work), lock=OAK.group_id),
            )
        for person in (*OAK.participants, *OAK.leaders):
            role = Role.LEADER if person in OAK.leaders else Role.PARTICIPANT
            joined = StandingChanged(person, person, role, ScopeKind.GROUP, OAK.group_id, self.clock.now(), None)
            covered = ConsentChanged(f"{person} e", person, Purpose.EVALUATION, None, True, None)

            async def heard(work: Work, joined: StandingChanged = joined, covered: ConsentChanged = covered) -> None:
                await hear_consent_changed(covered, work)
                await hear_standing_changed(joined, work)
                await placing.hear_standing_changed(joined, work)
                await placing.hear_notices_wanted(NoticesWanted(joined.person_id, wanted=True), work)

            await asyncio.gather(*(self.unit(heard, lock=OAK.group_id) for _ in range(2)))

    async def form(self, by: str = ADA) -> Form:
        """Somebody's only form."""
        (one,) = (await self.read(handlers.list_forms, ListFormsRequest(), signed_in(), by)).forms
        return await self.read(handlers.get_form, GetFormRequest(one.form_id), ANSWERS, by)

    async def put(self, form: Form, item: str, value: int, *, by: str = ADA) -> PutAnswersResponse:
        """One answer."""
        request = PutAnswersRequest("r", form.form_id, form.language, form.wording, (Answer(item, value),))
        return await self.write(handlers.put_answers, request, ANSWERS, by)

    async def _admitted(self, rule: Access[R], request: R, database: Database, by: str) -> Work:
        work = self.work(database, Caller(by, f"session-of-{by}", "SE"))
        work.standing = await admit(rule, work.caller, database, request, work.now)
        return work


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Once in a folder, once on the server."""
    return f"sqlite:{tmp_path}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


def play(url: str, story: Callable[[Oak], Awaitable[None]]) -> None:
    """Play a story on a fresh database of evaluation."""

    async def whole() -> None:
        await migrate([mewe_feature()], url)
        store = await open_store("eval", url)
        try:
            oak = Oak(store)
            await oak.furnish()
            await story(oak)
        finally:
            await store.close()

    asyncio.run(whole())


def test_of_many_who_remind_at_once_one_does(url: str) -> None:
    """Eight processes, hour after hour for four days: two reminders a person, each told once."""

    async def story(oak: Oak) -> None:
        for _ in range(4 * 24):
            oak.clock.advance(hours=1)
            await asyncio.gather(*(oak.unit(reminding.remind) for _ in range(8)))
        due = [one for one in oak.told if isinstance(one, NoticeDue)]
        assert Counter(one.person_id for one in due) == dict.fromkeys(OAK.participants, 2)
        assert len({one.occurrence_id for one in due}) == 6

    play(url, story)


def test_of_answers_that_come_at_once_none_is_lost(url: str) -> None:
    """Eight questions answered in eight calls at a time; all of them are there, and what alarms is told once."""

    async def story(oak: Oak) -> None:
        form = await oak.form()
        items = [one.item for one in form.questions]
        assert "9" in items
        await asyncio.gather(*(oak.put(form, item, 1) for item in items for _ in range(2)))
        assert [one.value for one in (await oak.form()).questions] == [1] * len(items)
        assert len([one for one in oak.told if isinstance(one, Reported)]) == 1

    play(url, story)


def test_lists_and_what_alarms_are_alike_on_both(url: str) -> None:
    """What leaders see, what a contact opens, and what is gone when its concern has been closed long enough."""

    async def story(oak: Oak) -> None:
        form = await oak.form()
        assert (await oak.put(form, "9", 2)).show_help
        pages, token = list[str](), ""
        for _ in range(3):
            page = await oak.read(handlers.list_group_forms, ListGroupFormsRequest(OAK.group_id, 1, token), LEADS, LENA)
            pages += [one.person_id for one in page.forms]
            token = page.next_page_token
        assert (pages, token) == (list(OAK.participants), "")
        (raised,) = (one for one in oak.told if isinstance(one, Reported))
        brought = StandingChanged("c", "carin", Role.CONTACT, ScopeKind.CONCERN, raised.report_id, oak.clock.now(), None)
        await oak.unit(lambda work: hear_standing_changed(brought, work))
        request = OpenReportedAnswerRequest("r", raised.report_id)
        assert (await oak.write(alerts.open_reported_answer, request, BROUGHT_TO, "carin")).person_id == ADA
        closed = ConcernChanged(raised.report_id, ConcernState.CLOSED)
        await oak.unit(lambda work: alerts.hear_concern_changed(closed, work))
        oak.clock.advance(days=FROZEN_DAYS, minutes=1)
        assert not await oak.unit(alerts.forget_closed)
        found = await oak.store.read(lambda database: database.first(_ALERTS, int))
        assert found == 0

    play(url, story)


def test_a_form_moves_while_it_is_answered_and_nothing_is_lost(url: str) -> None:
    """A session is recorded, and its group told again, while somebody answers."""

    async def story(oak: Oak) -> None:
        form = await oak.form()
        held = SessionHeld("s", OAK.group_id, 1, follow_up=False, held_at=oak.clock.now())
        moved = StandingChanged("ada", ADA, Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, oak.clock.now(), None)
        await asyncio.gather(
            *(oak.put(form, item, 1) for item in ("1", "2", "3")),
            *(oak.unit(lambda work: placing.hear_session_held(held, work), lock=OAK.group_id) for _ in range(2)),
            *(oak.unit(lambda work: placing.hear_standing_changed(moved, work), lock=OAK.group_id) for _ in range(2)),
        )
        assert [one.value for one in (await oak.form()).questions][:3] == [1, 1, 1]

    play(url, story)


def test_of_reports_that_were_computed_at_once_one_goes_out(url: str) -> None:
    """The others may be asked for again, and then know of it; one of the country waits for one of a place as well."""

    async def story(oak: Oak) -> None:
        await oak.put(await oak.form(), "1", 1)
        site = PublishSiteReportRequest("r", "worries", OAK.organisation_id)
        country = PublishCountryReportRequest("r", "worries")

        async def prepared() -> list[publishing.Ready]:
            lent = (Caller("karin", "s", "SE"), NOWHERE, oak.clock.now(), oak.ids, oak.keys, oak.sealing)
            before = Preparing(*lent, NoIssuers(), oak.store.read, configure(WORRIES, Brought()))
            asked = [publishing.prepare_site(site, before) for _ in range(4)]
            return list(await asyncio.gather(*asked, publishing.prepare_country(country, before)))

        async def published(ready: publishing.Ready) -> bool:
            async def keep(work: Work) -> Publication:
                work.ready = ready
                return await publishing.publish_site_report(site, work)

            try:
                await oak.unit(keep)
            except Unavailable:
                return False
            return True

        for count in (1, 2):
            ready = await prepared()
            assert {one.last for one in ready} == {count - 1}
            assert sorted(await asyncio.gather(*map(published, ready))) == [False] * 4 + [True]
        counted = await oak.store.read(lambda database: database.all(_PUBLISHED, int))
        assert counted == [1, 2]

    play(url, story)
