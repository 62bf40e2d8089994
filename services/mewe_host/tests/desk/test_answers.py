"""Answers that are kept for a repeat: no copy of them opens once anything that they were made of was destroyed."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import pytest
from mewe_core.kit.errors import NotFound
from mewe_core.kit.records import REQUEST
from mewe_host.desk import requests
from mewe_host.desk.requests import ANSWER, DAY, TEN_MINUTES, Key, change_keys, day
from mewe_host.desk.sources import Sources
from mewe_host.keyring.keyring import Keyring
from mewe_host.parts import Store, UnitDatabase
from sqlalchemy import select

from .circle import NOTES
from .world import World, running

NOON = 20_000 * DAY + DAY // 2
MINE = Key("k" * 32, "d" * 32, DAY)
SAID = b"what a child said"
KEPT = select(REQUEST.c.answer)


@asynccontextmanager
async def kept(folder: Path, url: str, sources: Sequence[tuple[str, str]] = ()) -> AsyncIterator[World]:
    """A country where an answer is kept that was made of some sources, at noon."""
    async with running(folder, url) as world:
        store, sealing = world.stores["circle"], ring_of(world)
        for about, purpose in (*sources, ("eve", "chat")):
            await sealing.seal(about, purpose, "note/1/text", "words")
        await store.write(partial(keep, sources, sealing))
        yield world


def ring_of(world: World) -> Keyring:
    """The keyring of the circle."""
    sealing = world.desks["circle"].sealing
    assert isinstance(sealing, Keyring)
    return sealing


async def keep(sources: Sequence[tuple[str, str]], sealing: Keyring, database: UnitDatabase) -> None:
    """Keep an answer that was made of these, at noon."""
    await requests.keep(MINE, SAID, "circle/c1/2", sources, database, sealing, NOON)


async def asked(store: Store, sealing: Keyring, at: int, *, rather_twice: bool = False, key: Key = MINE) -> bytes | None:
    """What a repeat at a moment gets."""
    answer = await store.read(lambda database: requests.answered(key, database, sealing, at, rather_twice=rather_twice))
    return None if answer is None else answer[0]


def test_an_answer_opens_until_a_source_is_destroyed(tmp_path: Path, url: str) -> None:
    """Whichever of its sources goes, and whoever else keeps theirs; then it is gone for everybody, help excepted."""

    async def scene() -> None:
        sources = [("ada", "chat"), ("kim", "chat"), ("concern", "words")]
        async with kept(tmp_path, url, sources) as world:
            store, sealing = world.stores["circle"], ring_of(world)
            for about, purpose in sources:
                await store.write(partial(keep, ((about, purpose), ("eve", "chat")), sealing))
                assert await asked(store, sealing, NOON + DAY - 1) == SAID
                await sealing.destroy(about, purpose)
                with pytest.raises(NotFound):
                    await asked(store, sealing, NOON)
                assert await asked(store, sealing, NOON, rather_twice=True) is None

    asyncio.run(scene())


def test_a_copy_of_the_row_opens_no_more(tmp_path: Path, sqlite_url: str) -> None:
    """A backup of the very moment, with all the keys that are left: of the day's own and of a source one is not enough."""

    async def scene() -> None:
        sources = [("ada", "chat"), ("kim", "chat")]
        for number, gone in enumerate([*sources, (day(NOON), ANSWER)]):
            async with kept(tmp_path / str(number), sqlite_url + str(number), sources) as world:
                (answer,) = await world.stores["circle"].read(lambda database: database.all(KEPT, bytes))
                sealing, place = ring_of(world), requests.place(MINE.name)
                assert SAID not in answer
                assert await sealing.open_within(day(NOON), ANSWER, place, answer) == b"circle/c1/2\n" + SAID
                await sealing.destroy(*gone)
                assert await sealing.open_within(day(NOON), ANSWER, place, answer) is None

    asyncio.run(scene())


def test_an_answer_at_the_place_of_another_is_refused(tmp_path: Path, sqlite_url: str) -> None:
    """Whoever writes to the database cannot have one person given what another was answered."""

    async def scene() -> None:
        async with kept(tmp_path, sqlite_url) as world:
            with closing(sqlite3.connect(tmp_path / "databases" / "circle.db")) as database:
                database.execute("UPDATE kit_request SET key = ?", ("o" * 32,))
                database.commit()
            with pytest.raises(ValueError, match="something else"):
                await asked(world.stores["circle"], ring_of(world), NOON, key=Key("o" * 32, "d" * 32, DAY))

    asyncio.run(scene())


