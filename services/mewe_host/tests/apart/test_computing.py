"""What is computed apart holds nobody up, ends when nobody waits for it, and takes nothing down with it."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from time import monotonic

import pytest
from mewe_core.kit.errors import Unavailable
from mewe_host.apart.computing import Computing
from structlog.testing import capture_logs

sys.path.append(str(Path(__file__).parent))

import work_to_do as work  # type: ignore[import-not-found]


def run(test: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run it, for half a minute at most."""
    asyncio.run(asyncio.wait_for(test(), 30))


def test_what_comes_of_it_comes_back_from_a_process_of_its_own() -> None:
    """Another one each time, which is gone afterwards; what it loads is loaded there alone."""

    async def test() -> None:
        compute = Computing()
        assert await compute(work.doubled, 21) == 42
        first, second = await compute(work.process_of, 0), await compute(work.process_of, 0)
        assert len({first, second, os.getpid()}) == 3
        for one in (first, second):
            with pytest.raises(ProcessLookupError):
                os.kill(one, 0)
        assert await compute(work.loads_a_package, "this") is True
        assert "this" not in sys.modules

    run(test)


@pytest.mark.parametrize("what", [work.fails, work.dies])
def test_what_fails_is_unavailable_and_the_next_is_computed(what: Callable[[int], int]) -> None:
    """What it raised goes nowhere: it may hold somebody's words."""

    async def test() -> None:
        compute = Computing()
        with capture_logs() as logs, pytest.raises(Unavailable) as refused:
            await compute(what, 1)
        assert "words" not in f"{refused.value} {logs}"
        assert [one["part"] for one in logs] == [what.__name__]
        assert await compute(work.doubled, 2) == 4

    run(test)


def test_one_that_never_ends_holds_nobody_up_and_ends_with_whoever_waits() -> None:
    """Everything else goes on meanwhile, and after its deadline the next is computed."""

    async def test() -> None:
        compute, longest = Computing(), 0.0

        async def waiting() -> None:
            async with asyncio.timeout(1):
                await compute(work.holds_the_interpreter, 1)

        waits = asyncio.ensure_future(waiting())
        while not waits.done():
            before = monotonic()
            await asyncio.sleep(0)
            longest = max(longest, monotonic() - before)
        assert longest < 0.3
        with pytest.raises(TimeoutError):
            await waits
        assert await compute(work.doubled, 2) == 4

    run(test)


def test_one_at_a_time() -> None:
    """Whoever asks beside waits: a small server computes one thing, and serves everybody else."""

    async def test() -> None:
        compute = Computing()
        long = asyncio.ensure_future(compute(work.holds_the_interpreter, 1))
        short = asyncio.ensure_future(compute(work.doubled, 2))
        done, _ = await asyncio.wait({short}, timeout=1)
        assert not done
        long.cancel()
        assert await short == 4

    run(test)


def test_it_sees_no_secret_of_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the environment only what a program needs to run."""
    monkeypatch.setenv("MEWE_SECRET", "oh")

    async def test() -> None:
        compute = Computing()
        assert await compute(work.environment, "MEWE_SECRET") is None
        assert await compute(work.environment, "PATH") == os.environ["PATH"]

    run(test)
