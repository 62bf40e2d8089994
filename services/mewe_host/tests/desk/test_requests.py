"""Each write once: what a repeat of a request gets."""

import asyncio
from pathlib import Path

import pytest
from mewe_core.kit.errors import Conflict, Failure, Invalid, NotFound, RequestReused, SignedOut
from mewe_core.kit.records import AUDIT, REQUEST
from mewe_host.parts import Answer, Arrival
from sqlalchemy import select

from .circle import CodeNotGood
from .world import World, running

METHODS = select(AUDIT.c.method).order_by(AUDIT.c.position)
ANSWERS = select(REQUEST.c.answer)


async def joined(world: World, *people: str) -> None:
    """Some people belong to circle c1."""
    for person in people:
        await world.call("Join", person, request_id=f"join-{person}", circle_id="c1")


async def notes(world: World, person: str) -> list[str]:
    """What they read in c1."""
    answer = await world.call("ListNotes", person, circle_id="c1")
    return [note.text for note in world.loaded("ListNotes", answer).notes]


def test_a_repeat_gets_the_first_answer_and_changes_nothing(tmp_path: Path, url: str) -> None:
    """The same request_id with the same content gives the same answer and position, byte for byte, and one note."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world, "p1")
            first = await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="hello")
            world.clock.advance(hours=23)
            again = await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="hello")
            assert (again.message, again.position) == (first.message, first.position)
            assert first.position == "circle.note_posted/c1/2"
            assert await notes(world, "p1") == ["hello"]
            assert [one.name for one in await world.told("circle")].count("note_posted") == 1

    asyncio.run(scene())


def test_repeats_that_come_at_once_are_one(tmp_path: Path, url: str) -> None:
    """Ten copies of a request that run beside each other are one note and ten equal answers."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world, "p1")
            calls = [world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="hello") for _ in range(10)]
            answers = {answer.message.SerializeToString() for answer in await asyncio.gather(*calls)}
            assert len(answers) == 1
            assert await notes(world, "p1") == ["hello"]

    asyncio.run(scene())


def test_repeats_without_a_token_that_come_at_once_are_one(tmp_path: Path, url: str) -> None:
    """Ten copies of a sign-in get the same secret: none is told that the code is used, which its twin has just done."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            calls = [world.call("RedeemCode", request_id="a" * 32, code="one") for _ in range(10)]
            answers = {answer.message.SerializeToString() for answer in await asyncio.gather(*calls)}
            assert len(answers) == 1

    asyncio.run(scene())


def test_writes_beside_each_other_are_numbered_without_gap(tmp_path: Path, url: str) -> None:
    """Twenty notes written at once in one circle get the numbers and sequences of twenty, each once."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world, "p1", "p2")
            calls = [
                world.call("PostNote", f"p{n % 2 + 1}", request_id=f"r{n}", circle_id="c1", text=f"n{n}") for n in range(20)
            ]
            numbers = [world.loaded("PostNote", answer).number for answer in await asyncio.gather(*calls)]
            assert sorted(numbers) == list(range(1, 21))
            told = [one.sequence for one in await world.told("circle") if one.aggregate_id == "c1"]
            assert sorted(told) == list(range(1, 23))

    asyncio.run(scene())


def test_the_same_id_with_another_content_is_refused(tmp_path: Path, url: str) -> None:
    """A request_id stands for one content: another one is RequestReused, and nothing happens."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world, "p1")
            await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="hello")
            with pytest.raises(RequestReused):
                await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="goodbye")
            assert await notes(world, "p1") == ["hello"]

    asyncio.run(scene())


def test_an_id_belongs_to_one_caller_and_one_method(tmp_path: Path, sqlite_url: str) -> None:
    """Two people, or two methods, may use the same request_id and do not meet."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world, "p1", "p2")
            for person in ("p1", "p2"):
                await world.call("PostNote", person, request_id="r1", circle_id="c1", text=person)
            await world.call("EndSession", "p1", request_id="r1", session_id="old")
            assert await notes(world, "p2") == ["p1", "p2"]

    asyncio.run(scene())


