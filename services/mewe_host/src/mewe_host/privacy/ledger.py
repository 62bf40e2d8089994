"""The erasure ledger: who was erased, kept outside the databases, so that a backup from before serves nobody's data again.

A file of JSON lines beside the folder of keys, readable by its owner alone, that only grows. Each line carries a keyed hash of
what it says. It holds a bare id and a moment, and nothing else about anybody.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from hmac import compare_digest
from pathlib import Path

from attrs import frozen
from mewe_core.kit.ports import Keys
from mewe_core.kit.values import micros, moment
from whenever import Instant

_PURPOSE = "erasure ledger"


class LedgerFault(Exception):
    """The ledger cannot be trusted or read; the message says which line, and what to do."""


@frozen
class Entry:
    """A person was erased."""

    erasure_id: str
    person_id: str
    decided_at: Instant


class Ledger:
    """The ledger of one deployment; several processes may write it."""

    def __init__(self, file: Path, keys: Keys) -> None:
        self._file = file
        self._keys = keys

    @classmethod
    def beside(cls, keys_folder: Path, keys: Keys) -> "Ledger":
        """That of a key folder: ``erasure-ledger`` beside it."""
        return cls(keys_folder.absolute().parent / "erasure-ledger", keys)

    def enter(self, entry: Entry) -> None:
        """Write an entry, unless it is there, and return when it is on disk. Raises OSError, LedgerFault."""
        handle = os.open(self._file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # let go of with the file
            content = self._file.read_bytes()
            if any(one.erasure_id == entry.erasure_id for one in self._entries(content)):
                return
            if content and not content.endswith(b"\n"):
                os.ftruncate(handle, content.rfind(b"\n") + 1)
            os.write(handle, self._line(entry))
            os.fsync(handle)
        finally:
            os.close(handle)

    def entries(self) -> Sequence[Entry]:
        """All of it, in order; a last line that a power cut left unfinished is left out. Raises OSError, LedgerFault."""
        try:
            return self._entries(self._file.read_bytes())
        except FileNotFoundError:
            return []

    def _entries(self, content: bytes) -> list[Entry]:
        lines = content.split(b"\n")[:-1]
        return [self._read(line, number) for number, line in enumerate(lines, 1)]

    def _read(self, line: bytes, number: int) -> Entry:
        try:
            said = json.loads(line)
            entry = Entry(str(said["erasure"]), str(said["person"]), moment(int(said["decided"])))
            if compare_digest(str(said["mac"]), self._mac(entry)):
                return entry
        except (ValueError, KeyError, TypeError):
            pass
        raise LedgerFault(
            f"line {number} of {self._file} was changed, or these are not the keys it was made with. Restore the file from a "
            "copy: without it, a restored database may hold people who were erased"
        )

    def _line(self, entry: Entry) -> bytes:
        said = {"erasure": entry.erasure_id, "person": entry.person_id, "decided": micros(entry.decided_at)}
        return json.dumps({**said, "mac": self._mac(entry)}).encode() + b"\n"

    def _mac(self, entry: Entry) -> str:
        told = [entry.erasure_id, entry.person_id, micros(entry.decided_at)]
        return self._keys.digest(_PURPOSE, json.dumps(told).encode())
