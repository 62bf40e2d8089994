"""Well-formed requests, made from nothing but their class: for tests that ask every RPC of every feature."""

from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
from whenever import Date, Instant

from mewe_core.kit.errors import Invalid

_TEXTS = ("2026-09-01", "16:00", "Europe/Stockholm", "sv", "SE", "47110815", "a" * 64, "somebody@example.org", "")
_NUMBERS = (1, 0, 10, 60, 2026)


class NoExample(AssertionError):
    """No well-formed instance was found."""


def example(kind: type[Any], id_: str) -> Any:
    """An instance of an attrs class that its validators accept; ``id_`` in each field that has no default and takes a text.

    Raises NoExample if none of the values it tries pleases a validator.
    """
    hints = get_type_hints(kind)
    choices = {one.name: _candidates(hints[one.name], id_) for one in attrs.fields(kind) if _wanted(one)}
    tried = dict.fromkeys(choices, 0)
    while True:
        try:
            return kind(**{name: values[tried[name]] for name, values in choices.items()})
        except Invalid as refused:
            at_fault = [name for one in refused.fields for name in choices if one.path.split(".")[0].split("[")[0] == name]
            if not at_fault or tried[at_fault[0]] + 1 >= len(choices[at_fault[0]]):
                raise NoExample(f"{kind.__name__}: {refused.fields}") from refused
            tried[at_fault[0]] += 1


def _wanted(one: "attrs.Attribute[Any]") -> bool:
    return one.default is attrs.NOTHING or one.name.endswith("_id")


def _candidates(hint: object, id_: str) -> list[object]:
    if get_origin(hint) in (Union, UnionType):
        return [value for one in get_args(hint) if one is not NoneType for value in _candidates(one, id_)] + [None]
    if get_origin(hint) is tuple:
        element = _candidates(get_args(hint)[0], id_)
        return [(), *((one,) for one in element)]
    if not isinstance(hint, type):
        return [id_, *_TEXTS]
    plain: dict[type, list[object]] = {
        str: [id_, *_TEXTS],
        bool: [False, True],
        int: list(_NUMBERS),
        float: list(_NUMBERS),
        bytes: [b"", b"0"],
        Instant: [Instant.from_utc(2026, 9, 1, 14), Instant.from_utc(2030, 1, 1)],
        Date: [Date(2026, 9, 1), Date(2012, 1, 1)],
    }
    if hint in plain:
        return plain[hint]
    if issubclass(hint, Enum):
        return list(hint)
    return [example(hint, id_)]
