"""TLS to PostgreSQL: a host speaks to the server that its mix means, or says nothing and says why it does not start."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen
from mewe_core.kit.plugins import load
from mewe_host.mix import in_the_clear
from mewe_host.store.fault import StoreFault
from mewe_host.store.migrate import migrate, require_current
from mewe_host.store.open import open_pool

from tests.deployment.authority import Authority
from tests.deployment.servers import PostgresqlServer, between, postgresql_server

PASSWORD = "a-secret-of-the-user"  # noqa: S105
ASKS_FOR_TLS = bytes.fromhex("0000000804d2162f")
"""The only words that PostgreSQL is told before TLS: that it is wanted."""


@frozen
class Met:
    """What became of an attempt: what was refused, and what somebody between host and server heard."""

    said: str
    heard: bytes


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for certificates."""
    return tmp_path_factory.mktemp("papers")


@pytest.fixture(scope="module")
def ours(papers: Path) -> Authority:
    """The authority that the server's certificate comes from."""
    return Authority.of(papers, "ours")


@pytest.fixture(scope="module")
def other(papers: Path) -> Authority:
    """One that has nothing to do with it."""
    return Authority.of(papers, "other")


@pytest.fixture(scope="module")
def server(ours: Authority) -> Iterator[PostgresqlServer]:
    """A server with ``ssl = on`` under the name localhost, that lets nobody in without TLS."""
    with postgresql_server(ours.papers("localhost")) as one:
        yield one


@pytest.fixture(scope="module")
def plain() -> Iterator[PostgresqlServer]:
    """A server without TLS."""
    with postgresql_server(None) as one:
        yield one


def url(port: int, ca: Path, *, host: str = "localhost") -> str:
    """As a mix would name it."""
    return f"postgresql://mewe:{PASSWORD}@{host}:{port}/postgres?sslmode=verify-full&sslrootcert={ca}"


async def attempt(where: str) -> str:
    """What is refused, whichever way the server is opened; nothing, if one gets in."""
    features = load(("people",))[0]
    try:
        await migrate(features, where)
        await require_current(features, where)
        pool = await open_pool(where, size=1)
    except StoreFault as fault:
        with pytest.raises(StoreFault, match="postgresql://"):
            await open_pool(where, size=1)
        return str(fault)
    assert pool is not None
    async with pool.connection() as connection:
        secured = await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    await pool.close()
    assert secured is True
    return ""


def meet(server: PostgresqlServer, ca: Path, *, host: str = "localhost") -> Met:
    """Start towards a server, with somebody between who listens."""

    async def scene() -> Met:
        async with between(server.port) as spy:
            said = await attempt(url(spy.port, ca, host=host))
            return Met(said, bytes(spy.heard))

    return asyncio.run(scene())


def test_a_host_with_the_right_authority_gets_in_and_nothing_is_in_the_clear(server: PostgresqlServer, ours: Authority) -> None:
    """Schemas, statements and connections go over TLS; who listens between hears that TLS was asked for, and then noise."""
    met = meet(server, ours.file)
    assert met.said == ""
    assert met.heard.startswith(ASKS_FOR_TLS + b"\x16\x03")
    assert b"people" not in met.heard
    assert PASSWORD.encode() not in met.heard


def test_a_server_of_another_authority_is_refused(server: PostgresqlServer, other: Authority) -> None:
    """The words name the part of the url to look at, and no password."""
    met = meet(server, other.file)
    assert "nobody in the file of sslrootcert vouches for the certificate of the server that answers" in met.said
    assert PASSWORD not in met.said
    assert PASSWORD.encode() not in met.heard


def test_a_server_of_another_name_is_refused(server: PostgresqlServer, ours: Authority) -> None:
    """The right authority, but a certificate for another server than the one that the url names."""
    met = meet(server, ours.file, host="127.0.0.1")
    assert "the certificate of the server that answers is for another name than the url's" in met.said
    assert PASSWORD.encode() not in met.heard


def test_a_server_without_tls_is_told_nothing(plain: PostgresqlServer, ours: Authority) -> None:
    """It hears that TLS is wanted, each time, and not a byte more."""
    met = meet(plain, ours.file)
    assert "the server speaks no TLS (its setting ssl is off), and was told nothing" in met.said
    assert met.heard
    assert met.heard.replace(ASKS_FOR_TLS, b"") == b""


def test_an_authority_that_is_not_there_is_named(server: PostgresqlServer, papers: Path) -> None:
    """The file of sslrootcert is what to look at."""
    met = meet(server, papers / "none.pem")
    assert "is the file of sslrootcert" in met.said
    assert met.heard == b""


def test_the_url_that_the_refusal_shows_is_one_that_gets_in(server: PostgresqlServer, ours: Authority) -> None:
    """What a mix is told to write, with names filled in, works."""
    shown = in_the_clear.VERIFIED.strip('"')
    filled = shown.replace("USER@HOST/DATABASE", f"mewe@localhost:{server.port}/postgres").replace(
        "/PATH/TO/CA.pem", str(ours.file)
    )
    assert asyncio.run(attempt(filled)) == ""
