"""Messages that may tell of somebody in danger: help for the writer at once, adults who know, and a leader who decides."""

from mewe_core.kit import paging, texts
from mewe_core.kit.access import Role
from mewe_core.kit.errors import NotFound
from mewe_core.kit.message_checks import Audience
from mewe_core.kit.ports import Sealing, Work
from mewe_core.kit.privacy.telling import is_erased

from mewe_chat import messages, news, reports, store
from mewe_chat.checks.chain import Checked
from mewe_chat.errors import MessageGone
from mewe_chat.events import MessageHeld
from mewe_chat.model import Message, MessageState, PostMessageResponse
from mewe_chat.moderation import acting, held_store
from mewe_chat.moderation.errors import AlreadyDecided
from mewe_chat.moderation.held_store import KeptHeld
from mewe_chat.moderation.model import (
    Check,
    DecideHeldMessageRequest,
    DecideHeldMessageResponse,
    HeldCause,
    HeldMessage,
    HeldState,
    ListChecksRequest,
    ListChecksResponse,
    ListHeldMessagesRequest,
    ListHeldMessagesResponse,
)
from mewe_chat.moderation.rules import ActKind
from mewe_chat.sealed import PURPOSE
from mewe_chat.settings import Deployed


async def answer(
    work: Work, checked: Checked, room_id: str, text: str, *, reply_to_id: str = "", edited: store.KeptMessage | None = None
) -> PostMessageResponse:
    """Take what may tell of somebody in danger: whether or not the room is open, and whatever else would be refused.

    Where other young people would read it, it is held back. Where leaders alone do, it is delivered.
    """
    author_id = work.caller.person_id
    if author_id is None or checked.cause is None:
        raise NotFound
    if checked.audience is Audience.PEERS:
        message_id = "" if edited is None else edited.id
        held_id = await _hold(work, checked.cause, room_id, author_id, text, reply_to_id, message_id)
        await _raise(work, checked.cause, held_id, room_id, author_id, held_id, text)
        return PostMessageResponse(None, held_id, show_help=True)
    if edited is None:
        message = await messages.append_new(work, room_id, author_id, text, reply_to_id)
    else:
        message = await messages.edit(work, edited, text)
    await _raise(work, checked.cause, work.new_id(), room_id, author_id, message.id, None)
    return PostMessageResponse(message, show_help=True)


async def list_checks(request: ListChecksRequest, work: Work) -> ListChecksResponse:
    """The checks of this deployment, each in a plain sentence."""
    checks = work.settings(Deployed).checks
    return ListChecksResponse(
        tuple(Check(one.name, texts.say(one.package, request.language, f"check-{one.name}"), one.crisis) for one in checks)
    )


async def list_held_messages(request: ListHeldMessagesRequest, work: Work) -> ListHeldMessagesResponse:
    """What was held back in a room: for leaders all of it, for whoever wrote something their own."""
    size, name = paging.size(request.page_size), f"held in {request.room_id}"
    after = str(paging.after(name, request.page_token, ""))
    author_id = None if Role.LEADER in work.standing.roles() else work.caller.person_id or ""
    found = await held_store.page(work.database, request.room_id, author_id, after=after, limit=size + 1)
    following = paging.token(name, found[size - 1].id) if len(found) > size else ""
    return ListHeldMessagesResponse(tuple([await _shown(one, work.sealing) for one in found[:size]]), following)


async def decide_held_message(request: DecideHeldMessageRequest, work: Work) -> DecideHeldMessageResponse:
    """Deliver what was held back, in the place that it takes now, or do not. Raises NotFound, AlreadyDecided, MessageGone.

    It is decided before anything else is done: of two who decide at once, one does. What belongs to somebody who was erased is
    not delivered any more.
    """
    found = await held_store.held(work.database, request.room_id, request.held_id)
    if found is None:
        raise NotFound
    state = HeldState.DELIVERED if request.deliver else HeldState.KEPT_BACK
    if not await held_store.decide(work.database, found.id, state, work.now):
        raise AlreadyDecided
    kind = ActKind.DELIVERED if request.deliver else ActKind.KEPT_BACK
    message = await _delivered(found, work) if request.deliver else None
    await acting.record(work, found.room_id, kind, request.reason, found.author_id, found.id)
    await news.decided(work, found.id, found.room_id)
    return DecideHeldMessageResponse(message)


async def _delivered(found: KeptHeld, work: Work) -> Message:
    text = await _words(found, work.sealing)
    if not text or await is_erased(work.database, found.author_id):
        raise NotFound
    await held_store.empty(work.database, found.id)
    if not found.message_id:
        return await messages.append_new(work, found.room_id, found.author_id, text, found.reply_to_id)
    there = await store.message(work.database, found.message_id)
    if there is None or there.state is not MessageState.VISIBLE:
        raise MessageGone
    return await messages.edit(work, there, text)


async def _hold(
    work: Work, cause: HeldCause, room_id: str, author_id: str, text: str, reply_to_id: str, message_id: str
) -> str:
    held_id = work.new_ordered_id()
    words = await work.sealing.seal(author_id, PURPOSE, _place(held_id), text)
    kept = KeptHeld(held_id, room_id, author_id, words, message_id, reply_to_id, work.now, cause, HeldState.WAITING, None)
    await held_store.keep(work.database, kept)
    work.emit(MessageHeld(room_id=room_id, held_id=held_id))
    await news.held(work, held_id, room_id)
    return held_id


async def _raise(
    work: Work, cause: HeldCause, report_id: str, room_id: str, author_id: str, thing_id: str, held: str | None
) -> None:
    """Bring it to the adults who look after everybody's safety, where words were found and the country has it so."""
    if cause is HeldCause.CRISIS and work.settings(Deployed).settings.concern_on_crisis:
        await reports.raise_by_rule(work, report_id, room_id, author_id, thing_id, held)


async def _shown(kept: KeptHeld, sealing: Sealing) -> HeldMessage:
    text = await _words(kept, sealing)
    return HeldMessage(
        kept.id,
        kept.room_id,
        kept.author_id,
        text,
        kept.message_id,
        kept.held_time,
        kept.kind,
        kept.state,
        kept.decide_time,
    )


async def _words(kept: KeptHeld, sealing: Sealing) -> str:
    """What it says; nothing where that cannot be known any more. One that cannot be opened is in no other's way."""
    if not kept.sealed_text:
        return ""
    try:
        return await sealing.open(kept.author_id, PURPOSE, _place(kept.id), kept.sealed_text) or ""
    except ValueError:
        return ""


def _place(held_id: str) -> str:
    return f"chat_held/{held_id}/sealed_text"
