"""Values as they are kept: what a column holds, and the attrs class a row becomes.

Result processors of SQLAlchemy are bypassed (the host executes with the bare driver), so a column holds text, an integer,
a float, a boolean or bytes; moments are kept as integer microseconds since 1970 UTC, dates and enums as text.
"""

import json
from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache
from operator import methodcaller
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
from whenever import Date, Instant

Value = str | int | float | bool | bytes | None
"""What a column holds."""

Parameter = Value | Instant | Date | Enum | Sequence[str] | Sequence[int]
"""What a statement may be given; ``stored`` says how it is kept. A sequence of texts or numbers is for ``one_of``."""

T = TypeVar("T")


micros: Callable[[Instant], int] = methodcaller("timestamp", unit="microsecond")
"""Microseconds since 1970-01-01 UTC."""


def moment(microseconds: int) -> Instant:
    """The inverse of ``micros``."""
    return Instant.from_timestamp(microseconds, unit="microsecond")


def _text(value: Sequence[Parameter]) -> str:
    return json.dumps([stored(one) for one in value])


_STORED: dict[type, Callable[[Any], Value]] = {Instant: micros, Date: Date.format_iso, list: _text, tuple: _text}
AS_IS = frozenset({str, int, float, bool, bytes, NoneType})
"""The kinds of values that a column keeps as they are."""


def stored(value: Parameter) -> Value:
    """The value as a column keeps it."""
    kind = type(value)
    if kind in AS_IS:
        return value  # type: ignore[return-value]
    convert = _STORED.get(kind)
    if convert is not None:
        return convert(value)
    if isinstance(value, Enum):
        kept = value.value
        if isinstance(kept, str):
            return kept
    raise TypeError(f"a column cannot hold {kind.__name__}")


def columns(thing: attrs.AttrsInstance) -> dict[str, Parameter]:
    """An attrs instance as the parameters of an insert: one a field, under the field's name."""
    return _columns(type(thing))(thing)


@cache
def _columns(kind: type[attrs.AttrsInstance]) -> Callable[[attrs.AttrsInstance], dict[str, Parameter]]:
    items = ", ".join(f"{field.name!r}: thing.{field.name}" for field in attrs.fields(kind))
    return eval(f"lambda thing: {{{items}}}")  # type: ignore[no-any-return]  # noqa: S307


@cache
def reader(kind: type[T]) -> Callable[[Sequence[Value]], T]:
    """What turns a row into ``kind``: an attrs class whose fields stand in the order of the columns, or one bare value."""
    if not attrs.has(kind):
        convert = _loader(kind)
        return (lambda row: row[0]) if convert is None else (lambda row: convert(row[0]))  # type: ignore[return-value]
    hints = get_type_hints(kind)
    loaders = [_loader(hints[field.name]) for field in attrs.fields(kind)]
    arguments = ", ".join(f"row[{n}]" if load is None else f"load{n}(row[{n}])" for n, load in enumerate(loaders))
    names = {f"load{n}": load for n, load in enumerate(loaders) if load is not None}
    return eval(f"lambda row: kind({arguments})", {"kind": kind, **names})  # type: ignore[no-any-return]  # noqa: S307


def _loader(hint: object) -> Callable[[Any], Any] | None:
    if get_origin(hint) in (Union, UnionType):
        inner = [one for one in get_args(hint) if one is not NoneType]
        load = _loader(inner[0]) if len(inner) == 1 else None
        return None if load is None else (lambda value: None if value is None else load(value))
    if hint is Instant:
        return moment
    if hint is Date:
        return Date.parse_iso
    if hint is bool:
        return bool
    if get_origin(hint) is tuple:
        element = _loader(get_args(hint)[0])
        return lambda value: tuple(json.loads(value) if element is None else map(element, json.loads(value)))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    return None
