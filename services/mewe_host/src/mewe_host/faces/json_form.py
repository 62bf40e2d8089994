"""Messages as JSON, by protobuf's own mapping: lowerCamelCase names, moments as RFC 3339, 64-bit numbers as texts.

Unknown fields are ignored; an unknown enum value is not, so that a request never means something else than it says.
"""

import json
import re
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from mewe_core.kit.errors import Field, Invalid

_PLACE = re.compile(r" at \w+\.([\w.\[\]]+?)\.*$")
_CHAIN = re.compile(r"Failed to parse (\w+) field: ")
_NO_MESSAGE = (ValueError, TypeError, AttributeError, OverflowError, RecursionError)
_STEP = re.compile(r"(\w+)((?:\[\d+\])?)")


def write(message: Message) -> bytes:
    """The message as JSON, in one line; fields that hold their default are left out."""
    return json.dumps(MessageToDict(message), ensure_ascii=False, separators=(",", ":")).encode()


def read(data: bytes | bytearray, kind: type[Message]) -> Message:
    """The message that a JSON text means. Raises Invalid, with the field's path where one is at fault."""
    contract = cast(Descriptor, kind.DESCRIPTOR)
    whole = Field("", f"the JSON of a {contract.full_name}")
    value: Any = None
    try:
        value = json.loads(data, object_pairs_hook=_object)
        if not isinstance(value, dict):
            raise Invalid(whole)
        return ParseDict(_known(value, contract), kind())
    except ParseError as fault:
        path = _path(str(fault), contract, value)
        raise Invalid(Field(path, "a value of the type in the contract") if path else whole) from None
    except _NO_MESSAGE:
        raise Invalid(whole) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _known(value: Any, message: Descriptor) -> Any:
    """The same without the fields that the contract does not have."""
    if not isinstance(value, dict) or message.full_name.startswith("google.protobuf."):
        return value
    kept = {}
    for name, inner in value.items():
        field = _field(message, name)
        if field is None:
            continue
        if field.message_type is None:
            kept[name] = inner
        elif field.is_repeated and isinstance(inner, list):
            kept[name] = [_known(item, field.message_type) for item in inner]
        else:
            kept[name] = _known(inner, field.message_type)
    return kept


def _field(message: Descriptor, name: str) -> FieldDescriptor | None:
    return message.fields_by_camelcase_name.get(name) or message.fields_by_name.get(name)


def _path(fault: str, message: Descriptor, value: Any) -> str:
    """Where the parser says the fault is, in the contract's names; empty where it does not say it in names of the contract.

    ``value`` is what was parsed: of a list the parser does not always say which entry it is.
    """
    place = _PLACE.search(fault)
    steps = place[1].split(".") if place is not None else _CHAIN.findall(fault)
    path = []
    here: Descriptor | None = message
    for step in steps:
        parts = _STEP.fullmatch(step)
        field = None if parts is None or here is None else _field(here, parts[1])
        if parts is None or field is None or here is None:
            break
        value = value.get(parts[1]) if isinstance(value, dict) else None
        index = _first_wrong(here, parts[1], value) if field.is_repeated and isinstance(value, list) else None
        if index is not None:
            value = value[index]
        path.append(field.name + (parts[2] if index is None else f"[{index}]"))
        here = field.message_type
    return ".".join(path)


def _first_wrong(message: Descriptor, name: str, entries: list[Any]) -> int | None:
    for index, entry in enumerate(entries):
        try:
            ParseDict(_known({name: [entry]}, message), GetMessageClass(message)())
        except (ParseError, *_NO_MESSAGE):
            return index
    return None