def test_the_key_of_a_day_goes_after_the_next_one(tmp_path: Path, sqlite_url: str) -> None:
    """It is there ahead, opens for as long as its answers are kept, and is destroyed as soon as none of them is."""

    async def scene() -> None:
        async with kept(tmp_path, sqlite_url) as world:
            store, sealing = world.stores["circle"], ring_of(world)
            for about in await sealing.abouts(ANSWER):
                if about != day(NOON):
                    await sealing.destroy(about, ANSWER)
            await change_keys(sealing, NOON)
            assert set(await sealing.abouts(ANSWER)) == {day(NOON), day(NOON + DAY)}
            await change_keys(sealing, NOON + DAY)
            assert await asked(store, sealing, NOON + DAY - 1) == SAID
            await change_keys(sealing, NOON + 3 * DAY // 2)
            assert set(await sealing.abouts(ANSWER)) == {day(NOON + DAY * days) for days in (1, 2, 3)}
            with pytest.raises(NotFound):
                await asked(store, sealing, NOON)

    asyncio.run(scene())


def test_answers_of_nobody_are_looked_for_under_their_own_day(tmp_path: Path, sqlite_url: str) -> None:
    """They are kept for ten minutes, which may begin before midnight and end behind it."""

    async def scene() -> None:
        brief = Key("n" * 32, "d" * 32, TEN_MINUTES)
        async with running(tmp_path, sqlite_url) as world:
            store, sealing, late = world.stores["circle"], ring_of(world), 20_001 * DAY - 1
            await store.write(lambda database: requests.keep(brief, SAID, "", (), database, sealing, late))
            assert await asked(store, sealing, late + TEN_MINUTES - 1, key=brief) == SAID

    asyncio.run(scene())


def test_what_was_made_of_something_gone_is_not_kept(tmp_path: Path, sqlite_url: str) -> None:
    """A unit that destroys what it saw: its answer is nowhere, no key comes back, and it is not done twice."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            store, sealing = world.stores["circle"], ring_of(world)
            sources = Sources(sealing)
            sealed = await sources.seal("ada", "chat", "note/1/text", "words")
            assert await sources.open("ada", "chat", "note/1/text", sealed) == "words"
            assert await sources.destroy("ada", "chat") == 1
            assert list(sources.seen) == [("ada", "chat")]
            await store.write(lambda database: requests.keep(MINE, SAID, "", sources.seen, database, sealing, NOON))
            assert await store.read(lambda database: database.all(KEPT, bytes)) == [b""]
            assert await sealing.abouts("chat") == []
            with pytest.raises(NotFound):
                await asked(store, sealing, NOON)

    asyncio.run(scene())


def test_what_cannot_be_opened_is_no_source(tmp_path: Path, sqlite_url: str) -> None:
    """Words of somebody who was erased are seen by nobody, so they keep nothing from being answered again."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            sealing = ring_of(world)
            sealed = await sealing.seal("ada", "chat", "note/1/text", "words")
            sources = Sources(sealing)
            assert await sources.open("ada", "chat", "note/1/text", sealed) == "words"
            assert list(sources.seen) == [("ada", "chat")]
            await sealing.destroy("ada")
            sources = Sources(sealing)
            assert await sources.open("ada", "chat", "note/1/text", sealed) is None
            assert not sources.seen

    asyncio.run(scene())


def test_a_call_is_answered_again_until_its_author_is_erased(tmp_path: Path, url: str) -> None:
    """Through the desk: the answer to a note is made of the author's key, and of the day's; then it is gone, and done once."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await world.call("Join", "p1", request_id="join", circle_id="c1")
            written = {"request_id": "r1", "circle_id": "c1", "text": "I have not slept"}
            first = await world.call("PostNote", "p1", **written)
            assert (await world.call("PostNote", "p1", **written)).message == first.message
            await ring_of(world).destroy("p1", NOTES)
            with pytest.raises(NotFound):
                await world.call("PostNote", "p1", **written)
            answer = await world.call("ListNotes", "p1", circle_id="c1")
            assert [note.text for note in world.loaded("ListNotes", answer).notes] == [""]

    asyncio.run(scene())
