"""When a person is erased, what may still be undone, and when it is complete. Pure."""

from collections.abc import Collection

from whenever import Instant

from mewe_core.people.privacy.model import ErasureState


def destruction(asked_at: Instant, hours: int) -> Instant:
    """When what was asked for now is done for good."""
    return asked_at.add(hours=hours)


def state(undone_at: Instant | None, decided_at: Instant | None, completed_at: Instant | None) -> ErasureState:
    """How far an erasure is. What was undone is never decided."""
    if undone_at is not None:
        return ErasureState.UNDONE
    if decided_at is None:
        return ErasureState.ASKED
    return ErasureState.DECIDED if completed_at is None else ErasureState.COMPLETED


def is_complete(areas: Collection[str], answered: Collection[str]) -> bool:
    """Whether every feature of the mix has answered; one that is there no longer is not asked."""
    return set(areas) <= set(answered)
