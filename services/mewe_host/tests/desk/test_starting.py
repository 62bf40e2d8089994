"""What a desk does before it serves, and what it knows again after a restart."""

import asyncio
from pathlib import Path

import pytest
from mewe_core.kit.errors import SignedOut
from mewe_core.kit.standing import SigningKeyPublished
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.trust import TokenTrust

from .world import COUNTRY, World, running


async def trusting(world: World, *areas: str) -> TokenTrust:
    """The trust of a process with a key folder of its own that has just started on some of the databases."""
    another = FileKeys.of(world.folder / "another", COUNTRY)
    trust = TokenTrust(COUNTRY, another.public_key())
    for area in areas:
        await trust.load(world.stores[area])
    return trust


def test_what_a_start_says_is_given_to_whoever_started_the_host(tmp_path: Path, url: str) -> None:
    """The lines of the feature's starts, in order; what they tell stands in the outbox; they may be repeated."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            assert await world.desks["circle"].start() == ("The circle is open.",)
            assert await world.desks["echo"].start() == ()
            assert [one.name for one in await world.told("circle")] == ["signing_key_published"] * 2

    asyncio.run(scene())


def test_the_key_of_another_host_is_trusted_once_it_is_heard(tmp_path: Path, url: str) -> None:
    """Tokens of the host that signs are good at another one that has heard of its key, and not before."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            token, now = world.token("p1"), world.clock.now()
            with pytest.raises(SignedOut):
                (await trusting(world, "echo")).caller(token, now)
            await world.bring()
            assert (await trusting(world, "echo")).caller(token, now)[0].person_id == "p1"

    asyncio.run(scene())


def test_an_ended_session_stays_ended_after_a_restart(tmp_path: Path, url: str) -> None:
    """What was heard is kept in the feature's database and known again."""

    async def scene() -> None:
        async with running(tmp_path, url) as world:
            await world.call("EndSession", "p1", request_id="r1", session_id="s2")
            with pytest.raises(SignedOut):
                (await trusting(world, "circle")).caller(world.token("p1", "s2"), world.clock.now())

    asyncio.run(scene())


def test_a_process_learns_each_second_what_another_one_has_heard(tmp_path: Path, postgresql_url: str) -> None:
    """Refreshing a desk takes up keys and ended sessions from its database."""

    async def scene() -> None:
        async with running(tmp_path, postgresql_url) as world:
            others = FileKeys.of(tmp_path / "another", COUNTRY)
            token = f"Bearer {others.access_token('p1', 's1', world.clock.now(), world.clock.now().add(minutes=5))}"
            key = others.public_key()
            await world.write("circle", SigningKeyPublished(key.id, key.x, key.y, None))
            with pytest.raises(SignedOut):
                world.trust.caller(token, world.clock.now())
            await world.desks["circle"].refresh()
            assert world.trust.caller(token, world.clock.now())[0].person_id == "p1"

    asyncio.run(scene())