def test_a_refusal_is_not_kept(tmp_path: Path, url: str) -> None:
    """What was refused left nothing behind, and the same request_id may be tried again."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world, "p1")
            told = await world.told("circle")
            with pytest.raises(Conflict):
                await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="fail")
            assert await notes(world, "p1") == []
            assert await world.told("circle") == told
            await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="hello")
            assert await notes(world, "p1") == ["hello"]

    asyncio.run(scene())


def test_access_comes_before_the_repeat(tmp_path: Path, sqlite_url: str) -> None:
    """Who has left gets no old answer: access is checked before a repeat is looked for."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world, "p1")
            await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="hello")
            await world.call("Leave", "p1", request_id="r2", circle_id="c1")
            with pytest.raises(NotFound):
                await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="hello")

    asyncio.run(scene())


def test_who_ends_their_own_right_gets_the_answer_again(tmp_path: Path, url: str) -> None:
    """A request that took the right to make it is answered as before, byte for byte, for a day; every other one is refused."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world, "p1", "p2")
            leaving = {"request_id": "r2", "circle_id": "c1"}
            calls = [world.call("Leave", "p1", **leaving) for _ in range(5)]
            first, *others = await asyncio.gather(*calls)
            assert {(one.message.SerializeToString(), one.position) for one in others} == {
                (first.message.SerializeToString(), first.position)
            }
            assert [one.name for one in await world.told("circle")].count("standing_changed") == 3
            for person, fields in (
                ("p1", {**leaving, "request_id": "r3"}),
                ("p1", {**leaving, "circle_id": "c2"}),
                ("p3", leaving),
            ):
                with pytest.raises(NotFound):
                    await world.call("Leave", person, **fields)
            world.clock.advance(hours=24)
            with pytest.raises(NotFound):
                await world.call("Leave", "p1", **leaving)

    asyncio.run(scene())


def test_the_last_answer_is_for_the_session_that_got_it(tmp_path: Path, sqlite_url: str) -> None:
    """Another device of the same person is told that there is no such thing; a session that has ended, to sign in."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world, "p1")
            leaving = {"request_id": "r2", "circle_id": "c1"}
            await world.call("Leave", "p1", **leaving)
            with pytest.raises(NotFound):
                await world.arrive("Leave", Arrival(world.token("p1", "another session"), 20, None), **leaving)
            await world.call("EndSession", "p1", request_id="r3", session_id="s1")
            with pytest.raises(SignedOut):
                await world.call("Leave", "p1", **leaving)

    asyncio.run(scene())


def test_a_right_that_came_back_and_was_taken_opens_nothing(tmp_path: Path, sqlite_url: str) -> None:
    """Only what ended one's own right is answered: what was got by it before is not, whoever has ended it."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world, "p1")
            posted = {"request_id": "r1", "circle_id": "c1", "text": "hello"}
            await world.call("PostNote", "p1", **posted)
            await world.call("Leave", "p1", request_id="r2", circle_id="c1")
            await world.call("Join", "p1", request_id="again", circle_id="c1")
            with pytest.raises(RequestReused):
                await world.call("PostNote", "p1", **{**posted, "text": "another"})
            await world.call("Leave", "p1", request_id="r4", circle_id="c1")
            with pytest.raises(NotFound):
                await world.call("PostNote", "p1", **posted)

    asyncio.run(scene())


def test_after_a_day_an_answer_is_forgotten(tmp_path: Path, sqlite_url: str) -> None:
    """A request_id is free again after 24 hours, and clearing away removes what it stood for."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world, "p1")
            await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="hello")
            world.clock.advance(hours=24)
            await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="goodbye")
            assert await notes(world, "p1") == ["hello", "goodbye"]
            assert await world.desks["circle"].clear_away() == 1
            assert len(await world.rows("circle", ANSWERS, bytes)) == 1

    asyncio.run(scene())


def test_clearing_away_takes_many_small_units(tmp_path: Path, sqlite_url: str) -> None:
    """More than 500 forgotten answers go, 500 a unit."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            calls = [world.call("EndSession", f"p{n % 10}", request_id=f"r{n}", session_id=f"old{n}") for n in range(620)]
            await asyncio.gather(*calls)
            world.clock.advance(hours=25)
            assert await world.desks["circle"].clear_away() == 2 * 620

    asyncio.run(scene())


def test_whoever_repeats_without_a_token_must_know_the_whole_request(tmp_path: Path, url: str) -> None:
    """Without a token a repeat with the same content gets the secret again; the same id with another content is its own."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            code = {"request_id": "a" * 32, "code": "one"}
            first = await world.call("RedeemCode", **code)
            assert (await world.call("RedeemCode", **code)).message == first.message
            other = await world.call("RedeemCode", request_id="a" * 32, code="two")
            assert other.message != first.message
            with pytest.raises(CodeNotGood):
                await world.call("RedeemCode", request_id="b" * 32, code="one")

    asyncio.run(scene())


