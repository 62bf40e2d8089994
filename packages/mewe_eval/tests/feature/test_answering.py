"""Answering: in one's own time, whatever one wants to leave out; what is kept is sealed, and lost for nobody else's fault."""

from collections.abc import Iterator

import pytest
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.errors import ConsentMissing, NotFound
from mewe_core.kit.testing import ELM, OAK, STRANGER, Stage
from mewe_eval import handlers
from mewe_eval.errors import FormBegun, FormFinished, FormNotOpen, WordingChanged
from mewe_eval.model import Answer, AnswerRefused, ListFormsRequest, ListGroupFormsRequest, PutAnswersRequest
from mewe_eval.store import FORM
from sqlalchemy import select

from .asking import forms, gathered, held, over, put, shown, staged

ADA, LENA = OAK.participants[0], OAK.leaders[0]


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Two groups, whose young people were just asked what they are asked before."""
    with staged() as stage:
        gathered(stage, OAK, ELM)
        yield stage


def test_whoever_joins_is_asked_the_short_questions_that_are_shipped(stage: Stage) -> None:
    """In their language; one item is asked only later, and a leader is asked nothing yet."""
    (one,) = forms(stage, ADA, "sv")
    assert (one.study_title, one.wave_title, one.title) == ("Hur det går", "Före", "Hur det är")
    assert (one.questions, one.answered) == (11, 0)
    assert forms(stage, LENA) == ()
    form = shown(stage, ADA, language="sv-FI")
    assert form.language == "sv"
    assert "sessions-of-use" not in [one.item for one in form.questions]
    assert form.questions[0].choices[0].text == "Inte alls bra"


def test_before_the_first_question_it_says_who_sees_the_answers(stage: Stage) -> None:
    """And that one may skip, that nobody reads along, and that the questions are new."""
    said = shown(stage, ADA).before
    assert [line.split()[0] for line in said] == ["You", "Nobody", "Nobody", "These"]


def test_one_answers_one_at_a_time_and_goes_on_later(stage: Stage) -> None:
    """What was answered is there, what was skipped is skipped, and the rest is open."""
    form = shown(stage, ADA)
    assert put(stage, form, {"day-to-day": 3}, by=ADA).answered == 1
    stage.clock.advance(days=2)
    assert put(stage, form, {"energy": None}, by=ADA).answered == 2
    questions = {one.item: one for one in shown(stage, ADA).questions}
    assert (questions["day-to-day"].value, questions["day-to-day"].skipped) == (3, False)
    assert (questions["energy"].value, questions["energy"].skipped) == (None, True)
    assert (questions["own-time"].value, questions["own-time"].skipped) == (None, False)
    assert put(stage, form, {"day-to-day": 1}, by=ADA).answered == 2
    assert {one.item: one.value for one in shown(stage, ADA).questions}["day-to-day"] == 1


def test_a_finished_form_is_not_asked_any_more_and_what_was_left_out_is_skipped(stage: Stage) -> None:
    """It cannot be changed."""
    form = shown(stage, ADA)
    done = put(stage, form, {"day-to-day": 3}, by=ADA, finish=True)
    assert (done.answered, done.finished) == (11, True)
    assert forms(stage, ADA) == ()
    with pytest.raises(FormFinished):
        put(stage, form, {"day-to-day": 0}, by=ADA)
    assert shown(stage, ADA, form.form_id).finished


def test_what_is_wrong_is_named_and_the_rest_is_kept(stage: Stage) -> None:
    """Out of range, of no item, of one that is left out, twice: each with what is allowed; and the form is not finished."""
    form = shown(stage, ADA)
    given = [("day-to-day", 3), ("energy", 9), ("enrgy", 1), ("sessions-of-use", 1), ("talking", 1), ("talking", 2)]
    answers = tuple(Answer(item, value) for item, value in given)
    request = PutAnswersRequest("r", form.form_id, form.language, form.wording, answers, finish=True)
    done = stage.call(handlers.put_answers, request, by=ADA)
    assert (done.answered, done.finished) == (1, False)
    assert [one.item for one in done.refused] == ["energy", "enrgy", "sessions-of-use", "talking"]
    assert done.refused[0] == AnswerRefused("energy", "0, 1, 2, 3 or 4")
    assert done.refused[3] == AnswerRefused("talking", "each item once")
    assert {one.item: one.value for one in shown(stage, ADA).questions}["day-to-day"] == 3


def test_other_words_than_those_that_were_shown_are_refused(stage: Stage) -> None:
    """An answer to another question is none; nothing of it is kept."""
    form = shown(stage, ADA)
    for language, wording in (("sv", form.wording), ("en", "0" * 64), ("fi", form.wording)):
        request = PutAnswersRequest("r", form.form_id, language, wording, (Answer("day-to-day", 3),))
        with pytest.raises(WordingChanged):
            stage.call(handlers.put_answers, request, by=ADA)
    assert shown(stage, ADA).questions[0].value is None


def test_too_late_is_refused_and_what_was_answered_stays(stage: Stage) -> None:
    """Three weeks after they joined, at the end of that day."""
    form = shown(stage, ADA)
    put(stage, form, {"day-to-day": 3}, by=ADA)
    stage.clock.advance(days=21, hours=7)
    assert put(stage, form, {"energy": 3}, by=ADA).answered == 2
    stage.clock.advance(hours=1)
    assert forms(stage, ADA) == ()
    with pytest.raises(FormNotOpen):
        put(stage, form, {"energy": 3}, by=ADA)
    assert len(stage.all(select(FORM.c.id).where(FORM.c.answered == 2), str)) == 1


def test_nobody_else_sees_or_changes_a_form(stage: Stage) -> None:
    """Not another of the group, not somebody of another group; a leader of theirs sees the questions and no answer."""
    form = shown(stage, ADA)
    put(stage, form, {"day-to-day": 3}, by=ADA)
    for other in (OAK.participants[1], *ELM.participants, *ELM.leaders, OAK.coordinator, STRANGER):
        with pytest.raises(NotFound):
            shown(stage, other, form.form_id)
        with pytest.raises(NotFound):
            put(stage, form, {"day-to-day": 0}, by=other)
    assert all(one.value is None and not one.skipped for one in shown(stage, LENA, form.form_id).questions)


def test_a_leader_types_in_what_was_on_paper_and_it_is_marked(stage: Stage) -> None:
    """Whose form it is sees it, and may change it; the mark stays."""
    form = shown(stage, LENA, forms(stage, ADA)[0].form_id)
    put(stage, form, {"day-to-day": 3}, by=LENA)
    assert shown(stage, ADA).questions[0].value == 3
    put(stage, form, {"day-to-day": 2}, by=ADA, finish=True)
    assert stage.all(select(FORM.c.typed_by).where(FORM.c.id == form.form_id), str) == [LENA]


def test_a_leader_types_into_no_form_that_somebody_has_begun(stage: Stage) -> None:
    """What they wrote themselves is not written over."""
    form = shown(stage, ADA)
    put(stage, form, {"day-to-day": 3}, by=ADA)
    with pytest.raises(FormBegun):
        put(stage, form, {"day-to-day": 0}, by=LENA)


def test_leaders_see_who_can_be_handed_a_form_and_who_has_answered(stage: Stage) -> None:
    """No answer is among it; whoever is in the group as a participant is not told."""
    put(stage, shown(stage, ADA), {}, by=ADA, finish=True)
    listed, token = list[tuple[str, bool]](), ""
    while True:
        page = stage.call(handlers.list_group_forms, ListGroupFormsRequest(OAK.group_id, 2, token), by=LENA)
        listed += [(one.person_id, one.finished) for one in page.forms]
        token = page.next_page_token
        if not token:
            break
    assert listed == [("ada", True), ("bo", False), ("cleo", False)]
    with pytest.raises(NotFound):
        stage.call(handlers.list_group_forms, ListGroupFormsRequest(OAK.group_id), by=ADA)


def test_without_consent_to_the_evaluation_nobody_is_asked(stage: Stage) -> None:
    """Nor from the moment at which it ends; a leader cannot type it in either."""
    form = shown(stage, ADA)
    stage.consent(ADA, Purpose.EVALUATION, covered=False)
    assert forms(stage, ADA) == ()
    with pytest.raises(ConsentMissing):
        put(stage, form, {"day-to-day": 3}, by=ADA)
    for asks in (lambda: put(stage, form, {"day-to-day": 3}, by=LENA), lambda: shown(stage, LENA, form.form_id)):
        with pytest.raises(NotFound):
            asks()


def test_whoever_has_left_the_group_is_asked_nothing_any_more(stage: Stage) -> None:
    """The form is not there for them."""
    form = shown(stage, ADA)
    stage.give(ADA, Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, until=stage.clock.now(), standing_id="standing-1")
    assert forms(stage, ADA) == ()
    with pytest.raises(NotFound):
        shown(stage, ADA, form.form_id)


def test_nothing_of_an_answer_stands_in_the_clear(stage: Stage) -> None:
    """What is kept of it is sealed under a key of whoever gave it."""
    put(stage, shown(stage, ADA), {"day-to-day": 3, "energy": 4}, by=ADA)
    (kept,) = stage.all(select(FORM.c.sealed_answers).where(FORM.c.answered > 0), bytes)
    assert b"day-to-day" not in kept
    assert b"energy" not in kept


def test_leaders_are_asked_after_the_sessions_and_theirs_is_nobody_elses(stage: Stage) -> None:
    """How the sessions went, and what they made of them."""
    for number in range(1, 8):
        held(stage, number)
        stage.clock.advance(days=7)
    over(stage)
    mine = forms(stage, LENA)
    assert {one.title for one in mine} == {"How the session went", "The programme here"} or len(mine) == 2
    with pytest.raises(NotFound):
        shown(stage, OAK.leaders[1], mine[0].form_id)
    assert len(forms(stage, ADA)) == 1


def test_pages_of_ones_own_forms_are_whole(stage: Stage) -> None:
    """Every form once, those that close first before the others."""
    for number in range(1, 8):
        held(stage, number)
    over(stage)
    stage.clock.advance(days=1)
    listed, token = list[str](), ""
    while True:
        page = stage.call(handlers.list_forms, ListFormsRequest(1, token), by=ADA)
        listed += [one.form_id for one in page.forms]
        token = page.next_page_token
        if not token:
            break
    assert listed == [one.form_id for one in forms(stage, ADA)]
    assert len(listed) == 2
