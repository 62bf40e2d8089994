"""What a message costs as a country grows: with ten rooms and with ten thousand, with none stored and with a million.

Three deployments that are the same to the key, with the same ten rooms of ten members; into two of them rows are put while they
are stopped. The load is the same for all, in turn.
"""

import asyncio
import secrets
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path

import psutil

from benchmarks.chat import load
from benchmarks.country import MIX, filled, host
from benchmarks.figures import ROUNDS, Figure, ratio_of

ROOMS, MEMBERS, MANY_ROOMS, MANY_MESSAGES = 10, 10, 10_000, 1_000_000
PACE = 200.0
_SEALED_BYTES = 150


async def measure() -> list[Figure]:
    """All three side by side."""
    with tempfile.TemporaryDirectory(prefix="mewe-sizes-") as folder:
        small, roomy, full = (Path(folder) / name for name in ("small", "roomy", "full"))
        small.mkdir()
        async with host(small, MIX) as here:
            signed = (await filled(here, ROOMS, MEMBERS)).signed
        for other, grow in ((roomy, more_rooms), (full, more_messages)):
            shutil.copytree(small, other)
            await asyncio.to_thread(grown, other, grow, list(signed))
        cost: dict[Path, list[float]] = {small: [], roomy: [], full: []}
        async with AsyncExitStack() as stack:
            running = {one: await stack.enter_async_context(host(one, MIX)) for one in cost}
            for here in running.values():
                await asyncio.to_thread(load, here.addresses["chat"], signed, PACE)
            for number in range(ROUNDS):
                for one in (small, roomy, full) if number % 2 else (full, roomy, small):
                    address, process = running[one].addresses["chat"], psutil.Process(running[one].pid)
                    seen = await asyncio.to_thread(load, address, signed, PACE, process)
                    cost[one].append(seen["processor"])
    return [
        ratio_of(f"processor a message: {MANY_ROOMS:,} rooms against {ROOMS}", cost[roomy], cost[small], "{:.2f} ms", most=1.2),
        ratio_of(
            f"processor a message: {MANY_MESSAGES:,} stored messages against a few",
            cost[full],
            cost[small],
            "{:.2f} ms",
            most=1.2,
        ),
    ]


def grown(folder: Path, grow: Callable[[sqlite3.Connection, list[str]], None], rooms: list[str]) -> None:
    """Put rows into the chat's database of a stopped deployment."""
    with closing(sqlite3.connect(folder / "var/data/chat.db")) as database:
        with database:
            grow(database, rooms)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def more_rooms(database: sqlite3.Connection, rooms: list[str]) -> None:
    """Ten thousand rooms, each with its members, their consent and what they have read, like the ones that are there."""
    for table, where in (("chat_room", "id"), ("chat_member", "room_id"), ("kit_standing", "scope_id")):
        columns, rows = like(database, table, where, rooms[0])
        for one in range(MANY_ROOMS - len(rooms)):
            for nth, row in enumerate(rows):
                fresh = dict(zip(columns, row, strict=True))
                fresh |= {where: f"{one:032x}"} | ({"group_id": f"{one:032x}"} if table == "chat_room" else {})
                if "person_id" in fresh:
                    fresh["person_id"] = f"{one * MEMBERS + nth + 1:032x}"
                if table == "kit_standing":
                    fresh["id"] = secrets.token_hex(16)
                put(database, table, fresh)
    columns, rows = like(database, "kit_consent", "purpose", "chat")
    for number in range(MANY_ROOMS * MEMBERS):
        fresh = dict(zip(columns, rows[0], strict=True))
        put(database, "kit_consent", fresh | {"id": secrets.token_hex(16), "person_id": f"{number + 1:032x}"})


def more_messages(database: sqlite3.Connection, rooms: list[str]) -> None:
    """A million messages in the rooms that are there, sealed under keys of members."""
    each = MANY_MESSAGES // len(rooms)
    began = time.time_ns() // 1000 - MANY_MESSAGES
    columns = [row[1] for row in database.execute("PRAGMA table_info(chat_message)")]
    for room in rooms:
        last = database.execute("SELECT last_sequence FROM chat_room WHERE id = ?", (room,)).fetchone()[0]
        author = database.execute("SELECT person_id FROM chat_member WHERE room_id = ? LIMIT 1", (room,)).fetchone()[0]
        base = dict.fromkeys(columns) | {"room_id": room, "author_id": author, "state": "visible", "reply_to_id": ""}
        for number in range(1, each + 1):
            fresh = {"id": f"{began + number:014x}{secrets.token_hex(9)}", "sealed_text": secrets.token_bytes(_SEALED_BYTES)}
            put(database, "chat_message", base | fresh | {"sent_at": began + number, "sequence": last + number})
        ends = (last + each, began + each, room)
        database.execute("UPDATE chat_room SET last_sequence = ?, last_sent_at = ? WHERE id = ?", ends)


def like(database: sqlite3.Connection, table: str, column: str, value: str) -> tuple[list[str], list[tuple[object, ...]]]:
    """The columns of a table, and the rows that a new one is to look like."""
    found = database.execute(f"SELECT * FROM {table} WHERE {column} = ? LIMIT {MEMBERS}", (value,))
    return [one[0] for one in found.description], found.fetchall()


def put(database: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    """Put in one row."""
    names, places = ", ".join(row), ", ".join("?" * len(row))
    database.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", tuple(row.values()))
