"""MEWE as a library: plan a series, check who is eligible, decide who may. No service is needed, and nothing is opened.

What is named here is loaded when it is first asked for, so that a host pays only for what it uses.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mewe_core.kit.access import Access, Caller, Held, Role, Scope, ScopeKind, Standing, anyone, may, member, signed_in
    from mewe_core.programme import LocalStart, Overlay, eligible, overlaid, plan_series, read_programme

_ACCESS = ("Access", "Caller", "Held", "Role", "Scope", "ScopeKind", "Standing", "anyone", "may", "member", "signed_in")
_PROGRAMME = ("LocalStart", "Overlay", "eligible", "overlaid", "plan_series", "read_programme")

__all__ = [
    "Access",
    "Caller",
    "Held",
    "LocalStart",
    "Overlay",
    "Role",
    "Scope",
    "ScopeKind",
    "Standing",
    "anyone",
    "eligible",
    "may",
    "member",
    "overlaid",
    "plan_series",
    "read_programme",
    "signed_in",
]


def __getattr__(name: str) -> object:
    """What is named in ``__all__``. Raises AttributeError for anything else."""
    place = "mewe_core.kit.access" if name in _ACCESS else "mewe_core.programme" if name in _PROGRAMME else None
    if place is None:
        raise AttributeError(f"mewe_core has no {name}")
    found: object = getattr(import_module(place), name)
    return found
