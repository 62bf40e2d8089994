"""Somebody who follows a room on one of the faces, and knows when that is over."""

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import grpc
import httpx
from attrs import define, field
from google.protobuf.json_format import Parse
from mewe.chat.v1.chat_service_pb2 import WatchMessagesRequest, WatchMessagesResponse

from tests.security.contract import Rpc
from tests.security.country import Country

PATIENCE = 10.0


@define
class Watching:
    """What reached them, in order; ``ended_at`` is when the stream was over, on the clock of ``time.monotonic``, ``how``
    the status it ended with."""

    texts: list[str] = field(factory=list)
    ended_at: float | None = None
    how: str = ""
    connection: socket.socket | None = None
    _news: threading.Condition = field(factory=threading.Condition)

    def has(self, text: str) -> bool:
        """Whether a text reaches them in time."""
        with self._news:
            return self._news.wait_for(lambda: text in self.texts, PATIENCE)

    def is_over(self, seconds: float) -> bool:
        """Whether the stream ends within so many seconds."""
        with self._news:
            return self._news.wait_for(lambda: self.ended_at is not None, seconds)

    def got(self, answer: WatchMessagesResponse) -> None:
        """Something came."""
        with self._news:
            self.texts += [message.text for message in answer.messages]
            self._news.notify_all()

    def hang_up(self) -> None:
        """Stop following, if it is by HTTP."""
        if self.connection is not None and self.ended_at is None:
            self.connection.shutdown(socket.SHUT_RDWR)

    def ended(self, how: str) -> None:
        """The stream is over."""
        with self._news:
            self.how = how
            self.ended_at = time.monotonic()
            self._news.notify_all()


@contextmanager
def watching_on_all_faces(country: Country, token: str, room_id: str) -> Iterator[list[Watching]]:
    """The streams of one person on gRPC, Connect with protobuf, and Connect with JSON."""
    rpc, request = country.rpc("WatchMessages"), WatchMessagesRequest(room_id=room_id)
    bearer = (("authorization", f"Bearer {token}"),)
    with (
        grpc.insecure_channel(country.here.addresses["chat"]) as channel,
        httpx.Client(timeout=60, trust_env=False) as client,
    ):
        stream = channel.unary_stream(
            rpc.path, request_serializer=WatchMessagesRequest.SerializeToString, response_deserializer=None
        )
        call = stream(request, metadata=bearer)
        followers = [Watching(), Watching(), Watching()]
        threads = [threading.Thread(target=_grpc, args=(call, followers[0]))]
        for kind, follower in zip(("proto", "json"), followers[1:], strict=True):
            threads.append(
                threading.Thread(target=_connect, args=(client, country, rpc, kind, request, dict(bearer), follower))
            )
        for thread in threads:
            thread.start()
        try:
            yield followers
        finally:
            call.cancel()  # type: ignore[no-untyped-call]
            for follower in followers:
                follower.hang_up()
            for thread in threads:
                thread.join(PATIENCE)


def _grpc(call: Iterator[bytes], follower: Watching) -> None:
    how = "OK"
    try:
        for item in call:
            follower.got(WatchMessagesResponse.FromString(item))
    except grpc.RpcError as refused:
        how = cast(grpc.Call, refused).code().name
    finally:
        follower.ended(how)


def _connect(
    client: httpx.Client,
    country: Country,
    rpc: Rpc,
    kind: str,
    request: WatchMessagesRequest,
    bearer: dict[str, str],
    follower: Watching,
) -> None:
    body = request.SerializeToString() if kind == "proto" else json.dumps({"roomId": request.room_id}).encode()
    headers = {"content-type": f"application/connect+{kind}", **bearer}
    there, how = b"", "BROKEN"
    try:
        health = country.here.health
        origin = health[list(country.here.addresses).index("chat")] if len(health) > 1 else health[0]
        with client.stream(
            "POST", origin + rpc.path, content=struct.pack(">BI", 0, len(body)) + body, headers=headers
        ) as answer:
            follower.connection = answer.extensions["network_stream"].get_extra_info("socket")
            for chunk in answer.iter_raw():
                there += chunk
                while len(there) >= 5 and len(there) >= (whole := 5 + struct.unpack(">I", there[1:5])[0]):
                    item, flags, there = there[5:whole], there[0], there[whole:]
                    if flags & 2:
                        how = json.loads(item).get("error", {}).get("code", "OK")
                    else:
                        binary, answered = kind == "proto", WatchMessagesResponse()
                        follower.got(WatchMessagesResponse.FromString(item) if binary else Parse(item, answered))
    except httpx.TransportError:
        how = "BROKEN"
    finally:
        follower.ended(how)
