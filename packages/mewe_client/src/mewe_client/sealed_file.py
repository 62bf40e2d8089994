"""A small file that nobody reads without its key: written whole or not at all, and as long for little as for more."""

import os
import struct
from pathlib import Path

from attrs import field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_STEP = 16 * 1024
_WHAT = b"mewe unsent 1"
_LENGTH = struct.Struct(">Q")


@frozen
class SealedFile:
    """AES-256-GCM under ``key``, at ``path``, for the device's user alone. Raises ValueError for a key without 32 bytes."""

    path: Path
    _key: bytes = field(repr=False)

    def __attrs_post_init__(self) -> None:
        if len(self._key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")

    def read(self) -> bytes:
        """What it holds; nothing if it is not there. Raises ValueError if it was changed, or sealed under another key."""
        try:
            held = self.path.read_bytes()
        except FileNotFoundError:
            return b""
        try:
            plain = AESGCM(self._key).decrypt(held[:_NONCE_BYTES], held[_NONCE_BYTES:], _WHAT)
        except InvalidTag:
            raise ValueError(f"{self.path} was changed, or is for another key") from None
        (length,) = _LENGTH.unpack_from(plain)
        return plain[_LENGTH.size : _LENGTH.size + length]

    def write(self, content: bytes) -> None:
        """Put it in place of what was there; when this returns, it is on disk. Raises OSError where that cannot be."""
        said = _LENGTH.pack(len(content)) + content
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(self._key).encrypt(nonce, said.ljust(-(-len(said) // _STEP) * _STEP, b"\0"), _WHAT)
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.unlink(missing_ok=True)
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(file, "wb") as new:
                new.write(sealed)
                new.flush()
                os.fsync(new.fileno())
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        beside.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
