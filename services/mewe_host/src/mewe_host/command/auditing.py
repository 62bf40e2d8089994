"""The command that verifies the audit of a mix, beside hosts that may be running."""

import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from attrs import frozen
from mewe_core.kit.database import Database, sqlite_dialect
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.values import moment

from mewe_host.command.telling import Told
from mewe_host.desk import checkpoints, witnessing
from mewe_host.desk.acting import contradiction
from mewe_host.desk.beginnings import beginnings, to_hold
from mewe_host.desk.chain import Record
from mewe_host.desk.checkpoints import Checkpoint, Checkpoints
from mewe_host.desk.verifying import Verdict, verifier
from mewe_host.desk.witnessing import Kept
from mewe_host.identity import acts
from mewe_host.identity.acts import Book
from mewe_host.identity.keys import FileKeys
from mewe_host.mix import Mounted, found, mount
from mewe_host.parts import Read
from mewe_host.running import opening
from mewe_host.running.refusing import refusing
from mewe_host.running.steps import Refusal
from mewe_host.running.stopping import run
from mewe_host.store.fault import StoreFault
from mewe_host.store.place import SqliteFolder, place
from mewe_host.store.sqlite import SqliteDatabase
from mewe_host.store.statements import Statements
from mewe_host.store.units import unavailable, unbroken

T = TypeVar("T")

Reads = Callable[[str], Read]
"""How the database of each feature is read, by its name."""


_LINE = "was changed, or lines before it were removed or put elsewhere, or these are not the keys it was made with"


@frozen
class Held:
    """What the audit is compared with: files of checkpoints, books of acts, and the keys that were the country's."""

    files: Sequence[Path]
    books: Sequence[Book]
    keys: FileKeys

    def why_not(self, row: Kept) -> str:
        """Why what a witness keeps is not believed."""
        by = f"is signed with the key {_plain(row.key_id)}, which"
        if row.key_id not in {self.keys.public_key().id, *(one.id for one in self.keys.retired_keys())}:
            return f"{by} no book of acts names: it never was the country's, or its line is gone"
        if not isinstance(row.taken_at, int) or self.could_sign(row.key_id, row.taken_at):  # a database may hold anything
            return "nobody has signed"
        return f"{by} was not the country's at that time"

    def checkpoints(self, told: Told) -> list[Checkpoint]:
        """What the files hold; what is wrong with them is told."""
        held = list[Checkpoint]()
        for file in self.files:
            kept = _kept(file, self.keys)
            held += kept.good
            for number in kept.wrong:
                told.wrong("checkpoints", f"line {number} of {file} {_LINE}")
        return held

    def could_sign(self, key_id: str, at: int) -> bool:
        """Whether a key was the country's at a moment."""
        spans = [one for book in self.books for one in book.keys if one.key.id == key_id]
        return any(one.could_sign(at) for one in spans) or (not spans and key_id == self.keys.public_key().id)


def verify(mix: str, *, files: Sequence[Path], acts_files: Sequence[Path]) -> int:
    """Print a line a feature, what is wrong and what to do; the answer is 0 if nothing is.

    ``files`` hold the checkpoints, ``acts_files`` the books of acts.
    """
    mounted = mount(found(mix))
    folder = require_keys(mounted)
    with refusing(mounted.file):
        return run(_verified(mounted, held_of(mounted, folder, files, acts_files), mix))


def held_of(mounted: Mounted, folder: Path, files: Sequence[Path], acts_files: Sequence[Path]) -> Held:
    """What the audit of a mix is compared with: these files, or those beside the folder of keys."""
    keys = opening.kept_keys(mounted.mix)
    books = [acts.read(one, keys) for one in acts_files or [acts.beside(folder)]]
    keys.know(one.key for book in books for one in book.keys)
    return Held(files or [checkpoints.beside(folder)], books, keys)


def require_keys(mounted: Mounted) -> Path:
    """The folder of the keys. Raises Refusal if they are not there: opening them would make what is missing."""
    folder = Path(mounted.mix.keys.folder)
    if not all((folder / file).exists() for file in ("country.key", "signing.pem")):
        raise Refusal(f"{mounted.file}, keys.folder: no keys are in {folder}, and nobody reads an audit without them")
    return folder


async def _verified(mounted: Mounted, against: Held, mix: str) -> int:
    await require_there(mounted)
    told = Told()
    held = against.checkpoints(told)
    async with reading(mounted) as reads:
        for one in mounted.features:
            held += await witnessed(one.name, reads(one.name), against, told)
        records = list[Record]()
        for one in mounted.features:
            begun = beginnings(against.books, one.name)
            of_this = to_hold([checkpoint for checkpoint in held if checkpoint.feature == one.name], begun)
            verdict = await _of_feature(mounted, one.name, reads(one.name), against, of_this)
            told.feature(one.name, verdict, of_this, begun)
            records += verdict.acts
    for words in _book_faults(against.books, records):
        told.wrong("acts", words)
    for words in _book_notes(against):
        told.note("acts", words)
    return told.end(mix)


