"""A disk whose power can be cut. It needs Linux, root, mkfs.ext4 and loop devices.

Killing a process shows nothing about what is on disk: what it wrote is in the system's memory, and outlives it. Here a file
system of its own, in a file, is shut down without writing out what it holds back; mounted again, it has what was really kept.
"""

import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

_SHUTDOWN = 0x8004587D
_WITHOUT_FLUSHING_THE_LOG = struct.pack("I", 2)
_SIZE = 256 * 1024 * 1024


class CannotCut(Exception):
    """This machine or user cannot make such a disk; the message says what is missing."""


@frozen
class Disk:
    """An ext4 file system in a file, mounted at ``path``."""

    image: Path
    path: Path

    def cut(self) -> None:
        """Lose everything that was not written out. Until it is restored, whatever is asked of the disk fails."""
        handle = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, _WITHOUT_FLUSHING_THE_LOG)
        finally:
            os.close(handle)

    def restore(self) -> None:
        """Mount it again, as after a new start. Nobody may have anything open on it."""
        _did("umount", str(self.path))
        _did("mount", "-o", "loop", str(self.image), str(self.path))


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """An empty disk, kept in a folder; unmounted at the end. Raises CannotCut."""
    if os.geteuid() != 0:
        raise CannotCut("only root can mount the disk whose power is cut")
    made = Disk(folder / "disk.image", folder / "disk")
    made.path.mkdir()
    with made.image.open("wb") as image:
        image.truncate(_SIZE)
    _did("mkfs.ext4", "-q", "-F", str(made.image))
    _did("mount", "-o", "loop", str(made.image), str(made.path))
    try:
        yield made
    finally:
        _did("umount", "-l", str(made.path))


def _did(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError as fault:
        raise CannotCut(f"there is no {command[0]} here") from fault
    except subprocess.CalledProcessError as fault:
        raise CannotCut(f"{' '.join(command)}: {fault.stderr.strip()}") from fault
