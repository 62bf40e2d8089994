"""Device sessions: begun, confirmed, refreshed. Everything that signs somebody in comes through here."""

import base64

from attrs import evolve
from whenever import Instant

from mewe_core.kit.errors import SignedOut
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import SessionEnded, held_by
from mewe_core.kit.values import columns
from mewe_core.kit.words import normalised
from mewe_core.people import codes, model, rules, session_rules, session_store
from mewe_core.people.devices import handlers as devices
from mewe_core.people.devices.model import DeviceKey, DeviceProof
from mewe_core.people.errors import NotYetConfirmed, SessionOver, SignedOutByStaff
from mewe_core.people.model import PeopleSettings
from mewe_core.people.privacy.errors import ErasureUnderWay, NotThisDevice
from mewe_core.people.privacy.store import under_way
from mewe_core.people.session_rules import Begun, Way

SESSION = "people.session.token"
WORDS = "people.session.words"


async def begin(
    work: Work,
    person_id: str,
    way: Way,
    *,
    hours: int | None = None,
    most_hours: int | None = None,
    device_key: DeviceKey | None = None,
) -> model.DeviceSession:
    """A device session that can be used at once: for a person who is known to be themselves.

    ``hours``: how long it lasts unused, where that is less than the deployment says; ``most_hours``: how long at most. Of more
    sessions than a person may have, the one unused the longest ends.
    """
    await _is_not_leaving(work, person_id)
    token, settings = _secret(work), work.settings(PeopleSettings)
    last = session_rules.last_moment(Begun(work.now, way, most_hours), await _staff_since(work, person_id), settings)
    kept = session_store.KeptSession(
        id=work.new_id(),
        person_id=person_id,
        token_digest=work.keys.digest(SESSION, token.encode()),
        create_time=work.now,
        refresh_time=work.now,
        expire_time=session_rules.ends(work.now, last, settings, hours),
        end_time=None,
        hours=hours,
        confirm_time=work.now,
        way=way,
        most_hours=most_hours,
    )
    await make_room(work, person_id, besides=kept.id)
    await work.database.execute(session_store.ADD_SESSION, **columns(kept))
    await devices.bind(work, kept.id, person_id, device_key)
    return model.DeviceSession(kept.id, person_id, token, access_token(work, person_id, kept.id), kept.expire_time, None)


async def begin_waiting(
    work: Work, person_id: str, invitation_id: str, *, hours: int | None = None, device_key: DeviceKey | None = None
) -> model.DeviceSession:
    """A device session that waits to be confirmed by somebody who is shown its words; those before it wait no longer."""
    await _is_not_leaving(work, person_id)
    token, words, session_id = _secret(work), codes.shown(work.ids.secret(codes.RANDOM_BYTES)), work.new_id()
    kept = session_store.KeptSession(
        id=session_id,
        person_id=person_id,
        token_digest=work.keys.digest(SESSION, token.encode()),
        create_time=work.now,
        refresh_time=work.now,
        expire_time=rules.confirmation_ends(work.now),
        end_time=None,
        hours=hours,
        invitation_id=invitation_id,
        words_digest=words_digest(work, session_id, words),
    )
    await work.database.execute(session_store.END_WAITING, whose=person_id, now=work.now)
    await work.database.execute(session_store.ADD_SESSION, **columns(kept))
    await devices.bind(work, kept.id, person_id, device_key)
    return model.DeviceSession(kept.id, person_id, token, None, kept.expire_time, words)


async def refresh(work: Work, token: str, proof: DeviceProof | None = None) -> model.AccessToken:
    """A new access token; the session ends later from now on, if it has not lived as long as one may.

    Raises SessionOver, SignedOutByStaff, NotYetConfirmed.
    """
    digest = work.keys.digest(SESSION, token.encode())
    kept = await work.database.first(session_store.SESSION_BY_TOKEN, session_store.KeptSession, which=digest)
    if kept is not None and kept.ended_by_id is not None:
        raise SignedOutByStaff
    if kept is None or kept.end_time is not None or kept.expire_time <= work.now:
        raise SessionOver
    await devices.require_proof(work, kept.id, proof)
    if kept.confirm_time is None:
        raise NotYetConfirmed
    last = await last_moment(work, kept)
    if last <= work.now:
        raise SessionOver
    until = session_rules.ends(work.now, last, work.settings(PeopleSettings), kept.hours)
    if not await work.database.execute(session_store.REFRESH_SESSION, which=digest, now=work.now, until=until):
        raise SessionOver
    return access_token(work, kept.person_id, kept.id)


