"""Which keys the words came from that a unit saw: what is kept of its answer opens only while all of them are there."""

from collections.abc import Coroutine
from typing import Any

from attrs import define, field
from mewe_core.kit.ports import Sealing


@define
class Sources:
    """The sealing that one call's unit sees (``kit.ports.Sealing``). ``seen``: each pair of about and purpose that the unit
    sealed or opened something with."""

    _sealing: Sealing
    seen: dict[tuple[str, str], None] = field(factory=dict, init=False)

    def seal(self, about: str, purpose: str, place: str, text: str) -> Coroutine[Any, Any, bytes]:
        """Seal, and note the key."""
        self.seen[about, purpose] = None
        return self._sealing.seal(about, purpose, place, text)

    async def open(self, about: str, purpose: str, place: str, sealed: bytes) -> str | None:
        """Open, and note the key if there was one."""
        text = await self._sealing.open(about, purpose, place, sealed)
        if text is not None:
            self.seen[about, purpose] = None
        return text

    def destroy(self, about: str, purpose: str | None = None) -> Coroutine[Any, Any, int]:
        """Destroy. What came from the key stays noted: the answer cannot be kept then."""
        return self._sealing.destroy(about, purpose)
