"""Several devices, with and without a connection: nothing that was written is lost, and little is moved."""

import random

import pytest
from attrs import evolve
from mewe_diary.envelope import Sealed, open_diary, root
from whenever import Instant

from tests.extent import extent

from .drawn import AUTUMN, DIARY, FIRST, NOW, SECOND, Drawn, known
from .kept import Device, Kept


@pytest.mark.parametrize("seed", range(extent(40, 1000)))
def test_nothing_that_was_written_is_lost(seed: int) -> None:
    """Whatever is written where and in whichever order devices meet: each version is current, or an ancestor of one that is."""
    chance = random.Random(seed)  # noqa: S311
    kept, devices = Kept(), [Device(DIARY, Drawn(f"{seed}/{number}")) for number in range(3)]
    entries = [known(f"entry {number}", 16) for number in range(4)]
    written: dict[bytes, Sealed] = {}
    for step in range(40):
        device = chance.choice(devices)
        if chance.random() < 0.4:
            device.sync(kept)
        else:
            said = NOW if chance.random() < 0.15 else evolve(AUTUMN, text=f"{seed}/{step}")
            version = device.write(chance.choice(entries), said)
            written[version.hash] = version
    for device in [*devices, *devices]:
        device.sync(kept)
    assert [device.held for device in devices] == [devices[0].held] * 3
    current = {one.hash for versions in devices[0].held.values() for one in versions}
    kept_alive, open_ends = set[bytes](), [*current]
    while open_ends:
        name = open_ends.pop()
        kept_alive.add(name)
        open_ends += written[name].header.parents
    assert kept_alive == set(written)
    new = open_diary(DIARY, kept.head, kept.everything(), kept.listing())
    assert new.faults == ()
    assert {entry_id: {one.hash for one in versions} for entry_id, versions in new.current.items()} == kept.current


def test_two_who_change_the_same_entry_see_both() -> None:
    """And the one that resolves it names both."""
    kept, phone, tablet = Kept(), Device(DIARY, Drawn("phone")), Device(DIARY, Drawn("tablet"))
    phone.write(FIRST, AUTUMN)
    phone.sync(kept)
    tablet.sync(kept)
    phone.write(FIRST, evolve(AUTUMN, text="phone"))
    tablet.write(FIRST, evolve(AUTUMN, text="tablet"))
    phone.sync(kept)
    assert tablet.sync(kept).conflicts == frozenset()
    opened = open_diary(DIARY, kept.head, kept.everything(), kept.listing())
    assert opened.conflicts == {FIRST}
    assert {one.content.text for one in opened.entries[FIRST] if one.content} == {"phone", "tablet"}
    merged = tablet.write(FIRST, evolve(AUTUMN, text="both"))
    tablet.sync(kept)
    assert set(merged.header.parents) == {one.hash for one in opened.entries[FIRST]}
    assert open_diary(DIARY, kept.head, kept.everything(), kept.listing()).conflicts == frozenset()


def test_what_one_deletes_and_another_changes_stays() -> None:
    """Until somebody decides, it is an entry with a conflict, and not deleted."""
    kept, phone, tablet = Kept(), Device(DIARY, Drawn("phone")), Device(DIARY, Drawn("tablet"))
    phone.write(FIRST, AUTUMN)
    phone.sync(kept)
    tablet.sync(kept)
    phone.write(FIRST, NOW)
    tablet.write(FIRST, evolve(AUTUMN, text="still here"))
    tablet.sync(kept)
    phone.sync(kept)
    opened = open_diary(DIARY, kept.head, kept.everything(), kept.listing())
    assert opened.conflicts == {FIRST}
    assert opened.deleted == frozenset()


def test_words_that_were_written_over_are_gone() -> None:
    """Of a superseded version the server needs 119 bytes at most, and none of the words."""
    kept, phone = Kept(), Device(DIARY, Drawn("phone"))
    for text in ("one", "two", "three"):
        phone.write(FIRST, evolve(AUTUMN, text=text))
    phone.sync(kept)
    tablet = Device(DIARY, Drawn("tablet"))
    assert [len(one.given) <= 119 for one in kept.since(0)] == [True, True, False]
    tablet.sync(kept)
    assert [one.content and one.content.text for one in tablet.held[FIRST]] == ["three"]


def test_a_change_among_ten_thousand_entries_moves_less_than_ten_kilobytes() -> None:
    """Up from one device and down to another, with an entry of 2 KB."""
    kept, phone, draw = Kept(), Device(DIARY, Drawn("phone")), Drawn("many")
    for _ in range(10_000):
        phone.write(draw(16), evolve(AUTUMN, text="å" * 1024))
    phone.sync(kept)
    tablet = Device(DIARY, Drawn("tablet"))
    tablet.sync(kept)
    before, cursor = kept.head, len(kept.came)
    phone.write(next(iter(phone.held)), evolve(AUTUMN, text="ö" * 1024))
    up = sum(len(version.encoded()) for version in phone.waiting) + len(before or b"")
    phone.sync(kept)
    down = sum(len(one.given) for one in kept.since(cursor)) + len(kept.head or b"")
    tablet.sync(kept)
    assert up + down <= 10_000
    assert tablet.held == phone.held
    assert tablet.remembered is not None
    assert root(tablet.remembered.listing) == root(kept.current)


def test_a_listing_depends_on_all_it_holds() -> None:
    """One hash or one id that is another makes another root, whichever bucket it falls in."""
    listing = {known(f"entry {number}", 16): frozenset({known(f"hash {number}", 32)}) for number in range(600)}
    roots = {root(listing)}
    for entry_id in listing:
        roots.add(root({**listing, entry_id: frozenset({known("another", 32)})}))
        roots.add(root({one: names for one, names in listing.items() if one != entry_id}))
    assert len(roots) == 1 + 2 * len(listing)


def test_moments_of_entries_are_not_the_servers() -> None:
    """Nothing in the bytes that the server has says when an entry was written, where, or what."""
    kept, phone = Kept(), Device(DIARY, Drawn("phone"))
    canaries = [f"canary-{number}-{known(str(number), 8).hex()}" for number in range(1000)]
    for number, canary in enumerate(canaries):
        phone.write(known(canary, 16), evolve(AUTUMN, text=canary, written_at=Instant.from_utc(2026, 1, 1).add(hours=number)))
    phone.write(SECOND, AUTUMN)
    phone.sync(kept)
    has = b"".join((kept.head or b"", kept.listing(), *kept.whole.values(), *kept.stubs.values()))
    assert [one for one in [*canaries, "2026-", "Stockholm", "values", "me-we"] if one.encode() in has] == []
