"""What may be kept, and where a version stands among the others of its entry. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from attrs import frozen
from mewe_core.kit.errors import Field, Invalid
from whenever import Instant, TimeDelta

from mewe_diary.errors import Full, HeadMoved, TooFast
from mewe_diary.headers import ID, NOTHING, HeadHeader, ParcelHeader, VersionHeader
from mewe_diary.model import DiarySettings

MOST_DIARIES = 4
MOST_LOCKS = 16
MOST_NEWEST = 255
"""Of one entry: as many as a leaf of the listing can name."""

MOST_PARCELS_AN_HOUR = 12
PARCEL_TIME = TimeDelta(minutes=10)


def hour(moment: Instant) -> Instant:
    """A moment, rounded down to the hour: as precisely as anything about a diary is kept."""
    return moment.round("hour", mode="floor")


def may_adopt(diary_id: str, mine: Sequence[str], *, beside: bool) -> bool:
    """Whether a diary is to be linked; False: the answer is the one in use. Raises Full, Invalid."""
    if diary_id in mine:
        return False
    if len(diary_id) != 2 * ID or not set(diary_id) <= set("0123456789abcdef"):
        raise Invalid(Field("diary_id", "32 lower-case hexadecimal digits"))
    if mine and not beside:
        return False
    if len(mine) >= MOST_DIARIES:
        raise Full
    return True


def may_follow(head: HeadHeader, counter: int, head_id: str) -> bool:
    """Whether a head takes the place of the present one (0 and nothing: there is none); False: it is the present one.

    Raises HeadMoved if it does neither.
    """
    if counter and head.head_id == head_id:
        return False
    if head.counter != counter + 1 or head.previous_id != (head_id if counter else NOTHING.hex()):
        raise HeadMoved
    return True


def may_keep(bytes_there: int, more: int, settings: DiarySettings) -> None:
    """Let so many bytes more in. Raises Full."""
    if more > 0 and bytes_there + more > settings.most_bytes:
        raise Full


def counted(this_hour: int, count: int, more: int, most: int, now: Instant) -> tuple[int, int]:
    """The hour and how many it has with ``more`` added; ``this_hour`` and ``count`` are the last. Raises TooFast."""
    present = hour(now).timestamp()
    total = more + (count if this_hour == present else 0)
    if total > most:
        raise TooFast
    return present, total


def may_leave(parcel: ParcelHeader, now: Instant) -> Instant:
    """Until when a parcel is kept: until it says that it is over, and ten minutes at most. Raises Invalid if it is over."""
    if parcel.expires <= now:
        raise Invalid(Field("sealed", "a parcel that is not over"))
    return min(parcel.expires, now + PARCEL_TIME)


@frozen
class Newest:
    """A version that no other one follows, as kept."""

    entry_id: str
    version_id: str
    parent_ids: tuple[str, ...]


@frozen
class Placing:
    """What becomes of the versions of a request.

    ``added``: those that are new, and whether they are newest; ``followed``: what was newest until now, of which the stub
    stays; ``conflicts``: of each version of the request, whether another newest one stands beside it.
    """

    added: tuple[tuple[VersionHeader, bool], ...]
    followed: frozenset[str]
    conflicts: tuple[bool, ...]


def placed(newest: Iterable[Newest], there: frozenset[str], put: Sequence[VersionHeader]) -> Placing:
    """Where versions stand once they are kept. ``newest`` are those of the entries that are put, ``there`` those of ``put``
    that are kept already. Raises Full if an entry would have more newest versions than its leaf can name.

    A version is newest unless another of its entry names it as a parent. Nothing else takes anything away: what does not follow
    every newest one stands beside it.
    """
    before = {one.version_id: one.entry_id for one in newest}
    parents = {(one.entry_id, parent) for one in newest for parent in one.parent_ids}
    parents |= {(one.entry_id, parent) for one in put for parent in one.parent_ids}
    added = tuple((one, (one.entry_id, one.version_id) not in parents) for one in put if one.version_id not in there)
    followed = frozenset(id_ for id_, entry_id in before.items() if (entry_id, id_) in parents)
    left = defaultdict[str, set[str]](set)
    for id_, entry_id in before.items():
        if id_ not in followed:
            left[entry_id].add(id_)
    for one, is_newest in added:
        if is_newest:
            left[one.entry_id].add(one.version_id)
    if any(len(ids) > MOST_NEWEST for ids in left.values()):
        raise Full
    return Placing(added, followed, tuple(bool(left[one.entry_id] - {one.version_id}) for one in put))
