"""HL7 publishes its examples in FHIR Shorthand: enough of it to make the JSON of the two that the tests read."""

import json
import re
from typing import Any

LISTS = {"item", "answer", "extension", "profile", "subjectType"}
ALIASES = {
    "$loinc": "http://loinc.org",
    "$unitsofmeasure": "http://unitsofmeasure.org",
    "CodeSystemCSPHQ9": "http://hl7.org/fhir/uv/sdc/CodeSystem/CSPHQ9",
}
"""What stands elsewhere in HL7's repository (HL7/sdc, input/fsh): addresses of code systems."""

STEP = re.compile(r"(?P<name>\w+)(\[(?P<index>[^\]]+)\])?")
CODE = re.compile(r'(?P<system>[$\w]*)#(?P<code>"[^"]*"|\S+)( "(?P<display>[^"]*)")?')


def from_shorthand(text: str, kind: str) -> bytes:
    """The JSON of an instance; slices with a name and contained resources, which stand elsewhere, are left out."""
    made: dict[str, Any] = {"resourceType": kind}
    within: list[list[str]] = []
    for line in text.splitlines():
        if found := re.match(r"(?P<indent> *)\* (?P<path>\S+)( = (?P<value>.*))?", line):
            level = len(found["indent"]) // 2
            path = [*(within[level - 1] if level else []), *re.split(r"\.(?![^\[]*\])", found["path"])]
            within[level:] = [[re.sub(r"\[\+\]", "[=]", step) for step in path]]
            if found["path"] != "contained" and not re.search(r"\[[^+=\]\d]", ".".join(path)):
                put(made, path, found["value"])
    return json.dumps(made).encode()


def put(here: Any, path: list[str], said: str | None) -> None:
    """Put what was said at the end of a path, making what is on the way."""
    for place, step in enumerate(path):
        found = STEP.fullmatch(step)
        assert found, step
        name, last = found["name"], place == len(path) - 1
        if name in LISTS:
            some = here.setdefault(name, [])
            if found["index"] == "+" or not some:
                some.append({})
            if last and said is not None:
                some[-1] = value(said, "code")
            here = some[-1]
        elif last and said is not None:
            made = value(said, name)
            here[name] = [made] if name == "code" and isinstance(made, dict) else made
        else:
            here = here.setdefault(name, {})


def value(said: str, name: str) -> Any:
    """A value: a text, a truth, a number, a reference, a code alone, or a coding."""
    if said.startswith('"') or said in ("true", "false") or re.fullmatch(r"-?\d+(\.\d+)?", said):
        return json.loads(said)
    if said.startswith("Reference("):
        return {"reference": said[10:-1]}
    found = CODE.fullmatch(said)
    assert found, said
    code = found["code"].strip('"')
    if not found["system"]:
        return code
    coding = {"system": ALIASES[found["system"]], "code": code}
    return coding | ({"display": found["display"]} if found["display"] else {})
