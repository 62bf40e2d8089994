"""What a keyring seals opens in its place alone, and never once its key was destroyed, by whichever host."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mewe_core.kit.errors import Unavailable
from mewe_host.keyring.keyring import LOOK_SECONDS, Keyring
from mewe_host.keyring.sealed import bound
from mewe_host.keyring.shelf import KeyRow
from mewe_host.store.units import unbroken

from .ring import PLACE, Ticking, ring

WORDS = "I have not slept since Tuesday. 🌙"
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=300)
"""Every text that Python knows, lone surrogates and NUL included."""


async def refused(keyring: Keyring, sealed: bytes, about: str = "a", purpose: str = "chat", place: str = PLACE) -> None:
    """It does not open, and the refusal tells nothing of it."""
    with pytest.raises(ValueError, match="sealed for something else") as fault:
        await keyring.open(about, purpose, place, sealed)
    assert WORDS not in repr(fault.value)


def test_words_open_in_their_place(keys: Path, url: str) -> None:
    """What was sealed opens, also after a restart; each time it is sealed it looks different, and never like the words."""

    async def story() -> None:
        async with ring(keys, url) as keyring:
            sealed = [await keyring.seal("a", "chat", PLACE, WORDS) for _ in range(3)]
            assert len(set(sealed)) == 3
            assert all(len(one) == 45 + len(WORDS.encode()) and b"slept" not in one for one in sealed)
            assert await keyring.open("a", "chat", PLACE, sealed[0]) == WORDS
        async with ring(keys, url) as keyring:
            assert await keyring.open("a", "chat", PLACE, sealed[1]) == WORDS

    asyncio.run(story())


def test_words_open_nowhere_else(keys: Path, url: str) -> None:
    """Another row, column, table, person or purpose is refused, whether it has a key or not."""

    async def story() -> None:
        async with ring(keys, url) as keyring:
            sealed = await keyring.seal("a", "chat", PLACE, WORDS)
            for has_keys in (False, True):
                if has_keys:
                    for about, purpose in (("b", "chat"), ("a", "diary"), ("ac", "hat")):
                        await keyring.seal(about, purpose, PLACE, "other words")
                await refused(keyring, sealed, about="b")
                await refused(keyring, sealed, purpose="diary")
                await refused(keyring, sealed, about="ac", purpose="hat")
                for place in ("chat_message/2/text", "chat_message/1/name", "chat_note/1/text", "", PLACE + "\0", "\ud800"):
                    await refused(keyring, sealed, place=place)

    asyncio.run(story())


def test_another_feature_and_another_country_are_refused(keys: Path, url: str) -> None:
    """With the same keys and the very same shelf."""

    async def story() -> None:
        async with ring(keys, url) as mine:
            sealed = await mine.seal("a", "chat", PLACE, WORDS)
            for country, feature in (("SE", "diary"), ("SI", "chat")):
                other = Keyring(country, feature, mine._keys, mine._masters, mine.shelf)
                with pytest.raises(ValueError, match="something else"):
                    await other.open("a", "chat", PLACE, sealed)
        async with ring(keys, url, feature="diary") as diary:
            await diary.seal("a", "chat", PLACE, "other words")
            await refused(diary, sealed)

    asyncio.run(story())


def test_what_was_changed_or_cut_is_refused(keys: Path, tmp_path: Path) -> None:
    """Every single flipped bit, every shorter piece, anything longer: refused, with its key there and after it is gone."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            sealed = await keyring.seal("a", "chat", PLACE, WORDS)
            for destroyed in (False, True):
                if destroyed:
                    await keyring.destroy("a")
                for place in range((1 + 8 + 8) * 8 if destroyed else len(sealed) * 8):
                    changed = bytearray(sealed)
                    changed[place // 8] ^= 1 << place % 8
                    await refused(keyring, bytes(changed))
            await keyring.seal("a", "chat", PLACE, WORDS)
            for length in range(45):
                await refused(keyring, sealed[:length])
            assert await keyring.open("a", "chat", PLACE, sealed) is None

    asyncio.run(story())


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=ANY_TEXT, place=ANY_TEXT, other=ANY_TEXT)
def test_any_text_comes_back_as_it_was(keys: Path, tmp_path: Path, text: str, place: str, other: str) -> None:
    """Whatever Python can hold in a text, lone surrogates included, opens unchanged, in its place and in no other."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            sealed = await keyring.seal("a", "chat", place, text)
            assert await keyring.open("a", "chat", place, sealed) == text
            if other != place:
                await refused(keyring, sealed, place=other)

    asyncio.run(story())


@given(one=st.lists(ANY_TEXT, max_size=4), other=st.lists(ANY_TEXT, max_size=4))
def test_what_is_bound_tells_every_list_of_texts_apart(one: list[str], other: list[str]) -> None:
    """No two lists are bound alike, however their texts begin and end."""
    assert (bound(*one) == bound(*other)) == (one == other)


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "a\udfff"])
def test_a_key_has_a_name_that_can_be_kept(keys: Path, tmp_path: Path, name: str) -> None:
    """An empty one, NUL or half a character is refused, and not shown."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            sealed = await keyring.seal("a", "chat", PLACE, WORDS)
            attempts: list[Callable[[], Awaitable[object]]] = [
                lambda: keyring.seal(name, "chat", PLACE, WORDS),
                lambda: keyring.seal("a", name, PLACE, WORDS),
                lambda: keyring.open(name, "chat", PLACE, sealed),
                lambda: keyring.open("a", name, PLACE, sealed),
                lambda: keyring.destroy(name),
                lambda: keyring.destroy("a", name),
            ]
            for attempt in attempts:
                with pytest.raises(ValueError, match="is named by a text"):
                    await attempt()

    asyncio.run(story())


