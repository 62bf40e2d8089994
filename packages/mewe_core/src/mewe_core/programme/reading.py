"""Programmes read strictly: from TOML as a person writes it, from JSON as the database keeps it."""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping

from mewe_core.kit.plugins import PluginFault
from mewe_core.kit.tables import TableFault, TableFaults, structured, unstructured
from mewe_core.programme.definition import Definition, SessionDefinition


class ProgrammeFault(PluginFault):
    """A programme cannot be used; the message says which, which key, and what is allowed there, a line for each fault."""


def read_programme(document: str) -> Definition:
    """The programme in a TOML document. Raises ProgrammeFault with everything that is wrong in it."""
    try:
        table = tomllib.loads(document)
    except tomllib.TOMLDecodeError as fault:
        raise ProgrammeFault(f"a programme is not TOML: {fault}") from None
    name = table.get("id")
    which = f'the programme "{name}"' if isinstance(name, str) else "a programme without id"
    definition = _definition(table, which)
    faults = tuple(_untranslated(definition))
    if faults:
        raise _told(which, faults)
    return definition


def kept(definition: Definition) -> str:
    """The programme as JSON; the same programme gives the same text."""
    return json.dumps(unstructured(definition), sort_keys=True, ensure_ascii=False)


def taken_back(text: str) -> Definition:
    """The inverse of ``kept``. Raises ProgrammeFault if the text is no programme."""
    try:
        table = json.loads(text)
    except json.JSONDecodeError as fault:
        raise ProgrammeFault(f"a programme in the database is not JSON: {fault}") from None
    return _definition(table, "a programme in the database")


def fingerprint(definition: Definition) -> str:
    """SHA-256 of the programme as kept, in 64 hexadecimal digits: the same for the same content, overlays included."""
    return hashlib.sha256(kept(definition).encode()).hexdigest()


def _definition(table: Mapping[str, object], which: str) -> Definition:
    try:
        return structured(table, Definition)
    except TableFaults as fault:
        raise _told(which, fault.faults) from None


def _told(which: str, faults: Iterable[TableFault]) -> ProgrammeFault:
    lines = (f"{which}: {one.key or 'document'}: {one.problem}; allowed: {one.allowed}" for one in faults)
    return ProgrammeFault("\n".join(lines))


def _untranslated(definition: Definition) -> Iterator[TableFault]:
    languages = set(definition.name)
    wanted = f"a text in each language of the name: {', '.join(sorted(languages))}"
    for key, there in _texts(definition):
        if set(there) != languages:
            yield TableFault(key, "these are not the languages of the name", wanted)


def _texts(definition: Definition) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "summary", definition.summary
    for part in definition.parts:
        yield f"parts.{part.id}.name", part.name
    for session in definition.all_sessions():
        yield from ((f"sessions.{session.id}.{key}", there) for key, there in _texts_of(session))


def _texts_of(session: SessionDefinition) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "aim", session.aim
    for activity in session.activities:
        yield f"activities.{activity.id}.name", activity.name
