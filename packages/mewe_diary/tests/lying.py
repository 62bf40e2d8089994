"""What a lying or broken server can do to a diary: each lie changes what an honest one would hand over."""

import random
from collections.abc import Callable, Mapping

from attrs import define, evolve, frozen
from mewe_diary.envelope import (
    Diary,
    DiaryName,
    Handed,
    Remembered,
    Sealed,
    open_head,
    parse,
    read_listing,
    seal_entry,
    seal_head,
    write_listing,
)

from .drawn import AUTUMN, DIARY, NOW, Drawn, known
from .kept import Device, Kept

STRANGE = Diary(DIARY.name, known("another key", 32))
ELSEWHERE = Diary(DiaryName(known("another diary", 16), "SE"), DIARY.key)


@frozen
class Moment:
    """What an honest server had after one push, and what a device remembers that saw it."""

    head: bytes
    handed: tuple[Handed, ...]
    listing: bytes
    remembered: Remembered
    stubs: tuple[Handed, ...]


@frozen
class Past:
    """A diary's history: its moments, and every version that there was."""

    moments: tuple[Moment, ...]
    versions: tuple[Sealed, ...]


@define
class Told:
    """What is handed over, to be changed by a lie. ``entry_id``: whose entry it was, if it was one's alone."""

    head: bytes
    handed: list[Handed]
    listing: bytes
    remembered: Remembered | None
    stubs: list[Handed]
    entry_id: bytes | None = None


def past(seed: int) -> Past:
    """A dozen entries over twenty pushes, some changed, some deleted, some changed on two devices at once."""
    chance, kept = random.Random(seed), Kept()  # noqa: S311
    devices = [Device(DIARY, Drawn(f"past {seed}/{number}")) for number in range(2)]
    entries = [known(f"past entry {number}", 16) for number in range(12)]
    moments, versions = list[Moment](), list[Sealed]()
    while len(moments) < 20:
        device = chance.choice(devices)
        for _ in range(chance.randint(1, 4)):
            said = NOW if chance.random() < 0.1 else evolve(AUTUMN, text=str(chance.random()))
            versions.append(device.write(chance.choice(entries), said))
        device.sync(kept)
        assert device.remembered is not None
        assert kept.head is not None
        stubs = tuple(Handed(entry_id, kept.stubs[name]) for entry_id, name in kept.came if name not in kept.whole)
        moments.append(Moment(kept.head, tuple(kept.everything()), kept.listing(), device.remembered, stubs))
    return Past(tuple(moments), tuple(versions))


def flips_a_bit_of_a_version(chance: random.Random, _past: Past, told: Told) -> None:
    """Any bit of any version."""
    at = chance.randrange(len(told.handed))
    _put(told, at, _flipped(chance, told.handed[at].given))


def flips_a_bit_of_the_head(chance: random.Random, _past: Past, told: Told) -> None:
    """Any bit."""
    told.head = _flipped(chance, told.head)


def flips_a_bit_of_the_listing(chance: random.Random, _past: Past, told: Told) -> None:
    """Any bit."""
    told.listing = _flipped(chance, told.listing)


def cuts_something_off(chance: random.Random, _past: Past, told: Told) -> None:
    """At either end of a version."""
    at = chance.randrange(len(told.handed))
    given, kept = told.handed[at].given, chance.randrange(len(told.handed[at].given))
    _put(told, at, given[:kept] if chance.random() < 0.5 else given[kept + 1 :])


def adds_something(chance: random.Random, _past: Past, told: Told) -> None:
    """Behind a version."""
    at = chance.randrange(len(told.handed))
    _put(told, at, told.handed[at].given + chance.randbytes(chance.randint(1, 40)))


def swaps_two_entries(chance: random.Random, _past: Past, told: Told) -> None:
    """Each is handed over as the other."""
    one, other = _two(chance, told)
    first, second = told.handed[one], told.handed[other]
    told.handed[one], told.handed[other] = evolve(first, entry_id=second.entry_id), evolve(second, entry_id=first.entry_id)


def splices_two_versions(chance: random.Random, past: Past, told: Told) -> None:
    """A part of one (id, number, parents, wrapped key, nonce, content) is put into another."""
    at = chance.randrange(len(told.handed))
    given = told.handed[at].given
    donors = [one.encoded() for one in past.versions if one.header.parents and one.encoded() != given]
    start = 23 + 32 * given[22]
    begin, end = chance.choice([(2, 18), (18, 22), (start, start + 12), (start, start + 60), (start + 60, start + 72)])
    donor = chance.choice([one for one in donors if one[begin:end] != given[begin:end]])
    from_ = begin - start + 23 + 32 * donor[22] if begin >= start else begin
    part = donor[from_ : from_ + end - begin]
    if part == given[begin:end]:
        part = _flipped(chance, part)
    _put(told, at, given[:begin] + part + given[end:])


def rolls_an_entry_back(chance: random.Random, past: Past, told: Told) -> None:
    """To an older or another version of it, with or without a listing that says so."""
    there = {one.given for one in told.handed}
    older = chance.choice([one for one in past.versions if one.encoded() not in there])
    at = chance.choice([at for at, one in enumerate(told.handed) if one.entry_id == older.header.entry_id])
    _put(told, at, older.encoded())
    if chance.random() < 0.5:
        listed = read_listing(told.listing)
        told.listing = write_listing({**listed, older.header.entry_id: frozenset({older.hash})})


def replays_an_old_version(chance: random.Random, past: Past, told: Told) -> None:
    """Besides what is current."""
    there = {one.given for one in told.handed}
    older = chance.choice([one for one in past.versions if one.encoded() not in there])
    told.entry_id = older.header.entry_id
    told.handed.insert(chance.randrange(len(told.handed) + 1), Handed(older.header.entry_id, older.encoded()))


