"""Accesses that change nothing, and refusals: noted in memory, written within seconds, or before they are answered.

A read costs an entry in a dictionary. What one reads by what one is in a group, or of one's own, is counted; what somebody
reads by another right is recorded each time; and whoever reads a concern, or across a boundary, gets no answer before the
record is durable.
"""

import asyncio
from collections.abc import Sequence
from enum import Enum, auto
from functools import partial
from itertools import islice

from mewe_core.kit.access import Access as Rule
from mewe_core.kit.access import Caller, Role, Scope, ScopeKind, Standing, whole_country
from mewe_core.kit.errors import Failure, NotAllowed, NotFound, Unavailable
from whenever import Instant

from mewe_host.desk.audit import READ, Access, Audit
from mewe_host.parts import Method, Store, UnitDatabase

WRITTEN_EVERY = 5.0
"""For how long (seconds) an access is held in memory at most while the database takes it; a crash loses these."""

MOST = 500
"""How many are written in one unit."""

MOST_WAITING = 50_000
"""How many may wait to be written; beyond it nothing more is read that would have to be recorded."""

_Key = tuple[str | None, str, str, str | None, str]


class Recorded(Enum):
    """How a read is recorded."""

    NOT = auto()
    COUNTED = auto()
    EACH = auto()
    FIRST = auto()


_FROM_OUTSIDE = frozenset({Role.GUARDIAN, Role.CONTACT, Role.EMERGENCY_READER})

ASK_FIRST = frozenset({Role.CONTACT, Role.EMERGENCY_READER})
"""Whoever reads as one of these gets no answer before the record is durable."""


def recorded(rule: Rule[object], standing: Standing) -> Recorded:
    """How a read that the rule let in is recorded. Pure.

    Not, where nobody has to sign in. Counted, where it is one's own, or what one is in the group itself lets one in. First,
    before it is answered: a concern, and what somebody reads as a contact or in an emergency. Each, whatever is left: by a
    role in the organisation or the country, or as a guardian.
    """
    if not rule.signed_in and not rule.always:
        return Recorded.NOT
    if not rule.roles or (rule.own and standing.is_owner):
        return Recorded.COUNTED
    by = [held for held in standing.held if held.role in rule.roles]
    if any(held.scope_kind is ScopeKind.GROUP and held.role not in _FROM_OUTSIDE for held in by):
        return Recorded.COUNTED
    if standing.scope.kind is ScopeKind.CONCERN or any(held.role in ASK_FIRST for held in by):
        return Recorded.FIRST
    return Recorded.EACH


class Accesses:
    """What is still to be recorded of one feature in this process."""

    def __init__(self, audit: Audit, store: Store) -> None:
        self._audit = audit
        self._store = store
        self._counted: dict[_Key, Access] = {}
        self._each: list[Access] = []
        self._writing: asyncio.Task[int] | None = None

    @property
    def waiting(self) -> int:
        """How many records are not yet written."""
        return len(self._counted) + len(self._each)

    def require_room(self, method: Method) -> None:
        """Raises Unavailable if so much waits to be written that nothing more may be read; help is not kept waiting."""
        if self.waiting > MOST_WAITING and not method.rpc.access.always:
            raise Unavailable

    def read(self, method: Method, caller: Caller, standing: Standing, now: Instant) -> Access | None:
        """Note a read; what it gives has to be durable before the read is answered."""
        how = recorded(method.rpc.access, standing)
        if how is Recorded.COUNTED:
            self.count(method, caller, standing.scope, now, READ)
        elif how is not Recorded.NOT:
            access = Access(caller.person_id, method.path, standing.scope, READ, now)
            if how is Recorded.FIRST:
                return access
            self._each.append(access)
        return None

    def refused(self, method: Method, caller: Caller, now: Instant, failure: Failure) -> None:
        """Note that somebody was not let in; not where: whoever guesses would fill the record."""
        if isinstance(failure, NotFound | NotAllowed):
            self.count(method, caller, whole_country(caller.country), now, failure.reason)

    def count(self, method: Method, caller: Caller, scope: Scope, now: Instant, outcome: str) -> None:
        """Note one more of this kind."""
        key = (caller.person_id, method.path, scope.id, scope.owner_id, outcome)
        known = self._counted.get(key)
        if known is None:
            self._counted[key] = Access(caller.person_id, method.path, scope, outcome, now)
        else:
            known.count += 1
            known.last = now

    async def keep_first(self, access: Access) -> None:
        """Record it, and return when it is durable. Raises Unavailable if it cannot be."""
        await self._store.write(partial(self._audit.keep, access))

    async def keep(self) -> int:
        """Write what waits, 500 records a unit; says how many. What cannot be written waits on.

        Whoever is cancelled here leaves a unit that was begun to its end, and the next to call waits for it.
        """
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._keep(), name="writing accesses")
        return await asyncio.shield(self._writing)

    async def _keep(self) -> int:
        count = 0
        while self.waiting:
            each, counted = self._taken()
            try:
                await self._store.write(partial(self._kept, (*each, *counted.values())))
            except Exception:
                self._give_back(each, counted)
                raise
            count += len(each) + len(counted)
        return count

    async def _kept(self, batch: Sequence[Access], database: UnitDatabase) -> None:
        for access in batch:
            await self._audit.keep(access, database)

    def _taken(self) -> tuple[list[Access], dict[_Key, Access]]:
        each, self._each = self._each[:MOST], self._each[MOST:]
        keys = list(islice(self._counted, MOST - len(each)))
        return each, {key: self._counted.pop(key) for key in keys}

    def _give_back(self, each: list[Access], counted: dict[_Key, Access]) -> None:
        self._each[:0] = each
        for key, one in counted.items():
            since = self._counted.get(key)
            if since is not None:
                one.count += since.count
                one.last = since.last or since.first
            self._counted[key] = one
