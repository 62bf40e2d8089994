"""Tables that people write (TOML) or the database keeps (JSON) as attrs classes, strictly: no key that is not known, no value
of another kind, no default for what is wrong; every fault with its key and what is allowed there."""

import datetime
import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NewType, TypeVar, Union, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs
from attrs import frozen
from cattrs import Converter
from cattrs.cols import (
    homogenous_tuple_structure_factory,
    is_mapping,
    is_sequence,
    list_structure_factory,
    mapping_structure_factory,
)
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn
from whenever import Date, Time

from mewe_core.kit.errors import Invalid

T = TypeVar("T")
_Hook = Callable[[Any, Any], Any]
_Factory = Callable[[Any, Converter], _Hook]

_WORDS: dict[Any, str] = {
    str: 'a text in quotes ("...")',
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Date: "a date, such as 2026-03-01",
    Time: "a time of day, such as 16:00:00",
    ZoneInfo: 'a time zone, such as "Europe/Stockholm"',
}

_COMPARED = re.compile(r"(?P<length>Length of )?'(?P<field>\w+)' must be (?P<rule>[<>=]+ .*?): .*", re.DOTALL)
"""How attrs puts it when a number is out of bounds: the field, the rule, and last the value, which is left out."""


@frozen
class TableFault:
    """One thing that is wrong: at which key (``sessions[0].aim``, empty for the whole table), and what would be right.

    Never the value.
    """

    key: str
    problem: str
    allowed: str


class TableFaults(Exception):
    """A table cannot be used; each fault stands for itself. Who read the table says which one it was."""

    def __init__(self, *faults: TableFault) -> None:
        super().__init__("; ".join(f"{one.key}: {one.problem}; allowed: {one.allowed}" for one in faults))
        self.faults = faults


def structured(table: Mapping[str, object], kind: type[T], *, key: str = "") -> T:
    """The table as an instance of the attrs class ``kind``; ``key`` leads the keys of its faults.

    Fields may be texts, numbers, truths, enums, Date, Time, ZoneInfo, attrs classes, and tuples, lists and mappings of them.
    A validator that raises ``Invalid`` says in its own words what is allowed; so do those of attrs. The words of another
    ValueError are not told, because they may hold the value.

    Raises TableFaults with everything that was found. A mistake in the class itself, such as a field of a kind that no table
    holds, is let through as it is.
    """
    try:
        return _converter().structure(table, kind)
    except (BaseValidationError, _Refused) as fault:
        raise TableFaults(*_explained(fault, kind, key)) from None


def unstructured(thing: attrs.AttrsInstance) -> Mapping[str, object]:
    """The table of an instance; ``structured`` takes it back after a turn through JSON, if it holds what JSON can say."""
    table: dict[str, object] = _converter().unstructure(thing)
    return table


def closest(word: str, words: Iterable[str]) -> str:
    """What is allowed in place of an unknown word: all there are by name, and the likeliest one, if one is near."""
    there = sorted(words)
    near = difflib.get_close_matches(word, there, n=1)
    listed = ", ".join(there) or "nothing"
    return f'{listed} (did you mean "{near[0]}"?)' if near else listed


