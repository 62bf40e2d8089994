"""The two faces of a deployment as three ways to send bytes: gRPC, Connect with protobuf, Connect with JSON."""

import base64
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

import grpc
import httpx
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

    client: httpx.Client
    origins: Mapping[str, str]
    kind: str

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
        with self.client.stream("POST", self.origins[rpc.area] + rpc.path, content=content, headers=given) as answer:
            frame = self._frame(answer.iter_raw()) if rpc.streams and answer.status_code == 200 else None
            if frame is None:
                return self._unary(rpc, answer, answer.read())
        flags, item = frame
        if not flags & 2:
            return Outcome("OK", answer=self._message(rpc, item))
        end = json.loads(item)
        is_open = end.get("error", {}).get("code") == "deadline_exceeded"
        return Outcome("OK") if is_open or "error" not in end else _connect_refusal(answer, item, end["error"])

    def _unary(self, rpc: Rpc, answer: httpx.Response, body: bytes) -> Outcome:
        if answer.status_code != 200:
            return _connect_refusal(answer, body, json.loads(body))
        position = answer.headers.get(POSITION, "")
        return Outcome("OK", answer=self._message(rpc, body), position=position, told=repr(answer.headers.raw), exact=body)

    def _message(self, rpc: Rpc, body: bytes) -> Message:
        return rpc.answer.FromString(body) if self.kind == "proto" else Parse(body, rpc.answer())

    def _frame(self, chunks: Iterable[bytes]) -> tuple[int, bytes]:
        there = b""
        for chunk in chunks:
            there += chunk
            if len(there) >= 5:
                flags, size = struct.unpack(">BI", there[:5])
                if len(there) >= 5 + size:
                    return flags, there[5 : 5 + size]
        raise AssertionError("the stream ended in the middle of something")


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


def _connect_refusal(answer: httpx.Response, body: bytes, error: Mapping[str, Any]) -> Outcome:
    headers = [one for one in answer.headers.raw if one[0].lower() != b"date"]
    details = [(one["type"], base64.b64decode(one["value"] + "===")) for one in error.get("details", ())]
    reason, paths = _details(details)
    told = repr((answer.headers.raw, body, details))
    return Outcome(error["code"].upper(), reason, paths, told=told, exact=(answer.status_code, headers, body))


def _details(details: Iterable[tuple[str, bytes]]) -> tuple[str, tuple[str, ...]]:
    reason, paths = "", list[str]()
    for kind, value in details:
        if kind.endswith("google.rpc.ErrorInfo"):
            reason = ErrorInfo.FromString(value).reason
        elif kind.endswith("google.rpc.BadRequest"):
            paths += [one.field for one in BadRequest.FromString(value).field_violations]
    return reason, tuple(paths)
