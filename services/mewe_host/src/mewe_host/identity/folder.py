"""The key folder: secrets as files that only their owner can read, made once and never written over."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


class KeyFault(Exception):
    """The keys cannot be used; the message says which file, and what to do."""


def ready(folder: Path) -> None:
    """Make the folder (0700) if it is not there. Raises KeyFault if others than its owner may look into it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise KeyFault(f"the key folder {folder} cannot be made: {fault.strerror}") from fault
    _private(folder, "folder", "700")


def kept(file: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds; it is made first if it is not there.

    Of two processes that start at once one makes it and both read the same; after a power cut it is there whole or not at
    all. Raises KeyFault if it cannot be read, or if others than its owner can read it.
    """
    if not file.exists():
        _place(file, make())
    _private(file, "file", "600")
    try:
        return file.read_bytes()
    except OSError as fault:
        raise KeyFault(f"the key file {file} cannot be read: {fault.strerror}") from fault


def _private(path: Path, sort: str, mode: str) -> None:
    try:
        found = path.stat()
    except OSError as fault:
        raise KeyFault(f"the key {sort} {path} cannot be read: {fault.strerror}") from fault
    if found.st_mode & 0o077:
        raise KeyFault(
            f"the key {sort} {path} is open to others (mode {found.st_mode & 0o777:o}; allowed: {mode}). "
            f"If nobody has read it: chmod {mode} {path}"
        )


def _place(file: Path, content: bytes) -> None:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as writing:
                writing.write(content)
                writing.flush()
                os.fsync(writing.fileno())
            _link(draft, file)
        finally:
            draft.unlink()
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as fault:
        raise KeyFault(f"the key file {file} cannot be made: {fault.strerror}") from fault


def _link(draft: Path, file: Path) -> None:
    try:
        os.link(draft, file)
    except FileExistsError:
        return
