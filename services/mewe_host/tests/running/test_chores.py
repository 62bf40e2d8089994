"""What a host does again and again goes on after a fault, and ends when it is told to."""

import asyncio

from mewe_host.running.chores import Chores


def test_a_chore_that_fails_comes_round_again() -> None:
    """A fault is logged, and the next time is tried like the first."""
    done: list[int] = []

    async def chores() -> None:
        three = asyncio.Event()

        async def chore() -> None:
            done.append(len(done))
            if len(done) == 3:
                three.set()
            raise OSError

        here = Chores()
        here.every(0, "failing", chore)
        async with asyncio.timeout(5):
            await three.wait()
        await here.stop()

    asyncio.run(chores())
    assert done[:3] == [0, 1, 2]


def test_a_chore_that_takes_a_cancellation_for_an_answer_ends_all_the_same() -> None:
    """A library that swallows the first cancellation does not keep the host from stopping."""

    async def chores() -> None:
        began = asyncio.Event()

        async def chore() -> None:
            began.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return

        here = Chores()
        here.every(60, "stubborn", chore)
        async with asyncio.timeout(5):
            await began.wait()
            await here.stop()

    asyncio.run(chores())
