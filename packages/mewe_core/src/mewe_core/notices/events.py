"""What notices tells. What other features tell to it is in ``mewe_core.kit.noticing``."""

from mewe_core.kit.events import Published
from mewe_core.kit.noticing import NoticesWanted

EVENTS: tuple[Published, ...] = (
    Published(
        NoticesWanted,
        aggregate="person_id",
        state=True,
        meaning="Somebody wants notices, or does not; those of whom nothing is told want none.",
    ),
)
