"""Versions and the head over them: what a device puts, and what another one takes in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.ports import Work

from mewe_diary import headers, rules, store
from mewe_diary.handlers import keep_pace, own
from mewe_diary.headers import VersionHeader
from mewe_diary.model import (
    BUCKETS,
    MOST_PAGE_BYTES,
    MOST_VERSIONS,
    DiarySettings,
    GetHeadRequest,
    GetHeadResponse,
    GetListingRequest,
    GetListingResponse,
    GetVersionsRequest,
    GetVersionsResponse,
    ListChangesRequest,
    ListChangesResponse,
    PutVersionsRequest,
    PutVersionsResponse,
    TakenVersion,
    Version,
)

_VERSIONS = "version"


async def put_versions(request: PutVersionsRequest, work: Work) -> PutVersionsResponse:
    """Keep versions and the head over them, all or nothing. Raises HeadMoved, Full, TooFast; Invalid for bytes that are none.

    The very head that is there already, with versions that are there, changes nothing and is answered as at first.
    """
    diary = await own(work, request.diary_id)
    head = headers.head(request.head, "head")
    put = [headers.version(one, f"versions[{place}]") for place, one in enumerate(request.versions)]
    if len({one.version_id for one in put}) < len(put):
        raise Invalid(Field("versions", "none twice"))
    present = sha256(diary.sealed_head).hexdigest() if diary.counter else ""
    is_new = rules.may_follow(head, diary.counter, present)
    entry_ids = sorted({one.entry_id for one in put})
    there = await store.there(work.database, diary.id, [one.version_id for one in put]) if put else {}
    if not is_new and len(there) < len(put):
        raise Invalid(Field("versions", "what stands under that head"))
    kept = await store.newest(work.database, diary.id, entry_ids) if put else []
    newest = [rules.Newest(one.entry_id, one.version_id, _parents(one.sealed)) for one in kept]
    placing = rules.placed(newest, frozenset(there), put)
    cursors = dict(there)
    if is_new:
        bytes_of = {one.version_id: given for one, given in zip(put, request.versions, strict=True)}
        cursors |= await _keep(work, diary, placing, kept, bytes_of)
        await work.database.execute(store.SET_HEAD, diary_id=diary.id, counter=head.counter, sealed_head=request.head)
    taken = (
        TakenVersion(one.version_id, cursors[one.version_id], conflict)
        for one, conflict in zip(put, placing.conflicts, strict=True)
    )
    return PutVersionsResponse(tuple(taken), max(diary.last_cursor, *cursors.values(), 0))


async def list_changes(request: ListChangesRequest, work: Work) -> ListChangesResponse:
    """What has come behind a cursor, and the present head."""
    diary = await own(work, request.diary_id)
    limit = request.page_size or MOST_VERSIONS
    sizes = await work.database.all(
        store.WHOLE_SIZES_BEHIND if request.without_stubs else store.SIZES_BEHIND,
        store.Size,
        diary_id=diary.id,
        after=request.after_cursor,
        limit=limit + 1,
    )
    cursors = _fitting(sizes[:limit])
    found = await store.versions_at(work.database, diary.id, cursors)
    more = len(cursors) < len(sizes)
    following = cursors[-1] if more else max(diary.last_cursor, request.after_cursor)
    return ListChangesResponse(_shown(found), following, more, diary.sealed_head)


async def get_versions(request: GetVersionsRequest, work: Work) -> GetVersionsResponse:
    """Versions by their hashes, those that are there and fit into one answer."""
    diary = await own(work, request.diary_id)
    sizes = await work.database.all(store.SIZES_OF, store.Size, diary_id=diary.id, version_ids=list(request.version_ids))
    return GetVersionsResponse(_shown(await store.versions_at(work.database, diary.id, _fitting(sizes))))


async def get_head(request: GetHeadRequest, work: Work) -> GetHeadResponse:
    """The present head of one's diary."""
    diary = await own(work, request.diary_id)
    return GetHeadResponse(diary.sealed_head, diary.last_cursor)