def test_a_destroyed_key_opens_nothing_any_more(keys: Path, url: str) -> None:
    """One purpose, or all of a person; those of others stay. What is sealed anew has a new key, and the old words stay shut."""

    async def story() -> None:
        async with ring(keys, url) as keyring:
            chat, diary, other = [
                await keyring.seal(about, purpose, PLACE, WORDS)
                for about, purpose in (("a", "chat"), ("a", "diary"), ("b", "chat"))
            ]
            assert await keyring.destroy("a", "chat") == 1
            assert await keyring.destroy("a", "chat") == 0
            assert await keyring.open("a", "chat", PLACE, chat) is None
            assert await keyring.open("a", "diary", PLACE, diary) == WORDS
            again = await keyring.seal("a", "chat", PLACE, "again")
            assert await keyring.open("a", "chat", PLACE, chat) is None
            assert await keyring.open("a", "chat", PLACE, again) == "again"
            assert await keyring.destroy("a") == 2
            assert await keyring.destroy("a") == 0
            assert [await keyring.open("a", "chat", PLACE, one) for one in (chat, again)] == [None, None]
            assert await keyring.open("a", "diary", PLACE, diary) is None
            assert await keyring.open("b", "chat", PLACE, other) == WORDS

    asyncio.run(story())


def test_a_key_that_another_host_destroyed_is_refused_within_a_second(keys: Path, url: str) -> None:
    """A host that remembers the key looks at the shelf again after half a second, and then neither opens nor seals with it."""

    async def story() -> None:
        clock = Ticking()
        async with ring(keys, url, clock=clock) as here, ring(keys, url) as there:
            sealed = await here.seal("a", "chat", PLACE, WORDS)
            assert await here.open("a", "chat", PLACE, sealed) == WORDS
            assert await there.destroy("a") == 1
            clock.at += LOOK_SECONDS
            assert await here.open("a", "chat", PLACE, sealed) is None
            await here.seal("b", "chat", PLACE, WORDS)
            sealed = await here.seal("a", "chat", PLACE, WORDS)
            await there.destroy("a", "chat")
            clock.at += LOOK_SECONDS
            new = await here.seal("a", "chat", PLACE, WORDS)
            assert new[1:9] != sealed[1:9]
            assert await there.open("a", "chat", PLACE, new) == WORDS

    assert LOOK_SECONDS < 1
    asyncio.run(story())


def test_hosts_that_seal_for_the_first_time_at_once_share_a_key(keys: Path, url: str) -> None:
    """Whoever makes it first, both seal with it and both open."""

    async def story() -> None:
        async with ring(keys, url) as here, ring(keys, url) as there:
            sealed = await asyncio.gather(*(one.seal("a", "chat", PLACE, WORDS) for one in (here, there) * 4))
            assert len({one[1:9] for one in sealed}) == 1
            for one in sealed:
                assert [await host.open("a", "chat", PLACE, one) for host in (here, there)] == [WORDS, WORDS]

    asyncio.run(story())


