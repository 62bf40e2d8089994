"""Codecs: what the other parts of the host convert with."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from attrs import field, frozen
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.events import Event

from mewe_host.parts import Codec
from mewe_host.wire.compiling import Compiler, Converters
from mewe_host.wire.contracts import Contracts

T = TypeVar("T")


@frozen
class Compiled(Generic[T]):
    """A codec whose converters were compiled at the start."""

    message: type[Message]
    load: Callable[[Message], T]
    _fill: Callable[[Message, T], None]

    def parse(self, data: bytes) -> Message:
        """The message in these bytes. Raises Invalid if they are no such message (texts that are not UTF-8 included)."""
        try:
            return self.message.FromString(data)
        except DecodeError:
            raise Invalid(Field("", f"the bytes of a {self.message.DESCRIPTOR.full_name}")) from None

    def dump(self, thing: T) -> Message:
        """The message of an attrs instance. Raises TypeError or ValueError if it holds what the contract cannot."""
        message = self.message()
        self._fill(message, thing)
        return message


@frozen
class Codecs:
    """Makes codecs against the contracts, and gathers everything that does not fit in ``problems``."""

    contracts: Contracts
    problems: list[str] = field(factory=list)
    _requests: Compiler = field(factory=lambda: Compiler(tolerant=False))
    _events: Compiler = field(factory=lambda: Compiler(tolerant=True))

    def codec(self, kind: type[T], message: Descriptor, area: str) -> Codec[T] | None:
        """The codec of a request or answer; None, and a problem, if class and message do not fit."""
        converters = self._pair(self._requests, kind, message, area)
        if converters is None:
            return None
        return Compiled(self.contracts.message(message.full_name), converters.load, converters.fill)

    def item(self, kind: type[T], answer: Descriptor, area: str) -> Codec[T] | None:
        """The codec of an item of a stream: an answer that holds it alone. Answers one behind the other are read as one, with
        all their items. None, and a problem, if class and message do not fit; the answer has one field, which is repeated.
        """
        (field,) = answer.fields
        assert field.message_type is not None
        converters = self._pair(self._requests, kind, field.message_type, area)
        if converters is None:
            return None
        name, load, fill = field.name, converters.load, converters.fill
        return Compiled(
            self.contracts.message(answer.full_name),
            lambda message: load(getattr(message, name)[0]),
            lambda message, thing: fill(getattr(message, name).add(), thing),
        )

    def event(self, kind: type[Event], area: str) -> Codec[Event] | None:
        """The codec of an event that a feature tells: ``mewe.<area>.v1.<Class>``, else ``mewe.kit.v1.<Class>``.

        Its ``load`` raises ValueError where it cannot make the event: a value unknown to this code in a field that may not
        be None. Elsewhere an unknown enum value is None.
        """
        names = [f"mewe.{owner}.v1.{kind.__name__}" for owner in (area, "kit")]
        message = next((found for name in names if (found := self.contracts.descriptor(name)) is not None), None)
        if message is None:
            self.problems.append(f"feature {area}: the event {kind.__name__} has no message {names[0]}")
            return None
        converters = self._pair(self._events, kind, message, area)
        if converters is None:
            return None
        return Compiled(self.contracts.message(message.full_name), _of_event(kind, converters), converters.fill)

    def _pair(self, compiler: Compiler, kind: type, message: Descriptor, area: str) -> Converters | None:
        converters = compiler.pair(kind, message, f"feature {area}")
        self.problems.extend(one for one in compiler.problems if one not in self.problems)
        return converters


def _of_event(kind: type, converters: Converters) -> Callable[[Message], Any]:
    load = converters.load

    def load_event(message: Message) -> Any:
        try:
            return load(message)
        except Invalid as fault:
            what = ", ".join(f"{one.path}: {one.rule}" for one in fault.fields)
            raise ValueError(f"{kind.__name__} cannot be read here: {what}") from None

    return load_event
