"""One process that does one kind of work: it is told which, then has one thing after the other to do it with.

Both ends are this program's own: what is unpickled was pickled by it.
"""

import asyncio
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from mewe_host.apart.serving import LENGTH, Ended

G = TypeVar("G")
T = TypeVar("T")

_KEPT = ("PATH", "LANG", "LC_ALL", "TZ")
"""What of the environment it sees: no address and no secret of the deployment."""


async def started() -> asyncio.subprocess.Process:
    """A new process, which waits to be told what its work is."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from mewe_host.apart.serving import main; main()",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment | {"PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
        start_new_session=True,
    )


async def told(process: asyncio.subprocess.Process, work: Callable[[G], T]) -> None:
    """Say what its work is: a function of a module. Raises EOFError if it cannot do it."""
    if not (await _answer(process, work)).done:
        raise EOFError


async def asked(process: asyncio.subprocess.Process, given: object) -> Ended:
    """What comes of its work with something. Raises EOFError if it ends before it says."""
    return await _answer(process, given)


async def ended(process: asyncio.subprocess.Process) -> None:
    """End it, whatever it does."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.communicate()


async def _answer(process: asyncio.subprocess.Process, what: object) -> Ended:
    assert process.stdin is not None
    assert process.stdout is not None
    said = pickle.dumps(what)
    process.stdin.write(len(said).to_bytes(LENGTH, "big") + said)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(LENGTH), "big")
    answer = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301
    if not isinstance(answer, Ended):
        raise EOFError
    return answer
