"""Whether a resource is made as its release of FHIR says, by ``fhir.resources``, and its codes by us, since that does not look.

``fhir.resources`` comes with the extra ``fhir`` of ``mewe-eval``; it is imported when it is first needed, and nowhere else.
"""

import json
from collections.abc import Iterator
from importlib import import_module

from mewe_eval.fhir.elements import Element, parts, raised_if_any, word
from mewe_eval.fhir.model import Difference, ExtraMissing, Reason, Release, Status

_TYPES = (
    {"group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "attachment"}
    | {"reference", "quantity"}
)  # fmt: skip
"""What both releases call the ways in which an item can be answered."""

_OWN_TYPES = {Release.R4B: {"choice", "open-choice"}, Release.R5: {"question", "coding"}}
_STATUSES = {
    "Questionnaire": ("draft", "active", "retired", "unknown"),
    "QuestionnaireResponse": tuple(one.value for one in Status),
}
_MODULES = {Release.R4B: "fhir.resources.R4B.", Release.R5: "fhir.resources."}
_PROBLEMS = {
    "extra_forbidden": ("this element is not known", "an element of that release"),
    "model_field_validation.missing": ("this element is missing", "a value"),
}


def to_json(resource: Element, release: Release) -> bytes:
    """The resource as a JSON document in UTF-8. Raises FhirFault if it is not made as that release says, and ExtraMissing."""
    raised_if_any(structural_differences(resource, release))
    return (json.dumps(resource, ensure_ascii=False, indent=2) + "\n").encode()


def structural_differences(resource: Element, release: Release) -> list[Difference]:
    """Everything in which a Questionnaire or QuestionnaireResponse is not made as the release says, by the path of the element.

    Checked: elements, cardinalities, kinds of values, and the codes of status and item types. Not checked: FHIR's invariants,
    profiles, and other value sets. Raises ExtraMissing if ``fhir.resources`` is not installed.
    """
    kind = word(resource, "resourceType")
    try:
        model = getattr(import_module(f"{_MODULES[release]}{kind.lower()}"), kind)
    except ImportError:
        raise ExtraMissing("FHIR needs the extra fhir: pip install 'mewe-eval[fhir]'") from None
    found = [Difference(Reason.STRUCTURE, link, *_told(path, code)) for path, link, code in _refused(model, resource)]
    return [*found, *_codes(resource, kind, release)]


def release_of(resource: Element) -> Release:
    """The release that a resource was written for: by the types of its items, or else the first that finds nothing wrong.

    R4B if neither tells. Raises ExtraMissing if ``fhir.resources`` is not installed.
    """
    types = {word(item, "type") for item in every_item(resource)}
    for release, own in _OWN_TYPES.items():
        if types & own:
            return release
    faultless = (release for release in Release if not structural_differences(resource, release))
    return next(faultless, Release.R4B)


def every_item(element: Element) -> Iterator[Element]:
    """All items of a Questionnaire or QuestionnaireResponse in order, those within others and within answers included."""
    for item in parts(element, "item"):
        yield item
        yield from every_item(item)
        for answer in parts(item, "answer"):
            yield from every_item(answer)


def _refused(model: object, resource: Element) -> Iterator[tuple[str, str, str]]:
    """Path, linkId and code of everything that the library refuses."""
    from pydantic import ValidationError

    validate = getattr(model, "model_validate")  # noqa: B009
    try:
        validate(resource)
    except ValidationError as fault:
        for one in fault.errors(include_url=False, include_input=False, include_context=False):
            yield ".".join(map(str, one["loc"])), _link(resource, one["loc"]), one["type"]
    except (TypeError, AttributeError, KeyError, ValueError, RecursionError):
        yield "", "", "unreadable"


def _link(resource: Element, steps: tuple[int | str, ...]) -> str:
    """The linkId of the innermost item on a path; empty if there is none."""
    here: object = resource
    found = ""
    for step in steps:
        if isinstance(here, dict) and isinstance(step, str):
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            break
        found = word(here, "linkId") or found
    return found


def _told(path: str, code: str) -> tuple[str, str]:
    problem, allowed = _PROBLEMS.get(code, ("this value cannot be used", "a value as that release says"))
    return f"{path}: {problem}" if path else problem, allowed


def _codes(resource: Element, kind: str, release: Release) -> Iterator[Difference]:
    statuses = _STATUSES[kind]
    if word(resource, "status") not in statuses:
        yield Difference(Reason.STRUCTURE, "", "status: this is no status", ", ".join(statuses))
    if kind == "Questionnaire":
        types = _TYPES | _OWN_TYPES[release]
        for item in every_item(resource):
            if word(item, "type") not in types:
                yield Difference(
                    Reason.STRUCTURE, word(item, "linkId"), "type: this is no type of an item", ", ".join(sorted(types))
                )
