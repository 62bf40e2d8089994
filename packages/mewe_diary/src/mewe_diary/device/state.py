"""What a device keeps between two starts, and how it is sealed: versions as they are, all else under the diary's own key."""

from collections.abc import Mapping
from typing import Final

from attrs import define, field

from mewe_diary.device.ports import LocalStore
from mewe_diary.envelope import (
    Diary,
    EnvelopeError,
    Remembered,
    Sealed,
    Secret,
    Version,
    open_local,
    open_version,
    parse,
    read_remembered,
    seal_local,
    write_remembered,
)
from mewe_diary.envelope.encoding import HASH

REMEMBERED: Final = "remembered"
WAITING: Final = "waiting"
_VERSION: Final = "version/"
_CURSOR: Final = 8


@define
class State:
    """What one device has of a diary.

    ``remembered``: the last head that it trusted, with the listing; ``cursor``: up to where it has taken in what came;
    ``waiting``: hashes of what was written here and has not arrived, in order; ``versions``: whole ones by hash; ``syncing``:
    whether a sync is under way.
    """

    diary: Diary
    secret: Secret
    store: LocalStore = field(repr=False)
    remembered: Remembered | None = None
    cursor: int = 0
    waiting: list[bytes] = field(factory=list)
    versions: dict[bytes, Sealed] = field(factory=dict, repr=False)
    syncing: bool = field(default=False, init=False)
    _opened: dict[bytes, Version] = field(factory=dict, init=False, repr=False)
    _written: set[bytes] = field(factory=set, init=False, repr=False)
    _as_kept: Remembered | None = field(default=None, init=False, repr=False)

    @classmethod
    def read(cls, diary: Diary, secret: Secret, store: LocalStore) -> "State":
        """As it was kept. Raises DoesNotOpen, Malformed if the store is of another diary, or was changed."""
        kept, state = store.read(), cls(diary, secret, store)
        if REMEMBERED in kept:
            state.remembered = read_remembered(open_local(diary, REMEMBERED, kept[REMEMBERED]))
        if WAITING in kept:
            waiting = open_local(diary, WAITING, kept[WAITING])
            state.cursor = int.from_bytes(waiting[:_CURSOR], "big")
            state.waiting = [waiting[at : at + HASH] for at in range(_CURSOR, len(waiting), HASH)]
        for name, given in kept.items():
            if name.startswith(_VERSION):
                version = parse(given)
                if isinstance(version, Sealed):
                    state.versions[version.hash] = version
        state._take_up_what_waits()
        state._written, state._as_kept = set(state.versions), state.remembered
        return state

    def _take_up_what_waits(self) -> None:
        """What opens and is neither listed nor named as waiting was written by another program with this store: it waits."""
        listed = {one for hashes in self.listing(0).values() for one in hashes}
        waiting = [one for one in self.waiting if one in self.versions]
        beside = self.versions.keys() - listed - set(waiting)
        waiting += sorted(one for one in beside if self.opened(one) is not None)
        self.waiting = sorted(waiting, key=lambda one: self.versions[one].header.number)

    def keep(self) -> None:
        """Write what has changed: versions that came or went, what is remembered and what waits."""
        changes: dict[str, bytes | None] = {
            _VERSION + one.hex(): self.versions[one].encoded() for one in self.versions.keys() - self._written
        }
        changes |= dict.fromkeys(_VERSION + one.hex() for one in self._written - self.versions.keys())
        waiting = self.cursor.to_bytes(_CURSOR, "big") + b"".join(self.waiting)
        changes[WAITING] = seal_local(self.diary, WAITING, waiting, self.secret)
        if self.remembered is not self._as_kept:
            said = b"" if self.remembered is None else write_remembered(self.remembered)
            changes[REMEMBERED] = seal_local(self.diary, REMEMBERED, said, self.secret) if said else None
        self.store.change(changes)
        self._as_kept = self.remembered
        self._written = set(self.versions)

    def listing(self, waiting: int | None = None) -> dict[bytes, frozenset[bytes]]:
        """The listing with what was written here, or the first ``waiting`` of it."""
        listing = dict((self.remembered and self.remembered.listing) or {})
        for one in self.waiting if waiting is None else self.waiting[:waiting]:
            header = self.versions[one].header
            before = listing.get(header.entry_id, frozenset())
            listing[header.entry_id] = before - set(header.parents) | {one}
        return listing

    def current(self) -> Mapping[bytes, tuple[Version, ...]]:
        """The current versions of each entry that this device has and can open, by number and hash."""
        found = {}
        for entry_id, hashes in self.listing().items():
            versions = [one for one in map(self.opened, hashes & self.versions.keys()) if one is not None]
            if versions:
                found[entry_id] = tuple(sorted(versions, key=lambda one: (one.header.number, one.hash)))
        return found

    def current_of(self, entry_id: bytes) -> tuple[Version, ...]:
        """The same of one entry."""
        leaf = ((self.remembered and self.remembered.listing) or {}).get(entry_id, frozenset[bytes]())
        for one in self.waiting:
            header = self.versions[one].header
            if header.entry_id == entry_id:
                leaf = leaf - set(header.parents) | {one}
        versions = (one for one in map(self.opened, leaf & self.versions.keys()) if one is not None)
        return tuple(sorted(versions, key=lambda one: (one.header.number, one.hash)))

    def opened(self, hash_: bytes) -> Version | None:
        """A version that is here, opened once; None if it is not what an entry can say."""
        if hash_ not in self._opened:
            try:
                self._opened[hash_] = open_version(self.diary, self.versions[hash_])
            except EnvelopeError:
                return None
        return self._opened[hash_]

    def forget_followed(self) -> None:
        """Let go of what is current neither here nor at the server, and does not wait."""
        listings = (self.listing(0), self.listing())
        wanted = {one for listing in listings for hashes in listing.values() for one in hashes} | set(self.waiting)
        for one in self.versions.keys() - wanted:
            del self.versions[one]
            self._opened.pop(one, None)
