"""A way to a host that can be severed, and that can lose answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from attrs import define, field


@define
class Way:
    """Forwards every connection to a port. ``losing``: requests get through, answers do not. ``late``: answers take so long."""

    target: int
    port: int = 0
    losing: bool = False
    late: float = 0.0
    open: bool = True
    _writers: set[asyncio.StreamWriter] = field(factory=set)
    _tasks: set[asyncio.Task[None]] = field(factory=set)

    @property
    def address(self) -> str:
        """Where it begins."""
        return f"127.0.0.1:{self.port}"

    def sever(self) -> None:
        """Break every connection there is, without a word."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def carry(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """One connection, in both directions, until either end lets go."""
        if not self.open:
            to_client.transport.abort()
            return
        try:
            host, to_host = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            to_client.transport.abort()
            return
        ends = {to_client, to_host}
        self._writers |= ends
        pouring = [
            asyncio.create_task(self._pour(client, to_host, answers=False)),
            asyncio.create_task(self._pour(host, to_client, answers=True)),
        ]
        self._tasks.update(pouring)
        await asyncio.wait(pouring, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.transport.abort()
        await asyncio.wait(pouring)
        self._writers -= ends

    async def rest(self) -> None:
        """Return when no connection is left."""
        while self._tasks:
            await asyncio.wait({self._tasks.pop()})

    async def _pour(self, source: asyncio.StreamReader, into: asyncio.StreamWriter, *, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if answers and self.losing:
                    continue
                if answers and self.late:
                    await asyncio.sleep(self.late)
                into.write(data)
                await into.drain()


@contextlib.asynccontextmanager
async def way_to(port: int) -> AsyncIterator[Way]:
    """A way to a port, closed when this is over."""
    way = Way(port)
    server = await asyncio.start_server(way.carry, "127.0.0.1", 0)
    way.port = int(server.sockets[0].getsockname()[1])
    try:
        yield way
    finally:
        server.close()
        way.sever()
        await way.rest()
