"""Writes, for each pair of an attrs class and a message, the straight-line Python that converts one into the other.

What is generated for ``PostMessage(request_id, room_id, text)`` is ``return Class(m.request_id, m.room_id, m.text)``: as a
person would write it by hand. Whatever can be decided at the start is decided then.
"""

import linecache
from collections.abc import Callable
from enum import Enum
from typing import Any

from attrs import field, frozen
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from mewe_core.kit.errors import Field, Invalid

from mewe_host.wire.converting import date, first_fault, missing, moment, put_moment, within
from mewe_host.wire.matching import Kind, Match, match, prefix

Load = Callable[[Message], Any]
Fill = Callable[[Message, Any], None]


@frozen
class Converters:
    """The two functions of a pair: ``load`` makes the attrs instance, ``fill`` writes one into an empty message."""

    load: Load
    fill: Fill


@frozen
class Compiler:
    """Compiles pairs, each once. ``tolerant`` is for events: an enum value that is not known here is None where it may be.

    ``problems`` gathers what does not fit, with the class and the message it was found in.
    """

    tolerant: bool
    problems: list[str] = field(factory=list)
    _names: dict[tuple[type, str], int] = field(factory=dict)
    _scope: dict[str, Any] = field(factory=dict)

    def pair(self, kind: type, message: Descriptor, whose: str) -> Converters | None:
        """The converters of a class and a message; None if they do not fit. ``whose`` begins each problem's text."""
        before = len(self.problems)
        number = self._pair(kind, message, whose)
        if len(self.problems) > before or f"load{number}" not in self._scope:
            return None
        return Converters(self._scope[f"load{number}"], self._scope[f"fill{number}"])

    def _pair(self, kind: type, message: Descriptor, whose: str) -> int:
        key = (kind, message.full_name)
        if key in self._names:
            return self._names[key]
        number = self._names[key] = len(self._names)
        matches, problems = match(kind, message)
        self.problems.extend(f"{whose}: {kind.__name__} ({message.full_name}): {problem}" for problem in problems)
        if problems:
            return number
        self._scope.update(_TOOLS)
        self._scope[f"class{number}"] = kind
        lines = [*self._load(number, matches, whose), *self._fill(number, kind, matches, whose)]
        self._execute("\n".join(lines), f"<wire {message.full_name}>")
        return number

    def _execute(self, source: str, name: str) -> None:
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        exec(compile(source, name, "exec"), self._scope)  # noqa: S102

    def _named(self, what: str, value: object) -> str:
        for name, there in self._scope.items():
            if there is value:
                return name
        name = f"{what}{len(self._scope)}"
        self._scope[name] = value
        return name

    def _load(self, number: int, matches: list[Match], whose: str) -> list[str]:
        lines = [f"def load{number}(m):"]
        arguments = []
        for index, one in enumerate(matches):
            value = self._direct(one)
            if value is None:
                lines += self._guarded(f"a{index}", one, whose)
                value = f"a{index}"
            arguments.append(f"{one.argument}={value}" if any(other.keyword for other in matches) else value)
        lines.append(f"    return class{number}({', '.join(arguments)})")
        return lines

    def _direct(self, one: Match) -> str | None:
        """The expression of a value that cannot be at fault."""
        if one.kind is Kind.PLAIN and one.repeated:
            return f"tuple(m.{one.name})"
        if one.kind is Kind.PLAIN:
            return f'm.{one.name} if m.HasField("{one.name}") else None' if one.optional else f"m.{one.name}"
        return None

    def _guarded(self, target: str, one: Match, whose: str) -> list[str]:
        convert = self._converter(one, whose)
        here = f'"{one.name}"'
        if one.repeated:
            return [
                "    try:",
                f"        {target} = tuple([{convert}(x) for x in m.{one.name}])",
                "    except Invalid:",
                f"        raise first_fault({here}, {convert}, m.{one.name}) from None",
            ]
        conversion = [
            "    try:",
            f"        {target} = {convert}(m.{one.name})",
            "    except Invalid as fault:",
            f"        raise within({here}, fault) from None",
        ]
        if one.optional:
            return [f"    {target} = None", f"    if m.HasField({here}):", *("    " + line for line in conversion)]
        if one.field.message_type is not None:
            return [f"    if not m.HasField({here}):", f"        raise missing({here})", *conversion]
        return conversion

    def _converter(self, one: Match, whose: str) -> str:
        if one.kind is Kind.MOMENT:
            return "moment"
        if one.kind is Kind.DATE:
            return "date"
        if one.kind is Kind.TEXT:
            return self._named("text", one.python)
        if one.kind is Kind.ENUM:
            return self._named("enum", _enum_loader(one, tolerant=self.tolerant and one.optional))
        return f"load{self._pair(one.python, _message_type(one.field), whose)}"

    def _fill(self, number: int, kind: type, matches: list[Match], whose: str) -> list[str]:
        lines = [f"def fill{number}(m, x):"]
        for group in dict.fromkeys(one.oneof for one in matches if one.oneof is not None):
            names = [one.name for one in matches if one.oneof == group]
            count = " + ".join(f"(x.{name} is not None)" for name in names)
            lines += [
                f"    if {count} > 1:",
                f'        raise TypeError("{kind.__name__}: only one of {", ".join(names)} may be set")',
            ]
        for one in matches:
            lines += self._put(one, whose)
        lines.append("    return m")
        return lines

    def _put(self, one: Match, whose: str) -> list[str]:
        if one.kind in (Kind.MOMENT, Kind.MESSAGE):
            return self._put_message(one, whose)
        before, after = "", ""
        if one.kind is Kind.ENUM:
            before, after = self._named("number", _numbers(one)) + "[", "]"
        elif one.kind is Kind.DATE:
            after = ".format_iso()"
        if one.repeated:
            values = f"[{before}v{after} for v in x.{one.name}]" if before or after else f"x.{one.name}"
            return [f"    m.{one.name}.extend({values})"]
        if one.optional:
            return [f"    v = x.{one.name}", "    if v is not None:", f"        m.{one.name} = {before}v{after}"]
        return [f"    m.{one.name} = {before}x.{one.name}{after}"]

    def _put_message(self, one: Match, whose: str) -> list[str]:
        moment_ = one.kind is Kind.MOMENT
        put = "put_moment" if moment_ else f"fill{self._pair(one.python, _message_type(one.field), whose)}"
        if one.repeated:
            return [f"    for v in x.{one.name}:", f"        {put}(m.{one.name}.add(), v)"]
        present = [] if moment_ else [f"m.{one.name}.SetInParent()"]
        lines = [*present, f"{put}(m.{one.name}, x.{one.name})"]
        if one.optional:
            return [f"    if x.{one.name} is not None:", *(f"        {line}" for line in lines)]
        return [f"    {line}" for line in lines]


