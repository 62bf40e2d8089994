"""The key folder: secrets as files that only their owner can read, made once and never written over."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mewe_host.identity.faults import KeyFault
from mewe_host.identity.kms import Kms

__all__ = ["KeyFault", "exchanged", "is_wrapped", "kept", "made", "private", "protect", "ready", "remove", "settle"]

_WRAPPED = b"mewe-kms-1\n"
"""What a file begins with whose content a key management service has wrapped."""


def ready(folder: Path) -> None:
    """Make the folder (0700) if it is not there. Raises KeyFault if others than its owner may look into it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise KeyFault(f"the key folder {folder} cannot be made: {fault.strerror}") from fault
    _private(folder, "folder", "700")


def kept(file: Path, make: Callable[[], bytes], kms: Kms | None = None) -> bytes:
    """What the file holds; it is made first if it is not there, wrapped by the ``kms`` if there is one.

    Of two processes that start at once one makes it and both read the same; after a power cut it is there whole or not at
    all. Raises KeyFault if it cannot be read, or if others than its owner can read it.
    """
    made(file, make, kms)
    content = _read(file)
    if not content.startswith(_WRAPPED):
        return content
    if kms is None:
        raise KeyFault(
            f"{file} was wrapped by a key management service. Allowed: the program that unwraps it, as a list of texts",
            key="keys.kms_command",
        )
    return kms.unwrap(content.removeprefix(_WRAPPED))


def made(file: Path, make: Callable[[], bytes], kms: Kms | None = None) -> None:
    """Make the file if it is not there, as ``kept`` does. Raises KeyFault."""
    if not file.exists():
        _place(file, _protected(make(), kms))


def is_wrapped(file: Path) -> bool:
    """Whether a key management service has wrapped what the file holds."""
    return _read(file).startswith(_WRAPPED)


def protect(file: Path, kms: Kms) -> bool:
    """Have a file wrapped that lay open until now; says whether it did. What the disk may keep of the open one is beyond us."""
    content = _read(file)
    if content.startswith(_WRAPPED):
        return False
    _place(file, _protected(content, kms), put=os.replace)
    return True


@contextmanager
def exchanged(file: Path, content: bytes, kms: Kms | None) -> Iterator[None]:
    """Have a file hold another secret, at one stroke; the one it held is written over at the end of the block.

    If the block fails the old one is put back, which takes no room. Raises KeyFault.
    """
    _read(file)
    old = file.with_name(f".{file.name}.old")
    try:
        old.unlink(missing_ok=True)
        os.link(file, old)
    except OSError as fault:
        raise KeyFault(f"the key file {file} cannot be exchanged: {fault.strerror}") from fault
    try:
        _place(file, _protected(content, kms), put=os.replace)
        yield
    except BaseException:
        _put_back(old, file)
        raise
    try:
        remove(old)
    except KeyFault as fault:
        raise KeyFault(f"{file} was exchanged, but what it held before is still in {old}: destroy it. {fault}") from fault


def _put_back(old: Path, file: Path) -> None:
    try:
        os.replace(old, file)
        old.unlink(missing_ok=True)  # two names of one file: replacing does nothing then
        settle(file.parent)
    except OSError as fault:
        raise KeyFault(f"{file} may hold a new key; put back what it held before, from {old}: {fault.strerror}") from fault


def remove(file: Path) -> None:
    """Take a secret away for good: written over, then removed. Raises KeyFault."""
    try:
        with file.open("r+b") as writing:
            writing.write(bytes(file.stat().st_size))
            writing.flush()
            os.fsync(writing.fileno())
        file.unlink()
        settle(file.parent)
    except OSError as fault:
        raise KeyFault(f"the key file {file} cannot be removed: {fault.strerror}") from fault


def _protected(content: bytes, kms: Kms | None) -> bytes:
    return content if kms is None else _WRAPPED + kms.wrap(content)


def _read(file: Path) -> bytes:
    _private(file, "file", "600")
    try:
        return file.read_bytes()
    except OSError as fault:
        raise KeyFault(f"the key file {file} cannot be read: {fault.strerror}") from fault


def private(file: Path) -> os.stat_result:
    """Which file it is. Raises KeyFault if others than its owner can read it."""
    return _private(file, "file", "600")


def _private(path: Path, sort: str, mode: str) -> os.stat_result:
    try:
        found = path.stat()
    except OSError as fault:
        raise KeyFault(f"the key {sort} {path} cannot be read: {fault.strerror}") from fault
    if found.st_mode & 0o077:
        raise KeyFault(
            f"the key {sort} {path} is open to others (mode {found.st_mode & 0o777:o}; allowed: {mode}). "
            f"If nobody has read it: chmod {mode} {path}"
        )
    return found


def _place(file: Path, content: bytes, put: Callable[[Path, Path], None] | None = None) -> None:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as writing:
                writing.write(content)
                writing.flush()
                os.fsync(writing.fileno())
            (put or _link)(draft, file)
        finally:
            draft.unlink(missing_ok=True)
        settle(file.parent)
    except OSError as fault:
        raise KeyFault(f"the key file {file} cannot be made: {fault.strerror}") from fault


def settle(folder: Path) -> None:
    """Have the names in a folder survive a power cut. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _link(draft: Path, file: Path) -> None:
    try:
        os.link(draft, file)
    except FileExistsError:
        return
