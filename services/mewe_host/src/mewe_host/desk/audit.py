"""The audit of a feature: what a record says and by which pseudonyms; a change is recorded in the unit that makes it.

A person or a concern stands in it by a keyed pseudonym: the same in every record of the country, of no use to whoever has the
database and not the key, and left as it is when the person is erased.
"""

from attrs import define, field, frozen
from mewe_core.kit.access import Caller, Scope, ScopeKind, Standing
from mewe_core.kit.database import Executable
from mewe_core.kit.ports import Keys
from mewe_core.kit.records import AUDIT
from mewe_core.kit.values import micros
from sqlalchemy import bindparam, insert
from whenever import Instant

from mewe_host.parts import Method, UnitDatabase

CHANGED = "CHANGED"
READ = "READ"
REPEATED = "REPEATED"
"""What became of a call that was let in; of one that was not, the reason of its failure."""

PURPOSE = "audit.person"
"""What the key of the pseudonyms is for."""

_PERSONAL = frozenset({ScopeKind.PERSON, ScopeKind.CONCERN})
_REMEMBERED = 20_000
_DIGITS = 32

_WHO_AND_WHERE = ("at", "caller_id", "method", "scope_kind", "scope_id", "about_id")

KEEP_CHANGE: Executable = insert(AUDIT).values(
    {**{name: bindparam(name) for name in _WHO_AND_WHERE}, "outcome": CHANGED, "count": 1}
)

KEEP: Executable = insert(AUDIT).values({name: bindparam(name) for name in (*_WHO_AND_WHERE, "outcome", "count", "until")})


@define
class Access:
    """What is to be recorded of one access, or of several that were alike, from the first moment to the last."""

    caller_id: str | None
    method: str
    scope: Scope
    outcome: str
    first: Instant
    count: int = 1
    last: Instant | None = None


@frozen
class Audit:
    """How the audit of a country names whom it is about."""

    keys: Keys = field(repr=False)
    _known: dict[str, str] = field(factory=dict, init=False, repr=False)

    def pseudonym(self, id: str) -> str:
        """What stands in place of a person's or a concern's id: 32 hexadecimal digits."""
        known = self._known.get(id)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[id] = self.keys.digest(PURPOSE, id.encode())[:_DIGITS]
        return known

    async def changed(self, method: Method, caller: Caller, standing: Standing, at: int, database: UnitDatabase) -> None:
        """Keep who changed what, in the unit that does it."""
        scope, who = standing.scope, caller.person_id
        await database.execute(
            KEEP_CHANGE,
            at=at,
            caller_id=None if who is None else self.pseudonym(who),
            method=method.path,
            scope_kind=scope.kind.value,
            scope_id=self.pseudonym(scope.id) if scope.kind in _PERSONAL else scope.id,
            about_id=None if scope.owner_id is None or scope.owner_id == who else self.pseudonym(scope.owner_id),
        )

    async def keep(self, access: Access, database: UnitDatabase) -> None:
        """Keep any other access."""
        scope, who = access.scope, access.caller_id
        await database.execute(
            KEEP,
            at=micros(access.first),
            caller_id=None if who is None else self.pseudonym(who),
            method=access.method,
            scope_kind=scope.kind.value,
            scope_id=self.pseudonym(scope.id) if scope.kind in _PERSONAL else scope.id,
            about_id=None if scope.owner_id is None or scope.owner_id == who else self.pseudonym(scope.owner_id),
            outcome=access.outcome,
            count=access.count,
            until=None if access.last is None else micros(access.last),
        )
