"""Tables of a TOML file as attrs classes, strictly: no key that is not known, no value of another kind, every fault named."""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NewType, TypeVar, Union, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs
import cattrs
from cattrs.cols import (
    homogenous_tuple_structure_factory,
    is_mapping,
    is_sequence,
    list_structure_factory,
    mapping_structure_factory,
)
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError
from cattrs.gen import make_dict_structure_fn
from mewe_core.kit.errors import Invalid
from whenever import Date, Time

from mewe_host.mix.faults import Fault, MixFaults, Refused, closest

T = TypeVar("T")
_Hook = Callable[[Any, Any], Any]

_WORDS: dict[Any, str] = {
    str: 'a text in quotes ("...")',
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Date: "a date, such as 2026-03-01",
    Time: "a time of day, such as 16:00:00",
    ZoneInfo: 'a time zone, such as "Europe/Stockholm"',
}

_SAID_BY_ATTRS = re.compile(r"'(\w+)' (.*?)(?:: [^:]*)?", re.DOTALL)
"""How a validator of attrs puts it: the field, the rule, and the value, which is left out."""


def structured(table: Mapping[str, Any], kind: type[T], *, file: str, key: str = "") -> T:
    """The table as an instance of ``kind``. Raises MixFaults with every fault that was found; ``key`` leads their keys."""
    try:
        return _converter().structure(table, kind)
    except Exception as fault:
        faults = tuple(Fault(file, *rest) for rest in _explained(fault, kind, key))
        if not faults:
            raise
        raise MixFaults(*faults) from None


def _explained(fault: BaseException, kind: Any, key: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(fault, ClassValidationError | IterableValidationError):
        noted, others = fault.group_exceptions()
        for inner, note in noted:
            step = getattr(note, "name", None) or getattr(note, "index", "")
            below = f"{key}[{step}]" if isinstance(step, int) else f"{key}.{step}" if key else str(step)
            if isinstance(inner, KeyError) and isinstance(fault, ClassValidationError):
                yield below, "this key is missing", _allowed(note.type)
            else:
                yield from _explained(inner, note.type, below)
        for other in others:
            yield from _explained(other, kind, key)
    elif isinstance(fault, ForbiddenExtraKeysError):
        names = [one.name for one in attrs.fields(fault.cl)]
        for extra in sorted(fault.extra_fields):
            yield f"{key}.{extra}" if key else extra, "this key is not known", closest(extra, names)
    elif isinstance(fault, Refused):
        yield key, "this value is of another kind", fault.allowed
    elif isinstance(fault, Invalid):
        for one in fault.fields:
            yield f"{key}.{one.path}" if key else one.path, "this value cannot be used", one.rule
    elif isinstance(fault, ValueError):
        said = _SAID_BY_ATTRS.fullmatch(str(fault))
        below = key if said is None else f"{key}.{said[1]}" if key else said[1]
        yield (
            below,
            "this value cannot be used",
            said[2].replace("must be", "a value", 1) if said else str(fault).rstrip(".") or _allowed(kind),
        )


def _allowed(kind: Any) -> str:
    inner = _inner(kind)
    if inner in _WORDS:
        return _WORDS[inner]
    if isinstance(inner, type) and issubclass(inner, Enum):
        return "one of " + ", ".join(f'"{one.value}"' for one in inner)
    if isinstance(inner, type) and attrs.has(inner):
        return "a section with " + ", ".join(one.name for one in attrs.fields(inner))
    return "a list" if is_sequence(inner) or get_origin(inner) is tuple else "a section"


def _inner(kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        some = [one for one in get_args(kind) if one is not NoneType]
        return _inner(some[0]) if len(some) == 1 else kind
    return _inner(kind.__supertype__) if isinstance(kind, NewType) else kind


def _exactly(kind: type, make: Callable[[Any], Any], given: tuple[type, ...]) -> _Hook:
    def hook(value: Any, wanted: Any) -> Any:
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return _enum(value, wanted)
        if type(value) not in given:
            raise Refused(_WORDS[kind])
        try:
            return make(value)
        except (ValueError, KeyError, OSError):
            raise Refused(_WORDS[kind]) from None

    return hook


def _only(given: type, build: Callable[[Any, cattrs.Converter], _Hook]) -> Callable[[Any, cattrs.Converter], _Hook]:
    """What ``build`` makes, for values of one kind alone."""

    def factory(kind: Any, converter: cattrs.Converter) -> _Hook:
        inner = build(kind, converter)

        def hook(value: Any, wanted: Any) -> Any:
            if not isinstance(value, given):
                raise Refused(_allowed(kind))
            return inner(value, wanted)

        return hook

    return factory


def _enum(value: Any, kind: type[Enum]) -> Enum:
    try:
        return kind(value)
    except ValueError:
        raise Refused(_allowed(kind)) from None


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)
    converter.register_structure_hook_factory(is_mapping, _only(dict, mapping_structure_factory))
    converter.register_structure_hook_factory(is_sequence, _only(list, list_structure_factory))
    converter.register_structure_hook_factory(_is_tuple, _only(list, homogenous_tuple_structure_factory))
    converter.register_structure_hook_factory(
        lambda kind: isinstance(kind, type) and attrs.has(kind),
        _only(dict, lambda kind, using: make_dict_structure_fn(kind, using, _cattrs_forbid_extra_keys=True)),
    )
    converter.register_structure_hook(Enum, _enum)
    for kind, given in ((str, (str,)), (int, (int,)), (float, (float, int)), (bool, (bool,))):
        converter.register_structure_hook(kind, _exactly(kind, kind, given))
    converter.register_structure_hook(Date, _exactly(Date, Date, (datetime.date,)))
    converter.register_structure_hook(Time, _exactly(Time, Time, (datetime.time,)))
    converter.register_structure_hook(ZoneInfo, _exactly(ZoneInfo, ZoneInfo, (str,)))
    return converter
