"""Device sessions: begun, confirmed, refreshed. Everything that signs somebody in comes through here."""

import base64

from mewe_core.kit.ports import Work
from mewe_core.kit.standing import SessionEnded
from mewe_core.kit.values import columns
from mewe_core.people import codes, model, rules, session_store
from mewe_core.people.devices import handlers as devices
from mewe_core.people.devices.model import DeviceKey, DeviceProof
from mewe_core.people.errors import NotYetConfirmed, SessionOver
from mewe_core.people.model import PeopleSettings
from mewe_core.people.privacy.errors import ErasureUnderWay
from mewe_core.people.privacy.store import under_way

SESSION = "people.session.token"
WORDS = "people.session.words"


async def begin(
    work: Work, person_id: str, *, hours: int | None = None, device_key: DeviceKey | None = None
) -> model.DeviceSession:
    """A device session that can be used at once: for a person who is known to be themselves.

    ``hours``: how long it lasts unused, where that is less than the deployment says.
    """
    await _is_not_leaving(work, person_id)
    token = _secret(work)
    kept = session_store.KeptSession(
        id=work.new_id(),
        person_id=person_id,
        token_digest=work.keys.digest(SESSION, token.encode()),
        create_time=work.now,
        refresh_time=work.now,
        expire_time=rules.session_ends(work.now, work.settings(PeopleSettings), hours),
        end_time=None,
        hours=hours,
        confirm_time=work.now,
    )
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
    """A new access token; the session ends later from now on. Raises SessionOver, NotYetConfirmed."""
    digest = work.keys.digest(SESSION, token.encode())
    kept = await work.database.first(session_store.SESSION_BY_TOKEN, session_store.KeptSession, which=digest)
    if kept is None or kept.end_time is not None or kept.expire_time <= work.now:
        raise SessionOver
    await devices.require_proof(work, kept.id, proof)
    if kept.confirm_time is None:
        raise NotYetConfirmed
    until = rules.session_ends(work.now, work.settings(PeopleSettings), kept.hours)
    if not await work.database.execute(session_store.REFRESH_SESSION, which=digest, now=work.now, until=until):
        raise SessionOver
    return access_token(work, kept.person_id, kept.id)


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
    return work.keys.digest(WORDS, f"{session_id}/{codes.normalised(words)}".encode())


async def _is_not_leaving(work: Work, person_id: str) -> None:
    """Raises ErasureUnderWay: nobody is signed in who is to be erased, until that is undone."""
    if await under_way(work.database, person_id):
        raise ErasureUnderWay


def _secret(work: Work) -> str:
    return base64.urlsafe_b64encode(work.ids.secret(rules.SESSION_TOKEN_BYTES)).decode().rstrip("=")
