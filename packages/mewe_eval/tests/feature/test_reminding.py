"""Reminders: each once, whatever happens in between; none to whoever has answered, left, or does not want any."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.noticing import NoticeDone, NoticeDue, NoticesWanted
from mewe_core.kit.testing import OAK, FixedClock, Stage
from mewe_eval.plugin import mewe_feature
from mewe_eval.reminding import following, over
from whenever import Instant

from .asking import WORRIES, forms, gathered, held, put, shown, staged
from .asking import over as sessions_over

ADA = OAK.participants[0]


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A study that reminds on the day one joins and two days later, at five in the afternoon; everybody wants notices."""
    with staged(WORRIES) as stage:
        gathered(stage, OAK)
        for person in OAK.participants:
            stage.hear(NoticesWanted(person, wanted=True))
        yield stage


def due(stage: Stage) -> list[str]:
    """Who is told, now, since the last look."""
    before = len(stage.events)
    stage.do_jobs()
    return sorted(one.person_id for one in stage.events[before:] if isinstance(one, NoticeDue))


def test_each_reminder_is_told_once(stage: Stage) -> None:
    """Not before its hour, not again however often one looks; each is an occurrence of its own."""
    assert due(stage) == []
    stage.clock.advance(hours=1)
    assert due(stage) == ["ada", "bo", "cleo"]
    assert due(stage) == []
    stage.clock.advance(days=1)
    assert due(stage) == []
    stage.clock.advance(days=1)
    assert due(stage) == ["ada", "bo", "cleo"]
    stage.clock.advance(days=30)
    assert due(stage) == []
    assert len({one.occurrence_id for one in stage.events if isinstance(one, NoticeDue)}) == 6


def test_of_several_forms_at_once_one_is_told_once() -> None:
    """A device that buzzes twice in a second says no more; whoever has answered one is reminded of the other."""
    (study,) = WORRIES.protocols
    asked = 'asked = [{ wave = "T0", instrument = "phq-9" }, { wave = "T0", instrument = "how-things-are" }]'
    both = study.replace('asked = [{ wave = "T0", instrument = "phq-9" }]', asked)
    with staged(evolve(WORRIES, protocols=(both,))) as stage:
        gathered(stage, OAK)
        stage.hear(NoticesWanted(ADA, wanted=True))
        stage.clock.advance(hours=1)
        assert due(stage) == [ADA]
        first, second = forms(stage, ADA)
        put(stage, shown(stage, ADA, first.form_id), {}, by=ADA, finish=True)
        stage.clock.advance(days=2)
        assert due(stage) == [ADA]
        put(stage, shown(stage, ADA, second.form_id), {}, by=ADA, finish=True)
        told = [one.occurrence_id for one in stage.events if isinstance(one, NoticeDue)]
        assert told[-1] in [one.occurrence_id for one in stage.events if isinstance(one, NoticeDone)]


def test_whoever_has_answered_is_reminded_no_more(stage: Stage) -> None:
    """What had not left yet does not leave."""
    stage.clock.advance(hours=1)
    due(stage)
    put(stage, shown(stage, ADA), {}, by=ADA, finish=True)
    told = [one for one in stage.events if isinstance(one, NoticeDue) and one.person_id == ADA]
    assert [one.occurrence_id for one in stage.events if isinstance(one, NoticeDone)] == [told[0].occurrence_id]
    stage.clock.advance(days=2)
    assert due(stage) == ["bo", "cleo"]


def test_whoever_leaves_or_takes_consent_back_is_reminded_no_more(stage: Stage) -> None:
    """What they were told of is done."""
    stage.clock.advance(hours=1)
    due(stage)
    stage.consent(ADA, Purpose.EVALUATION, covered=False)
    stage.give("bo", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, until=stage.clock.now(), standing_id="standing-2")
    assert {one.person_id for one in stage.events if isinstance(one, NoticeDone)} == {"ada", "bo"}
    stage.clock.advance(days=2)
    assert due(stage) == ["cleo"]


def test_who_wants_no_notices_gets_none_and_is_not_told_later_of_what_is_over(stage: Stage) -> None:
    """The next one comes when it is its time."""
    stage.hear(NoticesWanted(ADA, wanted=False))
    stage.clock.advance(hours=1)
    assert due(stage) == ["bo", "cleo"]
    stage.hear(NoticesWanted(ADA, wanted=True))
    assert due(stage) == []
    stage.clock.advance(days=2)
    assert due(stage) == ["ada", "bo", "cleo"]


def test_what_nothing_told_while_it_did_not_run_is_told_once(stage: Stage) -> None:
    """Two reminders that are over are one notice; one that cannot be answered any more is none."""
    stage.clock.advance(days=3)
    assert due(stage) == ["ada", "bo", "cleo"]
    assert due(stage) == []


def test_after_the_window_nobody_is_told(stage: Stage) -> None:
    """It would lead to questions that are not there."""
    stage.clock.advance(days=20)
    assert due(stage) == []


def test_a_window_that_moves_tells_nothing_twice() -> None:
    """A session that is recorded later moves what is counted from the last one; what was told stays told."""
    with Stage(mewe_feature()) as stage:
        gathered(stage, OAK)
        stage.hear(NoticesWanted(ADA, wanted=True))
        stage.clock.advance(hours=1)
        assert due(stage) == [ADA]
        held(stage, 1)
        sessions_over(stage)
        stage.clock.advance(days=1)
        assert due(stage) == [ADA]
        held(stage, 2)
        assert due(stage) == []
        stage.clock.advance(days=6)
        assert due(stage) == [ADA]


@pytest.mark.parametrize(("start", "hours"), [((2026, 3, 27), 47), ((2026, 10, 23), 49)])
def test_a_day_of_the_clocks_change_has_its_reminder_at_the_same_time_of_day(start: tuple[int, int, int], hours: int) -> None:
    """Two days on are 47 hours in spring and 49 in autumn, and five in the afternoon on both."""
    clock = FixedClock(Instant.from_utc(*start, 9))
    with Stage(mewe_feature(), settings=WORRIES, clock=clock) as stage:
        gathered(stage, OAK)
        stage.hear(NoticesWanted(ADA, wanted=True))
        first, second = (_next_due(stage) for _ in range(2))
        assert (second - first).total("hours") == hours
        assert second.to_tz("Europe/Stockholm").hour == 17


def test_the_time_zone_is_the_deployments() -> None:
    """Five in the afternoon in London is not that in Stockholm."""
    settings = evolve(WORRIES, time_zone=ZoneInfo("Europe/London"))
    with staged(settings) as stage:
        gathered(stage, OAK)
        stage.hear(NoticesWanted(ADA, wanted=True))
        assert _next_due(stage).to_tz("Europe/London").hour == 17


@given(times=st.lists(st.integers(0, 10**6), max_size=6), told=st.integers(0, 6), now=st.integers(0, 10**6))
def test_nothing_is_told_twice_and_nothing_is_waited_for_that_is_over(times: list[int], told: int, now: int) -> None:
    """However times are moved: the count never falls, and what comes next is still to come."""
    text = " ".join(map(str, sorted(times)))
    count = over(text, told, Instant.from_timestamp(now, unit="microsecond"))
    assert count >= told
    later = following(text, count)
    assert later is None or later.timestamp(unit="microsecond") > now or count == told


def _next_due(stage: Stage) -> Instant:
    for _ in range(24 * 5):
        stage.clock.advance(hours=1)
        if due(stage):
            return stage.clock.now()
    raise AssertionError("nobody was told")
