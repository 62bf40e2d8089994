"""Load on a chat, from a process of its own: rooms of watchers, and posts as fast as they are accepted, or at a pace.

Reads a plan from the first line of standard input and prints what it saw, both JSON; between them it says OPEN once every
stream is open, and begins with the next line that it reads. The same load goes to the platform and to the sketch.
"""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Callable

import uvloop
from attrs import define, field, frozen
from mewe.chat.v1 import chat_service_pb2 as chat

from benchmarks.ceilings.prosody import Xmpp
from benchmarks.ways import Connect, Grpc, Metadata, Way

WAYS: dict[str, Callable[[str], Way]] = {"grpc": Grpc, "connect": Connect, "xmpp": Xmpp}
OPEN = "open"
TEXT = "A message of a usual length, as one writes them: about eighty characters, no more."


@frozen
class Plan:
    """What to do. ``rooms``: room id to the metadata of each of its watchers; ``pace``: messages a second, 0 is full speed.

    ``way``: "grpc", "connect" or "xmpp".
    """

    address: str
    rooms: dict[str, list[list[list[str]]]]
    seconds: float
    writers: int
    pace: float
    way: str = "grpc"


@define
class Seen:
    """What came of it."""

    accepted: int = 0
    delivered: int = 0
    repeated: int = 0
    sent: dict[str, float] = field(factory=dict)
    waits: list[float] = field(factory=list)
    last: float = 0.0


async def watch(way: Way, room: str, after: int, metadata: Metadata, seen: Seen, open_: asyncio.Event) -> None:
    """Follow a room; each message is counted once, and timed from its posting. Open with the first message that comes."""
    async for message in way.watch(chat.WatchMessagesRequest(room_id=room, after_cursor=after << 24), metadata):
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


async def post(way: Way, room: str, metadata: Metadata, seen: Seen) -> int:
    """One message, marked with an id so that it is known again; says its place."""
    mark = uuid.uuid4().hex
    seen.sent[mark] = time.perf_counter()
    answer = await way.post(chat.PostMessageRequest(request_id=mark, room_id=room, text=f"{mark} {TEXT}"), metadata)
    seen.accepted += 1
    return int(answer.message.sequence)


async def run(plan: Plan) -> None:
    """Open every stream, post, wait until everything accepted has reached everybody, say so, and close."""
    seen = Seen()
    way = WAYS[plan.way](plan.address)
    rooms = [(room, [(key, value) for key, value in watchers[0]]) for room, watchers in plan.rooms.items()]
    first = dict(zip(plan.rooms, await asyncio.gather(*(post(way, *room, Seen()) for room in rooms)), strict=True))
    streams, opened = [], []
    for room, watchers in plan.rooms.items():
        for metadata in watchers:
            opened.append(asyncio.Event())
            pairs = [(key, value) for key, value in metadata]
            following = watch(way, room, first[room] - 1, pairs, seen, opened[-1])
            streams.append(asyncio.create_task(following))
    await asyncio.wait_for(asyncio.gather(*(event.wait() for event in opened)), 30)
    sys.stdout.write(f"{OPEN}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    began = time.perf_counter()
    if plan.pace:
        posts = []
        for number in range(int(plan.pace * plan.seconds)):
            due = began + number / plan.pace
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            posts.append(asyncio.create_task(post(way, *rooms[number % len(rooms)], seen)))
        await asyncio.gather(*posts)
    else:

        async def write(number: int) -> None:
            while time.perf_counter() - began < plan.seconds:
                await post(way, *rooms[number % len(rooms)], seen)

        await asyncio.gather(*(write(number) for number in range(plan.writers)))
    everybody = seen.accepted * max(len(watchers) for watchers in plan.rooms.values())
    ends = time.perf_counter() + 30
    while seen.delivered < everybody and time.perf_counter() < ends and not any(s.done() for s in streams):  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    faults = {repr(stream.exception()) for stream in streams if stream.done()}
    waits = sorted(seen.waits) or [0.0]
    told = {
        "accepted": seen.accepted,
        "delivered": seen.delivered,
        "missing": everybody - seen.delivered,
        "repeated": seen.repeated,
        "seconds": max(seen.last - began, 1e-9),
        "median": waits[len(waits) // 2],
        "p99": waits[int(len(waits) * 0.99)],
        "faults": sorted(faults),
    }
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    await way.close()


if __name__ == "__main__":
    uvloop.run(run(Plan(**json.loads(sys.stdin.readline()))))
