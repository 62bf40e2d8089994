"""The guard: a deadline, room, who calls; what it lets out; how streams begin and end."""

import asyncio
from pathlib import Path

import pytest
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Invalid, NotFound, SignedOut
from mewe_host.desk.failures import Busy, DeadlineMissing, DeadlinePassed
from mewe_host.guard import CallGuard
from mewe_host.parts import Arrival
from mewe_host.running.health import Health, NotReady
from whenever import TimeDelta

from .world import World, running


async def joined(world: World) -> None:
    """p1 belongs to c1 and has written a note."""
    await world.call("Join", "p1", request_id="r1", circle_id="c1")
    await world.call("PostNote", "p1", request_id="r2", circle_id="c1", text="hello")


def test_a_call_without_a_deadline_is_refused(tmp_path: Path, sqlite_url: str) -> None:
    """The caller must say how long it waits; nothing is begun."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            with pytest.raises(DeadlineMissing):
                await world.arrive("Join", Arrival(world.token("p1"), None, None), request_id="r1", circle_id="c1")
            with pytest.raises(NotFound):
                await world.call("ListNotes", "p1", circle_id="c1")

    asyncio.run(scene())


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_deadline_that_has_passed_begins_nothing(tmp_path: Path, sqlite_url: str, seconds: float) -> None:
    """Nobody waits for the answer any more: the handler does not run."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            with pytest.raises(DeadlinePassed):
                await world.arrive("Join", Arrival(world.token("p1"), seconds, None), request_id="r1", circle_id="c1")
            await world.desks["circle"].settle()
            assert not world.live.rechecked

    asyncio.run(scene())


def test_a_write_whose_caller_stops_waiting_is_kept_or_not_but_whole(tmp_path: Path, url: str) -> None:
    """The deadline passes while the write is under way: the same request gives its answer, and there is one note."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world)
            fields = {"request_id": "r3", "circle_id": "c1", "text": "late"}
            with pytest.raises(DeadlinePassed):
                await world.arrive("PostNote", Arrival(world.token("p1"), 1e-6, None), **fields)
            answer = await world.call("PostNote", "p1", **fields)
            notes = world.loaded("ListNotes", await world.call("ListNotes", "p1", circle_id="c1")).notes
            assert [note.text for note in notes] == ["hello", "late"]
            assert notes[1] == world.loaded("PostNote", answer)

    asyncio.run(scene())


def test_a_caller_who_goes_away_undoes_nothing_that_follows(tmp_path: Path, url: str) -> None:
    """A cancelled call whose write is kept still reaches who follows the topic, and its repeat does not once more."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world)
            world.live.woken.clear()
            world.live.shown.clear()
            calling = asyncio.create_task(world.call("PostNote", "p1", request_id="r3", circle_id="c1", text="gone"))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            calling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await calling
            assert world.observed[-1][1] == "CANCELLED"
            await world.desks["circle"].settle()
            assert world.live.woken == [("circle", "c1")]
            (shown,) = world.live.shown
            assert (shown.topic, shown.behind, shown.cursor) == ("c1", 1, 2)
            await world.call("PostNote", "p1", request_id="r3", circle_id="c1", text="gone")
            assert len(world.live.shown) == 1

    asyncio.run(scene())


def test_a_feature_that_has_not_caught_up_answers_nobody(tmp_path: Path, sqlite_url: str) -> None:
    """Calls and streams to it are refused for now, and go on once it knows what had happened."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world)
            health, parts = Health.of(("circle",)), (world.wire.methods, world.desks, world.trust, world.live, world.clock)
            guard = CallGuard(*parts, check=health.check, observe=lambda *_: None)
            arrival, request = Arrival(world.token("p1"), 5, None), world.request("ListNotes", circle_id="c1")
            with pytest.raises(NotReady):
                await guard.unary(world.method("ListNotes"), request, arrival)
            with pytest.raises(NotReady):
                await guard.stream(world.method("WatchNotes"), request, arrival)
            health.caught_up("circle")
            await guard.unary(world.method("ListNotes"), request, arrival)

    asyncio.run(scene())


def test_a_host_that_has_too_much_to_do_says_so(tmp_path: Path, sqlite_url: str) -> None:
    """Beyond the limit a call is refused at once; within it all are answered."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            guard = CallGuard(
                world.wire.methods,
                world.desks,
                world.trust,
                world.live,
                world.clock,
                check=Health().check,
                observe=lambda *_: None,
                most_calls=3,
            )
            method, arrival = world.method("Join"), Arrival(world.token("p1"), 5, None)
            requests = [world.request("Join", request_id=f"r{n}", circle_id=f"c{n}") for n in range(5)]
            calls = [guard.unary(method, request, arrival) for request in requests]
            ends = await asyncio.gather(*calls, return_exceptions=True)
            assert [isinstance(end, Busy) for end in ends] == [False] * 3 + [True] * 2
            assert guard.calls == 0

    asyncio.run(scene())


