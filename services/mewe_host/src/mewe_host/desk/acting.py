"""How long the book of acts is, recorded in the audit of a feature: so the chain and its witnesses cover the book too."""

import asyncio
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from mewe_core.kit.access import ScopeKind
from mewe_core.kit.database import Executable
from mewe_core.kit.ports import Clock
from mewe_core.kit.records import AUDIT
from mewe_core.kit.values import micros
from sqlalchemy import bindparam, insert
from whenever import Instant

from mewe_host.desk.chain import Record
from mewe_host.identity import acts
from mewe_host.identity.acts import Book
from mewe_host.identity.keys import FileKeys
from mewe_host.parts import Store, UnitDatabase

METHOD = "mewe audit-acts"
"""What such a record names in place of a call; no call is named so."""

_SAID = ("at", "scope_id", "about_id", "count")

KEEP: Executable = insert(AUDIT).values(
    {**{name: bindparam(name) for name in _SAID}, "method": METHOD, "scope_kind": ScopeKind.COUNTRY.value, "outcome": "ACTS"}
)
"""``scope_id`` tells which book it is, ``count`` how many lines it has, ``about_id`` the mark of the last."""


class Acting:
    """Looks at the book of this process's key folder, for one feature; a record is written when it has grown."""

    def __init__(self, store: Store, keys: FileKeys, clock: Clock, file: Path) -> None:
        self._store, self._keys, self._clock, self._file = store, keys, clock, file
        self._seen: tuple[int, ...] = ()
        self._noted = ""

    async def keep(self) -> None:
        """Record how long the book is, unless that was recorded before. May be repeated; cheap if nothing was entered."""
        seen = self._look()
        if seen == self._seen:
            return
        book = await asyncio.to_thread(acts.read, self._file, self._keys)
        if book.marks and book.marks[-1] != self._noted:
            await self._store.write(partial(self._note, book))
            self._noted = book.marks[-1]
        self._seen = seen

    async def _note(self, book: Book, database: UnitDatabase) -> None:
        now = micros(self._clock.now())
        await database.execute(KEEP, at=now, scope_id=book.id, about_id=book.marks[-1], count=len(book.marks))

    def _look(self) -> tuple[int, ...]:
        try:
            found = os.stat(self._file)
        except FileNotFoundError:
            return ()
        return found.st_ino, found.st_size, found.st_mtime_ns


def contradiction(record: Record, books: Mapping[str, Book], when: Instant) -> str | None:
    """What is wrong with the book that a record tells of; None if it holds what it held ``when`` that was written."""
    book, day = books.get(record.scope_id), when.round("second").format_iso()
    if book is None:
        return f"the book that had {_lines(record.count)} at {day} is not here, or its first line was exchanged"
    if record.count > len(book.marks):
        return f"cut off: it had {_lines(record.count)} at {day}, and has {len(book.marks)} now"
    if book.marks[record.count - 1] != record.about_id:
        return f"line {record.count} is not the one that stood there at {day}"
    return None


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
