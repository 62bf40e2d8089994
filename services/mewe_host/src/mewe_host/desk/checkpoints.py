"""Checkpoints: where the chain of each feature stood at a moment, kept outside its database, so that a cut-off end is seen.

A file of JSON lines, readable by its owner alone, that only grows. Each line carries a keyed hash of what it says.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen
from mewe_core.kit.ports import Keys
from mewe_core.kit.values import moment
from whenever import Instant

from mewe_host.desk.chain import Head

_PURPOSE = "audit checkpoint"
_LONGEST = 1000

FILE = "the file"
"""What the file of checkpoints is called beside the features that keep them."""


@frozen
class Checkpoint:
    """The chain of ``feature`` held ``head.count`` records at a moment (microseconds since 1970 UTC), as ``witness`` says."""

    feature: str
    head: Head
    at: int
    witness: str = FILE

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


def append(file: Path, checkpoint: Checkpoint, keys: Keys) -> None:
    """Write a checkpoint, and return when it is on disk; a line that a power cut left unfinished is taken away first.

    Raises OSError if it cannot be written.
    """
    said = {"feature": checkpoint.feature, "count": checkpoint.head.count, "chain": checkpoint.head.chain.hex()}
    line = json.dumps({**said, "at": checkpoint.at, "mac": _mac(checkpoint, keys)}) + "\n"
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # let go of with the file
        size = os.fstat(handle).st_size
        before = max(0, size - _LONGEST)
        end = os.pread(handle, size - before, before)
        if not end.endswith(b"\n"):
            os.ftruncate(handle, before + end.rfind(b"\n") + 1)
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read(file: Path, keys: Keys) -> Checkpoints:
    """What the file holds; nothing, if it is not there. A last line without an end is being written, and left out.

    Raises OSError if it cannot be read.
    """
    try:
        lines = file.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        lines = []
    good, wrong = [], []
    for number, line in enumerate(lines, 1):
        checkpoint = _read(line, keys)
        if checkpoint is None:
            wrong.append(number)
        else:
            good.append(checkpoint)
    return Checkpoints(good, wrong)


def _read(line: bytes, keys: Keys) -> Checkpoint | None:
    try:
        said = json.loads(line)
        head = Head(int(said["count"]), bytes.fromhex(said["chain"]))
        checkpoint = Checkpoint(str(said["feature"]), head, int(said["at"]))
        return checkpoint if said["mac"] == _mac(checkpoint, keys) else None
    except (ValueError, KeyError, TypeError):
        return None


def _mac(checkpoint: Checkpoint, keys: Keys) -> str:
    told = [checkpoint.feature, checkpoint.head.count, checkpoint.head.chain.hex(), checkpoint.at]
    return keys.digest(_PURPOSE, json.dumps(told).encode())
