"""Streams that resume, and positions that let somebody go on at once."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import grpc
import pytest
from mewe.chat.v1.chat_service_pb2 import Message, WatchMessagesRequest
from mewe.people.v1 import people_service_pb2 as people
from mewe.programme.v1 import group_service_pb2 as groups
from mewe_client import Client, Deployment, Refused

from .hosting import Host
from .meeting import Circle, gathered, grouped, invited
from .severing import Way, way_to

Scene = Callable[[Deployment, Circle, Way], Awaitable[None]]


def play(host: Host, scene: Scene) -> None:
    """Run a scene with a group; what is followed goes a way that can be severed, the rest goes straight."""

    async def played() -> None:
        async with way_to(host.port) as way, Deployment(host.address) as straight, Deployment(way.address) as severed:
            circle = await gathered(straight, host.of_national(straight))
            await scene(severed, circle, way)

    asyncio.run(played())


def there(deployment: Deployment, person: Client) -> Client:
    """The same person, on another way."""
    assert person.session is not None
    return deployment.resume(person.session, person.key)


async def heard(bo: Client, request: WatchMessagesRequest, until: int, into: list[Message]) -> None:
    """Follow until so many messages have come."""
    stream = bo.watch(bo.chat.WatchMessages, request)
    async for answer in stream:
        into.extend(answer.messages)
        if len(into) >= until:
            break
    await stream.aclose()


def test_a_stream_goes_on_after_a_lost_connection_without_gap_or_repeat(host: Host) -> None:
    """The way is severed again and again while somebody talks: everything said is heard once, in order."""

    async def scene(deployment: Deployment, circle: Circle, way: Way) -> None:
        messages: list[Message] = []
        hearing = asyncio.create_task(heard(there(deployment, circle.bo), circle.from_the_start(), 150, messages))
        chance = random.Random(7)  # noqa: S311
        said = []
        for n in range(150):
            said.append((await circle.say(f"{n}"), f"{n}"))
            if chance.random() < 0.15:
                way.sever()
        async with asyncio.timeout(60):
            await hearing
        assert [(one.sequence, one.text) for one in messages] == said
        assert [sequence for sequence, _ in said] == list(range(1, 151))

    play(host, scene)


def test_a_stream_goes_on_after_the_host_was_killed(host: Host) -> None:
    """Killed in the middle of talking: what was accepted is heard once, in order, by whoever followed all along."""

    async def scene(deployment: Deployment, circle: Circle, way: Way) -> None:
        messages: list[Message] = []
        hearing = asyncio.create_task(heard(there(deployment, circle.bo), circle.from_the_start(), 60, messages))
        said = [await circle.say(f"{n}") for n in range(30)]
        host.end(9)
        talking = asyncio.create_task(circle.say("30"))
        await asyncio.to_thread(host.start)
        said.append(await talking)
        said += [await circle.say(f"{n}") for n in range(31, 60)]
        async with asyncio.timeout(60):
            await hearing
        assert [(one.sequence, one.text) for one in messages] == [(sequence, f"{n}") for n, sequence in enumerate(said)]
        assert said == list(range(1, 61))

    play(host, scene)


def test_a_stream_begins_behind_what_one_has(host: Host) -> None:
    """From a cursor, only what comes after it; the request stays as it was."""

    async def scene(deployment: Deployment, circle: Circle, way: Way) -> None:
        for n in range(5):
            await circle.say(f"{n}")
        request = WatchMessagesRequest(room_id=circle.room_id, after_cursor=3 << 24)
        messages: list[Message] = []
        await heard(circle.bo, request, 2, messages)
        assert [one.sequence for one in messages] == [4, 5]
        assert request == WatchMessagesRequest(room_id=circle.room_id, after_cursor=3 << 24)

    play(host, scene)


def test_a_stream_ends_with_the_right_to_it(host: Host) -> None:
    """Within two seconds after somebody was taken out, by Refused; nothing said after that was heard."""

    async def scene(deployment: Deployment, circle: Circle, way: Way) -> None:
        messages: list[Message] = []
        hearing = asyncio.create_task(heard(there(deployment, circle.bo), circle.from_the_start(), 99, messages))
        await circle.say("with all")
        while not messages:
            await asyncio.wait({hearing}, timeout=0.02)
        by = circle.coordinator
        await by.send(
            by.groups.EndMembership,
            groups.EndMembershipRequest(membership_id=circle.membership_of_bo, reason=groups.LEAVE_REASON_OTHER_GROUP),
        )
        begun = time.monotonic()
        with pytest.raises(Refused) as refused:
            await asyncio.wait_for(hearing, 10)
        assert time.monotonic() - begun <= 2.5
        assert (refused.value.code, refused.value.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        await circle.say("without one")
        assert [one.text for one in messages] == ["with all"]

    play(host, scene)


def test_a_stream_with_a_token_that_is_no_longer_good_is_opened_with_a_new_one(host: Host) -> None:
    """As a call is."""

    async def scene(deployment: Deployment, circle: Circle, way: Way) -> None:
        assert circle.bo.session is not None
        kept = people.DeviceSession()
        kept.CopyFrom(circle.bo.session)
        kept.access_token.token = "no.good.token"  # noqa: S105
        await circle.say("Hej")
        messages: list[Message] = []
        await asyncio.wait_for(heard(deployment.resume(kept, circle.bo.key), circle.from_the_start(), 1, messages), 20)
        assert [one.text for one in messages] == ["Hej"]

    play(host, scene)


def test_a_stream_of_an_ended_session_is_refused(host: Host) -> None:
    """Also while it is followed."""

    async def scene(deployment: Deployment, circle: Circle, way: Way) -> None:
        messages: list[Message] = []
        bo = there(deployment, circle.bo)
        hearing = asyncio.create_task(heard(bo, circle.from_the_start(), 99, messages))
        await circle.say("Hej")
        while not messages:
            await asyncio.wait({hearing}, timeout=0.02)
        assert bo.session is not None
        await bo.send(bo.people.EndDeviceSession, people.EndDeviceSessionRequest(device_session_id=bo.session.id))
        with pytest.raises(Refused) as refused:
            await asyncio.wait_for(hearing, 10)
        assert refused.value.reason == "SESSION_OVER"

    play(host, scene)


def test_whoever_stops_following_is_followed_no_more(host: Host) -> None:
    """The host lets go of a stream that its client has closed, and keeps those of others."""

    async def scene(deployment: Deployment, circle: Circle, way: Way) -> None:
        await circle.say("Hej")
        before = await asyncio.to_thread(host.streams)
        stream = circle.bo.watch(circle.bo.chat.WatchMessages, circle.from_the_start())
        assert [message.text for message in (await anext(stream)).messages] == ["Hej"]
        assert await asyncio.to_thread(host.streams) == before + 1
        await stream.aclose()
        async with asyncio.timeout(10):
            while await asyncio.to_thread(host.streams) > before:
                continue

    play(host, scene)


def test_a_stream_outlives_a_long_outage(host: Host) -> None:
    """However often it could not be opened: once the way is there again, nothing is missing."""

    async def scene(deployment: Deployment, circle: Circle, way: Way) -> None:
        messages: list[Message] = []
        hearing = asyncio.create_task(heard(there(deployment, circle.bo), circle.from_the_start(), 2, messages))
        await circle.say("before")
        while not messages:
            await asyncio.wait({hearing}, timeout=0.02)
        way.open = False
        way.sever()
        await circle.say("after")
        await asyncio.wait({hearing}, timeout=3)
        way.open = True
        await asyncio.wait_for(hearing, 20)
        assert [one.text for one in messages] == ["before", "after"]

    play(host, scene)


def test_a_new_coordinator_can_make_a_group_at_once(host: Host) -> None:
    """What signing in has told goes along to the other service, which answers when it knows of it."""

    async def scene(deployment: Deployment, circle: Circle, way: Way) -> None:
        national = host.of_national(deployment)
        school = people.CreateOrganisationRequest(name="Elm School", kind=people.ORGANISATION_KIND_SCHOOL)
        organisation_id = (await national.send(national.people.CreateOrganisation, school)).id
        for _ in range(20):
            coordinator = await invited(deployment, national, organisation_id, coordinates=True)
            assert (await grouped(coordinator, organisation_id)).organisation_id == organisation_id

    play(host, scene)
