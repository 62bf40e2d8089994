"""What somebody kept is refused to whoever came back as them, until it is opened; everything else is not."""

from itertools import product

import pytest
from mewe_core.kit import earlier, records
from mewe_core.kit.access import Access, Caller, Role, Scope, ScopeKind, member, signed_in
from mewe_core.kit.database import Database, either
from mewe_core.kit.earlier import KEEP_EARLIER, EarlierClosed, closed_before, opened_from
from mewe_core.kit.errors import Failure
from mewe_core.kit.feature import Feature
from mewe_core.kit.personal import PersonalData
from mewe_core.kit.privacy.telling import ErasureDecided
from mewe_core.kit.standing import KEEP_STANDING, StandingChanged, admit
from mewe_core.kit.testing import BEGINNING, MemoryDatabase, Stage, drive
from mewe_core.kit.values import columns, micros
from sqlalchemy import MetaData, select

ADA = Caller("ada", "session", "SE")


async def of_ada(database: Database, request: object) -> Scope | None:
    """What is ada's own, in a group."""
    return Scope(ScopeKind.GROUP, "oak", None, "ada")


def answer(access: Access[object], caller: Caller, database: Database) -> str:
    """How a call is answered."""
    try:
        drive(admit(access, caller, database, object(), BEGINNING))
    except Failure as refused:
        return refused.reason
    return "in"


@pytest.fixture
def database() -> MemoryDatabase:
    """Ada came back; lena leads her group, and so does ada herself in another one."""
    database = MemoryDatabase(records.METADATA)
    drive(database.execute(KEEP_EARLIER, id="return", person_id="ada", before=BEGINNING))
    for person, group in (("lena", "oak"), ("ada", "elm")):
        held = StandingChanged(f"{person}-{group}", person, Role.LEADER, ScopeKind.GROUP, group, BEGINNING, None)
        drive(database.execute(KEEP_STANDING, **columns(held)))
    return database


def rules(*, earlier: bool) -> tuple[Access[object], ...]:
    """One's own, by a list and by a thing."""
    return (
        signed_in(earlier=earlier),
        member(scope=of_ada, own=True, earlier=earlier),
        member(scope=of_ada, roles=(Role.LEADER,), own=True, earlier=earlier),
    )


@pytest.mark.parametrize("closed", [True, False])
def test_what_was_kept_is_refused_while_it_is_closed(database: MemoryDatabase, closed: bool) -> None:
    """To the person who came back, by rules that say so; opened, it is theirs again."""
    if not closed:
        drive(database.execute(KEEP_EARLIER, id="return", person_id="ada", before=None))
    assert (drive(closed_before(database, "ada")) is not None) == closed
    for asks, which in product((True, False), range(3)):
        rule = rules(earlier=asks)[which]
        assert answer(rule, ADA, database) == ("EARLIER_STILL_CLOSED" if closed and asks else "in")


def test_others_are_not_concerned(database: MemoryDatabase) -> None:
    """A leader reads what they may of ada; bo's own is his."""
    leads = rules(earlier=True)[2]
    assert answer(leads, Caller("lena", "session", "SE"), database) == "in"
    assert answer(signed_in(earlier=True), Caller("bo", "session", "SE"), database) == "in"
    assert answer(signed_in(earlier=True), Caller(None, None, "SE"), database) == "SIGNED_OUT"


def test_of_several_returns_each_has_to_be_opened(database: MemoryDatabase) -> None:
    """The newest moment counts until all are."""
    later = BEGINNING.add(hours=1)
    drive(database.execute(KEEP_EARLIER, id="second", person_id="ada", before=later))
    assert drive(closed_before(database, "ada")) == later
    drive(database.execute(KEEP_EARLIER, id="second", person_id="ada", before=None))
    assert drive(closed_before(database, "ada")) == BEGINNING


@pytest.mark.parametrize("times", [1, 2])
def test_of_one_return_the_newest_word_is_kept(database: MemoryDatabase, times: int) -> None:
    """In the same row, which stays that of the same person; another return has a row of its own."""
    keep = either(earlier._keep)
    words = [("return", BEGINNING.add(hours=1)), ("second", BEGINNING), ("return", BEGINNING.add(hours=2)), ("second", None)]
    for _ in range(times):
        for key, before in words:
            drive(database.execute(keep, id=key, person_id="ada", before=before))
    found = drive(database.all(select(records.EARLIER).order_by(records.EARLIER.c.id), EarlierClosed))
    assert found == [EarlierClosed("return", "ada", BEGINNING.add(hours=2)), EarlierClosed("second", "ada", None)]


def test_a_list_begins_at_the_return_or_at_the_first(database: MemoryDatabase) -> None:
    """Whoever came back is shown what is theirs since then; everybody else all of it."""
    assert drive(opened_from(database, "ada")) == (micros(BEGINNING), "")
    assert drive(opened_from(database, "bo")) == (0, "")


def test_a_feature_keeps_what_it_hears_but_of_nobody_who_was_erased() -> None:
    """A word that arrives late brings nobody back."""
    forest = Feature(name="forest", package="none", version="1", summary="Trees.", tables=MetaData(), personal=PersonalData())
    with Stage(forest) as stage:
        stage.hear(EarlierClosed("return", "ada", BEGINNING))
        assert drive(closed_before(stage.database, "ada")) == BEGINNING
        stage.hear(EarlierClosed("return", "ada", None))
        assert drive(closed_before(stage.database, "ada")) is None
        stage.hear(ErasureDecided("erasure", "ada", BEGINNING))
        stage.hear(EarlierClosed("late", "ada", BEGINNING))
        stage.hear(EarlierClosed("other", "bo", BEGINNING))
        assert drive(closed_before(stage.database, "ada")) is None
        assert drive(closed_before(stage.database, "bo")) == BEGINNING