async def _of_feature(mounted: Mounted, name: str, read: Read, against: Held, of_this: Sequence[Checkpoint]) -> Verdict:
    shared = not mounted.mix.database.embedded
    checking = verifier(name, read, against.keys, of_this, shared=shared, could_sign=against.could_sign)
    try:
        return await checking.verify()
    except Unavailable:
        return Verdict(0, 0, fault="the database cannot be read to its end: it is damaged, or not there just now")


async def witnessed(name: str, read: Read, against: Held, told: Told) -> list[Checkpoint]:
    """What a feature keeps as a witness of others, as far as the country has signed it."""
    try:
        rows = await read(witnessing.kept)
    except Unavailable:  # said when its own audit is verified
        return []
    good, bad = list[Checkpoint](), list[str]()
    for row in rows:
        one = witnessing.read(row, name, against.keys)
        if one is not None and against.could_sign(row.key_id, row.taken_at):
            good.append(one)
        else:
            bad.append(f"as a witness of {_plain(row.area_id)} it keeps what {against.why_not(row)}")
    for words, count in Counter(bad).items():
        told.wrong(name, words if count == 1 else f"{words} ({count} times)")
    return good


def _book_faults(books: Sequence[Book], records: Sequence[Record]) -> list[str]:
    """What is wrong with the books themselves, and where they are not what the audit of the features has recorded."""
    found = [f"{words} ({book.file})" for book in books for words in book.wrong]
    by_id = {book.id: book for book in books}
    for record in records:
        words = contradiction(record, by_id, moment(record.at))
        found += [] if words is None else [words]
    return list(dict.fromkeys(found))


def _book_notes(against: Held) -> list[str]:
    """What somebody may want to know of the signing keys."""
    notes = []
    for book in against.books:
        for one in book.keys:
            if not one.vouched and one.since is not None:
                came = f"the signing key {one.key.id} came on {one.since.round('second').format_iso()}"
                notes.append(f"{came} without the one before it signing for it: somebody has put it there by hand")
    return notes


async def require_there(mounted: Mounted) -> None:
    """Raises StoreFault if a database is not there, or has no chain. Embedded files are only looked at, and left alone."""
    where = place(mounted.mix.database.url)
    if isinstance(where, SqliteFolder):
        without = [file for one in mounted.features if not _File(file := where.file(one.name)).has_chain()]
        if without:
            raise StoreFault(f'there is no audit in {", ".join(map(str, without))}; run "mewe migrate" first')
        return
    from mewe_host.store.migrate import require_current

    await require_current(mounted.features, mounted.mix.database.url)


def _kept(file: Path, keys: FileKeys) -> Checkpoints:
    try:
        return checkpoints.read(file, keys)
    except OSError as fault:
        raise Refusal(f"the checkpoints {file} cannot be read: {fault.strerror}") from fault


def _plain(area: object) -> str:
    """The name of an area or key, as long as it is one."""
    return area if isinstance(area, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", area) else "somebody"


@asynccontextmanager
async def reading(mounted: Mounted) -> AsyncIterator[Reads]:
    """How the database of a feature is read: nothing is locked, and nothing can be written."""
    url = mounted.mix.database.url
    where = place(url)
    if isinstance(where, SqliteFolder):
        yield lambda name: _File(where.file(name))
        return
    from mewe_host.store.open import open_pool
    from mewe_host.store.postgresql import PostgresqlStore

    pool = await open_pool(url, size=1)
    assert pool is not None
    try:
        yield lambda name: PostgresqlStore(pool, name).read
    finally:
        await pool.close()


@frozen
class _File:
    """A file that a host may be running on, opened to read and for one look at a time, so that its log is not held up.

    A host that runs has a log beside it. Where there is none, SQLite is told not to make one.
    """

    file: Path

    def has_chain(self) -> bool:
        """Whether it is there, and a database that was migrated. What cannot be read counts as there: verifying says more."""
        if not self.file.exists():
            return False
        try:
            with closing(self._opened()) as connection:
                found = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'kit_audit_seal'")
                return bool(found.fetchone()[0])
        except sqlite3.Error:
            return True

    async def __call__(self, unit: Callable[[Database], Awaitable[T]]) -> T:
        with closing(self._opened()) as connection:
            database = SqliteDatabase(connection, Statements(sqlite_dialect()), writes=False)
            database.barred = None
            try:
                connection.execute("BEGIN")
                return unbroken(unit(database))
            except sqlite3.Error as fault:
                raise unavailable(fault) from fault

    def _opened(self) -> sqlite3.Connection:
        alone = not self.file.with_name(f"{self.file.name}-wal").exists()
        target = f"file:{quote(str(self.file))}?mode=ro{'&immutable=1' * alone}"
        connection = sqlite3.connect(target, uri=True, isolation_level=None, timeout=1)
        connection.text_factory = _text
        return connection


def _text(kept: bytes) -> str:
    """Text that is none any more counts as changed."""
    return kept.decode("utf-8", "surrogateescape")
