"""Compares an attrs class with the message it stands for: which field goes where, and everything that does not fit."""

from collections.abc import Iterator
from enum import Enum, auto
from types import NoneType, UnionType
from typing import NewType, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from mewe_core.kit.events import snake
from whenever import Date, Instant

TIMESTAMP = "google.protobuf.Timestamp"

_WHOLE = frozenset(
    {
        FieldDescriptor.TYPE_INT32,
        FieldDescriptor.TYPE_INT64,
        FieldDescriptor.TYPE_UINT32,
        FieldDescriptor.TYPE_UINT64,
        FieldDescriptor.TYPE_SINT32,
        FieldDescriptor.TYPE_SINT64,
        FieldDescriptor.TYPE_FIXED32,
        FieldDescriptor.TYPE_FIXED64,
        FieldDescriptor.TYPE_SFIXED32,
        FieldDescriptor.TYPE_SFIXED64,
    }
)

_PLAIN: dict[type, frozenset[int]] = {
    str: frozenset({FieldDescriptor.TYPE_STRING}),
    bytes: frozenset({FieldDescriptor.TYPE_BYTES}),
    bool: frozenset({FieldDescriptor.TYPE_BOOL}),
    int: _WHOLE,
    float: frozenset({FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT}),
}


class Kind(Enum):
    """How one value is converted."""

    PLAIN = auto()
    TEXT = auto()
    ENUM = auto()
    MOMENT = auto()
    DATE = auto()
    MESSAGE = auto()


@frozen
class Match:
    """A field of an attrs class and the field of a message it stands for.

    ``argument`` is its name in the class's ``__init__``; ``python`` the class of one value; ``optional`` that it may be None.
    """

    name: str
    argument: str
    keyword: bool
    kind: Kind
    python: type
    repeated: bool
    optional: bool
    field: FieldDescriptor

    @property
    def oneof(self) -> str | None:
        """The oneof it belongs to, or None; ``optional`` alone is none."""
        group = self.field.containing_oneof
        return group.name if group is not None and len(group.fields) > 1 else None


def match(kind: type, message: Descriptor) -> tuple[list[Match], list[str]]:
    """The matches in the order of the class's fields, and a problem for each misfit, said in a few words."""
    if not attrs.has(kind):
        return [], ["is not an attrs class"]
    try:
        hints = get_type_hints(kind)
    except NameError as fault:
        return [], [f"has an annotation that names nothing: {fault}"]
    ours = {one.name: one for one in attrs.fields(kind)}
    problems = [f"{name}: not in the contract" for name in ours if name not in message.fields_by_name]
    problems += [f"{name}: only in the contract" for name in message.fields_by_name if name not in ours]
    matches: list[Match] = []
    for name, one in ours.items():
        field = message.fields_by_name.get(name)
        if field is None:
            continue
        if not one.init:
            problems.append(f"{name}: cannot be set when the class is made (init=False)")
            continue
        found = _one(one, hints[name], field)
        if isinstance(found, Match):
            matches.append(found)
            if found.kind is Kind.ENUM and field.enum_type is not None:
                problems += [f"{name}: {problem}" for problem in _enum_problems(found.python, field.enum_type)]
        else:
            problems.append(f"{name}: {found}")
    return matches, problems


def prefix(kind: EnumDescriptor) -> str:
    """What stands before the members' names in the contract: ``SCOPE_KIND_`` for ScopeKind."""
    return snake(kind.name).upper() + "_"


def _one(one: "attrs.Attribute[object]", hint: object, field: FieldDescriptor) -> Match | str:
    inner, optional = _without_none(hint)
    repeated = get_origin(inner) is tuple
    if repeated:
        arguments = get_args(inner)
        if len(arguments) != 2 or arguments[1] is not Ellipsis:
            return "a list is a tuple[T, ...] in the class"
        inner = arguments[0]
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return "maps are not supported; use a repeated message"
    if repeated != field.is_repeated:
        return (
            "repeated in the contract, not a tuple in the class"
            if field.is_repeated
            else "a tuple, not repeated in the contract"
        )
    presence = _presence_problem(field, repeated=repeated, optional=optional)
    if presence:
        return presence
    kind = _kind(inner, field)
    if kind is None:
        return f"{_name(inner)} in the class, {_type_name(field)} in the contract"
    python = inner if isinstance(inner, type) else str
    return Match(one.name, one.alias or one.name, one.kw_only, kind, python, repeated, optional, field)


def _presence_problem(field: FieldDescriptor, *, repeated: bool, optional: bool) -> str:
    if repeated:
        return "a list cannot be None" if optional else ""
    if optional and not field.has_presence:
        return "may be None in the class, not optional in the contract"
    if not optional and field.containing_oneof is not None:
        labelled = len(field.containing_oneof.fields) == 1
        return f"{'optional' if labelled else 'one of several'} in the contract, cannot be None in the class"
    return ""


def _kind(python: object, field: FieldDescriptor) -> Kind | None:
    if isinstance(python, NewType):
        return _kind(python.__supertype__, field)
    if not isinstance(python, type):
        return None
    if field.message_type is not None:
        if field.message_type.full_name == TIMESTAMP:
            return Kind.MOMENT if python is Instant else None
        return Kind.MESSAGE if attrs.has(python) else None
    if field.enum_type is not None:
        return Kind.ENUM if issubclass(python, Enum) else None
    if issubclass(python, Enum):
        return None
    if python is Date:
        return Kind.DATE if field.type == FieldDescriptor.TYPE_STRING else None
    if field.type in _PLAIN.get(python, frozenset()):
        return Kind.PLAIN
    if issubclass(python, str) and field.type == FieldDescriptor.TYPE_STRING:
        return Kind.TEXT
    return None


def _enum_problems(python: type, contract: EnumDescriptor) -> Iterator[str]:
    before = prefix(contract)
    ours = {before + member for member in python.__members__} if issubclass(python, Enum) else set()
    theirs = {value.name for value in contract.values if value.number != 0}
    first = contract.values_by_number[0].name
    if first != f"{before}UNSPECIFIED":
        yield f"{contract.full_name}: the value 0 is {first}, not {before}UNSPECIFIED"
    for name in sorted(ours - theirs):
        yield f"{python.__name__} has {name.removeprefix(before)}, {contract.full_name} has no {name}"
    for name in sorted(theirs - ours):
        yield f"{contract.full_name} has {name}, {python.__name__} has no {name.removeprefix(before)}"


def _without_none(hint: object) -> tuple[object, bool]:
    if get_origin(hint) in (Union, UnionType):
        others = [one for one in get_args(hint) if one is not NoneType]
        if len(others) == 1 and len(others) < len(get_args(hint)):
            return others[0], True
    return hint, False


def _name(hint: object) -> str:
    return getattr(hint, "__name__", str(hint))


def _type_name(field: FieldDescriptor) -> str:
    if field.message_type is not None:
        return field.message_type.full_name
    if field.enum_type is not None:
        return field.enum_type.full_name
    return next(
        (
            name.removeprefix("TYPE_").lower()
            for name in dir(FieldDescriptor)
            if name.startswith("TYPE_") and getattr(FieldDescriptor, name) == field.type
        ),
        "another type",
    )
