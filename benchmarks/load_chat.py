"""Load on a chat, from a process of its own: rooms of watchers, and posts as fast as they are accepted, or at a pace.

Reads a plan from standard input and prints what it saw, both JSON. The same load goes to the platform and to the sketch.
"""

import asyncio
import json
import sys
import time
import uuid

import grpc
import uvloop
from attrs import define, field, frozen
from mewe.chat.v1 import chat_service_pb2 as chat

POST, WATCH = "/mewe.chat.v1.ChatService/PostMessage", "/mewe.chat.v1.ChatService/WatchMessages"
TEXT = "A message of a usual length, as one writes them: about eighty characters, no more."


@frozen
class Plan:
    """What to do. ``rooms``: room id to the metadata of each of its watchers; ``pace``: messages a second, 0 is full speed."""

    address: str
    rooms: dict[str, list[list[list[str]]]]
    seconds: float
    writers: int
    pace: float


@define
class Seen:
    """What came of it."""

    accepted: int = 0
    delivered: int = 0
    repeated: int = 0
    sent: dict[str, float] = field(factory=dict)
    waits: list[float] = field(factory=list)
    last: float = 0.0


async def watch(
    channel: grpc.aio.Channel, room: str, after: int, metadata: list[tuple[str, str]], seen: Seen, open_: asyncio.Event
) -> None:
    """Follow a room; each message is counted once, and timed from its posting. Open with the first message that comes."""
    call = channel.unary_stream(WATCH, request_serializer=None, response_deserializer=chat.Message.FromString)
    stream = call(chat.WatchMessagesRequest(room_id=room, after_cursor=after << 24).SerializeToString(), metadata=metadata)
    async for message in stream:
        open_.set()
        if message.sequence <= after:
            seen.repeated += 1
            continue
        after = message.sequence
        now = time.perf_counter()
        began = seen.sent.get(message.text[:32])
        if began is not None:
            seen.delivered += 1
            seen.last = now
            seen.waits.append(now - began)


async def post(channel: grpc.aio.Channel, room: str, metadata: list[tuple[str, str]], seen: Seen) -> int:
    """One message, marked with an id so that it is known again; says its place."""
    mark = uuid.uuid4().hex
    seen.sent[mark] = time.perf_counter()
    call = channel.unary_unary(POST, request_serializer=None, response_deserializer=chat.PostMessageResponse.FromString)
    request = chat.PostMessageRequest(request_id=mark, room_id=room, text=f"{mark} {TEXT}")
    answer = await call(request.SerializeToString(), metadata=metadata, timeout=20)
    seen.accepted += 1
    return int(answer.message.sequence)


async def run(plan: Plan) -> dict[str, object]:
    """Open every stream, post, wait until everything accepted has reached everybody."""
    seen = Seen()
    watching = [grpc.aio.insecure_channel(plan.address, options=[("grpc.use_local_subchannel_pool", 1)]) for _ in range(4)]
    writing = grpc.aio.insecure_channel(plan.address, options=[("grpc.use_local_subchannel_pool", 1)])
    rooms = [(room, [(key, value) for key, value in watchers[0]]) for room, watchers in plan.rooms.items()]
    first = dict(zip(plan.rooms, await asyncio.gather(*(post(writing, *room, Seen()) for room in rooms)), strict=True))
    streams, opened = [], []
    for number, (room, watchers) in enumerate(plan.rooms.items()):
        for metadata in watchers:
            opened.append(asyncio.Event())
            pairs = [(key, value) for key, value in metadata]
            following = watch(watching[number % 4], room, first[room] - 1, pairs, seen, opened[-1])
            streams.append(asyncio.create_task(following))
    await asyncio.wait_for(asyncio.gather(*(event.wait() for event in opened)), 30)
    began = time.perf_counter()
    if plan.pace:
        posts = []
        for number in range(int(plan.pace * plan.seconds)):
            due = began + number / plan.pace
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            posts.append(asyncio.create_task(post(writing, *rooms[number % len(rooms)], seen)))
        await asyncio.gather(*posts)
    else:

        async def write(number: int) -> None:
            while time.perf_counter() - began < plan.seconds:
                await post(writing, *rooms[number % len(rooms)], seen)

        await asyncio.gather(*(write(number) for number in range(plan.writers)))
    everybody = seen.accepted * max(len(watchers) for watchers in plan.rooms.values())
    ends = time.perf_counter() + 30
    while seen.delivered < everybody and time.perf_counter() < ends and not any(s.done() for s in streams):  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    for stream in streams:
        stream.cancel()
    ended = await asyncio.gather(*streams, return_exceptions=True)
    faults = {str(one.code()) for one in ended if isinstance(one, grpc.aio.AioRpcError)}
    waits = sorted(seen.waits) or [0.0]
    for channel in (*watching, writing):
        await channel.close(None)
    return {
        "accepted": seen.accepted,
        "delivered": seen.delivered,
        "missing": everybody - seen.delivered,
        "repeated": seen.repeated,
        "seconds": max(seen.last - began, 1e-9),
        "median": waits[len(waits) // 2],
        "p99": waits[int(len(waits) * 0.99)],
        "faults": sorted(faults),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(uvloop.run(run(Plan(**json.load(sys.stdin))))))
