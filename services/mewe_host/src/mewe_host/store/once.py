"""A unit that only reads, in which nothing is read twice: it sees one snapshot, so the same question has the same answer."""

from typing import TypeVar, cast

from mewe_core.kit.database import Database, Statement
from mewe_core.kit.values import Parameter

T = TypeVar("T")


class ReadOnce:
    """The tables of a feature inside one unit that changes nothing (``kit.database.Database``).

    Statements are constants of a module, so one is known by its identity.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._found: dict[object, object] = {}

    async def all(self, statement: Statement, into: type[T], **parameters: Parameter) -> list[T]:
        """Every row."""
        key = _key(list, statement, into, parameters)
        if key not in self._found:
            self._found[key] = tuple(await self._database.all(statement, into, **parameters))
        return list(cast("tuple[T, ...]", self._found[key]))

    async def first(self, statement: Statement, into: type[T], **parameters: Parameter) -> T | None:
        """The first row, or None."""
        key = _key(None, statement, into, parameters)
        if key not in self._found:
            self._found[key] = await self._database.first(statement, into, **parameters)
        return cast("T | None", self._found[key])

    async def execute(self, statement: Statement, **parameters: Parameter) -> int:
        """Refused, as in any unit that only reads."""
        return await self._database.execute(statement, **parameters)


def _key(how: object, statement: Statement, into: type, parameters: dict[str, Parameter]) -> object:
    values = tuple([tuple(one) if isinstance(one, list) else one for one in parameters.values()])
    return how, id(statement), into, tuple(parameters), values
