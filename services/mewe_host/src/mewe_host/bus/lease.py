"""A lease: one process at a time does a piece of work for a database that several serve (PostgreSQL).

On SQLite one host has the file, so the lease is always held. A lease is a deadline between machines: it goes by real time,
not by the Clock.
"""

import asyncio
import time
import uuid
from collections.abc import Callable

from mewe_core.kit.database import Either, Executable, either
from mewe_core.kit.records import LEASE
from sqlalchemy import Table, bindparam, delete, or_
from sqlalchemy.dialects.sqlite import Insert

from mewe_host.parts import Store, UnitDatabase

SECONDS = 10.0
_RENEW = 3.0
_MILLION = 1_000_000


def _take(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(LEASE)
    return row.on_conflict_do_update(
        index_elements=[LEASE.c.name],
        set_={"holder": row.excluded.holder, "until": row.excluded.until},
        where=or_(LEASE.c.holder == bindparam("me"), LEASE.c.until < bindparam("now")),
    )


_TAKE: Either = either(_take)
_GIVE: Executable = delete(LEASE).where(LEASE.c.name == bindparam("name"), LEASE.c.holder == bindparam("holder"))


class Lease:
    """The right to do the work called ``name``: one process has it, until it gives it back or is silent for ten seconds."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._holder = uuid.uuid4().hex
        self._until = 0.0
        self.is_alone = False
        """Whether no other process can have the database; known once the lease was asked for."""
        self._asking = asyncio.Lock()

    async def held(self) -> bool:
        """Whether it is ours for some seconds to come: takes it if it is free, and renews it in time."""
        if self._is_fresh():
            return True
        async with self._asking:
            return self._is_fresh() or await self._ask()

    def _is_fresh(self) -> bool:
        return self.is_alone or time.monotonic() < self._until - SECONDS + _RENEW

    async def _ask(self) -> bool:
        asked = time.monotonic()
        self._until = asked + SECONDS if await self._store.write(self._unit) else 0.0
        return self.is_alone or time.monotonic() < self._until - _RENEW

    async def give_back(self) -> None:
        """Let another process have it at once."""
        if not self.is_alone and self._until:
            self._until = 0.0
            await self._store.write(self._return)

    async def _unit(self, database: UnitDatabase) -> bool:
        if not database.must_lock:
            self.is_alone = True
            return True
        now = int(time.time() * _MILLION)
        until = now + int(SECONDS * _MILLION)
        return await database.execute(_TAKE, name=self._name, holder=self._holder, me=self._holder, until=until, now=now) > 0

    async def _return(self, database: UnitDatabase) -> None:
        await database.execute(_GIVE, name=self._name, holder=self._holder)
