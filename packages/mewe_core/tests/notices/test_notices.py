"""Notices, played on a stage: who gets one, when, and when not."""

from collections.abc import Iterator

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as draw
from mewe_core.kit.errors import Invalid
from mewe_core.kit.noticing import NoticesWanted
from mewe_core.kit.standing import SessionEnded
from mewe_core.kit.testing import FixedClock, Stage
from mewe_core.kit.texts import say
from mewe_core.notices import handlers, rules
from mewe_core.notices.errors import Enough, NotOffered, NotWanted
from mewe_core.notices.model import (
    AddDeviceRequest,
    GetNoticeSettingsRequest,
    NoticesSettings,
    Quiet,
    RemoveDeviceRequest,
    TestNoticeRequest,
)
from mewe_core.notices.plugin import mewe_feature
from mewe_core.notices.store import DEVICE, NOTICE
from mewe_core.notices.testing import ENDPOINT, POINT, SECRET, ZONE, Bell
from sqlalchemy import select
from whenever import Instant

NIGHT = (21 * 60, 8 * 60)
DEVICES, OCCURRENCES = select(DEVICE.c.person_id), select(NOTICE.c.occurrence_id)


@pytest.fixture
def bell() -> Iterator[Bell]:
    """A stage with notices."""
    with Stage(mewe_feature()) as stage:
        yield Bell(stage)


def test_nobody_who_has_not_asked_gets_any_or_is_kept(bell: Bell) -> None:
    """Off until somebody says so; of the others not even what was new."""
    bell.due("ada", "one")
    with pytest.raises(NotWanted):
        bell.device("ada")
    told = bell.stage.call(handlers.get_notice_settings, GetNoticeSettingsRequest(), by="ada")
    assert (told.wanted, told.quiet_from_minute, told.quiet_to_minute, told.devices) == (False, *NIGHT, ())
    assert (bell.left(), bell.stage.all(OCCURRENCES, str), bell.stage.events) == ([], [], [])


def test_who_asks_is_told_of_and_gets_one_on_each_device(bell: Bell) -> None:
    """Two devices, one occurrence told five times, two pushes that say nothing."""
    bell.wants("ada")
    bell.wants("ada")
    bell.device("ada", "phone", "first")
    assert [one.is_this for one in bell.device("ada", "tablet", "second").devices] == [False, True]
    for _ in range(5):
        bell.due("ada", "one")
        bell.left()
    assert {one.endpoint for one in bell.left()} == {ENDPOINT + "phone", ENDPOINT + "tablet"}
    assert len(bell.left()) == len({one.topic for one in bell.left()}) == 2
    assert bell.stage.events == [NoticesWanted("ada", wanted=True)]


def test_at_night_nothing_leaves_and_in_the_morning_one(bell: Bell) -> None:
    """Five things in a night are one notice at eight."""
    bell.wants("ada", NIGHT)
    bell.device("ada")
    bell.stage.clock.advance(hours=6)  # 22 o'clock in Stockholm
    for hour in range(5):
        bell.due("ada", f"{hour}")
        assert bell.left() == []
        bell.stage.clock.advance(hours=1)
    bell.stage.clock.advance(hours=5, minutes=-1)
    assert bell.left() == []
    bell.stage.clock.advance(minutes=1)
    assert len(bell.left()) == 1


def test_who_ends_their_quiet_hours_is_told_at_once(bell: Bell) -> None:
    """What waits is looked at again when somebody chooses anew."""
    bell.wants("ada", NIGHT)
    bell.device("ada")
    bell.stage.clock.advance(hours=6)
    bell.due("ada", "one")
    assert bell.left() == []
    bell.wants("ada")
    assert len(bell.left()) == 1


def test_what_was_seen_does_not_leave(bell: Bell) -> None:
    """Before it left; also where that is told before what is new."""
    bell.wants("ada", NIGHT)
    bell.device("ada")
    bell.stage.clock.advance(hours=6)
    bell.due("ada", "one")
    bell.left()
    bell.done("ada", "one")
    bell.done("ada", "two")
    bell.due("ada", "two")
    bell.stage.clock.advance(hours=24)
    assert bell.left() == []


