"""What a device is lent: a place to keep bytes, and somebody who carries them to its other devices."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from attrs import field, frozen

from mewe_diary.envelope import Handed


class LocalStore(Protocol):
    """Bytes by name, on this device. Everything that is given to it is sealed already."""

    def read(self) -> Mapping[str, bytes]:
        """Everything there is."""

    def change(self, changes: Mapping[str, bytes | None]) -> None:
        """Keep these, and remove what is None: all of it or nothing; when this returns, it is durable."""


class MemoryStore:
    """A ``LocalStore`` that forgets with the process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def read(self) -> Mapping[str, bytes]:
        """Everything there is."""
        return dict(self._kept)

    def change(self, changes: Mapping[str, bytes | None]) -> None:
        """Keep or remove."""
        for name, kept in changes.items():
            if kept is None:
                self._kept.pop(name, None)
            else:
                self._kept[name] = kept


@frozen
class Changes:
    """A page of what has come: where the next begins, whether there is one, and the head (None: nothing was put yet)."""

    handed: Sequence[Handed]
    next_cursor: int
    more: bool
    head: bytes | None = field(repr=False)


class HeadHasMoved(Exception):
    """Another device put a head meanwhile: what is new has to be taken in first."""


class Server(Protocol):
    """Who carries sealed bytes of one diary. It may lie: nothing that it says is believed before it is opened."""

    async def changes(self, after: int) -> Changes:
        """What has come behind a cursor."""

    async def listing(self) -> bytes:
        """The listing of the protocol, as the server has it."""

    async def versions(self, hashes: Collection[bytes]) -> Sequence[Handed]:
        """Versions by their hashes, as many as it gives."""

    async def put(self, versions: Sequence[bytes], head: bytes) -> None:
        """Keep versions and the head over them, all or nothing. Raises HeadHasMoved."""
