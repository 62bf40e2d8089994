"""What a unary call costs the server's processor, through the whole pipeline, against a bare echo of the same face."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator

import psutil

from benchmarks.country import country
from benchmarks.figures import ROUNDS, Figure, ratio_of

SECONDS = 3.0
FACTS = {"grpc": "0.30-0.36", "connect": "0.12-0.14"}
"""What the bare calls cost where the platform was designed (ms): a slow ceiling flatters nobody."""


@contextlib.contextmanager
def ceiling(protocol: str) -> Iterator[tuple[str, psutil.Process]]:
    """The bare server of a protocol: where it listens, and its process."""
    server = subprocess.Popen([sys.executable, "-m", f"benchmarks.ceilings.echo_{protocol}"], stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        port = server.stdout.readline().strip() if server.stdout is not None else ""
        yield f"127.0.0.1:{port}", psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def cost(process: psutil.Process, protocol: str, address: str, authorization: str = "") -> float:
    """Milliseconds of the server's processor a call."""
    before = process.cpu_times()
    command = [sys.executable, "-m", "benchmarks.load_unary", protocol, address, str(SECONDS), authorization]
    calls = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603
    after = process.cpu_times()
    return float(after.user + after.system - before.user - before.system) / calls * 1000


async def measure() -> list[Figure]:
    """Both faces."""
    figures = []
    async with country(1, 1) as here:
        token = next(iter(here.rooms.values()))[0]
        host = psutil.Process(here.here.pid)
        for protocol, address, most in (("grpc", here.grpc, 1.5), ("connect", here.http, 2.0)):
            ours, bare = [], []
            with ceiling(protocol) as (echo, process):
                await asyncio.to_thread(cost, host, protocol, address, token)
                await asyncio.to_thread(cost, process, protocol, echo, token)
                for _ in range(ROUNDS):
                    ours.append(await asyncio.to_thread(cost, host, protocol, address, token))
                    bare.append(await asyncio.to_thread(cost, process, protocol, echo, token))
            name = f"processor a call, {protocol} (bare: {FACTS[protocol]} ms where it was designed)"
            figures.append(ratio_of(name, ours, bare, "{:.3f} ms", most=most))
    return figures
