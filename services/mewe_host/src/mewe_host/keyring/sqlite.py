"""Wrapped data keys in an SQLite file of their own, beside the databases and never backed up with them.

Every call is made at once on the loop, because units on SQLite run unbroken; a new key is one small commit (``synchronous =
FULL``). A destroyed key is written over in the file (``secure_delete``), and the log is emptied behind it; what a crash leaves
in the log is emptied when the file is opened again.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from mewe_core.kit.errors import Unavailable

from mewe_host.identity import folder
from mewe_host.identity.folder import KeyFault
from mewe_host.keyring.shelf import REWRAPPED, Held, KeyRow, MasterUse

_WAIT_SECONDS = 2.0

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS data_key (
        id TEXT PRIMARY KEY, about TEXT NOT NULL, purpose TEXT NOT NULL, master INTEGER NOT NULL, wrapped BLOB NOT NULL,
        retired INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    "CREATE UNIQUE INDEX IF NOT EXISTS data_key_sealing ON data_key (about, purpose) WHERE NOT retired",
    "CREATE INDEX IF NOT EXISTS data_key_of ON data_key (about, purpose)",
    "CREATE INDEX IF NOT EXISTS data_key_under ON data_key (master)",
    "CREATE INDEX IF NOT EXISTS data_key_for ON data_key (purpose)",
    "CREATE TABLE IF NOT EXISTS data_key_use (id TEXT PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS master (version INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS shelf (one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL)",
    "INSERT OR IGNORE INTO shelf VALUES (1, 0)",
)

_ROW = "SELECT id, master, wrapped, (SELECT revision FROM shelf) FROM data_key WHERE about = ? AND purpose = ?"


class FileShelf:
    """The file of one feature (``keyring.shelf.Shelf``). Use ``open``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._traces = True

    @classmethod
    def open(cls, file: Path) -> Self:
        """Open the file, made if it is not there (0600, in a folder 0700). Raises KeyFault if it cannot be used."""
        folder.ready(file.parent)
        try:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
            folder.settle(file.parent)
            for one in file.parent.glob(f"{file.name}*"):
                folder.private(one)
            connection = sqlite3.connect(file, isolation_level=None, timeout=_WAIT_SECONDS)
        except (OSError, sqlite3.Error) as fault:
            raise KeyFault(f"the keyring {file} cannot be opened ({type(fault).__name__})") from fault
        shelf = cls(connection)
        try:
            for line in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY"):
                connection.execute(f"PRAGMA {line}").fetchall()
            with shelf._unit():
                for line in _SCHEMA:
                    connection.execute(line)
            shelf._emptied()
        except (sqlite3.Error, Unavailable) as fault:
            connection.close()
            raise KeyFault(f"the keyring {file} cannot be used; restore it from its backup") from fault
        return shelf

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    async def revision(self) -> int:
        """How often keys were destroyed or retired."""
        with _asked():
            return self._revision()

    async def sealing(self, about: str, purpose: str) -> KeyRow | None:
        """The key to seal with, if there is one."""
        with _asked():
            found = self._connection.execute(f"{_ROW} AND NOT retired", (about, purpose)).fetchone()
        return None if found is None else KeyRow(*found)

    async def opening(self, about: str, purpose: str, id_: str) -> KeyRow | None:
        """A key that was sealed with, retired or not."""
        with _asked():
            found = self._connection.execute(f"{_ROW} AND id = ?", (about, purpose, id_)).fetchone()
        return None if found is None else KeyRow(*found)

    async def keep(self, about: str, purpose: str, id_: str, wrap: Callable[[int], bytes]) -> None:
        """Keep a new key under the master in use, unless there is one to seal with already."""
        with self._unit():
            (version,) = self._connection.execute("SELECT max(version) FROM master").fetchone()
            self._connection.execute(
                "INSERT OR IGNORE INTO data_key VALUES (?, ?, ?, ?, ?, 0)", (id_, about, purpose, version, wrap(version))
            )

    async def destroy(self, about: str, purpose: str | None) -> tuple[int, int]:
        """Destroy a key or every key of ``about``, and empty the log behind it."""
        which, where = ((about,), "about = ?") if purpose is None else ((about, purpose), "about = ? AND purpose = ?")
        with self._unit():
            (count,) = self._connection.execute(f"SELECT count(DISTINCT purpose) FROM data_key WHERE {where}", which).fetchone()
            if count:
                used = f"DELETE FROM data_key_use WHERE id IN (SELECT id FROM data_key WHERE {where})"
                self._connection.execute(used, which)
                self._connection.execute(f"DELETE FROM data_key WHERE {where}", which)
                self._moved()
            revision = self._revision()
        if count:
            self._traces = True
            with _asked():
                self._emptied()
        return count, revision

    async def holds(self, about: str, purpose: str) -> bool:
        """Whether there is a key of this kind, retired or not."""
        with _asked():
            found = self._connection.execute("SELECT 1 FROM data_key WHERE about = ? AND purpose = ? LIMIT 1", (about, purpose))
            return found.fetchone() is not None

    async def abouts(self, purpose: str) -> Sequence[str]:
        """What there are keys of for a purpose; the first thousand."""
        with _asked():
            found = self._connection.execute("SELECT DISTINCT about FROM data_key WHERE purpose = ? LIMIT 1000", (purpose,))
            return [one for (one,) in found.fetchall()]

    async def used(self, id_: str, count: int, most: int) -> tuple[int, int]:
        """Note so many more uses of a key, and retire it if they have become ``most``."""
        note = (
            "INSERT INTO data_key_use VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET uses = uses + excluded.uses RETURNING uses"
        )
        with self._unit():
            ((total,),) = self._connection.execute(note, (id_, count)).fetchall()
            if total >= most:
                self._connection.execute("UPDATE data_key SET retired = 1 WHERE id = ?", (id_,))
                self._moved()
            return total, self._revision()

    async def adopt(self, version: int, fingerprint: str) -> None:
        """From now on no key is wrapped under an older master."""
        with self._unit():
            self._connection.execute("INSERT OR IGNORE INTO master VALUES (?, ?)", (version, fingerprint))

    async def masters(self) -> Sequence[MasterUse]:
        """The masters that are known here, oldest first."""
        count = "(SELECT count(*) FROM data_key WHERE master = version)"
        with _asked():
            found = self._connection.execute(f"SELECT version, fingerprint, {count} FROM master ORDER BY version").fetchall()
        return [MasterUse(*one) for one in found]

    async def rewrap(self, version: int, again: Callable[[Held], bytes]) -> int:
        """Wrap up to 500 keys of older masters anew."""
        find = "SELECT id, about, purpose, master, wrapped FROM data_key WHERE master < ? LIMIT ?"
        with self._unit():
            held = [Held(*one) for one in self._connection.execute(find, (version, REWRAPPED)).fetchall()]
            self._connection.executemany(
                "UPDATE data_key SET master = ?, wrapped = ? WHERE id = ?", [(version, again(one), one.id) for one in held]
            )
        self._traces = self._traces or bool(held)
        return len(held)

    async def forget(self, below: int) -> None:
        """Know older masters no more."""
        with self._unit():
            self._connection.execute("DELETE FROM master WHERE version < ?", (below,))

    async def retire(self) -> int:
        """Retire up to 500 keys."""
        some = "SELECT id FROM data_key WHERE NOT retired LIMIT ?"
        with self._unit():
            count = self._connection.execute(f"UPDATE data_key SET retired = 1 WHERE id IN ({some})", (REWRAPPED,)).rowcount
            if count:
                self._moved()
        return count

    async def tidy(self) -> bool:
        """Empty the log, if it may still hold what was destroyed and nobody reads it just now."""
        if self._traces:
            with _asked():
                self._emptied()
        return not self._traces

    def _revision(self) -> int:
        (number,) = self._connection.execute("SELECT revision FROM shelf").fetchone()
        return int(number)

    def _moved(self) -> None:
        self._connection.execute("UPDATE shelf SET revision = revision + 1")

    def _emptied(self) -> None:
        (busy, _, _) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._traces = bool(busy)

    @contextmanager
    def _unit(self) -> Iterator[None]:
        with _asked():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # where the fault has undone it already
                    self._connection.execute("ROLLBACK")
                raise


@contextmanager
def _asked() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        raise Unavailable from fault
