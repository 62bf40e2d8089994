"""A country at work while its processes are killed: people write and follow, groups are made; and what was accepted."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import grpc
from attrs import define, field
from google.protobuf.message import Message as Protobuf
from mewe.chat.v1.chat_service_pb2 import (
    AcknowledgeLimitOfConfidentialityRequest,
    ListMessagesRequest,
    Message,
    PostMessageRequest,
    WatchMessagesRequest,
)
from mewe.kit.v1.standing_pb2 import ROLE_COORDINATOR, ROLE_PARTICIPANT, Role
from mewe.people.v1.people_service_pb2 import ORGANISATION_KIND_SCHOOL, CreateOrganisationRequest, InvitePersonRequest
from mewe.programme.v1 import group_service_pb2 as groups
from mewe_client import Client, Deployment, Refused
from mewe_demo.consent import guardian_signs, informed

from tests.faults.host_process import PATIENCE
from tests.faults.tally_contract import tally_of

Q = TypeVar("Q", bound=Protobuf)
A = TypeVar("A", bound=Protobuf)

BUSY_ROOMS = 2
MEMBERS = 3
"""How many write in a busy room, each of whom follows it as well."""
LONGEST_THOUGHT = 0.04
"""Seconds between two messages of one person at most."""
_PAGE = 200
_NOT_NOW = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


async def accepted(client: Client, method: "grpc.aio.UnaryUnaryMultiCallable[Q, A]", request: Q) -> A:
    """Ask with one request_id until it is accepted. Raises Refused for any refusal but "not now"."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return await client.send(method, request)
        except Refused as refused:
            if refused.code not in _NOT_NOW or time.monotonic() > until:
                raise


@define
class Follower:
    """Somebody who follows a room, and what reached them."""

    client: Client
    room_id: str
    seen: list[Message] = field(factory=list)
    _more: asyncio.Condition = field(factory=asyncio.Condition)

    async def follow(self) -> None:
        """Keep each message that comes."""
        async for answer in self.client.watch(self.client.chat.WatchMessages, WatchMessagesRequest(room_id=self.room_id)):
            async with self._more:
                self.seen.extend(answer.messages)
                self._more.notify_all()

    async def has(self, count: int) -> None:
        """Return when so many have come. Raises TimeoutError."""
        try:
            async with asyncio.timeout(PATIENCE), self._more:
                await self._more.wait_for(lambda: len(self.seen) >= count)
        except TimeoutError:
            raise TimeoutError(f"of {count} accepted messages, {len(self.seen)} have reached a follower") from None


