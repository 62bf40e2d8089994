"""Elements of FHIR's JSON: made, and read whatever stands in their place."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from attrs import frozen

from mewe_eval.fhir.model import Difference, FhirFault, Reason

Element = dict[str, object]
"""An object of FHIR's JSON, by the names of its elements."""

ORDINAL_VALUE = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
ITEM_WEIGHT = "http://hl7.org/fhir/StructureDefinition/itemWeight"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"

LONGEST = 5_000_000
"""So many bytes a document has at most."""

DEEPEST = 60
"""So many objects and lists stand within each other at most."""


@frozen
class NotADocument(Exception):
    """The bytes are no JSON object; ``difference`` says in what way."""

    difference: Difference


def loaded(content: bytes, kind: str) -> Element:
    """The resource in the bytes of a JSON document, numbers exact. Raises NotADocument if it is no resource of that kind."""
    if len(content) > LONGEST:
        raise _not_json("it is too large", f"at most {LONGEST:,} bytes")
    try:
        found: object = json.loads(
            content.decode("utf-8-sig"), parse_float=_decimal, parse_constant=_refuse, object_pairs_hook=_once
        )
    except (ValueError, RecursionError) as fault:
        said = str(fault) if isinstance(fault, _KeyTwice) else "this is not JSON"
        raise _not_json(said, "a JSON document in UTF-8, each key once in an object") from None
    if _depth(found) > DEEPEST:
        raise _not_json("it is nested too deeply", f"at most {DEEPEST} levels")
    if not isinstance(found, dict) or found.get("resourceType") != kind:
        raise NotADocument(Difference(Reason.OTHER_RESOURCE, "", "this is another document", f"a FHIR {kind}"))
    return found


def parts(element: object, key: str) -> list[Element]:
    """The objects in a list of an element; what is no object is passed over, and reported by who looks at the structure."""
    found = element.get(key) if isinstance(element, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def part(element: object, key: str) -> Element:
    """The object that an element has under a key; an empty one if there is none."""
    found = element.get(key) if isinstance(element, dict) else None
    return found if isinstance(found, dict) else {}


def word(element: object, key: str) -> str:
    """The text that an element has under a key; an empty one if there is none."""
    found = element.get(key) if isinstance(element, dict) else None
    return found if isinstance(found, str) else ""


def number(value: object) -> Decimal | None:
    """The number, exact; None if it is none, or not within a million with at most 20 digits behind the point."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not -1_000_000 <= value <= 1_000_000:
        return None
    exact = Decimal(value)
    places = exact.as_tuple().exponent
    return exact if isinstance(places, int) and places >= -20 else None


def whole(value: object) -> int | None:
    """The whole number, also one that is written as 2.0; None if it is none."""
    exact = number(value)
    return int(exact) if exact is not None and exact == exact.to_integral_value() else None


def extensions(element: object, url: str) -> Iterator[Element]:
    """The extensions of that address that an element has itself."""
    return (one for one in parts(element, "extension") if one.get("url") == url)


def weights(*elements: object) -> set[Decimal | None]:
    """Every weight that extensions of the elements say, as ordinalValue or itemWeight; None is one that is no number."""
    return {
        number(one.get("valueDecimal"))
        for each in elements
        for url in (ORDINAL_VALUE, ITEM_WEIGHT)
        for one in extensions(each, url)
    }


def translated(key: str, texts: Mapping[str, str], languages: Sequence[str]) -> Element:
    """A text under a key in the first of the languages, with the others as its translations; empty ones left out."""
    first, *others = languages
    told = [tag for tag in others if texts.get(tag)]
    made: Element = {key: texts[first]} if texts.get(first) else {}
    if told:
        made[f"_{key}"] = {"extension": [_translation(tag, texts[tag]) for tag in told]}
    return made


def by_language(element: object, key: str, language: str) -> dict[str, str]:
    """A text and its translations, by language; ``language``: the one it is in itself. The first of a language counts."""
    own = word(element, key)
    found = {language: own} if own else {}
    for one in extensions(part(element, f"_{key}"), TRANSLATION):
        said = {word(each, "url"): each for each in parts(one, "extension")}
        tag = word(said.get("lang"), "valueCode")
        content = word(said.get("content"), "valueString") or word(said.get("content"), "valueMarkdown")
        if tag and content:
            found.setdefault(tag, content)
    return found


def not_texts(texts: Mapping[str, str]) -> list[Difference]:
    """What of some texts, by linkId, cannot be a text of FHIR: control characters (but line ends and tabs), surrogates."""
    return [
        Difference(Reason.NOT_A_TEXT, link_id, "it holds a character that FHIR has no place for", "no control characters")
        for link_id, text in texts.items()
        if any((one < " " and one not in "\r\n\t") or "\ud800" <= one <= "\udfff" for one in text)
    ]


def raised_if_any(differences: Sequence[Difference]) -> None:
    """Raises FhirFault with the differences, if there are any."""
    if differences:
        raise FhirFault(*differences)


class _KeyTwice(ValueError):
    """An object names a key twice, so that readers would differ in what it says."""


def _once(pairs: list[tuple[str, object]]) -> Element:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _KeyTwice("an object names a key twice")
    return made


def _decimal(said: str) -> Decimal:
    mantissa, _, power = said.lower().partition("e")
    if len(mantissa) > 60 or (power and not -60 <= int(power) <= 60):
        raise ValueError
    return Decimal(said)


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _not_json(problem: str, allowed: str) -> NotADocument:
    return NotADocument(Difference(Reason.NOT_JSON, "", problem, allowed))


def _depth(found: object) -> int:
    level, here = 0, [found]
    while here and level <= DEEPEST:
        level += 1
        here = [
            inner
            for one in here
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]  # fmt: skip
    return level


def _translation(tag: str, content: str) -> Element:
    return {
        "url": TRANSLATION,
        "extension": [{"url": "lang", "valueCode": tag}, {"url": "content", "valueString": content}],
    }
