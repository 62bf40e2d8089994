"""A group of young people to talk in."""

from attrs import frozen
from mewe.chat.v1.chat_service_pb2 import (
    ROOM_KIND_GROUP,
    AcknowledgeLimitOfConfidentialityRequest,
    ListRoomsRequest,
    PostMessageRequest,
    WatchMessagesRequest,
)
from mewe.kit.v1.standing_pb2 import ROLE_COORDINATOR, ROLE_PARTICIPANT
from mewe.people.v1 import people_service_pb2 as people
from mewe.programme.v1 import group_service_pb2 as groups
from mewe_client import Client, Deployment
from mewe_demo.consent import guardian_signs, informed


@frozen
class Circle:
    """Two who talk, and the coordinator who took them in."""

    coordinator: Client
    ada: Client
    bo: Client
    membership_of_bo: str
    organisation_id: str
    room_id: str

    async def code_for_one_more(self) -> str:
        """A code for somebody whom the group and its chat know already."""
        by = self.coordinator
        request = people.InvitePersonRequest(organisation_id=self.organisation_id)
        invitation = await by.send(by.people.InvitePerson, request)
        await guardian_signs(by, invitation.person_id)
        joining = groups.AddMemberRequest(group_id=self.room_id, person_id=invitation.person_id, role=ROLE_PARTICIPANT)
        await by.send(by.groups.AddMember, joining)
        self.ada.positions.keep(by.positions.shown())
        await self.ada.send(self.ada.chat.ListRooms, ListRoomsRequest())
        return invitation.code

    async def say(self, text: str) -> int:
        """Ada says something; its sequence."""
        request = PostMessageRequest(room_id=self.room_id, text=text)
        return (await self.ada.send(self.ada.chat.PostMessage, request, seconds=30)).message.sequence

    def from_the_start(self) -> WatchMessagesRequest:
        """Everything that is said."""
        return WatchMessagesRequest(room_id=self.room_id)


async def invited(deployment: Deployment, by: Client, organisation_id: str, *, coordinates: bool = False) -> Client:
    """Somebody new who has signed in."""
    request = people.InvitePersonRequest(organisation_id=organisation_id)
    if coordinates:
        request.role = ROLE_COORDINATOR
    person = await deployment.sign_in((await by.send(by.people.InvitePerson, request)).code)
    await by.confirm(person)
    return person


async def grouped(coordinator: Client, organisation_id: str) -> groups.Group:
    """A group that meets weekly."""
    request = groups.CreateGroupRequest(
        organisation_id=organisation_id,
        programme_id="me-we",
        name="Oak",
        time_zone="Europe/Stockholm",
        language="sv",
        capacity=8,
        weekly=groups.WeeklySeries(first=groups.LocalStart(date="2030-01-07", time="16:00")),
        mode=groups.MEETING_MODE_ONLINE,
        link="https://meet.example/oak",
    )
    return await coordinator.send(coordinator.groups.CreateGroup, request)


async def gathered(deployment: Deployment, national: Client) -> Circle:
    """An organisation, a coordinator, a group and two in it, who see their room."""
    school = people.CreateOrganisationRequest(name="Oak School", kind=people.ORGANISATION_KIND_SCHOOL)
    organisation_id = (await national.send(national.people.CreateOrganisation, school)).id
    coordinator = await invited(deployment, national, organisation_id, coordinates=True)
    group = await grouped(coordinator, organisation_id)
    await informed(national)
    ada, bo = [await invited(deployment, coordinator, organisation_id) for _ in range(2)]
    memberships = []
    for one in (ada, bo):
        await guardian_signs(coordinator, one.person_id)
        request = groups.AddMemberRequest(group_id=group.id, person_id=one.person_id, role=ROLE_PARTICIPANT)
        memberships.append(await coordinator.send(coordinator.groups.AddMember, request))
        one.positions.keep(coordinator.positions.shown())
    rooms = [await one.send(one.chat.ListRooms, ListRoomsRequest()) for one in (ada, bo)]
    [room_id] = {room.id for listed in rooms for room in listed.rooms if room.kind == ROOM_KIND_GROUP}
    read = AcknowledgeLimitOfConfidentialityRequest(room_id=room_id, version=1)
    await ada.send(ada.chat.AcknowledgeLimitOfConfidentiality, read)
    return Circle(coordinator, ada, bo, memberships[1].id, organisation_id, room_id)
