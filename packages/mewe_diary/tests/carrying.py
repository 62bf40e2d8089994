"""Servers of a diary for tests: the feature itself on a stage, and one that lies about what that says."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from attrs import define, evolve, field
from mewe_core.kit.testing import Stage
from mewe_diary import versions
from mewe_diary.device import Changes, HeadHasMoved
from mewe_diary.envelope import Handed
from mewe_diary.errors import HeadMoved
from mewe_diary.model import (
    GetListingRequest,
    GetVersionsRequest,
    ListChangesRequest,
    PutVersionsRequest,
    Version,
)


@define
class Honest:
    """The feature's own handlers and store, asked as somebody."""

    stage: Stage
    diary_id: str
    by: str = "ada"
    page_size: int = 0

    async def changes(self, after: int) -> Changes:
        """As it says."""
        request = ListChangesRequest(self.diary_id, after, self.page_size)
        page = self.stage.call(versions.list_changes, request, by=self.by)
        return Changes(handed(page.versions), page.next_cursor, page.more, page.head or None)

    async def listing(self) -> bytes:
        """As it says."""
        return self.stage.call(versions.get_listing, GetListingRequest(self.diary_id), by=self.by).listing

    async def versions(self, hashes: Collection[bytes]) -> Sequence[Handed]:
        """As it says."""
        request = GetVersionsRequest(self.diary_id, tuple(one.hex() for one in hashes))
        return handed(self.stage.call(versions.get_versions, request, by=self.by).versions)

    async def put(self, versions_: Sequence[bytes], head: bytes) -> None:
        """As it does."""
        request = PutVersionsRequest(self.stage.ids.new(), self.diary_id, tuple(versions_), head)
        try:
            self.stage.call(versions.put_versions, request, by=self.by)
        except HeadMoved:
            raise HeadHasMoved from None


def handed(given: Sequence[Version]) -> list[Handed]:
    """What is given, as a device takes it."""
    return [Handed(bytes.fromhex(one.entry_id), one.sealed) for one in given]


class Lie(StrEnum):
    """What a server can do instead of its work."""

    DROPS = "leaves something out"
    DROPS_ALWAYS = "leaves something out, and has no such version either"
    SWAPS = "gives the bytes of one entry for another"
    ALTERS = "changes a bit"
    ROLLS_BACK = "is what it was some time ago"
    OLD_HEAD = "gives an old head over what is new"
    REPLAYS = "gives old versions besides"
    NOTHING = "says that nothing was ever put"
    MAKES_UP = "gives bytes of its own"
    LISTS_WRONG = "gives a listing that leaves something out"
    TAKES_AND_FAILS = "takes what is put, and does not answer"
    FAILS = "does not answer"
    FORGETS = "says that it took what it did not"
    STUBS = "gives stubs in place of versions"


class Gone(Exception):
    """There was no answer."""


@define
class Lying:
    """Tells one lie over an honest server. ``seen``: everything that it ever gave; ``before``: what it was some time ago."""

    honest: Honest
    lie: Lie
    place: int = 0
    seen: list[Handed] = field(factory=list)
    before: tuple[Changes, bytes] | None = None
    puts: int = 0

    async def changes(self, after: int) -> Changes:
        """With the lie in it."""
        if self.lie is Lie.FAILS:
            raise Gone
        if self.lie is Lie.NOTHING:
            return Changes([], 0, False, None)
        if self.lie is Lie.ROLLS_BACK and self.before is not None:
            return self.before[0]
        page = await self.honest.changes(after)
        given = list(page.handed)
        self.seen += given
        if self.lie is Lie.OLD_HEAD and self.before is not None:
            return evolve(page, head=self.before[0].head)
        return evolve(page, handed=self._told(given))

    async def listing(self) -> bytes:
        """With the lie in it."""
        if self.lie is Lie.ROLLS_BACK and self.before is not None:
            return self.before[1]
        listing = await self.honest.listing()
        return listing[:-49] if self.lie is Lie.LISTS_WRONG else listing

    async def versions(self, hashes: Collection[bytes]) -> Sequence[Handed]:
        """With the lie in it."""
        given = list(await self.honest.versions(hashes))
        return self._told(given) if self.lie in (Lie.DROPS_ALWAYS, Lie.ALTERS, Lie.SWAPS, Lie.STUBS) else given

    async def put(self, versions_: Sequence[bytes], head: bytes) -> None:
        """With the lie in it."""
        self.puts += 1
        if self.lie is Lie.FORGETS:
            return
        await self.honest.put(versions_, head)
        if self.lie is Lie.TAKES_AND_FAILS:
            raise Gone

    def _told(self, given: list[Handed]) -> list[Handed]:
        if not given:
            return self.seen[-3:] if self.lie is Lie.REPLAYS else given
        at = self.place % len(given)
        one, other = given[at], given[(at + 1) % len(given)]
        if self.lie in (Lie.DROPS, Lie.DROPS_ALWAYS):
            return given[:at] + given[at + 1 :]
        if self.lie is Lie.SWAPS:
            return [*given[:at], evolve(one, given=other.given), *given[at + 1 :]]
        if self.lie is Lie.ALTERS:
            bits = bytearray(one.given)
            bits[(self.place * 7) % len(bits)] ^= 1 << self.place % 8
            return [*given[:at], evolve(one, given=bytes(bits)), *given[at + 1 :]]
        if self.lie is Lie.MAKES_UP:
            return [*given, evolve(one, given=b"\x01\x01" + bytes(self.place % 2000))]
        if self.lie is Lie.STUBS:
            return [evolve(one, given=one.given[: 2 + 16 + 4 + 1] + bytes(32)) for one in given]
        return given + self.seen if self.lie is Lie.REPLAYS else given
