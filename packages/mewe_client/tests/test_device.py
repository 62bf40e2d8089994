"""Sessions are bound to the device that they began on: on a real host, what was copied from it is worth nothing."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable

import pytest
from mewe.people.v1 import people_service_pb2 as people
from mewe.people.v1.privacy_service_pb2 import AllowExportRequest
from mewe.people.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from mewe.safety.v1.help_service_pb2 import AskForHelpRequest
from mewe_client import Client, Deployment, Refused, SoftwareKey
from mewe_client.device import proof

from .hosting import Host

Scene = Callable[[Deployment, Client], Awaitable[None]]


def play(host: Host, scene: Scene) -> None:
    """Run a scene with somebody new, whose session is bound to a key that the client made by itself."""

    async def played() -> None:
        async with Deployment(host.address) as deployment:
            nina = host.of_national(deployment)
            school = people.CreateOrganisationRequest(name="North", kind=people.ORGANISATION_KIND_SCHOOL)
            organisation = (await nina.send(nina.people.CreateOrganisation, school)).id
            invitation = await nina.send(nina.people.InvitePerson, people.InvitePersonRequest(organisation_id=organisation))
            person = await deployment.sign_in(invitation.code)
            await nina.confirm(person)
            await scene(deployment, person)

    asyncio.run(played())


async def me(client: Client) -> str:
    """Who the service says it is."""
    return (await client.send(client.people.GetMe, people.GetMeRequest())).person_id


async def refresh(client: Client, request: people.RefreshSessionRequest) -> str:
    """Why a session is not refreshed by a request of one's own making; empty if it is."""
    try:
        await client.send(client.people.RefreshSession, request)
    except Refused as refused:
        return refused.reason
    return ""


async def proven(client: Client, key: SoftwareKey | None = None) -> people.RefreshSessionRequest:
    """A request as the client makes it, or with another key."""
    assert client.session is not None
    assert client.key is not None
    asked = await client.send(client.people.GetRefreshChallenge, people.GetRefreshChallengeRequest())
    made = proof(key or client.key, asked.country, client.session.id, asked.challenge)
    return people.RefreshSessionRequest(session_token=client.session.session_token, proof=made)


def test_what_was_copied_from_a_device_refreshes_nothing(host: Host) -> None:
    """The session's secret alone, or with another key, is told what an ended session is told; the device goes on."""

    async def scene(deployment: Deployment, person: Client) -> None:
        assert person.session is not None
        guest = deployment.guest()
        bare = people.RefreshSessionRequest(session_token=person.session.session_token)
        assert await refresh(guest, bare) == "SESSION_OVER"
        assert await refresh(guest, await proven(person, SoftwareKey())) == "SESSION_OVER"
        thief = deployment.resume(person.session)
        with pytest.raises(Refused) as refused:
            await me(thief)
        assert refused.value.reason == "SESSION_OVER"
        assert await me(person) == person.person_id

    play(host, scene)


def test_a_proof_that_was_overheard_is_worth_nothing(host: Host) -> None:
    """Sent again as a request of its own; also one that was never used, once a newer one was."""

    async def scene(deployment: Deployment, person: Client) -> None:
        guest = deployment.guest()
        older, request = await proven(person), await proven(person)
        request.request_id = uuid.uuid4().hex
        assert await refresh(guest, request) == ""
        request.request_id = uuid.uuid4().hex
        assert await refresh(guest, request) == "SESSION_OVER"
        assert await refresh(guest, older) == "SESSION_OVER"
        assert await me(person) == person.person_id

    play(host, scene)


def test_a_device_goes_on_with_what_it_kept(host: Host) -> None:
    """In another process, with the key read from where it was locked away."""

    async def scene(deployment: Deployment, person: Client) -> None:
        assert isinstance(person.key, SoftwareKey)
        assert person.session is not None
        kept = person.key.locked(b"correct horse")
        assert b"ENCRYPTED" in kept
        with pytest.raises(ValueError, match="password"):
            SoftwareKey.unlocked(kept, b"another")
        again = deployment.resume(person.session, SoftwareKey.unlocked(kept, b"correct horse"))
        assert await me(again) == person.person_id

    play(host, scene)


def test_who_is_signed_out_is_told_so_and_asks_for_help_all_the_same(host: Host) -> None:
    """With the token that the device still has, though it is time to renew it and it is renewed no more."""

    async def scene(deployment: Deployment, person: Client) -> None:
        assert person.session is not None
        await me(person)
        kept = person.token
        nina = host.of_national(deployment)
        ending = people.EndSessionsOfPersonRequest(person_id=person.person_id)
        assert (await nina.send(nina.people.EndSessionsOfPerson, ending)).ended == 1
        in_an_hour = Deployment(host.address, now=lambda: time.time() + 3600)
        async with in_an_hour:
            person.deployment = in_an_hour
            with pytest.raises(Refused) as refused:
                await me(person)
            assert refused.value.reason == "SIGNED_OUT_BY_STAFF"
            assert (await person.send(person.help.AskForHelp, AskForHelpRequest())).id
            assert person.token == kept

    play(host, scene)


def test_a_device_shows_its_key_where_it_is_asked_for(host: Host) -> None:
    """To see one's own data, the secret of a bound session is not enough."""

    async def scene(deployment: Deployment, person: Client) -> None:
        assert person.session is not None
        privacy, secret = PrivacyServiceStub(deployment.channel("people")), person.session.session_token
        with pytest.raises(Refused) as refused:
            await person.send(privacy.AllowExport, AllowExportRequest(session_token=secret))
        assert refused.value.reason == "NOT_THIS_DEVICE"
        proven_ = AllowExportRequest(session_token=secret, proof=await person.proof())
        assert (await person.send(privacy.AllowExport, proven_)).export_pass

    play(host, scene)
