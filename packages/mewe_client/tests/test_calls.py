"""Calls to a real host: tokens, refusals, and answers that were lost on the way."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import grpc
import pytest
from mewe.kit.v1.standing_pb2 import ROLE_PARTICIPANT
from mewe.people.v1 import people_service_pb2 as people
from mewe_client import Client, Deployment, FieldFault, Refused

from .hosting import Host
from .severing import Way, way_to

Scene = Callable[[Deployment, Client, Host, Way], Awaitable[None]]


def play(host: Host, scene: Scene, *, now: Callable[[], float] = time.time) -> None:
    """Run a scene with somebody of the competence centre, whose way to the host can be severed."""

    async def played() -> None:
        async with way_to(host.port) as way, Deployment(way.address, now=now) as deployment:
            await scene(deployment, host.of_national(deployment), host, way)

    asyncio.run(played())


def made(name: str) -> people.CreateOrganisationRequest:
    """A request for an organisation."""
    return people.CreateOrganisationRequest(name=name, kind=people.ORGANISATION_KIND_SCHOOL)


async def names(me: Client) -> list[str]:
    """The organisations there are."""
    listed = await me.send(me.people.ListOrganisations, people.ListOrganisationsRequest())
    return [one.name for one in listed.organisations]


async def session(me: Client) -> people.DeviceSessionSummary:
    """The client's own session, as the service sees it."""
    listed = await me.send(me.people.ListDeviceSessions, people.ListDeviceSessionsRequest())
    return next(one for one in listed.device_sessions if one.current)


async def refused(call: Awaitable[object]) -> Refused:
    """What a call that has to be refused was refused with."""
    with pytest.raises(Refused) as caught:
        await call
    return caught.value


