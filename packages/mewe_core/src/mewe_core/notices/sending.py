"""What leaves, when, and what is called back."""

from whenever import TimeDelta

from mewe_core.kit.ports import Push, Work
from mewe_core.kit.pushing import forget_refused, refused
from mewe_core.notices import rules, store
from mewe_core.notices.model import Choice, KeptDevice, NoticesSettings, Outcome

PUSH = "notices.push"
SEALED = "notices"
MOST = 20
"""Occurrences looked at in one unit: each is for somebody with a few devices."""


def place(device_id: str, column: str) -> str:
    """Where something of a device is kept sealed."""
    return f"notices_device/{device_id}/{column}"


def push_id(work: Work, sending_id: str, device_id: str) -> str:
    """The id of what leaves for a device with a sending: always the same for the same two."""
    return work.keys.digest(PUSH, f"{sending_id}/{device_id}".encode())[:32]


async def send(work: Work, devices: list[KeptDevice], sending_id: str) -> None:
    """Push to each of somebody's devices.

    All that goes to a device has one topic: of several that wait for a device which is off, its push service keeps one.
    """
    until = work.now + TimeDelta(hours=work.settings(NoticesSettings).worth_hours)
    for one in devices:
        opened = [
            await work.sealing.open(one.person_id, SEALED, place(one.id, column), sealed)
            for column, sealed in (
                ("endpoint", one.sealed_endpoint),
                ("public_key", one.sealed_public_key),
                ("secret", one.sealed_secret),
            )
        ]
        endpoint, public_key, secret = opened
        if endpoint is None or public_key is None or secret is None:
            continue
        topic = work.keys.digest(PUSH, one.id.encode())[:32]
        work.push(Push(push_id(work, sending_id, one.id), topic, endpoint, public_key, secret, one.id, one.person_id, until))


async def take_back(work: Work, devices: list[KeptDevice], sending_id: str) -> None:
    """Have a sending not leave for these devices, as far as it has not left."""
    for one in devices:
        work.withdraw(push_id(work, sending_id, one.id))


async def forget_devices(work: Work, devices: list[KeptDevice]) -> None:
    """Have nothing leave any more for devices that are forgotten."""
    if devices:
        since = work.now - TimeDelta(hours=work.settings(NoticesSettings).worth_hours)
        for sending_id in await store.sendings_since(work.database, devices[0].person_id, since):
            await take_back(work, devices, sending_id)


async def look_after_notices(work: Work) -> bool:
    """Send what is due to those who want it; hold what their quiet hours or a full hour hold."""
    people = await store.due_people(work.database, work.now, MOST)
    for person_id in people:
        choice = await store.locked_choice(work.database, person_id)
        if choice is None or not choice.wanted:
            await store.end_all(work.database, person_id, work.now)
        else:
            await _look_after(work, choice)
    return bool(people)


async def _look_after(work: Work, choice: Choice) -> None:
    person_id, settings = choice.person_id, work.settings(NoticesSettings)
    sent = await store.sent_since(work.database, person_id, work.now - rules.HOUR)
    moment = rules.held_until(work.now, choice.quiet, sent, settings.an_hour)
    if moment is not None:
        await store.hold(work.database, person_id, work.now, moment)
        return
    devices = await store.devices(work.database, person_id) if work.pushing.key else []
    if not devices:
        await store.claim(work.database, person_id, work.now, Outcome.NOWHERE, None)
        return
    sending_id = work.new_id()
    if await store.claim(work.database, person_id, work.now, Outcome.SENT, sending_id):
        await send(work, devices, sending_id)


async def look_after_refused(work: Work) -> bool:
    """Forget devices that are no more."""
    ids = await refused(work.database, MOST)
    if ids:
        await store.remove_refused(work.database, ids)
        await forget_refused(work.database, ids)
    return bool(ids)
