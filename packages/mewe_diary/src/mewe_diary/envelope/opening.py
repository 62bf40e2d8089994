"""Opening a diary: what is not what was written is named and kept aside, and everything else opens.

The steps are those of docs/diary-protocol.md, "Opening a diary".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum

from attrs import define, field, frozen

from mewe_diary.envelope.errors import DoesNotOpen, Malformed, Unreadable
from mewe_diary.envelope.heads import Head, Remembered, open_head, read_listing, root
from mewe_diary.envelope.keys import Diary
from mewe_diary.envelope.versions import Header, Sealed, Stub, Version, open_version, parse


class FaultKind(StrEnum):
    """What is wrong with something that a server handed over."""

    MALFORMED = "malformed"
    ALTERED = "altered"
    UNREADABLE = "unreadable"
    SWAPPED = "swapped"
    ROLLED_BACK = "rolled_back"
    REPLAYED = "replayed"
    MISSING = "missing"
    FORKED = "forked"
    INCOMPLETE = "incomplete"


@frozen(order=True)
class Fault:
    """Something that is not what was written: in the entry of an id, or in the diary as a whole (None)."""

    kind: FaultKind
    entry_id: bytes | None


@frozen
class Handed:
    """What a server hands over as something of an entry: a whole version, or the stub of one that was superseded."""

    entry_id: bytes
    given: bytes


@frozen
class Opened:
    """What could be opened, and what is wrong with the rest.

    ``current``: of each entry the versions that count, by number and hash, tombstones among them. ``aside``: versions that
    open and are not current. ``remembered``: what the device keeps from now on.
    """

    current: Mapping[bytes, tuple[Version, ...]]
    aside: tuple[Version, ...]
    faults: tuple[Fault, ...]
    head: Head | None
    remembered: Remembered | None

    @property
    def deleted(self) -> frozenset[bytes]:
        """Entries of which everything current is a tombstone."""
        return frozenset(one for one, versions in self.current.items() if all(version.content is None for version in versions))

    @property
    def entries(self) -> Mapping[bytes, tuple[Version, ...]]:
        """All other entries; more than one version is a conflict."""
        deleted = self.deleted
        return {entry_id: versions for entry_id, versions in self.current.items() if entry_id not in deleted}

    @property
    def conflicts(self) -> frozenset[bytes]:
        """Entries with more than one current version, which are not deleted by all of them."""
        return frozenset(entry_id for entry_id, versions in self.entries.items() if len(versions) > 1)


@define
class _Given:
    """What was handed over, sorted."""

    genuine: dict[bytes, Header] = field(factory=dict)
    versions: dict[bytes, Version] = field(factory=dict)
    stubs: dict[bytes, Header] = field(factory=dict)
    faults: set[Fault] = field(factory=set)

    def ancestors(self, of: bytes) -> set[bytes]:
        """Every version that is known to come before one that is genuine."""
        found, open_ends = set[bytes](), [self.genuine[of]]
        while open_ends:
            for parent in open_ends.pop().parents:
                header = self.genuine.get(parent) or self.stubs.get(parent)
                if parent not in found and header is not None:
                    open_ends.append(header)
                found.add(parent)
        return found

    def of_entries(self) -> Mapping[bytes, list[bytes]]:
        """The genuine versions of each entry."""
        sorted_ = defaultdict[bytes, list[bytes]](list)
        for name, header in self.genuine.items():
            sorted_[header.entry_id].append(name)
        return sorted_


def open_diary(
    diary: Diary,
    head: bytes | None,
    handed: Iterable[Handed],
    listing: bytes | None = None,
    remembered: Remembered | None = None,
) -> Opened:
    """Open what a server handed over: everything there is, or what is new to a device that remembers the rest.

    Raises nothing for anything that a server may say. Where the head's root does not follow from what was handed over
    and is remembered, ``listing`` says what is wrong with which entry; without it the diary is ``incomplete``.
    """
    all_handed = tuple(handed)
    given = _sorted(diary, all_handed)
    found, head_faults = _head(diary, head, bool(all_handed or listing), remembered)
    before = remembered.listing if remembered else {}
    listed, listing_faults = _listing(listing, found)
    state, known = _state(given, before), found is not None
    if found is None or _is(found, state):
        compared = _superseded(given, state)
    elif listed is not None and _is(found, listed):
        state, compared = listed, _compared(given, listed, before)
    else:
        known, compared = False, {Fault(FaultKind.INCOMPLETE, None)}
    lost = _lost(given, listed, before) if listed is not None else set[Fault]()
    current = {name for name in given.versions if _current(given, state, name)}
    faults = given.faults | head_faults | listing_faults | compared
    faults |= {fault for fault in lost if fault.entry_id not in {one.entry_id for one in faults}}
    if found is not None and known and not head_faults and not lost:
        remembered = Remembered(found.counter, found.hash, state)
    return _opened(given, current, faults, found, remembered)


def _sorted(diary: Diary, handed: Iterable[Handed]) -> _Given:
    given = _Given()
    for one in handed:
        try:
            sealed = parse(one.given)
            if isinstance(sealed, Stub):
                given.stubs[sealed.hash] = sealed.header
            else:
                _take(diary, given, one.entry_id, sealed)
        except Malformed:
            given.faults.add(Fault(FaultKind.MALFORMED, one.entry_id))
        except DoesNotOpen:
            given.faults.add(Fault(FaultKind.ALTERED, one.entry_id))
    return given


def _take(diary: Diary, given: _Given, entry_id: bytes, sealed: Sealed) -> None:
    try:
        version = open_version(diary, sealed)
    except Unreadable:
        version = None
    if sealed.header.entry_id != entry_id:
        given.faults.add(Fault(FaultKind.SWAPPED, entry_id))
        return
    given.genuine[sealed.hash] = sealed.header
    if version is None:
        given.faults.add(Fault(FaultKind.UNREADABLE, entry_id))
    else:
        given.versions[version.hash] = version


def _head(diary: Diary, given: bytes | None, anything: bool, remembered: Remembered | None) -> tuple[Head | None, set[Fault]]:
    if given is None:
        return None, {Fault(FaultKind.MISSING, None)} if anything or remembered else set()
    try:
        head = open_head(diary, given)
    except Malformed:
        return None, {Fault(FaultKind.MALFORMED, None)}
    except DoesNotOpen:
        return None, {Fault(FaultKind.ALTERED, None)}
    if remembered is None:
        return head, set()
    same, next_ = head.counter == remembered.counter, head.counter == remembered.counter + 1
    if head.counter < remembered.counter:
        return head, {Fault(FaultKind.ROLLED_BACK, None)}
    if (same and head.hash != remembered.head) or (next_ and head.previous != remembered.head):
        return head, {Fault(FaultKind.FORKED, None)}
    return head, set()


def _listing(given: bytes | None, head: Head | None) -> tuple[dict[bytes, frozenset[bytes]] | None, set[Fault]]:
    if given is None:
        return None, set()
    try:
        listed = read_listing(given)
    except Malformed:
        return None, {Fault(FaultKind.MALFORMED, None)}
    return listed, {Fault(FaultKind.ALTERED, None)} if head is not None and not _is(head, listed) else set()


def _state(given: _Given, before: Mapping[bytes, frozenset[bytes]]) -> dict[bytes, frozenset[bytes]]:
    state = dict(before)
    for entry_id, names in given.of_entries().items():
        superseded = set[bytes]().union(*(given.ancestors(name) for name in names))
        state[entry_id] = frozenset((state.get(entry_id, frozenset()) | set(names)) - superseded)
    return state


def _is(head: Head, listing: Mapping[bytes, frozenset[bytes]]) -> bool:
    return len(listing) == head.count and all(1 <= len(one) <= 255 for one in listing.values()) and root(listing) == head.root


def _current(given: _Given, state: Mapping[bytes, frozenset[bytes]], name: bytes) -> bool:
    return name in state.get(given.genuine[name].entry_id, ())


def _superseded(given: _Given, state: Mapping[bytes, frozenset[bytes]]) -> set[Fault]:
    old = (name for name in given.versions if not _current(given, state, name))
    return {Fault(FaultKind.REPLAYED, given.genuine[name].entry_id) for name in old}


def _compared(given: _Given, listed: Mapping[bytes, frozenset[bytes]], before: Mapping[bytes, frozenset[bytes]]) -> set[Fault]:
    faults, named = set[Fault](), {fault.entry_id for fault in given.faults}
    of_entries = given.of_entries()
    for entry_id in (listed.keys() | of_entries.keys()) - named:
        wanted, there = listed.get(entry_id, frozenset()), set(of_entries.get(entry_id, ()))
        if wanted - there - before.get(entry_id, frozenset()):
            faults.add(Fault(FaultKind.ROLLED_BACK if there - wanted else FaultKind.MISSING, entry_id))
        elif there - wanted:
            faults.add(Fault(FaultKind.REPLAYED, entry_id))
    return faults


def _lost(given: _Given, listed: Mapping[bytes, frozenset[bytes]], before: Mapping[bytes, frozenset[bytes]]) -> set[Fault]:
    faults = set[Fault]()
    for entry_id, known in before.items():
        if entry_id not in listed:
            faults.add(Fault(FaultKind.MISSING, entry_id))
        elif known - listed[entry_id]:
            there = [name for name in listed[entry_id] if name in given.genuine]
            if known - listed[entry_id] - set[bytes]().union(*(given.ancestors(name) for name in there)):
                faults.add(Fault(FaultKind.ROLLED_BACK, entry_id))
    return faults


def _opened(given: _Given, current: set[bytes], faults: set[Fault], head: Head | None, remembered: Remembered | None) -> Opened:
    of_entries = defaultdict[bytes, list[Version]](list)
    for version in sorted(given.versions.values(), key=lambda one: (one.header.number, one.hash)):
        if version.hash in current:
            of_entries[version.header.entry_id].append(version)
    return Opened(
        current={entry_id: tuple(versions) for entry_id, versions in of_entries.items()},
        aside=tuple(version for name, version in given.versions.items() if name not in current),
        faults=tuple(sorted(faults, key=lambda one: (one.entry_id or b"", one.kind))),
        head=head,
        remembered=remembered,
    )