def test_what_waits_at_the_push_service_is_called_back_when_all_of_it_was_seen(bell: Bell) -> None:
    """Of two that leave together, the notice goes with the second."""
    bell.wants("ada")
    bell.device("ada")
    bell.due("ada", "one")
    bell.due("ada", "two")
    assert len(bell.left()) == 1
    bell.done("ada", "one")
    assert len(bell.left()) == 1
    bell.done("ada", "two")
    assert bell.left() == []


def test_an_hour_has_three_and_the_rest_is_one(bell: Bell) -> None:
    """Ten things in ten minutes: three notices, and one when the hour has passed."""
    bell.wants("ada")
    bell.device("ada")
    for number in range(10):
        bell.due("ada", str(number))
        bell.left()
        bell.stage.clock.advance(minutes=1)
    assert len(bell.left()) == 3
    bell.stage.clock.advance(minutes=50)
    assert len(bell.left()) == 4


def test_a_test_is_a_notice_and_counts(bell: Bell) -> None:
    """At once, at night too; after three there are enough."""
    bell.wants("ada", NIGHT)
    bell.device("ada")
    bell.stage.clock.advance(hours=6)
    for _ in range(3):
        bell.stage.call(handlers.test_notice, TestNoticeRequest("r"), by="ada")
        bell.stage.clock.advance(seconds=1)
    with pytest.raises(Enough):
        bell.stage.call(handlers.test_notice, TestNoticeRequest("r"), by="ada")
    assert len(bell.stage.pushes) == 3


def test_a_device_goes_with_its_session_its_person_or_its_place(bell: Bell) -> None:
    """Ended, turned off, removed, taken over by another session on the same browser: nothing goes there any more."""
    for person in ("ada", "bo", "cleo", "dina"):
        bell.wants(person)
        bell.device(person, session=f"session-of-{person}")
        bell.due(person, "one")
    assert {one.person_id for one in bell.left()} == {"ada", "bo", "cleo", "dina"}
    bell.stage.hear(SessionEnded("session-of-ada", bell.stage.clock.now()))
    bell.wants("bo", wanted=False)
    cleos = bell.stage.call(handlers.get_notice_settings, GetNoticeSettingsRequest(), by="cleo").devices[0].id
    bell.stage.call(handlers.remove_device, RemoveDeviceRequest("r", cleos), by="dina")
    assert len(bell.left()) == 2
    bell.stage.call(handlers.remove_device, RemoveDeviceRequest("r", cleos), by="cleo")
    assert [one.person_id for one in bell.left()] == ["dina"]
    bell.device("cleo", "dina")
    assert bell.stage.all(DEVICES, str) == ["cleo"]


def test_the_same_device_again_is_the_same_device(bell: Bell) -> None:
    """The app tells it at each start; its keys may be new."""
    bell.wants("ada")
    first = bell.device("ada")
    bell.stage.clock.advance(days=1)
    assert bell.device("ada").devices == first.devices


def test_a_deployment_that_pushes_nothing_says_so(bell: Bell) -> None:
    """And a place that it does not send to is not kept."""
    bell.wants("ada")
    with pytest.raises(Invalid, match="INVALID"):
        bell.stage.call(handlers.add_device, AddDeviceRequest("r", "https://127.0.0.1/", POINT, SECRET), by="ada")
    bell.device("ada")
    bell.due("ada", "one")
    bell.stage.pushing = type(bell.stage.pushing)()
    with pytest.raises(NotOffered):
        bell.device("ada")
    assert bell.left() == []
    assert bell.stage.call(handlers.get_notice_settings, GetNoticeSettingsRequest(), by="ada").push_key == ""