def test_without_a_token_an_answer_is_kept_for_ten_minutes(tmp_path: Path, sqlite_url: str) -> None:
    """Who finds the used code and the request later gets no secret."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            code = {"request_id": "a" * 32, "code": "one"}
            await world.call("RedeemCode", **code)
            world.clock.advance(minutes=10)
            with pytest.raises(CodeNotGood):
                await world.call("RedeemCode", **code)

    asyncio.run(scene())


@pytest.mark.parametrize("request_id", ["", "short", "a" * 65, "white space 1234567", "é" * 20, "a" * 30 + "\n"])
def test_a_malformed_request_id_is_refused(tmp_path: Path, sqlite_url: str, request_id: str) -> None:
    """Without a token it must be unguessable; with or without it has letters, digits, - and _ only."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            with pytest.raises(Invalid) as refused:
                await world.call("RedeemCode", request_id=request_id, code="one")
            assert [one.path for one in refused.value.fields] == ["request_id"]

    asyncio.run(scene())


def test_kept_answers_are_sealed(tmp_path: Path, sqlite_url: str) -> None:
    """Neither the request nor the answer can be read from the database."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world, "p1")
            answer = await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="nobody reads this")
            for kept in await world.rows("circle", ANSWERS, bytes):
                assert b"nobody reads" not in kept
                assert answer.message.SerializeToString() not in kept

    asyncio.run(scene())


def test_what_is_hidden_looks_like_what_is_not_there(tmp_path: Path, url: str) -> None:
    """A circle of others and no circle at all give the same refusal, in writes and in reads, with a good or malformed id."""

    async def refusal(world: World, name: str, **fields: object) -> tuple[type[Failure], str, str, tuple[object, ...]]:
        with pytest.raises(Failure) as refused:
            await world.call(name, "p2", **fields)
        return type(refused.value), refused.value.reason, refused.value.sentence, refused.value.fields

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world, "p1")
            for name, fields in (
                ("ListNotes", {}),
                ("PostNote", {"request_id": "r1", "text": "hello"}),
                ("PostNote", {"request_id": "", "text": "hello"}),
                ("PostNote", {"request_id": "r1", "text": ""}),
            ):
                hidden = await refusal(world, name, circle_id="c1", **fields)
                assert hidden == await refusal(world, name, circle_id="c9", **fields)

    asyncio.run(scene())


def test_a_write_is_audited_and_a_refused_or_repeated_one_is_not(tmp_path: Path, sqlite_url: str) -> None:
    """One row says who changed what, where; it stands and falls with the change."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world, "p1")
            for text in ("hello", "hello", "fail"):
                try:
                    await world.call("PostNote", "p1", request_id=text, circle_id="c1", text=text)
                except Conflict:
                    continue
            found = await world.rows("circle", METHODS, str)
            assert found == ["/mewe.circle.v1.CircleService/Join", "/mewe.circle.v1.CircleService/PostNote"]

    asyncio.run(scene())


def test_a_handler_that_tells_while_it_reads_is_a_fault(tmp_path: Path, sqlite_url: str) -> None:
    """What only reads emits nothing."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            with pytest.raises(RuntimeError, match="only reads"):
                await world.call("TellWhileReading")
            assert world.observed[-1] == ("/mewe.circle.v1.CircleService/TellWhileReading", "INTERNAL")

    asyncio.run(scene())


def test_nobody_is_signed_out_where_a_sign_in_is_asked_for(tmp_path: Path, sqlite_url: str) -> None:
    """Without a token a rule that wants somebody answers SignedOut, whatever the circle."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world, "p1")
            for circle in ("c1", "c9"):
                with pytest.raises(SignedOut):
                    await world.call("ListNotes", circle_id=circle)

    asyncio.run(scene())


def test_who_joins_can_post_in_the_same_moment(tmp_path: Path, url: str) -> None:
    """A feature's own standing events take effect in the unit that tells them; the streams of the person are looked at."""

    async def scene() -> Answer:
        async with running(tmp_path, url) as world:
            await joined(world, "p1")
            assert world.live.rechecked == ["p1"]
            return await world.call("PostNote", "p1", request_id="r1", circle_id="c1", text="hello")

    assert asyncio.run(scene()).position == "circle.note_posted/c1/2"
