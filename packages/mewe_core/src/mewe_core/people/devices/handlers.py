"""Challenges for devices, and what is asked of a bound session when it is refreshed."""

from mewe_core.kit.ports import Work
from mewe_core.people import once
from mewe_core.people.base64url import from_text, to_text
from mewe_core.people.devices import model, rules, store
from mewe_core.people.errors import SessionOver

REFRESH = "refresh"


async def get_refresh_challenge(request: model.GetRefreshChallengeRequest, work: Work) -> model.RefreshChallenge:
    """Something for a device to sign; nothing is kept of it."""
    ends = work.now.add(minutes=rules.CHALLENGE_MINUTES)
    country = work.caller.country
    return model.RefreshChallenge(to_text(once.made(REFRESH, country, ends, work.ids, work.keys)), country)


async def bind(work: Work, session_id: str, person_id: str, key: model.DeviceKey | None) -> None:
    """Bind a session that begins to the device's key, if it has one."""
    if key is not None:
        kept = {"session_id": session_id, "person_id": person_id, "x": key.x, "y": key.y}
        await work.database.execute(store.ADD_KEY, **kept, prove_time=work.now)


async def require_proof(work: Work, session_id: str, proof: model.DeviceProof | None) -> None:
    """See that whoever refreshes a bound session has its key. Raises SessionOver, whatever is wrong.

    A session without a key needs no proof, and one that is given is not looked at.
    """
    key = await work.database.first(store.KEY_OF, model.DeviceKey, which=session_id)
    if key is None:
        return
    if proof is None:
        raise SessionOver
    try:
        ends = once.ends(from_text(proof.challenge), REFRESH, work.caller.country, work.keys)
    except ValueError:
        raise SessionOver from None
    said = rules.signed(work.caller.country, session_id, proof.challenge)
    if ends is None or ends <= work.now or not rules.is_proof(rules.point(key.x, key.y), proof.signature, said):
        raise SessionOver
    if not await work.database.execute(store.PROVE, which=session_id, at=ends):
        raise SessionOver


async def forget(work: Work, session_id: str) -> None:
    """Forget the key of one session that has ended."""
    await work.database.execute(store.FORGET, which=session_id)


async def forget_others(work: Work, person_id: str, besides: str) -> None:
    """Forget the keys of a person's sessions that have ended: all but one."""
    await work.database.execute(store.FORGET_OTHERS_OF, whose=person_id, besides=besides)
