"""What is done with one's own diary: one coroutine an RPC or event heard. Nothing here can open what it keeps."""

from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.values import columns

from mewe_diary import headers, rules, store
from mewe_diary.errors import Full, Taken
from mewe_diary.model import (
    AdoptDiaryRequest,
    AdoptDiaryResponse,
    Diary,
    DiarySettings,
    EraseDiaryRequest,
    EraseDiaryResponse,
    ListDiariesRequest,
    ListDiariesResponse,
    ListLocksRequest,
    ListLocksResponse,
    Lock,
    PutLockRequest,
    PutParcelRequest,
    PutParcelResponse,
    RemoveLockRequest,
    RemoveLockResponse,
    TakeParcelRequest,
    TakeParcelResponse,
)

_PARCELS = "parcel"


async def own(work: Work, diary_id: str) -> store.KeptDiary:
    """One's own diary of that id. Raises NotFound, also for somebody else's."""
    mine = await store.mine(work.database, work.caller.person_id or "")
    found = next((one for one in mine if one.diary_id == diary_id), None)
    if found is None:
        raise NotFound
    return found


async def adopt_diary(request: AdoptDiaryRequest, work: Work) -> AdoptDiaryResponse:
    """Link a diary that was begun on a device with oneself. Raises Full; Invalid if it is no id of a diary."""
    owner_id = work.caller.person_id or ""
    mine = await store.mine(work.database, owner_id)
    if rules.may_adopt(request.diary_id, [one.diary_id for one in mine], beside=request.beside):
        await store.add_diary(work.database, work.new_id(), request.diary_id, owner_id, rules.hour(work.now))
        mine = await store.mine(work.database, owner_id)
    in_use = mine[0]
    return AdoptDiaryResponse(_shown(in_use, work, in_use=True), in_use.diary_id == request.diary_id)


async def list_diaries(request: ListDiariesRequest, work: Work) -> ListDiariesResponse:
    """One's own diaries, the one in use first."""
    mine = await store.mine(work.database, work.caller.person_id or "")
    return ListDiariesResponse(tuple(_shown(one, work, in_use=one is mine[0]) for one in mine))


async def erase_diary(request: EraseDiaryRequest, work: Work) -> EraseDiaryResponse:
    """Show one's diary to nobody any more; a job destroys its versions within seconds, locks and parcel go at once."""
    diary = await own(work, request.diary_id)
    await work.database.execute(store.ERASE, diary_id=diary.id)
    await work.database.execute(store.REMOVE_LOCKS, diary_id=diary.id)
    await work.database.execute(store.REMOVE_PARCEL, diary_id=diary.id)
    return EraseDiaryResponse()


async def put_lock(request: PutLockRequest, work: Work) -> Lock:
    """Keep a lock; one that is there stays as it is. Raises Full; Invalid for the lock of a device; Taken for other bytes."""
    diary = await own(work, request.diary_id)
    lock_id = headers.lock(request.sealed, "sealed")
    locks = await work.database.all(store.LOCKS, store.KeptLock, diary_id=diary.id)
    kept = next((one for one in locks if one.lock_id == lock_id), None)
    if kept is None:
        if len(locks) >= rules.MOST_LOCKS:
            raise Full
        kept = store.KeptLock(lock_id, request.sealed, rules.hour(work.now))
        await work.database.execute(store.ADD_LOCK, diary_id=diary.id, **columns(kept))
    elif kept.sealed_key != request.sealed:
        raise Taken
    return Lock(kept.lock_id, kept.sealed_key, kept.put_time)


async def list_locks(request: ListLocksRequest, work: Work) -> ListLocksResponse:
    """The locks of one's diary."""
    diary = await own(work, request.diary_id)
    locks = await work.database.all(store.LOCKS, store.KeptLock, diary_id=diary.id)
    return ListLocksResponse(tuple(Lock(one.lock_id, one.sealed_key, one.put_time) for one in locks))


async def remove_lock(request: RemoveLockRequest, work: Work) -> RemoveLockResponse:
    """Destroy a lock, if it is there."""
    diary = await own(work, request.diary_id)
    await work.database.execute(store.REMOVE_LOCK, diary_id=diary.id, lock_id=request.lock_id)
    return RemoveLockResponse()


async def put_parcel(request: PutParcelRequest, work: Work) -> PutParcelResponse:
    """Leave a parcel, in place of one that was not taken. Raises TooFast; Invalid for one that is over."""
    diary = await own(work, request.diary_id)
    parcel = headers.parcel(request.sealed, "sealed")
    expires = rules.may_leave(parcel, work.now)
    await keep_pace(work, _PARCELS, 1, rules.MOST_PARCELS_AN_HOUR)
    await work.database.execute(
        store.KEEP_PARCEL,
        diary_id=diary.id,
        parcel_id=parcel.parcel_id,
        sealed_parcel=request.sealed,
        expire_time=expires,
    )
    return PutParcelResponse(expires)


async def take_parcel(request: TakeParcelRequest, work: Work) -> TakeParcelResponse:
    """Take one's parcel and destroy it. Raises NotFound for one that was taken, is over, or never was."""
    found = await work.database.first(
        store.PARCEL_BY_ID, store.KeptParcel, parcel_id=request.parcel_id, owner_id=work.caller.person_id, now=work.now
    )
    if found is None:
        raise NotFound
    await work.database.execute(store.REMOVE_PARCEL, diary_id=found.id)
    return TakeParcelResponse(found.diary_id, found.sealed_parcel)


async def forget_what_is_over(work: Work) -> bool:
    """Destroy parcels that were not taken in time, and what is left of diaries that were erased, 500 versions at a time."""
    await work.database.execute(store.FORGET_PARCELS, now=work.now)
    count = await work.database.execute(store.FORGET_VERSIONS)
    await work.database.execute(store.FORGET_DIARIES)
    return count >= store.MOST


async def keep_pace(work: Work, kind: str, more: int, most: int) -> None:
    """Count what the caller puts, by the hour. Raises TooFast."""
    before = await store.pace(work.database, work.caller.person_id or "", kind)
    hour, count = rules.counted(before.hour, before.count, more, most, work.now)
    await work.database.execute(store.KEEP_PACE, owner_id=work.caller.person_id, kind=kind, hour=hour, count=count)


def _shown(diary: store.KeptDiary, work: Work, *, in_use: bool) -> Diary:
    most = work.settings(DiarySettings).most_bytes
    return Diary(diary.diary_id, in_use, diary.adopt_time, diary.last_cursor, diary.taken_up, most)