def test_an_ended_token_keeps_nobody_from_what_needs_none(tmp_path: Path, sqlite_url: str) -> None:
    """Where no sign-in is asked for, a bad token is no token: whoever is cut off can still sign in again."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            fields = {"request_id": "a" * 32, "code": "one"}
            await world.arrive("RedeemCode", Arrival("Bearer nonsense", 5, "nonsense"), **fields)
            with pytest.raises(SignedOut):
                await world.arrive("ListNotes", Arrival("Bearer nonsense", 5, None), circle_id="c1")

    asyncio.run(scene())


def test_a_field_out_of_its_rule_is_named_and_its_value_is_not(tmp_path: Path, sqlite_url: str) -> None:
    """Invalid says which field and what is allowed."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world)
            with pytest.raises(Invalid) as refused:
                await world.call("PostNote", "p1", request_id="r9", circle_id="c1", text="secret" * 50)
            assert [one.path for one in refused.value.fields] == ["text"]
            assert "secret" not in repr(refused.value.fields) + str(refused.value)

    asyncio.run(scene())


def test_each_call_is_observed_by_its_outcome(tmp_path: Path, sqlite_url: str) -> None:
    """Metrics hear of OK or of the reason."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world)
            with pytest.raises(NotFound):
                await world.call("ListNotes", "p2", circle_id="c1")
            outcomes = [(path.rsplit("/", 1)[1], outcome) for path, outcome in world.observed]
            assert outcomes == [("Join", "OK"), ("PostNote", "OK"), ("ListNotes", "NOT_FOUND")]

    asyncio.run(scene())


def test_a_stream_begins_for_those_who_may_and_ends_with_the_token(tmp_path: Path, url: str) -> None:
    """It is authorised as a call is, needs no deadline, and lasts until the token ends at most."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world)
            for token, refusal in ((world.token("p2"), NotFound), (None, SignedOut), ("Bearer x", SignedOut)):
                with pytest.raises(refusal):
                    await world.stream("WatchNotes", Arrival(token, None, None), circle_id="c1")
            notes = await world.stream("WatchNotes", Arrival(world.token("p1"), None, None), circle_id="c1")
            assert [note.text for note in notes] == ["hello"]
            assert world.live.ends_at == [world.clock.now() + TimeDelta(minutes=5)]

    asyncio.run(scene())


def test_a_stream_may_go_on_only_while_its_caller_may(tmp_path: Path, url: str) -> None:
    """Leaving the circle, or the end of the session, ends it; so does a fault of the check."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await joined(world)
            await world.call("Join", "p2", request_id="r3", circle_id="c1")
            for person, session in (("p1", "s1"), ("p2", "s2")):
                arrival = Arrival(world.token(person, session), None, None)
                await world.stream("WatchNotes", arrival, circle_id="c1")
            store, (of_p1, of_p2) = world.stores["circle"], world.live.allowed
            assert [await store.read(of_p1), await store.read(of_p2)] == [True, True]
            await world.call("Leave", "p1", request_id="r4", circle_id="c1")
            assert [await store.read(of_p1), await store.read(of_p2)] == [False, True]
            await world.call("EndSession", "p2", request_id="r5", session_id="s2")
            assert await store.read(of_p2) is False

    asyncio.run(scene())


def test_a_fault_in_the_check_of_a_stream_ends_it(tmp_path: Path, sqlite_url: str) -> None:
    """What cannot be checked is not allowed."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            await joined(world)
            await world.stream("WatchNotes", Arrival(world.token("p1"), None, None), circle_id="c1")
            allowed = world.live.allowed[0]
            kept: list[Database] = []
            await world.stores["circle"].read(lambda database: _keep(kept, database))
            assert await allowed(kept[0]) is False

    async def _keep(kept: list[Database], database: Database) -> None:
        kept.append(database)

    asyncio.run(scene())
