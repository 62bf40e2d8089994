"""What HL7, the NLM, the German Medizininformatik-Initiative and RADAR-base have published is read as it is."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import pytest
from mewe_eval.documents import DocumentFaults
from mewe_eval.fhir import (
    FhirFault,
    Reason,
    Release,
    Status,
    as_document,
    known_as,
    matched,
    questionnaire,
    read_questionnaire,
    read_response,
    to_json,
)
from mewe_eval.instruments import Comparison, Instrument, Scored, read_instrument, shipped_instruments
from mewe_eval.instruments.model import Item, Wording

from .drawn import BASE, changed
from .shorthand import ALIASES, from_shorthand

PHQ9 = shipped_instruments()["phq-9"]
GAD7 = shipped_instruments()["gad-7"]
LABELS = {"Not-at-all": 0, "Several-days": 1, "More than half the days": 2, "Nearly every day": 3}


@pytest.fixture(scope="session")
def folder(check_data: Path) -> Path:
    """Where the files are."""
    return check_data / "fhir"


def hl7(folder: Path, name: str) -> bytes:
    """One of HL7's two examples."""
    kind = "QuestionnaireResponse" if name == "response" else "Questionnaire"
    return from_shorthand((folder / f"hl7_sdc_phq9_{name}.fsh").read_text(), kind)


def test_hl7s_response_scores_10_and_says_13(folder: Path) -> None:
    """The stored total is reported beside ours, and is never the score."""
    read = read_response(hl7(folder, "response"), PHQ9)
    assert list(read.answers.values()) == [0, 0, 0, 1, 2, 1, 3, 2, 1]
    assert isinstance(read.found, Scored)
    assert read.found.total is not None
    assert read.found.total.score == 10
    [total] = read.totals
    assert total.comparison == Comparison(stored=Fraction(13), recomputed=Fraction(10), difference=Fraction(3), agrees=False)
    [difference] = read.differences
    assert (difference.reason, difference.link_id) == (Reason.TOTAL, "H1/TS")
    assert str(difference) == "H1/TS: it says 13, and the answers give 10; allowed: 10"
    assert (read.status, read.subject) == (Status.COMPLETED, None)
    assert [alert.item for alert in read.alerts] == ["9"]


def test_hl7s_response_is_read_whatever_its_code_system_is_called(folder: Path) -> None:
    """A code that is known, of a code system that is not, is taken, and reported for each answer."""
    other = hl7(folder, "response").replace(ALIASES["CodeSystemCSPHQ9"].encode(), b"urn:elsewhere")
    read = read_response(other, PHQ9)
    assert sum(read.answers.values()) == 10
    assert [one.reason for one in read.differences] == [*[Reason.OTHER_SYSTEM] * 9, Reason.TOTAL]


def test_hl7s_questionnaire_is_phq_9_without_its_options(folder: Path) -> None:
    """Its options stand in a file that is not there; each item is told, and none is invented."""
    draft = read_questionnaire(hl7(folder, "questionnaire"), language="en")
    assert known_as(draft, shipped_instruments().values()) == PHQ9
    assert [one.reason for one in draft.differences] == [Reason.NO_OPTIONS] * 9
    assert (draft.answers, len(draft.items)) == ({}, 9)
    assert [(one.link_id, one.computed) for one in draft.numbers] == [("H1/TS", True)]
    match = matched(draft, PHQ9)
    assert [one.problem for one in match.differences if one.reason is Reason.ITEM_MISSING] == ["there is no item 10"]
    assert match.links.totals["H1/TS"] == "total"


