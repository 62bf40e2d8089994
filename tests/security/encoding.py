"""Requests as bytes, by hand: what no library would write, a stranger can send."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from tests.security.contract import MOMENT

_FIRST, _LAST = -62_135_596_800, 253_402_300_799


def wire(message: Descriptor, values: Mapping[str, Any]) -> bytes:
    """A request in protobuf. Texts may be bytes, numbers and enums any number, moments any pair of seconds and nanoseconds."""
    encoded = b""
    for name, value in values.items():
        field = message.fields_by_name[name]
        for one in value if isinstance(value, list) else [value]:
            encoded += _field(field, one)
    return encoded


def json_text(message: Descriptor, values: Mapping[str, Any]) -> bytes:
    """The same in protobuf's JSON. Bytes that are no text stand in it as they are, halves of characters as escapes."""
    text = json.dumps(_as_json(message, values), ensure_ascii=False)
    escaped = re.sub("[\ud800-\udbff]", lambda half: f"\\u{ord(half[0]):04x}", text)
    return escaped.encode("utf-8", "surrogateescape")


def tagged(number: int, kind: int, content: bytes) -> bytes:
    """A field of a number and wire type."""
    return varint(number << 3 | kind) + content


def varint(number: int) -> bytes:
    """A whole number, negative ones as 64 bits."""
    number &= (1 << 64) - 1
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*encoded, number))


def _field(field: FieldDescriptor, value: Any) -> bytes:
    if field.message_type is not None and field.message_type.full_name == MOMENT:
        content = tagged(1, 0, varint(value[0])) + tagged(2, 0, varint(value[1]))
    elif field.message_type is not None:
        content = wire(field.message_type, value)
    elif isinstance(value, str | bytes):
        content = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    else:
        return tagged(field.number, 0, varint(int(value)))
    return tagged(field.number, 2, varint(len(content)) + content)


def _as_json(message: Descriptor, values: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in values.items():
        field = message.fields_by_name.get(name)
        if field is None:
            found[name] = value
        else:
            several = isinstance(value, list)
            found[field.json_name] = [_json_value(field, one) for one in value] if several else _json_value(field, value)
    return found


def _json_value(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is not None and isinstance(value, tuple):
        return _moment(*value)
    if field.message_type is not None and isinstance(value, dict):
        return _as_json(field.message_type, value)
    if field.type == FieldDescriptor.TYPE_BYTES and isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def _moment(seconds: int, nanos: int) -> str:
    is_possible = _FIRST <= seconds <= _LAST and 0 <= nanos < 1_000_000_000
    return "2030-03-17T17:46:40Z" if is_possible else f"{seconds}-99-99T99:99:99.{nanos}Z"