_TOOLS: dict[str, Any] = {
    "Invalid": Invalid,
    "date": date,
    "first_fault": first_fault,
    "missing": missing,
    "moment": moment,
    "put_moment": put_moment,
    "within": within,
}


def _message_type(one: FieldDescriptor) -> Descriptor:
    if one.message_type is None:
        raise AssertionError(f"{one.full_name} is no message")
    return one.message_type


def _enum_values(one: Match) -> dict[int, Enum]:
    contract = one.field.enum_type
    if contract is None or not issubclass(one.python, Enum):
        raise AssertionError(f"{one.name} is no enum")
    return {contract.values_by_name[prefix(contract) + name].number: member for name, member in one.python.__members__.items()}


def _enum_loader(one: Match, *, tolerant: bool) -> Callable[[int], Enum | None]:
    values: dict[int, Enum | None] = {**_enum_values(one)}
    rule = "one of " + ", ".join(member.name for member in _enum_values(one).values())
    if one.optional:
        values[0] = None
    if tolerant:
        return values.get

    def load(number: int) -> Enum | None:
        try:
            return values[number]
        except KeyError:
            raise Invalid(Field("", rule)) from None

    return load


def _numbers(one: Match) -> dict[Enum, int]:
    return {member: number for number, member in _enum_values(one).items()}
