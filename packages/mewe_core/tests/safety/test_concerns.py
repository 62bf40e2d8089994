"""A concern from its beginning to its end: who gets it, who sees it, what the clock does."""

from itertools import pairwise

import pytest
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.privacy.testing import retain
from mewe_core.kit.standing import StandingChanged
from mewe_core.kit.testing import ELM, NATIONAL, OAK, drive
from mewe_core.safety.duty import DutyHours
from mewe_core.safety.errors import ConcernClosed, NotAcknowledged
from mewe_core.safety.events import ConcernChanged, ConcernState
from mewe_core.safety.handlers import concerns
from mewe_core.safety.model.concerns import (
    AcknowledgeConcernRequest,
    CloseConcernRequest,
    Concern,
    ConcernKind,
    Entry,
    EntryKind,
    ListConcernEntriesRequest,
    NoteConcernRequest,
    OpenConcernRequest,
    Outcome,
    RaiseConcernRequest,
    RaisedConcern,
    RecordHandOverRequest,
)
from mewe_core.safety.store.tables import CONCERN, ENTRY
from mewe_core.safety.testing import Watch
from sqlalchemy import select

LENA, LARS = OAK.leaders
KARIN = OAK.coordinator


def acknowledge(watch: Watch, concern: str, by: str) -> Concern:
    """Take it on."""
    return watch.stage.call(concerns.acknowledge_concern, AcknowledgeConcernRequest("r", concern), by=by)


def close(watch: Watch, concern: str, by: str) -> Concern:
    """Close it."""
    return watch.stage.call(concerns.close_concern, CloseConcernRequest("r", concern, Outcome.SUPPORTED), by=by)


def log(watch: Watch, concern: str, by: str) -> list[Entry]:
    """Who did what, all pages."""
    seen, token = list[Entry](), ""
    while True:
        request = ListConcernEntriesRequest(concern, 2, token)
        page = watch.stage.call(concerns.list_concern_entries, request, by=by)
        seen += page.entries
        token = page.next_page_token
        if not token:
            return seen


def states(watch: Watch, concern: str) -> list[ConcernState]:
    """What was told of it."""
    return [one.state for one in watch.stage.events if isinstance(one, ConcernChanged) and one.concern_id == concern]


def leave(watch: Watch, person: str, standing: str, role: Role, kind: ScopeKind, scope: str) -> None:
    """Somebody's role has ended."""
    now = watch.stage.clock.now()
    watch.stage.hear(StandingChanged(standing, person, role, kind, scope, now, now))


@pytest.fixture
def raised(watch: Watch) -> str:
    """Ada has asked for help; lena has it."""
    watch.guard()
    answer = watch.help("ada", "It got worse")
    watch.alerted()
    return answer.id


def test_the_clock_goes_from_near_to_far_until_somebody_answers(watch: Watch, raised: str) -> None:
    """A reminder after 15 minutes, the next after 30: the other contact, the coordinator, the centre; and then again."""
    watch.country(1, NATIONAL)
    expected = [
        (15, [("reminder", LENA)], [LENA]),
        (15, [("escalated", LARS)], [LENA, LARS]),
        (15, [("reminder", LARS), ("reminder", LENA)], [LENA, LARS]),
        (15, [], [LENA, LARS, KARIN]),
        (15, [("reminder", LARS), ("reminder", LENA)], [LENA, LARS, KARIN]),
        (15, [("escalated", NATIONAL)], [LENA, LARS, KARIN, NATIONAL]),
        (15, [("reminder", LARS), ("reminder", LENA), ("reminder", NATIONAL)], [LENA, LARS, KARIN, NATIONAL]),
        (15, [], [LENA, LARS, KARIN, NATIONAL]),
        (15, [("reminder", LARS), ("reminder", LENA), ("reminder", NATIONAL)], [LENA, LARS, KARIN, NATIONAL]),
    ]
    for minutes, alerted, have in expected:
        watch.later(minutes=minutes - 1)
        assert watch.alerted() == []
        watch.later(minutes=1)
        assert sorted(watch.alerted()) == sorted(alerted)
        assert [one for one in (LENA, LARS, KARIN, NATIONAL) if watch.has(one)] == have
    acknowledge(watch, raised, KARIN)
    watch.later(hours=24 * 7 - 1)
    assert watch.alerted() == []
    watch.later(hours=1)
    assert len(watch.alerted()) == 3, "whoever has it is reminded each week until it is closed"
    close(watch, raised, KARIN)
    watch.later(hours=24 * 30)
    assert watch.alerted() == []


