"""A clock that is set back: time never falls below what was seen, is never frozen, and can be put right."""

import asyncio
from pathlib import Path

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st
from mewe_core.kit.feature import Feature
from mewe_core.kit.personal import holds_nothing
from mewe_core.kit.records import OUTBOX
from mewe_core.kit.values import micros, moment
from mewe_host.identity.folder import KeyFault
from mewe_host.running.seen import Mark, SeenClock, beside, notes
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from sqlalchemy import MetaData, bindparam, insert
from whenever import Instant

START = micros(Instant.from_utc(2026, 3, 1))
SECOND, HOUR, DAY = 1_000_000, 3600 * 1_000_000, 24 * 3600 * 1_000_000

TOLD = insert(OUTBOX).values(
    event_id="e", name="n", aggregate_id="a", sequence=1, payload=b"", published=True, occurred_at=bindparam("occurred_at")
)


@define
class Machine:
    """A machine's clock that anybody may set, and a count that nobody may (both in microseconds)."""

    told: int = START
    counted: int = 0

    def now(self) -> Instant:
        """What its clock says."""
        return moment(self.told)

    def steady(self) -> int:
        """Nanoseconds since some moment."""
        return self.counted * 1000

    def passes(self, microseconds: int) -> None:
        """Time passes."""
        self.told += microseconds
        self.counted += microseconds


def seen(machine: Machine, folder: Path) -> SeenClock:
    """The clock of a process that starts now."""
    return SeenClock(machine, folder / "clock-seen", steady=machine.steady)


def test_a_machine_that_is_right_is_followed(tmp_path: Path) -> None:
    """Forward, by little or by much; nothing is said."""
    machine = Machine()
    clock = seen(machine, tmp_path)
    for step in (0, 1, SECOND, DAY):
        machine.passes(step)
        assert clock.now() == machine.now()
    machine.told += 400 * DAY
    assert clock.now() == machine.now()
    assert notes(clock, "mix.toml") == ()


@given(steps=st.lists(st.tuples(st.integers(0, DAY), st.integers(-400 * DAY, DAY)), max_size=20))
def test_time_never_goes_back_and_is_never_frozen(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]]
) -> None:
    """However the clock is set: each moment is nine tenths of what passed after the last, or more."""
    folder, machine = tmp_path_factory.mktemp("clock"), Machine()
    clock = seen(machine, folder)
    last = micros(clock.now())
    for number, (passed, moved) in enumerate(steps):
        machine.passes(passed)
        machine.told += moved
        now = micros(clock.now())
        assert now >= max(machine.told, last + passed * 9 // 10 - 1)
        assert now <= max(machine.told, last + passed)
        last = now
        clock.note()
        if number % 3 == 2:
            clock = seen(machine, folder)


def test_after_a_restart_time_goes_on_from_what_was_seen(tmp_path: Path) -> None:
    """And whoever started it is told how far the machine is behind, and what to do."""
    machine = Machine()
    first = seen(machine, tmp_path)
    machine.passes(30 * DAY)
    first.note()
    machine.told -= 30 * DAY
    again = seen(machine, tmp_path)
    assert micros(again.now()) == START + 30 * DAY
    machine.passes(10 * SECOND)
    assert micros(again.now()) == START + 30 * DAY + 9 * SECOND
    (said,) = notes(again, "mix.toml")
    assert "29 days behind" in said
    assert "mewe clock accept mix.toml" in said


@pytest.mark.parametrize(
    ("behind", "words"),
    [(50 * HOUR, "2 days"), (3 * HOUR, "3 hours"), (150 * SECOND, "2 minutes"), (70 * SECOND, "70 seconds")],
)
def test_it_is_said_in_words_how_far(tmp_path: Path, behind: int, words: str) -> None:
    """In the largest unit of which there are two."""
    Mark(START + behind).write(tmp_path / "clock-seen")
    assert f"{words} behind" in notes(seen(Machine(), tmp_path), "mix.toml")[0]


def test_a_small_step_back_heals_by_itself(tmp_path: Path) -> None:
    """A minute is caught up within ten, and nothing is written below what was."""
    machine = Machine()
    clock = seen(machine, tmp_path)
    clock.note()
    machine.told -= 60 * SECOND
    clock.note()
    assert Mark.read(tmp_path / "clock-seen").seen == START
    for _ in range(601):
        machine.passes(SECOND)
        clock.now()
    assert clock.now() == machine.now()


def test_processes_of_a_deployment_share_what_they_saw(tmp_path: Path) -> None:
    """One that saw more raises the others with its next note."""
    early, late = Machine(), Machine(START + HOUR)
    first, second = seen(early, tmp_path), seen(late, tmp_path)
    second.note()
    first.note()
    assert first.now() == second.now()


def test_a_file_that_says_no_moments_stops_the_start(tmp_path: Path) -> None:
    """It is not guessed; the message names the file and what is allowed."""
    file = beside(tmp_path / "keys")
    for wrong in ("", "soon", "1", "1 2 3", f"{10**30} 0", "1 x"):
        file.write_text(wrong)
        with pytest.raises(KeyFault, match=r"clock-seen does not say .* Allowed: two whole numbers"):
            seen(Machine(), tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(KeyFault, match="clock-seen"):
        seen(Machine(), tmp_path)


def test_only_its_own_file_is_left(tmp_path: Path) -> None:
    """No draft stays behind."""
    seen(Machine(), tmp_path).note()
    assert [one.name for one in tmp_path.iterdir()] == ["clock-seen"]


def test_the_newest_records_count_where_the_file_is_missing(tmp_path: Path) -> None:
    """A new machine knows from the databases; not what was forgiven when somebody accepted the machine's clock."""
    tables = MetaData()
    feature = Feature(
        name="shelf", package="mewe_host", version="1", summary="For tests.", tables=tables, personal=holds_nothing(tables)
    )
    url, late = f"sqlite:{tmp_path}", START + DAY

    async def story() -> None:
        await migrate([feature], url)
        store = await open_store("shelf", url)
        clock = seen(Machine(), tmp_path)
        await clock.learn([store])
        assert micros(clock.now()) == START
        await store.write(lambda database: database.execute(TOLD, occurred_at=late))
        await clock.learn([store])
        assert micros(clock.now()) == late
        await clock.keep()
        assert Mark.read(tmp_path / "clock-seen") == Mark(late, 0)
        Mark(START, late).write(tmp_path / "clock-seen")
        accepted = seen(Machine(), tmp_path)
        await accepted.learn([store])
        assert micros(accepted.now()) == START
        await store.close()

    asyncio.run(story())
