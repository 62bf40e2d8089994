"""What is written comes back as it was, in both releases."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mewe_eval.fhir import Reason, Release, Status, matched, questionnaire, read_questionnaire, read_response, response, to_json
from mewe_eval.fhir.known import set_name
from mewe_eval.instruments import Instrument, Scored, alerts, score, shipped_instruments
from mewe_eval.instruments.model import Item

from .drawn import BASE, SOMEBODY, THEN, answered, instruments

FREE = [one for one in shipped_instruments().values() if one.languages]
relaxed = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def held(one: Instrument, release: Release) -> None:
    """Items, options, weights, titles and texts of a questionnaire are those of the instrument, and nothing differs."""
    content = to_json(questionnaire(one, release=release, base=BASE), release)
    draft = read_questionnaire(content)
    assert draft.differences == ()
    assert (draft.release, draft.id, draft.version, draft.url) == (
        release, one.id, str(one.version), f"{BASE}/Questionnaire/{one.id}",
    )  # fmt: skip
    assert draft.instrument_items() == tuple(Item(id=item_id, answers=set_name(one, item_id)) for item_id in one.item_ids())
    assert draft.answers == one.answers
    assert draft.texts == one.texts
    assert draft.title == {tag: one.title[tag] for tag in one.languages}
    assert draft.hashes == one.wording_hashes()
    assert [[option.value for option in item.options] for item in draft.items] == [
        list(one.allowed(item)) for item in one.items
    ]
    assert [number.link_id for number in draft.numbers if number.computed] == [f"score/{scale.id}" for scale in one.scales()]
    assert matched(draft, one).differences == ()


@pytest.mark.parametrize("release", Release)
@pytest.mark.parametrize("one", FREE, ids=lambda one: one.id)
def test_every_instrument_with_a_text_comes_back(one: Instrument, release: Release) -> None:
    """All that ship, in all their languages."""
    held(one, release)


@pytest.mark.parametrize("release", Release)
@given(one=instruments())
@relaxed
def test_an_instrument_comes_back(one: Instrument, release: Release) -> None:
    """Whatever its sets of answers are called, whatever its weights, and in whatever languages and letters."""
    held(one, release)


@pytest.mark.parametrize("release", Release)
@given(drawn=answered(), status=st.sampled_from([Status.COMPLETED, Status.IN_PROGRESS, Status.AMENDED]), named=st.booleans())
@relaxed
def test_answers_come_back(drawn: tuple[Instrument, dict[str, int]], status: Status, named: bool, release: Release) -> None:
    """The same answers, scored as they are scored here, by whom and when; the only difference is that one is in progress."""
    one, answers = drawn
    language = one.languages[0] if named else None
    written = response(one, answers, base=BASE, status=status, subject=SOMEBODY, authored=THEN, language=language)
    read = read_response(to_json(written, release), one, base=BASE, release=release)
    unfinished = status is Status.IN_PROGRESS
    assert [difference.reason for difference in read.differences] == [Reason.UNFINISHED] * unfinished
    assert read.answers == answers
    assert (read.status, read.subject, read.authored, read.language) == (status, SOMEBODY, THEN, language or "")
    assert read.questionnaire == f"{BASE}/Questionnaire/{one.id}|{one.version}"
    if not unfinished:
        assert read.found == score(one, answers)
        assert [(total.scale, total.comparison.agrees) for total in read.totals] == (
            [("total", True)] if isinstance(read.found, Scored) else []
        )


@pytest.mark.parametrize("one", shipped_instruments().values(), ids=lambda one: one.id)
@given(data=st.data())
@relaxed
def test_answers_to_every_instrument_come_back_with_their_scores(one: Instrument, data: st.DataObject) -> None:
    """Means, factors and subscales too, those that no decimal can hold to the end; a shell has no text, and has answers."""
    answers = {item.id: data.draw(st.sampled_from(one.allowed(item))) for item in one.items}
    written = response(one, answers, base=BASE, status=Status.COMPLETED, subject=SOMEBODY, authored=THEN)
    read = read_response(to_json(written, Release.R5), one, base=BASE)
    assert read.answers == answers
    assert read.found == score(one, answers)
    assert read.alerts == alerts(one, answers)
    assert read.differences == ()
    assert all(total.comparison.agrees for total in read.totals)
