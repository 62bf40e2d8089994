"""Chat: twenty rooms of ten watchers, at full speed and at a pace, against a bare sketch of the same work."""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import psutil
from mewe_host.bus.server import EmbeddedServer

from benchmarks.ceilings.prosody import prosody
from benchmarks.country import GROUPS, MEMBERS, country
from benchmarks.figures import ROUNDS, Figure, ratio_of
from benchmarks.load_chat import OPEN

SECONDS, WRITERS, PACE = 4.0, 40, 200.0

Rooms = dict[str, list[list[list[str]]]]


@contextlib.asynccontextmanager
async def sketch() -> AsyncIterator[tuple[str, psutil.Process]]:
    """The bare chat, with a NATS server of its own: where it listens, and its process."""
    with tempfile.TemporaryDirectory(prefix="mewe-sketch-") as folder:
        nats = await EmbeddedServer.start(Path(folder) / "nats")
        address = nats.address
        url = f"nats://{address.user}:{address.password}@{address.servers[0].removeprefix('nats://')}"
        command = [sys.executable, "-m", "benchmarks.ceilings.sketch_chat", url, folder]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220, S603
        try:
            port = server.stdout.readline().strip() if server.stdout is not None else ""
            yield f"127.0.0.1:{port}", psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait()
            if server.stdout is not None:
                server.stdout.close()
            await nats.stop()


def used(*processes: psutil.Process) -> float:
    """Seconds of processor that they have used so far."""
    return sum(times.user + times.system for times in (one.cpu_times() for one in processes))


def load(address: str, rooms: Rooms, pace: float, *servers: psutil.Process, way: str = "grpc") -> dict[str, float]:
    """What the load saw, and what it cost ``servers`` from the first post to the last delivery, every stream being open.

    Raises RuntimeError if a message was missed or came twice.
    """
    plan = {"address": address, "rooms": rooms, "seconds": SECONDS, "writers": WRITERS, "pace": pace, "way": way}
    command = [sys.executable, "-m", "benchmarks.load_chat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as ran:  # noqa: S603
        assert ran.stdin is not None
        assert ran.stdout is not None
        ran.stdin.write(f"{json.dumps(plan)}\n")
        ran.stdin.flush()
        if ran.stdout.readline().strip() != OPEN:
            raise RuntimeError("not every stream opened")
        before = used(*servers)
        ran.stdin.write("begin\n")
        ran.stdin.flush()
        said = ran.stdout.readline()
        cost = used(*servers) - before
    seen = json.loads(said)
    if seen["missing"] or seen["repeated"] or seen["faults"]:
        raise RuntimeError(f"not everything was delivered once: {seen}")
    return {
        "accepted": seen["accepted"],
        "rate": seen["accepted"] / seen["seconds"],
        "p99": seen["p99"] * 1000,
        "median": seen["median"] * 1000,
        "processor": cost / seen["accepted"] * 1000,
    }


async def measure() -> list[Figure]:
    """Each way of load, platform and sketch in turn."""
    async with country() as here, sketch() as (bare, process), prosody(GROUPS * MEMBERS) as other:
        host = psutil.Process(here.here.pid)
        seen: dict[tuple[str, float], list[dict[str, float]]] = {}
        for number in range(ROUNDS):
            named: Rooms = {f"{n}-{number}": [[["person", f"{m}"]] for m in range(MEMBERS)] for n in range(GROUPS)}
            for pace in (0.0, PACE):
                rooms = {f"{room}-{pace:.0f}": watchers for room, watchers in named.items()}
                seen.setdefault(("ours", pace), []).append(await asyncio.to_thread(load, here.grpc, here.signed, pace, host))
                seen.setdefault(("bare", pace), []).append(await asyncio.to_thread(load, bare, rooms, pace, process))
            connected = await asyncio.to_thread(partial(load, here.http, here.signed, 0.0, host, way="connect"))
            seen.setdefault(("connect", 0), []).append(connected)
            if other is not None:
                crowd = {f"{n}": [[["person", f"{n * MEMBERS + m}"]] for m in range(MEMBERS)] for n in range(GROUPS)}
                theirs = await asyncio.to_thread(partial(load, other[0], crowd, 0.0, other[1], way="xmpp"))
                seen.setdefault(("prosody", 0), []).append(theirs)

    def of(who: str, pace: float, what: str) -> list[float]:
        return [one[what] for one in seen[who, pace]]

    watchers = f"{GROUPS} rooms of {MEMBERS} watchers"
    return [
        ratio_of(
            f"chat, {watchers}: accepted and delivered to all",
            of("ours", 0, "rate"),
            of("bare", 0, "rate"),
            "{:.0f} messages/s",
            least=0.65,
        ),
        ratio_of(
            "the same over HTTP (Connect), against the sketch over gRPC",
            of("connect", 0, "rate"),
            of("bare", 0, "rate"),
            "{:.0f} messages/s",
            least=0.9,
        ),
        against_prosody(of("ours", 0, "rate"), of("prosody", 0, "rate") if other is not None else None),
        ratio_of(
            "processor a message at full speed, host without its NATS server",
            of("ours", 0, "processor"),
            of("bare", 0, "processor"),
            "{:.2f} ms",
            most=1.5,
        ),
        ratio_of(
            f"processor a message at {PACE:.0f} messages/s",
            of("ours", PACE, "processor"),
            of("bare", PACE, "processor"),
            "{:.2f} ms",
            most=1.5,
        ),
        ratio_of(
            f"chat at {PACE:.0f} messages/s: p99 from send to receipt",
            of("ours", PACE, "p99"),
            of("bare", PACE, "p99"),
            "{:.1f} ms",
            most=2.5,
        ),
        ratio_of(
            f"chat at {PACE:.0f} messages/s: median from send to receipt",
            of("ours", PACE, "median"),
            of("bare", PACE, "median"),
            "{:.1f} ms",
            most=2.5,
        ),
    ]


def against_prosody(ours: list[float], theirs: list[float] | None) -> Figure:
    """The same load on a chat server that others run, or the word that it is not here."""
    name = "the same over gRPC, against Prosody (archive on, not synced)"
    if theirs is None:
        return Figure(name, "not measured: apt-get install prosody", "", "", ">= 2.00", None)
    return ratio_of(name, ours, theirs, "{:.0f} messages/s", least=2.0)
