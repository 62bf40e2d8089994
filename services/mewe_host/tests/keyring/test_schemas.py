"""The keyring as a schema: apart from the rows, made once, and refused plainly where it cannot be."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
from mewe_core.kit.errors import Unavailable
from mewe_host.identity.folder import KeyFault
from mewe_host.keyring.opening import prepared
from mewe_host.keyring.postgresql import SchemaShelf
from mewe_host.store.fault import StoreFault
from mewe_host.store.place import checked_area, keyring_of
from mewe_host.store.postgresql import Pool

from .ring import PLACE, ring, rings


def test_keys_lie_in_a_schema_of_their_own(keys: Path, postgresql_url: str) -> None:
    """Beside the feature's, so that each can be backed up without the other; every keyring there is is found."""

    async def story() -> None:
        async with ring(keys, postgresql_url) as host, AsyncExitStack() as stack:
            await host.seal("a", "chat", PLACE, "words")
            connection = await asyncpg.connect(postgresql_url)
            stack.push_async_callback(connection.close)
            assert await connection.fetchval("SELECT count(*) FROM chat_keyring.data_key") == 1
            await prepared(postgresql_url, ["diary", "chat"])
            await prepared(f"sqlite:{keys}", ["diary"])
            assert list(await rings(keys, postgresql_url).there(stack)) == ["chat", "diary"]

    asyncio.run(story())


def test_hosts_that_start_at_once_make_it_once(keys: Path, postgresql_url: str) -> None:
    """Whoever comes first, all serve."""

    async def story() -> None:
        rings(keys, postgresql_url)
        async with AsyncExitStack() as stack:
            opened = [rings(keys, postgresql_url).opened(["chat"], stack) for _ in range(4)]
            hosts = [one["chat"] for one in await asyncio.gather(*opened)]
            sealed = await hosts[0].seal("a", "chat", PLACE, "words")
            assert [await host.open("a", "chat", PLACE, sealed) for host in hosts] == ["words"] * 4

    asyncio.run(story())


def test_a_role_that_may_not_make_it_is_told_what_to_do(postgresql_url: str) -> None:
    """``mewe migrate`` makes it as a role that may."""
    role = f"host_{uuid4().hex[:8]}"

    async def story() -> None:
        owner = await asyncpg.connect(postgresql_url)
        await owner.execute(f"CREATE ROLE {role} LOGIN")
        parts = urlsplit(postgresql_url)
        pool = await Pool.open(urlunsplit(parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}")), size=1)
        try:
            with pytest.raises(KeyFault, match=r'"chat_keyring" cannot be made .* run "mewe migrate"') as refused:
                await SchemaShelf.open(pool, "chat")
            assert refused.value.key == "database.url"
        finally:
            await pool.close()
            await owner.execute(f"DROP ROLE {role}")
            await owner.close()

    asyncio.run(story())


def test_without_a_master_no_key_is_made(postgresql_url: str) -> None:
    """A shelf that no master was adopted in makes none: nothing is wrapped under a guess."""

    async def story() -> None:
        pool = await Pool.open(postgresql_url, size=2)
        shelf = await SchemaShelf.open(pool, "chat")
        with pytest.raises(Unavailable):
            await shelf.keep("a", "chat", "00", lambda version: b"")
        assert await shelf.tidy()
        await pool.close()

    asyncio.run(story())


def test_no_feature_is_named_like_a_keyring() -> None:
    """Its rows would lie among another's keys."""
    with pytest.raises(StoreFault, match="no database can be named"):
        checked_area("chat_keyring")
    assert (keyring_of("chat_keyring"), keyring_of("chat"), keyring_of("_keyring")) == ("chat", None, None)
