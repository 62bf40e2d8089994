"""What a thousand open streams hold in memory: two hundred members who each follow their room on five devices."""

import asyncio
from contextlib import AsyncExitStack, aclosing

import psutil
from mewe.chat.v1.chat_service_pb2 import WatchMessagesRequest

from benchmarks.country import GROUPS, MEMBERS, country
from benchmarks.figures import Figure, value_of
from benchmarks.load_chat import Seen, post
from benchmarks.start import at_rest
from benchmarks.ways import Grpc

DEVICES = 5


async def measure() -> list[Figure]:
    """Memory at rest with all of them open, each of which has got a message."""
    async with country() as here, AsyncExitStack() as stack:
        ways = [Grpc(here.grpc) for _ in range(DEVICES)]
        for way in ways:
            stack.push_async_callback(way.close)
        following = []
        for room, members in here.signed.items():
            metadata = [[(key, value) for key, value in pairs] for pairs in members]
            await post(ways[0], room, metadata[0], Seen())
            for one in metadata:
                for way in ways:
                    stream = way.watch(WatchMessagesRequest(room_id=room), one)
                    following.append(await stack.enter_async_context(aclosing(stream)))
        await asyncio.gather(*(anext(one) for one in following))
        held = await at_rest(psutil.Process(here.here.pid)) / 1e6
        name = f"memory with {GROUPS * MEMBERS * DEVICES:,} open streams (PSS, host and nats-server)"
        return [value_of(name, [held], "{:.0f} MB", most=200.0)]
