"""Who gets in at NATS: whoever has a key that the server knows, which nobody else can read."""

import asyncio
from pathlib import Path

import pytest
from attrs import evolve
from mewe_host.bus.connection import Connection
from mewe_host.bus.faults import BusFault
from mewe_host.bus.nkeys import UserKey
from mewe_host.bus.permissions import KEEPER
from mewe_host.bus.subjects import ALL

from .restricted import country


def test_nobody_gets_in_without_a_key_that_the_server_knows(tmp_path: Path, sqlite_url: str) -> None:
    """No user, a user with a password, a fresh key: refused; and the words say which key of the mix to look at."""

    async def scene() -> None:
        async with country(tmp_path, sqlite_url) as here:
            address = here.server.address
            for one in (
                evolve(address, key=None, process=None),
                evolve(address, key=None, process=None, user="mewe", password="mewe"),  # noqa: S106
                evolve(address, key=UserKey.fresh()),
            ):
                with pytest.raises(BusFault, match="refuses this user") as caught:
                    await Connection.open(one, name="stranger", seconds=2)
                assert caught.value.key == ("nats.credentials" if one.key else "nats.url")
            with pytest.raises(BusFault, match=r"nats\.credentials: no key of the process stranger is in"):
                address.known(tmp_path, "stranger")
            (tmp_path / "torn.nk").write_text(UserKey.fresh().seed[:-1])
            with pytest.raises(BusFault, match=r"nats\.credentials: this file holds no key of a user"):
                address.known(tmp_path, "torn")

    asyncio.run(scene())


def test_keys_of_processes_are_for_their_owner_and_go_with_the_embedded_server(tmp_path: Path, sqlite_url: str) -> None:
    """Files that this user alone reads; another start has other keys, and the server's own file holds none of them."""

    async def scene() -> set[str]:
        async with country(tmp_path, sqlite_url):
            files = [*(tmp_path / "nats" / "users").glob("*.nk")]
            assert {one.stem for one in files} == {"circle", "echo", "diary", ALL, KEEPER}
            assert {one.stat().st_mode & 0o777 for one in files} == {0o600}
            seeds = {one.read_text().strip() for one in files}
            told = (tmp_path / "nats" / "nats.conf").read_text() + (tmp_path / "nats" / "address.json").read_text()
            assert [one for one in seeds if one in told] == []
            return seeds

    first, second = asyncio.run(scene()), asyncio.run(scene())
    assert first & second == set()
    assert [*(tmp_path / "nats" / "users").glob("*.nk")] == []


def test_a_key_is_written_as_the_tools_of_nats_write_it() -> None:
    """A seed that those tools made has the public half that they give; a letter that is wrong is noticed.

    Source: the pair that the documentation of NATS shows for nkeys.
    """
    key = UserKey.read("SUAMLK2ZNL35WSMW37E7UD4VZ7ELPKW7DHC3BWBSD2GCZ7IUQQXZIORRBU\n")
    assert key.public == "UCK5N7N66OBOINFXAYC2ACJQYFSOD4VYNU6APEJTAVFZB2SVHLKGEW7L"
    with pytest.raises(BusFault):
        UserKey.read("SUAMLK2ZNL35WSMW37E7UD4VZ7ELPKW7DHC3BWBSD2GCZ7IUQQXZIORRBV")
