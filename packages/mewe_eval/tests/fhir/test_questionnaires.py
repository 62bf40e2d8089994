"""A questionnaire says what an instrument says in words, with its weights and whose it is; or it is not written."""

import json
from typing import Any

import attrs
import pytest
from mewe_eval.fhir import FhirFault, Reason, Release, questionnaire, to_json
from mewe_eval.instruments import Instrument, LicenceRecord, shipped_instruments
from mewe_eval.instruments.model import Wording
from whenever import Date

from .drawn import BASE

SHIPPED = shipped_instruments()
PHQ9, OURS, WHO5 = SHIPPED["phq-9"], SHIPPED["how-things-are"], SHIPPED["who-5"]
TODAY = Date(2026, 11, 23)
RECORD = LicenceRecord(
    instrument="who-5", holder="A centre", reference="Letter 12", valid_until=Date(2026, 12, 31), languages=("sv",)
)


def licensed() -> Instrument:
    """A shell whose text a deployment has loaded."""
    [name] = WHO5.answers
    wording = Wording(
        items={one: f"Fråga {one}" for one in WHO5.item_ids()}, answers={name: tuple(f"Svar {n}" for n in WHO5.answers[name])}
    )
    return attrs.evolve(WHO5, title={**WHO5.title, "sv": "WHO-5"}, texts={"sv": wording})


def written(one: Instrument, release: Release = Release.R4B, **more: Any) -> Any:
    """The questionnaire, checked, as JSON has it."""
    return json.loads(to_json(questionnaire(one, release=release, base=BASE, **more), release))


def told(one: Instrument, **more: Any) -> list[tuple[Reason, str]]:
    """What stands against a questionnaire."""
    with pytest.raises(FhirFault) as caught:
        questionnaire(one, **{"release": Release.R4B, "base": BASE, **more})
    return [(difference.reason, difference.problem) for difference in caught.value.differences]


@pytest.mark.parametrize(("release", "kind"), [(Release.R4B, "choice"), (Release.R5, "coding")])
def test_options_have_a_code_a_label_and_their_weight_in_two_extensions(release: Release, kind: str) -> None:
    """R4's ordinalValue and R5's itemWeight; the release calls the item what it calls it."""
    item = written(PHQ9, release)["item"][1]
    assert (item["linkId"], item["type"]) == ("1", kind)
    assert item["answerOption"][2] == {
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 2},
            {"url": "http://hl7.org/fhir/StructureDefinition/itemWeight", "valueDecimal": 2},
        ],
        "valueCoding": {"system": f"{BASE}/CodeSystem/phq-9-often", "code": "2", "display": "More than half the days"},
    }


def test_it_says_which_instrument_it_is_whose_and_in_which_wording() -> None:
    """Address, version, copyright from the licence, and the hash of the text."""
    found = written(PHQ9)
    assert (found["url"], found["version"]) == (f"{BASE}/Questionnaire/phq-9", "1")
    assert found["copyright"].startswith("Pfizer Inc.: No permission is required")
    assert "Checked on 2026-11-23." in found["copyright"]
    [extension] = found["extension"]
    assert extension == {
        "url": f"{BASE}/StructureDefinition/wording-hash",
        "extension": [{"url": "lang", "valueCode": "en"}, {"url": "sha256", "valueString": PHQ9.wording_hashes()["en"]}],
    }


def test_the_first_language_is_that_of_the_document_and_the_others_are_translations() -> None:
    """Of its title, its items and its labels."""
    found = written(OURS, languages=["sv", "en"])
    first, sv, en = OURS.items[0].id, OURS.texts["sv"], OURS.texts["en"]
    item = next(one for one in found["item"] if one["linkId"] == first)
    coding = item["answerOption"][0]["valueCoding"]
    assert found["language"] == "sv"
    for element, key, swedish, english in (
        (found, "title", OURS.title["sv"], OURS.title["en"]),
        (item, "text", sv.items[first], en.items[first]),
        (coding, "display", sv.answers[OURS.items[0].answers][0], en.answers[OURS.items[0].answers][0]),
    ):
        assert element[key] == swedish
        assert element[f"_{key}"]["extension"] == [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/translation",
                "extension": [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": english}],
            }
        ]
    assert "_title" not in written(OURS, languages=["sv"])


def test_every_score_has_a_place_that_nobody_fills_in() -> None:
    """A decimal that is read-only, for each scale."""
    scores = [one for one in written(OURS)["item"] if one["type"] == "decimal"]
    assert [one["linkId"] for one in scores] == [f"score/{scale.id}" for scale in OURS.scales()]
    assert all(one["readOnly"] is True for one in scores)


@pytest.mark.parametrize("one", [one for one in SHIPPED.values() if not one.languages], ids=lambda one: one.id)
def test_a_shell_is_refused_with_whose_text_it_is(one: Instrument) -> None:
    """It has no text, and its licence says why."""
    [(reason, problem)] = told(one)
    assert reason is Reason.NO_TEXTS
    assert one.licence.holder in problem
    assert one.licence.terms in problem


def test_a_text_that_was_loaded_goes_out_under_its_licence_alone() -> None:
    """No record, no day, another instrument, another language, after its end: refused. On its last day it is written."""
    one = licensed()
    no_record = [(Reason.LICENCE, "sv: its text is licensed, and there is no record of a licence for it")]
    assert told(one) == no_record
    assert told(one, licence=RECORD) == no_record
    assert told(one, licence=attrs.evolve(RECORD, instrument="brs"), on=TODAY) == no_record
    assert told(one, licence=attrs.evolve(RECORD, languages=("de",)), on=TODAY) == [
        (Reason.LICENCE, "sv: its licence is not for this language")
    ]
    assert told(one, licence=RECORD, on=Date(2027, 1, 1)) == [(Reason.LICENCE, "sv: its licence has expired")]
    assert written(one, licence=RECORD, on=Date(2026, 12, 31))["copyright"].endswith("Licence: Letter 12.")


def test_what_is_refused_is_not_written_under_any_title() -> None:
    """An instrument that must not be here, built by hand."""
    renamed = attrs.evolve(PHQ9, id="mine", title={"en": "Strengths and Difficulties Questionnaire"})
    [(reason, _)] = told(renamed)
    assert reason is Reason.REFUSED


def test_every_language_without_a_text_and_every_text_that_fhir_cannot_hold_is_told_at_once() -> None:
    """Where a text stands is said by its linkId; nothing of it is."""
    wording = PHQ9.texts["en"]
    one = attrs.evolve(PHQ9, texts={"en": attrs.evolve(wording, items={**wording.items, "3": "a\x01", "4": "b\ud800"})})
    with pytest.raises(FhirFault) as caught:
        questionnaire(one, release=Release.R5, base=BASE, languages=["en", "xx", "yy"])
    assert [(difference.reason, difference.link_id) for difference in caught.value.differences] == [
        (Reason.NO_TEXTS, ""),
        (Reason.NO_TEXTS, ""),
        (Reason.NOT_A_TEXT, "3"),
        (Reason.NOT_A_TEXT, "4"),
    ]


@pytest.mark.parametrize(
    "base", ["", "example.org", "https://example.org/", "https://example.org/a b", "https://x|2", "file://x"]
)
def test_an_address_is_one(base: str) -> None:
    """Canonical addresses begin with an address, so that no version or fragment slips in."""
    assert told(PHQ9, base=base) == [(Reason.ADDRESS, "this is no address")]
