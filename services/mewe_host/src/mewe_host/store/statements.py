"""Statements of features, compiled once for the driver that runs them."""

from attrs import field, frozen
from mewe_core.kit.database import Statement, compiled
from mewe_core.kit.values import Parameter, Value, all_stored
from sqlalchemy.engine import Dialect

_MOST = 2000


@frozen
class Plan:
    """A statement ready to run: its SQL, the parameters it takes, and those it brings along."""

    text: str
    names: tuple[str, ...]
    own: dict[str, Value]
    count: int
    statement: Statement = field(repr=False)

    def values(self, parameters: dict[str, Parameter]) -> list[Value]:
        """What to bind, in order. Raises TypeError naming a parameter that is missing or not known; never a value."""
        given = {**self.own, **parameters} if self.own else parameters
        if len(given) != self.count:
            return self._refuse(given)
        try:
            return all_stored(self.names, given)
        except KeyError:
            return self._refuse(given)

    def _refuse(self, given: dict[str, Parameter]) -> list[Value]:
        missing = sorted(set(self.names) - given.keys())
        unknown = sorted(given.keys() - set(self.names))
        said = [f"needs {', '.join(missing)}"] * bool(missing) + [f"does not know {', '.join(unknown)}"] * bool(unknown)
        raise TypeError(f"the statement {' and '.join(said)}: {self.text}")


class Statements:
    """The plans of one store, found by the statement object itself: statements are constants of a module."""

    def __init__(self, dialect: Dialect, *, schema: str | None = None) -> None:
        self._dialect = dialect
        self._schema = schema
        self._plans: dict[int, Plan] = {}

    def plan(self, statement: Statement) -> Plan:
        """The plan of a statement; made when it is first asked for."""
        plan = self._plans.get(id(statement))
        if plan is None:
            plan = self._make(statement)
        return plan

    def _make(self, statement: Statement) -> Plan:
        made = compiled(statement, self._dialect, schema=self._schema)
        plan = Plan(made.text, made.names, made.own, len(set(made.names)), statement)
        if len(self._plans) >= _MOST:
            self._plans.clear()
        self._plans[id(statement)] = plan
        return plan
