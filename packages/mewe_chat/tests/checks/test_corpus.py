"""What the shipped checks find and let pass, measured on sentences as young people write them, and what they are known to miss.

The sentences were written for this; they are nobody's. Each file ends in lines marked "missed": what its check cannot see.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mewe_chat.checks import links
from mewe_chat.checks.contact import has_contact_details
from mewe_chat.checks.crisis import tells_of_crisis
from mewe_chat.checks.links import hosts
from mewe_core.kit.message_checks import Audience, Draft, Finding

CORPUS = Path(__file__).parent / "corpus"


def lines(name: str) -> list[str]:
    """The sentences of a file."""
    return [one for one in (CORPUS / f"{name}.txt").read_text(encoding="utf-8").splitlines() if one]


def marked(name: str) -> list[tuple[str, str]]:
    """The sentences of a file whose lines begin with a word: the language, the country, or "missed"."""
    return [(first, rest) for first, _, rest in (one.partition(" ") for one in lines(name))]


def contact(country: str) -> Callable[[str], bool]:
    """The check for contact details in a country."""
    return lambda text: has_contact_details(text, country)


EVERYDAY = lines("everyday")


@pytest.mark.parametrize("sentence", EVERYDAY)
def test_an_everyday_sentence_passes(sentence: str) -> None:
    """No check takes it for anything, in any country."""
    assert not tells_of_crisis(sentence)
    assert [country for country in ("SE", "GB", "NL", "IT", "SI", "DE", "CH") if has_contact_details(sentence, country)] == []
    assert hosts(sentence) == []


@pytest.mark.parametrize(("language", "sentence"), [one for one in marked("crisis") if one[0] != "missed"])
def test_words_of_acute_crisis_are_found(language: str, sentence: str) -> None:
    """However they are written around."""
    assert tells_of_crisis(sentence)


@pytest.mark.parametrize(("country", "sentence"), [one for one in marked("contact") if one[0] != "missed"])
def test_contact_details_are_found(country: str, sentence: str) -> None:
    """Numbers in figures and words, addresses, names elsewhere."""
    assert has_contact_details(sentence, country)


@pytest.mark.parametrize("sentence", [one for one in lines("links") if not one.startswith("missed ")])
def test_links_are_found(sentence: str) -> None:
    """In the ways that they are written."""
    assert hosts(sentence)


def test_what_is_missed_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence that a check begins to find is moved up in its file; until then it stands there for all to see."""
    assert [text for mark, text in marked("crisis") if mark == "missed" and tells_of_crisis(text)] == []
    assert [text for mark, text in marked("contact") if mark == "missed" and has_contact_details(text, "SE")] == []
    assert [one for one in lines("links") if one.startswith("missed ") and hosts(one)] == []
    with capsys.disabled():
        sys.stdout.write("\n".join(("", *_figures(), "")))


def _figures() -> Iterator[str]:
    for name, found in (("crisis", tells_of_crisis), ("contact", contact("SE"))):
        there = marked(name)
        hits = sum(found(text) for _, text in there)
        wrong = sum(found(text) for text in EVERYDAY)
        yield (
            f"{name}: recall {hits / len(there):.2f} of {len(there)}, precision {hits / (hits + wrong):.2f}, "
            f"{wrong} of {len(EVERYDAY)} everyday sentences taken for it"
        )


def test_a_link_to_a_site_that_the_deployment_names_is_let_through() -> None:
    """And to what belongs to it; not to one that only ends alike."""

    def found(text: str) -> Finding:
        return links.look(Draft(text, "SE", Audience.PEERS, sites=("example.org",))).finding

    assert found("se https://www.example.org/stod och help.example.org") is Finding.NOTHING
    assert found("https://badexample.org") is Finding.REFUSED
    assert found("https://example.org.evil.com") is Finding.REFUSED
    assert found("https://example.org@evil.com") is Finding.REFUSED
