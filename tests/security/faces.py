"""The two faces of a deployment as three ways to send bytes: gRPC, Connect with protobuf, Connect with JSON."""

import base64
import json
import select
import struct
import threading
from collections.abc import Iterable, Mapping, Sequence
from http.client import HTTPConnection, HTTPResponse
from typing import Any, Protocol, cast

import grpc
from attrs import field, frozen
from google.protobuf.descriptor import Descriptor
from google.protobuf.json_format import Parse
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from tests.security.contract import Rpc
from tests.security.encoding import json_text, wire

DEADLINE = 5.0
OPEN_FOR = 1.0
"""Seconds that a stream is given to show something."""

DETAILS = "grpc-status-details-bin"
POSITION = "mewe-position"
Headers = Sequence[tuple[str, str]]
Metadata = tuple[tuple[str, str | bytes], ...]


@frozen
class Outcome:
    """What came back. ``told`` is every word of it but an answer; ``exact`` all that a caller could compare, bar the date."""

    code: str
    reason: str = ""
    paths: tuple[str, ...] = ()
    answer: Message | None = None
    position: str = ""
    told: str = field(default="", repr=False)
    exact: object = field(default=None, repr=False)


class Way(Protocol):
    """A way to send bytes to an RPC."""

    @property
    def name(self) -> str: ...

    def encode(self, message: Descriptor, values: Mapping[str, Any]) -> bytes:
        """A request as this way has it."""

    def send(
        self, rpc: Rpc, body: bytes, token: str = "", *, seconds: float | None = DEADLINE, headers: Headers = ()
    ) -> Outcome:
        """What comes back; ``token`` empty: nobody has signed in; ``seconds`` None: no deadline is said."""

    def close(self) -> None:
        """Let go of what was opened for this thread alone."""


@frozen
class Grpc:
    """gRPC over a socket."""

    channels: Mapping[str, grpc.Channel]
    name: str = "grpc"

    def encode(self, message: Descriptor, values: Mapping[str, Any]) -> bytes:
        """Protobuf."""
        return wire(message, values)

    def send(
        self, rpc: Rpc, body: bytes, token: str = "", *, seconds: float | None = DEADLINE, headers: Headers = ()
    ) -> Outcome:
        """One call; a stream is left when it has shown something, or nothing for a moment."""
        metadata: Metadata = (*headers, *_bearer(token))
        channel = self.channels[rpc.area]
        try:
            if rpc.streams:
                return self._opened(channel, rpc, body, metadata, _open_for(seconds))
            answer, call = channel.unary_unary(rpc.path, None, None).with_call(body, timeout=seconds, metadata=metadata)
        except grpc.RpcError as refused:
            return _grpc_refusal(cast(grpc.Call, refused))
        told = [*call.initial_metadata(), *call.trailing_metadata()]
        message = rpc.answer.FromString(answer)
        return Outcome("OK", answer=message, position=str(dict(told).get(POSITION, "")), told=repr(told), exact=answer)

    def close(self) -> None:
        """Its channels are for all threads."""

    def _opened(self, channel: grpc.Channel, rpc: Rpc, body: bytes, metadata: Metadata, seconds: float) -> Outcome:
        items = channel.unary_stream(rpc.path, None, None)(body, timeout=seconds, metadata=metadata)
        try:
            first = next(iter(items))
        except StopIteration:
            return Outcome("OK")
        except grpc.RpcError as refused:
            is_open = cast(grpc.Call, refused).code() is StatusCode.DEADLINE_EXCEEDED
            return Outcome("OK") if is_open else _grpc_refusal(cast(grpc.Call, refused))
        items.cancel()  # type: ignore[no-untyped-call]
        return Outcome("OK", answer=rpc.answer.FromString(first))


