"""Chat: twenty rooms of ten watchers, at full speed and at a pace, against a bare sketch of the same work."""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from mewe_host.bus.server import EmbeddedServer

from benchmarks.country import GROUPS, MEMBERS, country
from benchmarks.figures import ROUNDS, Figure, ratio_of

SECONDS, WRITERS, PACE = 4.0, 40, 200.0

Rooms = dict[str, list[list[list[str]]]]


@contextlib.asynccontextmanager
async def sketch() -> AsyncIterator[str]:
    """The bare chat, with a NATS server of its own: where it listens."""
    with tempfile.TemporaryDirectory(prefix="mewe-sketch-") as folder:
        nats = await EmbeddedServer.start(Path(folder) / "nats")
        address = nats.address
        url = f"nats://{address.user}:{address.password}@{address.servers[0].removeprefix('nats://')}"
        command = [sys.executable, "-m", "benchmarks.ceilings.sketch_chat", url, folder]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220, S603
        try:
            port = server.stdout.readline().strip() if server.stdout is not None else ""
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()
            if server.stdout is not None:
                server.stdout.close()
            await nats.stop()


def load(address: str, rooms: Rooms, pace: float) -> dict[str, float]:
    """What the load saw. Raises RuntimeError if a message was missed or came twice."""
    plan = {"address": address, "rooms": rooms, "seconds": SECONDS, "writers": WRITERS, "pace": pace}
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.load_chat"], input=json.dumps(plan), capture_output=True, text=True, check=True
    )
    seen = json.loads(ran.stdout)
    if seen["missing"] or seen["repeated"] or seen["faults"]:
        raise RuntimeError(f"not everything was delivered once: {seen}")
    return {"rate": seen["accepted"] / seen["seconds"], "p99": seen["p99"] * 1000, "median": seen["median"] * 1000}


async def measure() -> list[Figure]:
    """Both ways of load, platform and sketch in turn."""
    async with country() as here, sketch() as bare:
        signed: Rooms = {room: [[["authorization", token]] for token in tokens] for room, tokens in here.rooms.items()}
        seen: dict[tuple[str, float], list[dict[str, float]]] = {}
        for number in range(ROUNDS):
            named: Rooms = {f"{n}-{number}": [[["person", f"{m}"]] for m in range(MEMBERS)] for n in range(GROUPS)}
            for pace in (0.0, PACE):
                rooms = {f"{room}-{pace:.0f}": watchers for room, watchers in named.items()}
                seen.setdefault(("ours", pace), []).append(await asyncio.to_thread(load, here.grpc, signed, pace))
                seen.setdefault(("bare", pace), []).append(await asyncio.to_thread(load, bare, rooms, pace))

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
