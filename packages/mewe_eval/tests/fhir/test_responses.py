"""A response holds answers, a pseudonym and our scores, and nothing else of anybody."""

import json
from typing import Any

import attrs
import pytest
from mewe_core.kit.errors import Invalid
from mewe_eval.fhir import FhirFault, Pseudonym, Reason, Release, Status, response, to_json
from mewe_eval.instruments import Instrument, shipped_instruments
from mewe_eval.instruments.scoring import Answers

from .drawn import BASE, SOMEBODY, THEN
from .test_questionnaires import licensed

SHIPPED = shipped_instruments()
PHQ9, CBI, BRS = SHIPPED["phq-9"], SHIPPED["cbi"], SHIPPED["brs"]
ALL = dict.fromkeys(PHQ9.item_ids(), 1)


def written(one: Instrument, answers: Answers, status: Status = Status.COMPLETED, **more: Any) -> Any:
    """The response, checked by both releases, as JSON has it."""
    made = response(one, answers, base=BASE, status=status, subject=SOMEBODY, authored=THEN, **more)
    assert to_json(made, Release.R4B) == to_json(made, Release.R5)
    return json.loads(to_json(made, Release.R5))


def test_a_response_is_of_an_identifier_alone() -> None:
    """No reference, no name, no author; the rest is what was answered, when, and in which wording."""
    found = written(PHQ9, {"1": 2}, Status.IN_PROGRESS, language="en")
    [extension] = found.pop("extension")
    assert extension["extension"][1]["valueString"] == PHQ9.wording_hashes()["en"]
    assert found == {
        "resourceType": "QuestionnaireResponse",
        "language": "en",
        "questionnaire": f"{BASE}/Questionnaire/phq-9|1",
        "status": "in-progress",
        "subject": {"identifier": {"system": "https://example.org/pseudonyms", "value": "p-17"}},
        "authored": "2026-11-23T16:05:06Z",
        "item": [
            {
                "linkId": "1",
                "answer": [
                    {
                        "valueCoding": {
                            "system": f"{BASE}/CodeSystem/phq-9-often",
                            "code": "2",
                            "display": "More than half the days",
                        }
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize(("system", "value"), [("", "p-1"), ("https://x", ""), ("https://x", " p"), ("https://x", "a\nb")])
def test_a_pseudonym_is_one_line_with_who_gave_it(system: str, value: str) -> None:
    """Neither is left out."""
    with pytest.raises(Invalid):
        Pseudonym(system=system, value=value)


def scores(found: Any) -> dict[str, Any]:
    """The scores in a response, by linkId."""
    items = {one["linkId"]: one["answer"][0] for one in found.get("item", ()) if "/" in one["linkId"]}
    return {link_id: one["valueDecimal"] for link_id, one in items.items()}


def test_totals_are_those_we_compute_and_only_of_what_is_completed() -> None:
    """All answered 1 is 9, the tenth not counted; in progress there is no total, and unfinished there is none."""
    assert scores(written(PHQ9, ALL)) == {"score/total": 9}
    assert scores(written(PHQ9, ALL, Status.AMENDED)) == {"score/total": 9}
    assert scores(written(PHQ9, ALL, Status.IN_PROGRESS)) == {}
    assert scores(written(PHQ9, {**ALL, "9": None, "8": float("nan")})) == {}
    assert "item" not in written(PHQ9, {})


def test_a_mean_is_written_to_six_decimals_and_a_subscale_without_the_others() -> None:
    """A decimal of FHIR has no fractions; a scale that is finished has its score."""
    assert scores(written(BRS, {"1": 4, "2": 2, "3": 4, "4": 2, "5": 3, "6": 2})) == {"score/total": 3.833333}
    first = CBI.subscales[0]
    assert list(scores(written(CBI, dict.fromkeys(first.items, 50)))) == [f"score/{first.id}"]


def test_labels_of_a_licensed_text_do_not_go_along() -> None:
    """Its hash does, and the codes."""
    found = written(licensed(), {"1": 2}, language="sv")
    assert "display" not in found["item"][0]["answer"][0]["valueCoding"]
    assert len(found["extension"]) == 1


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Answers that are none, items that there are not, a language without text, a status that is not ours to write."""
    wrong = {"1": 4, "2": 1.5, "3": True, "11": 0, "4": 0}
    with pytest.raises(FhirFault) as caught:
        response(PHQ9, wrong, base=BASE, status=Status.STOPPED, subject=SOMEBODY, authored=THEN, language="xx")
    assert [(one.reason, one.link_id) for one in caught.value.differences] == [
        (Reason.STRUCTURE, ""),
        (Reason.NO_TEXTS, ""),
        (Reason.NOT_AN_OPTION, "1"),
        (Reason.NOT_AN_OPTION, "2"),
        (Reason.NOT_AN_OPTION, "3"),
        (Reason.UNKNOWN_LINK, "11"),
    ]
    assert caught.value.differences[2].allowed == "0, 1, 2, 3"


def test_a_score_of_which_nothing_is_known_is_not_written() -> None:
    """Without the owner's table there is no score, whole as the answers are."""
    kidscreen = SHIPPED["kidscreen-10"]
    assert scores(written(attrs.evolve(kidscreen), dict.fromkeys(kidscreen.item_ids(), 3))) == {}
