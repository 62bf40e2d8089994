"""A document is read for what it says, whoever wrote it: none says two things, and none costs more than it is long."""

import json
from typing import Any

import pytest
from mewe_eval.fhir import Reason, Release, matched, questionnaire, read_questionnaire, read_response, to_json
from mewe_eval.instruments import shipped_instruments

from .drawn import BASE

GAD7 = shipped_instruments()["gad-7"]
KEPT = ("ordinalValue", "itemWeight")


def weighed(url: str, weight: object) -> bytes:
    """Our questionnaire with another weight at the first option, in one of the two ways in which it is said."""
    resource: Any = json.loads(to_json(questionnaire(GAD7, release=Release.R5, base=BASE), Release.R5))
    option = next(item for item in resource["item"] if "answerOption" in item)["answerOption"][0]
    places = [one for element in (option, option["valueCoding"]) for one in element.get("extension", [])]
    (said,) = [one for one in places if one["url"].endswith(url)]
    said["valueDecimal"] = weight
    return json.dumps(resource).encode()


@pytest.mark.parametrize("url", KEPT)
@pytest.mark.parametrize("weight", [3, 7, 0.5, "0", True])
def test_two_weights_that_contradict_each_other_are_none(url: str, weight: object) -> None:
    """Whichever of the two was changed: neither is believed, and it is told."""
    draft = read_questionnaire(weighed(url, weight))
    assert [(one.reason, one.link_id) for one in draft.differences if one.reason is not Reason.STRUCTURE] == [
        (Reason.NO_WEIGHTS, "1")
    ]


def test_a_weight_that_is_not_that_of_its_code_is_not_believed(check_data: Any) -> None:
    """Codes of LOINC say which answer it is."""
    resource: Any = json.loads((check_data / "fhir" / "lforms_phq9_r4.json").read_bytes())
    options = resource["item"][0]["answerOption"]
    first, last = (
        next(one for one in each["extension"] if one["url"].endswith("ordinalValue")) for each in (options[0], options[-1])
    )
    first["valueDecimal"], last["valueDecimal"] = last["valueDecimal"], first["valueDecimal"]
    match = matched(read_questionnaire(json.dumps(resource).encode(), language="en"), shipped_instruments()["phq-9"])
    assert Reason.OTHER_WEIGHT in {one.reason for one in match.differences}
    link = resource["item"][0]["linkId"]
    code = options[0]["valueCoding"]["code"]
    assert match.links.options[match.links.items[link], "http://loinc.org", code] == 0


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b'{"resourceType": "QuestionnaireResponse", "status": "completed", "status": "stopped"}', "names a key twice"),
        (b'{"resourceType": "QuestionnaireResponse", "a": ' + b"[" * 100 + b"]" * 100 + b"}", "nested too deeply"),
        (b'{"resourceType": "QuestionnaireResponse", "a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "not JSON"),
        (b'{"a": "' + b"a" * 5_000_000 + b'"}', "too large"),
        (b'{"resourceType": "QuestionnaireResponse", "a": NaN}', "not JSON"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_what_is_no_document_is_told_and_nothing_is_scored(document: bytes, said: str) -> None:
    """It never raises."""
    read = read_response(document, GAD7)
    (one,) = read.differences
    assert (one.reason, read.found) == (Reason.NOT_JSON, None)
    assert said in one.problem
