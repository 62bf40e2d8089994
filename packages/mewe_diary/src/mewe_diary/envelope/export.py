"""A diary as a file that its owner can read anywhere: JSON and Markdown, each read back equal."""

import json
import re
from collections.abc import Iterable

from attrs import frozen
from whenever import TimeZoneNotFoundError

from mewe_diary.envelope.content import Content, members, of_members
from mewe_diary.envelope.encoding import Json, Secret, canonical
from mewe_diary.envelope.errors import ImportMalformed
from mewe_diary.envelope.keys import Diary
from mewe_diary.envelope.opening import Opened
from mewe_diary.envelope.versions import Sealed, seal_entry

_FORMAT = "mewe-diary-export"
_VERSION = 1
_TITLE = "# Diary"
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_COMMENT = re.compile(r"<!-- mewe-diary-entry (\{.*\}) -->")


@frozen
class Exported:
    """One entry of an export; a conflict is several with one id."""

    entry_id: bytes
    content: Content

    def members(self) -> dict[str, Json]:
        """The members of its JSON."""
        return {"entry_id": self.entry_id.hex(), **members(self.content)}


def exported(opened: Opened) -> list[Exported]:
    """Everything that an open diary says, in the order of an export."""
    found = (
        Exported(entry_id, version.content)
        for entry_id, versions in opened.entries.items()
        for version in versions
        if version.content is not None
    )
    return _in_order(found)


def write_json(country: str, entries: Iterable[Exported]) -> bytes:
    """An export as canonical JSON."""
    listed: list[Json] = [one.members() for one in _in_order(entries)]
    return canonical({"country": country, "entries": listed, "format": _FORMAT, "version": _VERSION})


def read_json(said: bytes) -> list[Exported]:
    """What an export says, however its JSON is spaced. Raises ImportMalformed."""
    try:
        whole = json.loads(said.decode())
        if not isinstance(whole, dict) or whole.keys() != {"country", "entries", "format", "version"}:
            raise ImportMalformed
        country, listed, version = whole["country"], whole["entries"], whole["version"]
        if not (isinstance(country, str) and _COUNTRY.fullmatch(country)) or not isinstance(listed, list):
            raise ImportMalformed
        if whole["format"] != _FORMAT or type(version) is not int or version != _VERSION:
            raise ImportMalformed
        return [_of(one) for one in listed]
    except (ValueError, RecursionError):
        raise ImportMalformed from None


def imported(diary: Diary, opened: Opened, entries: Iterable[Exported], secret: Secret) -> tuple[Sealed, ...]:
    """What a diary takes from an export, to be put under a new head: nothing of what it says already, and nothing in its place.

    An entry that says something else here becomes a conflict, one that was deleted here comes back beside its tombstone.
    """
    sealed, there = list[Sealed](), {(entry_id, one.said) for entry_id, versions in opened.current.items() for one in versions}
    for one in _in_order(entries):
        if (one.entry_id, one.content) not in there:
            there.add((one.entry_id, one.content))
            sealed.append(seal_entry(diary, one.entry_id, one.content, secret))
    return tuple(sealed)


def write_markdown(entries: Iterable[Exported]) -> str:
    """An export that reads like a diary."""
    return f"{_TITLE}\n\n" + "".join(_section(one) for one in _in_order(entries))


def read_markdown(said: str) -> list[Exported]:
    """The inverse of what ``write_markdown`` keeps. Raises ImportMalformed."""
    found, lines, at = list[Exported](), said.split("\n"), 1
    if lines[0] != _TITLE:
        raise ImportMalformed
    while at < len(lines):
        comment = _COMMENT.fullmatch(lines[at])
        at += 1
        if not comment:
            continue
        try:
            data = json.loads(comment[1])
            count = data.pop("lines")
            if type(count) is not int or count < 1 or at + 1 + count > len(lines) or lines[at]:
                raise ImportMalformed
            found.append(_of({**data, "text": "\n".join(lines[at + 1 : at + 1 + count])}))
        except (ValueError, KeyError, RecursionError):
            raise ImportMalformed from None
        at += 1 + count
    return found


def _section(one: Exported) -> str:
    try:
        local, zone = one.content.written_at.to_tz(one.content.zone), one.content.zone
    except (TimeZoneNotFoundError, ValueError):
        local, zone = one.content.written_at.to_tz("UTC"), "UTC"
    heading = f"## {local.date().format_iso()} {local.hour:02}:{local.minute:02} ({zone})"
    said = one.members()
    text = str(said.pop("text"))
    said["lines"] = text.count("\n") + 1
    return f"{heading}\n\n<!-- mewe-diary-entry {canonical(said).decode()} -->\n\n{text}\n\n"


def _of(said: Json) -> Exported:
    if not isinstance(said, dict):
        raise ImportMalformed
    entry_id = said.get("entry_id")
    if not isinstance(entry_id, str) or not _ID.fullmatch(entry_id):
        raise ImportMalformed
    return Exported(bytes.fromhex(entry_id), of_members({name: value for name, value in said.items() if name != "entry_id"}))


def _in_order(entries: Iterable[Exported]) -> list[Exported]:
    return sorted(entries, key=lambda one: (one.content.written_at, one.entry_id, canonical(one.members())))
