"""Events: one thing that happened, told to whoever hears it; and the catalogue of all that may be told.

An event is a frozen attrs class named in the past tense. It holds ids, enums, whole numbers, booleans and moments: no text a
person wrote, no name, nobody's score. On the wire it is the protobuf message of the same name.
"""

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Generic, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import field, frozen
from whenever import Date, Instant

if TYPE_CHECKING:
    from mewe_core.kit.ports import Work


class Event:
    """What all events have in common: nothing but being one."""

    __slots__ = ()


Heard = TypeVar("Heard", bound=Event, contravariant=True)

Hexadecimal = NewType("Hexadecimal", str)
"""Digits a machine made (a public key, a digest): the one text besides ids that an event may hold."""


@frozen
class Published:
    """An event that a feature tells.

    ``aggregate`` names the field with the id whose history it belongs to: events of one aggregate are told in order.
    ``state``: the newest event of an aggregate replaces those before it, and is kept for features that come later.
    ``shared``: may leave the country. ``meaning`` is one sentence for the generated page.
    """

    kind: type[Event]
    aggregate: str = field(kw_only=True)
    meaning: str = field(kw_only=True)
    state: bool = field(default=False, kw_only=True)
    shared: bool = field(default=False, kw_only=True)


@frozen
class Hears(Generic[Heard]):
    """A coroutine ``handler(event, work)`` that a feature runs, in a unit of its own, for each event of a kind.

    ``lock`` gives the id of the scope whose rules the handler checks, as a request's access rule does; the event's aggregate
    if it is None.
    """

    kind: type[Event]
    handler: Callable[[Heard, "Work"], Awaitable[None]]
    lock: Callable[[Heard], str] | None = None


_PLAIN = (int, bool, Instant, Date)


def faults(kind: type[Event]) -> list[str]:
    """What keeps a class from being an event: not frozen attrs, or a field that could hold somebody's words."""
    if not attrs.has(kind):
        return [f"{kind.__name__} is not an attrs class"]
    hints = get_type_hints(kind)
    return [
        f"{kind.__name__}.{one.name} may hold text: an event has ids (…_id), enums, whole numbers, booleans and moments"
        for one in attrs.fields(kind)
        if not _plain(one.name, hints[one.name])
    ]


def _plain(name: str, hint: object) -> bool:
    if get_origin(hint) in (Union, UnionType):
        return all(one is NoneType or _plain(name, one) for one in get_args(hint))
    if hint is Hexadecimal:
        return True
    if hint is str:
        return name == "id" or name.endswith("_id")
    return isinstance(hint, type) and (issubclass(hint, Enum) or hint in _PLAIN)


@frozen
class Told:
    """An entry of the catalogue: which feature tells which event."""

    area: str
    published: Published

    @property
    def name(self) -> str:
        """The event's name in a subject: ``message_posted``."""
        return snake(self.published.kind.__name__)


@frozen
class Catalogue:
    """All events of a mix."""

    entries: tuple[Told, ...]

    def of(self, area: str) -> tuple[Told, ...]:
        """What one feature tells."""
        return tuple(one for one in self.entries if one.area == area)

    def tellers(self, kind: type[Event]) -> tuple[str, ...]:
        """Which features tell an event of that kind."""
        return tuple(one.area for one in self.entries if one.published.kind is kind)

    def find(self, area: str, name: str) -> Told | None:
        """By the two words of a subject."""
        return next((one for one in self.entries if one.area == area and one.name == name), None)


def catalogue(told: Sequence[tuple[str, Sequence[Published]]]) -> Catalogue:
    """The catalogue of features by name. Raises ValueError naming every event that breaks the rules."""
    entries = tuple(Told(area, one) for area, published in told for one in published)
    wrong = [fault for entry in entries for fault in faults(entry.published.kind)]
    wrong += [
        f"{entry.published.kind.__name__} has no field {entry.published.aggregate}"
        for entry in entries
        if attrs.has(entry.published.kind) and entry.published.aggregate not in attrs.fields_dict(entry.published.kind)
    ]
    if wrong:
        raise ValueError("; ".join(wrong))
    return Catalogue(entries)


def snake(name: str) -> str:
    """``MessagePosted`` as ``message_posted``."""
    return "".join(f"_{c.lower()}" if c.isupper() and n else c.lower() for n, c in enumerate(name))
