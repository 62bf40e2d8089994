"""Where in a TOML document a key stands, so that a fault can say its line."""

import re
from collections.abc import Mapping
from itertools import accumulate

_HEADER = re.compile(r"\s*\[(?P<many>\[)?\s*(?P<name>[^\[\]]+?)\s*\]\]?\s*(#.*)?")
_KEY = re.compile(r"\s*(?P<name>[\w-]+(\s*\.\s*[\w-]+)*)\s*=\s*(?P<rest>.*)", re.DOTALL)
_STEP = re.compile(r"\[\d+\]$|\.[^.\[\]]+$|^[^.\[\]]+$")
_LONG = ('"""', "'''")


def lines_of(document: str) -> Mapping[str, int]:
    """Line numbers, from 1, by key as faults name it (``items[3].id``, ``texts.en.items``).

    Knows sections, lists of sections, plain keys, and lists whose entries begin on lines of their own.
    """
    found: dict[str, int] = {}
    counted: dict[str, int] = {}
    section, within, entries, until = "", "", 0, ""
    for number, line in enumerate(document.splitlines(), start=1):
        if until:
            until = "" if until in line else until
        elif within:
            if line.strip().startswith("]"):
                within = ""
            elif line.strip() and not line.strip().startswith("#"):
                found[f"{within}[{entries}]"] = number
                entries += 1
        elif header := _HEADER.fullmatch(line):
            section = _plain(header["name"])
            for around in accumulate(section.split("."), "{}.{}".format):
                found.setdefault(around, number)
            if header["many"]:
                counted[section] = counted.get(section, -1) + 1
                section = f"{section}[{counted[section]}]"
            found[section] = number
        elif key := _KEY.fullmatch(line):
            name = f"{section}.{_plain(key['name'])}" if section else _plain(key["name"])
            found[name] = number
            rest = key["rest"].strip()
            until = next((mark for mark in _LONG if rest.startswith(mark) and rest.count(mark) == 1), "")
            within, entries = (name, 0) if rest == "[" else ("", 0)
    return found


def line_of(lines: Mapping[str, int], key: str) -> int | None:
    """The line of a key, or of the nearest section around it; None if the document has none of them."""
    while key:
        if key in lines:
            return lines[key]
        key = _STEP.sub("", key)
    return None


def _plain(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