def test_hl7s_questionnaire_with_its_value_set_has_options_and_weights(folder: Path) -> None:
    """A value set that is contained is looked into: weights stand at its concepts."""

    def contain(resource: Any) -> None:
        concepts = [
            {
                "code": code,
                "display": code.replace("-", " "),
                "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": weight}],
            }
            for code, weight in LABELS.items()
        ]
        include = [{"system": ALIASES["CodeSystemCSPHQ9"], "concept": concepts}]
        resource["contained"] = [
            {"resourceType": "ValueSet", "id": "VSPHQ9", "status": "active", "compose": {"include": include}}
        ]

    draft = read_questionnaire(changed(hl7(folder, "questionnaire"), contain), language="en")
    assert draft.differences == ()
    assert draft.answers == {"answers-1": (0, 1, 2, 3)}
    reasons = {one.reason for one in matched(draft, PHQ9).differences}
    assert reasons == {Reason.ITEM_MISSING, Reason.OTHER_TEXT}


def test_the_questionnaire_of_lforms_is_phq_9(folder: Path) -> None:
    """By its code of LOINC; items by theirs, weights as ours; what its own release does not allow is told with its linkId."""
    draft = read_questionnaire((folder / "lforms_phq9_r4.json").read_bytes(), language="en")
    assert known_as(draft, shipped_instruments().values()) == PHQ9
    assert draft.release is Release.R4B
    assert draft.answers == {"answers-1": (0, 1, 2, 3), "answers-2": (0, 1, 2, 3)}
    assert [one.link_id for one in draft.differences if one.reason is Reason.NO_WEIGHTS] == ["/69722-7"]
    assert {(one.reason, one.link_id) for one in draft.differences} == {
        (Reason.STRUCTURE, "/44261-6"),
        (Reason.NO_WEIGHTS, "/69722-7"),
    }
    match = matched(draft, PHQ9)
    assert {one.reason for one in match.differences} == {Reason.OTHER_TEXT}
    assert "/44259-0" not in {one.link_id for one in match.differences}, "this text is letter by letter ours"
    assert [match.links.items[one.link_id] for one in draft.items] == list(PHQ9.item_ids())
    assert match.links.options["10", "http://loinc.org", "LA6574-3"] == 3, "extremely; its code is lower than that of very"


def test_a_response_to_the_questionnaire_of_lforms_is_read_by_loinc(folder: Path) -> None:
    """Its linkIds are codes of LOINC with a slash before them."""
    draft = read_questionnaire((folder / "lforms_phq9_r4.json").read_bytes())
    items = [
        {"linkId": one.link_id, "answer": [{"valueCoding": {"system": "http://loinc.org", "code": one.options[1].code}}]}
        for one in draft.items
    ]
    resource = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}
    read = read_response(json.dumps(resource).encode(), PHQ9)
    assert read.answers == dict.fromkeys(PHQ9.item_ids(), 1)
    assert [one.reason for one in read.differences] == [Reason.NO_QUESTIONNAIRE]
    assert isinstance(read.found, Scored)


def test_the_german_response_scores_27_and_says_so(folder: Path) -> None:
    """Its linkIds are others than those of its own questionnaire, and its codes name no system; nothing differs."""
    read = read_response((folder / "mii_phq9_response.json").read_bytes(), PHQ9)
    assert isinstance(read.found, Scored)
    assert read.found.total is not None
    assert read.found.total.score == 27
    assert [(one.link_id, one.comparison.stored, one.comparison.agrees) for one in read.totals] == [
        ("PHQ.Score", Fraction(27), True)
    ]
    assert read.differences == ()


def test_the_german_questionnaire_has_its_text_in_two_languages(folder: Path) -> None:
    """German, and English as translations; where the English is not letter by letter ours, that is told."""
    draft = read_questionnaire((folder / "mii_phq9_questionnaire.json").read_bytes())
    assert known_as(draft, [GAD7, PHQ9]) == PHQ9
    assert sorted(draft.texts) == ["de", "en"]
    assert draft.texts["de"].items["phq-9-1"] == "Wenig Interesse oder Freude an Ihren Tätigkeiten"
    assert draft.texts["en"].items["phq-9-1"] == PHQ9.texts["en"].items["1"]
    assert draft.texts["de"].instruction.startswith("Wie oft fühlten Sie sich")
    assert [one.link_id for one in matched(draft, PHQ9).differences] == ["", "PHQ-9.6"]
    assert {one.reason for one in draft.differences} == {Reason.NO_OPTIONS, Reason.OTHER_TYPE}


