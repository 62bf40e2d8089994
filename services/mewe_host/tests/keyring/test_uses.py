"""No key is used for ever, and no nonce twice under one key."""

import asyncio
from pathlib import Path

import pytest
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.masters import Masters
from mewe_host.keyring.keyring import MOST_USES, NOTED_EVERY, Keyring
from mewe_host.keyring.sealed import KEY_ID, Sealed, Within

from .ring import PLACE, Ticking, ring

BOUND, NOTED = 64, 8


def bounded(keyring: Keyring) -> Keyring:
    """Another process on the same shelf, whose keys change after few uses."""
    made = Keyring("SE", "chat", keyring._keys, keyring._masters, keyring.shelf, clock=Ticking())
    made._most_uses, made._noted_every = BOUND, NOTED
    return made


def test_the_bounds_are_those_that_are_promised() -> None:
    """2**24 uses a key, of the 2**32 that random nonces of 96 bits bear; what a process can forget is little beside it."""
    assert MOST_USES == 2**24
    assert MOST_USES % NOTED_EVERY == 0
    assert NOTED_EVERY * 2**8 <= MOST_USES


def test_the_nonce_inside_is_another_one_each_time(keys: Path, tmp_path: Path) -> None:
    """An answer and the words that it was made of are under one key: their nonces differ too."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            seen = set[tuple[bytes, bytes]]()
            for _ in range(1000):
                words = Sealed.read(await keyring.seal("a", "chat", PLACE, "words"))
                sealed = await keyring.seal_within((("a", "chat"),), "day 1", "answer", PLACE, b"answer")
                assert sealed is not None
                outer = Within.outer(sealed)
                inner = keyring._opening.get(("day 1", "answer", outer.key_id))
                if inner is None:
                    await keyring.open_within("day 1", "answer", PLACE, sealed)
                    inner = keyring._opening.get(("day 1", "answer", outer.key_id))
                assert inner is not None
                around = b"".join((b"\x02", outer.key_id, keyring._whose("day 1", "answer"), PLACE.encode()))
                (layer,), _ = Within.layers(inner.decrypt(outer.nonce, outer.body, around))
                assert layer.key_id == words.key_id
                seen |= {(words.key_id, words.nonce), (layer.key_id, layer.nonce)}
            assert len(seen) == 2000

    asyncio.run(story())


def test_a_key_changes_after_its_uses(keys: Path, url: str) -> None:
    """No key seals more often than its bound, whichever way it is used; what the old ones sealed still opens."""

    async def story() -> None:
        async with ring(keys, url) as made:
            keyring = bounded(made)
            used: dict[bytes, int] = {}
            sealed = []
            for number in range(5 * BOUND):
                if number % 2:
                    sealed.append(await keyring.seal("a", "chat", PLACE, "words"))
                    used[sealed[-1][1 : 1 + KEY_ID]] = used.get(sealed[-1][1 : 1 + KEY_ID], 0) + 1
                else:
                    within = await keyring.seal_within((), "a", "chat", PLACE, b"words")
                    assert within is not None
                    used[within[1 : 1 + KEY_ID]] = used.get(within[1 : 1 + KEY_ID], 0) + 1
            assert list(used.values()) == [BOUND] * 5
            assert {await keyring.open("a", "chat", PLACE, one) for one in sealed} == {"words"}

    asyncio.run(story())


def test_a_key_inside_is_counted_too(keys: Path, tmp_path: Path) -> None:
    """An answer uses the keys that it is sealed within."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as made:
            keyring = bounded(made)
            await keyring.seal("a", "chat", PLACE, "words")
            before = await keyring.shelf.sealing("a", "chat")
            for _ in range(BOUND):
                await keyring.seal_within((("a", "chat"),), "day 1", "answer", PLACE, b"words")
            after = await keyring.shelf.sealing("a", "chat")
            assert before is not None
            assert after is not None
            assert before.id != after.id

    asyncio.run(story())


def test_uses_are_counted_over_processes_and_revisions(keys: Path, url: str) -> None:
    """A destroyed key of somebody else forgets no count; of each process fewer uses are lost than are noted at a time."""

    async def story() -> None:
        async with ring(keys, url) as made:
            used: dict[bytes, int] = {}
            for _ in range(BOUND // NOTED + 1):
                keyring = bounded(made)
                for number in range(2 * NOTED):
                    sealed = await keyring.seal("a", "chat", PLACE, "words")
                    used[sealed[1 : 1 + KEY_ID]] = used.get(sealed[1 : 1 + KEY_ID], 0) + 1
                    await keyring.seal(f"b{number}", "chat", PLACE, "words")
                    await keyring.destroy(f"b{number}")
            assert len(used) >= 2
            assert max(used.values()) <= BOUND + BOUND // NOTED * NOTED

    asyncio.run(story())


def test_the_count_goes_with_the_key(keys: Path, tmp_path: Path) -> None:
    """Nothing is left of a key that was destroyed, not even how often it was used."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as made:
            keyring = bounded(made)
            for about in ("a", "b"):
                for _ in range(NOTED + 1):
                    await keyring.seal(about, "chat", PLACE, "words")
            count = keyring.shelf._connection.execute  # type: ignore[attr-defined]
            assert count("SELECT count(*), min(uses) FROM data_key_use").fetchone() == (2, NOTED)
            await keyring.destroy("a")
            await keyring.destroy("b", "chat")
            assert count("SELECT count(*) FROM data_key_use").fetchone() == (0,)

    asyncio.run(story())


def test_a_key_of_the_country_changes_after_its_uses(keys: Path) -> None:
    """The 2**24th sealing for a purpose is the last under its key; the next has a key of its own, and both open."""
    country = FileKeys.of(keys, "SE")
    first = country.seal("a purpose", b"words")
    sealer = country._sealing.get("a purpose")
    assert sealer is not None
    assert sealer.left == 2**24 - 1
    sealer.left = 1
    last, new = country.seal("a purpose", b"words"), country.seal("a purpose", b"words")
    assert first[1:17] == last[1:17] != new[1:17]
    assert {country.open("a purpose", one) for one in (first, last, new)} == {b"words"}


def test_each_data_key_is_wrapped_under_a_key_of_its_own(keys: Path) -> None:
    """A master wraps any number of keys, and enciphers once under each key that is derived from it."""
    masters = Masters.of(keys, "SE")
    key = bytes(32)
    wrapped = [masters.wrap(1, "chat", b"bound", key) for _ in range(200)]
    assert len({one[: Masters.SALT] for one in wrapped}) == 200
    assert len({masters._derived(1, "wrap", "chat", 32, one[: Masters.SALT]) for one in wrapped}) == 200
    assert {masters.unwrap(1, "chat", b"bound", one) for one in wrapped} == {key}
    other = wrapped[0][: Masters.SALT] + wrapped[1][Masters.SALT :]
    with pytest.raises(ValueError, match="something else"):
        masters.unwrap(1, "chat", b"bound", other)
