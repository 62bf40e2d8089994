"""A room as it is shown to one person."""

from mewe_chat.model import OpeningHours, Room
from mewe_chat.room_store import KeptRoom


def shown(kept: KeptRoom) -> Room:
    """A room as it is for whoever asks. Pure."""
    return Room(
        id=kept.id,
        group_id=kept.group_id,
        open=kept.open and not kept.closed_by_leader,
        last_sequence=kept.last_sequence,
        kind=kept.kind,
        participant_id=kept.participant_id,
        hours=_hours(kept),
        read_sequence=kept.read_sequence or 0,
        acknowledged_version=kept.acknowledged_version or 0,
        archived=kept.archived,
    )


def _hours(kept: KeptRoom) -> OpeningHours | None:
    if kept.opens is None or kept.closes is None or kept.zone is None:
        return None
    return OpeningHours(_clock(kept.opens), _clock(kept.closes), kept.zone)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
