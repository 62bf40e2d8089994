"""An answer that a person has to look at acts when it is given: help for whoever gave it, and adults who know."""

from collections.abc import Iterator

import pytest
from attrs import evolve
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.testing import ELM, OAK, Stage
from mewe_core.programme.events import GroupProtected
from mewe_core.safety.events import ConcernChanged, ConcernState, Reported, ReportedKind
from mewe_eval import alerts, handlers
from mewe_eval.alert_store import ALERT, READING
from mewe_eval.model import Answer, OpenReportedAnswerRequest, PutAnswersRequest, ReportedAnswer
from mewe_eval.personal import FROZEN_DAYS, READING_DAYS
from sqlalchemy import select

from .asking import WORRIES, gathered, put, shown, staged

ADA, LENA, CONTACT = OAK.participants[0], OAK.leaders[0], "carin"
LOOKED_AT = "9"


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A study asks PHQ-9, whose last item is looked at."""
    with staged(WORRIES) as stage:
        gathered(stage, OAK, ELM)
        yield stage


def reported(stage: Stage) -> list[Reported]:
    """What was told to the adults who look after everybody's safety."""
    return [one for one in stage.events if isinstance(one, Reported)]


def opened(stage: Stage, report_id: str, by: str = CONTACT) -> ReportedAnswer:
    """What somebody is shown of it."""
    return stage.call(alerts.open_reported_answer, OpenReportedAnswerRequest(stage.ids.new(), report_id), by=by)


def test_it_acts_at_once_whether_or_not_the_form_is_finished(stage: Stage) -> None:
    """Whoever gave it is to be shown help, and adults are told that there is something."""
    form = shown(stage, ADA)
    assert not put(stage, form, {LOOKED_AT: 0}, by=ADA).show_help
    assert reported(stage) == []
    done = put(stage, form, {LOOKED_AT: 1}, by=ADA)
    assert (done.show_help, done.finished) == (True, False)
    (one,) = reported(stage)
    assert (one.kind, one.thing_id, one.group_id) == (ReportedKind.ANSWER, form.form_id, OAK.group_id)
    assert (one.author_id, one.reporter_id) == (ADA, None)


def test_a_fault_elsewhere_in_the_page_is_not_in_its_way(stage: Stage) -> None:
    """Nor that the same item is there twice: then too somebody looks."""
    form, item = shown(stage, ADA), LOOKED_AT
    answers = (Answer("nonsense", 1), Answer(item, 0), Answer(item, 3))
    request = PutAnswersRequest("r", form.form_id, form.language, form.wording, answers, finish=True)
    done = stage.call(handlers.put_answers, request, by=ADA)
    assert {one.item for one in done.refused} == {"nonsense", item}
    assert len(reported(stage)) == 1
    assert done.show_help


def test_it_is_told_once_however_the_answer_is_changed_and_help_is_shown_each_time(stage: Stage) -> None:
    """Adults who know are not told again; one that was taken back and given again is a new one."""
    form, item = shown(stage, ADA), LOOKED_AT
    for value in (2, 3, 1):
        assert put(stage, form, {item: value}, by=ADA).show_help
    assert len(reported(stage)) == 1
    put(stage, form, {item: None}, by=ADA)
    put(stage, form, {item: 2}, by=ADA)
    assert len(reported(stage)) == 2


def test_it_is_asked_only_while_somebody_looks(stage: Stage) -> None:
    """A group without tested adults is not asked it; who was shown it before that is heard all the same."""
    item, form = LOOKED_AT, shown(stage, ADA)
    stage.hear(GroupProtected(OAK.group_id, protected=False))
    without = shown(stage, ADA)
    assert item not in [one.item for one in without.questions]
    assert len(without.questions) == len(form.questions) - 1
    assert put(stage, form, {item: 3}, by=ADA).show_help
    assert len(reported(stage)) == 1


def test_only_those_it_was_brought_to_open_it_in_the_words_that_were_shown(stage: Stage) -> None:
    """Who opened it and when is kept; no leader, no coordinator, nor whoever gave it."""
    form = shown(stage, ADA)
    put(stage, form, {LOOKED_AT: 3}, by=ADA)
    (one,) = reported(stage)
    stage.give(CONTACT, Role.CONTACT, ScopeKind.CONCERN, one.report_id)
    seen = opened(stage, one.report_id)
    (question,) = (one for one in form.questions if one.item == "9")
    assert (seen.person_id, seen.question, seen.answer) == (ADA, question.text, question.choices[3].text)
    assert not seen.typed_in
    assert stage.all(select(READING.c.reader_id), str) == [CONTACT]
    for other in (ADA, LENA, OAK.coordinator, *ELM.leaders):
        with pytest.raises(NotFound):
            opened(stage, one.report_id, other)


def test_typed_in_from_paper_it_acts_too(stage: Stage) -> None:
    """It is marked; the leader who types is shown no help for themselves."""
    form = shown(stage, LENA, shown(stage, ADA).form_id)
    assert not put(stage, form, {"9": 2}, by=LENA).show_help
    (one,) = reported(stage)
    stage.give(CONTACT, Role.CONTACT, ScopeKind.CONCERN, one.report_id)
    assert one.author_id == ADA
    assert opened(stage, one.report_id).typed_in


def test_where_the_country_has_it_otherwise_help_is_shown_all_the_same() -> None:
    """And nobody is told."""
    with staged(evolve(WORRIES, concern_on_alert=False)) as stage:
        gathered(stage, OAK)
        assert put(stage, shown(stage, ADA), {LOOKED_AT: 3}, by=ADA).show_help
        assert reported(stage) == []


def test_it_is_kept_until_its_concern_has_been_closed_for_some_time(stage: Stage) -> None:
    """One that is opened again is kept on; then row and key are gone, and later who read it."""
    put(stage, shown(stage, ADA), {LOOKED_AT: 3}, by=ADA)
    (one,) = reported(stage)
    stage.give(CONTACT, Role.CONTACT, ScopeKind.CONCERN, one.report_id)
    opened(stage, one.report_id)
    stage.hear(ConcernChanged(one.report_id, ConcernState.CLOSED))
    stage.clock.advance(days=FROZEN_DAYS - 1)
    stage.hear(ConcernChanged(one.report_id, ConcernState.ACKNOWLEDGED))
    stage.clock.advance(days=2)
    stage.do_jobs()
    assert opened(stage, one.report_id).person_id == ADA
    stage.hear(ConcernChanged(one.report_id, ConcernState.CLOSED))
    stage.clock.advance(days=FROZEN_DAYS, minutes=1)
    stage.do_jobs()
    assert stage.all(select(ALERT.c.id), str) == []
    assert len(stage.all(select(READING.c.id), str)) == 2
    stage.clock.advance(days=READING_DAYS)
    stage.do_jobs()
    assert stage.all(select(READING.c.id), str) == []
