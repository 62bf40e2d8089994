"""Watching for the tests of live topics: rooms of numbered items in a real database, and those who follow them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from attrs import define, field
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import ListValue, Value
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.feature import Feature
from mewe_core.kit.personal import holds_nothing
from mewe_core.kit.ports import Follow, Next, Sealing
from mewe_core.kit.testing import FixedClock, PlainKeys, PlainSealing
from mewe_host.bus.live import Topics
from mewe_host.parts import Envelope, Store, Taken, UnitDatabase
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, bindparam, insert, select
from whenever import Instant

from tests.waiting import until

from ..desk.world import package

T = TypeVar("T")

TABLES = MetaData()
ITEM = Table(
    "item",
    TABLES,
    Column("room_id", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
)
ADD: Executable = insert(ITEM)
BEHIND: Executable = (
    select(ITEM.c.number)
    .where(ITEM.c.room_id == bindparam("room_id"), ITEM.c.number > bindparam("after"))
    .order_by(ITEM.c.number)
    .limit(bindparam("limit"))
)


def numbers_in(answer: bytes) -> list[int]:
    """What one answer of a stream holds."""
    return [int(one.string_value or one.number_value) for one in ListValue.FromString(answer).values]


class Numbers:
    """Encodes a number; counts how often."""

    def __init__(self) -> None:
        self.dumped = 0

    @property
    def message(self) -> type[Message]:
        """The class."""
        return ListValue

    def parse(self, data: bytes) -> Message:
        """A message from bytes."""
        return ListValue.FromString(data)

    def load(self, message: Message) -> object:
        """The number of a message that holds one."""
        (number,) = numbers_in(message.SerializeToString())
        return number

    def dump(self, thing: object) -> Message:
        """A message that holds one number."""
        self.dumped += 1
        assert isinstance(thing, int)
        return ListValue(values=[Value(number_value=thing)])


class LongNumbers(Numbers):
    """The same, each written out in forty thousand characters."""

    def dump(self, thing: object) -> Message:
        """A message from a number."""
        return ListValue(values=[Value(string_value=f"{thing:40000}")])


@define
class Room:
    """A desk that only holds rooms: nothing is heard."""

    feature: Feature
    store: Store
    sealing: Sealing = field(factory=lambda: PlainSealing(PlainKeys()))

    async def hear(self, envelope: Envelope, *, earlier_gone: bool = False) -> Taken:
        """Nothing listens here."""
        return Taken.KEPT

    async def park(self, envelope: Envelope, reason: str) -> None:
        """Nothing to park."""


@define
class Held:
    """A store whose reads come back only while the ``gate`` is open, as from a server far away."""

    inner: Store
    gate: asyncio.Event
    inside: int = 0

    async def write(self, unit: Callable[[UnitDatabase], Awaitable[T]]) -> T:
        """As it is."""
        return await self.inner.write(unit)

    async def read(self, unit: Callable[[Database], Awaitable[T]]) -> T:
        """What was there when it was asked, later."""
        found = await self.inner.read(unit)
        self.inside += 1
        await self.gate.wait()
        self.inside -= 1
        return found

    def on_commit(self, wake: Callable[[], None]) -> None:
        """As it is."""
        self.inner.on_commit(wake)

    async def close(self) -> None:
        """As it is."""
        await self.inner.close()


async def page(database: Database, sealing: Sealing, topic: str, after: int, limit: int) -> Sequence[tuple[int, int]]:
    """Numbers of a room behind a cursor."""
    return [(number, number) for number in await database.all(BEHIND, int, room_id=topic, after=after, limit=limit)]


@define
class House:
    """Rooms, and what is watched of them."""

    clock: FixedClock
    topics: Topics
    desk: Room
    codec: Numbers = field(factory=Numbers)
    last: dict[str, int] = field(factory=dict)
    out: set[str] = field(factory=set)

    async def add(self, room: str, count: int = 1, *, told: bool = True, shown: bool = False) -> None:
        """Put numbers into a room, each durable when this returns, and wake those who watch, unless nobody is told.

        They are ``shown`` to those who watch, or have to be read.
        """
        for _ in range(count):
            number = self.last[room] = self.last.get(room, 0) + 1
            await self.desk.store.write(lambda database, n=number: database.execute(ADD, room_id=room, number=n))  # type: ignore[misc]
            if shown:
                self.show(room, number)
            elif told:
                self.topics.wake("house", room)

    def show(self, room: str, number: int) -> None:
        """Show a number as what is next in a room, whether or not it is there."""
        told = Envelope("house", "number_came", f"{room} {number}", room, number, self.clock.now(), b"")
        self.topics.told([told], [Next(page, room, number - 1, number, number)])

    def follow(
        self, room: str, after: int = 0, person: str = "p", ends_at: Instant | None = None, desk: Room | None = None
    ) -> AsyncIterator[bytes]:
        """A stream of a room's numbers, open while the person is not put ``out``."""

        async def allowed(_: Database) -> bool:
            return person not in self.out

        ends = ends_at or self.clock.now().add(hours=1)
        return self.topics.follow(desk or self.desk, Follow(room, after, page), self.codec, allowed, ends, person)

    async def read(
        self, room: str, upto: int, *, after: int = 0, person: str = "p", got: list[int] | None = None, pause: float = 0
    ) -> list[int]:
        """What somebody receives until a number, or until the stream ends."""
        numbers = [] if got is None else got
        async with aclosing(self.follow(room, after, person)) as stream:  # type: ignore[type-var]
            async for encoded in stream:
                numbers += numbers_in(encoded)
                if numbers[-1] >= upto:
                    break
                if pause:
                    await asyncio.sleep(pause)
        return numbers


@asynccontextmanager
async def house(folder: Path, url: str, *, streams: int = 10_000) -> AsyncIterator[House]:
    """Rooms in a fresh database; ``streams``: how many one person may have open."""
    name = package(folder / "packages", "circle", TABLES)
    feature = Feature(name="house", package=name, version="1", summary="Rooms.", tables=TABLES, personal=holds_nothing(TABLES))
    await migrate((feature,), url)
    store = await open_store("house", url)
    clock = FixedClock()
    topics = Topics(clock, streams=streams)
    topics.start()
    try:
        yield House(clock, topics, Room(feature, store))
    finally:
        await topics.stop()
        await store.close()


async def until_open(here: House, count: int) -> None:
    """Wait until so many streams are open and have joined."""

    async def open_() -> bool:
        return here.topics.open_streams == count and all(one.joined for one in here.topics._followers)

    await until(open_)
