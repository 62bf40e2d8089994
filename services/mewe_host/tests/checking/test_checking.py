"""A check that fails, hangs or ends its process lets nothing through, and takes nothing down with it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest
from mewe_core.kit.message_checks import CRISIS, NOTHING, Audience, Draft, MessageCheck
from mewe_host.checking.checking import MOST_IN_A_ROW, Checking

sys.path.append(str(Path(__file__).parent))

import checks_that_fail as failing  # type: ignore[import-not-found]


def draft(text: str) -> Draft:
    """A text on its way to peers."""
    return Draft(text, "SE", Audience.PEERS)


@asynccontextmanager
async def begun(*checks: MessageCheck) -> AsyncIterator[Checking]:
    """The checks at work."""
    checking = Checking()
    try:
        await checking.begin(checks)
        yield checking
    finally:
        await checking.close()


def run(test: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run it, for half a minute at most."""
    asyncio.run(asyncio.wait_for(test(), 30))


@pytest.mark.parametrize("quick", [True, False])
def test_what_a_check_finds_comes_back(quick: bool) -> None:
    """In line and from the other process alike."""

    async def test() -> None:
        one = failing.check(failing.fine, quick=quick)
        async with begun(one) as checking:
            assert await checking(one, draft("hello"), 2) == NOTHING
            assert await checking(one, draft("help"), 2) == CRISIS

    run(test)


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("look", [failing.raises, failing.answers_nonsense])
def test_a_check_that_raises_or_answers_nonsense_has_not_finished(look: object, quick: bool) -> None:
    """It is not taken for a yes."""

    async def test() -> None:
        one = failing.check(look, quick=quick)
        async with begun(one) as checking:
            assert await checking(one, draft("hello"), 2) is None

    run(test)


@pytest.mark.parametrize("look", [failing.hangs, failing.holds_the_interpreter])
def test_a_check_that_never_returns_is_ended_in_time_and_holds_nobody_up(look: object) -> None:
    """While it hangs, everything else goes on; its process is gone afterwards."""

    async def test() -> None:
        one = failing.check(look)
        async with begun(one) as checking:
            began, longest = monotonic(), 0.0
            asking = asyncio.ensure_future(checking(one, draft("hello"), 0.25))
            while not asking.done():
                before = monotonic()
                await asyncio.sleep(0)
                longest = max(longest, monotonic() - before)
            assert await asking is None
            assert 0.2 < monotonic() - began < 2
            assert longest < 0.2

    run(test)


def test_a_check_that_was_ended_looks_again_with_the_next_message() -> None:
    """Another process takes its place."""

    async def test() -> None:
        one = failing.check(failing.hangs)
        async with begun(one) as checking:
            assert await checking(one, draft("hello"), 0.25) is None
            assert await checking(one, draft("return"), 10) == NOTHING

    run(test)


def test_a_check_whose_process_ends_has_not_finished() -> None:
    """And is tried again."""

    async def test() -> None:
        one = failing.check(failing.dies)
        async with begun(one) as checking:
            assert await checking(one, draft("hello"), 5) is None
            assert await checking(one, draft("hello"), 5) is None

    run(test)


def test_a_check_that_hangs_again_and_again_is_switched_off_and_somebody_is_told() -> None:
    """From then on it costs no time, and still lets nothing through."""

    async def test() -> None:
        one = failing.check(failing.hangs, crisis=True)
        async with begun(one) as checking:
            assert checking.notes() == ()
            for _ in range(MOST_IN_A_ROW):
                assert await checking(one, draft("hello"), 0.2) is None
            began = monotonic()
            assert await checking(one, draft("return"), 10) is None
            assert monotonic() - began < 0.1
            (note,) = checking.notes()
            assert "the check hangs does not finish" in note
            assert "held back" in note

    run(test)


def test_ever_so_many_at_once_take_two_processes() -> None:
    """Those that wait are not done in time either; nothing grows."""

    async def test() -> None:
        one = failing.check(failing.hangs)
        async with begun(one) as checking:
            answers = await asyncio.gather(*(checking(one, draft("hello"), 0.3) for _ in range(50)))
            assert answers == [None] * 50
            apart = checking._known["hangs"].apart
            assert apart is not None
            assert len(apart._all) + len(apart._starting) <= 4

    run(test)


def test_a_check_that_is_not_known_has_not_finished() -> None:
    """Nothing is run that was not begun."""

    async def test() -> None:
        async with begun() as checking:
            assert await checking(failing.check(failing.fine, quick=True), draft("hello"), 1) is None

    run(test)


def test_a_check_apart_sees_no_secret_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses and passwords come to a host by its environment."""
    monkeypatch.setenv("MEWE_SECRET", "x")
    assert "MEWE_SECRET" in os.environ

    async def test() -> None:
        one = failing.check(failing.tells_the_environment)
        async with begun(one) as checking:
            assert await checking(one, draft("MEWE_SECRET"), 5) == NOTHING
            assert await checking(one, draft("PATH"), 5) == CRISIS

    run(test)
