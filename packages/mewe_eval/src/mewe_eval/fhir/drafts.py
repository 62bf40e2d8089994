"""What a Questionnaire says, as far as an instrument has words for it, and the document of it to complete by hand."""

import json
from collections.abc import Iterator, Mapping

from attrs import field, frozen

from mewe_eval.fhir.model import Difference, Release
from mewe_eval.instruments.model import Item, Wording


@frozen(kw_only=True)
class DraftOption:
    """An option of an item. ``value``: its weight if all options of the item have usable ones; None: it is not known."""

    system: str
    code: str
    value: int | None
    labels: Mapping[str, str]


@frozen(kw_only=True)
class DraftItem:
    """An item: ``id``, the linkId made into a code; ``answers``, the name of its set of answers, empty if it has no options.

    ``loinc``: its codes of LOINC. ``options``: in order of weight, or as they stand in the file if there are no usable ones.
    """

    id: str
    link_id: str
    answers: str
    loinc: tuple[str, ...]
    options: tuple[DraftOption, ...]


@frozen(kw_only=True)
class DraftNumber:
    """An item that holds a number, such as a total. ``computed``: the questionnaire says that nobody fills it in."""

    link_id: str
    loinc: tuple[str, ...]
    computed: bool


@frozen(kw_only=True)
class Draft:
    """What a Questionnaire says. It is no instrument: FHIR does not say how answers become scores, nor whose the text is.

    ``id``: the last step of its address made into a code, or else of its title. ``version``: as it stands there, which is not
    always a number. ``language``: its own; "und" if nobody says. ``answers``: sets of answers by name, lowest first; where the
    file has no usable weights they are numbered from 0 in the order of the file, and a difference says so. ``hashes``: of our
    wording, by language, if it says any. ``panels``: its codes of LOINC.
    """

    release: Release
    id: str
    url: str
    version: str
    language: str
    title: Mapping[str, str]
    copyright: str
    panels: tuple[str, ...]
    hashes: Mapping[str, str] = field(factory=dict)
    items: tuple[DraftItem, ...]
    numbers: tuple[DraftNumber, ...]
    answers: Mapping[str, tuple[int, ...]]
    texts: Mapping[str, Wording]
    differences: tuple[Difference, ...]

    def instrument_items(self) -> tuple[Item, ...]:
        """The items as an instrument has them, in order; that each counts in a total is a default, not something FHIR says."""
        return tuple(Item(id=one.id, answers=one.answers) for one in self.items)


def as_document(draft: Draft) -> str:
    """The draft as a TOML document of an instrument (``docs/instruments.md``), for a person to complete.

    What FHIR does not say is there as comments, so that ``read_instrument`` refuses the document, naming each, until they are
    filled in. Comments hold every difference that was found.
    """
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    yield "# A draft, from a FHIR Questionnaire. FHIR does not say how answers become scores, nor whose it is: complete"
    yield "# what stands in comments, from what the owner has published, and keep the source."
    yield f"# url: {_quoted(draft.url)}, version: {_quoted(draft.version)}"
    yield from (f"# {one.reason}: {_quoted(str(one))}" for one in draft.differences)
    version = draft.version if draft.version.isascii() and draft.version.isdigit() and draft.version[0] != "0" else "1"
    yield f"id = {_quoted(draft.id)}"
    yield f"version = {version[:6]}"
    yield f"title = {{ {', '.join(f'{_quoted(tag)} = {_quoted(one)}' for tag, one in draft.title.items())} }}"
    yield '# construct = "what it is about"'
    yield "# validated = false"
    yield '# respondents = ["participant"]'
    yield "items = ["
    for item in draft.items:
        answers = f", answers = {_quoted(item.answers)}" if item.answers else ""
        yield f"  {{ id = {_quoted(item.id)}{answers} }},  # linkId {_quoted(item.link_id)}"
    yield "]"
    yield ""
    yield "# [licence]"
    yield '# kind = "free"'
    yield f"# holder = {_quoted(draft.copyright or 'whose the text is')}"
    yield '# terms = "what they allow"'
    yield '# source = "where it says so"'
    yield "# checked_on = 2000-01-01"
    yield ""
    yield "[answers]"
    yield from (f"{_quoted(name)} = {list(values)}" for name, values in draft.answers.items())
    yield ""
    yield "# [reverse], [total], [[subscales]], [[bands]], [[alerts]]: as the owner has published them."
    for tag, wording in draft.texts.items():
        yield from ("", f"[texts.{_quoted(tag)}]", f"instruction = {_quoted(wording.instruction)}")
        yield from ("", f"[texts.{_quoted(tag)}.items]")
        yield from (f"{_quoted(name)} = {_quoted(one)}" for name, one in wording.items.items())
        yield from ("", f"[texts.{_quoted(tag)}.answers]")
        for name, labels in wording.answers.items():
            yield f"{_quoted(name)} = [{', '.join(map(_quoted, labels))}]"


def _quoted(said: str) -> str:
    """The text as TOML quotes it, in one line: JSON's way, and what TOML wants escaped besides; no lone surrogates."""
    plain = said.encode(errors="replace").decode()
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007F")
