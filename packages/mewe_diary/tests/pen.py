"""A device with an open diary that seals for real: what it puts, and the listing that it knows."""

from mewe_diary.envelope import (
    Content,
    Diary,
    Head,
    Sealed,
    Stub,
    Version,
    new_diary,
    open_head,
    open_version,
    seal_entry,
    seal_head,
    seal_tombstone,
)
from mewe_diary.model import PutVersionsRequest
from whenever import Instant

from .drawn import NOW, Drawn


class Pen:
    """Seals entries of one diary. What it makes is in its ``listing`` from then on."""

    def __init__(self, name: str = "pen", diary: Diary | None = None) -> None:
        self.secret = Drawn(name)
        self.diary = diary or new_diary("SE", self.secret)
        self.listing: dict[bytes, frozenset[bytes]] = {}
        self.head: Head | None = None
        self.requests = 0

    @property
    def id(self) -> str:
        """The diary's id as the server writes it."""
        return self.diary.name.id.hex()

    def write(self, text: str, *after: Sealed | Stub | Version, entry_id: bytes | None = None) -> Sealed:
        """A version that follows others; the first of a new entry, if there are none."""
        id_ = entry_id or (after[0].header.entry_id if after else self.secret(16))
        return self._listed(seal_entry(self.diary, id_, Content(text, NOW, "UTC"), self.secret, after))

    def delete(self, *after: Sealed | Stub | Version) -> Sealed:
        """The end of an entry."""
        return self._listed(seal_tombstone(self.diary, after[0].header.entry_id, NOW, self.secret, after))

    def put(self, *versions: Sealed, now: Instant = NOW) -> PutVersionsRequest:
        """The request that puts them, with a head over all that is known here, which is the last one from now on."""
        self.requests += 1
        head = seal_head(self.diary, self.listing, self.head, now, self.secret)
        self.head = open_head(self.diary, head)
        return PutVersionsRequest(f"r{self.requests}", self.id, tuple(one.encoded() for one in versions), head)

    def read(self, sealed: Sealed) -> str:
        """What a version says."""
        content = open_version(self.diary, sealed).content
        assert content is not None
        return content.text

    def _listed(self, sealed: Sealed) -> Sealed:
        before = self.listing.get(sealed.header.entry_id, frozenset())
        self.listing[sealed.header.entry_id] = before - set(sealed.header.parents) | {sealed.hash}
        return sealed
