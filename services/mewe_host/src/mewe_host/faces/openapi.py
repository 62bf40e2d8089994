"""OpenAPI 3.1 of the whole API, made from the contracts: the comments of their authors are its descriptions."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import EnumValueDescriptorProto, FileDescriptorProto

from mewe_host.parts import Method
from mewe_host.wire.contracts import Contracts

Schema = dict[str, Any]

_WHOLE_32 = {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_SINT32, FieldDescriptor.TYPE_SFIXED32}
_WHOLE_U32 = {FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_FIXED32}
_FRACTIONAL = {FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT}

_ERROR = "connect.Error"
_DEADLINE = "Connect-Timeout-Ms"

_ERROR_SCHEMA: Schema = {
    "type": "object",
    "description": "A refusal. Its reason is in google.rpc.ErrorInfo, the paths of fields in google.rpc.BadRequest.",
    "required": ["code"],
    "properties": {
        "code": {"type": "string", "description": "The Connect code, in lower case."},
        "message": {"type": "string", "description": "One plain sentence."},
        "details": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "type": {"type": "string", "description": "The full name of a protobuf message."},
                    "value": {"type": "string", "contentEncoding": "base64", "description": "The message, without padding."},
                },
            },
        },
    },
}


def document(contracts: Contracts, methods: Mapping[str, Method], *, title: str, version: str) -> bytes:
    """The document as JSON: the unary methods by their paths, as Connect serves them. Streams are named in the description."""
    comments = _comments(contracts.sources.values())
    schemas: dict[str, Schema] = {_ERROR: _ERROR_SCHEMA}
    paths: Schema = {}
    streams: list[str] = []
    for path, method in sorted(methods.items()):
        found = _find(contracts, path)
        if method.streams:
            streams.append(path)
            continue
        item: Schema = {"post": _operation(found, comments, schemas)}
        paths[path] = item
    description = "Every method takes POST with JSON (or application/proto). Methods that only read also take Connect's GET."
    if streams:
        description += " Streams are served by gRPC, gRPC-Web and Connect streaming, and are not described here: " + ", ".join(
            streams
        )
    whole = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "An access token."}},
        },
        "security": [{"token": []}, {}],
        "tags": [
            {"name": service.full_name, "description": comments.get(service.full_name, "")}
            for service in dict.fromkeys(_find(contracts, path).containing_service for path in sorted(methods))
        ],
    }
    return json.dumps(whole, ensure_ascii=False).encode()


def _find(contracts: Contracts, path: str) -> MethodDescriptor:
    _, service, name = path.split("/")
    return contracts.pool.FindServiceByName(service).methods_by_name[name]


def _operation(method: MethodDescriptor, comments: Mapping[str, str], schemas: dict[str, Schema]) -> Schema:
    said = comments.get(method.full_name, "")
    return {
        "operationId": method.full_name,
        "tags": [method.containing_service.full_name],
        "summary": said.split("\n")[0],
        "description": said,
        "parameters": [
            {
                "name": _DEADLINE,
                "in": "header",
                "required": True,
                "description": "How many milliseconds the caller waits.",
                "schema": {"type": "integer", "minimum": 1},
            },
            {
                "name": "mewe-position",
                "in": "header",
                "required": False,
                "description": "The position that an earlier write was answered with: this call is answered when that is seen.",
                "schema": {"type": "string"},
            },
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _message(method.input_type, comments, schemas)}},
        },
        "responses": {
            "200": {
                "description": "The answer.",
                "headers": {
                    "mewe-position": {"description": "Where the events of this call stand.", "schema": {"type": "string"}}
                },
                "content": {"application/json": {"schema": _message(method.output_type, comments, schemas)}},
            },
            "default": {
                "description": "A refusal.",
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{_ERROR}"}}},
            },
        },
    }


def _message(message: Descriptor, comments: Mapping[str, str], schemas: dict[str, Schema]) -> Schema:
    if message.full_name == "google.protobuf.Timestamp":
        return {"type": "string", "format": "date-time"}
    if message.full_name not in schemas:
        schema: Schema = {"type": "object"}
        schemas[message.full_name] = schema
        if message.full_name in comments:
            schema["description"] = comments[message.full_name]
        schema["properties"] = {field.json_name: _field(field, comments, schemas) for field in message.fields}
    return {"$ref": f"#/components/schemas/{message.full_name}"}


def _field(field: FieldDescriptor, comments: Mapping[str, str], schemas: dict[str, Schema]) -> Schema:
    one = _value(field, comments, schemas)
    schema: Schema = {"type": "array", "items": one} if field.is_repeated else one
    said = comments.get(field.full_name)
    return {**schema, "description": said} if said else schema


def _value(field: FieldDescriptor, comments: Mapping[str, str], schemas: dict[str, Schema]) -> Schema:
    if field.message_type is not None:
        return _message(field.message_type, comments, schemas)
    if field.enum_type is not None:
        return _enum(field.enum_type, comments, schemas)
    if field.type == FieldDescriptor.TYPE_STRING:
        return {"type": "string"}
    if field.type == FieldDescriptor.TYPE_BYTES:
        return {"type": "string", "contentEncoding": "base64"}
    if field.type == FieldDescriptor.TYPE_BOOL:
        return {"type": "boolean"}
    if field.type in _FRACTIONAL:
        return {"type": "number"}
    if field.type in _WHOLE_32:
        return {"type": "integer", "format": "int32"}
    if field.type in _WHOLE_U32:
        return {"type": "integer", "minimum": 0}
    return {"type": "string", "format": "int64", "pattern": "^-?[0-9]+$"}


def _enum(enum: EnumDescriptor, comments: Mapping[str, str], schemas: dict[str, Schema]) -> Schema:
    if enum.full_name not in schemas:
        around = enum.full_name.removesuffix(enum.name)
        names = [value.name for value in enum.values if value.number]
        meanings = [f"{name}: {comments[around + name]}" for name in names if around + name in comments]
        said = "\n".join([comments.get(enum.full_name, ""), *meanings]).strip()
        schemas[enum.full_name] = {"type": "string", "description": said, "enum": names}
    return {"$ref": f"#/components/schemas/{enum.full_name}"}


def _comments(sources: Iterable[FileDescriptorProto]) -> dict[str, str]:
    """What stands before each declaration, by its full name."""
    found: dict[str, str] = {}
    for source in sources:
        for location in source.source_code_info.location:
            text = "\n".join(line.strip() for line in location.leading_comments.strip().split("\n"))
            if text:
                name = _declared(source, location.path)
                if name:
                    found[f"{source.package}.{name}"] = text
    return found


def _declared(source: FileDescriptorProto, path: Iterable[int]) -> str:
    """The name that a path of numbers in a descriptor leads to; empty if it leads to something without one."""
    here: Any = source
    names: list[str] = []
    steps = list(path)
    if len(steps) % 2:
        return ""
    for number, index in zip(steps[::2], steps[1::2], strict=True):
        field = cast(Descriptor, here.DESCRIPTOR).fields_by_number[number]
        if not field.is_repeated or field.message_type is None or "name" not in field.message_type.fields_by_name:
            return ""
        here = getattr(here, field.name)[index]
        if isinstance(here, EnumValueDescriptorProto):
            names.pop()
        names.append(here.name)
    return ".".join(names)
