"""Those who follow a chat: each keeps what reached them, and can say when it is complete."""

import asyncio
from collections.abc import Sequence

from attrs import define, field
from mewe.chat.v1.chat_service_pb2 import (
    AcknowledgeLimitOfConfidentialityRequest,
    GetLimitOfConfidentialityRequest,
    Message,
    PostMessageRequest,
    WatchMessagesRequest,
)
from mewe_client import Client, Refused

PATIENCE = 20.0
"""Seconds until a message that does not come is missed."""


@define
class Follower:
    """One person's open chat: each message, by its id, as it was when it last came."""

    client: Client
    room_id: str
    came: dict[str, Message] = field(factory=dict)
    ended: bool = False
    _changed: asyncio.Condition = field(factory=asyncio.Condition)
    _task: asyncio.Task[None] | None = None

    @property
    def messages(self) -> list[Message]:
        """What the room shows."""
        return sorted(self.came.values(), key=lambda one: one.sequence)

    def open(self) -> None:
        """Begin to follow, from the day one joined."""
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        request = WatchMessagesRequest(room_id=self.room_id)
        try:
            async for answer in self.client.watch(self.client.chat.WatchMessages, request):
                async with self._changed:
                    self.came |= {message.id: message for message in answer.messages}
                    self._changed.notify_all()
        except Refused:
            async with self._changed:
                self.ended = True
                self._changed.notify_all()

    async def has(self, count: int) -> None:
        """Return when so many messages have come. Raises TimeoutError if they do not."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.came) >= count)

    async def cut_off(self) -> None:
        """Return when the service has ended it. Raises TimeoutError if it does not."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: self.ended)

    async def close(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


async def all_have(followers: Sequence[Follower], count: int) -> None:
    """Return when each has so many messages."""
    await asyncio.gather(*(follower.has(count) for follower in followers))


async def reads_the_limit(client: Client, room_id: str) -> str:
    """Somebody reads what a room cannot keep to itself, and says so; the words."""
    limit = await client.send(client.chat.GetLimitOfConfidentiality, GetLimitOfConfidentialityRequest(room_id=room_id))
    known = AcknowledgeLimitOfConfidentialityRequest(room_id=room_id, version=limit.version)
    await client.send(client.chat.AcknowledgeLimitOfConfidentiality, known)
    return limit.text


async def refusal(client: Client, room_id: str) -> str:
    """What somebody is told who writes where they may not."""
    try:
        await client.send(client.chat.PostMessage, PostMessageRequest(room_id=room_id, text="Hello?"))
    except Refused as refused:
        return f"{refused.reason}: {refused.sentence}"
    return "nothing: it was accepted"
