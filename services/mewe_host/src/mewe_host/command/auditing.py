"""The command that verifies the audit of a mix, beside hosts that may be running."""

import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from attrs import frozen
from mewe_core.kit.database import Database, sqlite_dialect
from mewe_core.kit.errors import Unavailable
from rich.console import Console

from mewe_host.desk import checkpoints, witnessing
from mewe_host.desk.checkpoints import Checkpoint, Checkpoints
from mewe_host.desk.verifying import Verdict, verifier
from mewe_host.desk.witnessing import Kept
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


def verify(mix: str, *, file: Path | None) -> int:
    """Print a line a feature, and what is wrong; the answer is 0 if nothing is. ``file`` holds the checkpoints."""
    mounted = mount(found(mix))
    folder = require_keys(mounted)
    with refusing(mounted.file):
        return run(_verified(mounted, opening.kept_keys(mounted.mix), file or checkpoints.beside(folder)))


def require_keys(mounted: Mounted) -> Path:
    """The folder of the keys. Raises Refusal if they are not there: opening them would make what is missing."""
    folder = Path(mounted.mix.keys.folder)
    if not all((folder / file).exists() for file in ("country.key", "signing.pem")):
        raise Refusal(f"{mounted.file}, keys.folder: no keys are in {folder}, and nobody reads an audit without them")
    return folder


async def _verified(mounted: Mounted, keys: FileKeys, file: Path) -> int:
    await require_there(mounted)
    kept = _kept(file, keys)
    console = Console(highlight=False, soft_wrap=True)
    for number in kept.wrong:
        console.print(f"WRONG checkpoints: line {number} of {file} was changed, or these are not the keys it was made with")
    wrong = bool(kept.wrong)
    async with reading(mounted) as reads:
        held = list(kept.good)
        for one in mounted.features:
            good, bad = await _witnessed(one.name, reads(one.name), keys)
            held += good
            for row in bad:
                console.print(f"WRONG {one.name}: as a witness of {_plain(row.area_id)} it keeps what nobody has signed")
            wrong = wrong or bool(bad)
        for one in mounted.features:
            shared = not mounted.mix.database.embedded
            of_this = [checkpoint for checkpoint in held if checkpoint.feature == one.name]
            checking = verifier(one.name, reads(one.name), keys, of_this, shared=shared)
            try:
                verdict = await checking.verify()
            except Unavailable:
                verdict = Verdict(0, 0, fault="the database cannot be read to its end: it is damaged, or not there just now")
            console.print(_line(one.name, verdict, of_this))
            wrong = wrong or verdict.fault is not None
    return int(wrong)


async def _witnessed(name: str, read: Read, keys: FileKeys) -> tuple[list[Checkpoint], list[Kept]]:
    """What a feature keeps as a witness of others: what was signed, and what was not."""
    try:
        rows = await read(witnessing.kept)
    except Unavailable:  # said when its own audit is verified
        return [], []
    read_rows = [(row, witnessing.read(row, name, keys)) for row in rows]
    return [one for _, one in read_rows if one is not None], [row for row, one in read_rows if one is None]


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
    """An area's name, as long as it is one."""
    return area if isinstance(area, str) and re.fullmatch(r"[a-z0-9_]{1,64}", area) else "somebody"


def _line(feature: str, verdict: Verdict, held: Sequence[Checkpoint]) -> str:
    if verdict.fault is not None:
        return f"WRONG {feature}: {verdict.fault}. Before that {verdict.sealed} sealed records are as they were."
    since = "" if verdict.since is None else f" (since {verdict.since.round('second').format_iso()})"
    gone = "" if verdict.gone_until is None else f"; {verdict.gone} before these were let go, the last of {_day(verdict)}"
    furthest: dict[str, int] = {}
    for one in held:
        furthest[one.witness] = max(one.head.count, furthest.get(one.witness, 0))
    by = ", ".join(f"{witness} up to {count}" for witness, count in furthest.items())
    relied = f"; witnessed by {by}" if by else ""
    said = f"{verdict.rows} records, {verdict.sealed} sealed, {verdict.waiting} not yet sealed"
    return f"ok    {feature}: {said}{since}{gone}{relied}"


def _day(verdict: Verdict) -> str:
    return "" if verdict.gone_until is None else verdict.gone_until.format_iso()[:10]


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
