"""Checkpoints: where the chain of each feature stood at a moment, kept outside its database, so that a cut-off end is seen.

A file of JSON lines, readable by its owner alone. The keyed hash of a line covers that of the line before it, so that none can
be changed, taken out or put elsewhere. The file is thinned as it grows: of a chain's checkpoints the newest of each hour of the
last day stay, of each day of the last year, then of each month. What is left out was found in the chain again by the next
checkpoint of the same *run*; a chain that no longer holds its last one begins another run, and the last of each stays for good.
"""

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen
from mewe_core.kit.ports import Keys
from mewe_core.kit.values import moment
from whenever import Instant

from mewe_host.desk.chain import Head
from mewe_host.identity import folder

_PURPOSE = "audit checkpoint"
_LONGEST = 1000
_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_YEAR = 366 * _DAY

ROOM = 1 << 18
"""The file is thinned whenever it has grown over a multiple of so many bytes."""

_MARK = re.compile(rb'"([0-9a-f]{64})"}$')

FILE = "the file"
"""What the file of checkpoints is called beside the features that keep them."""


@frozen
class Checkpoint:
    """The chain of ``feature`` held ``head.count`` records at a moment (microseconds since 1970 UTC), as ``witness`` says.

    ``run`` counts how often the chain did not hold its last checkpoint any more.
    """

    feature: str
    head: Head
    at: int
    witness: str = FILE
    run: int = 0

    @property
    def moment(self) -> Instant:
        """When it was taken."""
        return moment(self.at)


@frozen
class Checkpoints:
    """What a file holds: the checkpoints that are as they were written, and the numbers of the lines that are not."""

    good: Sequence[Checkpoint]
    wrong: Sequence[int]

    def of(self, feature: str) -> list[Checkpoint]:
        """Those of a feature, in order."""
        return [one for one in self.good if one.feature == feature]


def beside(keys_folder: Path) -> Path:
    """The file that belongs to a key folder: ``audit-checkpoints`` beside it."""
    return keys_folder.absolute().parent / "audit-checkpoints"


def append(file: Path, checkpoint: Checkpoint, keys: Keys, *, room: int = ROOM) -> None:
    """Write a checkpoint, and return when it is on disk; a line that a power cut left unfinished is taken away first.

    Raises OSError if it cannot be written.
    """
    with _locked(file) as handle:
        size = os.fstat(handle).st_size
        before = max(0, size - _LONGEST)
        end = os.pread(handle, size - before, before)
        if not end.endswith(b"\n"):
            end = end[: end.rfind(b"\n") + 1]
            os.ftruncate(handle, before + len(end))
        last = end[:-1].rpartition(b"\n")[2]
        os.write(handle, _line(checkpoint, _mark(last), keys))
        os.fsync(handle)
        if not size:
            folder.settle(file.parent)
        if os.fstat(handle).st_size // room > size // room:
            _thin(file, checkpoint.at, keys)


def read(file: Path, keys: Keys) -> Checkpoints:
    """What the file holds; nothing, if it is not there. A last line without an end is being written, and left out.

    Raises OSError if it cannot be read.
    """
    try:
        lines = file.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        lines = []
    good, wrong, before = [], [], ""
    for number, line in enumerate(lines, 1):
        checkpoint = _read(line, before, keys)
        before = _mark(line)
        if checkpoint is None:
            wrong.append(number)
        else:
            good.append(checkpoint)
    return Checkpoints(good, wrong)


def thin(file: Path, now: int, keys: Keys) -> None:
    """Leave out of the file what need not stay at a moment. Raises OSError."""
    with _locked(file):
        _thin(file, now, keys)


def last_of(file: Path, feature: str, keys: Keys) -> Checkpoint | None:
    """The newest checkpoint of a feature; None if there is none. Raises OSError."""
    return next(reversed(read(file, keys).of(feature)), None)


def thinned(checkpoints: Sequence[Checkpoint], now: int) -> list[Checkpoint]:
    """What stays of them at a moment, in the same order. Pure.

    Of each run of each feature the newest of each hour of the last day, of each day of the last year, of each 31 days before:
    so always the newest of all.
    """
    kept: list[Checkpoint] = []
    seen: set[tuple[str, int, int, int]] = set()
    for one in reversed(checkpoints):
        age = now - one.at
        width = _HOUR if age < _DAY else _DAY if age < _YEAR else 31 * _DAY
        span = (one.feature, one.run, width, one.at // width)
        if span not in seen:
            kept.append(one)
        seen.add(span)
    return kept[::-1]


@contextmanager
def _locked(file: Path) -> Iterator[int]:
    """The file, and nobody else writing it: not the one that another process has just put a thinner one in place of."""
    while True:
        handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # let go of with the file
            if file.exists() and os.path.samestat(os.fstat(handle), file.stat()):
                yield handle
                return
        finally:
            os.close(handle)


def _thin(file: Path, now: int, keys: Keys) -> None:
    """Put what stays in the file's place, at one stroke. A file with a line that was changed is left as it is, to be seen."""
    there = read(file, keys)
    kept = thinned(there.good, now)
    if there.wrong or len(kept) == len(there.good):
        return
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as writing:
            before = ""
            for one in kept:
                line = _line(one, before, keys)
                before = _mark(line[:-1])
                writing.write(line)
            writing.flush()
            os.fsync(writing.fileno())
        draft.replace(file)
        folder.settle(file.parent)
    finally:
        draft.unlink(missing_ok=True)


def _line(checkpoint: Checkpoint, before: str, keys: Keys) -> bytes:
    said = {"feature": checkpoint.feature, "run": checkpoint.run, "count": checkpoint.head.count}
    said |= {"chain": checkpoint.head.chain.hex(), "at": checkpoint.at, "mac": _mac(checkpoint, before, keys)}
    return json.dumps(said).encode() + b"\n"


def _mark(line: bytes) -> str:
    """What the line behind this one goes on from."""
    found = _MARK.search(line)
    return "" if found is None else found[1].decode()


def _read(line: bytes, before: str, keys: Keys) -> Checkpoint | None:
    try:
        said = json.loads(line)
        head = Head(int(said["count"]), bytes.fromhex(said["chain"]))
        checkpoint = Checkpoint(str(said["feature"]), head, int(said["at"]), run=int(said["run"]))
        return checkpoint if said["mac"] == _mac(checkpoint, before, keys) else None
    except (ValueError, KeyError, TypeError):
        return None


def _mac(checkpoint: Checkpoint, before: str, keys: Keys) -> str:
    head = checkpoint.head
    told = [before, checkpoint.feature, checkpoint.run, head.count, head.chain.hex(), checkpoint.at]
    return keys.digest(_PURPOSE, json.dumps(told).encode())
