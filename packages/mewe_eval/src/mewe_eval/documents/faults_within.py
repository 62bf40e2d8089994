"""Every fault in a table, also where one hides another: a section whose first value is wrong may have others that are."""

from collections.abc import Hashable, Iterator, Mapping
from functools import cache
from typing import Any, cast, get_args, get_type_hints

import attrs
from mewe_core.kit.tables import TableFault, TableFaults, structured


def faults_within(table: Mapping[str, object], kind: type[Any], key: str = "") -> Iterator[TableFault]:
    """What is wrong with each value by itself, and with each section within; ``key`` leads the keys of the faults.

    ``structured`` makes a whole section or tells its first fault; here each key is read alone. Some faults are told twice.
    """
    for name, alone in _alone(cast(Hashable, kind)).items():
        if name not in table:
            continue
        try:
            structured({name: table[name]}, alone, key=key)
        except TableFaults as fault:
            yield from fault.faults
        yield from _below(table[name], get_type_hints(kind)[name], f"{key}.{name}" if key else name)


def _below(value: object, kind: Any, key: str) -> Iterator[TableFault]:
    inner = next((one for one in (kind, *get_args(kind)) if isinstance(one, type) and attrs.has(one)), None)
    if inner is None:
        return
    if isinstance(value, list):
        for n, entry in enumerate(value):
            if isinstance(entry, dict):
                yield from faults_within(entry, inner, f"{key}[{n}]")
    elif isinstance(value, dict) and get_args(kind)[:1] == (str,):
        for name, entry in value.items():
            if isinstance(entry, dict):
                yield from faults_within(entry, inner, f"{key}.{name}")
    elif isinstance(value, dict):
        yield from faults_within(value, inner, key)


@cache
def _alone(kind: Any) -> Mapping[str, type[Any]]:
    """For each field a class that has it alone."""
    hints = get_type_hints(kind)
    return {
        one.name: attrs.make_class(
            kind.__name__, {one.name: attrs.field(type=hints[one.name], validator=one.validator)}, frozen=True
        )
        for one in attrs.fields(kind)
    }