async def last_moment(work: Work, kept: session_store.KeptSession) -> Instant:
    """Until when a session lives at most, by what its person is now."""
    return session_rules.last_moment(kept.begun, await _staff_since(work, kept.person_id), work.settings(PeopleSettings))


async def confirm(work: Work, waiting: session_store.KeptSession) -> bool:
    """Let a session that waits be used from now on; False if it waits no longer."""
    settings, begun = work.settings(PeopleSettings), Begun(work.now, waiting.way, waiting.most_hours)
    last = session_rules.last_moment(begun, await _staff_since(work, waiting.person_id), settings)
    until = session_rules.ends(work.now, last, settings, waiting.hours)
    if not await work.database.execute(session_store.CONFIRM_SESSION, which=waiting.id, now=work.now, until=until):
        return False
    await make_room(work, waiting.person_id, besides=waiting.id)
    return True


async def strengthen(work: Work, me: str) -> None:
    """Let a session that began with a code count as one by a passkey from now on: its person has made one that verifies them.

    It never ends earlier by it. One that began with something stronger stays as it is.
    """
    kept = await work.database.first(
        session_store.SESSION_OF, session_store.KeptSession, which=work.caller.session_id or "", me=me
    )
    if kept is not None and kept.way is Way.CODE:
        last = await last_moment(work, evolve(kept, way=Way.PASSKEY, passkey_time=work.now))
        until = max(kept.expire_time, session_rules.ends(work.now, last, work.settings(PeopleSettings), kept.hours))
        await work.database.execute(session_store.STRENGTHEN, which=kept.id, now=work.now, until=until)


async def make_room(work: Work, person_id: str, besides: str) -> None:
    """End those of a person's other sessions that have been unused the longest, as far as there are too many."""
    await work.database.execute(session_store.HOLD_PERSON, whose=person_id)
    others = await session_store.used_sessions(work.database, person_id, work.now, besides=besides)
    for one in session_rules.surplus(others, work.settings(PeopleSettings).most_devices):
        if await work.database.execute(session_store.END_SESSION, which=one, now=work.now):
            work.emit(SessionEnded(session_id=one, ended_at=work.now))
            await devices.forget(work, one)


async def on_this_device(work: Work, session_token: str, proof: DeviceProof | None) -> str:
    """The caller, if the secret is that of the very session that asks, and ``proof`` of the key that it is bound to.

    What a stolen access token is not enough for. Raises NotThisDevice, ErasureUnderWay.
    """
    if work.caller.person_id is None:
        raise SignedOut
    digest = work.keys.digest(SESSION, session_token.encode())
    kept = await work.database.first(session_store.SESSION_BY_TOKEN, session_store.KeptSession, which=digest)
    if kept is None or (kept.id, kept.person_id) != (work.caller.session_id, work.caller.person_id):
        raise NotThisDevice
    await _is_not_leaving(work, kept.person_id)
    if kept.end_time is not None or kept.confirm_time is None:
        raise NotThisDevice
    try:
        await devices.require_proof(work, kept.id, proof)
    except SessionOver:
        raise NotThisDevice from None
    return work.caller.person_id


async def end_others(work: Work, person_id: str, besides: str) -> None:
    """End every session of a person but one, and tell; those that wait to be confirmed were never told of."""
    for one in await work.database.all(
        session_store.OPEN_SESSIONS_OF, session_store.KeptSession, whose=person_id, besides=besides
    ):
        if await work.database.execute(session_store.END_SESSION, which=one.id, now=work.now) and one.confirm_time is not None:
            work.emit(SessionEnded(session_id=one.id, ended_at=work.now))
    await devices.forget_others(work, person_id, besides)


def access_token(work: Work, person_id: str, session_id: str) -> model.AccessToken:
    """What calls are made with, for five minutes."""
    ends = rules.access_ends(work.now)
    return model.AccessToken(work.keys.access_token(person_id, session_id, work.now, ends), ends)


def words_digest(work: Work, session_id: str, words: str) -> str:
    """What is kept of the words that a device shows."""
    return work.keys.digest(WORDS, f"{session_id}/{normalised(words)}".encode())


async def _staff_since(work: Work, person_id: str) -> Instant | None:
    return session_rules.staff_since(await held_by(work.database, person_id), work.now)


async def _is_not_leaving(work: Work, person_id: str) -> None:
    """Raises ErasureUnderWay: nobody is signed in who is to be erased, until that is undone."""
    if await under_way(work.database, person_id):
        raise ErasureUnderWay


def _secret(work: Work) -> str:
    return base64.urlsafe_b64encode(work.ids.secret(rules.SESSION_TOKEN_BYTES)).decode().rstrip("=")
