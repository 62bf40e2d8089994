"""Breaking the glass: a reading begins, is known of, and ends. EmergencyService."""

from attrs import evolve

from mewe_core.kit import paging
from mewe_core.kit.access import Caller, Role, Scope, ScopeKind
from mewe_core.kit.errors import NotFound, SignedOut
from mewe_core.kit.ports import Alert, AlertKind, Work
from mewe_core.kit.standing import StandingChanged, held_by
from mewe_core.kit.values import columns, micros, moment
from mewe_core.programme.emergency import rules, store
from mewe_core.programme.emergency.model import (
    BeginEmergencyReadingRequest,
    EmergencyReading,
    EndEmergencyReadingRequest,
    ListEmergencyReadingsRequest,
    ListEmergencyReadingsResponse,
    SetEmergencyAddressRequest,
    SetEmergencyAddressResponse,
)
from mewe_core.programme.emergency.store import KeptAddress, KeptReading
from mewe_core.programme.offer import Offer

REASON = "emergency_reason"
ADDRESS = "emergency_address"
"""What the keys are for: of a reading, why; of a person, where they are told."""

_LIST = "emergency_readings"
_MOST = 200
_LATEST = moment(2**53)


async def begin_emergency_reading(request: BeginEmergencyReadingRequest, work: Work) -> EmergencyReading:
    """Let the caller read what a group says, for a reason and a short time, and tell those who have to know.

    Raises NoSecondPerson if nobody else would know, EmergencyReadingOpen, EmergencyReadingEnded, Invalid for too many minutes.
    """
    me, group_id, organisation_id = _me(work), request.group_id, work.standing.scope.organisation_id or ""
    until = work.now + rules.lasts(request.minutes, work.settings(Offer).settings.emergency_minutes)
    before = await work.database.all(store.READINGS_OF, KeptReading, reader_id=me, group_id=group_id, limit=_MOST)
    is_open = any(one.end_time is None and work.now < one.until for one in before)
    by_others = [one.end_time for one in before if one.end_time is not None and one.ended_by_id not in (None, me)]
    seconds = await work.database.all(
        store.SECOND_PERSONS,
        KeptAddress,
        organisation_id=organisation_id,
        country=work.caller.country,
        now=work.now,
        me=me,
        limit=_MOST,
    )
    rules.may_begin(
        is_open=is_open, stopped=max(by_others, default=None), seconds=[one.person_id for one in seconds], now=work.now
    )
    id_ = work.new_id()
    sealed = await work.sealing.seal(id_, REASON, _place_of_reason(id_), request.reason)
    kept = KeptReading(id_, group_id, organisation_id, me, sealed, work.now, until, None, None)
    await work.database.execute(store.ADD_READING, **columns(kept))
    _tell(kept, work)
    for one in seconds:
        await _alert(one, work)
    return await _shown(kept, work)


async def end_emergency_reading(request: EndEmergencyReadingRequest, work: Work) -> EmergencyReading:
    """End a reading now; one that is over stays as it is. Raises NotFound."""
    kept = await store.reading(work.database, request.emergency_reading_id)
    if kept is None:
        raise NotFound
    if kept.end_time is None and work.now < kept.until:
        kept = await _ended(kept, work, by=_me(work))
    return await _shown(kept, work)


async def list_emergency_readings(request: ListEmergencyReadingsRequest, work: Work) -> ListEmergencyReadingsResponse:
    """The readings in the organisations whose coordinator one is (in all, for the national centre), and one's own."""
    size = paging.size(request.page_size)
    before, _, before_id = str(paging.after(_LIST, request.page_token, f"{micros(_LATEST)} ")).partition(" ")
    if not (before.isascii() and before.isdigit() and int(before) <= micros(_LATEST)):
        raise paging.not_of_this_list()
    found = await work.database.all(
        store.READINGS_TO_KNOW_OF,
        KeptReading,
        me=_me(work),
        country=work.caller.country,
        now=work.now,
        before=int(before),
        before_id=before_id,
        limit=size + 1,
    )
    shown = tuple([await _shown(one, work) for one in found[:size]])
    last = found[size - 1] if len(found) > size else None
    following = "" if last is None else paging.token(_LIST, f"{micros(last.begin_time)} {last.id}")
    return ListEmergencyReadingsResponse(shown, following)


async def set_emergency_address(request: SetEmergencyAddressRequest, work: Work) -> SetEmergencyAddressResponse:
    """Keep where the caller is told, sealed; or forget it."""
    me = _me(work)
    if request.address:
        sealed = await work.sealing.seal(me, ADDRESS, _place_of_address(me), request.address)
        kept = KeptAddress(me, sealed, request.language or "en")
        await work.database.execute(store.KEEP_ADDRESS, **columns(kept))
    else:
        await work.database.execute(store.FORGET_ADDRESS, person_id=me)
    return SetEmergencyAddressResponse()


async def end_readings_without_a_role(work: Work) -> bool:
    """End each reading whose reader no longer holds the role that let them break the glass."""
    found = await work.database.all(store.OPEN_READINGS, KeptReading, now=work.now, limit=_MOST)
    for one in found:
        reader = Caller(one.reader_id, None, work.caller.country)
        held = tuple(await held_by(work.database, one.reader_id))
        if not rules.may_go_on(reader, Scope(ScopeKind.GROUP, one.group_id, one.organisation_id), held, work.now):
            await _ended(one, work, by=None)
    return False


async def _ended(kept: KeptReading, work: Work, *, by: str | None) -> KeptReading:
    ended = evolve(kept, end_time=work.now, ended_by_id=by)
    await work.database.execute(store.END_READING, which=kept.id, now=work.now, who=by)
    _tell(ended, work)
    return ended


def _tell(kept: KeptReading, work: Work) -> None:
    """The reader holds the role in the group until then, in every feature."""
    work.emit(
        StandingChanged(
            id=kept.id,
            person_id=kept.reader_id,
            role=Role.EMERGENCY_READER,
            scope_kind=ScopeKind.GROUP,
            scope_id=kept.group_id,
            since=kept.begin_time,
            until=kept.end_time or kept.until,
        )
    )


async def _alert(one: KeptAddress, work: Work) -> None:
    """Ask a second person to look, if it is known where. An address that cannot be opened stops nothing: there is the list."""
    if one.sealed_address is None:
        return
    try:
        to = await work.sealing.open(one.person_id, ADDRESS, _place_of_address(one.person_id), one.sealed_address)
    except ValueError:
        return
    if to is not None:
        work.alert(Alert(work.new_id(), AlertKind.EMERGENCY_READING, to, one.language or "en", one.person_id))


async def _shown(kept: KeptReading, work: Work) -> EmergencyReading:
    reason = await work.sealing.open(kept.id, REASON, _place_of_reason(kept.id), kept.sealed_reason)
    return EmergencyReading(
        id=kept.id,
        group_id=kept.group_id,
        organisation_id=kept.organisation_id,
        reader_id=kept.reader_id,
        reason=reason or "",
        begin_time=kept.begin_time,
        until=kept.until,
        end_time=kept.end_time,
        ended_by_id=kept.ended_by_id,
    )


def _place_of_reason(reading_id: str) -> str:
    return f"programme_emergency_reading/{reading_id}/sealed_reason"


def _place_of_address(person_id: str) -> str:
    return f"programme_emergency_address/{person_id}/sealed_address"


def _me(work: Work) -> str:
    if work.caller.person_id is None:
        raise SignedOut
    return work.caller.person_id
