"""Arms are drawn one by one, cannot be foreseen or drawn again, and decide who is asked when."""

from collections import Counter
from collections.abc import Iterator

import pytest
from attrs import evolve
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.faults import PluginFault
from mewe_core.kit.feature import Brought
from mewe_core.kit.testing import ELM, NATIONAL, OAK, Party, Stage
from mewe_core.programme.events import GroupChanged, GroupState
from mewe_eval import assigning
from mewe_eval.errors import DrawingEnded
from mewe_eval.model import AssignArmRequest, Assignment, EndDrawingRequest, ListAssignmentsRequest, ListAssignmentsResponse
from mewe_eval.protocol.assignment import Assigned, NotAssignable, verify
from mewe_eval.settings import EvaluationSettings, configure

from .asking import TWO_ARMS, WORRIES, forms, gathered, held, staged

CENTRE, COORDINATOR = NATIONAL, OAK.coordinator
SETTINGS = EvaluationSettings(follow_up=False, protocols=(TWO_ARMS,))
BY_PERSON = TWO_ARMS.replace('unit = "group"', 'unit = "person"')


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Two groups of a study with two arms."""
    with staged(SETTINGS) as stage:
        gathered(stage, OAK, ELM)
        yield stage


def draw(stage: Stage, party: Party = OAK, person: str = "", by: str = CENTRE) -> Assignment:
    """Draw an arm."""
    request = AssignArmRequest(stage.ids.new(), "ways-of-helping", party.group_id, person)
    return stage.call(assigning.assign_arm, request, by=by)


def log(stage: Stage, page_size: int = 0, page_token: str = "") -> ListAssignmentsResponse:
    """The log of draws."""
    request = ListAssignmentsRequest("ways-of-helping", page_size, page_token)
    return stage.call(assigning.list_assignments, request, by=CENTRE)


def waves(stage: Stage, by: str) -> list[str]:
    """Which times somebody is asked about now."""
    return [one.wave_title for one in forms(stage, by)]


def test_a_group_is_drawn_once_and_keeps_its_arm(stage: Stage) -> None:
    """Whoever asks again is told the same; two groups of one block are in different arms."""
    first, second = draw(stage), draw(stage, ELM)
    stage.clock.advance(days=1)
    assert draw(stage, by=COORDINATOR) == first
    assert {first.arm, second.arm} == {"programme", "waiting"}
    assert [one.number for one in log(stage).assignments] == [1, 2]


def test_before_the_draw_everybody_is_asked_what_all_arms_are_asked(stage: Stage) -> None:
    """The first questions are the same for all, so that answers come before anybody knows; the rest follows the arm."""
    assert waves(stage, OAK.participants[0]) == ["Before"]
    arms = {draw(stage, party).arm: party for party in (OAK, ELM)}
    stage.clock.advance(days=70)
    assert waves(stage, arms["waiting"].participants[0]) == ["After ten weeks"]
    assert waves(stage, arms["programme"].participants[0]) == []
    held(stage, 1, party=arms["programme"])
    stage.hear(_over(arms["programme"]))
    assert waves(stage, arms["programme"].participants[0]) == ["After ten weeks"]


def test_who_joins_after_the_draw_is_in_the_arm_of_the_group(stage: Stage) -> None:
    """A new participant of a group that waits is asked when the others are."""
    arms = {draw(stage, party).arm: party for party in (OAK, ELM)}
    waiting = arms["waiting"]
    stage.clock.advance(days=70)
    stage.give("person-new", Role.PARTICIPANT, ScopeKind.GROUP, waiting.group_id)
    stage.consent("person-new", Purpose.EVALUATION)
    assert "After ten weeks" in waves(stage, "person-new")


def test_the_log_is_what_the_secret_gives_and_the_secret_comes_last(stage: Stage) -> None:
    """The commitment is told at the start; the secret is not shown until nobody can be drawn any more."""
    (told,) = stage.start()
    assert log(stage).commitment in told
    drawn = [draw(stage), draw(stage, ELM)]
    before = log(stage)
    assert before.secret == ""
    stage.call(assigning.end_drawing, EndDrawingRequest(stage.ids.new(), "ways-of-helping"), by=CENTRE)
    after = log(stage)
    assert after.commitment == before.commitment
    protocol = configure(SETTINGS, Brought()).protocols["ways-of-helping"]
    entries = [Assigned(one.number, one.stratum, one.unit_id, one.arm, one.assign_time, one.before) for one in drawn]
    verify(protocol.assignment, bytes.fromhex(after.secret), after.commitment, entries)
    assert [one.sha256 for one in entries] == [one.sha256 for one in drawn]
    swapped = [evolve(entries[0], arm=entries[1].arm), *entries[1:]]
    with pytest.raises(NotAssignable):
        verify(protocol.assignment, bytes.fromhex(after.secret), after.commitment, swapped)


def test_every_version_of_a_study_has_a_secret_of_its_own() -> None:
    """Whoever was shown that of the first cannot tell the arms of the second; who has an arm keeps it."""
    told = set[str]()
    for version in (1, 2):
        with staged(evolve(SETTINGS, protocols=(TWO_ARMS.replace("version = 1", f"version = {version}"),))) as stage:
            gathered(stage, OAK)
            told.add(log(stage).commitment)
    assert len(told) == 2


def test_nothing_is_drawn_once_it_has_ended(stage: Stage) -> None:
    """Whoever knows the secret could tell the next arm; whoever has an arm keeps it."""
    first = draw(stage)
    for _ in range(2):
        stage.call(assigning.end_drawing, EndDrawingRequest(stage.ids.new(), "ways-of-helping"), by=CENTRE)
    with pytest.raises(DrawingEnded):
        draw(stage, ELM)
    assert draw(stage) == first


def test_the_log_comes_in_pages(stage: Stage) -> None:
    """In order, each once."""
    draw(stage)
    draw(stage, ELM)
    first = log(stage, page_size=1)
    second = log(stage, page_size=1, page_token=first.next_page_token)
    assert [one.unit_id for one in (*first.assignments, *second.assignments)] == [OAK.group_id, ELM.group_id]
    assert second.next_page_token == ""


def test_who_may_draw_and_see(stage: Stage) -> None:
    """Coordinators draw in their organisation, and nobody sees the log but the centre."""
    for by in (OAK.leaders[0], OAK.participants[0]):
        with pytest.raises(NotFound):
            draw(stage, by=by)
    with pytest.raises(NotFound):
        draw(stage, ELM, by=COORDINATOR)
    with pytest.raises(NotFound):
        stage.call(assigning.list_assignments, ListAssignmentsRequest("ways-of-helping"), by=COORDINATOR)
    with pytest.raises(NotFound):
        stage.call(assigning.end_drawing, EndDrawingRequest("r", "ways-of-helping"), by=COORDINATOR)


def test_a_study_that_draws_nothing_has_no_log() -> None:
    """It is told as if there were no such study."""
    with staged(WORRIES) as stage:
        gathered(stage, OAK, ELM)
        with pytest.raises(NotFound):
            stage.call(assigning.assign_arm, AssignArmRequest("r", "worries", OAK.group_id), by=CENTRE)
        with pytest.raises(NotFound):
            stage.call(assigning.list_assignments, ListAssignmentsRequest("worries"), by=CENTRE)


def test_persons_are_drawn_within_their_group() -> None:
    """Where the study says so: each in turn, and each is asked what their own arm is asked."""
    with staged(evolve(SETTINGS, protocols=(BY_PERSON,))) as stage:
        gathered(stage, OAK, ELM)
        arms = {person: draw(stage, person=person).arm for person in OAK.participants}
        assert max(Counter(arms.values()).values()) - min(Counter(arms.values()).values()) <= 2
        assert {*arms.values()} == {"programme", "waiting"}
        stage.clock.advance(days=70)
        for person, arm in arms.items():
            assert waves(stage, person) == (["After ten weeks"] if arm == "waiting" else [])
        for person, rule in (
            ("", "a participant of the group"),
            (OAK.leaders[0], "a participant"),
            ("nobody", "a participant"),
        ):
            with pytest.raises(Invalid) as refused:
                draw(stage, person=person)
            assert rule in refused.value.fields[0].rule


def test_a_study_of_groups_draws_no_person(stage: Stage) -> None:
    """It says what is allowed."""
    with pytest.raises(Invalid) as refused:
        draw(stage, person=OAK.participants[0])
    assert "draws for whole groups" in refused.value.fields[0].rule


def test_arms_can_be_drawn_within_organisations() -> None:
    """Each organisation has its own blocks."""
    within = TWO_ARMS.replace("blocks = [1]", 'blocks = [1]\nstrata = ["organisation"]')
    with staged(evolve(SETTINGS, protocols=(within,))) as stage:
        gathered(stage, OAK, ELM)
        assert [draw(stage, party).stratum for party in (OAK, ELM)] == [OAK.organisation_id, ELM.organisation_id]


def test_what_a_service_does_not_know_of_a_group_it_draws_nothing_within() -> None:
    """The mix is told which key, and what is allowed."""
    within = TWO_ARMS.replace("blocks = [1]", 'blocks = [1]\nstrata = ["gender"]')
    with pytest.raises(PluginFault, match=r"protocols\[0\]: assignment.strata: .* gender .* allowed: organisation, country"):
        staged(evolve(SETTINGS, protocols=(within,)))


def _over(party: Party) -> GroupChanged:
    return GroupChanged(party.group_id, party.organisation_id, GroupState.FOLLOW_UP)
