"""The room of a group, from the first message to the last."""

import asyncio
from collections.abc import Iterable
from typing import Self

from attrs import define, field, frozen
from mewe.chat.v1.chat_service_pb2 import ListMessagesRequest, ListRoomsRequest, PostMessageRequest
from mewe_client import Client

from mewe_demo.following import Follower, all_have, reads_the_limit, refusal


@frozen
class Chat:
    """What the chat came to: by the messages' own list, and by what reached those who followed it."""

    messages: int
    reached_all: bool
    reached_who_left: int
    refused_who_left: str
    refused_at_the_end: str


@define
class Conversation:
    """Who follows the room, and how many messages were said in it."""

    room_id: str
    followers: list[Follower]
    said: int = 0
    gone: Follower | None = field(default=None, init=False)
    told_who_left: str = field(default="", init=False)

    @classmethod
    async def begin(cls, group_id: str, people: Iterable[Client]) -> Self:
        """Everybody reads what the room cannot keep to itself, and follows it from now on."""
        followers = []
        for one in people:
            rooms = (await one.send(one.chat.ListRooms, ListRoomsRequest())).rooms
            room = next(room for room in rooms if room.id == group_id)
            await reads_the_limit(one, room.id)
            followers.append(Follower(one, room.id))
            followers[-1].open()
        return cls(group_id, followers)

    async def goes_on(self, *said: tuple[Client, str]) -> None:
        """Each says something; return when it has reached everybody who is still there."""
        for writer, text in said:
            await writer.send(writer.chat.PostMessage, PostMessageRequest(room_id=self.room_id, text=text))
            self.said += 1
        await all_have(self.stayed, self.said)

    async def leaves(self, who: Client) -> None:
        """Somebody has left the group: their open chat ends, and they can write no more."""
        self.gone = next(one for one in self.followers if one.client is who)
        await self.gone.cut_off()
        self.told_who_left = await refusal(who, self.room_id)

    async def ends(self, reader: Client) -> Chat:
        """What it came to, once the programme is over."""
        told = await refusal(reader, self.room_id)
        listed = await reader.send(reader.chat.ListMessages, ListMessagesRequest(room_id=self.room_id, page_size=200))
        wanted = [one.id for one in listed.messages]
        chat = Chat(
            messages=len(wanted),
            reached_all=all([one.id for one in follower.messages] == wanted for follower in self.stayed),
            reached_who_left=len(self.gone.messages) if self.gone else 0,
            refused_who_left=self.told_who_left,
            refused_at_the_end=told,
        )
        await asyncio.gather(*(follower.close() for follower in self.followers))
        return chat

    @property
    def stayed(self) -> list[Follower]:
        """Those who did not leave."""
        return [one for one in self.followers if one is not self.gone]