@frozen
class Connect:
    """Connect over HTTP, with ``kind`` proto or json."""

    origins: Mapping[str, str]
    kind: str
    kept: threading.local = field(factory=threading.local, repr=False)
    """The connections of each thread, by origin: of tens of thousands of calls, a client of more parts costs more."""
    opened: list[HTTPConnection] = field(factory=list, repr=False)

    @property
    def name(self) -> str:
        """As in the name of a test."""
        return f"connect-{self.kind}"

    def encode(self, message: Descriptor, values: Mapping[str, Any]) -> bytes:
        """Protobuf, or its JSON."""
        return wire(message, values) if self.kind == "proto" else json_text(message, values)

    def send(
        self, rpc: Rpc, body: bytes, token: str = "", *, seconds: float | None = DEADLINE, headers: Headers = ()
    ) -> Outcome:
        """One call; a stream is left when it has shown something, or nothing for a moment."""
        given = {"content-type": f"application/{'connect+' * rpc.streams}{self.kind}", **dict(headers), **dict(_bearer(token))}
        waits = _open_for(seconds) if rpc.streams else seconds
        if waits is not None:
            given["connect-timeout-ms"] = str(round(waits * 1000))
        content = struct.pack(">BI", 0, len(body)) + body if rpc.streams else body
        connection = self._connection(self.origins[rpc.area])
        try:
            connection.request("POST", rpc.path, content, given)
            answer = connection.getresponse()
            frame = self._frame(answer) if rpc.streams and answer.status == 200 else None
            if frame is None:
                return self._unary(rpc, answer, answer.read())
        finally:
            if rpc.streams:
                connection.close()
        flags, item = frame
        if not flags & 2:
            return Outcome("OK", answer=self._message(rpc, item))
        end = json.loads(item)
        is_open = end.get("error", {}).get("code") == "deadline_exceeded"
        return Outcome("OK") if is_open or "error" not in end else _connect_refusal(answer, item, end["error"])

    def close(self) -> None:
        """Let go of the connections of every thread."""
        for one in self.opened:
            one.close()

    def _connection(self, origin: str) -> HTTPConnection:
        """The one to an origin: a new one where the other end has gone."""
        kept: dict[str, HTTPConnection] = self.kept.__dict__
        connection = kept.get(origin)
        if connection is None:
            connection = kept[origin] = HTTPConnection(origin.removeprefix("http://"), timeout=30)
            self.opened.append(connection)
        if connection.sock is not None and select.select([connection.sock], [], [], 0)[0]:
            connection.close()
        return connection

    def _unary(self, rpc: Rpc, answer: HTTPResponse, body: bytes) -> Outcome:
        if answer.status != 200:
            return _connect_refusal(answer, body, json.loads(body))
        position = answer.getheader(POSITION, "")
        return Outcome("OK", answer=self._message(rpc, body), position=position, told=repr(answer.getheaders()), exact=body)

    def _message(self, rpc: Rpc, body: bytes) -> Message:
        return rpc.answer.FromString(body) if self.kind == "proto" else Parse(body, rpc.answer())

    def _frame(self, answer: HTTPResponse) -> tuple[int, bytes]:
        flags, size = struct.unpack(">BI", answer.read(5))
        item = answer.read(size)
        assert len(item) == size, "the stream ended in the middle of something"
        return flags, item


def _open_for(seconds: float | None) -> float:
    return OPEN_FOR if seconds is None else min(seconds, OPEN_FOR)


def _bearer(token: str) -> Headers:
    return [("authorization", f"Bearer {token}")] if token else []


def _grpc_refusal(call: grpc.Call) -> Outcome:
    code, sentence = call.code(), call.details()
    initial, trailing = tuple(call.initial_metadata() or ()), tuple(call.trailing_metadata() or ())
    packed = dict(trailing).get(DETAILS, b"")
    details = [(one.type_url, one.value) for one in Status.FromString(cast(bytes, packed)).details]
    exact = (code, sentence, initial, trailing)
    reason, paths = _details(details)
    return Outcome(code.name, reason, paths, told=repr((exact, details)), exact=exact)


def _connect_refusal(answer: HTTPResponse, body: bytes, error: Mapping[str, Any]) -> Outcome:
    headers = [one for one in answer.getheaders() if one[0].lower() != "date"]
    details = [(one["type"], base64.b64decode(one["value"] + "===")) for one in error.get("details", ())]
    reason, paths = _details(details)
    told = repr((answer.getheaders(), body, details))
    return Outcome(error["code"].upper(), reason, paths, told=told, exact=(answer.status, headers, body))


def _details(details: Iterable[tuple[str, bytes]]) -> tuple[str, tuple[str, ...]]:
    reason, paths = "", list[str]()
    for kind, value in details:
        if kind.endswith("google.rpc.ErrorInfo"):
            reason = ErrorInfo.FromString(value).reason
        elif kind.endswith("google.rpc.BadRequest"):
            paths += [one.field for one in BadRequest.FromString(value).field_violations]
    return reason, tuple(paths)
