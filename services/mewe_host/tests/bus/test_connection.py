"""The connection to NATS: what is refused at the start, in which words, and that it is kept for ever afterwards."""

import asyncio
import contextlib
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from mewe_host.bus.address import NatsAddress
from mewe_host.bus.connection import Connection
from mewe_host.bus.faults import BusFault
from nats.aio.msg import Msg

from tests.ports import kept_port
from tests.waiting import until

from .foreign import DURABLE, LAZY, Foreign, foreign
from .postal import connected, kill, served


async def refused(url: str, *monitoring: str) -> str:
    """What somebody reads who starts with these two keys."""
    with pytest.raises(BusFault) as fault:
        await accepted(url, *monitoring)
    return str(fault.value)


async def accepted(url: str, *monitoring: str) -> bool:
    """Whether one can start with them."""
    connection = await Connection.open(NatsAddress.of(url, monitoring), name="test", seconds=2)
    await connection.close()
    return True


def test_an_unreachable_server_is_told_by_its_address(tmp_path: Path) -> None:
    """Nobody listens: the message names the key, the address and what is allowed."""
    with kept_port() as port:
        said = asyncio.run(refused(f"nats://127.0.0.1:{port}", "http://127.0.0.1:1"))
    assert said.startswith(f"nats.url: no server answers at 127.0.0.1:{port}. Allowed: ")


def test_what_is_no_nats_server_is_refused_in_time() -> None:
    """Something listens and says nothing: refused within the deadline, not waited for."""

    async def scene() -> str:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with server:
            return await refused(f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}", "http://127.0.0.1:1")

    assert asyncio.run(scene()).startswith("nats.url: no NATS server answers at 127.0.0.1:")


def test_refused_credentials_are_told_without_them(tmp_path: Path) -> None:
    """A wrong password is told as such; neither user nor password stands in the message."""

    async def scene() -> str:
        async with foreign(tmp_path / "n", DURABLE + "authorization {{ user: anna, password: right }}") as server:
            assert await accepted(server.url.replace("//", "//anna:right@"), server.monitoring)
            return await refused(server.url.replace("//", "//anna:mistaken@"), server.monitoring)

    said = asyncio.run(scene())
    assert "refuses this user" in said
    assert "anna" not in said
    assert "mistaken" not in said


@pytest.mark.parametrize("url", ["http://127.0.0.1:4222", "nats://", "127.0.0.1", "nats://127.0.0.1:notaport", ""])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    """The message says what a url looks like."""
    assert asyncio.run(refused(url)).startswith("nats.url: this is not the address of a NATS server. Allowed: ")


def test_a_server_that_syncs_lazily_is_refused(tmp_path: Path) -> None:
    """A server that acknowledges before it writes is refused by its monitoring address; a durable one is taken."""

    async def scene() -> str:
        async with foreign(tmp_path / "durable", DURABLE) as server:
            assert await accepted(server.url, server.monitoring)
        async with foreign(tmp_path / "lazy", LAZY) as server:
            return await refused(server.url, server.monitoring)

    said = asyncio.run(scene())
    assert said.startswith("nats.monitoring: ")
    assert "before they are on disk" in said
    assert "sync_interval: always" in said


def test_what_cannot_be_proven_is_refused(tmp_path: Path) -> None:
    """No monitoring address, one where nobody answers, one of another server, one of something else: all refused."""

    async def scene() -> list[str]:
        async with foreign(tmp_path / "a", DURABLE) as one, foreign(tmp_path / "b", DURABLE) as other:
            with kept_port() as nobody:
                unanswered = await refused(one.url, f"http://127.0.0.1:{nobody}")
            return [
                await refused(one.url),
                unanswered,
                await refused(one.url, other.monitoring),
                await refused(one.url, one.url.replace("nats:", "http:")),
                await refused(one.url, "ftp://127.0.0.1"),
            ]

    for said in asyncio.run(scene()):
        assert said.startswith("nats.monitoring: ")


def test_a_server_without_jetstream_is_refused(tmp_path: Path) -> None:
    """Events need to be kept."""

    async def scene() -> str:
        async with foreign(tmp_path / "n", "") as server:
            return await refused(server.url, server.monitoring)

    assert "has no JetStream" in asyncio.run(scene())


def test_each_server_of_a_cluster_has_to_be_shown(tmp_path: Path) -> None:
    """Three servers: two shown are too few, one lazy among three is one too many, three durable ones are taken."""

    async def scene(*kinds: str) -> tuple[str | None, str | None]:
        async with AsyncExitStack() as stack:
            ports = [stack.enter_context(kept_port()) for _ in kinds]
            routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in ports)
            servers: list[Foreign] = []
            for number, (kind, port) in enumerate(zip(kinds, ports, strict=True)):
                lines = f'server_name: n{number}\ncluster {{{{ name: c, listen: "127.0.0.1:{port}", routes: [{routes}] }}}}\n'
                servers.append(await stack.enter_async_context(foreign(tmp_path / f"{len(kinds)}{port}", lines + kind)))
            shown = [one.monitoring for one in servers]

            async def led() -> bool:
                with contextlib.suppress(BusFault):
                    return await accepted(servers[0].url, *shown)
                return LAZY in kinds and "before they are on disk" in await refused(servers[0].url, *shown)

            await until(led, 30)
            few = await refused(servers[0].url, *shown[:2])
            return few, None if LAZY not in kinds else await refused(servers[0].url, *shown)

    few, _ = asyncio.run(scene(DURABLE, DURABLE, DURABLE))
    assert few is not None
    assert "the cluster has 3 servers and this shows 2" in few
    _, lazy = asyncio.run(scene(DURABLE, DURABLE, LAZY))
    assert lazy is not None
    assert "before they are on disk" in lazy


def test_subscriptions_are_live_after_every_restart(tmp_path: Path) -> None:
    """After each of five kills the server's next message is heard, also by a subscription made while it was away."""

    async def scene() -> None:
        async with served(tmp_path) as server, connected(server) as connection:
            heard: list[str] = []

            async def hear(message: Msg) -> None:
                heard.append(f"{message.subject} {message.data.decode()}")

            await connection.listen("news.*", hear)
            for turn in range(5):
                await kill(server)

                async def lost() -> bool:
                    return not connection.is_up

                await until(lost)
                await connection.listen(f"late.{turn}", hear)

                async def up() -> bool:
                    return connection.is_up

                await until(up)
                client = await connection.client()
                for subject in ("news.today", f"late.{turn}"):
                    await client.publish(subject, str(turn).encode())

                async def arrived(turn: int = turn) -> bool:
                    return f"news.today {turn}" in heard and f"late.{turn} {turn}" in heard

                await until(arrived)

    asyncio.run(scene())


def test_a_server_that_stopped_answering_counts_as_lost(tmp_path: Path) -> None:
    """A server that is stopped without closing its connections is noticed, and so is its coming back."""

    async def scene() -> None:
        async with served(tmp_path) as server, connected(server) as connection:
            ups: list[int] = []
            connection.on_up(lambda: ups.append(1))
            assert server.pid is not None
            os.kill(server.pid, signal.SIGSTOP)
            try:

                async def lost() -> bool:
                    return not connection.is_up

                await until(lost)
            finally:
                os.kill(server.pid, signal.SIGCONT)

            async def back() -> bool:
                return connection.is_up and bool(ups)

            await until(back)

    asyncio.run(scene())
