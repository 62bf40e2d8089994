"""A country to measure: a deployment on fresh data with twenty groups of ten, made through the public API."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from attrs import frozen
from mewe.chat.v1.chat_service_pb2 import AcknowledgeLimitOfConfidentialityRequest, ListRoomsRequest
from mewe.kit.v1.standing_pb2 import ROLE_COORDINATOR, ROLE_PARTICIPANT, Purpose
from mewe.people.v1.people_service_pb2 import ORGANISATION_KIND_SCHOOL, CreateOrganisationRequest, InvitePersonRequest
from mewe.programme.v1 import group_service_pb2 as groups
from mewe_client import Client, Deployment
from mewe_demo.consent import GUARDIANS_DECIDE, PURPOSES, guardian_signs, informed
from mewe_demo.running import Running, running_in

MIX = f"""
country = "SE"
demo = true
[features.people]
{GUARDIANS_DECIDE}
[features.programme]
[features.safety]
lines_accepted_by = "the benchmark"
[features.chat]
[http]
address = "127.0.0.1:0"
[grpc]
address = "127.0.0.1:0"
[log]
file = "var/mewe.log"
[limits]
calls_a_minute = 1_000_000
lists_a_minute = 1_000_000
"""

GROUPS, MEMBERS = 20, 10


@frozen
class Country:
    """A deployment that runs, and the members of each room with the header that signs their calls."""

    here: Running
    rooms: dict[str, list[str]]

    @property
    def signed(self) -> dict[str, list[list[list[str]]]]:
        """Of each room the metadata of its members."""
        return {room: [[["authorization", token]] for token in tokens] for room, tokens in self.rooms.items()}

    @property
    def grpc(self) -> str:
        """Where the gRPC face is."""
        return self.here.addresses["chat"]

    @property
    def http(self) -> str:
        """Where the HTTP face is, as host:port."""
        return self.here.health[0].removeprefix("http://")


@contextlib.asynccontextmanager
async def host(folder: Path, mix: str = MIX, command: str = "up") -> AsyncIterator[Running]:
    """A deployment of a mix in a folder, on the data that is there; ``command``: up, or serve."""
    file = folder / "bench.toml"
    file.write_text(mix)
    async with running_in(folder, command, str(file)) as here:
        yield here


async def filled(
    here: Running, groups_: int = GROUPS, members: int = MEMBERS, purposes: Sequence[Purpose.ValueType] = PURPOSES
) -> Country:
    """Make its groups, with the code of the first start; guardians consent to these purposes."""
    async with Deployment(here.addresses) as deployment:
        national = await deployment.sign_in(here.notes[0].rsplit(": ", 1)[1])
        organisation = await national.send(
            national.people.CreateOrganisation,
            CreateOrganisationRequest(name="A school", kind=ORGANISATION_KIND_SCHOOL),
        )
        invitation = await national.send(
            national.people.InvitePerson,
            InvitePersonRequest(organisation_id=organisation.id, role=ROLE_COORDINATOR),
        )
        coordinator = await deployment.sign_in(invitation.code)
        await national.confirm(coordinator)
        await informed(national, purposes)
        made = [await _group(deployment, coordinator, organisation.id, members) for _ in range(groups_)]
        return Country(here, dict(made))


@contextlib.asynccontextmanager
async def country(
    groups_: int = GROUPS, members: int = MEMBERS, mix: str = MIX, purposes: Sequence[Purpose.ValueType] = PURPOSES
) -> AsyncIterator[Country]:
    """Start it, fill it, stop it."""
    with tempfile.TemporaryDirectory(prefix="mewe-bench-") as folder:
        async with host(Path(folder), mix) as here:
            yield await filled(here, groups_, members, purposes)


async def _group(deployment: Deployment, by: Client, organisation_id: str, members: int) -> tuple[str, list[str]]:
    group = await by.send(
        by.groups.CreateGroup,
        groups.CreateGroupRequest(
            organisation_id=organisation_id,
            programme_id="me-we",
            name="Measured",
            time_zone="Europe/Stockholm",
            language="en",
            weekly=groups.WeeklySeries(first=groups.LocalStart(date="2030-01-09", time="16:00")),
            mode=groups.MEETING_MODE_IN_PERSON,
            place="A room",
        ),
    )
    return group.id, await asyncio.gather(*(_member(deployment, by, organisation_id, group.id) for _ in range(members)))


async def _member(deployment: Deployment, by: Client, organisation_id: str, group_id: str) -> str:
    invitation = await by.send(by.people.InvitePerson, InvitePersonRequest(organisation_id=organisation_id))
    person = await deployment.sign_in(invitation.code)
    await by.confirm(person)
    await guardian_signs(by, person.person_id)
    membership = groups.AddMemberRequest(group_id=group_id, person_id=person.person_id, role=ROLE_PARTICIPANT)
    await by.send(by.groups.AddMember, membership)
    person.positions.keep(by.positions.shown())
    rooms = await person.send(person.chat.ListRooms, ListRoomsRequest())
    if group_id not in [room.id for room in rooms.rooms] or person.token is None:
        raise RuntimeError("a room does not have the id of its group")
    read = AcknowledgeLimitOfConfidentialityRequest(room_id=group_id, version=1)
    await person.send(person.chat.AcknowledgeLimitOfConfidentiality, read)
    return f"Bearer {person.token}"