@define
class Country:
    """Its people and rooms. ``accepted`` holds, by room, every message that a writer was told to be accepted.

    ``others``: further ways to reach it; each person comes by one of them.
    """

    deployment: Deployment
    chance: random.Random
    others: Sequence[Deployment] = ()
    organisation_id: str = ""
    coordinator: Client = field(init=False)
    regular: Client = field(init=False)
    writers: list[tuple[Client, str]] = field(factory=list)
    followers: list[Follower] = field(factory=list)
    busy: list[str] = field(factory=list)
    accepted: dict[str, list[Message]] = field(factory=dict)
    asked: set[str] = field(factory=set)
    through: Counter[str] = field(factory=Counter)
    _over: asyncio.Event = field(factory=asyncio.Event)
    _more: asyncio.Condition = field(factory=asyncio.Condition)

    async def begin(self, code: str) -> None:
        """An organisation, a coordinator, the busy rooms and their members, all with the code of the first start."""
        national = await self.deployment.sign_in(code)
        school = CreateOrganisationRequest(name="North", kind=ORGANISATION_KIND_SCHOOL)
        self.organisation_id = (await national.send(national.people.CreateOrganisation, school)).id
        self.coordinator = await self._invited(national, ROLE_COORDINATOR)
        await informed(national)
        self.regular = await self._invited(self.coordinator)
        for _ in range(BUSY_ROOMS):
            members = [await self._invited(self.coordinator) for _ in range(MEMBERS)]
            room_id = await self._group(*members, self.regular)
            self.busy.append(room_id)
            self.writers += [(one, room_id) for one in members]
            self.followers += [Follower(one, room_id) for one in members]

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Everybody writes and follows meanwhile. At the end each finishes what was begun, and has what was accepted."""
        async with asyncio.TaskGroup() as following:
            reading = [following.create_task(one.follow()) for one in self.followers]
            async with asyncio.TaskGroup() as working:
                for client, room_id in self.writers:
                    working.create_task(self._write(client, room_id))
                working.create_task(self._meet())
                yield
                self._over.set()
            for one in self.followers:
                await one.has(len(self.accepted[one.room_id]))
            for task in reading:
                task.cancel()

    async def goes_on(self, count: int = 0) -> None:
        """Return when every writer, and ``count`` messages in all, got through from now on. Raises TimeoutError."""
        before = Counter(self.through)
        names = [client.person_id for client, _ in self.writers]

        def went_on() -> bool:
            return self.through.total() >= before.total() + count and all(self.through[one] > before[one] for one in names)

        async with asyncio.timeout(PATIENCE), self._more:
            await self._more.wait_for(went_on)

    async def listed(self, room_id: str) -> list[Message]:
        """Everything that stands in a room."""
        found: list[Message] = []
        client, token = self.regular, ""
        while True:
            request = ListMessagesRequest(room_id=room_id, page_size=_PAGE, page_token=token)
            page = await client.send(client.chat.ListMessages, request)
            found += page.messages
            if not (token := page.next_page_token):
                return found

    async def tallies(self) -> Mapping[str, int]:
        """How many messages were counted in each room."""
        return {room_id: await tally_of(self.regular, room_id) for room_id in self.accepted}

    async def post(self, client: Client, room_id: str) -> None:
        """Post a message that there is only once, until it is accepted."""
        text = f"message {len(self.asked)}"
        self.asked.add(text)
        request = PostMessageRequest(request_id=f"{self.chance.getrandbits(128):032x}", room_id=room_id, text=text)
        message = (await accepted(client, client.chat.PostMessage, request)).message
        async with self._more:
            self.accepted.setdefault(room_id, []).append(message)
            self.through[client.person_id] += 1
            self._more.notify_all()

    async def _write(self, client: Client, room_id: str) -> None:
        while not self._over.is_set():
            await self.post(client, room_id)
            await self._thought()

    async def _meet(self) -> None:
        """Make one group after the other, in each of which one message is posted as soon as its only member has joined."""
        while not self._over.is_set():
            await self.post(self.regular, await self._group(self.regular))
            await self._thought()

    async def _thought(self) -> None:
        """Think of what to say: people do not write without a pause."""
        try:
            async with asyncio.timeout(self.chance.uniform(0, LONGEST_THOUGHT)):
                await self._over.wait()
        except TimeoutError:
            return

    async def _invited(self, by: Client, role: "Role.ValueType | None" = None) -> Client:
        request = InvitePersonRequest(organisation_id=self.organisation_id, role=role)
        code = (await by.send(by.people.InvitePerson, request)).code
        person = await self.chance.choice([self.deployment, *self.others]).sign_in(code)
        await by.confirm(person)
        if role is None:
            await guardian_signs(by, person.person_id)
        return person

    async def _group(self, *members: Client) -> str:
        by = self.coordinator
        first = groups.LocalStart(date="2035-09-03", time="16:00")
        request = groups.CreateGroupRequest(
            request_id=f"{self.chance.getrandbits(128):032x}",
            organisation_id=self.organisation_id,
            programme_id="me-we",
            name="Oak",
            time_zone="Europe/Stockholm",
            language="sv",
            mode=groups.MEETING_MODE_IN_PERSON,
            place="Room 4",
            weekly=groups.WeeklySeries(first=first),
        )
        group = await accepted(by, by.groups.CreateGroup, request)
        for member in members:
            joins = groups.AddMemberRequest(
                request_id=f"{self.chance.getrandbits(128):032x}",
                group_id=group.id,
                person_id=member.person_id,
                role=ROLE_PARTICIPANT,
            )
            await accepted(by, by.groups.AddMember, joins)
            member.positions.keep(by.positions.shown())
            read = AcknowledgeLimitOfConfidentialityRequest(
                request_id=f"{self.chance.getrandbits(128):032x}", room_id=group.id, version=1
            )
            await accepted(member, member.chat.AcknowledgeLimitOfConfidentiality, read)
        return group.id


def places(messages: Iterable[Message]) -> list[tuple[int, str, str]]:
    """What is to be the same wherever a message is shown: its place, its id, its text."""
    return [(one.sequence, one.id, one.text) for one in messages]
