"""What happens when somebody of the staff signs a person out."""

from mewe_core.kit.ports import Work
from mewe_core.kit.standing import SessionEnded, held_by
from mewe_core.people import session_rules, session_store
from mewe_core.people.devices import handlers as devices
from mewe_core.people.returning.handlers import call_off
from mewe_core.people.returning.store import open_return
from mewe_core.people.signing_out import model, store


async def end_sessions_of_person(request: model.EndSessionsOfPersonRequest, work: Work) -> model.EndSessionsOfPersonResponse:
    """End every device session of a person that can be used; one that waits to be confirmed goes on waiting.

    The person is told by each of the devices, and when they are back. Nobody gets anything by it: a code is made as after a
    loss, by other adults. Until the person is back they could not refuse, so that whoever signs them out has no part in it, and
    what they had begun of it is over. Raises RoleNotYours.
    """
    session_rules.may_sign_out(await held_by(work.database, request.person_id), work.standing, work.now)
    ended, by = 0, work.caller.person_id
    for one in await session_store.used_sessions(work.database, request.person_id, work.now):
        if await work.database.execute(session_store.END_SESSION_FOR, which=one.id, now=work.now, by=by):
            work.emit(SessionEnded(session_id=one.id, ended_at=work.now))
            await devices.forget(work, one.id)
            ended += 1
    if ended:
        await work.database.execute(store.ADD_SIGNING_OUT, person_id=request.person_id, by_id=by, end_time=work.now)
        there = await open_return(work.database, request.person_id, work.now)
        if there is not None and by in {there.asked_by_id, there.agreed_by_id}:
            await call_off(work, there)
    return model.EndSessionsOfPersonResponse(ended)
