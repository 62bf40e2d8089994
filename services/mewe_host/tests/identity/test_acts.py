"""The book of acts: it only grows, each line vouches for the one before it, and it knows every signing key of the country."""

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mewe_host.identity import acts
from mewe_host.identity.folder import KeyFault
from mewe_host.identity.keys import FileKeys
from whenever import Instant


@contextmanager
def room_for_files_of(size: int) -> Iterator[None]:
    """A disk on which no file of this process can grow beyond a size."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


NOW = Instant.from_utc(2026, 9, 1, 12)


def opened(tmp_path: Path) -> FileKeys:
    """The country's keys, as a host opens them."""
    keys = FileKeys.of(tmp_path / "keys", "SE")
    acts.enter_signing_key(tmp_path / "audit-acts", keys, NOW)
    return keys


def replaced(tmp_path: Path, before: FileKeys, now: Instant) -> FileKeys:
    """A new signing key that the one before it has vouched for, as ``mewe keys new-signing`` makes it."""
    acts.change_signing_key(tmp_path / "keys", before, now)
    after = FileKeys.of(tmp_path / "keys", "SE")
    acts.know_signing_keys(tmp_path / "audit-acts", after)
    return after


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A book of five lines: two changes of the key, and two things that somebody did."""
    file, keys = tmp_path / "audit-acts", opened(tmp_path)
    acts.enter(file, "something", {"what": "one"}, keys, NOW, by="anna")
    keys = replaced(tmp_path, keys, NOW.add(hours=1))
    acts.enter(file, "something", {"what": "two", "count": 2}, keys, NOW.add(hours=2), by="anna")
    replaced(tmp_path, keys, NOW.add(hours=3))
    return file


def test_what_was_entered_is_read_again(file: Path, tmp_path: Path) -> None:
    """In order, with who and when; nobody but the owner can read the file."""
    book = acts.read(file, FileKeys.of(tmp_path / "keys", "SE"))
    assert list(book.wrong) == []
    assert [act.number for act in book.acts] == [1, 2, 3, 4, 5]
    assert [(act.text("what"), act.by) for act in book.of("something")] == [("one", "anna"), ("two", "anna")]
    assert file.stat().st_mode & 0o777 == 0o600


def test_every_key_is_known_with_the_time_it_was_in_use(file: Path, tmp_path: Path) -> None:
    """From its line to the next one's; what it signed is verified by whoever opens the keys later."""
    keys = FileKeys.of(tmp_path / "keys", "SE")
    first, second, third = acts.know_signing_keys(file, keys).keys
    assert [(one.since, one.until) for one in (first, second, third)] == [
        (None, NOW.add(hours=1)),
        (NOW.add(hours=1), NOW.add(hours=3)),
        (NOW.add(hours=3), None),
    ]
    assert all(one.vouched for one in (first, second, third))
    assert keys.retired_keys() == (first.key, second.key)
    assert keys.public_key() == third.key
    assert not second.could_sign(0)
    assert first.could_sign(0)
    assert not first.could_sign(int(NOW.add(hours=24 * 9).timestamp()) * 1_000_000)


def test_what_an_older_key_signed_stays_verified(tmp_path: Path) -> None:
    """And what a key signed that never was the country's does not, nor what one says to be signed by another."""
    before = opened(tmp_path)
    signature = before.sign("purpose", b"said")
    after = replaced(tmp_path, replaced(tmp_path, before, NOW), NOW)
    assert after.verified("purpose", b"said", before.public_key().id, signature)
    assert not after.verified("purpose", b"other", before.public_key().id, signature)
    assert not after.verified("purpose", b"said", after.public_key().id, signature)
    foreign = FileKeys.of(tmp_path / "elsewhere", "SE")
    forged = foreign.sign("purpose", b"said")
    for key in (before, after, foreign):
        assert not after.verified("purpose", b"said", key.public_key().id, forged)


@pytest.mark.parametrize("line", range(4))
def test_a_line_that_was_removed_is_missed(file: Path, tmp_path: Path, line: int) -> None:
    """By the line behind it. That the last is gone, the audit of the features says."""
    lines = file.read_text().splitlines(keepends=True)
    del lines[line]
    file.write_text("".join(lines))
    assert acts.read(file, FileKeys.of(tmp_path / "keys", "SE")).wrong


@pytest.mark.parametrize("line", range(5))
@pytest.mark.parametrize("name", ["number", "kind", "said", "at", "by", "key", "signature", "mark"])
def test_a_line_that_was_changed_is_not_believed(file: Path, tmp_path: Path, line: int, name: str) -> None:
    """Whatever of it was changed."""
    lines = file.read_text().splitlines()
    told = json.loads(lines[line])
    told[name] = told[name] + 1 if isinstance(told[name], int) else {} if name == "said" else told[name][::-1] + "0"
    lines[line] = json.dumps(told)
    file.write_text("\n".join(lines) + "\n")
    book = acts.read(file, FileKeys.of(tmp_path / "keys", "SE"))
    assert book.wrong[0].startswith(f"line {line + 1} ")
    assert line + 1 not in [act.number for act in book.acts]


def test_lines_that_changed_places_are_not_believed(file: Path, tmp_path: Path) -> None:
    """Each stands where it was entered, or nowhere."""
    lines = file.read_text().splitlines()
    lines[1], lines[3] = lines[3], lines[1]
    file.write_text("\n".join(lines) + "\n")
    assert acts.read(file, FileKeys.of(tmp_path / "keys", "SE")).wrong


