"""A room as it is shown to one person, and when it goes to the archive."""

from mewe_core.kit.ports import Work
from whenever import Instant, TimeDelta

from mewe_chat import hours, room_store
from mewe_chat.model import Room
from mewe_chat.room_store import KeptRoom
from mewe_chat.settings import Deployed
from mewe_chat.store import hours_of

_AT_ONCE = 500


def shown(kept: KeptRoom, deployed: Deployed, now: Instant, paused_until: Instant | None = None) -> Room:
    """A room as it is for whoever asks. Pure."""
    open_at = hours_of(kept.opens, kept.closes, kept.zone)
    return Room(
        id=kept.id,
        group_id=kept.group_id,
        open=kept.open and not kept.closed_by_leader,
        last_sequence=kept.last_sequence,
        kind=kept.kind,
        participant_id=kept.participant_id,
        hours=None if open_at is None else hours.shown(open_at),
        opens_next=None if open_at is None else hours.opens_next(open_at, now),
        limit_version=deployed.limit_version,
        read_sequence=kept.read_sequence or 0,
        acknowledged_version=kept.acknowledged_version or 0,
        paused_until=paused_until,
        archived=kept.archived,
    )


async def archive_some(work: Work) -> bool:
    """Put the rooms of groups that ended long enough ago into the archive. Due all the time."""
    before = work.now - TimeDelta(hours=24 * work.settings(Deployed).settings.archive_days)
    return await room_store.archive(work.database, before, _AT_ONCE) == _AT_ONCE
