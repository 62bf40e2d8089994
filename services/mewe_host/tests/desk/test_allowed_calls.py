"""How many calls of one person the guard lets through, and that none of it stands in the way of what is open to everybody."""

import asyncio
from pathlib import Path

import pytest
from attrs import evolve
from mewe_core.kit.access import always
from mewe_core.kit.errors import NotFound, SignedOut
from mewe_host.allowance import Allowance
from mewe_host.desk.failures import TooManyCalls
from mewe_host.guard import CallGuard
from mewe_host.parts import Arrival
from mewe_host.running.health import Health

from .world import World, running


def guarded(world: World, calls: int, lists: int) -> CallGuard:
    """The same country behind a guard that lets so many through."""
    parts = (world.wire.methods, world.desks, world.trust, world.live, world.clock)
    return CallGuard(
        *parts,
        check=Health().check,
        observe=lambda path, outcome, _: world.observed.append((path, outcome)),
        allowance=Allowance(calls, lists),
    )


async def ended(guard: CallGuard, world: World, name: str, token: str | None, **fields: object) -> type[Exception] | None:
    """How a call ends: with a refusal, or with none."""
    try:
        await guard.unary(world.method(name), world.request(name, **fields), Arrival(token, 5, None))
    except Exception as refusal:
        return type(refusal)
    return None


def test_beyond_so_many_a_person_waits_and_nobody_else(tmp_path: Path, sqlite_url: str) -> None:
    """Whatever they call, and whether it comes to something; others are answered, and metrics hear of it."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            guard, token = guarded(world, 3, 3), world.token("p1")
            assert await ended(guard, world, "Join", token, request_id="r1", circle_id="c1") is None
            for _ in range(2):
                assert await ended(guard, world, "ListNotes", token, circle_id="of others") is NotFound
            assert await ended(guard, world, "ListNotes", token, circle_id="c1") is TooManyCalls
            assert world.observed[-1][1] == "TOO_MANY_CALLS"
            assert await ended(guard, world, "Join", world.token("p1", "s2"), request_id="r2", circle_id="c1") is TooManyCalls
            assert await ended(guard, world, "Join", world.token("p2"), request_id="r3", circle_id="c1") is None

    asyncio.run(scene())


def test_lists_are_fewer(tmp_path: Path, sqlite_url: str) -> None:
    """Whoever has asked for all the lists that there are may still write."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            guard, token = guarded(world, 100, 2), world.token("p1")
            assert await ended(guard, world, "Join", token, request_id="r1", circle_id="c1") is None
            seen = [await ended(guard, world, "ListNotes", token, circle_id="c1") for _ in range(3)]
            assert seen == [None, None, TooManyCalls]
            assert await ended(guard, world, "PostNote", token, request_id="r2", circle_id="c1", text="still here") is None

    asyncio.run(scene())


def test_what_is_open_to_everybody_is_never_refused_and_takes_nothing(tmp_path: Path, sqlite_url: str) -> None:
    """Help and reporting, and what needs no sign-in, are answered beyond any limit, and leave what one may call as it was."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            guard, token = guarded(world, 1, 1), world.token("p1")
            redeem = world.method("RedeemCode")
            helping = evolve(redeem, rpc=evolve(redeem.rpc, access=always()))
            for number in range(40):
                request = world.request("RedeemCode", request_id=f"{number:032x}", code=f"code {number}")
                await guard.unary(redeem if number % 2 else helping, request, Arrival(token, 5, None))
            assert await ended(guard, world, "Join", token, request_id="r1", circle_id="c1") is None
            assert await ended(guard, world, "Join", token, request_id="r2", circle_id="c1") is TooManyCalls
            await guard.unary(redeem, world.request("RedeemCode", request_id="f" * 32, code="another"), Arrival(token, 5, None))

    asyncio.run(scene())


def test_a_token_that_is_not_good_takes_nothing_from_anybody(tmp_path: Path, sqlite_url: str) -> None:
    """Nobody can use up what another may call by naming them."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            guard, token = guarded(world, 1, 1), world.token("p1")
            forged = token[:-8] + "AAAAAAAA"
            for _ in range(5):
                assert await ended(guard, world, "Join", forged, request_id="r1", circle_id="c1") is SignedOut
            assert await ended(guard, world, "Join", token, request_id="r1", circle_id="c1") is None

    asyncio.run(scene())


def test_opening_a_stream_is_a_call(tmp_path: Path, sqlite_url: str) -> None:
    """Whoever opens one after the other waits like everybody."""

    async def scene() -> None:
        async with running(tmp_path, sqlite_url) as world:
            guard, token = guarded(world, 2, 2), world.token("p1")
            assert await ended(guard, world, "Join", token, request_id="r1", circle_id="c1") is None
            opening = world.request("WatchNotes", circle_id="c1")
            await guard.stream(world.method("WatchNotes"), opening, Arrival(token, None, None))
            with pytest.raises(TooManyCalls):
                await guard.stream(world.method("WatchNotes"), opening, Arrival(token, None, None))

    asyncio.run(scene())
