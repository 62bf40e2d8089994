"""The embedded server: it starts with the host, is watched by it, and ends with it, however it ends."""

import asyncio
import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from mewe_host.bus.address import NatsAddress
from mewe_host.bus.connection import Connection
from mewe_host.bus.faults import BusFault
from mewe_host.bus.server import EmbeddedServer

from tests.waiting import until

from .postal import connected, kill, served

HOST = """
import asyncio, sys
from pathlib import Path
from mewe_host.bus.server import EmbeddedServer

async def main() -> None:
    server = await EmbeddedServer.start(Path(sys.argv[1]))
    print(server.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def host(folder: Path) -> tuple[subprocess.Popen[str], int]:
    """A process that runs a server in a folder, and the pid of the server."""
    process = subprocess.Popen([sys.executable, "-c", HOST, str(folder)], stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stdout is not None
    return process, int(process.stdout.readline())


async def gone(pid: int) -> bool:
    """Whether a process has ended."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_it_answers_when_it_has_started_and_is_gone_when_it_was_stopped(tmp_path: Path) -> None:
    """A started server takes connections at its address; a stopped one leaves no process, no address and no lock."""

    async def scene() -> None:
        async with served(tmp_path) as server, connected(server) as connection:
            assert connection.is_up
            pid = server.pid
            assert NatsAddress.read(tmp_path / "nats") == server.address
        assert pid is not None
        assert await gone(pid)
        with pytest.raises(BusFault, match=r"nats\.url"):
            NatsAddress.read(tmp_path / "nats")
        async with served(tmp_path):
            pass

    asyncio.run(scene())


def test_its_secrets_are_for_this_user_alone(tmp_path: Path) -> None:
    """The files with the password have mode 0600 in a folder of mode 0700, and the password is in no text of the address."""

    async def scene() -> None:
        async with served(tmp_path) as server:
            folder = tmp_path / "nats"
            modes = {name: stat.S_IMODE((folder / name).stat().st_mode) for name in ("nats.conf", "address.json", ".")}
            assert modes == {"nats.conf": 0o600, "address.json": 0o600, ".": 0o700}
            assert server.address.password is not None
            assert server.address.password not in repr(server.address) + server.address.shown()

    asyncio.run(scene())


def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    """Each port that the server listens on is one of 127.0.0.1."""

    async def scene() -> None:
        async with served(tmp_path) as server:
            open_ports = [one for one in psutil.Process(server.pid).net_connections() if one.status == psutil.CONN_LISTEN]
            assert len(open_ports) == 2
            assert {one.laddr.ip for one in open_ports} == {"127.0.0.1"}

    asyncio.run(scene())


def test_a_killed_server_comes_back_at_the_same_address(tmp_path: Path) -> None:
    """After kill -9 a new process answers at the same port with the same password, and the connection comes back by itself."""

    async def scene() -> None:
        async with served(tmp_path) as server, connected(server) as connection:
            address, pid = server.address, server.pid
            await kill(server)

            async def back() -> bool:
                return server.pid not in (pid, None) and connection.is_up

            await until(back)
            assert server.address == address

    asyncio.run(scene())


def test_it_dies_with_a_killed_host(tmp_path: Path) -> None:
    """When the host is killed by -9, its server ends too."""
    process, pid = host(tmp_path / "nats")
    with process:
        process.kill()
    asyncio.run(until(lambda: gone(pid)))


def test_two_hosts_do_not_share_a_folder(tmp_path: Path) -> None:
    """A second host is refused with the key to change, and the first one's server goes on."""

    async def scene() -> None:
        async with served(tmp_path) as server, connected(server) as connection:
            with pytest.raises(BusFault, match=r"nats\.folder: another host"):
                await EmbeddedServer.start(tmp_path / "nats")
            assert connection.is_up

    asyncio.run(scene())


def test_a_server_left_behind_is_ended(tmp_path: Path) -> None:
    """A server of this folder whose host is gone is ended before a new one starts."""
    folder = tmp_path / "nats"

    async def scene() -> None:
        async with served(tmp_path):
            configuration = (folder / "nats.conf").read_text()
        (folder / "nats.conf").write_text(configuration)
        program = Path(sys.executable).parent / "nats-server"
        left = subprocess.Popen([program, "-c", folder / "nats.conf"], stderr=subprocess.DEVNULL)  # noqa: ASYNC220, S603
        try:
            await until(lambda: asyncio.to_thread((folder / "nats.pid").exists))
            async with served(tmp_path) as server, connected(server) as connection:
                assert connection.is_up
                assert left.poll() is not None or await gone(left.pid)
        finally:
            left.kill()
            left.wait()

    asyncio.run(scene())


def test_a_process_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    """A pid file that names some other process ends nothing."""
    folder = tmp_path / "nats"
    folder.mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (folder / "nats.pid").write_text(str(other.pid))

        async def scene() -> None:
            async with served(tmp_path):
                assert other.poll() is None

        asyncio.run(scene())
        other.send_signal(signal.SIGKILL)


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    """A server that cannot have its port does not start, says so, and leaves nothing behind."""

    async def scene() -> None:
        async with served(tmp_path) as server:
            port = int(server.address.servers[0].rpartition(":")[2])
            with pytest.raises(BusFault, match=r"did not start .*nats\.log"):
                await EmbeddedServer.start(tmp_path / "other", port=port)
            assert not (tmp_path / "other" / "address.json").exists()

    asyncio.run(scene())


def test_its_messages_are_kept_before_they_are_acknowledged(tmp_path: Path) -> None:
    """The server itself says that it writes each message to disk at once."""

    async def scene() -> None:
        async with served(tmp_path) as server:
            connection = await Connection.open(server.address, name="test")
            await connection.close()
            assert "sync_interval: always" in (tmp_path / "nats" / "nats.conf").read_text()
            assert json.loads((tmp_path / "nats" / "address.json").read_text())["user"] == "mewe"

    asyncio.run(scene())


def logs(folder: Path) -> set[str]:
    """The log of a server and the older ones that it keeps."""
    return {file.name for file in folder.glob("nats.log*")}


def test_its_log_takes_little_room_however_long_it_runs(tmp_path: Path) -> None:
    """Whoever is refused leaves lines; the log goes on in a new file at a size, and the oldest go."""
    seen, folder = set[str](), tmp_path / "nats"

    async def scene() -> None:
        server = await EmbeddedServer.start(folder, log_bytes=4000)
        port = int(server.address.servers[0].rpartition(":")[2])

        async def rotated() -> bool:
            for _ in range(20):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b'CONNECT {"user":"nobody","pass":"x","verbose":false}\r\n')
                await reader.read()
                writer.close()
            seen.update(logs(folder))
            return len(seen) > 6

        try:
            await until(rotated)
        finally:
            await server.stop()

    asyncio.run(scene())
    assert len(logs(folder)) <= 3


def test_whom_it_does_not_let_in_is_told_what_to_do(tmp_path: Path) -> None:
    """A process for some features and not for one or all; a process that finds no server."""
    folder = tmp_path / "nats"
    with pytest.raises(BusFault, match=r"nats\.url: no embedded NATS server runs.*mewe up --split.*tls://HOST:4222"):
        NatsAddress.read(folder, "people")
    folder.mkdir()
    (folder / "address.json").write_text(NatsAddress(("nats://127.0.0.1:1",), ("http://127.0.0.1:1",)).text())
    with pytest.raises(BusFault, match=r"nats\.url: .*not one for people-safety.*one feature a process.*tls://HOST:4222"):
        NatsAddress.read(folder, "people-safety")
