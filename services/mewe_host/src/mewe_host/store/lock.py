"""One host a file: a lock beside each SQLite file."""

import fcntl
import os
from pathlib import Path
from typing import Self

from mewe_host.store.fault import StoreFault


class FileLock:
    """An exclusive lock on ``FILE.lock``. The system lets go of it when the process ends, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, file: Path) -> Self:
        """Take the lock of a database file. Raises StoreFault if another host (or a migration) holds it."""
        beside = file.with_name(file.name + ".lock")
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
            os.close(descriptor)
            whose = f" (process {holder})" if holder.isdigit() else ""
            raise StoreFault(
                f"{file} is in use: another host runs on it{whose}. Stop that one first, or give this one a folder of its own"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Let go. May be called again."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
