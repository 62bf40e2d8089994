"""What a store promises, on both databases."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum

import pytest
from attrs import frozen
from mewe_core.kit.database import Database, one_of
from mewe_core.kit.errors import Conflict, NotAllowed, Unavailable
from mewe_core.kit.feature import Feature
from mewe_core.kit.values import columns
from mewe_host.parts import Store, UnitDatabase
from mewe_host.store.migrate import migrate
from mewe_host.store.once import ReadOnce
from mewe_host.store.open import open_store
from mewe_host.store.units import Reading, UnitOver
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    select,
    update,
)
from whenever import Instant

MakeFeature = Callable[[str, MetaData], Feature]

TABLES = MetaData()
SEAT = Table(
    "shelf_seat",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("room", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("kind", Text),
    Column("taken_at", BigInteger),
    Column("seal", LargeBinary),
    Column("kept", Boolean),
    UniqueConstraint("room", "place"),
)


class Kind(StrEnum):
    """A kind of seat."""

    CHAIR = "chair"


@frozen
class Seat:
    """A row with a value of each sort."""

    id: str
    room: str
    place: int
    kind: Kind | None = None
    taken_at: Instant | None = None
    seal: bytes | None = None
    kept: bool | None = None


TAKE = insert(SEAT)
SEATS = select(SEAT).where(SEAT.c.room == bindparam("room")).order_by(SEAT.c.place)
COUNT = select(func.count()).select_from(SEAT).where(SEAT.c.room == bindparam("room"))
AMONG = select(SEAT.c.id).where(one_of(SEAT.c.id, "ids")).order_by(SEAT.c.id)
MOVE = update(SEAT).where(SEAT.c.room == bindparam("from_room")).values(room=bindparam("to_room"))
TAKE_NEXT = insert(SEAT).values(id=bindparam("id"), room="hall", place=bindparam("place")).returning(SEAT.c.place)


class Full(NotAllowed):
    """The room is full."""

    reason = "FULL"
    sentence = "The room is full."


@asynccontextmanager
async def opened(make_feature: MakeFeature, url: str) -> AsyncIterator[Store]:
    """The store of a new feature."""
    await migrate([make_feature("shelf", TABLES)], url)
    store = await open_store("shelf", url)
    try:
        yield store
    finally:
        await store.close()


async def take(store: Store, seat: Seat) -> None:
    """Keep one seat, in a unit of its own."""

    async def unit(database: UnitDatabase) -> None:
        await database.execute(TAKE, **columns(seat))

    await store.write(unit)


async def seats(store: Store, room: str = "hall") -> list[Seat]:
    """What is kept of a room."""
    return await store.read(lambda database: database.all(SEATS, Seat, room=room))


def test_a_row_comes_back_as_it_was_written(make_feature: MakeFeature, url: str) -> None:
    """Texts, numbers, enums, moments, bytes, booleans and nothing at all survive the way there and back."""
    full = Seat("a", "hall", 2**40, Kind.CHAIR, Instant.from_utc(2024, 2, 29, 16, 0, 1, nanosecond=5_000), b"\0\1", kept=False)
    empty = Seat("b", "hall", 2**40 + 1)

    async def story() -> list[Seat]:
        async with opened(make_feature, url) as store:
            await take(store, full)
            await take(store, empty)
            return await seats(store)

    assert [full, empty] == asyncio.run(story())


def test_a_failing_unit_is_undone_alone(make_feature: MakeFeature, url: str) -> None:
    """Of units that run together, those that raise leave nothing and those that do not are kept."""

    async def story() -> tuple[list[int], list[str]]:
        async with opened(make_feature, url) as store:

            async def one(place: int) -> None:
                async def unit(database: UnitDatabase) -> None:
                    await database.execute(TAKE, **columns(Seat(f"s{place}", "hall", place)))
                    if place % 2:
                        raise Full

                await store.write(unit)

            answers = await asyncio.gather(*(one(place) for place in range(20)), return_exceptions=True)
            return [seat.place for seat in await seats(store)], [type(answer).__name__ for answer in answers]

    kept, answers = asyncio.run(story())

    assert list(range(0, 20, 2)) == kept
    assert answers == ["NoneType", "Full"] * 10


def test_a_refused_row_is_a_conflict(make_feature: MakeFeature, url: str) -> None:
    """A constraint of the schema speaks as Conflict, and the unit leaves nothing."""

    async def story() -> list[Seat]:
        async with opened(make_feature, url) as store:
            await take(store, Seat("a", "hall", 1))

            async def unit(database: UnitDatabase) -> None:
                await database.execute(TAKE, **columns(Seat("b", "hall", 2)))
                await database.execute(TAKE, **columns(Seat("c", "hall", 1)))

            with pytest.raises(Conflict):
                await store.write(unit)
            return await seats(store)

    assert [Seat("a", "hall", 1)] == asyncio.run(story())


def test_a_swallowed_conflict_still_ends_the_unit(make_feature: MakeFeature, url: str) -> None:
    """A unit that goes on after a refusal is refused as a whole, alike on both databases."""

    async def story() -> tuple[list[Seat], list[str]]:
        async with opened(make_feature, url) as store:
            went_on: list[str] = []

            async def unit(database: UnitDatabase) -> str:
                await database.execute(TAKE, **columns(Seat("a", "hall", 1)))
                try:
                    await database.execute(TAKE, **columns(Seat("a", "hall", 2)))
                except Conflict:
                    went_on.append("after the first")
                try:
                    await database.execute(TAKE, **columns(Seat("b", "hall", 2)))
                except Conflict:
                    went_on.append("after the second")
                return "done"

            with pytest.raises(Conflict):
                await store.write(unit)
            return await seats(store), went_on

    assert asyncio.run(story()) == ([], ["after the first", "after the second"])


def test_a_unit_may_give_a_refusal_its_own_name(make_feature: MakeFeature, url: str) -> None:
    """What a unit raises is what its caller gets, also in place of a Conflict."""

    async def story() -> None:
        async with opened(make_feature, url) as store:
            await take(store, Seat("a", "hall", 1))

            async def unit(database: UnitDatabase) -> None:
                try:
                    await database.execute(TAKE, **columns(Seat("b", "hall", 1)))
                except Conflict:
                    raise Full from None

            await store.write(unit)

    with pytest.raises(Full):
        asyncio.run(story())


def test_a_read_sees_only_what_is_durable(make_feature: MakeFeature, url: str) -> None:
    """A read in the middle of a unit that writes sees nothing of it; the unit itself does, and so does a read afterwards."""

    async def story() -> tuple[int | None, int | None, int | None]:
        async with opened(make_feature, url) as store:

            async def count(database: Database) -> int | None:
                return await database.first(COUNT, int, room="hall")

            async def unit(database: UnitDatabase) -> tuple[int | None, int | None]:
                await database.execute(TAKE, **columns(Seat("a", "hall", 1)))
                return await store.read(count), await count(database)

            before, inside = await store.write(unit)
            return before, inside, await store.read(count)

    assert asyncio.run(story()) == (0, 1, 1)


def test_a_reading_unit_cannot_change_anything(make_feature: MakeFeature, url: str) -> None:
    """Neither execute nor a statement that changes and answers gets through in a read."""

    async def story() -> list[Seat]:
        async with opened(make_feature, url) as store:

            async def unit(database: Database) -> None:
                await database.execute(TAKE, **columns(Seat("a", "hall", 1)))

            with pytest.raises(Reading):
                await store.read(unit)
            with pytest.raises(Reading):
                await store.read(lambda database: database.first(TAKE_NEXT, int, id="b", place=2))
            return await seats(store)

    assert asyncio.run(story()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"id": "secret"}, "needs place"),
        ({"id": "secret", "place": 1, "colour": "secret"}, "does not know colour"),
        ({"id": "secret", "plaice": 1}, "place"),
    ],
)
def test_a_statement_gets_exactly_its_parameters(
    make_feature: MakeFeature, url: str, given: dict[str, str | int], said: str
) -> None:
    """A parameter that is missing or unknown is an error that names it and shows no value."""

    async def story() -> None:
        async with opened(make_feature, url) as store:
            await store.write(lambda database: database.first(TAKE_NEXT, int, **given))

    with pytest.raises(TypeError, match=said) as caught:
        asyncio.run(story())

    assert "secret" not in str(caught.value)


def test_a_change_says_how_many_rows(make_feature: MakeFeature, url: str) -> None:
    """``execute`` answers with the number of rows; a returning insert answers with its row; a list is one parameter."""

    async def story() -> tuple[int, int, int | None, list[str]]:
        async with opened(make_feature, url) as store:

            async def unit(database: UnitDatabase) -> tuple[int, int, int | None, list[str]]:
                for place in (1, 2, 3):
                    await database.execute(TAKE, **columns(Seat(f"s{place}", "hall", place)))
                return (
                    await database.execute(MOVE, from_room="hall", to_room="yard"),
                    await database.execute(MOVE, from_room="nowhere", to_room="yard"),
                    await database.first(TAKE_NEXT, int, id="new", place=9),
                    await database.all(AMONG, str, ids=["s1", "s3", "none"]),
                )

            return await store.write(unit)

    assert asyncio.run(story()) == (3, 0, 9, ["s1", "s3"])


def test_each_commit_is_told(make_feature: MakeFeature, url: str) -> None:
    """Who asked for it is called after a commit, and not when all was refused."""

    async def story() -> list[int]:
        told: list[int] = []
        async with opened(make_feature, url) as store:
            store.on_commit(lambda: told.append(1))
            await take(store, Seat("a", "hall", 1))
            with pytest.raises(Conflict):
                await take(store, Seat("a", "hall", 1))
            return told

    assert asyncio.run(story()) == [1]


def test_eight_places_take_exactly_eight(make_feature: MakeFeature, url: str) -> None:
    """Sixteen who join a group of eight at once, each having looked first: eight get in and eight are told it is full."""

    async def story() -> tuple[int, int]:
        async with opened(make_feature, url) as store:

            async def join(who: int) -> None:
                async def unit(database: UnitDatabase) -> None:
                    if database.must_lock:
                        await database.lock("hall")
                    there = await database.first(COUNT, int, room="hall") or 0
                    if there >= 8:
                        raise Full
                    await database.execute(TAKE, **columns(Seat(f"p{who}", "hall", 100 + who)))

                await store.write(unit)

            answers = await asyncio.gather(*(join(who) for who in range(16)), return_exceptions=True)
            return len(await seats(store)), sum(isinstance(answer, Full) for answer in answers)

    assert asyncio.run(story()) == (8, 8)


def test_a_database_ends_with_its_unit(make_feature: MakeFeature, url: str) -> None:
    """What a unit was lent cannot be used once it is over."""

    async def story() -> None:
        async with opened(make_feature, url) as store:
            kept: list[UnitDatabase] = []

            async def unit(database: UnitDatabase) -> None:
                kept.append(database)

            await store.write(unit)
            await kept[0].execute(TAKE, **columns(Seat("a", "hall", 1)))

    with pytest.raises(UnitOver):
        asyncio.run(story())


def test_closing_finishes_what_was_handed_in(make_feature: MakeFeature, url: str) -> None:
    """Units handed in before a store closes are answered and kept; later ones are Unavailable."""

    async def story() -> tuple[list[object], list[Seat]]:
        await migrate([make_feature("shelf", TABLES)], url)
        store = await open_store("shelf", url)
        waiting = [asyncio.ensure_future(take(store, Seat(f"s{n}", "hall", n))) for n in range(5)]
        await asyncio.sleep(0)
        await store.close()
        await store.close()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        with pytest.raises(Unavailable):
            await take(store, Seat("late", "hall", 99))
        with pytest.raises(Unavailable):
            await seats(store)
        again = await open_store("shelf", url)
        try:
            return list(answers), await seats(again)
        finally:
            await again.close()

    answers, kept = asyncio.run(story())

    assert answers == [None] * 5
    assert [f"s{n}" for n in range(5)] == [seat.id for seat in kept]


def test_what_was_read_once_in_a_unit_is_not_read_again(make_feature: MakeFeature, url: str) -> None:
    """The same question has the same answer, whatever is changed behind its back; every other question is asked."""

    async def unit(database: UnitDatabase) -> None:
        once, there = ReadOnce(database), [Seat("a", "hall", 1)]
        found = await once.all(SEATS, Seat, room="hall")
        assert (found, await once.first(COUNT, int, room="hall")) == (there, 1)
        found.clear()
        await database.execute(MOVE, from_room="hall", to_room="attic")
        assert (await once.all(SEATS, Seat, room="hall"), await once.first(COUNT, int, room="hall")) == (there, 1)
        assert (await once.all(SEATS, Seat, room="den"), await once.first(COUNT, int, room="attic")) == ([], 1)
        assert [await once.all(AMONG, str, ids=ids) for ids in (["a"], ["b"], ["a"])] == [["a"], [], ["a"]]

    async def scene() -> None:
        async with opened(make_feature, url) as store:
            await take(store, Seat("a", "hall", 1))
            await store.write(unit)
            with pytest.raises(Reading):
                await store.read(lambda database: ReadOnce(database).execute(MOVE, from_room="attic", to_room="hall"))

    asyncio.run(scene())