def test_off_duty_the_clock_waits_for_the_duty_but_not_longer_than_half_a_day(watch: Watch) -> None:
    """An alert goes out at once all the same."""
    morning = tuple(DutyHours(day, 8 * 60, 16 * 60) for day in range(1, 6))
    watch.contact(1, LENA, hours=morning)
    watch.contact(2, LARS, hours=morning)
    watch.stage.clock.advance(hours=6)  # Tuesday, 22:00 in Stockholm: duty begins in ten hours
    watch.help("ada")
    assert watch.alerted() == [("concern", LENA)]
    watch.later(hours=10, minutes=14)
    assert watch.alerted() == []
    watch.later(minutes=1)
    assert watch.alerted() == [("reminder", LENA)]
    watch.stage.clock.advance(hours=24 * 3 + 2)  # Friday evening: duty begins on Monday
    answer = watch.help("bo")
    watch.alerted()
    watch.later(hours=12, minutes=30)
    watch.later()
    assert answer.id in [one.id for one in watch.has(LARS)]


def test_once_somebody_has_it_nobody_else_is_told(watch: Watch, raised: str) -> None:
    """The second who takes it on is told who was first; it is told once."""
    watch.later(minutes=15)
    watch.later(minutes=15)
    watch.alerted()
    assert acknowledge(watch, raised, LARS).acknowledged_by_id == LARS
    assert acknowledge(watch, raised, LENA).acknowledged_by_id == LARS
    watch.later(hours=5)
    assert watch.has(KARIN) == []
    assert watch.alerted() == []
    assert states(watch, raised) == [ConcernState.RAISED, ConcernState.ACKNOWLEDGED]


@pytest.mark.parametrize("who", [LARS, KARIN, NATIONAL, "ada", "bo", *ELM.leaders, ELM.coordinator, "sigrid"])
def test_nobody_else_sees_it_whatever_they_are(watch: Watch, raised: str, who: str) -> None:
    """Not the other leader, not the coordinator, not the centre, not the one it is about, as long as it is not theirs."""
    for handler, request in (
        (concerns.open_concern, OpenConcernRequest("r", raised)),
        (concerns.acknowledge_concern, AcknowledgeConcernRequest("r", raised)),
        (concerns.note_concern, NoteConcernRequest("r", raised, "x")),
        (concerns.record_hand_over, RecordHandOverRequest("r", raised, "x")),
        (concerns.close_concern, CloseConcernRequest("r", raised, Outcome.OTHER)),
        (concerns.list_concern_entries, ListConcernEntriesRequest(raised)),
    ):
        with pytest.raises(NotFound):
            watch.stage.call(handler, request, by=who)  # type: ignore[arg-type]
    assert watch.has(who) == []


def test_a_role_in_a_concern_is_told_and_ended(watch: Watch, raised: str) -> None:
    """Other features let in whoever has it, from when it was brought to them to when it is closed."""
    told = [one for one in watch.stage.events if isinstance(one, StandingChanged) and one.scope_kind is ScopeKind.CONCERN]
    assert [(one.person_id, one.role, one.scope_id, one.until) for one in told] == [(LENA, Role.CONTACT, raised, None)]
    acknowledge(watch, raised, LENA)
    watch.later(hours=1)
    close(watch, raised, LENA)
    ended = [one for one in watch.stage.events if isinstance(one, StandingChanged) and one.scope_kind is ScopeKind.CONCERN]
    assert [(one.id, one.until) for one in ended[1:]] == [(told[0].id, watch.stage.clock.now())]
    assert watch.has(LENA) == []
    with pytest.raises(NotFound):
        watch.stage.call(concerns.open_concern, OpenConcernRequest("r", raised), by=LENA)
    assert states(watch, raised)[-1] is ConcernState.CLOSED


