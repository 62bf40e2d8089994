"""Concerns, for those whom they were brought to. ConcernService."""

from attrs import evolve

from mewe_core.kit.access import Role
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import held_by
from mewe_core.kit.values import micros
from mewe_core.safety import rules
from mewe_core.safety.events import ConcernChanged, ConcernState
from mewe_core.safety.handlers import routing, words
from mewe_core.safety.handlers.listing import page, person
from mewe_core.safety.model.concerns import (
    AcknowledgeConcernRequest,
    CloseConcernRequest,
    Concern,
    ConcernKind,
    Entry,
    EntryKind,
    KeptConcern,
    ListConcernEntriesRequest,
    ListConcernEntriesResponse,
    ListConcernsRequest,
    ListConcernsResponse,
    NoteConcernRequest,
    OpenConcernRequest,
    OpenedConcern,
    RaiseConcernRequest,
    RaisedConcern,
    RecordHandOverRequest,
)
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.rules import Act
from mewe_core.safety.store import concerns, doors


async def raise_concern(request: RaiseConcernRequest, work: Work) -> RaisedConcern:
    """Keep what a leader has seen of somebody in the group, and bring it to the contacts. It waits for nobody's approval."""
    if not await _is_in(work, request.about_id, request.group_id):
        raise NotFound
    key = work.new_id()
    where = words.place("safety_concern", key, "text")
    concern = routing.new(
        work,
        ConcernKind.OBSERVATION,
        key,
        group_id=request.group_id,
        about_id=request.about_id,
        raised_by_id=person(work),
    )
    sealed = await words.sealed(work, key, words.CONCERN, where, request.text)
    handed_over = bool(request.handed_over_to.strip())
    state = rules.becomes(concern.state, Act.HAND_OVER) if handed_over else concern.state
    await routing.begin(work, evolve(concern, sealed_text=sealed, state=state))
    if handed_over:
        await routing.enter(work, key, EntryKind.HANDED_OVER, person(work), request.handed_over_to)
    return RaisedConcern(key, state)


async def _is_in(work: Work, person_id: str, group_id: str) -> bool:
    held = await held_by(work.database, person_id)
    return any(one.scope_id == group_id and one.role in (Role.PARTICIPANT, Role.LEADER) for one in held)


async def list_concerns(request: ListConcernsRequest, work: Work) -> ListConcernsResponse:
    """The open concerns that were brought to the caller. Raises Invalid for a page token of another list."""
    mine = person(work)
    found, following = await page(
        "concerns",
        request.page_size,
        request.page_token,
        lambda after, limit: concerns.brought_to(work.database, mine, after, limit),
        lambda one: (micros(one.create_time) + (concerns.BEHIND_ALL_NAMED if one.is_nobodys else 0), one.id),
    )
    return ListConcernsResponse(found, following)


async def _here(work: Work, concern_id: str) -> KeptConcern:
    found = await concerns.concern(work.database, concern_id)
    if found is None:
        raise NotFound
    return found


async def open_concern(request: OpenConcernRequest, work: Work) -> OpenedConcern:
    """Read a concern; that one has is kept in its log."""
    concern = await _here(work, request.concern_id)
    await routing.enter(work, concern.id, EntryKind.OPENED, person(work))
    where = words.place("safety_concern", concern.id, "text")
    return OpenedConcern(concern.told(), await words.opened(work, concern.id, words.CONCERN, where, concern.sealed_text))


async def acknowledge_concern(request: AcknowledgeConcernRequest, work: Work) -> Concern:
    """Take it on; whoever asked is told who did so first, and so is whoever comes later. Raises ConcernClosed."""
    concern = await _here(work, request.concern_id)
    state = rules.becomes(concern.state, Act.ACKNOWLEDGE)
    if await concerns.take_on(work.database, concern.id, person(work), work.now):
        await routing.enter(work, concern.id, EntryKind.ACKNOWLEDGED, person(work))
        await _stand(work, concern, state)
    return (await _here(work, concern.id)).told()


async def note_concern(request: NoteConcernRequest, work: Work) -> Concern:
    """Keep a note in its log. Raises ConcernClosed."""
    concern = await _here(work, request.concern_id)
    rules.not_closed(concern.state)
    await routing.enter(work, concern.id, EntryKind.NOTED, person(work), request.text)
    return concern.told()


async def record_hand_over(request: RecordHandOverRequest, work: Work) -> Concern:
    """Keep that an authority was told, which waits for nobody's approval. Raises ConcernClosed."""
    concern = await _here(work, request.concern_id)
    state = rules.becomes(concern.state, Act.HAND_OVER)
    await routing.enter(work, concern.id, EntryKind.HANDED_OVER, person(work), request.handed_over_to)
    if await concerns.take_on(work.database, concern.id, person(work), work.now):
        await routing.enter(work, concern.id, EntryKind.ACKNOWLEDGED, person(work))
    if state is not concern.state:
        await _stand(work, concern, state)
    return (await _here(work, concern.id)).told()


async def close_concern(request: CloseConcernRequest, work: Work) -> Concern:
    """Close it with an outcome; from then on it is nobody's. Raises ConcernClosed, NotAcknowledged."""
    concern = await _here(work, request.concern_id)
    state = rules.becomes(concern.state, Act.CLOSE)
    where = words.place("safety_concern", concern.id, "words")
    sealed = await words.sealed(work, concern.id, words.CONCERN, where, request.words)
    await concerns.close(work.database, concern.id, work.now, request.outcome, sealed)
    await routing.enter(work, concern.id, EntryKind.CLOSED, person(work))
    if concern.about_id is not None and not await concerns.is_open_about(work.database, concern.about_id):
        await doors.free_card(work.database, concern.about_id, work.now)
    await _stand(work, concern, state)
    for one in await concerns.recipients(work.database, concern.id):
        if one.end_time is None:
            await routing.release(work, one)
    return (await _here(work, concern.id)).told()


async def _stand(work: Work, concern: KeptConcern, state: ConcernState) -> None:
    following = rules.due(state, work.now, work.settings(SafetySettings), reminded=False)
    moment = None if following is None else following[0]
    if await concerns.stand(work.database, concern, state, work.now, moment):
        work.emit(ConcernChanged(concern.id, state))


async def list_concern_entries(request: ListConcernEntriesRequest, work: Work) -> ListConcernEntriesResponse:
    """Who did and opened what about a concern. Raises Invalid for a page token of another list."""
    found, following = await page(
        f"entries {request.concern_id}",
        request.page_size,
        request.page_token,
        lambda after, limit: concerns.entries(work.database, request.concern_id, after, limit),
        lambda one: (one.number, one.id),
    )
    entries = []
    for one in found:
        where = words.place("safety_entry", one.id, "text")
        text = await words.opened(work, request.concern_id, words.CONCERN, where, one.sealed_text)
        entries.append(Entry(one.id, one.kind, one.at, one.person_id, text))
    return ListConcernEntriesResponse(tuple(entries), following)
