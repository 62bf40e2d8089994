"""A process that was asked to stop ends, whatever still runs in it."""

import asyncio
import contextlib
import os
import signal
import threading

import pytest
from mewe_host.running.stopping import Stop, run

from tests.waiting import PATIENCE


async def deaf() -> None:
    """Take being cancelled for something else, twice."""
    for _ in range(2):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


def test_a_task_that_overhears_being_cancelled_holds_nothing_up() -> None:
    """What was left running is cancelled until it has ended, and the result is not lost."""
    left: list[asyncio.Task[None]] = []
    results: list[str] = []

    async def main() -> str:
        left.append(asyncio.create_task(deaf()))
        await asyncio.sleep(0)
        return "done"

    running = threading.Thread(target=lambda: results.append(run(main())), daemon=True)
    running.start()
    running.join(PATIENCE)
    assert results == ["done"]
    assert [task.done() for task in left] == [True]


def test_a_signal_that_comes_several_times_at_once_asks_once() -> None:
    """So does Linux when a parent of several threads ends: what runs is finished. Asked again later, it is cut off."""
    reached: list[str] = []

    async def main() -> None:
        stop = Stop()
        stop.listen()
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await asyncio.Event().wait()
        reached.append("finished")
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            await asyncio.Event().wait()

    with pytest.raises(KeyboardInterrupt):
        run(main())
    assert reached == ["finished"]
