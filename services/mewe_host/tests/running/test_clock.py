"""A clock that several processes read from one file: it goes on, it jumps forward, and never back."""

from pathlib import Path

import pytest
from mewe_host.running.clock import FURTHEST, FileClock, SystemClock

DAY = 24 * 3600 * 1_000_000


def microseconds(clock: FileClock | SystemClock) -> int:
    """What a clock says, in microseconds since 1970."""
    return clock.now().timestamp(unit="microsecond")


def test_without_a_file_it_is_the_machines_time(tmp_path: Path) -> None:
    """A clock file that nobody wrote changes nothing."""
    before = microseconds(SystemClock())
    assert before <= microseconds(FileClock(tmp_path / "clock")) <= microseconds(SystemClock())


def test_a_jump_is_seen_by_everybody_who_reads_the_file(tmp_path: Path) -> None:
    """Two clocks on one file agree after one of them was moved on."""
    mine, theirs = FileClock(tmp_path / "sub" / "clock"), FileClock(tmp_path / "sub" / "clock")
    before = microseconds(theirs)
    mine.advance(90 * DAY)
    assert 90 * DAY <= microseconds(theirs) - before < 90 * DAY + 60_000_000
    theirs.advance(DAY)
    assert 91 * DAY <= microseconds(mine) - before < 91 * DAY + 60_000_000


def test_time_never_goes_back(tmp_path: Path) -> None:
    """Neither a negative jump, nor a file that was taken away or written over, turns time back."""
    file = tmp_path / "clock"
    clock = FileClock(file)
    clock.advance(DAY)
    seen = microseconds(clock)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)
    for spoil in (lambda: file.write_text("0\n"), lambda: file.write_text("soon"), file.unlink):
        spoil()
        assert microseconds(clock) >= seen


def test_a_jump_stays_within_what_dates_can_hold(tmp_path: Path) -> None:
    """Nobody gets further than twenty years ahead, not even by writing the file."""
    clock = FileClock(tmp_path / "clock")
    with pytest.raises(ValueError, match="twenty years"):
        clock.advance(FURTHEST + 1)
    (tmp_path / "clock").write_text(str(10**30))
    assert clock.now().to_tz("UTC").year < 2100
