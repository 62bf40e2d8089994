"""What happens when somebody says: this is who was invited."""

from hmac import compare_digest

from mewe_core.kit import paging
from mewe_core.kit.earlier import EarlierClosed
from mewe_core.kit.ports import Work
from mewe_core.kit.values import micros
from mewe_core.people import handlers, rules, session_store, sessions, store
from mewe_core.people.confirming import model
from mewe_core.people.confirming.store import WAITING
from mewe_core.people.errors import AnotherAdult, NothingToConfirm, WordsNotRight
from mewe_core.people.events import GuestConfirmed
from mewe_core.people.model import RoleGrant
from mewe_core.people.passkeys.store import REMOVE_ALL_OF
from mewe_core.people.returning.rules import another
from mewe_core.people.returning.store import CONFIRM_RETURN, RETURN_BY_INVITATION, KeptReturn
from mewe_core.people.signing_out.store import FORGET_SIGNING_OUT, has_signed_out


async def confirm_person(request: model.ConfirmPersonRequest, work: Work) -> model.ConfirmPersonResponse:
    """Let the device that shows these words be used from now on; a role that came with its code holds from now.

    Whoever comes back after a loss is confirmed by another adult than the one who had the code, or who signed them out.

    Raises NothingToConfirm, RoleNotYours, AnotherAdult; WordsNotRight, which counts.
    """
    waiting = await work.database.first(
        session_store.WAITING_OF, session_store.KeptSession, whose=request.person_id, now=work.now
    )
    if waiting is None or waiting.invitation_id is None:
        raise NothingToConfirm
    invitation = await store.invitation(work.database, waiting.invitation_id)
    if invitation is None:
        raise NothingToConfirm
    held = await work.database.all(store.GRANTS_OF, RoleGrant, me=request.person_id, now=work.now)
    for role in (invitation.role, *(one.role for one in held)):
        rules.may_confirm(role, work.standing)
    if not await work.database.execute(session_store.TRY_WORDS, which=waiting.id, most=rules.MOST_TRIES):
        raise NothingToConfirm
    said = sessions.words_digest(work, waiting.id, request.words)
    if not compare_digest(said, waiting.words_digest or ""):
        raise WordsNotRight
    if not await sessions.confirm(work, waiting):
        raise NothingToConfirm
    if not await work.database.execute(store.PERSON_SIGNS_IN, which=waiting.person_id, now=work.now):
        await _come_back(work, waiting)
    await handlers.give_role_of(work, invitation)
    if invitation.group_id is not None and invitation.organisation_id is not None:
        work.emit(GuestConfirmed(invitation.id, waiting.person_id, invitation.organisation_id, invitation.group_id))
    return model.ConfirmPersonResponse()


async def _come_back(work: Work, waiting: session_store.KeptSession) -> None:
    """Somebody who was signed in before is so on this device alone from now on; what they kept before is closed.

    Their passkeys go with the device that was lost: nobody knows which of them it holds.

    Raises AnotherAdult for whoever had the code in their hands, or signed the person out; NothingToConfirm.
    """
    kept = {"whose": waiting.person_id, "invitation": waiting.invitation_id}
    there = await work.database.first(RETURN_BY_INVITATION, KeptReturn, **kept)
    if there is None:
        raise NothingToConfirm
    another(work.caller.person_id, waiting.person_id, there.agreed_by_id)
    if await has_signed_out(work.database, work.caller.person_id, waiting.person_id):
        raise AnotherAdult
    if not await work.database.execute(CONFIRM_RETURN, which=there.id, now=work.now):
        raise NothingToConfirm
    await work.database.execute(FORGET_SIGNING_OUT, whose=waiting.person_id)
    await sessions.end_others(work, waiting.person_id, waiting.id)
    await work.database.execute(REMOVE_ALL_OF, whose=waiting.person_id)
    work.emit(EarlierClosed(id=there.id, person_id=waiting.person_id, before=work.now))


async def list_waiting_persons(request: model.ListWaitingPersonsRequest, work: Work) -> model.ListWaitingPersonsResponse:
    """Whose device waits to be confirmed, the longest first. Raises Invalid for a page token of another list."""
    most = paging.size(request.page_size)
    name = f"waiting {request.organisation_id} {request.group_id or ''}"
    after_id, after = handlers.id_and_moment(name, request.page_token, -1)
    rows = await work.database.all(
        WAITING,
        model.WaitingPerson,
        organisation_id=request.organisation_id,
        any_group=request.group_id is None,
        group_id=request.group_id,
        now=work.now,
        after=after,
        after_id=after_id,
        most=most + 1,
    )
    following = handlers.following(name, rows, most, lambda last: f"{last.person_id}/{micros(last.redeem_time)}")
    return model.ListWaitingPersonsResponse(tuple(rows[:most]), following)