def test_a_document_of_a_real_file_is_refused_until_a_person_completes_it(folder: Path) -> None:
    """What FHIR does not say is named, and nothing else; then it is an instrument with the same items, options and texts."""
    draft = read_questionnaire((folder / "lforms_phq9_r4.json").read_bytes(), language="en")
    document = as_document(draft)
    with pytest.raises(DocumentFaults) as caught:
        read_instrument(document, "draft.toml")
    assert [one.key for one in caught.value.faults] == ["construct", "licence", "respondents", "validated"]
    completed = document
    for line in ("construct", "validated", "respondents", "[licence]", "kind", "holder", "terms", "source", "checked_on"):
        completed = completed.replace(f"\n# {line}", f"\n{line}", 1)
    one = read_instrument(completed, "draft.toml")
    assert one.items == draft.instrument_items()
    assert (one.answers, one.texts, one.title) == (draft.answers, draft.texts, draft.title)


def radar(folder: Path, name: str, language: str) -> Instrument:
    """An instrument with the text that RADAR-base has in a language."""
    rows = json.loads((folder / f"radar_{name}.json").read_text())
    labels = tuple(one["label"] for one in rows[0]["select_choices_or_calculations"])
    wording = Wording(
        instruction=rows[0]["section_header"],
        items={str(place): row["field_label"] for place, row in enumerate(rows, 1)},
        answers={"often": labels},
    )
    return attrs.evolve(
        GAD7,
        id="radar",
        title={language: name},
        answers={"often": (0, 1, 2, 3)},
        items=tuple(Item(id=one) for one in wording.items),
        total=None,
        bands=(),
        texts={language: wording},
    )


@pytest.mark.parametrize("release", Release)
def test_texts_of_two_countries_make_one_questionnaire(folder: Path, release: Release) -> None:
    """RADAR-base's Dutch and Italian PHQ-8: one document, and each text comes back as it was, blanks at its ends included."""
    dutch, italian = radar(folder, "phq8_nl", "nl"), radar(folder, "phq8_it", "it")
    one = attrs.evolve(dutch, title={**dutch.title, **italian.title}, texts={**dutch.texts, **italian.texts})
    content = to_json(questionnaire(one, release=release, base=BASE, languages=["nl", "it"]), release)
    assert json.loads(content)["language"] == "nl"
    assert read_questionnaire(content).texts == one.texts


def test_the_english_text_of_radar_is_compared_with_ours(folder: Path) -> None:
    """GAD-7, letter by letter: a word more makes another text, and another hash."""
    theirs = attrs.evolve(radar(folder, "gad7_en", "en"), id="gad-7")
    draft = read_questionnaire(to_json(questionnaire(theirs, release=Release.R4B, base=BASE), Release.R4B))
    assert [(one.link_id, one.problem) for one in matched(draft, GAD7).differences] == [
        ("", "en: the hash is of another text"),
        ("4", "en: the text is another"),
    ]
    assert (draft.texts["en"].items["4"], GAD7.texts["en"].items["4"]) == ("Having trouble relaxing", "Trouble relaxing")


@pytest.mark.parametrize(
    "name", ["radar_gad7_en.json", "radar_phq8_it.json", "radar_phq8_nl.json", "hl7_sdc_phq9_response.fsh"]
)
def test_what_is_no_fhir_in_json_is_told(folder: Path, name: str) -> None:
    """The files of RADAR-base are of another kind, and those of HL7 are no JSON."""
    content = (folder / name).read_bytes()
    reason = Reason.NOT_JSON if name.endswith("fsh") else Reason.OTHER_RESOURCE
    with pytest.raises(FhirFault) as caught:
        read_questionnaire(content)
    read = read_response(content, PHQ9)
    assert [one.reason for one in (*caught.value.differences, *read.differences)] == [reason, reason]
    assert (read.answers, read.found) == ({}, None)
