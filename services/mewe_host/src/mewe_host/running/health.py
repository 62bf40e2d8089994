"""Whether this host takes calls, and if not, what it waits for."""

from attrs import define, field
from mewe_core.kit.errors import Unavailable

CATCHING_UP = "catching up"


class NotReady(Unavailable):
    """The feature has just started and does not yet know what happened before; a moment later it does."""

    reason = "NOT_READY"
    sentence = "This part has just started. Please try again in a moment."


@define
class Health:
    """The state of each feature of one host. A host is ready when all its features are and it is not stopping."""

    _waiting: dict[str, str] = field(factory=dict)
    _stopping: bool = False

    @classmethod
    def of(cls, features: tuple[str, ...]) -> "Health":
        """Of a host that has just started: every feature has yet to catch up."""
        return cls(dict.fromkeys(features, CATCHING_UP))

    def caught_up(self, feature: str) -> None:
        """A feature knows what had happened before it started."""
        self._waiting.pop(feature, None)

    def stop(self) -> None:
        """Take no more calls, for good."""
        self._stopping = True

    def is_ready(self, feature: str) -> bool:
        """Whether calls to one feature are welcome."""
        return not self._stopping and feature not in self._waiting

    def check(self, feature: str) -> None:
        """Raises NotReady if the feature has not caught up. A call that comes while the host stops is still answered."""
        if feature in self._waiting:
            raise NotReady

    def faults(self) -> tuple[str, ...]:
        """What keeps the host from being ready, in plain words; empty if it is."""
        waiting = tuple(f"{feature}: {what}" for feature, what in self._waiting.items())
        return ("the host is stopping", *waiting) if self._stopping else waiting
