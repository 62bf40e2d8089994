"""What is sealed within several keys opens only while every one of them is there, in its place alone."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mewe_host.keyring.keyring import Keyring
from mewe_host.keyring.sealed import KEY_ID, NONCE, TAG, WITHIN, Layer, Unsealable, Within, bound, layered

from .ring import PLACE, ring

PLAIN = b"what was answered \x00\xff"
KEYS = (("a", "chat"), ("b", "chat"), ("c", "concern"))


async def made(keyring: Keyring) -> None:
    """Have the keys."""
    for about, purpose in KEYS:
        await keyring.seal(about, purpose, PLACE, "words")


async def refused(keyring: Keyring, sealed: bytes, about: str = "day 1", purpose: str = "answer", place: str = PLACE) -> None:
    """It is not opened."""
    with pytest.raises(ValueError, match="sealed for something else"):
        await keyring.open_within(about, purpose, place, sealed)


def test_it_opens_with_all_its_keys(keys: Path, url: str) -> None:
    """Also after a restart, and after every key was retired; each time it looks different."""

    async def story() -> None:
        async with ring(keys, url) as keyring:
            await made(keyring)
            for inside in ((), KEYS[:1], KEYS):
                first = await keyring.seal_within(inside, "day 1", "answer", PLACE, PLAIN)
                assert first is not None
                assert first != await keyring.seal_within(inside, "day 1", "answer", PLACE, PLAIN)
                assert PLAIN not in first
                assert await keyring.open_within("day 1", "answer", PLACE, first) == PLAIN
            assert first is not None
        async with ring(keys, url) as keyring:
            assert await keyring.shelf.retire() == 4
            assert await keyring.open_within("day 1", "answer", PLACE, first) == PLAIN
            again = await keyring.seal_within(KEYS, "day 1", "answer", PLACE, PLAIN)
            assert again is not None
            assert again[: 1 + KEY_ID] != first[: 1 + KEY_ID]
            assert await keyring.open_within("day 1", "answer", PLACE, again) == PLAIN

    asyncio.run(story())


@pytest.mark.parametrize("gone", [*KEYS, ("day 1", "answer")])
def test_one_key_less_and_it_is_gone(keys: Path, url: str, gone: tuple[str, str]) -> None:
    """Whichever it is, for good: a new key of the same name opens nothing."""

    async def story() -> None:
        async with ring(keys, url) as keyring:
            await made(keyring)
            sealed = await keyring.seal_within(KEYS, "day 1", "answer", PLACE, PLAIN)
            assert sealed is not None
            await keyring.destroy(*gone)
            assert await keyring.open_within("day 1", "answer", PLACE, sealed) is None
            await keyring.seal(*gone, PLACE, "words")
            assert await keyring.open_within("day 1", "answer", PLACE, sealed) is None

    asyncio.run(story())


def test_nothing_is_sealed_within_a_key_that_is_gone(keys: Path, url: str) -> None:
    """And none is made: a key that was destroyed does not come back by this way."""

    async def story() -> None:
        async with ring(keys, url) as keyring:
            await made(keyring)
            await keyring.destroy("b")
            assert await keyring.seal_within(KEYS, "day 1", "answer", PLACE, PLAIN) is None
            assert await keyring.abouts("chat") == ["a"]
            assert not await keyring.shelf.holds("b", "chat")
            assert await keyring.shelf.holds("a", "chat")

    asyncio.run(story())


def test_it_opens_nowhere_else(keys: Path, tmp_path: Path) -> None:
    """Another place, day or purpose is refused or has no such key; every changed bit and every cut is refused."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            await made(keyring)
            sealed = await keyring.seal_within(KEYS[:1], "day 1", "answer", PLACE, PLAIN)
            assert sealed is not None
            await refused(keyring, sealed, place="kit_request/2/answer")
            for about, purpose in (("day 2", "answer"), ("day 1", "chat")):
                assert await keyring.open_within(about, purpose, PLACE, sealed) is None
            await refused(keyring, b"\x01" + sealed[1:])
            for length in range(1 + KEY_ID + NONCE + TAG):
                await refused(keyring, sealed[:length])
            for place in range((1 + KEY_ID) * 8, len(sealed) * 8):
                changed = bytearray(sealed)
                changed[place // 8] ^= 1 << place % 8
                await refused(keyring, bytes(changed))
            with pytest.raises(ValueError, match="sealed for something else"):
                await keyring.open("day 1", "answer", PLACE, sealed)

    asyncio.run(story())


def test_the_layers_inside_are_bound_to_their_place(keys: Path, tmp_path: Path) -> None:
    """Whoever has the key of the day alone cannot move what is under another's key."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            await made(keyring)
            sealed = await keyring.seal_within(KEYS[:1], "day 1", "answer", PLACE, PLAIN)
            assert sealed is not None
            outer = Within.outer(sealed)
            inner = await keyring._layer(Layer("day 1", "answer", outer.key_id, outer.nonce), PLACE.encode(), outer.body)
            assert inner is not None
            (layer,), body = Within.layers(inner)
            assert (layer.about, layer.purpose) == KEYS[0]
            assert await keyring._layer(layer, PLACE.encode(), body) == PLAIN
            with pytest.raises(Unsealable):
                await keyring._layer(layer, b"kit_request/2/answer", body)

    asyncio.run(story())


def test_a_key_that_is_ready_is_the_one_that_is_used(keys: Path, url: str) -> None:
    """It is made once, ahead."""

    async def story() -> None:
        async with ring(keys, url) as keyring:
            await keyring.ready("day 1", "answer")
            assert await keyring.abouts("answer") == ["day 1"]
            await keyring.ready("day 1", "answer")
            row = await keyring.shelf.sealing("day 1", "answer")
            sealed = await keyring.seal_within((), "day 1", "answer", PLACE, PLAIN)
            assert row is not None
            assert sealed is not None
            assert sealed[: 1 + KEY_ID] == WITHIN + bytes.fromhex(row.id)

    asyncio.run(story())


NAMES = st.text(st.characters(codec=None, categories=None), max_size=20)
LAYERS = st.builds(Layer, NAMES, NAMES, st.binary(min_size=KEY_ID, max_size=KEY_ID), st.binary(min_size=NONCE, max_size=NONCE))


@given(st.lists(LAYERS, max_size=5), st.binary(max_size=100))
def test_layers_come_back_as_they_were(layers: list[Layer], body: bytes) -> None:
    """Whoever they are of."""
    told = [layered(bound(one.about, one.purpose), one.key_id, one.nonce) for one in layers]
    assert Within.layers(Within.of(told, body)) == (layers, body)
