"""Wrapped data keys in a schema of their own, ``<feature>_keyring``, so that rows and keys are backed up apart.

The keyring has connections of its own, and each of its changes is a transaction of its own:

- a new key is durable before the row that is sealed with it, whatever becomes of the unit around it (a unit that is undone
  leaves a key that opens nothing);
- a key that was destroyed stays destroyed, also if the unit around it is undone: of the two mistakes the
  one that shows nobody's words;
- a unit never waits for the keyring while the keyring waits for the unit: it touches no other table, and a unit that holds a
  connection never waits for a second one of the same pool.

What a server keeps of destroyed keys for a while (dead rows, its log, backups) is wrapped, and void once ``mewe keys rotate``
has destroyed the master that it was wrapped with.
"""

from collections.abc import Callable, Sequence
from typing import Self

import asyncpg
from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.errors import Unavailable
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)

from mewe_host.identity.folder import KeyFault
from mewe_host.keyring.shelf import REWRAPPED, Held, KeyRow, MasterUse
from mewe_host.parts import UnitDatabase
from mewe_host.store.place import keyring_schema
from mewe_host.store.postgresql import Pool, PostgresqlStore

TABLES = MetaData()
_KEY = Table(
    "data_key",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("about", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("master", BigInteger, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("retired", Boolean, nullable=False),
    Index("data_key_of", "about", "purpose"),
    Index("data_key_under", "master"),
    Index("data_key_for", "purpose"),
    Index("data_key_sealing", "about", "purpose", unique=True, sqlite_where=text("retired IS 0")),
)
_USE = Table("data_key_use", TABLES, Column("id", Text, primary_key=True), Column("uses", BigInteger, nullable=False))
_MASTER = Table("master", TABLES, Column("version", BigInteger, primary_key=True), Column("fingerprint", Text, nullable=False))
_SHELF = Table("shelf", TABLES, Column("one", BigInteger, primary_key=True), Column("revision", BigInteger, nullable=False))

_SCHEMA = """
CREATE SCHEMA IF NOT EXISTS "{0}";
CREATE TABLE IF NOT EXISTS "{0}".data_key (
    id TEXT PRIMARY KEY, about TEXT NOT NULL, purpose TEXT NOT NULL, master BIGINT NOT NULL, wrapped BYTEA NOT NULL,
    retired BOOLEAN NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS data_key_sealing ON "{0}".data_key (about, purpose) WHERE retired IS false;
CREATE INDEX IF NOT EXISTS data_key_of ON "{0}".data_key (about, purpose);
CREATE INDEX IF NOT EXISTS data_key_under ON "{0}".data_key (master);
CREATE INDEX IF NOT EXISTS data_key_for ON "{0}".data_key (purpose);
CREATE TABLE IF NOT EXISTS "{0}".data_key_use (id TEXT PRIMARY KEY, uses BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS "{0}".master (version BIGINT PRIMARY KEY, fingerprint TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS "{0}".shelf (one BIGINT PRIMARY KEY CHECK (one = 1), revision BIGINT NOT NULL);
INSERT INTO "{0}".shelf VALUES (1, 0) ON CONFLICT DO NOTHING;
"""

_IS = (_KEY.c.about == bindparam("about"), _KEY.c.purpose == bindparam("purpose"))
_ROW = select(_KEY.c.id, _KEY.c.master, _KEY.c.wrapped, select(_SHELF.c.revision).scalar_subquery().label("revision")).where(
    *_IS
)
_SEALING: Executable = _ROW.where(_KEY.c.retired.is_(False))
_OPENING: Executable = _ROW.where(_KEY.c.id == bindparam("id"))
_KEEP: Either = either(lambda insert: insert(_KEY).on_conflict_do_nothing())
_REVISION: Executable = select(_SHELF.c.revision)
_MOVE: Executable = update(_SHELF).values(revision=_SHELF.c.revision + 1)
_COUNT_OF: Executable = select(func.count(_KEY.c.purpose.distinct())).where(_IS[0])
_COUNT_ONE: Executable = select(func.count(_KEY.c.purpose.distinct())).where(*_IS)
_DESTROY_OF: Executable = delete(_KEY).where(_IS[0])
_DESTROY_ONE: Executable = delete(_KEY).where(*_IS)
_FORGET_USES_OF: Executable = delete(_USE).where(_USE.c.id.in_(select(_KEY.c.id).where(_IS[0])))
_FORGET_USES_ONE: Executable = delete(_USE).where(_USE.c.id.in_(select(_KEY.c.id).where(*_IS)))
_HOLDS: Executable = select(func.count()).select_from(_KEY).where(*_IS)
_ABOUTS: Executable = select(_KEY.c.about).where(_KEY.c.purpose == bindparam("purpose")).distinct().limit(1000)
_NOTE_USES: Either = either(
    lambda insert: (row := insert(_USE)).on_conflict_do_update(
        index_elements=[_USE.c.id], set_={"uses": _USE.c.uses + row.excluded.uses}
    )
)
_USES: Executable = select(_USE.c.uses).where(_USE.c.id == bindparam("id"))
_RETIRE_ONE: Executable = update(_KEY).where(_KEY.c.id == bindparam("which")).values(retired=True)
_ADOPT: Either = either(lambda insert: insert(_MASTER).on_conflict_do_nothing())
_IN_USE: Executable = select(func.max(_MASTER.c.version))
_MASTERS: Executable = select(
    _MASTER.c.version,
    _MASTER.c.fingerprint,
    select(func.count()).select_from(_KEY).where(_KEY.c.master == _MASTER.c.version).scalar_subquery(),
).order_by(_MASTER.c.version)
_OLDER: Executable = (
    select(_KEY.c.id, _KEY.c.about, _KEY.c.purpose, _KEY.c.master, _KEY.c.wrapped)
    .where(_KEY.c.master < bindparam("version"))
    .limit(REWRAPPED)
    .with_for_update()
)
_REWRAP: Executable = (
    update(_KEY).where(_KEY.c.id == bindparam("key")).values(master=bindparam("version"), wrapped=bindparam("rewrapped"))
)
_FORGET: Executable = delete(_MASTER).where(_MASTER.c.version < bindparam("below"))
_RETIRE: Executable = (
    update(_KEY)
    .where(
        _KEY.c.id.in_(select(_KEY.c.id).where(_KEY.c.about > "", _KEY.c.retired.is_(False)).limit(REWRAPPED).with_for_update())
    )
    .values(retired=True)
)

_MAKING = "masters"
"""The lock under which keys are made and masters adopted: no key is made under a master that is on its way out."""


class SchemaShelf:
    """The schema of one feature (``keyring.shelf.Shelf``). Use ``open``."""

    def __init__(self, store: PostgresqlStore) -> None:
        self._store = store

    @classmethod
    async def open(cls, pool: Pool, feature: str) -> Self:
        """Open the schema, made if it is not there. Raises KeyFault if it cannot be made."""
        schema = keyring_schema(feature)
        try:
            async with pool.connection() as connection:
                if await connection.fetchval("SELECT to_regclass($1)", f'"{schema}".data_key_use') is None:
                    async with connection.transaction():
                        await connection.execute("SELECT pg_advisory_xact_lock(7166021)")
                        await connection.execute(_SCHEMA.format(schema))
        except (asyncpg.PostgresError, Unavailable) as fault:
            raise KeyFault(
                f'the schema "{schema}" cannot be made ({type(fault).__name__}); run "mewe migrate" once as a role that may',
                key="database.url",
            ) from fault
        return cls(PostgresqlStore(pool, schema))

    async def revision(self) -> int:
        """How often keys were destroyed or retired."""
        return await self._store.read(_revision)

    async def sealing(self, about: str, purpose: str) -> KeyRow | None:
        """The key to seal with, if there is one."""
        return await self._store.read(lambda database: database.first(_SEALING, KeyRow, about=about, purpose=purpose))

    async def opening(self, about: str, purpose: str, id_: str) -> KeyRow | None:
        """A key that was sealed with, retired or not."""
        return await self._store.read(lambda database: database.first(_OPENING, KeyRow, about=about, purpose=purpose, id=id_))

    async def keep(self, about: str, purpose: str, id_: str, wrap: Callable[[int], bytes]) -> None:
        """Keep a new key under the master in use, unless there is one to seal with already."""

        async def unit(database: UnitDatabase) -> None:
            await database.lock(_MAKING)
            version = await database.first(_IN_USE, int)
            if version is None:
                raise Unavailable
            wrapped = wrap(version)
            await database.execute(_KEEP, id=id_, about=about, purpose=purpose, master=version, wrapped=wrapped, retired=False)

        await self._store.write(unit)

    async def destroy(self, about: str, purpose: str | None) -> tuple[int, int]:
        """Destroy a key or every key of ``about``."""

        async def unit(database: UnitDatabase) -> tuple[int, int]:
            await database.execute(_MOVE)  # first, so that a key read at this revision is read before it is gone
            if purpose is None:
                count = await database.first(_COUNT_OF, int, about=about)
                await database.execute(_FORGET_USES_OF, about=about)
                await database.execute(_DESTROY_OF, about=about)
            else:
                count = await database.first(_COUNT_ONE, int, about=about, purpose=purpose)
                await database.execute(_FORGET_USES_ONE, about=about, purpose=purpose)
                await database.execute(_DESTROY_ONE, about=about, purpose=purpose)
            return count or 0, await _revision(database)

        return await self._store.write(unit)

    async def holds(self, about: str, purpose: str) -> bool:
        """Whether there is a key of this kind, retired or not."""
        return bool(await self._store.read(lambda database: database.first(_HOLDS, int, about=about, purpose=purpose)))

    async def abouts(self, purpose: str) -> Sequence[str]:
        """What there are keys of for a purpose; the first thousand."""
        return await self._store.read(lambda database: database.all(_ABOUTS, str, purpose=purpose))

    async def used(self, id_: str, count: int, most: int) -> tuple[int, int]:
        """Note so many more uses of a key, and retire it if they have become ``most``."""

        async def note(database: UnitDatabase) -> int:
            await database.execute(_NOTE_USES, id=id_, uses=count)
            return await database.first(_USES, int, id=id_) or 0

        async def retire(database: UnitDatabase) -> int:
            await database.execute(_MOVE)
            await database.execute(_RETIRE_ONE, which=id_)
            return await _revision(database)

        total = await self._store.write(note)
        return total, await (self._store.write(retire) if total >= most else self.revision())

    async def adopt(self, version: int, fingerprint: str) -> None:
        """From now on no key is wrapped under an older master."""

        async def unit(database: UnitDatabase) -> None:
            await database.lock(_MAKING)
            await database.execute(_ADOPT, version=version, fingerprint=fingerprint)

        await self._store.write(unit)

    async def masters(self) -> Sequence[MasterUse]:
        """The masters that are known here, oldest first."""
        return await self._store.read(lambda database: database.all(_MASTERS, MasterUse))

    async def rewrap(self, version: int, again: Callable[[Held], bytes]) -> int:
        """Wrap up to 500 keys of older masters anew."""

        async def unit(database: UnitDatabase) -> int:
            held = await database.all(_OLDER, Held, version=version)
            for one in held:
                await database.execute(_REWRAP, key=one.id, version=version, rewrapped=again(one))
            return len(held)

        return await self._store.write(unit)

    async def forget(self, below: int) -> None:
        """Know older masters no more."""
        await self._store.write(lambda database: database.execute(_FORGET, below=below))

    async def retire(self) -> int:
        """Retire up to 500 keys."""

        async def unit(database: UnitDatabase) -> int:
            await database.execute(_MOVE)
            return await database.execute(_RETIRE)

        return await self._store.write(unit)

    async def tidy(self) -> bool:
        """What the server keeps of destroyed keys is wrapped, and beyond reach: there is nothing to do."""
        return True


async def _revision(database: Database) -> int:
    return await database.first(_REVISION, int) or 0
