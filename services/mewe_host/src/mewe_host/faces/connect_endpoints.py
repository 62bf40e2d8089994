"""Connect and gRPC-Web for every method, generic by descriptor: one endpoint a method, no code a service."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from attrs import frozen
from connectrpc.code import Code
from connectrpc.codec import Codec
from connectrpc.errors import ConnectError
from connectrpc.interceptor import MetadataInterceptor
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from google.protobuf.message import DecodeError, Message
from mewe_core.kit.errors import Field, Invalid

from mewe_host.desk.failures import DeadlineMissing
from mewe_host.faces import json_form
from mewe_host.faces.failures import TOO_LARGE, UNKNOWN_ENCODING, UNREADABLE, Telling, connect_error, telling
from mewe_host.faces.streams import ended
from mewe_host.parts import Arrival, Guard, Method

POSITION = "mewe-position"
RETRY_AFTER = "retry-after"

Context = RequestContext[Any, bytes]


@frozen
class Received:
    """A request's message, and how an answer is written in the caller's encoding."""

    message: Message
    write: Callable[[Message], bytes]
    binary: bool


class Told(ConnectError):
    """A refusal in our words, in contrast to those of the library, which may repeat what was sent."""

    def __init__(self, told: Telling) -> None:
        error = connect_error(told)
        super().__init__(error.code, error.message, error.details)


class ProtobufCodec(Codec[bytes, Received]):
    """Protobuf as it is."""

    def name(self) -> str:
        """As in the content type."""
        return "proto"

    def encode(self, message: bytes) -> bytes:
        """An answer is encoded before it gets here."""
        return message

    def decode(self, data: bytes | bytearray, message_class: type[Any]) -> Received:
        """The message in these bytes. Raises Told, never with what was sent."""
        try:
            return Received(message_class.FromString(bytes(data)), _binary, binary=True)
        except DecodeError:
            fault = Invalid(Field("", f"the bytes of a {message_class.DESCRIPTOR.full_name}"))
            raise Told(telling(fault, "")) from None


class JsonCodec(Codec[bytes, Received]):
    """Protobuf's mapping to JSON."""

    def name(self) -> str:
        """As in the content type."""
        return "json"

    def encode(self, message: bytes) -> bytes:
        """An answer is encoded before it gets here."""
        return message

    def decode(self, data: bytes | bytearray, message_class: type[Any]) -> Received:
        """The message that a JSON text means. Raises Told, never with what was sent."""
        try:
            return Received(json_form.read(data, message_class), json_form.write, binary=False)
        except Invalid as fault:
            raise Told(telling(fault, "")) from None


class Rules(MetadataInterceptor[None]):
    """Refuses a call without a deadline before its body is read, and says in our words what the library refuses."""

    async def on_start(self, ctx: Context) -> None:
        """Raises Told if a unary call has no deadline; streams end with the token."""
        if ctx.method.stream_type is StreamType.UNARY and ctx.timeout_ms is None:
            raise Told(telling(DeadlineMissing(), ctx.method.name))

    async def on_end(self, token: None, ctx: Context, error: Exception | None, /) -> None:
        """Raises Told in place of an error that the library worded."""
        if error is None or isinstance(error, Told):
            return
        if not isinstance(error, ConnectError):
            raise Told(telling(error, f"{ctx.method.service_name}/{ctx.method.name}"))
        told = _LIBRARY.get(error.code)
        if told is not None:
            raise Told(told)


_LIBRARY = {
    Code.INVALID_ARGUMENT: UNREADABLE,
    Code.INTERNAL: UNREADABLE,
    Code.RESOURCE_EXHAUSTED: TOO_LARGE,
    Code.UNIMPLEMENTED: UNKNOWN_ENCODING,
}
"""What the library's own refusals of a request mean; a deadline that passed and a caller who left are told as they are."""


class ConnectFace(ConnectASGIApplication[Guard]):
    """Every method of a guard as an ASGI application."""

    def __init__(self, guard: Guard, largest: int) -> None:
        """``largest``: the most bytes one request may have."""
        super().__init__(
            service=guard,
            endpoints=endpoints,
            interceptors=(Rules(),),
            read_max_bytes=largest,
            compressions=(),
            codecs=(ProtobufCodec(), JsonCodec()),
        )

    @property
    def path(self) -> str:
        """It stands at the root: a path is ``/mewe.chat.v1.ChatService/PostMessage``."""
        return "/"


def endpoints(guard: Guard) -> Mapping[str, Any]:
    """One endpoint a method, by path."""
    return {path: _stream(guard, method) if method.streams else _unary(guard, method) for path, method in guard.methods.items()}


def _unary(guard: Guard, method: Method) -> Any:
    call = guard.unary

    async def answer(received: Received, context: Context) -> bytes:
        try:
            found = await call(method, received.message, _arrival(context))
            encoded = received.write(found.message)
        except Exception as error:
            raise _told(error, method, context) from None
        if found.position:
            context.response_headers[POSITION] = found.position
        return encoded

    return Endpoint.unary(_information(method), answer)


def _stream(guard: Guard, method: Method) -> Any:
    kind = method.answer.message

    async def items(received: Received, context: Context) -> AsyncIterator[bytes]:
        try:
            async with ended(await guard.stream(method, received.message, _arrival(context))) as found:
                async for item in found:
                    yield item if received.binary else received.write(kind.FromString(item))
                    await asyncio.sleep(0)  # sending to somebody who is gone never waits: without this, nobody would notice
        except Exception as error:
            raise _told(error, method, context) from None

    return Endpoint.server_stream(_information(method), items)


def _told(error: Exception, method: Method, context: Context) -> Told:
    told = telling(error, method.path)
    if told.after_seconds is not None:
        context.response_headers[RETRY_AFTER] = str(told.after_seconds)
    return Told(told)


def _information(method: Method) -> MethodInfo[Any, bytes]:
    _, service, name = method.path.split("/")
    return MethodInfo(
        name=name,
        service_name=service,
        input=method.request.message,
        output=bytes,
        idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS if method.reads else IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.SERVER_STREAM if method.streams else StreamType.UNARY,
    )


def _arrival(context: Context) -> Arrival:
    headers, milliseconds = context.request_headers, context.timeout_ms
    return Arrival(headers.get("authorization"), None if milliseconds is None else milliseconds / 1000, headers.get(POSITION))


def _binary(message: Message) -> bytes:
    return message.SerializeToString()
