"""One open diary on one device: written without a connection, synced when there is one; both of a conflict kept."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Final

from attrs import field, frozen
from whenever import Instant

from mewe_diary.device.ports import HeadHasMoved, LocalStore, Server
from mewe_diary.device.state import State
from mewe_diary.envelope import (
    Content,
    Diary,
    Exported,
    Fault,
    FaultKind,
    Handed,
    Malformed,
    Opened,
    Remembered,
    Sealed,
    Secret,
    Stub,
    Version,
    open_diary,
    parse,
    read_listing,
    seal_entry,
    seal_head,
    seal_tombstone,
)

MOST_VERSIONS: Final = 200
MOST_BYTES: Final = 700_000
MOST_ROUNDS: Final = 8
"""How often one sync tries again because another device was faster. A server that never shows what it says has come is not
whole: INCOMPLETE."""

MOST_PAGES: Final = 100_000


@frozen
class Synced:
    """What a sync did: how many versions came and went, and what is wrong with what the server gave.

    ``faults`` of an entry stand in nobody else's way: the rest of the diary is there. ``settled``: nothing waits any more, and
    the last head was trusted.
    """

    came: int
    went: int
    settled: bool
    faults: tuple[Fault, ...] = field(default=())


@frozen
class Device:
    """A diary that is open on a device. ``now`` says the time; ``secret`` draws random bytes."""

    diary: Diary
    now: Callable[[], Instant] = field(repr=False)
    _state: State = field(repr=False)

    @classmethod
    def open(
        cls,
        diary: Diary,
        store: LocalStore,
        *,
        now: Callable[[], Instant],
        secret: Secret,
        remembered: Remembered | None = None,
    ) -> "Device":
        """With what the store holds of it. ``remembered``: what the old device handed over, on a new one.

        Raises DoesNotOpen, Malformed for a store of another diary.
        """
        state = State.read(diary, secret, store)
        if state.remembered is None and remembered is not None:
            state.remembered = remembered
            state.keep()
        return cls(diary, now, state)

    @property
    def entries(self) -> Mapping[bytes, tuple[Version, ...]]:
        """What is written, by entry id; more than one version is a conflict, of which both are kept. Without deleted ones."""
        current = self._state.current()
        return {id_: versions for id_, versions in current.items() if any(one.content is not None for one in versions)}

    @property
    def conflicts(self) -> frozenset[bytes]:
        """Entries with more than one current version: writing one anew brings them together."""
        return frozenset(id_ for id_, versions in self.entries.items() if len(versions) > 1)

    @property
    def remembered(self) -> Remembered | None:
        """The last head that it trusted: what a hand-over tells a new device."""
        return self._state.remembered

    @property
    def waiting(self) -> int:
        """How many versions have not arrived at the server."""
        return len(self._state.waiting)

    def write(self, content: Content, entry_id: bytes | None = None) -> bytes:
        """Write an entry, or write one anew that is there; its id. Of a conflict, two are brought together at a time.

        Raises EntryTooLong.
        """
        id_ = entry_id or self._state.secret(16)
        followed = self._state.current_of(id_)[:2] if entry_id else ()
        self._add(seal_entry(self.diary, id_, content, self._state.secret, followed))
        return id_

    def delete(self, entry_id: bytes) -> None:
        """End an entry. What another device has written in it meanwhile stays until somebody decides."""
        current = self._state.current_of(entry_id)
        while any(one.content is not None for one in current):
            self._add(seal_tombstone(self.diary, entry_id, self.now(), self._state.secret, current[:2]))
            current = self._state.current_of(entry_id)

    def bring(self, entries: Iterable[Exported]) -> int:
        """Take in entries of an export, or of another diary, sealed anew; says how many were new or other than what is here."""
        count = 0
        for one in entries:
            there = self._state.current_of(one.entry_id)
            if any(version.content == one.content for version in there):
                continue
            self._add(seal_entry(self.diary, one.entry_id, one.content, self._state.secret))
            count += 1
        return count

    def hold_on(self) -> None:
        """Begin anew with the server, which has lost something and says so: all that is here is put on top of what it has.

        For its owner to decide, when ``ROLLED_BACK`` was named and there is a good reason, such as a restored backup.
        """
        state = self._state
        here = sorted(state.versions.values(), key=lambda one: (one.header.number, one.hash))
        state.waiting = [one.hash for one in here]
        state.remembered, state.cursor = None, 0
        state.keep()

    async def sync(self, server: Server) -> Synced:
        """Take in what came, and put what waits. What is not what was written is named, and kept aside.

        While one is under way, another does nothing, and says that nothing is settled. Raises what the server port raises where
        it cannot be reached; nothing is lost by that, and the next sync goes on.
        """
        if self._state.syncing:
            return Synced(0, 0, settled=False)
        self._state.syncing = True
        try:
            return await self._sync(server)
        finally:
            self._state.syncing = False

    async def _sync(self, server: Server) -> Synced:
        came = went = 0
        for _ in range(MOST_ROUNDS):
            count, faults, trusted = await self._take_in(server)
            came += count
            if not trusted or not self._state.waiting:
                return Synced(came, went, trusted and not self._state.waiting, faults)
            try:
                while self._state.waiting:
                    went += await self._put_some(server)
            except HeadHasMoved:
                continue
            return Synced(came, went, True, faults)
        return Synced(came, went, False, (*faults, Fault(FaultKind.INCOMPLETE, None)))

    async def _take_in(self, server: Server) -> tuple[int, tuple[Fault, ...], bool]:
        """How many versions came, what is wrong with the rest, and whether the head can be built upon."""
        state, before = self._state, set(self._state.versions)
        handed, cursor, head = await self._changes(server)
        opened = self._opened(head, handed)
        if any(one.kind is not FaultKind.REPLAYED for one in opened.faults):
            listing = await server.listing()
            handed += await self._asked(server, self._lacking(listing, handed))
            opened = self._opened(head, handed, listing)
        if head is None and not opened.faults:
            return 0, (), True
        kept = opened.remembered
        trusted = kept is not None and head is not None and kept.head == sha256(head).digest()
        if trusted:
            state.remembered, state.cursor = kept, cursor
            self._accept(handed)
            self._accept(await self._asked(server, self._not_here()))
            arrived = {one for hashes in state.listing(0).values() for one in hashes} | self._ancestors(handed)
            state.waiting = [one for one in state.waiting if one not in arrived]
            state.forget_followed()
            state.keep()
        faults = {*opened.faults, *self._missing()}
        in_order = tuple(sorted(faults, key=lambda one: (one.entry_id or b"", one.kind)))
        return len(state.versions.keys() - before), in_order, trusted

    async def _changes(self, server: Server) -> tuple[list[Handed], int, bytes | None]:
        handed, cursor = list[Handed](), self._state.cursor
        for _ in range(MOST_PAGES):
            page = await server.changes(cursor)
            handed += page.handed
            if not page.more or page.next_cursor <= cursor:
                return handed, max(cursor, page.next_cursor), page.head
            cursor = page.next_cursor
        return handed, cursor, page.head

    def _opened(self, head: bytes | None, handed: Sequence[Handed], listing: bytes | None = None) -> Opened:
        return open_diary(self.diary, head, handed, listing, self._state.remembered)

    def _lacking(self, listing: bytes, handed: Sequence[Handed]) -> set[bytes]:
        """What a listing names, and is neither here nor was handed over."""
        try:
            listed = {one for hashes in read_listing(listing).values() for one in hashes}
        except Malformed:
            return set()
        return listed - self._state.versions.keys() - {version.hash for version in _parsed(handed)}

    def _not_here(self) -> set[bytes]:
        """Current versions that are known by name alone."""
        return {one for hashes in self._state.listing(0).values() for one in hashes} - self._state.versions.keys()

    async def _asked(self, server: Server, hashes: Iterable[bytes]) -> list[Handed]:
        """Versions by their hashes, as far as the server gives them."""
        wanted, found = sorted(hashes), list[Handed]()
        for place in range(0, len(wanted), MOST_VERSIONS):
            asked = set(wanted[place : place + MOST_VERSIONS])
            while asked:
                given = await server.versions(sorted(asked))
                came = {version.hash for version in _parsed(given)} & asked
                if not came:
                    break
                found += given
                asked -= came
        return found

    def _accept(self, handed: Sequence[Handed]) -> None:
        """Keep what was handed over and is current by the listing that is trusted now: a hash stands for all that it names."""
        listed = {one for hashes in self._state.listing(0).values() for one in hashes}
        self._state.versions |= {version.hash: version for version in _parsed(handed) if version.hash in listed}

    def _ancestors(self, handed: Sequence[Handed]) -> set[bytes]:
        """What the current versions follow, as far as it is known: it has arrived, since they have."""
        listed = {one for hashes in self._state.listing(0).values() for one in hashes}
        known = {version.hash: version.header for version in (*_chained(handed), *self._state.versions.values())}
        found, ends = set[bytes](), [one for one in listed if one in known]
        while ends:
            for parent in known[ends.pop()].parents:
                if parent not in found:
                    found.add(parent)
                    ends += [parent] if parent in known else []
        return found

    def _missing(self) -> set[Fault]:
        """Entries of which a current version is known by name alone."""
        listing, lacking = self._state.listing(0), self._not_here()
        return {Fault(FaultKind.MISSING, id_) for id_, hashes in listing.items() if hashes & lacking}

    async def _put_some(self, server: Server) -> int:
        """Put as much of what waits as fits into one request, with a head over it; says how many."""
        state, versions, total = self._state, list[bytes](), 0
        for one in state.waiting[:MOST_VERSIONS]:
            given = state.versions[one].encoded()
            if versions and total + len(given) > MOST_BYTES:
                break
            versions.append(given)
            total += len(given)
        listing = state.listing(len(versions))
        head = seal_head(self.diary, listing, state.remembered, self.now(), state.secret)
        await server.put(versions, head)
        counter = 1 if state.remembered is None else state.remembered.counter + 1
        state.remembered = Remembered(counter, sha256(head).digest(), listing)
        del state.waiting[: len(versions)]
        state.forget_followed()
        state.keep()
        return len(versions)

    def _add(self, sealed: Sealed) -> None:
        self._state.versions[sealed.hash] = sealed
        self._state.waiting.append(sealed.hash)
        self._state.keep()


def _chained(handed: Iterable[Handed]) -> list[Sealed | Stub]:
    """Those that have the form of a version or of a stub."""
    found = list[Sealed | Stub]()
    for one in handed:
        with suppress(Malformed):
            found.append(parse(one.given))
    return found


def _parsed(handed: Iterable[Handed]) -> list[Sealed]:
    """Those that have the form of a whole version."""
    return [one for one in _chained(handed) if isinstance(one, Sealed)]
