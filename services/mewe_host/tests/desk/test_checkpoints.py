"""Checkpoints: a file that only grows, in which every line speaks for itself."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mewe_core.kit.testing import PlainKeys
from mewe_host.desk.chain import Head
from mewe_host.desk.checkpoints import Checkpoint, append, last_of, read, thin, thinned

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


def test_a_line_that_was_taken_out_or_put_elsewhere_is_missed(file: Path) -> None:
    """By the line behind it. The last one's end is for the witnesses to know."""
    lines = file.read_text().splitlines(keepends=True)
    for changed in (lines[1:], [*lines[:1], *lines[2:]], [*lines[:2], lines[3], lines[2]], [*lines, lines[1]]):
        file.write_text("".join(changed))
        assert read(file, KEYS).wrong
    file.write_text("".join(lines))
    assert read(file, KEYS).wrong == []


def point(count: int, hours: float, feature: str = "chat", run: int = 0) -> Checkpoint:
    """A checkpoint so many hours ago."""
    return Checkpoint(feature, Head(count), int((10_000_000 - hours * 3600) * 1_000_000), run=run)


NOW = 10_000_000 * 1_000_000


def test_the_newest_of_each_hour_day_and_month_stays() -> None:
    """Of ten years, one every ten minutes: some hundreds, spread as they should be."""
    every = [point(count, hours / 6) for count, hours in enumerate(range(6 * 24 * 3650, 0, -1))]
    kept = thinned(every, NOW)
    ages = [(NOW - one.at) / 3_600_000_000 / 24 for one in kept]
    assert [sum(low <= age < high for age in ages) for low, high in ((0, 1), (1, 366), (366, 3651))] == [25, 366, 107]
    assert kept[-1] == every[-1]
    assert thinned(kept, NOW) == kept


def test_the_last_of_each_run_and_feature_stays_for_good() -> None:
    """A chain that did not hold its last checkpoint any more: both ends are kept, however close and however old they are."""
    every = [
        point(9, 90_000.3),
        point(10, 90_000.2),
        point(3, 90_000.1, run=1),
        point(4, 90_000, run=1),
        point(7, 90_000, "diary"),
        point(9, 2.02, run=2),
        point(10, 2.01, run=2),
    ]
    assert thinned(every, NOW) == [every[1], every[3], every[4], every[6]]


def test_a_file_is_thinned_as_it_grows_and_stays_whole(tmp_path: Path) -> None:
    """It never grows far beyond what stays; each line still vouches for the one before it, and the newest is there."""
    file, most = tmp_path / "audit-checkpoints", 0
    for count in range(1, 600):
        append(file, point(count, (600 - count) / 60), KEYS, room=4096)
        most = max(most, file.stat().st_size)
    kept = read(file, KEYS)
    assert kept.wrong == []
    assert kept.of("chat")[-1].head.count == 599
    assert most < 3 * 4096
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["audit-checkpoints"]


def test_a_file_with_a_line_that_was_changed_is_not_thinned(file: Path) -> None:
    """Whoever looks into it finds it as it was left."""
    file.write_text(file.read_text().replace('"count": 2', '"count": 9'))
    before = file.read_text()
    thin(file, NOW, KEYS)
    assert file.read_text() == before


def test_several_processes_write_and_thin_one_file(tmp_path: Path) -> None:
    """No checkpoint is written into a file that another has just put a thinner one in place of."""
    file = tmp_path / "audit-checkpoints"

    def write(feature: str) -> None:
        for count in range(1, 120):
            append(file, point(count, (120 - count) / 60, feature), KEYS, room=2048)
            newest = last_of(file, feature, KEYS)
            assert newest is not None
            assert newest.head.count == count

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, ("chat", "diary", "people", "safety")))
    kept = read(file, KEYS)
    assert kept.wrong == []
    assert [kept.of(feature)[-1].head.count for feature in ("chat", "diary", "people", "safety")] == [119] * 4
