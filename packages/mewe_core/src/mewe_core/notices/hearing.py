"""What notices hears: what is new, what was seen, and that a device session ended."""

from mewe_core.kit.noticing import NoticeDone, NoticeDue
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.telling import is_erased
from mewe_core.kit.standing import SessionEnded
from mewe_core.notices import sending, store
from mewe_core.notices.model import Outcome


async def hear_notice_due(event: NoticeDue, work: Work) -> None:
    """Let an occurrence wait, for those who want notices; nothing is kept of the others."""
    if await _wants(work, event.person_id):
        await store.keep_due(work.database, event.person_id, event.occurrence_id, event.due_at)


async def hear_notice_done(event: NoticeDone, work: Work) -> None:
    """Have its notice not leave, if it has not left; also if what is new is told only now."""
    if not await _wants(work, event.person_id):
        return
    await store.keep_done(work.database, event.person_id, event.occurrence_id, work.now)
    one = await store.notice(work.database, event.person_id, event.occurrence_id)
    if one is None or one.outcome is not Outcome.SENT or one.sending_id is None:
        return
    if await store.take_back(work.database, one):
        await sending.take_back(work, await store.devices(work.database, one.person_id), one.sending_id)


async def hear_session_ended(event: SessionEnded, work: Work) -> None:
    """Forget where its notices went."""
    await sending.forget_devices(work, await store.of_session(work.database, event.session_id))
    await store.end_session(work.database, event.session_id)


async def _wants(work: Work, person_id: str) -> bool:
    choice = await store.locked_choice(work.database, person_id)
    return choice is not None and choice.wanted and not await is_erased(work.database, person_id)
