"""What an RPC prepares: before its unit, after a cheap look whether the caller may, and within the caller's deadline.

One that waits for nobody prepares within the unit, where the caller has just been let in.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from attrs import frozen
from mewe_core.kit.access import Caller, Standing
from mewe_core.kit.database import Database
from mewe_core.kit.errors import NotAllowed, NotFound
from mewe_core.kit.preparing import Preparing, Reader
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
        """What the RPC's ``prepare`` returns; None for a write that was answered before.

        Raises what the access rule refuses, before anything is prepared; DeadlinePassed after ``seconds``, when nothing was
        begun yet.
        """
        now = self.lent.clock.now()
        try:
            async with asyncio.timeout(seconds) as deadline:
                standing, answered = await self.store.read(partial(self._look, method, request, caller, now, key))
                if answered:
                    return None
                return await self._prepared(method, request, self._before(caller, standing, now, self.store.read))
        except TimeoutError:
            if deadline.expired():
                raise DeadlinePassed from None
            raise

    def waits(self, method: Method) -> bool:
        """Whether an RPC prepares something that it may have to wait for."""
        rpc = method.rpc
        return rpc.prepare is not None and (rpc.waits is None or rpc.waits(self.lent.configured))

    async def within(
        self, method: Method, request: object, caller: Caller, standing: Standing, now: Instant, database: Database
    ) -> object:
        """What the RPC's ``prepare`` returns, within its unit; None without one. Raises what it refuses."""
        if method.rpc.prepare is None:
            return None
        return await self._prepared(method, request, self._before(caller, standing, now, lambda look: look(database)))

    async def _prepared(self, method: Method, request: object, before: Preparing) -> object:
        assert method.rpc.prepare is not None
        try:
            return await method.rpc.prepare(request, before)
        except (NotFound, NotAllowed) as refusal:
            self.accesses.refused(method, before.caller, before.now, refusal)
            raise

    def _before(self, caller: Caller, standing: Standing, now: Instant, read: Reader) -> Preparing:
        lent = self.lent
        return Preparing(
            caller,
            standing,
            now,
            lent.ids,
            lent.keys,
            lent.sealing,
            lent.issuers,
            read,
            lent.configured,
            lent.checker,
            lent.compute,
        )

    async def _look(
        self, method: Method, request: object, caller: Caller, now: Instant, key: requests.Key | None, database: Database
    ) -> tuple[Standing, bool]:
        standing = await self.admitted(method, caller, database, request, now)
        earlier = None
        if key is not None:
            always = method.rpc.access.always
            earlier = await requests.answered(key, database, self.lent.sealing, micros(now), rather_twice=always)
        return standing, earlier is not None
