"""What happens when somebody has lost their device: one coroutine an RPC of ReturnService."""

from hmac import compare_digest

from mewe_core.kit import paging
from mewe_core.kit.earlier import EarlierClosed
from mewe_core.kit.errors import NotFound, SignedOut
from mewe_core.kit.ports import Work
from mewe_core.kit.values import columns, micros
from mewe_core.people import codes, handlers, session_store, sessions
from mewe_core.people import rules as people_rules
from mewe_core.people import store as people_store
from mewe_core.people.errors import AnotherAdult, NeverSignedIn, NothingClosed, ReturnAsked, ReturnNotOpen, WordsNotRight
from mewe_core.people.model import Invitation, RoleGrant
from mewe_core.people.returning import model, rules, store
from mewe_core.people.signing_out.store import has_signed_out


async def ask_for_return(request: model.AskForReturnRequest, work: Work) -> model.Return:
    """Say that a person has lost their device; they see it on those they still have.

    Raises AnotherAdult for oneself and for who signed them out, NeverSignedIn, ReturnAsked, RoleNotYours.
    """
    person = await _somebody(work, request.person_id)
    rules.another(work.caller.person_id, person.id)
    if person.sign_in_time is None or person.organisation_id is None:
        raise NeverSignedIn
    await work.database.execute(store.END_LAPSED, whose=person.id, now=work.now)
    if await store.open_return(work.database, person.id, work.now) is not None:
        raise ReturnAsked
    await _no_part_in_signing_out(work, person.id)
    kept = store.KeptReturn(
        id=work.new_id(),
        person_id=person.id,
        organisation_id=person.organisation_id,
        reason=request.reason,
        asked_by_id=_me(work),
        ask_time=work.now,
        expire_time=rules.ends(work.now),
        agreed_by_id=None,
        agree_time=None,
        invitation_id=None,
        end_time=None,
        confirm_time=None,
        words_digest=None,
        tries=0,
        reopened_by_id=None,
        reopen_time=None,
    )
    await work.database.execute(store.ADD_RETURN, **columns(kept))
    return kept.told()


async def agree_to_return(request: model.AgreeToReturnRequest, work: Work) -> Invitation:
    """Agree as a second adult, and get the code.

    Raises AnotherAdult for who asked, or signed the person out; ReturnNotOpen, RoleNotYours.
    """
    person = await _somebody(work, request.person_id)
    there = await store.open_return(work.database, person.id, work.now)
    if there is None or there.agree_time is not None:
        raise ReturnNotOpen
    await _no_part_in_signing_out(work, person.id)
    rules.another(work.caller.person_id, person.id, there.asked_by_id)
    hours = rules.OPEN_HOURS
    invitation = await handlers.make_code(work, person, None, hours)
    agreed = await work.database.execute(store.AGREE, which=there.id, by=_me(work), invitation=invitation.id, now=work.now)
    if not agreed:
        raise ReturnNotOpen
    return invitation


async def get_return(request: model.GetReturnRequest, work: Work) -> model.Return:
    """The open return of a person. Raises NotFound."""
    there = await store.open_return(work.database, request.person_id, work.now)
    if there is None:
        raise NotFound
    return there.told()


async def list_returns(request: model.ListReturnsRequest, work: Work) -> model.ListReturnsResponse:
    """Who is to come back in an organisation, oldest first. Raises Invalid for a page token of another list."""
    most = paging.size(request.page_size)
    name = f"returns {request.organisation_id}"
    after_id, after = handlers.id_and_moment(name, request.page_token, -1)
    rows = await work.database.all(
        store.OPEN_RETURNS,
        model.Return,
        organisation_id=request.organisation_id,
        now=work.now,
        after=after,
        after_id=after_id,
        most=most + 1,
    )
    following = handlers.following(name, rows, most, lambda last: f"{last.id}/{micros(last.ask_time)}")
    return model.ListReturnsResponse(tuple(rows[:most]), following)


async def refuse_return(request: model.RefuseReturnRequest, work: Work) -> model.RefuseReturnResponse:
    """Say that one has lost no device: the code that was made is worthless. Raises ReturnNotOpen."""
    there = await store.open_return(work.database, _me(work), work.now)
    if there is None or not await call_off(work, there):
        raise ReturnNotOpen
    return model.RefuseReturnResponse()


async def call_off(work: Work, there: store.KeptReturn) -> bool:
    """End a return: its code is worthless, and a device that waits by it waits no longer. False if it was over already."""
    if not await work.database.execute(store.END_RETURN, which=there.id, now=work.now):
        return False
    await work.database.execute(people_store.WITHDRAW_INVITATIONS_OF, whose=there.person_id, now=work.now)
    await work.database.execute(session_store.END_WAITING, whose=there.person_id, now=work.now)
    return True


async def ask_to_reopen(request: model.AskToReopenRequest, work: Work) -> model.AskToReopenResponse:
    """Show two words to an adult who is there; those before them are worthless. Raises NothingClosed."""
    closed = await store.closed_returns(work.database, _me(work))
    if not closed:
        raise NothingClosed
    words = codes.shown(work.ids.secret(codes.RANDOM_BYTES))
    digest = sessions.words_digest(work, closed[0].id, words)
    await work.database.execute(store.SHOW_WORDS, which=closed[0].id, digest=digest)
    return model.AskToReopenResponse(words)


async def reopen_earlier(request: model.ReopenEarlierRequest, work: Work) -> model.ReopenEarlierResponse:
    """Open what a person kept before, with them: by another adult than who asked for the return, or had the code.

    Raises AnotherAdult, NothingClosed, RoleNotYours; WordsNotRight, which counts.
    """
    person = await _somebody(work, request.person_id)
    closed = await store.closed_returns(work.database, person.id)
    if not closed:
        raise NothingClosed
    rules.another(work.caller.person_id, person.id, *(one.asked_by_id for one in closed))
    last = closed[0]
    if last.words_digest is None:
        raise NothingClosed
    if not await work.database.execute(store.TRY_WORDS, which=last.id, most=people_rules.MOST_TRIES):
        raise NothingClosed
    if not compare_digest(sessions.words_digest(work, last.id, request.words), last.words_digest):
        raise WordsNotRight
    for one in closed:
        if await work.database.execute(store.REOPEN, which=one.id, by=_me(work), now=work.now):
            work.emit(EarlierClosed(id=one.id, person_id=person.id, before=None))
    return model.ReopenEarlierResponse()


async def _no_part_in_signing_out(work: Work, person_id: str) -> None:
    """Raises AnotherAdult for whoever signed the person out: who cannot see a return on any device cannot refuse it."""
    if await has_signed_out(work.database, work.caller.person_id, person_id):
        raise AnotherAdult


async def _somebody(work: Work, person_id: str) -> people_store.Person:
    """Whom a request is about, if the caller may stand for them: as for the roles that they hold. Raises RoleNotYours."""
    person = await work.database.first(people_store.PERSON_BY_ID, people_store.Person, which=person_id)
    if person is None:
        raise NotFound
    for held in await work.database.all(people_store.GRANTS_OF, RoleGrant, me=person_id, now=work.now):
        people_rules.may_confirm(held.role, work.standing)
    return person


def _me(work: Work) -> str:
    """Who calls; the access rule has made sure that somebody does."""
    if work.caller.person_id is None:
        raise SignedOut
    return work.caller.person_id