class _Refused(ValueError):
    """A value is not of the kind that its key wants; says what is allowed."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def _explained(fault: BaseException, kind: Any, key: str) -> Iterator[TableFault]:
    if isinstance(fault, ClassValidationError | IterableValidationError):
        noted, others = fault.group_exceptions()
        for inner, note in noted:
            below = _below(key, note.name if isinstance(note, AttributeValidationNote) else note.index)
            if isinstance(inner, KeyError) and isinstance(fault, ClassValidationError):
                yield TableFault(below, "this key is missing", _allowed(note.type))
            else:
                yield from _explained(inner, note.type, below)
        for other in others:
            yield from _explained(other, kind, key)
    elif isinstance(fault, ForbiddenExtraKeysError):
        names = [one.name for one in attrs.fields(fault.cl)]
        for extra in sorted(fault.extra_fields):
            yield TableFault(_below(key, extra), "this key is not known", closest(extra, names))
    elif isinstance(fault, _Refused):
        yield TableFault(key, "this value is of another kind", fault.allowed)
    elif isinstance(fault, Invalid):
        for one in fault.fields:
            yield TableFault(_below(key, one.path), "this value cannot be used", one.rule)
    elif isinstance(fault, ValueError):
        field, allowed = _rule(fault)
        yield TableFault(_below(key, field), "this value cannot be used", allowed or _allowed(kind))
    else:
        raise fault


def _below(key: str, step: str | int) -> str:
    if isinstance(step, int):
        return f"{key}[{step}]"
    return f"{key}.{step}" if key and step else key or step


def _rule(fault: ValueError) -> tuple[str, str]:
    """The field and the rule that a validator of attrs names; both empty for another's words."""
    match fault.args:
        case (_, attrs.Attribute(name=field), re.Pattern(pattern=pattern), _):
            return field, f"a value that matches {pattern!r}"
        case (_, attrs.Attribute(name=field), options, _):
            return field, f"a value in {options!r}"
    said = _COMPARED.fullmatch(str(fault))
    if said is None:
        return "", ""
    return said["field"], f"a {'length' if said['length'] else 'value'} {said['rule']}"


def _allowed(kind: Any) -> str:
    inner = _inner(kind)
    if inner in _WORDS:
        return _WORDS[inner]
    if isinstance(inner, type) and issubclass(inner, Enum):
        return "one of " + ", ".join(json.dumps(one.value, ensure_ascii=False) for one in inner)
    if isinstance(inner, type) and attrs.has(inner):
        return "a section with " + ", ".join(one.name for one in attrs.fields(inner))
    return "a list" if is_sequence(inner) or _is_tuple(inner) else "a section"


def _inner(kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        some = [one for one in get_args(kind) if one is not NoneType]
        return _inner(some[0]) if len(some) == 1 else kind
    return _inner(kind.__supertype__) if isinstance(kind, NewType) else kind


def _exactly(kind: type, given: tuple[type, ...]) -> _Hook:
    """A value of one of the given kinds alone, made into ``kind``. Enums of texts and numbers come this way too."""

    def hook(value: Any, wanted: Any) -> Any:
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return _enum(value, wanted)
        if type(value) not in given:
            raise _Refused(_WORDS[kind])
        try:
            return kind(value)
        except (ValueError, KeyError, OSError, OverflowError):
            raise _Refused(_WORDS[kind]) from None

    return hook


def _enum(value: Any, kind: type[Enum]) -> Enum:
    for one in kind:
        if type(one.value) is type(value) and one.value == value:
            return one
    raise _Refused(_allowed(kind))


def _only(given: type, build: _Factory) -> _Factory:
    """What ``build`` makes, for values of one kind alone."""

    def factory(kind: Any, converter: Converter) -> _Hook:
        inner = build(kind, converter)

        def hook(value: Any, wanted: Any) -> Any:
            if not isinstance(value, given):
                raise _Refused(_allowed(kind))
            return inner(value, wanted)

        return hook

    return factory


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    converter.register_structure_hook_factory(is_mapping, _only(dict, mapping_structure_factory))
    converter.register_structure_hook_factory(is_sequence, _only(list, list_structure_factory))
    converter.register_structure_hook_factory(_is_tuple, _only(list, homogenous_tuple_structure_factory))
    converter.register_structure_hook_factory(
        lambda kind: isinstance(kind, type) and attrs.has(kind),
        _only(dict, make_dict_structure_fn),
    )
    converter.register_structure_hook(Enum, _enum)
    for kind, given in ((str, (str,)), (int, (int,)), (float, (float, int)), (bool, (bool,))):
        converter.register_structure_hook(kind, _exactly(kind, given))
    converter.register_structure_hook(Date, _exactly(Date, (datetime.date,)))
    converter.register_structure_hook(Time, _exactly(Time, (datetime.time,)))
    converter.register_structure_hook(ZoneInfo, _exactly(ZoneInfo, (str,)))
    return converter
