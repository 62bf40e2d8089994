"""Who is asked when: counted from what happens in the group, and moved with it."""

from collections.abc import Iterator
from itertools import permutations

import pytest
from attrs import evolve, frozen
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.plugins import PluginFault
from mewe_core.kit.testing import OAK, Stage
from mewe_core.programme.events import GroupChanged, GroupState, SessionHeld
from mewe_eval.documents import DocumentFaults
from mewe_eval.group_store import KeptGroup, KeptSession
from mewe_eval.placing import moments
from mewe_eval.plugin import mewe_feature
from mewe_eval.settings import EvaluationSettings
from mewe_eval.store import FORM
from sqlalchemy import select
from whenever import Instant

from .asking import STUDY, WORRIES, forms, gathered, held, over, put, shown, staged

ADA = OAK.participants[0]
FIRST = Instant.from_utc(2026, 9, 1, 16)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A group that is asked what is shipped."""
    with staged() as stage:
        gathered(stage, OAK)
        yield stage


@frozen
class Placed:
    """When a form can be answered."""

    id: str
    opens: int
    closes: int


@frozen
class Asked:
    """Whose form it is."""

    form_id: str
    person_id: str


def waves(stage: Stage, by: str = ADA) -> list[str]:
    """Which times somebody is asked about now."""
    return [one.wave_title for one in forms(stage, by)]


def test_the_sessions_are_over_when_only_the_follow_up_is_left(stage: Stage) -> None:
    """Before, after the last session, and three months later: not when the last one is held, since it may not be the last."""
    assert waves(stage) == ["Before"]
    for number in range(1, 8):
        held(stage, number)
        stage.clock.advance(days=7)
    assert waves(stage) == []
    over(stage)
    assert waves(stage) == ["After the sessions"]
    stage.clock.advance(days=30)
    assert waves(stage) == []
    stage.clock.advance(days=45)
    assert waves(stage) == []
    stage.clock.advance(days=2)
    assert waves(stage) == ["Three months later"]
    stage.clock.advance(days=38)
    assert waves(stage) == []


def test_it_comes_to_the_same_in_whatever_order_things_are_heard() -> None:
    """What is told by two features may come one way or the other."""
    session = SessionHeld("s", OAK.group_id, 7, follow_up=False, held_at=FIRST)
    running, ended = (
        GroupChanged(OAK.group_id, OAK.organisation_id, state) for state in (GroupState.RUNNING, GroupState.FOLLOW_UP)
    )
    found = set[tuple[Placed, ...]]()
    for order in permutations((session, ended, None)):
        with Stage(mewe_feature()) as stage:
            stage.hear(running)
            for one in order:
                if one is None:
                    stage.gather(OAK)
                else:
                    stage.hear(one)
            rows = stage.all(select(FORM.c.id, FORM.c.open_time, FORM.c.close_time).order_by(FORM.c.id), Placed)
            found.add(tuple(rows))
    assert len(found) == 1
    assert len(found.pop()) == 13


def test_a_form_is_there_once_however_often_it_is_placed(stage: Stage) -> None:
    """Hearing the same again changes nothing, and one that is finished never moves."""
    put(stage, shown(stage, ADA), {}, by=ADA, finish=True)
    before = stage.all(select(FORM.c.id).order_by(FORM.c.id), str)
    stage.clock.advance(days=1)
    stage.give(ADA, Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, standing_id="standing-1")
    gathered(stage, OAK)
    assert stage.all(select(FORM.c.id).order_by(FORM.c.id), str) == before
    assert forms(stage, ADA) == ()


def test_one_that_is_finished_stays_where_it_was(stage: Stage) -> None:
    """A session that is recorded later moves those that are open, and none that was answered."""
    held(stage, 1)
    over(stage)
    finished, open_ = ((one.person_id, one.form_id) for one in _after_the_sessions(stage)[:2])
    put(stage, shown(stage, *finished), {}, by=finished[0], finish=True)
    before = _times(stage)
    stage.clock.advance(days=2)
    held(stage, 2)
    after = _times(stage)
    assert after[finished[1]] == before[finished[1]]
    assert after[open_[1]] > before[open_[1]]


def test_a_training_of_staff_is_asked_nothing() -> None:
    """Its participants are no young people, and nobody was asked for consent."""
    with staged() as stage:
        stage.hear(GroupChanged(OAK.group_id, OAK.organisation_id, GroupState.RUNNING, without_consent=True))
        stage.gather(OAK)
        assert stage.all(select(FORM.c.id), str) == []


def test_what_may_not_be_used_is_not_asked_and_whoever_starts_it_is_told() -> None:
    """Without a clinician's word a tool for adults is put before nobody; the rest of the deployment runs."""
    with staged(evolve(WORRIES, sign_offs=())) as stage:
        (told,) = stage.start()
        assert told == (
            'The study "worries" does not ask "phq-9": AGE_NEEDS_SIGN_OFF; allowed: ages that it was made for, or a '
            "clinician's sign-off for each of them"
        )
        gathered(stage, OAK)
        assert forms(stage, ADA) == ()
    with staged(WORRIES) as stage:
        assert stage.start() == ()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (EvaluationSettings(protocols=(STUDY, STUDY)), 'two studies are called "worries"'),
        (EvaluationSettings(protocols=(STUDY.replace("phq-9", "phq-99"),)), 'protocols\\[0\\]:9: .*did you mean "phq-9"'),
        (EvaluationSettings(protocols=("x",)), "protocols\\[0\\]: document: this is not TOML"),
        (EvaluationSettings(instruments=("x = 1",)), "instruments\\[0\\].*id: this key is missing"),
        (EvaluationSettings(wordings=("instrument = 'who-5'",)), "wordings\\[0\\].*version: this key is missing"),
    ],
)
def test_what_is_wrong_in_the_settings_stops_the_start_and_says_where(settings: EvaluationSettings, said: str) -> None:
    """In the words of whoever wrote the mix."""
    with pytest.raises((PluginFault, DocumentFaults), match=said):
        staged(settings)


def test_moments_are_those_of_the_sessions_that_were_held() -> None:
    """The first starts it, the last before the follow-up ends it, and a number names its session."""
    sessions = [KeptSession(f"s{n}", "g", n, n == 8, FIRST.add(hours=24 * 7 * n)) for n in (1, 2, 7, 8)]
    running = KeptGroup("g", "o", GroupState.RUNNING, training=False, staffed=True)
    assert "ended" not in moments(running, sessions)
    found = moments(evolve(running, state=GroupState.FOLLOW_UP), sessions)
    assert found == {
        "session-1": sessions[0].held_time,
        "session-2": sessions[1].held_time,
        "session-7": sessions[2].held_time,
        "started": sessions[0].held_time,
        "ended": sessions[2].held_time,
        "follow-up": sessions[3].held_time,
    }


def _after_the_sessions(stage: Stage) -> list[Asked]:
    """The forms of participants that ask how it was."""
    statement = select(FORM.c.id, FORM.c.person_id).where(FORM.c.wave == "T1", FORM.c.role == "participant")
    return stage.all(statement.order_by(FORM.c.person_id), Asked)


def _times(stage: Stage) -> dict[str, int]:
    """When each form opens."""
    return {one.id: one.opens for one in stage.all(select(FORM.c.id, FORM.c.open_time, FORM.c.close_time), Placed)}