def test_the_log_says_who_did_what(watch: Watch, raised: str) -> None:
    """Readings too, in order; what was written in it stands sealed."""
    assert watch.stage.call(concerns.open_concern, OpenConcernRequest("r", raised), by=LENA).text == "It got worse"
    watch.later(minutes=15)
    watch.later(minutes=15)
    watch.stage.call(concerns.open_concern, OpenConcernRequest("s", raised), by=LARS)
    acknowledge(watch, raised, LARS)
    watch.stage.call(concerns.note_concern, NoteConcernRequest("r", raised, "Called the school nurse"), by=LENA)
    watch.stage.call(concerns.record_hand_over, RecordHandOverRequest("r", raised, "Social services, 10:40"), by=LARS)
    entries = log(watch, raised, LENA)
    assert [(one.kind, one.person_id) for one in entries] == [
        (EntryKind.TOLD, LENA),
        (EntryKind.OPENED, LENA),
        (EntryKind.REMINDED, None),
        (EntryKind.ESCALATED, None),
        (EntryKind.TOLD, LARS),
        (EntryKind.OPENED, LARS),
        (EntryKind.ACKNOWLEDGED, LARS),
        (EntryKind.NOTED, LENA),
        (EntryKind.HANDED_OVER, LARS),
    ]
    assert [one.text for one in entries if one.text] == ["Called the school nurse", "Social services, 10:40"]
    assert all(one.at <= other.at for one, other in pairwise(entries))
    assert entries == log(watch, raised, LARS)
    for sealed in watch.stage.all(select(ENTRY.c.sealed_text), bytes):
        assert sealed is None or b"nurse" not in sealed


def test_a_hand_over_needs_nobody(watch: Watch, raised: str) -> None:
    """Whoever has it tells an authority and records that; it counts as taken on; a second one is recorded too."""
    done = watch.stage.call(concerns.record_hand_over, RecordHandOverRequest("r", raised, "The police"), by=LENA)
    assert (done.state, done.acknowledged_by_id) == (ConcernState.HANDED_OVER, LENA)
    watch.stage.call(concerns.record_hand_over, RecordHandOverRequest("s", raised, "Social services"), by=LENA)
    assert acknowledge(watch, raised, LENA).state is ConcernState.HANDED_OVER
    assert states(watch, raised) == [ConcernState.RAISED, ConcernState.HANDED_OVER]
    assert close(watch, raised, LENA).state is ConcernState.CLOSED


def test_what_nobody_took_on_is_not_closed(watch: Watch, raised: str) -> None:
    """And nothing of it is kept."""
    with pytest.raises(NotAcknowledged):
        close(watch, raised, LENA)
    assert watch.stage.all(select(CONCERN.c.close_time), int) == [None]


def test_a_closed_concern_takes_nothing_more(watch: Watch, raised: str) -> None:
    """Not even from somebody whose standing has not ended here yet."""
    acknowledge(watch, raised, LENA)
    close(watch, raised, LENA)
    watch.stage.give("late", Role.CONTACT, ScopeKind.CONCERN, raised)
    with pytest.raises(ConcernClosed):
        close(watch, raised, "late")
    with pytest.raises(ConcernClosed):
        acknowledge(watch, raised, "late")
    with pytest.raises(ConcernClosed):
        watch.stage.call(concerns.note_concern, NoteConcernRequest("r", raised, "x"), by="late")
    with pytest.raises(ConcernClosed):
        watch.stage.call(concerns.record_hand_over, RecordHandOverRequest("r", raised, "x"), by="late")


def test_a_closed_concern_goes_with_its_key_when_its_term_is_over(watch: Watch, raised: str) -> None:
    """Ten years after it was closed no backup of it opens any more; one that is open keeps its key however old it is."""
    acknowledge(watch, raised, LENA)
    close(watch, raised, LENA)
    again = observed(watch, OAK.participants[0], LENA)
    watch.stage.clock.advance(days=3649)
    retain(watch.stage)
    assert set(drive(watch.stage.sealing.abouts("concern"))) == {raised, again.id}
    watch.stage.clock.advance(days=2)
    assert retain(watch.stage) > 0
    assert drive(watch.stage.sealing.abouts("concern")) == [again.id]
    assert watch.stage.all(select(CONCERN.c.id), str) == [again.id]


def test_an_alert_says_whose_address_it_goes_to(watch: Watch, raised: str) -> None:
    """So that it is dropped if they are erased before it left."""
    watch.stage.clock.advance(hours=5)
    watch.stage.do_jobs()
    assert watch.stage.alerts
    assert all(f"mailto:{one.person_id}@example.org" == one.to for one in watch.stage.alerts)


def observed(watch: Watch, about: str, by: str, to: str = "", group_id: str = OAK.group_id) -> RaisedConcern:
    """A leader has seen something."""
    request = RaiseConcernRequest("r", group_id, about, "Bruises", to)
    return watch.stage.call(concerns.raise_concern, request, by=by)


def test_what_a_leader_has_seen_goes_to_the_other_contact(watch: Watch) -> None:
    """Never back to the one who raised it, so that a second adult looks."""
    watch.guard()
    made = observed(watch, "ada", LENA)
    assert made.state is ConcernState.RAISED
    assert watch.has(LENA) == []
    [concern] = watch.has(LARS)
    assert (concern.kind, concern.about_id, concern.raised_by_id) == (ConcernKind.OBSERVATION, "ada", LENA)


