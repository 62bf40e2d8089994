"""Sharing one entry: published keys, what is shared, and who has opened it."""

from itertools import groupby

from mewe_core.kit import paging
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.texts import FALLBACK, say
from mewe_core.kit.values import columns

from mewe_diary import headers
from mewe_diary.errors import Taken
from mewe_diary.model import DiarySettings
from mewe_diary.prompts import PACKAGE
from mewe_diary.rules import hour
from mewe_diary.sharing import rules, store
from mewe_diary.sharing.model import (
    GetSharingWordsRequest,
    ListMySharesRequest,
    ListMySharesResponse,
    ListSharedRequest,
    ListSharedResponse,
    ListSharingKeysRequest,
    ListSharingKeysResponse,
    OpenedShare,
    Opening,
    OpenSharedRequest,
    PutSharingKeyRequest,
    RevokeShareRequest,
    RevokeShareResponse,
    Share,
    SharedEntry,
    ShareEntryRequest,
    SharingKey,
    SharingWords,
)
from mewe_diary.store import MOST


async def put_sharing_key(request: PutSharingKeyRequest, work: Work) -> SharingKey:
    """Publish one's key in a group, in place of the one before. Raises Invalid for what is no key."""
    rules.may_publish(request.public_key)
    leader_id, put = work.caller.person_id or "", hour(work.now)
    key_id = headers.key_id(work.caller.country, request.public_key)
    kept = store.KeptKey(leader_id, request.group_id, key_id, request.public_key.hex(), put)
    await work.database.execute(store.KEEP_KEY, **columns(kept))
    return SharingKey(leader_id, request.group_id, key_id, request.public_key, put)


async def list_sharing_keys(request: ListSharingKeysRequest, work: Work) -> ListSharingKeysResponse:
    """The keys of those who lead a group now."""
    found = await store.keys_of(work.database, request.group_id, work.now)
    return ListSharingKeysResponse(
        tuple(SharingKey(one.leader_id, one.group_id, one.key_id, bytes.fromhex(one.public_key), one.put_time) for one in found)
    )


async def get_sharing_words(request: GetSharingWordsRequest, work: Work) -> SharingWords:
    """What one has to have read before sharing, in the language asked for or in English."""
    return SharingWords(rules.WORDS_VERSION, say(PACKAGE, request.language or FALLBACK, "sharing-words"))


async def share_entry(request: ShareEntryRequest, work: Work) -> Share:
    """Share an entry with leaders of a group. Raises WordsNotRead, NotALeadersKey, Full, Taken, Invalid."""
    writer_id, now = work.caller.person_id or "", work.now
    count = await work.database.first(store.COUNT, int, writer_id=writer_id, now=now) or 0
    rules.may_share(request.words_version, count, acknowledged=request.acknowledged)
    share = headers.share(request.sealed, "sealed")
    keys = await store.keys_of(work.database, request.group_id, now)
    most_days = work.settings(DiarySettings).most_share_days
    leader_ids = rules.recipients(share, {one.key_id: one.leader_id for one in keys}, most_days, now)
    if await work.database.first(store.GROUP_OF_SHARE, str, share_id=share.share_id) is not None:
        raise Taken
    shared = hour(now)
    times = {"share_time": shared, "expire_time": share.until}
    group_id = request.group_id
    await work.database.execute(
        store.ADD_SHARE, id=share.share_id, writer_id=writer_id, group_id=group_id, sealed_share=request.sealed, **times
    )
    for leader_id in leader_ids:
        await work.database.execute(store.ADD_RECIPIENT, share_id=share.share_id, leader_id=leader_id, open_time=None)
    return Share(share.share_id, group_id, tuple(leader_ids), shared, share.until, ())


async def list_my_shares(request: ListMySharesRequest, work: Work) -> ListMySharesResponse:
    """What one has shared and is not over, with who has opened it."""
    found = await store.shared_by(work.database, work.caller.person_id or "", work.now)
    return ListMySharesResponse(tuple(_mine(list(rows)) for _, rows in groupby(found, lambda one: one.id)))


async def revoke_share(request: RevokeShareRequest, work: Work) -> RevokeShareResponse:
    """Destroy what one has shared. Raises NotFound if it is not there."""
    if not await work.database.execute(store.REVOKE, share_id=request.share_id, writer_id=work.caller.person_id):
        raise NotFound
    return RevokeShareResponse()


async def list_shared(request: ListSharedRequest, work: Work) -> ListSharedResponse:
    """What is shared with oneself as a leader, by id. Raises Invalid for a page token of another list."""
    size = paging.size(request.page_size)
    after = str(paging.after("shared", request.page_token, ""))
    found = await work.database.all(
        store.SHARED, store.ForLeader, leader_id=work.caller.person_id, now=work.now, after=after, limit=size + 1
    )
    following = paging.token("shared", found[size - 1].id) if len(found) > size else ""
    return ListSharedResponse(tuple(_shown(one, opened=one.open_time is not None) for one in found[:size]), following)


async def open_shared(request: OpenSharedRequest, work: Work) -> OpenedShare:
    """The bytes of what is shared with oneself; that one opened it is kept. Raises NotFound if it is not."""
    who = {"share_id": request.share_id, "leader_id": work.caller.person_id}
    found = await work.database.first(store.ONE_SHARED, store.SealedForLeader, now=work.now, **who)
    if found is None:
        raise NotFound
    await work.database.execute(store.OPENED, now=work.now.round("second", mode="floor"), **who)
    return OpenedShare(_shown(found, opened=True), found.sealed_share)


async def forget_shares(work: Work) -> bool:
    """Destroy what is over, 500 at a time."""
    return await work.database.execute(store.FORGET, now=work.now) >= MOST


def _mine(rows: list[store.Mine]) -> Share:
    first = rows[0]
    openings = tuple(Opening(one.leader_id, one.open_time) for one in rows if one.open_time is not None)
    leaders = tuple(one.leader_id for one in rows)
    return Share(first.id, first.group_id, leaders, first.share_time, first.expire_time, openings)


def _shown(one: store.ForLeader, *, opened: bool) -> SharedEntry:
    return SharedEntry(one.id, one.group_id, one.writer_id, one.share_time, one.expire_time, opened)
