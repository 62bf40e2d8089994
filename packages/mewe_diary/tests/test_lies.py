"""Whatever a server makes of a diary is found out, named, and kept aside; the rest of the diary opens."""

import random
from collections.abc import Callable
from functools import cache

import pytest
from mewe_diary.envelope import (
    EnvelopeError,
    Opened,
    hand_over,
    lock_with_recovery,
    open_diary,
    open_local,
    open_share,
    open_with_material,
    point,
    read_lock,
    read_share,
    seal_local,
    share_entry,
    take_over,
)

from tests.extent import extent

from .drawn import DIARY, NOW, UNTIL, Drawn
from .lying import LIES, OF_AN_ENTRY, Past, Told, past
from .making_shares import leader, shared_version

TRIES = extent(40, 600)
"""Of each lie; 19 lies, so that the long form is 11,400 manipulations."""


@cache
def a_past(seed: int) -> Past:
    """One of a few histories."""
    return past(seed)


def tell(told: Told) -> Opened:
    """What a device makes of what it is told."""
    return open_diary(DIARY, told.head, [*told.handed, *told.stubs], told.listing, told.remembered)


def honest(chance: random.Random, history: Past) -> Told:
    """What an honest server tells: of the last moment, to a new device or to one that saw any moment."""
    last = history.moments[-1]
    remembered = chance.choice([None] * 10 + [moment.remembered for moment in history.moments])
    return Told(last.head, list(last.handed), last.listing, remembered, list(last.stubs) if remembered else [])


@pytest.mark.parametrize("lie", sorted(LIES))
def test_a_lie_is_found_out(lie: str) -> None:
    """Every one of so many: with a fault, and with nothing shown as current that is neither right nor named."""
    for number in range(TRIES):
        chance, history = random.Random(f"{lie}/{number}"), a_past(number % 5)  # noqa: S311
        told = honest(chance, history)
        truth = tell(told)
        assert truth.faults == (), number
        LIES[lie](chance, history, told)
        opened = tell(told)
        assert opened.faults, number
        named = {fault.entry_id for fault in opened.faults}
        if None not in named:
            shown = {entry_id: versions for entry_id, versions in opened.current.items() if entry_id not in named}
            right = {entry_id: versions for entry_id, versions in truth.current.items() if entry_id not in named}
            assert shown == right, number
        if lie in OF_AN_ENTRY:
            assert named == {told.entry_id}, number
        if lie == "swaps_two_entries":
            assert len(named) == 2
            assert None not in named


def test_a_device_that_has_seen_nothing_cannot_tell_an_old_diary() -> None:
    """It is whole in itself. The page says so; what it can show is when it was last written."""
    history = a_past(0)
    old = history.moments[7]
    opened = tell(Told(old.head, list(old.handed), old.listing, None, []))
    assert opened.faults == ()
    assert opened.head is not None
    assert opened.head.counter == old.remembered.counter


def test_a_bit_of_anything_else_is_noticed() -> None:
    """Of a lock, a shared copy, a parcel, what stays on the device: whichever bit is another, it opens no more."""
    chance, leaders = random.Random("bits"), [leader("lena"), leader("omar")]  # noqa: S311
    share = share_entry(DIARY.name, shared_version(), [point(one.public_key()) for one in leaders], UNTIL, Drawn("share"))
    shown, parcel = hand_over(DIARY, None, NOW, Drawn("parcel"))
    opens: dict[bytes, Callable[[bytes], object]] = {
        share.encoded(): lambda given: open_share(read_share("SE", given), share.id, leaders[0], NOW),
        parcel: lambda given: take_over(shown, given, NOW),
        lock_with_recovery(DIARY, bytes(16), Drawn("lock")).encoded(): lambda given: open_with_material(
            DIARY.name, read_lock(given), bytes(16)
        ),
        seal_local(DIARY, "draft", b"said", Drawn("local")): lambda given: open_local(DIARY, "draft", given),
    }
    for sealed, act in opens.items():
        act(sealed)
        bits = range(8 * len(sealed))
        for bit in chance.sample(bits, min(len(bits), extent(150, 2000))):
            with pytest.raises(EnvelopeError):
                act(sealed[: bit // 8] + bytes((sealed[bit // 8] ^ 1 << bit % 8,)) + sealed[bit // 8 + 1 :])
