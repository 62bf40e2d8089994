"""What a keyring remembers, what it asks its shelf for, and what is said where a master is missing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mewe_core.kit.errors import Unavailable
from mewe_host.keyring.keyring import LOOK_SECONDS, Keyring
from mewe_host.keyring.sealed import Unsealable
from structlog.testing import capture_logs

from .ring import PLACE, Ticking, ring

HALF_A_LETTER = "words \ud800"


def counted(keyring: Keyring) -> Counter[str]:
    """How often its shelf was asked for what, from now on."""
    asked = Counter[str]()

    def counting(name: str, ask: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        def again(*said: Any) -> Awaitable[object]:
            asked[name] += 1
            return ask(*said)

        return again

    for name in ("revision", "sealing", "opening", "keep"):
        setattr(keyring.shelf, name, counting(name, getattr(keyring.shelf, name)))
    return asked


def test_a_shelf_is_asked_once_until_something_was_destroyed(keys: Path, tmp_path: Path) -> None:
    """For each key once, and every half second whether anything was destroyed; then for each key again."""

    async def story() -> None:
        clock = Ticking()
        async with ring(keys, f"sqlite:{tmp_path}", clock=clock) as keyring:
            asked = counted(keyring)
            sealed = [await keyring.seal("a", "chat", PLACE, HALF_A_LETTER) for _ in range(3)]
            assert asked == {"revision": 1, "sealing": 2, "keep": 1}
            for clock.at in (0.0, LOOK_SECONDS / 2):
                opened = [await keyring.open("a", "chat", PLACE, one) for one in sealed]
                assert opened == [HALF_A_LETTER] * 3
                assert asked == {"revision": 1, "sealing": 2, "keep": 1, "opening": 1}
            clock.at = LOOK_SECONDS
            await keyring.open("a", "chat", PLACE, await keyring.seal("a", "chat", PLACE, HALF_A_LETTER))
            assert asked == {"revision": 2, "sealing": 2, "keep": 1, "opening": 1}
            await keyring.seal("b", "chat", PLACE, HALF_A_LETTER)
            await keyring.destroy("b")
            asked.clear()
            for _ in range(2):
                await keyring.open("a", "chat", PLACE, await keyring.seal("a", "chat", PLACE, HALF_A_LETTER))
                assert asked == {"sealing": 1, "opening": 1}

    asyncio.run(story())


def test_what_was_destroyed_is_told_apart_from_what_was_sealed_in_another_country(keys: Path, tmp_path: Path) -> None:
    """With the same keys and the very same shelf: there it is refused, here it is gone."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as here:
            sealed = await here.seal("a", "chat", PLACE, "words")
            await here.destroy("a")
            assert await here.open("a", "chat", PLACE, sealed) is None
            for country, feature in (("SI", "chat"), ("SE", "diary")):
                with pytest.raises(Unsealable):
                    await Keyring(country, feature, here._keys, here._masters, here.shelf).open("a", "chat", PLACE, sealed)

    asyncio.run(story())


def test_a_master_that_is_missing_is_said_with_its_version(keys: Path, tmp_path: Path) -> None:
    """To whoever runs the host, each time it is needed; nothing of whose key it is."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            sealed = await keyring.seal("a", "chat", PLACE, "words")
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            keyring._masters.remove(1)
            with capture_logs() as logs:
                with pytest.raises(Unavailable):
                    await keyring.open("a", "chat", PLACE, sealed)
                with pytest.raises(Unavailable):
                    await keyring.seal("b", "chat", PLACE, "words")
        assert logs == [{"event": "master key missing", "version": "1", "log_level": "error"}] * 2

    asyncio.run(story())


@pytest.mark.parametrize(
    ("change", "about", "purpose"),
    [("about = 'b'", "b", "chat"), ("purpose = 'diary'", "a", "diary"), ("id = '0000000000000000'", "a", "chat")],
)
def test_a_wrapped_key_stays_the_key_of_one_person_purpose_and_name(
    keys: Path, tmp_path: Path, change: str, about: str, purpose: str
) -> None:
    """Somebody who can write the keyring cannot make it the key of anything else."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            await keyring.seal("a", "chat", PLACE, "words")
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            keyring.shelf._connection.execute(f"UPDATE data_key SET {change}")  # type: ignore[attr-defined]
            with pytest.raises(ValueError, match="wrapped for something else"):
                await keyring.seal(
                    "b" if "about" in change else "a", "diary" if "purpose" in change else "chat", PLACE, "words"
                )

    asyncio.run(story())


def test_a_wrapped_key_stays_that_of_its_country_and_feature(keys: Path, tmp_path: Path) -> None:
    """With the same masters and the very same shelf."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as here:
            await here.seal("a", "chat", PLACE, "words")
            for country, feature in (("SI", "chat"), ("SE", "diary")):
                other = Keyring(country, feature, here._keys, here._masters, here.shelf)
                with pytest.raises(ValueError, match="wrapped for something else"):
                    await other.seal("a", "chat", PLACE, "words")

    asyncio.run(story())
