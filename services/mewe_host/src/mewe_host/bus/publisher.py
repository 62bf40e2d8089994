"""Publishing with many acknowledgements under way at once, on one inbox."""

import asyncio
import secrets
from collections.abc import Sequence

import nats.errors
from attrs import define, field
from nats.aio.msg import Msg

from mewe_host.bus.connection import Connection, Listening
from mewe_host.bus.subjects import Names, headers
from mewe_host.parts import Envelope

_SECONDS = 5.0


@define(eq=False)
class _Sending:
    waiting: set[int]
    kept: set[int] = field(factory=set)
    done: asyncio.Event = field(factory=asyncio.Event)


class Publisher:
    """Sends events to JetStream; each is told to be kept, or not known to be. Made by ``open``."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._listening: Listening | None = None
        self._connection = connection
        self._names = names
        self._inbox = f"{connection.inbox}.{secrets.token_hex(12)}"
        self._number = 0
        self._sending: _Sending | None = None
        self.streams_missing = False

    @classmethod
    async def open(cls, connection: Connection, names: Names) -> "Publisher":
        """With its inbox."""
        publisher = cls(connection, names)
        publisher._listening = await connection.listen(f"{publisher._inbox}.*", publisher._acknowledged)
        connection.on_down(publisher._give_up)
        return publisher

    async def send(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Send in order; says of each whether JetStream has it. What is not known to be there may be there all the same."""
        first, country = self._number, self._names.country
        self._number += len(envelopes)
        self.streams_missing = False
        sending = self._sending = _Sending(set(range(first, self._number)))
        try:
            client = await self._connection.client()
            for number, envelope in enumerate(envelopes, first):
                await client.publish(
                    self._names.subject(envelope.area, envelope.name, envelope.aggregate_id),
                    envelope.payload,
                    f"{self._inbox}.{number}",
                    headers(envelope, country),
                )
            async with asyncio.timeout(_SECONDS):
                await sending.done.wait()
        except (nats.errors.Error, OSError, TimeoutError):
            pass
        finally:
            self._sending = None
        return [number in sending.kept for number in range(first, first + len(envelopes))]

    async def close(self) -> None:
        """Let go of the inbox."""
        if self._listening is not None:
            await self._listening.end()

    async def _acknowledged(self, message: Msg) -> None:
        sending = self._sending
        number = int(message.subject.rpartition(".")[2])
        if sending is None or number not in sending.waiting:
            return
        sending.waiting.discard(number)
        if message.headers is not None and message.headers.get("Status") == "503":
            self.streams_missing = True
        elif b'"stream"' in message.data and b'"error"' not in message.data:
            sending.kept.add(number)
        if not sending.waiting:
            sending.done.set()

    def _give_up(self) -> None:
        if self._sending is not None:
            self._sending.done.set()
