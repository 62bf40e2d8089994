"""Who looks after a group of the demo: its two leaders."""

from collections.abc import Sequence

from mewe.safety.v1.contact_service_pb2 import ConfirmAlertRequest, DutyHours, SetContactRequest, TestAlertRequest
from mewe_client import Client


async def look_after(coordinator: Client, leaders: Sequence[Client], group_id: str) -> None:
    """Two leaders become contacts, day and night, and try whether an alert reaches them; the first can start the group then."""
    hours = [DutyHours(weekday=day, from_minute=0, to_minute=24 * 60) for day in range(1, 8)]
    for place, leader in enumerate(leaders, start=1):
        request = SetContactRequest(
            group_id=group_id,
            place=place,
            person_id=leader.person_id,
            alert=f"mailto:leader-{place}@example.org",
            language="en",
            time_zone="Europe/Stockholm",
            duty_hours=hours,
        )
        contact = await coordinator.send(coordinator.contacts.SetContact, request)
        leader.positions.keep(coordinator.positions.shown())
        await leader.send(leader.contacts.TestAlert, TestAlertRequest(contact_id=contact.id))
        await leader.send(leader.contacts.ConfirmAlert, ConfirmAlertRequest(contact_id=contact.id))
        leaders[0].positions.keep(leader.positions.shown())
