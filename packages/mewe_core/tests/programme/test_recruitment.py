"""The way into a programme, with the reasons why somebody did not go on."""

from itertools import product

import pytest
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.programme import errors
from mewe_core.programme.funnel import EXITS, STEPS, may_step
from mewe_core.programme.funnel import RecruitmentReason as R
from mewe_core.programme.funnel import RecruitmentState as S
from mewe_core.programme.handlers import recruitment
from mewe_core.programme.model import recruitment as r
from mewe_core.programme.testing import School

WAY = (S.REFERRED, S.RECRUITED, S.SCREENED, S.ENROLLED, S.STARTED, S.COMPLETED_T1, S.COMPLETED_T2)


def add(school: School, state: S = S.RECRUITED, person: str | None = None, programme: str = "me-we") -> r.Candidate:
    """Take note of somebody."""
    request = r.AddCandidateRequest("r", "school", programme, person, state)
    return school.stage.call(recruitment.add_candidate, request, by="karin")


def move(
    school: School,
    candidate: r.Candidate,
    state: S,
    reason: R | None = None,
    *,
    age: int | None = None,
    person: str | None = None,
    group: str | None = None,
) -> r.Candidate:
    """Move somebody on, or out."""
    request = r.MoveCandidateRequest("r", candidate.id, state, reason, age, person, group)
    return school.stage.call(recruitment.move_candidate, request, by="karin")


@pytest.mark.parametrize(("here", "there"), list(product(S, S)))
def test_every_step_is_either_on_the_way_or_refused(here: S, there: S) -> None:
    """A way out needs a reason, a way on has none; after a way out comes nothing."""
    reason = R.TIME if there in EXITS else None
    if there in STEPS[here]:
        may_step(here, there, reason)
        with pytest.raises(Invalid):
            may_step(here, there, None if reason else R.TIME)
    else:
        with pytest.raises(errors.NoSuchStep):
            may_step(here, there, reason)
    assert here not in EXITS or not STEPS[here]


def test_the_published_funnel_can_be_played(school: School) -> None:
    """478 recruited, 217 enrolled and started (Barbabella et al. 2023). How the 261 others split up is made up here."""
    lost = [(S.SCREEN_FAILURE, R.AGE, 40), (S.SCREEN_FAILURE, R.NOT_CONCERNED, 61), (S.WITHDRAWN, R.TIME, 70),
            (S.WITHDRAWN, R.NOT_SAID, 50), (S.INITIAL_DROPOUT, R.NOT_REACHED, 40)]  # fmt: skip
    for state, reason, count in lost:
        for _ in range(count):
            candidate = add(school)
            if state is S.INITIAL_DROPOUT:
                move(school, candidate, S.SCREENED)
            move(school, candidate, state, reason)
    for _ in range(217):
        candidate = add(school)
        for step in (S.SCREENED, S.ENROLLED, S.STARTED):
            move(school, candidate, step)
    foreign = r.AddCandidateRequest("r", "other-school", "me-we", None, S.RECRUITED)
    school.stage.call(recruitment.add_candidate, foreign, by="kerstin")
    add(school, programme="leader-training")
    found = school.stage.call(recruitment.get_funnel, r.GetFunnelRequest("school", "me-we"), by="sven")
    reached = {one.state: one.reached for one in found.steps}
    here = {one.state: one.here for one in found.steps}
    assert (reached[S.RECRUITED], reached[S.ENROLLED], reached[S.STARTED]) == (478, 217, 217)
    assert sum(one.count for one in found.exits) == 478 - 217
    assert [(one.state, one.reason, one.count) for one in found.exits] == lost
    assert sum(here.values()) == 478
    assert [one.state for one in found.steps] == list(S)


@pytest.mark.parametrize("person", ["of-another-school", "of-nobody-at-all"])
def test_a_candidate_is_somebody_of_the_organisation(school: School, person: str) -> None:
    """Whoever belongs to another organisation looks like nobody, whether they are noted at first or later."""
    school.invite("of-another-school", to="other-school")
    there = add(school)
    with pytest.raises(NotFound) as at_first:
        add(school, person=person)
    with pytest.raises(NotFound) as later:
        move(school, there, S.SCREENED, person=person)
    assert (at_first.value.fields, later.value.fields) == ((), ())
    school.invite(person)
    assert move(school, there, S.SCREENED, person=person).person_id == person


