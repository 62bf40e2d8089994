"""Contact cards: written by the young person, opened when it is needed. CardService."""

from attrs import evolve

from mewe_core.kit.access import Role
from mewe_core.kit.earlier import opened_from
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import AlertKind, Work
from mewe_core.kit.standing import held_by
from mewe_core.safety import errors, rules
from mewe_core.safety.handlers import routing, words
from mewe_core.safety.handlers.listing import page, person
from mewe_core.safety.model.cards import (
    Card,
    GetMyCardRequest,
    KeptCard,
    KeptOpening,
    ListMyCardOpeningsRequest,
    ListMyCardOpeningsResponse,
    MyCard,
    OpenCardInEmergencyRequest,
    OpenCardRequest,
    WriteCardRequest,
    WrittenCard,
)
from mewe_core.safety.model.concerns import ConcernKind, EntryKind, KeptConcern
from mewe_core.safety.store import concerns, doors


async def write_card(request: WriteCardRequest, work: Work) -> WrittenCard:
    """Keep a card, one's own or (a leader, together with them) of a participant of the group."""
    if request.group_id is not None and not await _takes_part(work, request.person_id, request.group_id):
        raise NotFound
    card = KeptCard(
        person_id=request.person_id,
        sealed_name=await _seal(work, request.person_id, "name", request.name),
        sealed_phone=await _seal(work, request.person_id, "phone", request.phone),
        sealed_safe_way=await _seal(work, request.person_id, "safe_way", request.safe_way),
        sealed_never_call=await _seal(work, request.person_id, "never_call", request.never_call),
        written_by_id=person(work),
        change_time=work.now,
        free_time=None if await concerns.is_open_about(work.database, request.person_id) else work.now,
    )
    await doors.keep_card(work.database, card)
    return WrittenCard(card.person_id, card.change_time)


async def _takes_part(work: Work, person_id: str, group_id: str) -> bool:
    held = await held_by(work.database, person_id)
    return any(one.scope_id == group_id and one.role is Role.PARTICIPANT and one.at(work.now) for one in held)


async def _seal(work: Work, person_id: str, column: str, text: str) -> bytes:
    return await work.sealing.seal(person_id, words.CARD, words.place("safety_card", person_id, column), text)


async def get_my_card(request: GetMyCardRequest, work: Work) -> MyCard:
    """One's own card, if there is one."""
    return MyCard(await _read(work, person(work)))


async def _read(work: Work, person_id: str) -> Card | None:
    kept = await doors.card(work.database, person_id)
    if kept is None:
        return None
    return Card(
        person_id=person_id,
        name=await _open(work, person_id, "name", kept.sealed_name),
        phone=await _open(work, person_id, "phone", kept.sealed_phone),
        safe_way=await _open(work, person_id, "safe_way", kept.sealed_safe_way),
        never_call=await _open(work, person_id, "never_call", kept.sealed_never_call),
        change_time=kept.change_time,
    )


async def _open(work: Work, person_id: str, column: str, sealed: bytes) -> str:
    return await words.opened(work, person_id, words.CARD, words.place("safety_card", person_id, column), sealed)


async def open_card(request: OpenCardRequest, work: Work) -> Card:
    """Read the card of the person a concern is about; that is in its log too. Raises NoCard, ConcernClosed.

    The person is told who did, unless that is unsafe: then another adult sees it.
    """
    concern = await concerns.concern(work.database, request.concern_id)
    if concern is None:
        raise NotFound
    rules.not_closed(concern.state)
    if concern.about_id is None:
        raise errors.NoCard
    card = await _opened(work, concern.about_id, concern.id, untold=request.untold)
    kind = EntryKind.CARD_OPENED_UNTOLD if request.untold else EntryKind.CARD_OPENED
    await routing.enter(work, concern.id, kind, person(work), request.reason)
    if request.untold:
        await _show_another(work, concern)
    return card


async def open_card_in_emergency(request: OpenCardInEmergencyRequest, work: Work) -> Card:
    """Read the card of somebody in an emergency. Raises NoCard.

    The person is told who did, unless that is unsafe: then the country's contacts see it.
    """
    card = await _opened(work, request.person_id, None, untold=request.untold)
    if request.untold:
        key = work.new_id()
        new = routing.new(work, ConcernKind.CARD_OPENED, key, about_id=request.person_id, raised_by_id=person(work))
        where = words.place("safety_concern", key, "text")
        sealed = await words.sealed(work, key, words.CONCERN, where, request.reason)
        await routing.begin(work, evolve(new, sealed_text=sealed))
    return card


async def _opened(work: Work, about: str, concern_id: str | None, *, untold: bool) -> Card:
    card = await _read(work, about)
    if card is None:
        raise errors.NoCard
    await doors.add_opening(work.database, KeptOpening(work.new_id(), about, person(work), concern_id, work.now, untold))
    return card


async def _show_another(work: Work, concern: KeptConcern) -> None:
    """Another adult sees that a card was opened and the person is not told: whose concern it is too, else whoever is next."""
    there = await concerns.recipients(work.database, concern.id)
    others = [one for one in there if one.end_time is None and one.person_id != person(work)]
    for one in others:
        await routing.alert_contact(work, one.contact_id, AlertKind.EMERGENCY_READING)
    if not others:
        await routing.tell_next(work, concern, there)


async def list_my_card_openings(request: ListMyCardOpeningsRequest, work: Work) -> ListMyCardOpeningsResponse:
    """Who has opened one's card; of whoever came back on a new device, only since then.

    Raises Invalid for a page token of another list.
    """
    mine = person(work)
    since = await opened_from(work.database, mine)
    found, following = await page(
        "my card openings",
        request.page_size,
        request.page_token,
        lambda after, limit: doors.openings(work.database, mine, max(after, since), limit),
        lambda one: (one.open_time, one.id),
    )
    return ListMyCardOpeningsResponse(found, following)
