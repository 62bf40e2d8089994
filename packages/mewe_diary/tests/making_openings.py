"""Vectors of opening a diary: what a server may hand over, what opens, and what each fault is called."""

from collections.abc import Sequence

from attrs import evolve, field, frozen
from mewe_diary.envelope import (
    Diary,
    DiaryName,
    Handed,
    Listing,
    Remembered,
    Sealed,
    listing_with,
    open_diary,
    open_head,
    seal_entry,
    seal_head,
    seal_tombstone,
    write_listing,
    write_remembered,
)
from mewe_diary.envelope.encoding import Kind, padded
from mewe_diary.envelope.versions import Header, sealed_as

from .drawn import AUTUMN, DIARY, FIRST, NOW, SECOND, SHORT, THIRD, Drawn, known

OTHER = Diary(DiaryName(known("another diary", 16), "SE"), known("another key", 32))


@frozen
class Case:
    """What is given to ``open_diary``."""

    name: str
    head: bytes | None
    handed: Sequence[Handed]
    listing: bytes | None = None
    remembered: Remembered | None = None


@frozen
class Story:
    """Two entries, one of them written anew twice and one changed on two devices, and the heads of that time."""

    first: tuple[Sealed, ...] = field()
    second: tuple[Sealed, ...] = field()
    heads: tuple[bytes, ...] = field()
    listings: tuple[Listing, ...] = field()

    def remembered(self, number: int) -> Remembered:
        """What a device knows that saw the head of this number last."""
        head = open_head(DIARY, self.heads[number])
        return Remembered(head.counter, head.hash, self.listings[number])


def story() -> Story:
    """Told the same each time."""
    draw = Drawn("story")
    first = [seal_entry(DIARY, FIRST, AUTUMN, draw)]
    first += [seal_entry(DIARY, FIRST, evolve(AUTUMN, text=f"{number}"), draw, (first[-1],)) for number in (2,)]
    first += [seal_entry(DIARY, FIRST, evolve(AUTUMN, text="3"), draw, (first[-1],))]
    second = [seal_entry(DIARY, SECOND, SHORT, draw)]
    second += [seal_entry(DIARY, SECOND, evolve(SHORT, text=text), draw, (second[0],)) for text in ("here", "there")]
    second += [seal_entry(DIARY, SECOND, evolve(SHORT, text="both"), draw, second[1:3])]
    second += [seal_tombstone(DIARY, SECOND, NOW, draw, (second[3],))]
    listings = [
        _listing(first[:1]),
        _listing([first[0], second[0]]),
        _listing([first[1], second[0]]),
        _listing([first[2], second[0]]),
        _listing([first[2], second[1], second[2]]),
        _listing([first[2], second[3]]),
        _listing([first[2], second[4]]),
    ]
    heads, last = list[bytes](), None
    for listing in listings:
        heads.append(seal_head(DIARY, listing, last, NOW, draw))
        last = open_head(DIARY, heads[-1])
    return Story(tuple(first), tuple(second), tuple(heads), tuple(listings))


