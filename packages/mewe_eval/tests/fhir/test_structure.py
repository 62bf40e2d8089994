"""The structure is checked by a library that comes with an extra, and the codes by us, since the library does not look."""

import json
import subprocess
import sys
from typing import Any

import pytest
from mewe_eval.fhir import FhirFault, Reason, Release, questionnaire, read_response, structural_differences, to_json
from mewe_eval.instruments import shipped_instruments

from .drawn import BASE

PHQ9 = shipped_instruments()["phq-9"]
WITHOUT = """
import sys
import mewe_eval.fhir as fhir
from mewe_eval.instruments import shipped_instruments
assert not [name for name in sys.modules if name.split(".")[0] in ("fhir", "pydantic")]
sys.modules["fhir"] = None
phq9 = shipped_instruments()["phq-9"]
made = fhir.questionnaire(phq9, release=fhir.Release.R5, base="https://example.org")
for use in (
    lambda: fhir.to_json(made, fhir.Release.R5),
    lambda: fhir.read_questionnaire(b'{"resourceType": "Questionnaire"}'),
    lambda: fhir.read_response(b'{"resourceType": "QuestionnaireResponse"}', phq9),
):
    try:
        use()
    except fhir.ExtraMissing as fault:
        print(fault)
"""


def test_without_the_extra_the_package_is_there_and_says_what_to_install() -> None:
    """Nothing is imported before it is needed; what needs it names the extra."""
    found = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)  # noqa: S603
    assert found.stdout.splitlines() == ["FHIR needs the extra fhir: pip install 'mewe-eval[fhir]'"] * 3


def test_what_is_not_made_as_its_release_says_is_not_written() -> None:
    """With the path and the linkId of the element, and no value."""
    made = json.loads(json.dumps(questionnaire(PHQ9, release=Release.R4B, base=BASE)))
    made["item"][3] |= {"colour": "secret", "readOnly": "secret"}
    del made["item"][4]["linkId"]
    with pytest.raises(FhirFault) as caught:
        to_json(made, Release.R4B)
    assert {str(one) for one in caught.value.differences} == {
        "3: item.3.colour: this element is not known; allowed: an element of that release",
        "3: item.3.readOnly: this value cannot be used; allowed: a value as that release says",
        "document: item.4.linkId: this element is missing; allowed: a value",
    }


@pytest.mark.parametrize(
    ("release", "kind", "wrong"),
    [
        (Release.R4B, "coding", True),
        (Release.R4B, "choice", False),
        (Release.R4B, "open-choice", False),
        (Release.R5, "choice", True),
        (Release.R5, "open-choice", True),
        (Release.R5, "coding", False),
        (Release.R5, "nonsense", True),
    ],
)
def test_a_type_of_an_item_is_one_of_its_release(release: Release, kind: str, wrong: bool) -> None:
    """The library takes any word."""
    resource: Any = {"resourceType": "Questionnaire", "status": "active", "item": [{"linkId": "a", "type": kind}]}
    found = [(one.reason, one.link_id) for one in structural_differences(resource, release)]
    assert found == [(Reason.STRUCTURE, "a")] * wrong


@pytest.mark.parametrize("kind", ["Questionnaire", "QuestionnaireResponse"])
def test_a_status_is_one(kind: str) -> None:
    """Of a questionnaire others than of a response."""
    of = {"questionnaire": "https://example.org/q"} if kind == "QuestionnaireResponse" else {}
    resource: Any = {"resourceType": kind, "status": "done", **of}
    [one] = structural_differences(resource, Release.R5)
    assert one.problem == "status: this is no status"
    assert ("in-progress" in one.allowed) is (kind == "QuestionnaireResponse")


def test_the_release_that_finds_nothing_wrong_is_taken() -> None:
    """A code of an expression with an underscore is none in R4B, and one in R5; who names a release is held to it."""
    expression = {"name": "q1_value", "language": "text/fhirpath", "expression": "1"}
    resource = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": f"{BASE}/Questionnaire/phq-9|1",
        "extension": [{"url": "https://example.org/e", "valueExpression": expression}],
    }
    content = json.dumps(resource).encode()
    found = read_response(content, PHQ9)
    assert (found.release, found.differences) == (Release.R5, ())
    held = read_response(content, PHQ9, release=Release.R4B)
    assert [one.reason for one in held.differences] == [Reason.STRUCTURE]
