"""Statements of features, compiled once for the driver that runs them."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NoReturn

from attrs import field, frozen
from mewe_core.kit.database import Statement, compiled
from mewe_core.kit.values import AS_IS, Parameter, Value, stored
from sqlalchemy.engine import Dialect

_MOST = 2000


@frozen
class Plan:
    """A statement ready to run: its SQL, and what picks the values that it binds, in order, out of parameters and ``own``.

    ``own``: the values that stand in the statement itself, each under the name that it was given.
    """

    text: str
    own: dict[str, Value]
    names: frozenset[str]
    pick: Callable[[dict[str, Parameter]], Sequence[Parameter]]
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

    def bound(self, statement: Statement, parameters: dict[str, Parameter]) -> tuple[str, Sequence[Value]]:
        """The SQL of a statement, made when it is first asked for, and what to bind, in order.

        Raises TypeError naming a parameter that is missing or not known; never a value.
        """
        plan = self._plans.get(id(statement)) or self._make(statement)
        if len(parameters) != len(plan.names):
            plan.refuse(parameters)
        try:
            values = plan.pick({**plan.own, **parameters} if plan.own else parameters)
        except KeyError:
            plan.refuse(parameters)
        if not AS_IS.issuperset(map(type, values)):
            return plan.text, [stored(one) for one in values]
        return plan.text, values  # type: ignore[return-value]

    def _make(self, statement: Statement) -> Plan:
        made = compiled(statement, self._dialect, schema=self._schema)
        names = frozenset(made.names) - made.own.keys()
        plan = Plan(made.text, dict(made.own), names, _picking(made.names), statement)
        if len(self._plans) >= _MOST:
            self._plans.clear()
        self._plans[id(statement)] = plan
        return plan


def _picking(names: Sequence[str]) -> Callable[[dict[str, Parameter]], Sequence[Parameter]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda parameters: [parameters[name] for name in names]