def test_a_key_that_nobody_vouched_for_is_entered_and_said(tmp_path: Path) -> None:
    """Somebody who has lost the old one puts another in place: the host starts, and the book tells it from a change."""
    opened(tmp_path)
    (tmp_path / "keys/signing.pem").unlink()
    keys = opened(tmp_path)
    assert [one.vouched for one in acts.read(tmp_path / "audit-acts", keys).keys] == [True, False]
    assert len(keys.retired_keys()) == 1
    opened(tmp_path)
    assert len(acts.read(tmp_path / "audit-acts", keys).acts) == 2


def test_an_act_by_a_key_that_is_not_in_use_is_not_believed(tmp_path: Path) -> None:
    """Not by one that was retired, and not by one that was never the country's, though they know the rest."""
    opened(tmp_path)
    shutil.copytree(tmp_path / "keys", tmp_path / "copied")
    copied = FileKeys.of(tmp_path / "copied", "SE")
    keys = replaced(tmp_path, FileKeys.of(tmp_path / "keys", "SE"), NOW)
    acts.enter(tmp_path / "audit-acts", "something", {}, copied, NOW)
    assert "was not the country's then" in acts.read(tmp_path / "audit-acts", keys).wrong[0]


def test_nobody_signs_with_a_key_that_was_changed_meanwhile(tmp_path: Path) -> None:
    """A command that had opened the keys before: nothing is entered, so nothing is done, and the book stays right."""
    stale = opened(tmp_path)
    keys = replaced(tmp_path, FileKeys.of(tmp_path / "keys", "SE"), NOW)
    before = (tmp_path / "audit-acts").read_bytes()
    for attempt in (
        lambda: acts.enter(tmp_path / "audit-acts", "something", {}, stale, NOW),
        lambda: acts.enter_signing_key(tmp_path / "audit-acts", stale, NOW),
        lambda: acts.change_signing_key(tmp_path / "keys", stale, NOW),
    ):
        with pytest.raises(KeyFault, match="Nothing was done: run this again"):
            attempt()
    assert (tmp_path / "audit-acts").read_bytes() == before
    assert FileKeys.of(tmp_path / "keys", "SE").public_key() == keys.public_key()
    acts.enter(tmp_path / "audit-acts", "something", {}, keys, NOW)


@pytest.mark.parametrize("room", [0, 1, 100, 300])
def test_without_room_for_the_line_the_signing_key_stays(tmp_path: Path, room: int) -> None:
    """Nothing was done, as it says: the old key is in its place, no other file is left, and the book goes on."""
    keys = opened(tmp_path)
    book, folder = tmp_path / "audit-acts", tmp_path / "keys"
    acts.enter(book, "something", {"what": "x" * 4000}, keys, NOW)
    before, files = book.read_bytes(), {file: file.read_bytes() for file in folder.iterdir()}
    with room_for_files_of(len(before) + room), pytest.raises(KeyFault, match="Nothing was done"):
        acts.change_signing_key(folder, keys, NOW)
    assert (book.read_bytes(), {file: file.read_bytes() for file in folder.iterdir()}) == (before, files)
    acts.change_signing_key(folder, keys, NOW)
    assert list(acts.read(book, FileKeys.of(folder, "SE")).wrong) == []


def test_a_line_that_a_power_cut_left_unfinished_is_taken_away(file: Path, tmp_path: Path) -> None:
    """While it is written it is left out; the next begins a line of its own."""
    keys = FileKeys.of(tmp_path / "keys", "SE")
    acts.enter(file, "something", {"what": "three"}, keys, NOW)
    file.write_bytes(file.read_bytes()[:-9])
    assert len(acts.read(file, keys).marks) == 5
    acts.enter(file, "something", {"what": "four"}, keys, NOW)
    book = acts.read(file, keys)
    assert [act.text("what") for act in book.of("something")] == ["one", "two", "four"]
    assert list(book.wrong) == []


def test_what_cannot_be_entered_is_refused(tmp_path: Path) -> None:
    """So that nothing is done that leaves no trace."""
    keys = opened(tmp_path)
    with pytest.raises(KeyFault, match="cannot be written"):
        acts.enter(tmp_path / "nowhere/audit-acts", "something", {}, keys, NOW)


def test_without_room_for_a_key_the_signing_key_stays(tmp_path: Path) -> None:
    """Neither a new one nor a second name of the old one is left."""
    keys, folder = opened(tmp_path), tmp_path / "keys"
    before, files = (tmp_path / "audit-acts").read_bytes(), {file: file.read_bytes() for file in folder.iterdir()}
    with room_for_files_of(10), pytest.raises(KeyFault, match=r"signing\.pem cannot be made"):
        acts.change_signing_key(folder, keys, NOW)
    assert (tmp_path / "audit-acts").read_bytes() == before
    assert {file: file.read_bytes() for file in folder.iterdir()} == files


def test_the_name_of_a_new_book_is_on_disk_with_its_first_line(tmp_path: Path) -> None:
    """A power cut after the first act leaves the book, and not only what would have been in it."""
    program = f"""
import os, sys
from pathlib import Path
from whenever import Instant
from mewe_host.identity import acts
from mewe_host.identity.keys import FileKeys
keys, opened = FileKeys.of(Path("keys"), "SE"), []
sys.addaudithook(lambda name, said: opened.append(str(said[0])) if name == "open" else None)
acts.enter_signing_key(acts.beside(Path("keys")), keys, Instant.now())
print(opened.count({str(tmp_path)!r}))
acts.enter(acts.beside(Path("keys")), "something", {{}}, keys, Instant.now())
print(opened.count({str(tmp_path)!r}))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.split() == ["1", "1"]
