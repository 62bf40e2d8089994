"""Instruments whose owners allow no electronic form cannot be loaded, whatever a document calls them."""

from importlib.resources import files

import pytest
from attrs import evolve
from mewe_core.kit.tables import TableFaults
from mewe_eval.documents import DocumentFaults
from mewe_eval.instruments import read_instrument, refusals
from mewe_eval.instruments.refused import read_refusal, refusal_of

CATALOGUE = files("mewe_eval.instruments") / "catalogue"
BRS = (CATALOGUE / "brs.toml").read_text("utf-8")
SDQ = (CATALOGUE / "sdq.toml").read_text("utf-8")
TITLE = '"Brief Resilience Scale (BRS)"'


def called(id: str, title: str) -> str:
    """A good document under another id and title."""
    assert TITLE in BRS
    return BRS.replace('id = "brs"', f'id = "{id}"').replace(TITLE, f'"{title}"')


@pytest.mark.parametrize(
    ("id", "title"),
    [
        ("sdq", "Anything"),
        ("sdq-25", "Anything"),
        ("sdq25", "Anything"),
        ("our-own", "The SDQ for teachers"),
        ("our-own", "Strengths and difficulties questionnaire"),
        ("mbi-hss", "Anything"),
        ("our-own", "Maslach  BURNOUT inventory"),
        ("zbi-12", "Anything"),
        ("our-own", "Zarit-22"),
    ],
)
def test_a_refused_instrument_cannot_be_loaded_even_as_a_form(id: str, title: str) -> None:
    """By its id or by its title; the reason is told, and nothing else of the document is looked at."""
    with pytest.raises(DocumentFaults) as caught:
        read_instrument(called(id, title), "theirs.toml")
    [line] = str(caught.value).splitlines()
    assert line.startswith("theirs.toml:1: id: it must not be loaded: it")
    assert "; allowed: another instrument" in line


@pytest.mark.parametrize("title", ["Numbing", "Burnout at work", "My SDQs", "Difficulties and strengths"])
def test_another_instrument_is_not_taken_for_a_refused_one(title: str) -> None:
    """Names count in whole words."""
    assert read_instrument(called("our-own", title), "ours.toml").title["en"] == title


def test_an_entry_of_the_catalogue_read_as_an_instrument_is_refused() -> None:
    """It has no items to ask."""
    with pytest.raises(DocumentFaults, match="must not be loaded"):
        read_instrument(SDQ, "sdq.toml")


def test_a_title_in_any_language_counts() -> None:
    """Also one that is no table of languages, as somebody may have written it."""
    assert refusal_of({"id": "ours", "title": {"en": "Ours", "sv": "SDQ på svenska"}}) is not None
    assert refusal_of({"id": "ours", "title": "SDQ"}) is not None
    assert refusal_of({"id": 7, "title": {"en": 7}}) is None
    assert refusal_of({}) is None


def test_an_entry_needs_a_reason_and_says_that_it_is_refused() -> None:
    """Otherwise it is none."""
    with pytest.raises(ValueError, match="refused"):
        read_refusal(SDQ.replace('kind = "refused"', 'kind = "shell"'))
    with pytest.raises(TableFaults):
        read_refusal("\n".join(line for line in SDQ.splitlines() if not line.startswith("reason")))
    assert evolve(refusals()[0], instead="").instead == ""
