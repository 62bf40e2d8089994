"""One's own data: asking to be erased, undoing it together with an adult, and seeing everything."""

import base64
import json
from hmac import compare_digest

from attrs import asdict, evolve

from mewe_core.kit.access import Role
from mewe_core.kit.earlier import closed_before
from mewe_core.kit.errors import NotFound, StillClosed
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy import receipts
from mewe_core.kit.privacy.passes import make_pass
from mewe_core.kit.privacy.receipts import Answer
from mewe_core.kit.privacy.rules import Outcome
from mewe_core.kit.privacy.telling import ErasureDecided, PersonErased, RowsErased
from mewe_core.kit.standing import StandingChanged
from mewe_core.kit.values import columns
from mewe_core.people import sessions
from mewe_core.people import store as people
from mewe_core.people.errors import LastNational
from mewe_core.people.model import PeopleSettings, RoleGrant
from mewe_core.people.privacy import model, rules, store
from mewe_core.people.privacy.errors import NothingToUndo
from mewe_core.people.signing_out.store import ADD_SIGNING_OUT

RECEIPT = "people.erasure.receipt"
TOKEN_BYTES = 32


async def erase_me(request: model.EraseMeRequest, work: Work) -> model.Erasure:
    """Ask to be erased: every device is signed out and every role in an organisation ended now, the rest after some days.

    Raises NotThisDevice, ErasureUnderWay, and LastNational if nobody would be left who can act for the country.
    """
    me = await sessions.on_this_device(work, request.session_token, request.proof)
    await _end_roles(me, work)
    await sessions.end_others(work, me, besides="")
    await work.database.execute(people.WITHDRAW_INVITATIONS_OF, whose=me, now=work.now)
    token = base64.urlsafe_b64encode(work.ids.secret(TOKEN_BYTES)).decode().rstrip("=")
    kept = store.Kept(
        id=work.new_id(),
        person_id=me,
        token_digest=work.keys.digest(RECEIPT, token.encode()),
        ask_time=work.now,
        destroy_time=rules.destruction(work.now, work.settings(PeopleSettings).erasure_hours),
        undo_time=None,
        undone_by_id=None,
        decide_time=None,
        complete_time=None,
        receipt=None,
    )
    await work.database.execute(store.ADD, **columns(kept))
    return model.Erasure(kept.id, kept.destroy_time, token)


async def get_erasure(request: model.GetErasureRequest, work: Work) -> model.ErasureStatus:
    """How far an erasure is, and its receipt, for whoever has the token. Raises NotFound: unknown and wrong look alike."""
    digest = work.keys.digest(RECEIPT, request.receipt_token.encode())
    kept = await work.database.first(store.BY_ID, store.Kept, which=request.erasure_id)
    if kept is None or not compare_digest(kept.token_digest, digest):
        raise NotFound
    state = rules.state(kept.undo_time, kept.decide_time, kept.complete_time)
    return model.ErasureStatus(state, kept.destroy_time, kept.receipt or "")


async def undo_erasure(request: model.UndoErasureRequest, work: Work) -> model.UndoErasureResponse:
    """Undo an erasure before it is done, as an adult who has the person in front of them.

    Roles and devices do not come back by themselves. They come back as after a loss, by other adults: without a device they
    could refuse nothing, so that whoever undoes has no part in it. Raises NotFound for one's own, NothingToUndo.
    """
    if request.person_id == work.caller.person_id:
        raise NotFound
    if not await work.database.execute(store.UNDO, whose=request.person_id, now=work.now, by=work.caller.person_id):
        raise NothingToUndo
    await work.database.execute(ADD_SIGNING_OUT, person_id=request.person_id, by_id=work.caller.person_id, end_time=work.now)
    return model.UndoErasureResponse()


async def allow_export(request: model.AllowExportRequest, work: Work) -> model.ExportPass:
    """A pass to one's own data in every feature, for ten minutes. Raises NotThisDevice, ErasureUnderWay, StillClosed."""
    me = await sessions.on_this_device(work, request.session_token, request.proof)
    if await closed_before(work.database, me) is not None:
        raise StillClosed
    made = make_pass(me, work)
    return model.ExportPass(made.text, made.expires_at, tuple(sorted(work.areas)))


async def decide_erasures(work: Work) -> bool:
    """Have everybody erased whose days to think again are over."""
    due = await work.database.all(store.DUE, store.Kept, now=work.now)
    for one in due:
        await work.database.execute(store.DECIDE, which=one.id, now=work.now)
        work.emit(ErasureDecided(one.id, one.person_id, work.now))
    return len(due) == 50


async def complete_erasures(work: Work) -> bool:
    """Write the receipt of each erasure that every feature of the mix has answered."""
    for one in await work.database.all(store.INCOMPLETE, store.Kept):
        kept = await work.database.all(store.ANSWERS_OF, store.KeptAnswer, which=one.id)
        if one.decide_time is None or not rules.is_complete(work.areas, [answer.area for answer in kept]):
            continue
        answers = [await _answer(answer, work) for answer in kept]
        made = receipts.receipt(one.id, one.person_id, work.caller.country, one.decide_time, answers, work.keys)
        text = json.dumps(made, ensure_ascii=False, indent=1)
        await work.database.execute(store.COMPLETE, which=one.id, now=work.now, receipt=text)
    return False


async def hear_rows_erased(event: RowsErased, work: Work) -> None:
    """Keep a line of an answer until the answer itself comes."""
    await work.database.execute(
        store.ADD_ROW,
        answer_id=event.id,
        table_name=event.table_id,
        done=event.done,
        row_count=event.rows,
        rule=event.rule_id,
        until=event.until,
    )


async def hear_person_erased(event: PersonErased, work: Work) -> None:
    """Keep a feature's answer, if it is as it was signed and somebody waits for it; the receipt is written anew."""
    known = await work.database.first(store.BY_ID, store.Kept, which=event.erasure_id)
    kept = store.KeptAnswer(
        event.erasure_id, event.area_id, event.id, event.keys, event.erased_at, event.signature, event.key_id
    )
    answer = await _answer(kept, work)
    good = len(answer.outcomes) == event.lines and receipts.is_signed(event.erasure_id, answer, work.keys)
    if known is None or not good:
        await work.database.execute(store.FORGET_ROWS, which=event.id)
        return
    await work.database.execute(store.KEEP_ANSWER, **columns(kept))
    await work.database.execute(store.REOPEN, which=event.erasure_id)


async def _answer(kept: store.KeptAnswer, work: Work) -> Answer:
    rows = await work.database.all(store.ROWS_OF, Outcome, which=kept.answer_id)
    return Answer(kept.area, kept.erase_time, kept.key_count, tuple(rows), kept.key_id, kept.signature)


async def _end_roles(person_id: str, work: Work) -> None:
    for grant in await work.database.all(store.OPEN_GRANTS_OF, RoleGrant, whose=person_id, now=work.now):
        if grant.role is Role.NATIONAL:
            others = await work.database.first(people.OTHER_NATIONALS, int, country=grant.scope_id, besides=grant.id)
            if not others:
                raise LastNational
        ended = evolve(grant, until=max(work.now, grant.since))
        await work.database.execute(people.END_GRANT, which=grant.id, now=ended.until)
        work.emit(StandingChanged(**asdict(ended, recurse=False)))
