"""Programmes read strictly: from TOML as a person writes it, from JSON as the database keeps it."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any, get_origin

import attrs
from cattrs import ClassValidationError, Converter, ForbiddenExtraKeysError, IterableValidationError
from cattrs.cols import homogenous_tuple_structure_factory, is_mapping, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn

from mewe_core.kit.errors import Invalid
from mewe_core.kit.plugins import PluginFault
from mewe_core.programme.definition import Definition, SessionDefinition

_Hook = Callable[[Any, Any], Any]


class ProgrammeFault(PluginFault):
    """A programme cannot be used; the message says which, which key, and what is allowed there."""


class _Refused(ValueError):
    """A value of another kind; says what is allowed."""


_WORDS: dict[type, str] = {str: 'a text in quotes ("...")', int: "a whole number", bool: "true or false"}


def read_programme(document: str) -> Definition:
    """The programme in a TOML document. Raises ProgrammeFault with everything that is wrong in it."""
    try:
        table = tomllib.loads(document)
    except tomllib.TOMLDecodeError as fault:
        raise ProgrammeFault(f"a programme is not TOML: {fault}") from None
    name = table.get("id")
    which = f'the programme "{name}"' if isinstance(name, str) else "a programme without id"
    definition = _definition(table, which)
    faults = [f"{which}: {path}: {rule}" for path, rule in _untranslated(definition)]
    if faults:
        raise ProgrammeFault("; ".join(faults))
    return definition


def kept(definition: Definition) -> str:
    """The programme as JSON; the same programme gives the same text."""
    return json.dumps(_converter().unstructure(definition), sort_keys=True, ensure_ascii=False)


def taken_back(text: str) -> Definition:
    """The inverse of ``kept``. Raises ProgrammeFault if the text is no programme."""
    return _definition(json.loads(text), "a programme in the database")


def fingerprint(definition: Definition) -> str:
    """SHA-256 of the programme as kept, in 64 hexadecimal digits: the same for the same content, overlays included."""
    return hashlib.sha256(kept(definition).encode()).hexdigest()


def _definition(table: Mapping[str, Any], which: str) -> Definition:
    try:
        return _converter().structure(table, Definition)
    except ClassValidationError as fault:
        faults = [f"{which}: {path or 'document'}: {rule}" for path, rule in _explained(fault, Definition, "")]
        if not faults:
            raise
        raise ProgrammeFault("; ".join(faults)) from None


def _explained(fault: BaseException, kind: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(fault, ClassValidationError | IterableValidationError):
        noted, others = fault.group_exceptions()
        for inner, note in noted:
            step = getattr(note, "name", None) or getattr(note, "index", "")
            below = f"{path}[{step}]" if isinstance(step, int) else f"{path}.{step}".lstrip(".")
            if isinstance(inner, KeyError) and isinstance(fault, ClassValidationError):
                yield below, "this key is missing"
            else:
                yield from _explained(inner, note.type, below)
        for other in others:
            yield from _explained(other, kind, path)
    elif isinstance(fault, ForbiddenExtraKeysError):
        allowed = ", ".join(one.name for one in attrs.fields(fault.cl))
        for extra in sorted(fault.extra_fields):
            yield f"{path}.{extra}".lstrip("."), f"this key is not known; allowed: {allowed}"
    elif isinstance(fault, Invalid):
        for one in fault.fields:
            yield f"{path}.{one.path}".lstrip("."), f"allowed: {one.rule}"
    elif isinstance(fault, _Refused):
        yield path, f"allowed: {fault}"


def _untranslated(definition: Definition) -> Iterator[tuple[str, str]]:
    languages = set(definition.name)
    wanted = f"a text in each language of the name: {', '.join(sorted(languages))}"
    if set(definition.summary) != languages:
        yield "summary", wanted
    for part in definition.parts:
        if set(part.name) != languages:
            yield f"parts.{part.id}.name", wanted
    for session in definition.all_sessions():
        yield from ((f"sessions.{session.id}.{path}", wanted) for path in _untranslated_in(session, languages))


def _untranslated_in(session: SessionDefinition, languages: set[str]) -> Iterator[str]:
    if set(session.aim) != languages:
        yield "aim"
    for activity in session.activities:
        if set(activity.name) != languages:
            yield f"activities.{activity.id}.name"


def _only(given: type, word: str, build: Callable[[Any, Converter], _Hook]) -> Callable[[Any, Converter], _Hook]:
    """What ``build`` makes, for values of one kind alone."""

    def factory(kind: Any, converter: Converter) -> _Hook:
        inner = build(kind, converter)

        def hook(value: Any, wanted: Any) -> Any:
            if not isinstance(value, given):
                raise _Refused(word)
            return inner(value, wanted)

        return hook

    return factory


def _plain(value: Any, kind: Any) -> Any:
    if issubclass(kind, Enum):
        allowed = [one.value for one in kind]
        if value not in allowed:
            raise _Refused("one of " + ", ".join(f'"{one}"' for one in allowed))
        return kind(value)
    if type(value) is not kind:
        raise _Refused(_WORDS[kind])
    return value


def _mapping(kind: Any, converter: Converter) -> _Hook:
    return mapping_structure_factory(kind, converter)


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook_factory(is_mapping, _only(dict, "a section", _mapping))
    converter.register_structure_hook_factory(_is_tuple, _only(list, "a list", homogenous_tuple_structure_factory))
    converter.register_structure_hook_factory(
        lambda kind: isinstance(kind, type) and attrs.has(kind),
        _only(dict, "a section", lambda kind, using: make_dict_structure_fn(kind, using, _cattrs_forbid_extra_keys=True)),
    )
    for kind in _WORDS:
        converter.register_structure_hook(kind, _plain)
    return converter
