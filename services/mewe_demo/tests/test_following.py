"""Whoever follows a chat knows what has come, and when it is over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest
from mewe.chat.v1.chat_service_pb2 import Message, WatchMessagesRequest, WatchMessagesResponse
from mewe_client import Deployment
from mewe_demo.following import Follower, all_have


def chat(over: asyncio.Event) -> "grpc.GenericRpcHandler[WatchMessagesRequest, WatchMessagesResponse]":
    """A chat where two things are said, and nobody may follow any more once it is over."""

    async def watch(
        request: WatchMessagesRequest, context: "grpc.aio.ServicerContext[WatchMessagesRequest, WatchMessagesResponse]"
    ) -> AsyncIterator[WatchMessagesResponse]:
        for sequence in (1, 2):
            message = Message(id=f"message-{sequence}", room_id=request.room_id, sequence=sequence)
            yield WatchMessagesResponse(messages=[message])
        await over.wait()
        await context.abort(grpc.StatusCode.NOT_FOUND, "There is nothing here that you can see.")

    method = grpc.unary_stream_rpc_method_handler(
        watch, WatchMessagesRequest.FromString, WatchMessagesResponse.SerializeToString
    )
    return grpc.method_handlers_generic_handler("mewe.chat.v1.ChatService", {"WatchMessages": method})


@asynccontextmanager
async def followed() -> AsyncIterator[tuple[asyncio.Event, Follower]]:
    """Somebody who follows a room, and what ends it for them."""
    over, server = asyncio.Event(), grpc.aio.server()
    server.add_generic_rpc_handlers((chat(over),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with Deployment(f"127.0.0.1:{port}") as deployment:
            follower = Follower(deployment.guest(), "room")
            follower.open()
            try:
                yield over, follower
            finally:
                await follower.close()
    finally:
        await server.stop(None)


def test_a_follower_has_what_was_said_in_order() -> None:
    """It returns when so many have come, and not before."""

    async def scene() -> None:
        async with followed() as (_, follower):
            await all_have([follower], 2)
            assert [message.sequence for message in follower.messages] == [1, 2]
            assert not follower.ended
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await follower.has(3)

    asyncio.run(scene())


def test_a_follower_ends_with_the_right_to_follow() -> None:
    """Once the service refuses it is cut off, keeps what it had, and what it waited for cannot come any more."""

    async def scene() -> None:
        async with followed() as (over, follower):
            await follower.has(2)
            over.set()
            await follower.cut_off()
            assert follower.ended
            assert len(follower.messages) == 2

    asyncio.run(scene())
