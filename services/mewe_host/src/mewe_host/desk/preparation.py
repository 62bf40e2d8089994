"""What an RPC prepares before its unit: after a cheap look whether the caller may, and within the caller's deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from attrs import frozen
from mewe_core.kit.access import Caller, Standing
from mewe_core.kit.database import Database
from mewe_core.kit.errors import NotAllowed, NotFound
from mewe_core.kit.preparing import Preparing
from mewe_core.kit.values import micros
from whenever import Instant

from mewe_host.desk import requests
from mewe_host.desk.accesses import Accesses
from mewe_host.desk.failures import DeadlinePassed
from mewe_host.desk.lent import Lent
from mewe_host.parts import Method, Store

Admitted = Callable[[Method, Caller, Database, object, Instant], Awaitable[Standing]]
"""The access rule of a method; a refusal is recorded."""


@frozen
class Preparation:
    """The preparing of one feature's calls."""

    store: Store
    lent: Lent
    accesses: Accesses
    admitted: Admitted

    async def ready(self, method: Method, request: object, caller: Caller, seconds: float, key: requests.Key | None) -> object:
        """What the RPC's ``prepare`` returns; None without one, and for a write that was answered before.

        Raises what the access rule refuses, before anything is prepared; DeadlinePassed after ``seconds``, when nothing was
        begun yet.
        """
        prepare = method.rpc.prepare
        if prepare is None:
            return None
        lent, now = self.lent, self.lent.clock.now()
        try:
            async with asyncio.timeout(seconds) as deadline:
                standing, answered = await self.store.read(partial(self._look, method, request, caller, now, key))
                if answered:
                    return None
                before = Preparing(
                    caller,
                    standing,
                    now,
                    lent.ids,
                    lent.keys,
                    lent.issuers,
                    self.store.read,
                    lent.configured,
                    lent.checker,
                )
                try:
                    return await prepare(request, before)
                except (NotFound, NotAllowed) as refusal:
                    self.accesses.refused(method, caller, now, refusal)
                    raise
        except TimeoutError:
            if deadline.expired():
                raise DeadlinePassed from None
            raise

    async def _look(
        self, method: Method, request: object, caller: Caller, now: Instant, key: requests.Key | None, database: Database
    ) -> tuple[Standing, bool]:
        standing = await self.admitted(method, caller, database, request, now)
        earlier = None
        if key is not None:
            always = method.rpc.access.always
            earlier = await requests.answered(key, database, self.lent.sealing, micros(now), rather_twice=always)
        return standing, earlier is not None
