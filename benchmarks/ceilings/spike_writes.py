"""A bare spike of durable writes: savepoint, membership select, three inserts, and one commit for all that waited."""

import asyncio
import sqlite3
import uuid
from pathlib import Path

SCHEMA = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE member (room TEXT, person TEXT, role TEXT, PRIMARY KEY (room, person));
CREATE TABLE message (id TEXT PRIMARY KEY, room TEXT, sequence INTEGER, author TEXT, text TEXT, at INTEGER);
CREATE UNIQUE INDEX in_room ON message (room, sequence);
CREATE TABLE audit (position INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER, caller TEXT, method TEXT, scope TEXT);
CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, name TEXT, aggregate TEXT, sequence INTEGER,
                     payload BLOB);
INSERT INTO member VALUES ('room', 'person', 'participant');
"""


class Spike:
    """One connection, one writer."""

    def __init__(self, folder: Path) -> None:
        self.database = sqlite3.connect(folder / "spike.db", isolation_level=None, check_same_thread=False)
        self.database.executescript(SCHEMA)
        self.waiting: list[asyncio.Future[int]] = []
        self.work = asyncio.Event()
        self.sequence = 0

    def unit(self, text: str) -> int:
        """One whole unit."""
        run = self.database.execute
        run("SAVEPOINT unit")
        run("SELECT role FROM member WHERE room = ? AND person = ?", ("room", "person")).fetchone()
        self.sequence += 1
        run("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)", (uuid.uuid4().hex, "room", self.sequence, "person", text, 1))
        run("INSERT INTO audit (at, caller, method, scope) VALUES (?, ?, ?, ?)", (1, "person", "post", "room"))
        run(
            "INSERT INTO outbox (id, name, aggregate, sequence, payload) VALUES (?, ?, ?, ?, ?)",
            (uuid.uuid4().hex, "posted", "room", self.sequence, b"x" * 70),
        )
        run("RELEASE unit")
        return self.sequence

    async def write(self, text: str) -> None:
        """Run what waits, commit it once in a thread, answer."""
        loop = asyncio.get_running_loop()
        while True:
            await self.work.wait()
            self.work.clear()
            while self.waiting:
                batch, self.waiting = self.waiting, []
                self.database.execute("BEGIN")
                kept = [(future, self.unit(text)) for future in batch]
                await loop.run_in_executor(None, self.database.execute, "COMMIT")
                for future, sequence in kept:
                    future.set_result(sequence)


async def rate(folder: Path, callers: int, seconds: float, text: str) -> float:
    """Units a second."""
    spike = Spike(folder)
    loop = asyncio.get_running_loop()
    writing = asyncio.create_task(spike.write(text))
    began, done = loop.time(), 0

    async def post() -> None:
        nonlocal done
        while loop.time() - began < seconds:
            future: asyncio.Future[int] = loop.create_future()
            spike.waiting.append(future)
            spike.work.set()
            await future
            done += 1

    await asyncio.gather(*(post() for _ in range(callers)))
    took = loop.time() - began
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    spike.database.close()
    return done / took
