"""A server that keeps a diary honestly, and devices that write in it. A lying one begins with what this one has."""

from attrs import define, field
from mewe_diary.envelope import (
    Content,
    Diary,
    Handed,
    Opened,
    Remembered,
    Sealed,
    Secret,
    Version,
    listing_with,
    open_diary,
    parse,
    seal_entry,
    seal_head,
    seal_tombstone,
    write_listing,
)
from whenever import Instant


@define
class Kept:
    """Sealed bytes and ids alone. Superseded versions are kept as stubs; what came in is numbered."""

    head: bytes | None = None
    current: dict[bytes, frozenset[bytes]] = field(factory=dict)
    came: list[tuple[bytes, bytes]] = field(factory=list)
    whole: dict[bytes, bytes] = field(factory=dict)
    stubs: dict[bytes, bytes] = field(factory=dict)

    def push(self, after: bytes | None, versions: list[bytes], head: bytes) -> bool:
        """Take versions and their head, if that follows the one that is here."""
        if after != self.head:
            return False
        for given in versions:
            version = parse(given)
            assert isinstance(version, Sealed)
            entry_id = version.header.entry_id
            for parent in version.header.parents:
                self.whole.pop(parent, None)
            self.current = listing_with(self.current, [version])
            self.came.append((entry_id, version.hash))
            self.whole[version.hash], self.stubs[version.hash] = given, version.stub().encoded()
        self.head = head
        return True

    def since(self, cursor: int) -> list[Handed]:
        """What came after so many others."""
        return [Handed(entry_id, self.whole.get(name, self.stubs[name])) for entry_id, name in self.came[cursor:]]

    def everything(self) -> list[Handed]:
        """Every current version."""
        return [Handed(entry_id, self.whole[name]) for entry_id, names in self.current.items() for name in sorted(names)]

    def listing(self) -> bytes:
        """What is current, as the server knows it."""
        return write_listing(self.current)


@define
class Device:
    """Somebody's device: it writes whether or not there is a connection, and brings things together when there is."""

    diary: Diary
    secret: Secret
    held: dict[bytes, tuple[Version, ...]] = field(factory=dict)
    remembered: Remembered | None = None
    cursor: int = 0
    seen: bytes | None = None
    waiting: list[Sealed] = field(factory=list)

    def write(self, entry_id: bytes, content: Content | Instant) -> Sealed:
        """A new version (a tombstone for a moment) after all that this device holds of the entry, at most two."""
        parents, rest = self.held.get(entry_id, ())[:2], self.held.get(entry_id, ())[2:]
        if isinstance(content, Content):
            version = seal_entry(self.diary, entry_id, content, self.secret, parents)
        else:
            version = seal_tombstone(self.diary, entry_id, content, self.secret, parents)
        self.waiting.append(version)
        self.held[entry_id] = (*rest, Version(version.header, version.hash, content))
        return version

    def sync(self, kept: Kept) -> Opened:
        """Take in what is new, then send what waits. Everything has to be as it was written."""
        opened = open_diary(self.diary, kept.head, kept.since(self.cursor), None, self.remembered)
        assert opened.faults == ()
        self.remembered, self.cursor, self.seen = opened.remembered, len(kept.came), kept.head
        listing = self.remembered.listing if self.remembered else {}
        known = {one.hash: one for versions in self.held.values() for one in versions}
        known |= {one.hash: one for versions in opened.current.values() for one in versions}
        if self.waiting:
            head = seal_head(self.diary, listing_with(listing, self.waiting), self.remembered, NOW_OF_DEVICES, self.secret)
            assert kept.push(self.seen, [version.encoded() for version in self.waiting], head)
            self.waiting = []
            mine = open_diary(self.diary, head, kept.since(self.cursor), None, self.remembered)
            assert mine.faults == ()
            self.remembered, self.cursor, self.seen = mine.remembered, len(kept.came), head
        held = dict(self.remembered.listing) if self.remembered else {}
        self.held = {entry_id: tuple(known[name] for name in sorted(names)) for entry_id, names in held.items()}
        return opened


NOW_OF_DEVICES = Instant.from_utc(2026, 11, 22, 22)