def drops_a_version(chance: random.Random, past: Past, told: Told) -> None:
    """Any one that the device has not, with or without a listing that says so."""
    _drop(chance, told, [name.hash for name in past.versions])


def drops_the_newest(chance: random.Random, past: Past, told: Told) -> None:
    """What came last."""
    told.remembered = None
    _drop(chance, told, [one.hash for one in past.versions if one.encoded() in {each.given for each in told.handed}][-1:])


def gives_an_old_head(chance: random.Random, past: Past, told: Told) -> None:
    """With what is current."""
    told.head = chance.choice([one.head for one in past.moments if one.head != told.head])


def gives_an_old_listing(chance: random.Random, past: Past, told: Told) -> None:
    """With what is current."""
    told.listing = chance.choice([one.listing for one in past.moments if one.listing != told.listing])


def makes_up_a_head(chance: random.Random, past: Past, told: Told) -> None:
    """With a key of its own, over what it likes."""
    told.head = seal_head(STRANGE, read_listing(told.listing), past.moments[-2].remembered, NOW, chance.randbytes)


def makes_up_an_entry(chance: random.Random, _past: Past, told: Told) -> None:
    """With a key of its own, or sealed for another diary of the same key."""
    at = chance.randrange(len(told.handed))
    sealed = seal_entry(chance.choice([STRANGE, ELSEWHERE]), told.handed[at].entry_id, AUTUMN, chance.randbytes)
    _put(told, at, sealed.encoded())


def gives_nothing(chance: random.Random, past: Past, told: Told) -> None:
    """To a device that knows there was something."""
    told.head, told.handed, told.listing = b"", [], b""
    told.remembered = chance.choice(past.moments).remembered


def rolls_the_diary_back(chance: random.Random, past: Past, told: Told) -> None:
    """Whole in itself: only a device that has seen more can tell."""
    newer = chance.randrange(1, len(past.moments))
    older = past.moments[chance.randrange(newer)]
    told.head, told.handed, told.listing = older.head, list(older.handed), older.listing
    told.remembered = past.moments[newer].remembered
    if chance.random() < 0.3:
        told.remembered = Remembered(told.remembered.counter, told.remembered.head)


def forks_the_diary(chance: random.Random, past: Past, told: Told) -> None:
    """Two devices are told different stories, and then one of them the other's."""
    at = chance.randrange(1, len(past.moments))
    before, here = past.moments[at - 1], past.moments[at]
    apart = seal_head(DIARY, before.remembered.listing, open_head(DIARY, before.head), NOW, chance.randbytes)
    told.head, told.handed, told.listing, told.remembered = apart, list(before.handed), before.listing, here.remembered


def forks_the_diary_and_goes_on(chance: random.Random, past: Past, told: Told) -> None:
    """The same, and the other story is longer: its head is no answer to the one that this device knows."""
    before, here = past.moments[-2:]
    apart = before.head
    for _ in range(chance.randint(3, 9)):
        apart = seal_head(DIARY, before.remembered.listing, open_head(DIARY, apart), NOW, chance.randbytes)
    told.head, told.handed, told.listing, told.remembered = apart, list(before.handed), before.listing, here.remembered


LIES: Mapping[str, Callable[[random.Random, Past, Told], None]] = {
    lie.__name__: lie
    for lie in (
        flips_a_bit_of_a_version,
        flips_a_bit_of_the_head,
        flips_a_bit_of_the_listing,
        cuts_something_off,
        adds_something,
        swaps_two_entries,
        splices_two_versions,
        rolls_an_entry_back,
        replays_an_old_version,
        drops_a_version,
        drops_the_newest,
        gives_an_old_head,
        gives_an_old_listing,
        makes_up_a_head,
        makes_up_an_entry,
        gives_nothing,
        rolls_the_diary_back,
        forks_the_diary,
        forks_the_diary_and_goes_on,
    )
}
OF_AN_ENTRY = frozenset(
    {
        "flips_a_bit_of_a_version",
        "cuts_something_off",
        "adds_something",
        "splices_two_versions",
        "replays_an_old_version",
        "makes_up_an_entry",
    }
)
"""Lies about one entry alone, with a true head and listing: that entry is named, and all others open."""


def _flipped(chance: random.Random, given: bytes) -> bytes:
    at = chance.randrange(len(given))
    return given[:at] + bytes((given[at] ^ 1 << chance.randrange(8),)) + given[at + 1 :]


def _put(told: Told, at: int, given: bytes) -> None:
    told.entry_id = told.handed[at].entry_id
    told.handed[at] = Handed(told.entry_id, given)


def _two(chance: random.Random, told: Told) -> tuple[int, int]:
    one = chance.randrange(len(told.handed))
    others = [at for at, each in enumerate(told.handed) if each.entry_id != told.handed[one].entry_id]
    return one, chance.choice(others)


def _drop(chance: random.Random, told: Told, names: list[bytes]) -> None:
    known = {name for hashes in told.remembered.listing.values() for name in hashes} if told.remembered else set()
    parsed = [(at, parse(one.given)) for at, one in enumerate(told.handed)]
    able = [at for at, one in parsed if isinstance(one, Sealed) and one.hash in names and one.hash not in known]
    if not able:
        told.remembered, able = None, [at for at, one in parsed if isinstance(one, Sealed) and one.hash in names]
    dropped = told.handed.pop(chance.choice(able))
    if chance.random() < 0.5:
        listed = read_listing(told.listing)
        told.listing = write_listing({one: hashes for one, hashes in listed.items() if one != dropped.entry_id})
