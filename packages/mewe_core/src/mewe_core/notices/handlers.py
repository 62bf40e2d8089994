"""One's own choice and devices."""

from collections.abc import Awaitable, Callable

from mewe_core.kit.checks import zone
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Field, Invalid, NotFound, SignedOut
from mewe_core.kit.noticing import NoticesWanted
from mewe_core.kit.ports import Work
from mewe_core.kit.texts import FALLBACK, say
from mewe_core.notices import rules, sending, store
from mewe_core.notices.errors import Enough, NotOffered, NotWanted
from mewe_core.notices.model import (
    AddDeviceRequest,
    Choice,
    GetNoticeSettingsRequest,
    KeptDevice,
    NoticeDevice,
    NoticeSettings,
    NoticesSettings,
    RemoveDeviceRequest,
    SetNoticeSettingsRequest,
    TestNoticeRequest,
)

PACKAGE = __name__.rpartition(".")[0]
ENDPOINT = "notices.endpoint"


async def get_notice_settings(request: GetNoticeSettingsRequest, work: Work) -> NoticeSettings:
    """One's own choice, quiet hours and devices."""
    return await _told(work, await _choice(work, store.choice), request.language)


async def set_notice_settings(request: SetNoticeSettingsRequest, work: Work) -> NoticeSettings:
    """Choose. Who no longer wants notices has every device forgotten, and nothing waits any more. Raises Invalid."""
    before = await _choice(work, store.locked_choice)
    choice = Choice(
        before.person_id, request.wanted, request.quiet_from_minute, request.quiet_to_minute, zone(request.time_zone)
    )
    await store.keep_choice(work.database, choice)
    if choice.wanted:
        await store.look_again(work.database, choice.person_id)
    else:
        await store.end_all(work.database, choice.person_id, work.now)
        await sending.forget_devices(work, await store.devices(work.database, choice.person_id))
        await store.remove_devices(work.database, choice.person_id)
    if choice.wanted != before.wanted:
        work.emit(NoticesWanted(choice.person_id, choice.wanted))
    return await _told(work, choice, request.language)


async def add_device(request: AddDeviceRequest, work: Work) -> NoticeSettings:
    """Let notices come to the device that asks. Raises NotOffered, NotWanted, Invalid."""
    choice = await _choice(work, store.locked_choice)
    _allowed(work, choice)
    if not work.pushing.takes(request.endpoint):
        raise Invalid(Field("endpoint", "an https address at a push service that the deployment sends to"))
    session_id = work.caller.session_id
    if session_id is None:
        raise NotFound
    digest = work.keys.digest(ENDPOINT, request.endpoint.encode())
    there = [
        one
        for one in await store.devices(work.database, choice.person_id)
        if one.session_id == session_id and one.endpoint_digest == digest
    ]
    device_id = there[0].id if there else work.new_id()

    async def sealed(column: str, text: str) -> bytes:
        return await work.sealing.seal(choice.person_id, sending.SEALED, sending.place(device_id, column), text)

    device = KeptDevice(
        id=device_id,
        person_id=choice.person_id,
        session_id=session_id,
        endpoint_digest=digest,
        sealed_endpoint=await sealed("endpoint", request.endpoint),
        sealed_public_key=await sealed("public_key", request.public_key),
        sealed_secret=await sealed("secret", request.secret),
        create_time=there[0].create_time if there else work.now,
        seen_time=work.now,
    )
    await store.add_device(work.database, device)
    return await _told(work, choice, request.language)


async def remove_device(request: RemoveDeviceRequest, work: Work) -> NoticeSettings:
    """Forget one of one's own devices, if it is there: another's is not."""
    choice = await _choice(work, store.locked_choice)
    devices = [one for one in await store.devices(work.database, choice.person_id) if one.id == request.device_id]
    await sending.forget_devices(work, devices)
    await store.remove_device(work.database, choice.person_id, request.device_id)
    return await _told(work, choice, request.language)


async def test_notice(request: TestNoticeRequest, work: Work) -> NoticeSettings:
    """Send a notice to oneself at once, as long as the hour has room for it. Raises NotOffered, NotWanted, Enough."""
    choice = await _choice(work, store.locked_choice)
    _allowed(work, choice)
    sent = await store.sent_since(work.database, choice.person_id, work.now - rules.HOUR)
    if rules.free_at(work.now, sent, work.settings(NoticesSettings).an_hour) is not None:
        raise Enough
    devices = await store.devices(work.database, choice.person_id)
    if devices:
        sending_id = work.new_id()
        await store.keep_sent(work.database, choice.person_id, sending_id, work.now, sending_id)
        await sending.send(work, devices, sending_id)
    return await _told(work, choice, request.language)


def _allowed(work: Work, choice: Choice) -> None:
    if not work.pushing.key:
        raise NotOffered
    if not choice.wanted:
        raise NotWanted


async def _choice(work: Work, read: Callable[[Database, str], Awaitable[Choice | None]]) -> Choice:
    """What the caller chose, or what holds for those who never did: they want none. Raises SignedOut."""
    person_id, settings = work.caller.person_id, work.settings(NoticesSettings)
    if person_id is None:
        raise SignedOut
    return await read(work.database, person_id) or Choice(
        person_id,
        wanted=False,
        quiet_from=rules.minute(settings.quiet_from),
        quiet_to=rules.minute(settings.quiet_to),
        time_zone=settings.time_zone.key,
    )


async def _told(work: Work, choice: Choice, language: str) -> NoticeSettings:
    settings, language = work.settings(NoticesSettings), language or FALLBACK
    devices = await store.devices(work.database, choice.person_id)
    return NoticeSettings(
        wanted=choice.wanted,
        quiet_from_minute=choice.quiet_from,
        quiet_to_minute=choice.quiet_to,
        time_zone=choice.time_zone,
        devices=tuple(NoticeDevice(one.id, one.create_time, one.session_id == work.caller.session_id) for one in devices),
        push_key=work.pushing.key,
        title=settings.title or say(PACKAGE, language, "title"),
        text=say(PACKAGE, language, "text"),
    )
