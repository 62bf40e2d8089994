"""Tables of a mix as attrs classes: what the kit finds wrong in them, with the file it stands in."""

from collections.abc import Mapping
from typing import TypeVar

from mewe_core.kit import tables

from mewe_host.mix.faults import Fault, MixFaults

T = TypeVar("T")


def structured(table: Mapping[str, object], kind: type[T], *, file: str, key: str = "") -> T:
    """The table as an instance of ``kind``. Raises MixFaults with every fault that was found; ``key`` leads their keys."""
    try:
        return tables.structured(table, kind, key=key)
    except tables.TableFaults as fault:
        raise MixFaults(*(Fault(file, one.key, one.problem, one.allowed) for one in fault.faults)) from None
