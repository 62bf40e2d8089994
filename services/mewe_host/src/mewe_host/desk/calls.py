"""Calls: each in one unit with its access rule, its repeat, its handler, what it tells and who did it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

from attrs import field, frozen
from google.protobuf.message import Message
from mewe_core.kit.access import Access, Caller, Standing, whole_country
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Failure, NotAllowed, NotFound, Unavailable
from mewe_core.kit.events import Event
from mewe_core.kit.ports import Next, Work
from mewe_core.kit.standing import admit
from mewe_core.kit.values import micros
from whenever import Instant

from mewe_host.desk import positions, requests
from mewe_host.desk.accesses import Accesses
from mewe_host.desk.audit import REPEATED, Audit
from mewe_host.desk.lent import Lent
from mewe_host.desk.outbox import Outbox
from mewe_host.desk.preparation import Preparation
from mewe_host.desk.sources import Sources
from mewe_host.identity.trust import TokenTrust
from mewe_host.parts import Answer, Envelope, Method, Store, UnitDatabase


@frozen
class Done:
    """A call that wrote: its answer (or the refusal that keeps what was written), and what is told and shown of it (nothing if
    it was a repeat)."""

    answer: Answer | Failure
    envelopes: Sequence[Envelope] = ()
    events: Sequence[Event] = ()
    shown: Sequence[Next[object]] = ()


@frozen
class Calls:
    """The calls of one feature."""

    store: Store
    lent: Lent
    outbox: Outbox
    trust: TokenTrust
    audit: Audit
    accesses: Accesses
    _preparation: Preparation = field(init=False)

    def __attrs_post_init__(self) -> None:
        preparation = Preparation(self.store, self.lent, self.accesses, self._admitted)
        object.__setattr__(self, "_preparation", preparation)

    def write(self, method: Method, message: Message, request: object, caller: Caller, seconds: float) -> Awaitable[Done]:
        """A call that may change something; when this returns, it is durable. ``message`` is used up.

        ``seconds`` is how long it may prepare; the unit itself, once begun, goes on to its end.
        """
        key = requests.key(method.path, message, caller, self.lent.keys)
        if self._preparation.waits(method):
            return self._prepared(method, request, caller, key, seconds)
        return self._unit(method, request, caller, key)

    async def _prepared(self, method: Method, request: object, caller: Caller, key: requests.Key, seconds: float) -> Done:
        ready = await self._preparation.ready(method, request, caller, seconds, key)
        return await self._unit(method, request, caller, key, ready, waited=True)

    def _unit(
        self,
        method: Method,
        request: object,
        caller: Caller,
        key: requests.Key,
        ready: object = None,
        *,
        waited: bool = False,
    ) -> Awaitable[Done]:
        lent, access = self.lent, method.rpc.access

        async def unit(database: UnitDatabase) -> Done:
            now = lent.clock.now()
            if database.must_lock:
                await _lock(access, caller, database, request, key)
            at = micros(now)
            standing = await self._last_or_admitted(method, caller, database, request, now, key)
            if isinstance(standing, Done):
                return standing
            earlier = await requests.answered(key, database, lent.sealing, at, rather_twice=access.always)
            if earlier is not None:
                self.accesses.count(method, caller, standing.scope, now, REPEATED)
                return Done(Answer(method.answer.parse(earlier[0]), earlier[1]))
            if waited and ready is None:
                raise Unavailable
            sources = Sources(lent.sealing)
            made = ready if waited else await self._preparation.within(method, request, caller, standing, now, database)
            work = lent.work(caller, standing, now, database, made, sources)
            try:
                answer = method.answer.dump(await self._handled(method, request, work))
            except Failure as refused:
                if not refused.keeps:
                    raise
                told = await self.outbox.tell(work)
                await self.audit.changed(method, caller, standing, at, database)
                return Done(refused, told, work.events, work.shown)
            told = await self.outbox.tell(work)
            await self.audit.changed(method, caller, standing, at, database)
            position = positions.written(told)
            kept = answer.SerializeToString()
            await requests.keep(key, kept, position, sources.seen, database, lent.sealing, at)
            if requests.ends_own(work.events, caller) and not await _admits(access, caller, database, request, now):
                last = requests.last(key, caller, lent.keys)
                await requests.keep(last, kept, position, sources.seen, database, lent.sealing, at)
            return Done(Answer(answer, position), told, work.events, work.shown)

        return self.store.write(unit)

    async def _last_or_admitted(
        self, method: Method, caller: Caller, database: UnitDatabase, request: object, now: Instant, key: requests.Key
    ) -> Standing | Done:
        """The caller's standing; or what was answered to this very request, if it ended the standing that it needs."""
        try:
            return await admit(method.rpc.access, caller, database, request, now)
        except (NotFound, NotAllowed) as refusal:
            last = requests.last(key, caller, self.lent.keys)
            earlier = None
            if caller.person_id is not None:
                with suppress(NotFound):  # what it was made of is gone: refused, and recorded, as if there had been none
                    earlier = await requests.answered(last, database, self.lent.sealing, micros(now))
            if earlier is None:
                self.accesses.refused(method, caller, now, refusal)
                raise
            self.accesses.count(method, caller, whole_country(caller.country), now, REPEATED)
            return Done(Answer(method.answer.parse(earlier[0]), earlier[1]))

    async def read(self, method: Method, request: object, caller: Caller, seconds: float) -> object:
        """What the handler of a call answers that changes nothing. Raises RuntimeError if it emits.

        What has to be recorded first is durable when this returns; Unavailable is raised if it cannot be. ``seconds`` is how
        long it may prepare.
        """
        self.accesses.require_room(method)
        waits = self._preparation.waits(method)
        ready = await self._preparation.ready(method, request, caller, seconds, None) if waits else None
        answer, standing, now = await self.store.read(partial(self._looked, method, request, caller, ready, waits))
        first = self.accesses.read(method, caller, standing, now)
        if first is not None:
            await self.accesses.keep_first(first)
        return answer

    def still_allowed(self, method: Method, request: object, caller: Caller) -> Callable[[Database], Awaitable[bool]]:
        """Whether a stream may go on: the session has not ended and the access rule lets the caller in. Fails closed."""

        async def allowed(database: Database) -> bool:
            if self.trust.is_over(caller.session_id):
                return False
            try:
                await self._admitted(method, caller, database, request, self.lent.clock.now())
            except Exception:
                return False
            return True

        return allowed

    async def _looked(
        self, method: Method, request: object, caller: Caller, ready: object, waited: bool, database: Database
    ) -> tuple[object, Standing, Instant]:
        now = self.lent.clock.now()
        standing = await self._admitted(method, caller, database, request, now)
        made = ready if waited else await self._preparation.within(method, request, caller, standing, now, database)
        work = self.lent.work(caller, standing, now, database, made)
        answer = await self._handled(method, request, work)
        if work.events:
            raise RuntimeError(f"{method.path} only reads, and its handler emits")
        return answer, standing, now

    async def _admitted(self, method: Method, caller: Caller, database: Database, request: object, now: Instant) -> Standing:
        try:
            return await admit(method.rpc.access, caller, database, request, now)
        except (NotFound, NotAllowed) as refusal:
            self.accesses.refused(method, caller, now, refusal)
            raise

    async def _handled(self, method: Method, request: object, work: Work) -> object:
        try:
            return await method.rpc.handler(request, work)
        except (NotFound, NotAllowed) as refusal:
            self.accesses.refused(method, work.caller, work.now, refusal)
            raise


async def _admits(access: Access[object], caller: Caller, database: Database, request: object, now: Instant) -> bool:
    """Whether the rule would let the caller in once more."""
    try:
        await admit(access, caller, database, request, now)
    except (NotFound, NotAllowed):
        return False
    return True


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
