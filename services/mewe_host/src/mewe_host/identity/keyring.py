"""The keyring of one feature: a data key for each person and purpose, wrapped, in a file apart from the feature's rows.

Text is sealed with AES-256-GCM under a data key; what is bound to it is the country, the feature, whose key it is, the purpose
and the place (table, row, column). Data keys are wrapped under a key that is derived for this feature from the country's
master key. To destroy a data key is to destroy what was sealed with it, wherever a copy of the row may lie.
"""

import secrets
import sqlite3
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from mewe_core.kit.ports import Keys

from mewe_host.recent import Recent

_FORMAT = b"\x01"
_NONCE = 12
_CIPHERS_KEPT = 4096

_TABLE = """CREATE TABLE IF NOT EXISTS data_key (
    about TEXT NOT NULL, purpose TEXT NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (about, purpose)) WITHOUT ROWID"""


class FileKeyring:
    """A keyring in an SQLite file (``kit.ports.Sealing``): a key is durable before anything is sealed with it."""

    def __init__(self, file: Path, country: str, feature: str, keys: Keys) -> None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._country, self._feature, self._keys = country, feature, keys
        self._wrapping = f"keyring/{feature}"
        self._ciphers: Recent[tuple[str, str], AESGCM] = Recent(_CIPHERS_KEPT)
        self._connection = sqlite3.connect(file, isolation_level=None)
        for line in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA secure_delete = ON", _TABLE):
            self._connection.execute(line)
        file.chmod(0o600)

    async def seal(self, about: str, purpose: str, place: str, text: str) -> bytes:
        """Seal under the data key of ``about`` and ``purpose``, which is made if there is none."""
        cipher = self._cipher(about, purpose) or self._made(about, purpose)
        nonce = secrets.token_bytes(_NONCE)
        return b"".join((_FORMAT, nonce, cipher.encrypt(nonce, text.encode(), self._bound(about, purpose, place))))

    async def open(self, about: str, purpose: str, place: str, sealed: bytes) -> str | None:
        """The inverse; None once the key was destroyed. Raises ValueError if it was sealed for another place, or changed."""
        cipher = self._cipher(about, purpose)
        if cipher is None:
            return None
        if sealed[:1] != _FORMAT:
            raise ValueError("this was not sealed here")
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return cipher.decrypt(nonce, body, self._bound(about, purpose, place)).decode()
        except InvalidTag:
            raise ValueError("this was sealed for something else, or changed") from None

    async def destroy(self, about: str, purpose: str | None = None) -> int:
        """Destroy a key, or every key of ``about``, for good; says how many there were."""
        which = (about,) if purpose is None else (about, purpose)
        where = "about = ?" if purpose is None else "about = ? AND purpose = ?"
        gone = self._connection.execute(f"SELECT purpose FROM data_key WHERE {where}", which).fetchall()
        self._connection.execute(f"DELETE FROM data_key WHERE {where}", which)
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for (one,) in gone:
            self._ciphers.drop((about, one))
        return len(gone)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _cipher(self, about: str, purpose: str) -> AESGCM | None:
        cipher = self._ciphers.get((about, purpose))
        if cipher is None:
            find = "SELECT wrapped FROM data_key WHERE about = ? AND purpose = ?"
            found = self._connection.execute(find, (about, purpose)).fetchone()
            if found is None:
                return None
            key = self._keys.open(self._wrapping, found[0])
            cipher = self._ciphers.keep((about, purpose), AESGCM(key))
        return cipher

    def _made(self, about: str, purpose: str) -> AESGCM:
        key = AESGCM.generate_key(256)
        wrapped = self._keys.seal(self._wrapping, key)
        self._connection.execute("INSERT INTO data_key VALUES (?, ?, ?)", (about, purpose, wrapped))
        return self._ciphers.keep((about, purpose), AESGCM(key))

    def _bound(self, about: str, purpose: str, place: str) -> bytes:
        return "\0".join((self._country, self._feature, about, purpose, place)).encode()
