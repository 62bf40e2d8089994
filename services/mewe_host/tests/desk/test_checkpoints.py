"""Checkpoints: a file that only grows, in which every line speaks for itself."""

from pathlib import Path

import pytest
from mewe_core.kit.testing import PlainKeys
from mewe_host.desk.chain import Head
from mewe_host.desk.checkpoints import Checkpoint, append, read

KEYS = PlainKeys()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three checkpoints of a chain, and the first of another."""
    file = tmp_path / "audit-checkpoints"
    for feature, count in (("chat", 1), ("chat", 2), ("diary", 1), ("chat", 3)):
        append(file, Checkpoint(feature, Head(count), 1_000_000 * count), KEYS)
    return file


def test_what_was_written_is_read_again(file: Path) -> None:
    """Feature by feature, in order; nobody but the owner can read the file."""
    assert [(one.head, one.moment.timestamp()) for one in read(file, KEYS).of("chat")] == [
        (Head(count), count) for count in (1, 2, 3)
    ]
    assert len(read(file, KEYS).of("diary")) == 1
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"count": 2', '"count": 1'),
        ('"diary"', '"chat"'),
        ('"chain": "00', '"chain": "01'),
        ('"at": 3000000', '"at": 3000001'),
        ("{", "["),
        ('"mac"', '"mark"'),
    ],
)
def test_a_line_that_was_changed_is_not_believed(file: Path, old: str, new: str) -> None:
    """A smaller count, another feature, value or moment, no JSON at all: the line is named, the others stand."""
    lines = file.read_text().splitlines(keepends=True)
    changed = next(number for number, line in enumerate(lines) if old in line)
    lines[changed] = lines[changed].replace(old, new, 1)
    file.write_text("".join(lines))
    kept = read(file, KEYS)
    assert (len(kept.good), kept.wrong) == (3, [changed + 1])


def test_a_line_that_is_being_written_is_left_out(file: Path) -> None:
    """Whoever verifies beside a running host does not take it for changed."""
    file.write_text(file.read_text()[:-20])
    kept = read(file, KEYS)
    assert (len(kept.good), kept.wrong) == (3, [])


def test_a_line_that_a_power_cut_left_unfinished_is_taken_away(file: Path) -> None:
    """The next checkpoint begins a line of its own, and none is called changed."""
    file.write_bytes(file.read_bytes()[:-20])
    append(file, Checkpoint("chat", Head(4), 0), KEYS)
    kept = read(file, KEYS)
    assert [one.head.count for one in kept.of("chat")] == [1, 2, 4]
    assert kept.wrong == []


def test_a_file_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """Whether that is right is for the verifier to say."""
    assert list(read(tmp_path / "nowhere", KEYS).good) == []
