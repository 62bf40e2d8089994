"""The two ways to a chat, gRPC and Connect over HTTP/1.1: each light, since it shares processors with the server."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Protocol

import grpc
from mewe.chat.v1 import chat_service_pb2 as chat

SERVICE = "/mewe.chat.v1.ChatService"
_CHANNELS = 4
_END = 2

Metadata = Sequence[tuple[str, str]]


class Way(Protocol):
    """How posts and streams get to a server."""

    async def post(self, request: chat.PostMessageRequest, metadata: Metadata) -> chat.PostMessageResponse:
        """Post a message. Raises Exception if it is refused."""

    def watch(self, request: chat.WatchMessagesRequest, metadata: Metadata) -> AsyncGenerator[chat.Message]:
        """Follow a room. Raises Exception if it ends."""

    async def close(self) -> None:
        """Let go of every connection."""


class Grpc:
    """gRPC: one channel for posts, a few for all streams."""

    def __init__(self, address: str) -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]
        self._writing = grpc.aio.insecure_channel(address, options=options)
        self._watching = [grpc.aio.insecure_channel(address, options=options) for _ in range(_CHANNELS)]
        self._opened = 0

    async def post(self, request: chat.PostMessageRequest, metadata: Metadata) -> chat.PostMessageResponse:
        """Post a message."""
        call = self._writing.unary_unary(
            f"{SERVICE}/PostMessage", request_serializer=None, response_deserializer=chat.PostMessageResponse.FromString
        )
        answer: chat.PostMessageResponse = await call(request.SerializeToString(), metadata=metadata, timeout=20)
        return answer

    async def watch(self, request: chat.WatchMessagesRequest, metadata: Metadata) -> AsyncGenerator[chat.Message]:
        """Follow a room."""
        self._opened += 1
        call = self._watching[self._opened % _CHANNELS].unary_stream(
            f"{SERVICE}/WatchMessages", request_serializer=None, response_deserializer=chat.WatchMessagesResponse.FromString
        )
        async for answer in call(request.SerializeToString(), metadata=metadata):
            for message in answer.messages:
                yield message

    async def close(self) -> None:
        """Let go of every connection."""
        for channel in (self._writing, *self._watching):
            await channel.close(None)


class Connect:
    """Connect over HTTP/1.1, in protobuf: connections that are used again for posts, one for each stream."""

    def __init__(self, address: str) -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._all: list[asyncio.StreamWriter] = []

    async def post(self, request: chat.PostMessageRequest, metadata: Metadata) -> chat.PostMessageResponse:
        """Post a message."""
        reader, writer = self._free.pop() if self._free else await self._connected()
        self._send(writer, "PostMessage", "application/proto", request.SerializeToString(), metadata, 20_000)
        length = await _head(reader)
        if length is None:
            body = b"".join([chunk async for chunk in _chunks(reader)])
        else:
            body = await reader.readexactly(length)
        self._free.append((reader, writer))
        return chat.PostMessageResponse.FromString(body)

    async def watch(self, request: chat.WatchMessagesRequest, metadata: Metadata) -> AsyncGenerator[chat.Message]:
        """Follow a room."""
        reader, writer = await self._connected()
        said = request.SerializeToString()
        body = b"\0" + len(said).to_bytes(4, "big") + said
        self._send(writer, "WatchMessages", "application/connect+proto", body, metadata, 600_000)
        if await _head(reader) is not None:
            raise ConnectionError("an answer that is no stream")
        came = b""
        async for chunk in _chunks(reader):
            came += chunk
            while len(came) >= 5 and len(came) >= 5 + (length := int.from_bytes(came[1:5], "big")):
                if came[0] & _END:
                    raise ConnectionError(came[5 : 5 + length].decode())
                for message in chat.WatchMessagesResponse.FromString(came[5 : 5 + length]).messages:
                    yield message
                came = came[5 + length :]

    async def close(self) -> None:
        """Let go of every connection."""
        for writer in self._all:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        pair = await asyncio.open_connection(self._host, self._port)
        self._all.append(pair[1])
        return pair

    def _send(
        self, writer: asyncio.StreamWriter, method: str, kind: str, body: bytes, metadata: Metadata, milliseconds: int
    ) -> None:
        lines = [
            f"POST {SERVICE}/{method} HTTP/1.1",
            f"host: {self._host}:{self._port}",
            f"content-type: {kind}",
            f"content-length: {len(body)}",
            "connect-protocol-version: 1",
            f"connect-timeout-ms: {milliseconds}",
            *(f"{key}: {value}" for key, value in metadata),
        ]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


async def _head(reader: asyncio.StreamReader) -> int | None:
    """Read the head of an answer: how long it is, None if it comes in chunks. Raises ConnectionError if it is a refusal."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
    if not head[0].startswith("http/1.1 200"):
        raise ConnectionError(head[0])
    for line in head[1:]:
        name, _, value = line.partition(":")
        if name == "content-length":
            return int(value)
    return None


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The body of an answer that comes in chunks, to its end."""
    while True:
        size = int(await reader.readline(), 16)
        chunk = await reader.readexactly(size + 2)
        if not size:
            return
        yield chunk[:-2]
