"""Servers that a deployment has elsewhere, run here: real NATS and PostgreSQL, and somebody who listens between."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psutil
from attrs import define, field, frozen
from mewe_host.bus.server import PROGRAM

from tests.deployment.authority import Papers
from tests.ports import kept_port
from tests.waiting import eventually

_DISTRIBUTIONS = Path("/usr/lib/postgresql")


@frozen
class NatsServer:
    """A real one: its ports of this machine."""

    port: int
    monitoring: int


def _is_gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@define(eq=False)
class PostgresqlServer:
    """A real one: its port of this machine."""

    port: int
    home: Path
    command: Sequence[str | Path]
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Let it run, and return when it takes connections.

        Raises AssertionError with what it said if it ends, TimeoutError.
        """
        with (self.home / "log").open("wb") as log:
            self._process = subprocess.Popen(self.command, stderr=log, stdout=log, cwd=self.home)  # noqa: S603
        eventually(self._takes_connections)

    def kill(self) -> None:
        """End it with no warning (kill -9), what it was doing being cut off, and return when all of it is gone."""
        assert self._process is not None
        workers = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        self._process.wait()
        eventually(lambda: all(_is_gone(one) for one in workers))

    def stop(self) -> None:
        """End it."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait()

    def _takes_connections(self) -> bool:
        assert self._process is not None
        status, said = self._process.poll(), (self.home / "log").read_text()
        assert status is None, f"it ended with {status}: {said}"
        if "ready to accept connections" in said:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        return False


@define(eq=False)
class Between:
    """Somebody between a host and a server, who writes down what the host says."""

    port: int
    heard: bytearray = field(factory=bytearray)


def tls(papers: Papers, *, first: bool = True) -> str:
    """The section of NATS that makes it speak TLS, from the first byte or after a greeting in the clear."""
    begins = ", handshake_first: true" if first else ""
    return f'tls {{ cert_file: "{papers.certificate}", key_file: "{papers.key}"{begins} }}\n'


@contextmanager
def nats_server(folder: Path, configuration: str, *, monitoring: str = "http", port: int = -1) -> Iterator[NatsServer]:
    """A server that keeps what it accepts, with these lines besides."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "nats.conf"
    file.write_text(
        f'listen: "127.0.0.1:{port}"\n{monitoring}: "127.0.0.1:-1"\nports_file_dir: "{folder}"\n'
        f'jetstream {{ store_dir: "{folder / "store"}", sync_interval: always }}\n{configuration}'
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, "-c", file], stderr=log)  # noqa: S603
    told = folder / f"nats-server_{process.pid}.ports"
    try:
        eventually(lambda: process.poll() is not None or (told.exists() and told.read_text().endswith("}")))
        assert process.poll() is None, (folder / "log").read_text()
        ports = {name: int(urls[0].rpartition(":")[2]) for name, urls in json.loads(told.read_text()).items()}
        yield NatsServer(ports["nats"], ports["monitoring"])
    finally:
        process.terminate()
        process.wait()


def postgresql_programs() -> Path:
    """The folder with a PostgreSQL that can speak TLS: that of the distribution."""
    there = [one.parent for one in _DISTRIBUTIONS.glob("*/bin/postgres")]
    assert there, "these tests need the distribution's package postgresql: one that speaks TLS"
    return max(there, key=lambda one: int(one.parent.name))


@contextmanager
def postgresql_server(papers: Papers | None) -> Iterator[PostgresqlServer]:
    """A fresh server on 127.0.0.1, with ``ssl = on`` if it has papers; it lets nobody in without TLS then."""
    home = Path(mkdtemp(prefix="mewe-tls-"))
    try:
        with kept_port() as port:
            server = _prepared(home, port, papers)
            server.start()
            try:
                yield server
            finally:
                server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def between(port: int) -> AsyncIterator[Between]:
    """Listen between a host and the server at a port."""
    writers: set[asyncio.StreamWriter] = set()
    tasks: set[asyncio.Task[None]] = set()

    async def carry(source: asyncio.StreamReader, to: asyncio.StreamWriter, heard: bytearray | None) -> None:
        with contextlib.suppress(OSError):
            while said := await source.read(65_536):
                if heard is not None:
                    heard += said
                to.write(said)
                await to.drain()
        to.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        from_server, to_server = await asyncio.open_connection("127.0.0.1", port)
        writers.add(to_server)
        for one in (carry(reader, to_server, spy.heard), carry(from_server, writer, None)):
            tasks.add(asyncio.create_task(one))

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    spy = Between(listening.sockets[0].getsockname()[1])
    try:
        yield spy
    finally:
        listening.close()
        for writer in writers:
            writer.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _prepared(home: Path, port: int, papers: Papers | None) -> PostgresqlServer:
    programs, folder = postgresql_programs(), home / "data"
    user = "postgres" if os.geteuid() == 0 else None
    settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={home}"]
    if papers is not None:
        for source, name in ((papers.certificate, "server.crt"), (papers.key, "server.key")):
            shutil.copy(source, home / name)
            (home / name).chmod(0o600)
        settings += ["ssl=on", f"ssl_cert_file={home}/server.crt", f"ssl_key_file={home}/server.key"]
    if user is not None:
        for one in (home, *home.iterdir()):
            shutil.chown(one, user)
    _ran(_as(user, [programs / "initdb", "-D", folder, "--auth=trust", "-U", "mewe", "-N"]), home)
    if papers is not None:
        (folder / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 trust\n")
    command: list[str | Path] = [programs / "postgres", "-D", folder, *(word for one in settings for word in ("-c", one))]
    return PostgresqlServer(port, home, _as(user, command))


def _as(user: str | None, command: Sequence[str | Path]) -> list[str | Path]:
    """The command as another user's. Not by Popen's ``user``: it forks, which a process inside gRPC may not survive."""
    return [*command] if user is None else ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--", *command]


def _ran(command: Sequence[str | Path], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