def test_somebody_goes_the_whole_way(school: School) -> None:
    """From referral to the last measurement; moments and state are kept."""
    candidate = add(school, S.REFERRED)
    for state in WAY[1:]:
        school.stage.clock.advance(days=1)
        candidate = move(school, candidate, state)
    assert candidate.state is S.COMPLETED_T2
    assert candidate.change_time == school.stage.clock.now()
    with pytest.raises(errors.NoSuchStep):
        move(school, candidate, S.WITHDRAWN, R.OTHER)


@pytest.mark.parametrize("state", [one for one in S if one not in (S.REFERRED, S.RECRUITED)])
def test_the_way_begins_with_being_referred_or_recruited(school: School, state: S) -> None:
    """Nobody falls into the funnel from the side."""
    with pytest.raises(Invalid):
        add(school, state)


def test_nobody_is_recruited_for_what_is_not_offered(school: School) -> None:
    """The programme has to be there."""
    with pytest.raises(errors.NoSuchProgramme):
        add(school, programme="other")


@pytest.mark.parametrize(("age", "right"), [(13, False), (14, True), (17, True), (18, False)])
def test_who_is_screened_has_the_age_that_the_programme_is_meant_for(school: School, age: int, right: bool) -> None:
    """The age is compared, and kept nowhere."""
    candidate = add(school)
    if right:
        assert move(school, candidate, S.SCREENED, age=age).state is S.SCREENED
    else:
        with pytest.raises(errors.NotEligible):
            move(school, candidate, S.SCREENED, age=age)
        assert move(school, candidate, S.SCREEN_FAILURE, R.AGE).reason is R.AGE


def test_an_age_is_asked_at_the_screening_alone(school: School) -> None:
    """Nowhere else is it of use."""
    with pytest.raises(Invalid) as refused:
        move(school, add(school), S.WITHDRAWN, R.TIME, age=15)
    assert [one.path for one in refused.value.fields] == ["age"]


def test_a_person_is_a_candidate_once_until_they_are_out_or_through(school: School) -> None:
    """In one organisation and programme; a person noted later as well."""
    school.invite("ada", "bo")
    first = add(school, person="ada")
    with pytest.raises(errors.PersonIsCandidate):
        add(school, person="ada")
    second = add(school)
    with pytest.raises(errors.PersonIsCandidate):
        move(school, second, S.SCREENED, person="ada")
    move(school, first, S.WITHDRAWN, R.NOT_SAID)
    assert move(school, second, S.SCREENED, person="ada").person_id == "ada"
    with pytest.raises(Invalid):
        move(school, second, S.ENROLLED, person="bo")


def test_an_enrolled_candidate_has_a_place_in_a_group_that_fits(school: School) -> None:
    """Of this organisation and programme; and only when enrolled."""
    group, training = school.group(), school.group("leader-training")
    foreign = school.group(by="kerstin", school="other-school")
    candidate = move(school, add(school), S.SCREENED)
    for wrong in (training.id, foreign.id, "nothing"):
        with pytest.raises(Invalid):
            move(school, candidate, S.ENROLLED, group=wrong)
    with pytest.raises(Invalid):
        move(school, candidate, S.WITHDRAWN, R.TIME, group=group.id)
    assert move(school, candidate, S.ENROLLED, group=group.id).group_id == group.id


def test_candidates_come_by_page_and_by_state(school: School) -> None:
    """Oldest first."""
    made = [add(school).id for _ in range(3)]
    first = school.stage.call(recruitment.list_candidates, r.ListCandidatesRequest("school", None, 2), by="karin")
    asked = r.ListCandidatesRequest("school", None, 2, first.next_page_token)
    second = school.stage.call(recruitment.list_candidates, asked, by="karin")
    assert [one.id for one in (*first.candidates, *second.candidates)] == made
    screened = r.ListCandidatesRequest("school", S.SCREENED)
    assert school.stage.call(recruitment.list_candidates, screened, by="karin").candidates == ()
