"""The master keys of a country, which wrap data keys: ``masters/<version>.key`` in the key folder, 32 random bytes each.

There is one, or two while data keys are on their way from one to the next. They are read when a host starts; a version that was
made since then is read when a data key first asks for it. Each data key is wrapped under a key of its own, derived from the
master with a fresh salt: no key of a master enciphers twice, however many data keys there are.
"""

import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from attrs import define, field
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mewe_host.identity import folder
from mewe_host.identity.folder import KeyFault
from mewe_host.identity.kms import Kms

_BYTES = 32
_NONCE = bytes(12)
"""Each wrapping key is used once, so one nonce is enough."""

_NAME = re.compile(r"([1-9][0-9]{0,8})\.key")


@define
class Masters:
    """The master keys of a country, from its key folder. Made by ``Masters.of``."""

    SALT: ClassVar = 32

    _folder: Path
    _country: str
    _kms: Kms | None
    _known: dict[int, bytes] = field(factory=dict, repr=False)

    @classmethod
    def of(cls, path: Path, country: str, kms: Kms | None = None) -> "Masters":
        """The masters of a key folder; the first one is made at the first start.

        Raises KeyFault if they cannot be made or read, are not keys, or can be read by others than their owner.
        """
        folder.ready(path)
        folder.ready(path / "masters")
        masters = cls(path / "masters", country, kms)
        if not masters.versions():
            masters.made(1)
        for version in masters.versions():
            masters.made(version)
        return masters

    def versions(self) -> Sequence[int]:
        """The versions that lie in the folder now, oldest first."""
        found = (_NAME.fullmatch(file.name) for file in self._folder.iterdir())
        return sorted(int(one[1]) for one in found if one)

    def file(self, version: int) -> Path:
        """Where a version lies."""
        return self._folder / f"{version}.key"

    def made(self, version: int) -> None:
        """Know a version; it is made if it is not there. Raises KeyFault."""
        key = folder.kept(self.file(version), lambda: secrets.token_bytes(_BYTES), self._kms)
        if len(key) != _BYTES:
            raise KeyFault(f"{self.file(version)} is not a key: it must hold {_BYTES} bytes; restore it from its backup")
        self._known[version] = key

    def remove(self, version: int) -> None:
        """Destroy a version for good: whatever copy of a keyring is still wrapped with it can never be opened again."""
        folder.remove(self.file(version))
        self._known.pop(version, None)

    def fingerprint(self, version: int) -> str:
        """What a keyring knows a version again by: 32 hexadecimal digits that tell nothing about it. Raises KeyFault."""
        return self._derived(version, "fingerprint", "", 16, b"").hex()

    def wrap(self, version: int, feature: str, bound: bytes, key: bytes) -> bytes:
        """A data key of a feature, wrapped; ``bound`` is bound to it. Raises KeyFault if the version is not here."""
        salt = secrets.token_bytes(self.SALT)
        return salt + self._cipher(version, feature, salt).encrypt(_NONCE, key, bound)

    def unwrap(self, version: int, feature: str, bound: bytes, wrapped: bytes) -> bytes:
        """The inverse. Raises KeyFault if the version is not here, ValueError if it was wrapped for something else."""
        cipher = self._cipher(version, feature, wrapped[: self.SALT])
        try:
            return cipher.decrypt(_NONCE, wrapped[self.SALT :], bound)
        except (InvalidTag, ValueError):
            raise ValueError("this data key was wrapped for something else, or changed") from None

    def _cipher(self, version: int, feature: str, salt: bytes) -> AESGCM:
        return AESGCM(self._derived(version, "wrap", feature, _BYTES, salt))

    def _derived(self, version: int, use: str, feature: str, length: int, salt: bytes) -> bytes:
        if version not in self._known:
            if not self.file(version).exists():
                raise KeyFault(f"the master key {self.file(version)} is missing; copy it from where it was made, or restore it")
            self.made(version)
        info = "\0".join(("mewe master", self._country, str(version), use, feature)).encode()
        return HKDF(algorithm=SHA256(), length=length, salt=salt or None, info=info).derive(self._known[version])