async def get_listing(request: GetListingRequest, work: Work) -> GetListingResponse:
    """The newest versions of each entry as the protocol lists them: leaves, or the hashes of their buckets."""
    diary = await own(work, request.diary_id)
    if request.buckets and not request.hashes:
        names = [f"{one:02x}" for one in sorted(set(request.buckets))]
        found = await work.database.all(store.LEAVES_IN, store.Leaf, diary_id=diary.id, buckets=names)
    else:
        found = await work.database.all(store.LEAVES, store.Leaf, diary_id=diary.id)
    leaves = listed(found)
    if not request.hashes:
        return GetListingResponse(b"".join(leaves), diary.sealed_head)
    buckets = [b"\0"] * BUCKETS
    for leaf in leaves:
        buckets[leaf[0]] += leaf
    return GetListingResponse(b"".join(sha256(one).digest() for one in buckets), diary.sealed_head)


def listed(found: Iterable[store.Leaf]) -> list[bytes]:
    """One leaf an entry, from its newest versions in ascending order. Pure."""
    of_entry = defaultdict[str, list[bytes]](list)
    for one in found:
        of_entry[one.entry_id].append(bytes.fromhex(one.version_id))
    return [bytes.fromhex(id_) + bytes((len(hashes),)) + b"".join(sorted(hashes)) for id_, hashes in sorted(of_entry.items())]


async def _keep(
    work: Work,
    diary: store.KeptDiary,
    placing: rules.Placing,
    kept: Sequence[store.KeptVersion],
    bytes_of: Mapping[str, bytes],
) -> dict[str, int]:
    """Write what was placed, and count it; the cursors of what is new. Raises Full, TooFast."""
    if not placing.added:
        return {}
    settings = work.settings(DiarySettings)
    await keep_pace(work, _VERSIONS, len(placing.added), settings.most_versions_an_hour)
    stubs = {one.version_id: _stub(one.sealed) for one in kept if one.version_id in placing.followed}
    sealed = [(one, is_newest, bytes_of[one.version_id] if is_newest else one.stub) for one, is_newest in placing.added]
    freed = sum(len(one.sealed) - len(stubs[one.version_id]) for one in kept if one.version_id in stubs)
    more = sum(len(given) for _, _, given in sealed) - freed
    mine = await store.mine(work.database, diary.owner_id)
    rules.may_keep(sum(one.taken_up for one in mine), more, settings)
    for version_id, stub in stubs.items():
        await work.database.execute(store.TO_STUB, diary_id=diary.id, of_version_id=version_id, stub=stub)
    cursors = dict[str, int]()
    for cursor, (one, is_newest, given) in enumerate(sealed, start=diary.last_cursor + 1):
        cursors[one.version_id] = cursor
        await _add(work, diary.id, cursor, one, given, is_newest=is_newest)
    last, taken_up = diary.last_cursor + len(sealed), diary.taken_up + more
    await work.database.execute(store.COUNT, diary_id=diary.id, last_cursor=last, bytes=taken_up)
    return cursors


async def _add(work: Work, diary_id: str, cursor: int, one: VersionHeader, sealed: bytes, *, is_newest: bool) -> None:
    await work.database.execute(
        store.ADD_VERSION,
        diary_id=diary_id,
        cursor=cursor,
        version_id=one.version_id,
        entry_id=one.entry_id,
        newest=is_newest,
        sealed_version=sealed,
    )


def _parents(sealed: bytes) -> tuple[str, ...]:
    return headers.version(sealed, "kept").parent_ids


def _stub(sealed: bytes) -> bytes:
    return headers.version(sealed, "kept").stub


def _fitting(sizes: Iterable[store.Size]) -> list[int]:
    """The cursors, from the first on, whose bytes fit into one answer."""
    cursors, total = list[int](), 0
    for one in sizes:
        total += one.bytes
        if cursors and total > MOST_PAGE_BYTES:
            break
        cursors.append(one.cursor)
    return cursors


def _shown(found: Iterable[store.KeptVersion]) -> tuple[Version, ...]:
    return tuple(Version(one.cursor, one.entry_id, one.sealed) for one in found)