def test_a_leader_who_has_told_an_authority_only_records_that(watch: Watch) -> None:
    """At once, without anybody's approval; the other contact is told as well."""
    watch.guard()
    watch.alerted()
    made = observed(watch, "ada", LENA, to="Social services")
    assert made.state is ConcernState.HANDED_OVER
    assert watch.alerted() == [("concern", LARS)]
    assert [(one.kind, one.text) for one in log(watch, made.id, LARS)][-1] == (EntryKind.HANDED_OVER, "Social services")
    assert states(watch, made.id) == [ConcernState.HANDED_OVER]
    assert acknowledge(watch, made.id, LARS).acknowledged_by_id == LARS


@pytest.mark.parametrize(
    ("about", "by"), [("dina", LENA), ("sigrid", LENA), ("ada", "bo"), ("ada", KARIN), ("ada", ELM.leaders[0])]
)
def test_an_observation_is_of_somebody_in_ones_own_group(watch: Watch, about: str, by: str) -> None:
    """Raised by its leaders; others learn nothing of who is in it."""
    with pytest.raises(NotFound):
        observed(watch, about, by)


@pytest.mark.parametrize("about", [LENA, LARS, KARIN])
def test_a_concern_never_reaches_the_one_it_is_about(watch: Watch, about: str) -> None:
    """A leader or coordinator whose message was reported; however long nobody answers."""
    watch.guard()
    watch.country(1, NATIONAL)
    watch.reported("report-1", author=about, reporter="ada")
    for _ in range(30):
        watch.later(minutes=15)
        assert watch.has(about) == []
    assert {one for one in (LENA, LARS, KARIN, NATIONAL) if watch.has(one)} == {LENA, LARS, KARIN, NATIONAL} - {about}


def test_a_report_is_one_concern_however_often_it_is_told(watch: Watch) -> None:
    """Under the report's id, with what was reported."""
    watch.guard()
    watch.alerted()
    for _ in range(3):
        watch.reported("report-1", author="bo", reporter="ada")
    assert [(one.id, one.kind, one.thing_id) for one in watch.has(LENA)] == [
        ("report-1", ConcernKind.MESSAGE, "thing-report-1")
    ]
    assert watch.alerted() == [("concern", LENA)]
    assert states(watch, "report-1") == [ConcernState.RAISED]


def test_a_report_of_nobody_in_no_group_is_kept_too(watch: Watch) -> None:
    """An answer of somebody unknown, in a group that was never told of."""
    watch.reported("report-1", author=None, reporter=None, group_id=None)
    watch.reported("report-2", author=None, reporter=None, group_id="never-told-of")
    assert [one.id for one in watch.has(NATIONAL)] == ["report-1", "report-2"]


def test_whoever_is_no_adult_there_any_more_loses_it_and_the_next_gets_it(watch: Watch, raised: str) -> None:
    """At once, also if they had taken it on."""
    acknowledge(watch, raised, LENA)
    leave(watch, LENA, "standing-4", Role.LEADER, ScopeKind.GROUP, OAK.group_id)
    assert watch.has(LENA) == []
    with pytest.raises(NotFound):
        watch.stage.call(concerns.open_concern, OpenConcernRequest("r", raised), by=LENA)
    watch.stage.do_jobs()
    assert [one.id for one in watch.has(LARS)] == [raised]
    assert watch.alerted() == [("escalated", LARS)]
    assert (EntryKind.RELEASED, LENA) in [(one.kind, one.person_id) for one in log(watch, raised, LARS)]


def test_whoever_loses_another_role_keeps_it(watch: Watch, raised: str) -> None:
    """The coordinator of another school, a supervisor here: still an adult of the group."""
    leave(watch, LENA, "other", Role.COORDINATOR, ScopeKind.ORGANISATION, ELM.organisation_id)
    assert [one.id for one in watch.has(LENA)] == [raised]


def test_where_two_have_it_and_one_goes_the_other_goes_on(watch: Watch, raised: str) -> None:
    """Nobody new is told for that."""
    watch.later(minutes=15)
    watch.later(minutes=15)
    acknowledge(watch, raised, LARS)
    leave(watch, LENA, "standing-4", Role.LEADER, ScopeKind.GROUP, OAK.group_id)
    watch.alerted()
    watch.later(hours=2)
    assert watch.has(KARIN) == []
    assert watch.alerted() == []
