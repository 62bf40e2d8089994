"""Statements of features, compiled once for the driver that runs them."""

from typing import NoReturn

from attrs import field, frozen
from mewe_core.kit.database import Statement, compiled
from mewe_core.kit.values import AS_IS, Parameter, Value, stored
from sqlalchemy.engine import Dialect

_MOST = 2000


@frozen
class Plan:
    """A statement ready to run: its SQL, and where in the row of values that it binds each parameter stands."""

    text: str
    own: list[Value]
    places: tuple[tuple[int, str], ...]
    names: frozenset[str]
    statement: Statement = field(repr=False)

    def refuse(self, parameters: dict[str, Parameter]) -> NoReturn:
        """Raises TypeError naming what is missing or not known."""
        missing, unknown = sorted(self.names - parameters.keys()), sorted(parameters.keys() - self.names)
        said = [f"needs {', '.join(missing)}"] * bool(missing) + [f"does not know {', '.join(unknown)}"] * bool(unknown)
        raise TypeError(f"the statement {' and '.join(said)}: {self.text}") from None


class Statements:
    """The plans of one store, found by the statement object itself: statements are constants of a module."""

    def __init__(self, dialect: Dialect, *, schema: str | None = None) -> None:
        self._dialect = dialect
        self._schema = schema
        self._plans: dict[int, Plan] = {}

    def bound(self, statement: Statement, parameters: dict[str, Parameter]) -> tuple[str, list[Value]]:
        """The SQL of a statement, made when it is first asked for, and what to bind, in order.

        Raises TypeError naming a parameter that is missing or not known; never a value.
        """
        plan = self._plans.get(id(statement)) or self._make(statement)
        if len(parameters) != len(plan.names):
            plan.refuse(parameters)
        values = plan.own.copy()
        try:
            for place, name in plan.places:
                value = parameters[name]
                values[place] = value if type(value) in AS_IS else stored(value)  # type: ignore[assignment]
        except KeyError:
            plan.refuse(parameters)
        return plan.text, values

    def _make(self, statement: Statement) -> Plan:
        made = compiled(statement, self._dialect, schema=self._schema)
        places = tuple((place, name) for place, name in enumerate(made.names) if name not in made.own)
        own, names = [made.own.get(name) for name in made.names], frozenset(name for _, name in places)
        plan = Plan(made.text, own, places, names, statement)
        if len(self._plans) >= _MOST:
            self._plans.clear()
        self._plans[id(statement)] = plan
        return plan
