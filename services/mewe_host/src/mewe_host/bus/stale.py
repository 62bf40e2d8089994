"""A folder that one host at a time uses, and what a killed host may have left in it."""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

_ENDING = 5.0


class FolderInUse(Exception):
    """Another process holds the folder."""


class FolderLock:
    """Held from its making to ``release``, or to the end of the process. Raises FolderInUse."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            os.close(self._descriptor)
            raise FolderInUse(file) from fault

    def release(self) -> None:
        """Let others in; nothing if that was done."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def private_folder(folder: Path) -> Path:
    """The folder by its full path, made if missing, for this user alone."""
    folder = folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_private(file: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
    fresh.replace(file)


def end_stale(pid_file: Path, argument: str) -> None:
    """End the process that a pid file names, but only if ``argument`` stands in its command line: then it is ours.

    Waits until it is gone.
    """
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return
    for how in (signal.SIGTERM, signal.SIGKILL):
        if argument not in _command_line(pid):
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        _wait_for_end(pid, argument)
    pid_file.unlink(missing_ok=True)
    for ports in pid_file.parent.glob("*.ports"):
        ports.unlink(missing_ok=True)


def _wait_for_end(pid: int, argument: str) -> None:
    deadline = time.monotonic() + _ENDING
    while argument in _command_line(pid) and time.monotonic() < deadline:
        time.sleep(0.01)


def _command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        if Path("/proc/self").exists():
            return []
    listed = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return listed.stdout.split()
