"""``mewe eval fhir-write``, ``fhir-read``, ``fhir-score``: as the page on FHIR says."""

import json
import re
from pathlib import Path

import pytest
from mewe_core.kit.commands import Answer, Asked, Command, CommandFault, Given
from mewe_eval.commands import COMMANDS
from mewe_eval.commands.exchanging import FHIR_READ, FHIR_SCORE, FHIR_WRITE
from mewe_eval.fhir import Reason
from mewe_eval.instruments import read_instrument, shipped_instruments

from ..fhir.shorthand import from_shorthand

PAGE = (Path(__file__).resolve().parents[4] / "docs/fhir.md").read_text()


def run(command: Command, form: str, /, *files: tuple[str, bytes], **words: str | tuple[str, ...]) -> Answer:
    """The answer: files for the last argument that wants one, words for others."""
    arguments = {
        name: tuple(Given(word, None) for word in ([given] if isinstance(given, str) else given))
        for name, given in words.items()
    }
    if files:
        name = next(one.name for one in reversed(command.arguments) if not one.option)
        arguments[name] = tuple(Given(word, content) for word, content in files)
    answer = command.run(Asked(arguments, form))
    assert isinstance(answer, Answer)
    return answer


def refused(command: Command, *files: tuple[str, bytes], **words: str | tuple[str, ...]) -> str:
    """With what it refuses."""
    with pytest.raises(CommandFault) as fault:
        run(command, command.forms[0], *files, **words)
    return "\n".join(fault.value.lines)


@pytest.fixture
def hl7(check_data: Path) -> tuple[str, bytes]:
    """HL7's example of a response."""
    said = (check_data / "fhir" / "hl7_sdc_phq9_response.fsh").read_text()
    return "response.json", from_shorthand(said, "QuestionnaireResponse")


def test_they_are_commands_of_evaluation() -> None:
    """Beside the others."""
    assert {FHIR_WRITE, FHIR_READ, FHIR_SCORE} < {*COMMANDS}


def test_hl7s_response_is_told_as_the_page_says(hl7: tuple[str, bytes]) -> None:
    """A stored 13 beside our 10; it does not end well."""
    answer = run(FHIR_SCORE, "text", hl7, INSTRUMENT="phq-9")
    (said,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert isinstance(answer.shown, str)
    assert answer.shown.endswith(said)
    assert not answer.well
    (one,) = json.loads(run(FHIR_SCORE, "json", hl7, hl7, INSTRUMENT="phq-9").shown)
    assert one["scores"] == {"total": 10}
    assert one["alerts"] == ["9"]
    assert one["totals"] == [{"link_id": "H1/TS", "scale": "total", "stored": 13, "agrees": False}]
    assert [each["reason"] for each in one["differences"]] == ["TOTAL"]


def test_an_unfinished_response_and_what_is_none_have_no_score(hl7: tuple[str, bytes]) -> None:
    """Each says why."""
    unfinished = hl7[1].replace(b'"completed"', b'"in-progress"')
    shown = run(FHIR_SCORE, "text", ("a.json", unfinished), ("b.json", b"{}"), INSTRUMENT="phq-9").shown
    assert "score: none: UNFINISHED" in str(shown)
    assert "! document: this is another document; allowed: a FHIR QuestionnaireResponse" in str(shown)


@pytest.mark.parametrize("release", ["R4B", "R5"])
def test_what_is_written_is_read_again(release: str) -> None:
    """Ours is known as ours; completed by a person it is the same questionnaire, word for word."""
    written = run(FHIR_WRITE, "json", INSTRUMENT="gad-7", BASE="https://example.org/fhir", RELEASE=release).shown
    assert isinstance(written, bytes)
    document = str(run(FHIR_READ, "toml", ("gad-7.json", written)).shown)
    assert document.startswith('# This is "gad-7" of the catalogue')
    assert "# Beside it" not in document
    for line in ("construct", "validated", "respondents", "[licence]", "kind", "holder", "terms", "source", "checked_on"):
        document = document.replace(f"\n# {line}", f"\n{line}", 1)
    ours, read = shipped_instruments()["gad-7"], read_instrument(document, "draft.toml")
    assert (read.texts, read.answers) == (ours.texts, ours.answers)
    assert [one.id for one in read.items] == [*ours.item_ids()]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"INSTRUMENT": "gad-7"}, "--base is missing"),
        ({"INSTRUMENT": "gad-7", "BASE": "example"}, "gad-7, document: this is no address"),
        ({"INSTRUMENT": "gad-7", "BASE": "https://e.org", "LANGUAGE": ("en", "sv")}, "gad-7, document: there is no text in sv"),
        ({"INSTRUMENT": "gad-7", "BASE": "https://e.org", "RELEASE": "R3"}, "--release R3: allowed: R4B, R5"),
        ({"INSTRUMENT": "sdq", "BASE": "https://e.org"}, "sdq: it must not be used here"),
        ({"INSTRUMENT": "who-5", "BASE": "https://e.org"}, "who-5, document: there is no text of who-5, only its shell"),
        ({"INSTRUMENT": "gad7", "BASE": "https://e.org"}, "gad7: there is no such file or questionnaire"),
    ],
)
def test_what_cannot_be_written_is_said(words: dict[str, str], said: str) -> None:
    """In the user's terms."""
    assert said in refused(FHIR_WRITE, **words)


def test_what_cannot_be_read_is_said() -> None:
    """With the file."""
    assert refused(FHIR_READ, ("q.json", b"{")).startswith("q.json, document: this is not JSON")


def test_every_reason_is_on_the_page() -> None:
    """And whether it bars a score."""
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| .*? \| (.*?)\|$", PAGE, re.MULTILINE))
    assert {name: "no score" in last for name, last in rows.items()} == {one.value: one.bars_score for one in Reason}