def cases(told: Story) -> list[Case]:
    """Every fault, and every way of having none."""
    one, two, three = (_handed(version) for version in told.first)
    begun, here, there, both, gone = (_handed(version) for version in told.second)
    heads, listed = told.heads, [write_listing(listing) for listing in told.listings]
    stubs = [Handed(FIRST, version.stub().encoded()) for version in told.first]
    draw = Drawn("openings")
    forked = seal_head(DIARY, _listing([told.first[0], told.second[0]]), open_head(DIARY, heads[2]), NOW, draw)
    elsewhere = _handed(seal_entry(OTHER, FIRST, AUTUMN, draw))
    header = Header(Kind.ENTRY, THIRD, 1, ())
    odd = sealed_as(DIARY, header, padded(b'{"text":"no entry"}'), draw)
    with_odd = seal_head(DIARY, _listing([told.first[0], odd]), None, NOW, draw)
    follows = Header(Kind.ENTRY, FIRST, 2, (told.first[0].hash,))
    odder = sealed_as(DIARY, follows, padded(b'{"text":"no entry"}'), draw)
    before = open_head(DIARY, told.heads[0])
    with_odder = seal_head(DIARY, {FIRST: frozenset({odder.hash})}, before, NOW, draw)
    cut = evolve(three, given=three.given[:-1])
    bit = evolve(three, given=three.given[:-1] + bytes((three.given[-1] ^ 1,)))
    return [
        Case("nothing yet", None, []),
        Case("one entry, a new device", heads[0], [one]),
        Case("two entries, a new device with the listing", heads[3], [three, begun], listed[3]),
        Case("in another order, and one twice", heads[3], [begun, three, begun]),
        Case("what is new, to a device that remembers", heads[3], [three], None, told.remembered(2)),
        Case("what is new after two changes, with the stub between", heads[3], [three, stubs[1]], None, told.remembered(1)),
        Case(
            "the same, and the stub comes with the listing", heads[3], [three, begun, stubs[1]], listed[3], told.remembered(1)
        ),
        Case("nothing is new", heads[3], [], None, told.remembered(3)),
        Case("a conflict", heads[4], [three, here, there]),
        Case("a conflict, resolved", heads[5], [both], None, told.remembered(4)),
        Case("deleted", heads[6], [three, gone], listed[6]),
        Case("after a hand-over", heads[3], [three, begun], None, Remembered(3, open_head(DIARY, heads[2]).hash)),
        Case("malformed: a byte is missing", heads[3], [cut, begun], listed[3]),
        Case("malformed: empty", heads[3], [Handed(FIRST, b""), begun], listed[3]),
        Case("malformed: the listing", heads[3], [three, begun], listed[3][:-1]),
        Case("malformed: the head", heads[3][:-1], [three, begun], listed[3]),
        Case("altered: a bit", heads[3], [bit, begun], listed[3]),
        Case("altered: a bit, to a device that remembers", heads[3], [bit], None, told.remembered(2)),
        Case("altered: of another diary", heads[3], [elsewhere, begun], listed[3]),
        Case("altered: the head", heads[3][:-1] + b"\0", [three, begun], listed[3]),
        Case("unreadable", with_odd, [one, _handed(odd)], write_listing(_listing([told.first[0], odd]))),
        Case(
            "unreadable: what follows the one remembered, which is built upon all the same",
            with_odder,
            [_handed(odder)],
            write_listing({FIRST: frozenset({odder.hash})}),
            told.remembered(0),
        ),
        Case(
            "swapped: each under the other's name",
            heads[3],
            [Handed(SECOND, three.given), Handed(FIRST, begun.given)],
            listed[3],
        ),
        Case("swapped: one entry twice", heads[3], [three, Handed(SECOND, three.given)], listed[3]),
        Case("rolled back: an entry", heads[3], [two, begun], listed[3]),
        Case("rolled back: an entry, to a device that remembers", heads[3], [one], listed[3], told.remembered(2)),
        Case("rolled back: an entry, without the listing", heads[3], [two, begun]),
        Case("rolled back: the whole diary, to a new device", heads[1], [one, begun], listed[1]),
        Case("rolled back: the whole diary, to a device that remembers", heads[1], [one, begun], listed[1], told.remembered(3)),
        Case("rolled back: the head alone", heads[2], [], None, told.remembered(3)),
        Case(
            "rolled back: after a hand-over", heads[1], [one, begun], listed[1], Remembered(4, open_head(DIARY, heads[3]).hash)
        ),
        Case("replayed: an entry's first version besides the current one", heads[3], [one, three, begun], listed[3]),
        Case("replayed: the one before besides the current one", heads[3], [two, three, begun]),
        Case("replayed: to a device that remembers", heads[3], [one], listed[3], told.remembered(3)),
        Case("replayed: what was written before it was deleted", heads[6], [three, gone, begun], listed[6]),
        Case("missing: an entry", heads[3], [three], listed[3]),
        Case("missing: half of a conflict", heads[4], [three, here], listed[4]),
        Case("missing: an entry that was there before", heads[0], [one], listed[0], told.remembered(1)),
        Case("replayed: of an entry that is not listed", heads[0], [one, begun], listed[0]),
        Case(
            "replayed: of an entry that is not listed, to a device that remembers",
            heads[0],
            [begun],
            listed[0],
            told.remembered(0),
        ),
        Case("missing: the head of an entry that opens", None, [one]),
        Case("missing: the head of a stub", None, [stubs[0]]),
        Case("missing: the head of what does not open", None, [cut]),
        Case("missing: the head of a listing", None, [], listed[0]),
        Case("missing: the head", None, [three, begun], listed[3]),
        Case("missing: everything", None, [], None, told.remembered(3)),
        Case("forked: another head of the same number", forked, [], None, told.remembered(3)),
        Case(
            "forked: a head that follows another",
            heads[4],
            [here, there],
            None,
            evolve(told.remembered(3), head=known("h", 32)),
        ),
        Case("a fork is longer: what this device wrote is not in it", heads[5], [both], listed[5], _other_branch(told)),
        Case("incomplete: an entry is missing and there is no listing", heads[3], [three]),
        Case("incomplete: the listing is an old one", heads[3], [two, begun], listed[2]),
        Case("altered: the listing is another", heads[3], [three, begun], listed[2]),
        Case("altered: the listing, and an entry is missing", heads[3], [three], listed[0]),
        Case("a stub that nothing leads to", heads[3], [three, begun, Handed(SECOND, stubs[0].given)]),
        Case("a change that skips one, without its stub", heads[3], [three], listed[3], told.remembered(1)),
    ]


def openings() -> dict[str, object]:
    """Every case with what comes of it."""
    return {
        "diary": {"id": DIARY.name.id.hex(), "country": "SE", "key": DIARY.key.hex()},
        "openings": [_said(case) for case in cases(story())],
    }


def _said(case: Case) -> dict[str, object]:
    opened = open_diary(DIARY, case.head, case.handed, case.listing, case.remembered)
    return {
        "name": case.name,
        "head": _hexadecimal(case.head),
        "handed": [{"entry_id": one.entry_id.hex(), "given": one.given.hex()} for one in case.handed],
        "listing": _hexadecimal(case.listing),
        "remembered": _hexadecimal(write_remembered(case.remembered) if case.remembered else None),
        "entries": {key.hex(): [one.hash.hex() for one in versions] for key, versions in sorted(opened.entries.items())},
        "deleted": sorted(one.hex() for one in opened.deleted),
        "aside": sorted(one.hash.hex() for one in opened.aside),
        "faults": [{"kind": one.kind.value, "entry_id": _hexadecimal(one.entry_id)} for one in opened.faults],
        "remembered_then": _hexadecimal(write_remembered(opened.remembered) if opened.remembered else None),
    }


def _other_branch(told: Story) -> Remembered:
    """What a device knows that was kept apart, and wrote the third entry there."""
    return Remembered(4, known("branch", 32), {**told.listings[2], THIRD: frozenset({known("third", 32)})})


def _listing(versions: Sequence[Sealed]) -> Listing:
    return listing_with({}, versions)


def _handed(version: Sealed) -> Handed:
    return Handed(version.header.entry_id, version.encoded())


def _hexadecimal(given: bytes | None) -> str | None:
    return None if given is None else given.hex()
