"""A proxy between a host and its NATS server that reads along, so that a host can be killed at a moment that has a name."""

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable
from enum import Enum, auto
from typing import Self

from attrs import define, field, frozen

_WITH_PAYLOAD = frozenset({b"PUB", b"HPUB", b"MSG", b"HMSG"})


class Way(Enum):
    """Where a message goes."""

    TO_SERVER = auto()
    TO_HOST = auto()


class Moment(Enum):
    """A moment of an event's way, as the connection of a host shows it."""

    AFTER_COMMIT = "after commit"
    """The event is on its way to be published: it is committed; nobody has it."""
    AFTER_PUBLISH = "after publish"
    """The acknowledgement of its publication is on its way back: everybody has it; its teller does not know."""
    BEFORE_ACK = "before ack"
    """Its acknowledgement by a hearer is on its way: its effect is committed; the server would deliver it again."""
    AFTER_ACK = "after ack"
    """The same, with the acknowledgement let through: the server never delivers it again."""

    def is_now(self, way: Way, message: "Passing") -> bool:
        """Whether a message that passes is that moment of its event."""
        goes_there = way is (Way.TO_HOST if self is Moment.AFTER_PUBLISH else Way.TO_SERVER)
        return goes_there and message.answers is not (self is Moment.AFTER_COMMIT)


@frozen
class Passing:
    """A message that is about an event: the event itself, or (``answers``) its acknowledgement."""

    event: str
    aggregate_id: str
    answers: bool


@define
class _Trap:
    moment: Moment
    about: Callable[[Passing], bool]
    spring: Callable[[], None]
    sprung: asyncio.Event = field(factory=asyncio.Event)


@define(eq=False)
class NatsProxy:
    """One host's way to NATS. Made by ``to``, to be closed by ``close``."""

    server_port: int
    _listening: asyncio.Server | None = None
    _events: dict[bytes, Passing] = field(factory=dict)
    _trap: _Trap | None = None
    _writers: set[StreamWriter] = field(factory=set)
    _tasks: "set[asyncio.Task[None]]" = field(factory=set)

    @classmethod
    async def to(cls, server_port: int) -> Self:
        """A proxy to the server at a port of this machine."""
        proxy = cls(server_port)
        proxy._listening = await asyncio.start_server(proxy._accept, "127.0.0.1", 0)
        return proxy

    @property
    def port(self) -> int:
        """Where the host finds it."""
        assert self._listening is not None
        return int(self._listening.sockets[0].getsockname()[1])

    async def at(self, moment: Moment, about: Callable[[Passing], bool], spring: Callable[[], None], seconds: float) -> None:
        """Do something the next time that a moment comes for an event that one is ``about``; return when it was done.

        The message that marks the moment goes no further (but AFTER_ACK), nor does any other of that time. Raises TimeoutError.
        """
        trap = self._trap = _Trap(moment, about, spring)
        try:
            async with asyncio.timeout(seconds):
                await trap.sprung.wait()
        except TimeoutError:
            raise TimeoutError(f"the moment {moment.value} has not come in {seconds:.0f} seconds") from None
        finally:
            self._trap = None

    async def close(self) -> None:
        """Let go of every connection."""
        if self._listening is not None:
            self._listening.close()
        self._cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.create_task(self._connect(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, from_host: StreamReader, to_host: StreamWriter) -> None:
        writers = {to_host}
        try:
            with contextlib.suppress(OSError):
                from_server, to_server = await asyncio.open_connection("127.0.0.1", self.server_port)
                writers.add(to_server)
                self._writers |= writers
                ways = [
                    asyncio.create_task(self._pass(Way.TO_SERVER, from_host, to_server)),
                    asyncio.create_task(self._pass(Way.TO_HOST, from_server, to_host)),
                ]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)
        finally:
            self._writers -= writers
            for writer in writers:
                writer.transport.abort()

    async def _pass(self, way: Way, reader: StreamReader, writer: StreamWriter) -> None:
        with contextlib.suppress(OSError):
            async for line, whole in _messages(reader):
                message = self._read(line)
                if message is not None and self._is_trapped(way, message):
                    await self._sprung(whole, writer)
                    return
                writer.write(whole)
                await writer.drain()

    async def _sprung(self, whole: bytes, writer: StreamWriter) -> None:
        trap, self._trap = self._trap, None
        assert trap is not None
        if trap.moment is Moment.AFTER_ACK:
            writer.write(whole)
            await writer.drain()
        trap.spring()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        self._cut()
        trap.sprung.set()

    def _is_trapped(self, way: Way, message: Passing) -> bool:
        trap = self._trap
        return trap is not None and trap.moment.is_now(way, message) and trap.about(message)

    def _read(self, line: bytes) -> Passing | None:
        """What a message is about. An answer to an event is known by the subject that the event asked it to be sent to."""
        words = line.split()
        if not words or words[0] not in _WITH_PAYLOAD:
            return None
        subject = words[1].split(b".")
        if len(subject) == 6 and subject[0] == b"mewe":
            message = Passing(subject[4].decode(), subject[5].decode(), answers=False)
            answer_to = next((word for word in words[2:] if word.startswith((b"_INBOX.", b"$JS.ACK."))), None)
            if answer_to is not None:
                self._events[answer_to] = Passing(message.event, message.aggregate_id, answers=True)
            return message
        return self._events.get(words[1])

    def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


async def _messages(reader: StreamReader) -> AsyncIterator[tuple[bytes, bytes]]:
    """Each message of the NATS protocol: its first line, and all of it."""
    while line := await reader.readline():
        words = line.split()
        if words and words[0] in _WITH_PAYLOAD:
            try:
                yield line, line + await reader.readexactly(int(words[-1]) + 2)
            except asyncio.IncompleteReadError:
                return
        else:
            yield line, line