@pytest.mark.parametrize(
    ("point", "secret"), [("", SECRET), (POINT[:-1], SECRET), (POINT, ""), (POINT, SECRET + "="), ("A", "A")]
)
def test_what_no_browser_gives_is_refused(point: str, secret: str) -> None:
    """Without saying what it was."""
    with pytest.raises(Invalid):
        AddDeviceRequest("r", ENDPOINT, point, secret)


def test_the_words_are_plain_in_each_language(bell: Bell) -> None:
    """Neither says what the app is for, or that anybody wrote."""
    told = bell.stage.call(handlers.get_notice_settings, GetNoticeSettingsRequest("sv"), by="ada")
    assert (told.title, told.text) == ("Nytt", "Det finns något nytt.")
    assert say("mewe_core.notices", "nl", "text") == "There is something new."
    with Stage(mewe_feature(), settings=NoticesSettings(title="Oak")) as stage:
        assert stage.call(handlers.get_notice_settings, GetNoticeSettingsRequest("sv"), by="ada").title == "Oak"


@define
class Told:
    """What a person was told of, and when."""

    occurrence: str
    at: Instant


STEPS = draw.lists(
    draw.one_of(
        draw.tuples(draw.just("tell"), draw.integers(0, 5), draw.integers(-60, 600)),
        draw.tuples(draw.just("seen"), draw.integers(0, 5), draw.just(0)),
        draw.tuples(draw.just("wait"), draw.just(0), draw.integers(1, 30 * 60)),
        draw.tuples(draw.just("quiet"), draw.integers(0, 1439), draw.integers(0, 1439)),
        draw.tuples(draw.just("work"), draw.just(0), draw.just(0)),
    ),
    max_size=40,
)
STARTS = draw.sampled_from(
    [Instant.from_utc(2026, 3, 28, 12), Instant.from_utc(2026, 10, 24, 12), Instant.from_utc(2026, 12, 31, 12)]
)


@settings(deadline=None)
@given(STARTS, STEPS)
def test_whatever_happens_one_occurrence_is_one_notice_at_most(start: Instant, steps: list[tuple[str, int, int]]) -> None:
    """Told, edited, told again, seen, quiet hours chosen anew, clocks that change, jobs at any moment.

    None leaves early, in quiet hours, for what was seen before, or beyond three an hour; in the end each has left that was not
    seen, once.
    """
    clock = FixedClock(start)
    with Stage(mewe_feature(), clock=clock) as stage:
        bell, quiet = Bell(stage), Quiet(0, 0, ZONE)
        bell.wants("ada")
        bell.device("ada")
        due, over, sent = dict[str, Instant](), set[str](), list[Instant]()

        def work() -> None:
            waiting = {one for one, at in due.items() if one not in over and at <= clock.now()}
            before = len(stage.pushes)
            stage.do_jobs()
            stage.do_jobs()
            left = len(stage.pushes) - before
            free = rules.quiet_until(clock.now(), quiet) is None and rules.free_at(clock.now(), sent, 3) is None
            assert left == int(bool(waiting) and free)
            if left:
                over.update(waiting)
                sent.append(clock.now())

        for step, first, second in steps:
            if step == "tell":
                if str(first) not in over:
                    due[str(first)] = clock.now().add(minutes=second)
                bell.due("ada", str(first), clock.now().add(minutes=second))
            elif step == "seen":
                over.add(str(first))
                pushes = list(stage.pushes)
                bell.done("ada", str(first))
                stage.pushes = pushes  # they had left
            elif step == "wait":
                clock.advance(minutes=second)
                work()
            elif step == "quiet":
                quiet = Quiet(first, second, ZONE)
                bell.wants("ada", (first, second))
            else:
                work()
        quiet = Quiet(0, 0, ZONE)
        bell.wants("ada")
        clock.advance(hours=11)
        work()
        clock.advance(hours=1)
        work()
        assert set(due) <= over
        before = len(stage.pushes)
        for one in due:
            bell.due("ada", one)
        clock.advance(days=2)
        stage.do_jobs()
        assert len(stage.pushes) == before