def test_on_sqlite_nothing_suspends(keys: Path, tmp_path: Path) -> None:
    """A unit on SQLite runs unbroken, so sealing, opening and destroying in it wait for nothing."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            sealed = unbroken(keyring.seal("a", "chat", PLACE, WORDS))
            assert unbroken(keyring.open("a", "chat", PLACE, sealed)) == WORDS
            assert unbroken(keyring.destroy("a")) == 1
            assert unbroken(keyring.open("a", "chat", PLACE, sealed)) is None

    asyncio.run(story())


def test_a_key_whose_master_is_missing_opens_nothing(keys: Path, url: str) -> None:
    """The feature is unavailable, plainly, until the master is there; nothing is lost."""

    async def story() -> None:
        async with ring(keys, url) as keyring:
            sealed = await keyring.seal("a", "chat", PLACE, WORDS)
        async with ring(keys, url) as keyring:
            master = keys / "masters" / "1.key"
            shutil.copy(master, keys / "kept")
            keyring._masters.remove(1)
            with pytest.raises(Unavailable):
                await keyring.open("a", "chat", PLACE, sealed)
            with pytest.raises(Unavailable):
                await keyring.seal("b", "chat", PLACE, WORDS)
            (keys / "kept").rename(master)
            assert await keyring.open("a", "chat", PLACE, sealed) == WORDS
            assert await keyring.open("b", "chat", PLACE, await keyring.seal("b", "chat", PLACE, WORDS)) == WORDS

    asyncio.run(story())


def test_a_wrapped_key_that_was_swapped_is_refused(keys: Path, tmp_path: Path) -> None:
    """Somebody who can write the keyring cannot put one person's key in another's place."""

    async def story() -> None:
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            mine, theirs = [await keyring.seal(about, "chat", PLACE, WORDS) for about in ("a", "b")]
        async with ring(keys, f"sqlite:{tmp_path}") as keyring:
            write = keyring.shelf._connection.execute  # type: ignore[attr-defined]
            write("UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE about = 'b') WHERE about = 'a'")
            with pytest.raises(ValueError, match="wrapped for something else"):
                await keyring.open("a", "chat", PLACE, mine)
            write("UPDATE data_key SET wrapped = x'00' WHERE about = 'b'")
            with pytest.raises(ValueError, match="wrapped for something else"):
                await keyring.open("b", "chat", PLACE, theirs)

    asyncio.run(story())


def test_a_key_that_is_destroyed_in_the_moment_it_is_made_seals_nothing(keys: Path, url: str) -> None:
    """Another host destroys it in between: the feature is unavailable for this call, and nothing is sealed with a lost key."""

    async def story() -> None:
        async with ring(keys, url) as here, ring(keys, url) as there:
            keep = here.shelf.keep

            async def kept_and_destroyed(about: str, purpose: str, id_: str, wrap: Callable[[int], bytes]) -> None:
                await keep(about, purpose, id_, wrap)
                await there.destroy(about)

            here.shelf.keep = kept_and_destroyed  # type: ignore[method-assign]
            with pytest.raises(Unavailable):
                await here.seal("a", "chat", PLACE, WORDS)

    asyncio.run(story())


def test_a_key_read_before_another_was_destroyed_is_not_remembered(keys: Path, url: str) -> None:
    """It is used for the call that read it, and asked for again by the next."""

    async def story() -> None:
        clock = Ticking()
        async with ring(keys, url, clock=clock) as here, ring(keys, url) as there:
            sealed = await here.seal("a", "chat", PLACE, WORDS)
            await there.seal("b", "chat", PLACE, WORDS)
            late = Keyring("SE", "chat", here._keys, here._masters, here.shelf, clock=clock)
            opening, sealing = here.shelf.opening, here.shelf.sealing

            async def opened_and_moved(about: str, purpose: str, id_: str) -> KeyRow | None:
                row = await opening(about, purpose, id_)
                await there.destroy("nobody else")
                late._seen(await here.shelf.revision() + 1)
                return row

            async def found_and_moved(about: str, purpose: str) -> KeyRow | None:
                row = await sealing(about, purpose)
                late._seen(await here.shelf.revision() + 2)
                return row

            here.shelf.opening = opened_and_moved  # type: ignore[method-assign]
            here.shelf.sealing = found_and_moved  # type: ignore[method-assign]
            assert await late.open("a", "chat", PLACE, sealed) == WORDS
            assert len(late._opening) == 0
            await late.seal("a", "chat", PLACE, WORDS)
            assert len(late._sealing) == 0

    asyncio.run(story())
