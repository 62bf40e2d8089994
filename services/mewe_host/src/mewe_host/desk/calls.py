"""Calls: each in one unit with its access rule, its repeat, its handler, what it tells and who did it."""

from collections.abc import Awaitable, Callable
from functools import partial

from attrs import frozen
from google.protobuf.message import Message
from mewe_core.kit.access import Access, Caller, Standing
from mewe_core.kit.database import Database, Executable
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.events import Event
from mewe_core.kit.records import AUDIT
from mewe_core.kit.standing import admit
from mewe_core.kit.values import micros
from sqlalchemy import bindparam, insert

from mewe_host.desk import positions, requests
from mewe_host.desk.lent import Lent
from mewe_host.desk.outbox import Outbox
from mewe_host.identity.trust import TokenTrust
from mewe_host.parts import Answer, Envelope, Method, Store, UnitDatabase

KEEP_AUDIT: Executable = insert(AUDIT).values(
    {name: bindparam(name) for name in ("at", "caller_id", "method", "scope_kind", "scope_id")}
)


@frozen
class Done:
    """A call that wrote: its answer, and what is told of it (nothing if it was a repeat)."""

    answer: Answer
    envelopes: tuple[Envelope, ...] | list[Envelope] = ()
    events: tuple[Event, ...] | list[Event] = ()


@frozen
class Calls:
    """The calls of one feature."""

    store: Store
    lent: Lent
    outbox: Outbox
    trust: TokenTrust

    def write(self, method: Method, message: Message, request: object, caller: Caller) -> Awaitable[Done]:
        """A call that may change something; when this returns, it is durable. ``message`` is used up."""
        lent, access = self.lent, method.rpc.access
        key = requests.key(method.path, message, caller, lent.keys)

        async def unit(database: UnitDatabase) -> Done:
            now = lent.clock.now()
            if database.must_lock:
                await _lock(access, caller, database, request, key)
            standing = await admit(access, caller, database, request, now)
            at = micros(now)
            earlier = await requests.answered(key, database, lent.keys, at)
            if earlier is not None:
                return Done(Answer(method.answer.parse(earlier[0]), earlier[1]))
            work = lent.work(caller, standing, now, database)
            answer = method.answer.dump(await method.rpc.handler(request, work))
            told = await self.outbox.tell(work)
            await audit(method, caller, standing, at, database)
            position = positions.written(told)
            await requests.keep(key, answer.SerializeToString(), position, database, lent.keys, at)
            return Done(Answer(answer, position), told, work.events)

        return self.store.write(unit)

    def read(self, method: Method, request: object, caller: Caller) -> Awaitable[object]:
        """What the handler of a call answers that changes nothing. Raises RuntimeError if it emits."""
        return self.store.read(partial(self._looked, method, request, caller))

    def still_allowed(self, method: Method, request: object, caller: Caller) -> Callable[[Database], Awaitable[bool]]:
        """Whether a stream may go on: the session has not ended and the access rule lets the caller in. Fails closed."""

        async def allowed(database: Database) -> bool:
            if self.trust.is_over(caller.session_id):
                return False
            try:
                await admit(method.rpc.access, caller, database, request, self.lent.clock.now())
            except Exception:
                return False
            return True

        return allowed

    async def _looked(self, method: Method, request: object, caller: Caller, database: Database) -> object:
        now = self.lent.clock.now()
        standing = await admit(method.rpc.access, caller, database, request, now)
        work = self.lent.work(caller, standing, now, database)
        answer = await method.rpc.handler(request, work)
        if work.events:
            raise RuntimeError(f"{method.path} only reads, and its handler emits")
        return answer


async def _lock(access: Access[object], caller: Caller, database: UnitDatabase, request: object, key: requests.Key) -> None:
    """Have what the rules will look at to oneself: the scope (or the caller's own), then the request itself."""
    if access.signed_in and caller.person_id is None:
        return
    if access.scope is None:
        if caller.person_id is not None:
            await database.lock(caller.person_id)
    else:
        scope = await access.scope(database, request)
        if scope is not None:
            await database.lock(scope.id)
            again = await access.scope(database, request)
            if again is None or again.id != scope.id:
                raise Unavailable
    await database.lock(key.name)


async def audit(method: Method, caller: Caller, standing: Standing, at: int, database: UnitDatabase) -> None:
    """Keep who changed what, in the unit that does it."""
    await database.execute(
        KEEP_AUDIT,
        at=at,
        caller_id=caller.person_id,
        method=method.path,
        scope_kind=standing.scope.kind.value,
        scope_id=standing.scope.id,
    )
