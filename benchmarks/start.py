"""How long a start takes, cold (a fresh clone, empty caches) and warm, and what everything holds when nobody asks anything."""

import asyncio
import contextlib
import os
import signal
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

import psutil
from attrs import frozen

from benchmarks.figures import ROUNDS, Figure, value_of

ROOT = Path(__file__).resolve().parent.parent
MIX = f"""
country = "SE"
[features.people]
[features.programme]
[features.safety]
lines_accepted_by = "the benchmark"
{"[features.chat]" if find_spec("mewe_chat") else ""}
[http]
address = "127.0.0.1:0"
[grpc]
address = "127.0.0.1:0"
[log]
file = "var/mewe.log"
"""
NOT_A_NEWCOMERS = ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONDONTWRITEBYTECODE")
"""What `make bench` and a developer's shell would lend to the starts: Python keeps what it has compiled, for example."""
PATIENCE = 300.0
"""Seconds until a start, or memory that does not come to rest, is given up."""
STILL_SECONDS, STILL_BYTES = 10, 1_000_000
"""Memory is at rest when it has stayed within so many bytes for so many seconds."""


@frozen
class Started:
    """A deployment that answers: its first process, and how long that took from the command on."""

    process: psutil.Process
    seconds: float


async def measure() -> list[Figure]:
    """Cold start, warm start, idle memory: of a fresh clone of what is committed here, as somebody who meets it has it."""
    with tempfile.TemporaryDirectory(prefix="mewe-bench-") as folder:
        mix, clone = Path(folder) / "bench.toml", Path(folder) / "mewe"
        mix.write_text(MIX)
        own = {name: value for name, value in os.environ.items() if name not in NOT_A_NEWCOMERS}
        empty = {"UV_CACHE_DIR": f"{folder}/uv", "PIP_CACHE_DIR": f"{folder}/pip"}
        began = time.perf_counter()
        await cloned(clone)
        async with started(["make", "up", f"MIX={mix}"], clone, {**own, **empty}):
            cold = time.perf_counter() - began
        warm, idle = list[float](), 0.0
        for _ in range(ROUNDS):
            async with started([".venv/bin/mewe", "up", str(mix)], clone, own) as one:
                warm.append(one.seconds)
                if len(warm) == ROUNDS:
                    idle = await at_rest(one.process) / 1e6
    return [
        value_of("cold clone to answering, empty caches (one round)", [cold], "{:.1f} s", most=30.0),
        value_of("warm start to answering", warm, "{:.2f} s", most=2.0),
        value_of("idle memory of everything (PSS, host and nats-server)", [idle], "{:.0f} MB", most=200.0),
    ]


async def cloned(into: Path) -> None:
    """Clone this checkout. Raises RuntimeError if that cannot be done."""
    cloning = await asyncio.create_subprocess_exec("git", "clone", "-q", str(ROOT), str(into))
    if await cloning.wait():
        raise RuntimeError("git could not clone this checkout; what it said stands above")


async def at_rest(first: psutil.Process) -> float:
    """The bytes that a process and all that it started hold, each shared page counted by its share."""
    last = deque[int](maxlen=STILL_SECONDS + 1)
    async with asyncio.timeout(PATIENCE):
        while len(last) <= STILL_SECONDS or max(last) - min(last) > STILL_BYTES:
            last.append(sum(one.memory_full_info().pss for one in (first, *first.children(recursive=True))))
            await asyncio.sleep(1)
    return float(last[-1])


@contextlib.asynccontextmanager
async def started(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Started]:
    """Run a command that starts a deployment; it is stopped by Ctrl-C at the end. Raises RuntimeError if it does not answer."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=dict(environment), stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    try:
        async with asyncio.timeout(PATIENCE):
            address = await opened(process)
            await asyncio.to_thread(answering, address)
        yield Started(psutil.Process(process.pid), time.perf_counter() - began)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        await process.communicate()


async def opened(process: asyncio.subprocess.Process) -> str:
    """Where it says that it is to be opened."""
    if process.stdout is not None:
        async for line in process.stdout:
            words = line.decode().split()
            if words[:1] == ["open"]:
                return words[1]
    raise RuntimeError("the deployment did not start; what it said stands above")


def answering(address: str) -> None:
    """One answer that it is ready. Raises OSError."""
    with urlopen(f"{address}/readyz", timeout=10) as answer:  # noqa: S310
        answer.read()
