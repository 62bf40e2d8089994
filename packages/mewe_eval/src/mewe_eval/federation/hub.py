"""The hub's part of a round: it sees totals over all countries; where they do not agree to them, each one's estimates."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from attrs import define, field, frozen

from mewe_eval.federation.messages import Message, MessageRefused, Round, Step, Verify, bodies_of, summed, totals_of
from mewe_eval.statistics.moments import Clusters, Moments

Coefficients: TypeAlias = Mapping[str, tuple[float, float]]
"""Of each coefficient its value and its standard error."""


@frozen
class Estimates:
    """What countries have estimated at home: ``found`` by country; ``refused``: why others could not, by country."""

    found: Mapping[str, Coefficients]
    refused: Mapping[str, str]


@define
class Hub:
    """The hub in one round. Each step wants one message of every country, and raises MessageRefused if one does not belong."""

    around: Round
    verify: Verify
    _totals: Mapping[int, int] = field(factory=dict, init=False)

    def totals(self, sizes: Sequence[Message]) -> Mapping[int, int]:
        """How many clusters of each size all countries have together."""
        self._totals = totals_of(sizes, self.around, self.verify)
        return self._totals

    def all_agreed(self, votes: Sequence[Message]) -> bool:
        """Whether every country agreed."""
        return not self.against(votes)

    def against(self, votes: Sequence[Message]) -> tuple[str, ...]:
        """Which countries did not agree."""
        bodies = bodies_of(votes, self.around, Step.VOTE, self.verify)
        return tuple(code for code in self.around.countries if bodies[code] is not True)

    def moments(self, sums: Sequence[Message]) -> Moments:
        """The sums over all countries: those of one table that nobody has."""
        q, sizes = len(self.around.names), [size for size, count in sorted(self._totals.items()) if count]
        upper = np.triu_indices(q)
        length = len(upper[0])
        values = summed(sums, self.around, Step.SUMS, self.verify, 1 + length * (1 + len(sizes)))
        blocks = values[1:].reshape(-1, length)
        matrices = np.zeros((len(blocks), q, q))
        matrices[:, upper[0], upper[1]] = blocks
        matrices[:, upper[1], upper[0]] = blocks
        outer = {size: Clusters(self._totals[size], matrix) for size, matrix in zip(sizes, matrices[1:], strict=True)}
        return Moments(round(float(values[0])), self.around.names, matrices[0], outer)

    def estimates(self, told: Sequence[Message]) -> Estimates:
        """What each country estimated at home."""
        found, refused = dict[str, Coefficients](), dict[str, str]()
        for country, body in bodies_of(told, self.around, Step.ESTIMATE, self.verify).items():
            match body:
                case {"refused": str(reason)}:
                    refused[country] = reason
                case {"coefficients": dict(table)} if list(table) == sorted(self.around.names[:-1]):
                    found[country] = {name: _pair(country, table[name]) for name in self.around.names[:-1]}
                case _:
                    raise MessageRefused(f"{country} sent no estimates of the columns of this round")
        return Estimates(found, refused)


def _pair(country: str, body: object) -> tuple[float, float]:
    match body:
        case [float() | int() as value, float() | int() as error] if error > 0 and np.isfinite([value, error]).all():
            return float(value), float(error)
    raise MessageRefused(f"{country} sent an estimate that is no number with its error")
