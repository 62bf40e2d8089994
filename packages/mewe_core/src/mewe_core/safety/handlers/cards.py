"""Contact cards: written by the young person, opened when it is needed. CardService."""

from attrs import evolve

from mewe_core.kit.access import Role
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
        sealed_name=await _seal(work, request.person_id, "sealed_name", request.name),
        sealed_phone=await _seal(work, request.person_id, "sealed_phone", request.phone),
        sealed_safe_way=await _seal(work, request.person_id, "sealed_safe_way", request.safe_way),
        sealed_never_call=await _seal(work, request.person_id, "sealed_never_call", request.never_call),
        written_by_id=person(work),
        change_time=work.now,
    )
    await doors.keep_card(work.database, card)
    return WrittenCard(card.person_id, card.change_time)


async def _takes_part(work: Work, person_id: str, group_id: str) -> bool:
    held = await held_by(work.database, person_id)
    return any(one.scope_id == group_id and one.role is Role.PARTICIPANT and one.at(work.now) for one in held)


async def _seal(work: Work, person_id: str, column: str, text: str) -> bytes:
    return await work.sealing.seal(person_id, words.CARD, words.place("safety_card", person_id, column), text)


async def get_my_card(request: GetMyCardRequest, work: Work) -> Card:
    """One's own card. Raises NoCard."""
    return await _read(work, person(work))


async def _read(work: Work, person_id: str) -> Card:
    kept = await doors.card(work.database, person_id)
    if kept is None:
        raise errors.NoCard
    return Card(
        person_id=person_id,
        name=await _open(work, person_id, "sealed_name", kept.sealed_name),
        phone=await _open(work, person_id, "sealed_phone", kept.sealed_phone),
        safe_way=await _open(work, person_id, "sealed_safe_way", kept.sealed_safe_way),
        never_call=await _open(work, person_id, "sealed_never_call", kept.sealed_never_call),
        change_time=kept.change_time,
    )


async def _open(work: Work, person_id: str, column: str, sealed: bytes) -> str:
    return await words.opened(work, person_id, words.CARD, words.place("safety_card", person_id, column), sealed)


async def open_card(request: OpenCardRequest, work: Work) -> Card:
    """Read somebody's card. It is kept who did, and the person is told, unless that is unsafe: then another adult sees it.

    Raises NoCard, ConcernClosed.
    """
    concern = None
    about = request.person_id
    if request.concern_id is not None:
        concern = await concerns.concern(work.database, request.concern_id)
        if concern is None:
            raise NotFound
        rules.not_closed(concern.state)
        about = concern.about_id
    if about is None:
        raise errors.NoCard
    card = await _read(work, about)
    key = work.new_id()
    where = words.place("safety_opening", key, "sealed_reason")
    reason = await words.sealed(work, about, words.CARD, where, request.reason)
    await doors.add_opening(
        work.database, KeptOpening(key, about, person(work), request.concern_id, work.now, request.untold, reason)
    )
    if concern is not None:
        kind = EntryKind.CARD_OPENED_UNTOLD if request.untold else EntryKind.CARD_OPENED
        await routing.enter(work, concern.id, kind, person(work), request.reason)
    if request.untold:
        await _show_another(work, about, concern, request.reason)
    return card


async def _show_another(work: Work, about: str, concern: KeptConcern | None, reason: str) -> None:
    """Another adult sees that a card was opened and the person is not told: whose concern it is too, else whoever is next."""
    opener = person(work)
    if concern is None:
        key = work.new_id()
        new = routing.new(work, ConcernKind.CARD_OPENED, key, about_id=about, raised_by_id=opener)
        where = words.place("safety_concern", key, "sealed_text")
        sealed = await words.sealed(work, key, words.CONCERN, where, reason)
        await routing.begin(work, evolve(new, sealed_text=sealed))
        return
    there = await concerns.recipients(work.database, concern.id)
    others = [one for one in there if one.end_time is None and one.person_id != opener]
    for one in others:
        await routing.alert_contact(work, one.contact_id, AlertKind.EMERGENCY_READING)
    if not others:
        await routing.tell_next(work, concern, there)


async def list_my_card_openings(request: ListMyCardOpeningsRequest, work: Work) -> ListMyCardOpeningsResponse:
    """Who has opened one's card. Raises Invalid for a page token of another list."""
    mine = person(work)
    found, following = await page(
        "my card openings",
        request.page_size,
        request.page_token,
        lambda after, limit: doors.openings(work.database, mine, after, limit),
        lambda one: (one.open_time, one.id),
    )
    return ListMyCardOpeningsResponse(found, following)
