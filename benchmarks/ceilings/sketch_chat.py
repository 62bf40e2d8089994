"""A bare sketch of the chat: membership check, group commit, a NATS event, streams. No policy, audit, outbox, nor identity.

The caller stands in the metadata (``person``); membership is a table that is filled on first sight, so that the check is a real
select. Usage: ``python -m benchmarks.ceilings.sketch_chat NATS_URL FOLDER``; the port is printed.
"""

import asyncio
import sqlite3
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import nats
import uvloop
from google.protobuf.timestamp_pb2 import Timestamp
from mewe.chat.v1 import chat_service_pb2 as chat
from nats.aio.client import Client
from nats.aio.msg import Msg

Context = grpc.aio.ServicerContext[object, object]

SCHEMA = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE member (room_id TEXT, person_id TEXT, PRIMARY KEY (room_id, person_id)) WITHOUT ROWID;
CREATE TABLE message (room_id TEXT, sequence INTEGER, id TEXT, author_id TEXT, text TEXT, sent_at INTEGER,
                      PRIMARY KEY (room_id, sequence)) WITHOUT ROWID;
"""


class Sketch:
    """The whole service: one connection, one writer at a time, one commit for all that waited."""

    def __init__(self, bus: Client, folder: Path) -> None:
        self.bus = bus
        self.database = sqlite3.connect(folder / "sketch.db", isolation_level=None, check_same_thread=False)
        self.database.executescript(SCHEMA)
        self.sequences: dict[str, int] = defaultdict(int)
        self.waiting: list[tuple[chat.PostMessageRequest, str, asyncio.Future[chat.Message]]] = []
        self.work = asyncio.Event()
        self.watchers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.newest: dict[str, list[tuple[int, bytes]]] = defaultdict(list)

    async def write(self) -> None:
        """Write what waits, commit it once in a thread, answer, tell."""
        loop = asyncio.get_running_loop()
        while True:
            await self.work.wait()
            self.work.clear()
            while self.waiting:
                batch, self.waiting = self.waiting, []
                self.database.execute("BEGIN")
                kept = [(self.append(request, person), future) for request, person, future in batch]
                await loop.run_in_executor(None, self.database.execute, "COMMIT")
                for message, future in kept:
                    future.set_result(message)
                    await self.bus.publish(f"sketch.{message.room_id}", str(message.sequence).encode())

    def append(self, request: chat.PostMessageRequest, person: str) -> chat.Message:
        """One message, after the membership check."""
        self.database.execute("INSERT OR IGNORE INTO member VALUES (?, ?)", (request.room_id, person))
        row = self.database.execute(
            "SELECT 1 FROM member WHERE room_id = ? AND person_id = ?", (request.room_id, person)
        ).fetchone()
        if row is None:
            raise PermissionError
        self.sequences[request.room_id] += 1
        now = time.time_ns()
        message = chat.Message(
            id=uuid.uuid4().hex,
            room_id=request.room_id,
            author_id=person,
            text=request.text,
            sent_at=Timestamp(seconds=now // 10**9, nanos=now % 10**9),
            sequence=self.sequences[request.room_id],
        )
        self.database.execute(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)",
            (message.room_id, message.sequence, message.id, person, message.text, now // 1000),
        )
        encoded = chat.WatchMessagesResponse(messages=[message]).SerializeToString()
        self.newest[request.room_id].append((message.sequence, encoded))
        return message

    async def told(self, event: Msg) -> None:
        """Wake those who watch the room."""
        for watcher in self.watchers[event.subject.removeprefix("sketch.")]:
            watcher.set()

    async def post(self, data: bytes, context: Context) -> bytes:
        """PostMessage."""
        request = chat.PostMessageRequest.FromString(data)
        person = next((value for key, value in context.invocation_metadata() or () if key == "person"), "")
        future: asyncio.Future[chat.Message] = asyncio.get_running_loop().create_future()
        self.waiting.append((request, str(person), future))
        self.work.set()
        return chat.PostMessageResponse(message=await future).SerializeToString()

    async def watch(self, data: bytes, _: Context) -> AsyncIterator[bytes]:
        """WatchMessages: what is newer than the cursor, encoded once for all."""
        request = chat.WatchMessagesRequest.FromString(data)
        after, wake = request.after_cursor >> 24, asyncio.Event()
        self.watchers[request.room_id].add(wake)
        try:
            while True:
                for sequence, encoded in self.newest[request.room_id][after:]:
                    after = sequence
                    yield encoded
                await wake.wait()
                wake.clear()
        finally:
            self.watchers[request.room_id].discard(wake)


async def main(url: str, folder: str) -> None:
    """Serve on a free port, which is printed."""
    bus = await nats.connect(url)
    sketch = Sketch(bus, Path(folder))
    await bus.subscribe("sketch.*", cb=sketch.told)
    server = grpc.aio.server()
    methods = {
        "PostMessage": grpc.unary_unary_rpc_method_handler(sketch.post),
        "WatchMessages": grpc.unary_stream_rpc_method_handler(sketch.watch),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("mewe.chat.v1.ChatService", methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.gather(sketch.write(), server.wait_for_termination())


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