def test_who_calls_too_often_waits_as_long_as_the_service_says(host: Host) -> None:
    """More than a minute's worth at once is answered in the end; whoever cannot wait so long is told when to come again."""

    async def scene(deployment: Deployment, me: Client, host: Host, way: Way) -> None:
        asked = people.ListOrganisationsRequest()
        many = [asyncio.create_task(me.send(me.people.ListOrganisations, asked)) for _ in range(124)]
        await asyncio.wait(many, return_when=asyncio.FIRST_EXCEPTION)
        assert [one.exception() for one in many] == [None] * 124
        answers = await asyncio.gather(*(refused_or_none(me, asked) for _ in range(10)))
        slow = [one for one in answers if one is not None]
        assert {(one.code, one.reason, one.after_seconds) for one in slow} == {
            (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS", 1)
        }
        assert await names(me) is not None

    async def refused_or_none(me: Client, asked: people.ListOrganisationsRequest) -> Refused | None:
        try:
            await me.send(me.people.ListOrganisations, asked, seconds=0.9)
        except Refused as refused:
            return refused
        return None

    play(host, scene)


def test_a_refusal_says_code_reason_and_fields(host: Host) -> None:
    """As the service said them; nothing of what was sent is in it."""

    async def scene(deployment: Deployment, me: Client, host: Host, way: Way) -> None:
        school = await me.send(me.people.CreateOrganisation, made("North"))
        wrong = people.InvitePersonRequest(organisation_id=school.id, valid_hours=999)
        answer = await refused(me.send(me.people.InvitePerson, wrong))
        assert (answer.code, answer.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID")
        assert answer.fields == (FieldFault("valid_hours", "a number from 0 to 168"),)
        wrong = people.InvitePersonRequest(organisation_id=school.id, role=ROLE_PARTICIPANT)
        assert [one.path for one in (await refused(me.send(me.people.InvitePerson, wrong))).fields] == ["role"]
        unknown = people.GetOrganisationRequest(organisation_id="nothing")
        answer = await refused(me.send(me.people.GetOrganisation, unknown))
        assert (answer.code, answer.reason, answer.fields) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND", ())
        answer = await refused(deployment.sign_in(host.code))
        assert (answer.code, answer.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CODE_NOT_GOOD")
        guest = deployment.guest()
        answer = await refused(guest.send(guest.people.GetMe, people.GetMeRequest()))
        assert (answer.code, answer.reason) == (grpc.StatusCode.UNAUTHENTICATED, "SIGNED_OUT")

    play(host, scene)


def test_a_request_stays_as_it_was_and_sent_twice_is_done_twice(host: Host) -> None:
    """Unless it brings a request_id of its own: then it is done once."""

    async def scene(deployment: Deployment, me: Client, host: Host, way: Way) -> None:
        request = made("Twice")
        first, second = [await me.send(me.people.CreateOrganisation, request) for _ in range(2)]
        assert first.id != second.id
        assert request == made("Twice")
        keyed = made("Once")
        keyed.request_id = "one-and-the-same"
        first, second = [await me.send(me.people.CreateOrganisation, keyed) for _ in range(2)]
        assert first == second
        assert [one for one in await names(me) if one in ("Once", "Twice")] == ["Once", "Twice", "Twice"]

    play(host, scene)


def test_a_write_whose_answer_was_lost_is_done_once(host: Host) -> None:
    """The service has done it, the way breaks, the client sends it again and gets the first answer."""

    async def scene(deployment: Deployment, me: Client, host: Host, way: Way) -> None:
        async with Deployment(host.address) as beside:
            witness = host.of_national(beside)
            await names(me)
            way.losing = True
            writing = asyncio.ensure_future(me.send(me.people.CreateOrganisation, made("Lost and found")))
            while "Lost and found" not in await names(witness):
                assert not writing.done()
            way.losing = False
            way.sever()
            await writing
            assert (await names(witness)).count("Lost and found") == 1

    play(host, scene)


def test_a_call_outlives_a_restart_of_the_host(host: Host) -> None:
    """Killed in the middle of it: once the host is there again, so is the answer."""

    async def scene(deployment: Deployment, me: Client, host: Host, way: Way) -> None:
        host.end(9)
        asking = asyncio.ensure_future(me.send(me.people.CreateOrganisation, made("Phoenix"), seconds=30))
        await asyncio.to_thread(host.start)
        assert (await asking).name == "Phoenix"
        assert (await names(me)).count("Phoenix") == 1

    play(host, scene)


def test_a_service_that_stays_away_is_unavailable(host: Host) -> None:
    """After the time the caller waits, it is said so; never is anything but a Refused let out."""

    async def scene(deployment: Deployment, me: Client, host: Host, way: Way) -> None:
        way.open = False
        way.sever()
        begun = time.monotonic()
        answer = await refused(me.send(me.people.GetMe, people.GetMeRequest(), seconds=1.5))
        assert (answer.code, answer.reason) == (grpc.StatusCode.UNAVAILABLE, "")
        assert 1.5 <= time.monotonic() - begun <= 6

    play(host, scene)


def test_a_service_that_does_not_answer_is_asked_once_more(host: Host) -> None:
    """Both times for as long as the caller waits; then it is said so."""

    async def scene(deployment: Deployment, me: Client, host: Host, way: Way) -> None:
        await me.send(me.people.GetMe, people.GetMeRequest())
        way.losing = True
        begun = time.monotonic()
        answer = await refused(me.send(me.people.GetMe, people.GetMeRequest(), seconds=0.5))
        assert (answer.code, answer.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "")
        assert 1 <= time.monotonic() - begun <= 5

    play(host, scene)


def test_a_token_is_renewed_ahead_of_its_end(host: Host) -> None:
    """Shortly before its five minutes are over, once for all calls at that moment, and not before."""
    ahead = 0.0

    async def scene(deployment: Deployment, me: Client, host: Host, way: Way) -> None:
        nonlocal ahead
        first = await session(me)
        ends = host.national.access_token.expire_time.seconds
        ahead = ends - 40 - time.time()
        assert (await session(me)).refresh_time.ToNanoseconds() == first.refresh_time.ToNanoseconds()
        ahead = ends - 25 - time.time()
        many = await asyncio.gather(*(session(me) for _ in range(20)))
        [renewed] = {one.refresh_time.ToNanoseconds() for one in many}
        assert renewed > first.refresh_time.ToNanoseconds()

    play(host, scene, now=lambda: time.time() + ahead)


def test_a_token_that_is_no_longer_good_is_renewed_and_the_call_made_again(host: Host) -> None:
    """Whatever the client's clock says."""

    async def scene(deployment: Deployment, me: Client, host: Host, way: Way) -> None:
        kept = people.DeviceSession()
        kept.CopyFrom(host.national)
        kept.access_token.token = "no.good.token"  # noqa: S105
        again = deployment.resume(kept, host.key)
        assert (await again.send(again.people.GetMe, people.GetMeRequest())).person_id == me.person_id

    play(host, scene)


def test_an_ended_session_is_refused_for_good(host: Host) -> None:
    """The client tries to renew its token, and says what it was told."""

    async def scene(deployment: Deployment, me: Client, host: Host, way: Way) -> None:
        school = await me.send(me.people.CreateOrganisation, made("East"))
        code = (await me.send(me.people.InvitePerson, people.InvitePersonRequest(organisation_id=school.id))).code
        leaving = await deployment.sign_in(code)
        await me.confirm(leaving)
        mine = await session(leaving)
        await leaving.send(leaving.people.EndDeviceSession, people.EndDeviceSessionRequest(device_session_id=mine.id))
        answer = await refused(leaving.send(leaving.people.GetMe, people.GetMeRequest()))
        assert (answer.code, answer.reason) == (grpc.StatusCode.PERMISSION_DENIED, "SESSION_OVER")

    play(host, scene)


def test_of_fifty_who_redeem_one_code_at_once_one_gets_in(host: Host) -> None:
    """Each with an attempt of their own; the others are told that the code does not work."""

    async def scene(deployment: Deployment, me: Client, host: Host, way: Way) -> None:
        school = await me.send(me.people.CreateOrganisation, made("North"))
        code = (await me.send(me.people.InvitePerson, people.InvitePersonRequest(organisation_id=school.id))).code
        attempts = await asyncio.gather(*(deployment.sign_in(code) for _ in range(50)), return_exceptions=True)
        assert [one.reason for one in attempts if isinstance(one, Refused)] == ["CODE_NOT_GOOD"] * 49
        assert len([one for one in attempts if isinstance(one, Client)]) == 1

    play(host, scene)
