"""The diary: how long a thousand entries take to be sealed and kept, and to be opened; and how much one change moves."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_bytes

from attrs import define, field
from mewe_client import Client, Deployment
from mewe_client.diary import DiaryCarrier
from mewe_demo.running import running
from mewe_diary.device import Device, MemoryStore
from mewe_diary.envelope import Content, Diary, Handed, new_diary, open_diary
from whenever import Instant

from benchmarks.figures import ROUNDS, Figure, value_of

MIX = """
country = "SE"
[features.people]
[features.programme]
[features.diary]
[http]
address = "127.0.0.1:0"
[grpc]
address = "127.0.0.1:0"
[log]
file = "var/mewe.log"
[limits]
calls_a_minute = 1_000_000
lists_a_minute = 1_000_000
"""
ENTRIES, MANY = 1_000, 10_000
LETTERS = 1_900
"""Of an entry: with what stands around them they fill the bucket of 2 KB."""


@define
class Counting:
    """A way to an address that counts the bytes on it, both ways."""

    target: str
    count: int = 0
    address: str = field(default="", init=False)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Counting"]:
        """Listen on a port of its own."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = self.target.rpartition(":")
        onward, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(self._pipe(reader, back), self._pipe(onward, writer))

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while given := await reader.read(65_536):
                self.count += len(given)
                writer.write(given)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def service() -> AsyncIterator[tuple[str, Client]]:
    """A durable service on files, with somebody who is signed in: its address, and they."""
    with tempfile.TemporaryDirectory(prefix="mewe-bench-") as folder:
        mix = Path(folder) / "bench.toml"
        mix.write_text(MIX)
        async with running(str(mix), split=False) as here, Deployment(here.addresses) as deployment:
            yield here.addresses["diary"], await deployment.sign_in(here.notes[0].rsplit(": ", 1)[1])


async def diary_of(me: Client, *, entries: int = 0) -> tuple[Diary, Device, DiaryCarrier, float]:
    """A fresh diary that somebody has linked, with so many entries sealed and kept; how many seconds that took."""
    diary = new_diary("SE", token_bytes)
    device, carrier = a_device(diary), DiaryCarrier(me, diary)
    await carrier.adopt(beside=True)
    begun = time.perf_counter()
    for number in range(entries):
        device.write(Content(f"{number} ".ljust(LETTERS, "x"), Instant.now(), "Europe/Stockholm"))
    if not (await device.sync(carrier)).settled:
        raise RuntimeError("not everything was kept")
    return diary, device, carrier, time.perf_counter() - begun


def a_device(diary: Diary) -> Device:
    """A device that has nothing yet."""
    return Device.open(diary, MemoryStore(), now=Instant.now, secret=token_bytes)


async def sealed_and_kept() -> Figure:
    """A thousand entries of 2 KB, from words to disk at the service, over gRPC."""
    measured = list[float]()
    async with service() as (_, me):
        for _ in range(min(ROUNDS, 4)):
            measured.append((await diary_of(me, entries=ENTRIES))[3])
    return value_of("diary: 1,000 entries of 2 KB sealed and kept", measured, "{:.2f} s", most=3.0)


async def opened() -> Figure:
    """The same opened, all of it proven by the head; the key is there."""
    measured = list[float]()
    async with service() as (_, me):
        diary, _, carrier, _ = await diary_of(me, entries=ENTRIES)
        handed, cursor, more, head = list[Handed](), 0, True, None
        while more:
            page = await carrier.changes(cursor)
            handed += page.handed
            cursor, more, head = page.next_cursor, page.more, page.head
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            found = open_diary(diary, head, handed)
            measured.append(time.perf_counter() - begun)
            if found.faults or len(found.entries) != ENTRIES:
                raise RuntimeError("not everything was opened")
    return value_of("diary: 1,000 entries opened", measured, "{:.2f} s", most=1.0)


async def moved_by_one_change() -> Figure:
    """One entry changed among ten thousand: all bytes on the socket until another device has it, both devices' together."""
    measured = list[float]()
    async with service() as (address, me), Counting(address).open() as way, Deployment(way.address) as deployment:
        diary, device, carrier, _ = await diary_of(me, entries=MANY)
        other = a_device(diary)
        await other.sync(carrier)
        mine = deployment.resume(me.session, me.key) if me.session is not None else me
        counted = DiaryCarrier(mine, diary)
        await device.sync(counted)
        for entry_id in list(device.entries)[:ROUNDS]:
            before = way.count
            device.write(Content("changed ".ljust(LETTERS, "x"), Instant.now(), "Europe/Stockholm"), entry_id)
            for each in (device, other):
                if (await each.sync(counted)).faults:
                    raise RuntimeError("something was not as it should be")
            measured.append((way.count - before) / 1024)
    return value_of("diary: bytes moved by one change among 10,000 entries", measured, "{:.1f} KB", most=10.0)


async def measure() -> list[Figure]:
    """All of them."""
    return [await sealed_and_kept(), await opened(), await moved_by_one_change()]
