"""TLS to NATS: a host speaks to the server that its mix means, or says nothing and says why it does not start."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

import pytest
from attrs import frozen
from mewe_host.bus.address import NatsAddress
from mewe_host.bus.connection import Connection
from mewe_host.bus.faults import BusFault

from tests.deployment.authority import Authority
from tests.deployment.servers import Between, between, nats_server, tls
from tests.ports import kept_port
from tests.waiting import until

SECRET = "a-secret-of-the-user"  # noqa: S105


@frozen
class Met:
    """What became of an attempt: what was refused, and what somebody between host and server heard."""

    said: str
    heard: bytes


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    """The authority that the server's certificate comes from."""
    return Authority.of(tmp_path / "papers", "ours")


@pytest.fixture
def other(tmp_path: Path) -> Authority:
    """One that has nothing to do with it."""
    return Authority.of(tmp_path / "papers", "other")


async def attempt(address: NatsAddress) -> str:
    """What is refused; nothing, if one gets in."""
    try:
        connection = await Connection.open(address, name="test", seconds=5)
    except BusFault as fault:
        return str(fault)
    client = await connection.client()
    await client.publish("greeting", b"hello")
    await client.flush(2)
    await connection.close()
    return ""


def meet(port: int, monitoring: str, ca: Path | None, *, scheme: str = "tls", name: str = "localhost") -> Met:
    """Start towards a server, with somebody between who listens."""

    async def scene() -> Met:
        async with between(port) as spy:
            url = f"{scheme}://mewe:{SECRET}@{name}:{spy.port}"
            said = await attempt(NatsAddress.of(url, (monitoring,), None if ca is None else str(ca)))
            return Met(said, heard_by(spy))

    return asyncio.run(scene())


def heard_by(spy: Between) -> bytes:
    """What was said to the server."""
    return bytes(spy.heard)


def users() -> str:
    """Who is let in."""
    return f"authorization {{ user: mewe, password: {SECRET} }}\n"


def is_tls(heard: bytes) -> bool:
    """Whether it began with the greeting of TLS, and no word of it stood in the clear."""
    return heard[:2] == b"\x16\x03" and SECRET.encode() not in heard and b"CONNECT" not in heard


def test_a_host_with_the_right_authority_gets_in_and_nothing_is_in_the_clear(tmp_path: Path, ours: Authority) -> None:
    """Server and monitoring speak TLS; who listens between hears neither the user nor an event."""
    lines = users() + tls(ours.papers("localhost"))
    with nats_server(tmp_path / "n", lines, monitoring="https") as server:
        met = meet(server.port, f"https://localhost:{server.monitoring}", ours.file)
    assert met.said == ""
    assert is_tls(met.heard)
    assert b"greeting" not in met.heard


def test_a_server_of_another_authority_is_refused(tmp_path: Path, ours: Authority, other: Authority) -> None:
    """The key to look at is the file with the authority; also where none is named and the machine knows nobody like it."""
    with nats_server(tmp_path / "n", users() + tls(other.papers("localhost"))) as server:
        for ca in (ours.file, None):
            met = meet(server.port, f"http://127.0.0.1:{server.monitoring}", ca)
            assert met.said.startswith("nats.ca: nobody it names vouches for the certificate of the server that answers")
            assert SECRET not in met.said
            assert is_tls(met.heard)


def test_a_server_of_another_name_is_refused(tmp_path: Path, ours: Authority) -> None:
    """A certificate of the right authority for another server opens nothing, by name or by number."""
    with nats_server(tmp_path / "n", users() + tls(ours.papers("nats.example", "127.0.0.2"))) as server:
        for name in ("localhost", "127.0.0.1"):
            met = meet(server.port, f"http://127.0.0.1:{server.monitoring}", ours.file, name=name)
            assert met.said.startswith("nats.url: the certificate of the server that answers at ")
            assert "is for another name" in met.said
            assert is_tls(met.heard)


@pytest.mark.parametrize("kind", ["plain", "greets in the clear"])
def test_a_server_that_does_not_begin_with_tls_is_told_nothing(tmp_path: Path, ours: Authority, kind: str) -> None:
    """One without TLS, and one that says its first words without: whoever stands between could have taken TLS away."""
    lines = "" if kind == "plain" else tls(ours.papers("localhost"), first=False)
    with nats_server(tmp_path / "n", users() + lines) as server:
        met = meet(server.port, f"http://127.0.0.1:{server.monitoring}", ours.file)
    assert met.said.startswith("nats.url: what answers at ")
    assert "does not begin with TLS, and was told nothing" in met.said
    assert "handshake_first: true" in met.said
    assert is_tls(met.heard)


def test_a_monitoring_address_of_another_authority_is_refused(tmp_path: Path, ours: Authority, other: Authority) -> None:
    """What proves that the server keeps what it accepts has to come from the server."""
    with (
        nats_server(tmp_path / "n", users() + tls(ours.papers("localhost"))) as server,
        nats_server(tmp_path / "m", users() + tls(other.papers("localhost")), monitoring="https") as false,
    ):
        met = meet(server.port, f"https://localhost:{false.monitoring}", ours.file)
        plain = meet(server.port, f"https://localhost:{server.monitoring}", ours.file)
    assert met.said.startswith("nats.ca: nobody it names vouches for the certificate")
    assert plain.said.startswith("nats.monitoring: ")


@pytest.mark.parametrize("words", ["", "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n", None])
def test_a_file_that_holds_no_authority_is_named(tmp_path: Path, ours: Authority, words: str | None) -> None:
    """Empty, torn or not there: the key is said."""
    file = tmp_path / "ca.pem"
    if words is not None:
        file.write_text(words)
    with nats_server(tmp_path / "n", users() + tls(ours.papers("localhost"))) as server:
        met = meet(server.port, f"http://127.0.0.1:{server.monitoring}", file)
    assert met.said.startswith("nats.ca: the file cannot be read as certificates")
    assert met.heard == b""


def test_a_connection_that_comes_back_is_as_careful(tmp_path: Path, ours: Authority, other: Authority) -> None:
    """When the server goes and another stands at its place, nothing is told to it; when the right one is back, it goes on."""
    right, wrong = users() + tls(ours.papers("localhost")), users() + tls(other.papers("localhost"))

    async def scene() -> None:
        servers = _Servers(tmp_path, port)
        await asyncio.to_thread(servers.start, right)
        try:
            url = f"tls://mewe:{SECRET}@localhost:{port}"
            address = NatsAddress.of(url, (f"http://127.0.0.1:{servers.monitoring}",), str(ours.file))
            connection = await Connection.open(address, name="test")
            try:
                servers.stop()
                await until(lambda: not connection.is_up)
                await asyncio.to_thread(servers.start, wrong)
                await until(lambda: b"TLS handshake error" in servers.log())
                assert not connection.is_up
                servers.stop()
                await asyncio.to_thread(servers.start, right)
                await until(lambda: connection.is_up)
            finally:
                await connection.close()
        finally:
            servers.stop()

    with kept_port() as port:
        asyncio.run(scene())


class _Servers:
    """One server after another at the same place."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._count = 0
        self._running = ExitStack()
        self.monitoring = 0

    def start(self, lines: str) -> None:
        self._count += 1
        self.monitoring = self._running.enter_context(nats_server(self._here, lines, port=self._port)).monitoring

    def stop(self) -> None:
        self._running.close()

    def log(self) -> bytes:
        return (self._here / "log").read_bytes()

    @property
    def _here(self) -> Path:
        return self._folder / f"server-{self._count}"
