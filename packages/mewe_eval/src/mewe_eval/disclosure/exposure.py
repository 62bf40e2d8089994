"""What an outsider can work out from the figures that are shown: an audit by linear programming.

Source of the method: Fischetti and Salazar (2001), "Solving the cell suppression problem on tabular data with linear
constraints", Management Science 47(7): the attacker's problem.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from scipy.optimize import linprog

_EDGE = 1e-6

Members: TypeAlias = NDArray[np.bool_]


@frozen(eq=False)
class Counts:
    """Numbers of persons, as sums of ``sizes`` of groups that share nobody (the finest groups that any figure tells apart).

    ``names``: one a figure. ``members``: (figures, groups), whether the group is counted in the figure. ``sizes``: (groups,).
    """

    names: tuple[str, ...]
    members: Members
    sizes: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Of each figure, how many persons it counts."""
        return np.asarray(self.members.astype(np.int64) @ self.sizes)

    @classmethod
    def of(cls, figures: Mapping[str, frozenset[str]]) -> "Counts":
        """From the persons that each figure counts."""
        everybody = sorted(set[str]().union(*figures.values()))
        inside = np.array([[person in who for person in everybody] for who in figures.values()], dtype=bool)
        if not everybody:
            return cls(tuple(figures), np.zeros((len(figures), 0), dtype=bool), np.zeros(0, dtype=np.int64))
        groups, sizes = np.unique(inside, axis=1, return_counts=True)
        return cls(tuple(figures), groups, sizes.astype(np.int64))

    @classmethod
    def crossed(cls, inner: NDArray[np.int64]) -> "Counts":
        """Every cell and every margin of a table of counts, of any number of dimensions."""
        places = np.indices(inner.shape).reshape(inner.ndim, -1)
        names, rows = list[str](), list[Members]()
        for cell in np.ndindex(*(size + 1 for size in inner.shape)):
            fixed = [(axis, place) for axis, place in enumerate(cell) if place < inner.shape[axis]]
            names.append(",".join(str(place) if place < inner.shape[axis] else "+" for axis, place in enumerate(cell)))
            rows.append(np.logical_and.reduce([places[axis] == place for axis, place in fixed] or [places[0] >= 0]))
        return cls(tuple(names), np.array(rows), inner.reshape(-1).astype(np.int64))


@frozen
class Bounds:
    """The least and the most that something can be, for all that is shown; ``high`` is infinite where nothing limits it."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """How far apart they are: 0 where it is known exactly."""
        return self.high - self.low


def bounds(counts: Counts, shown: Sequence[int], group: Members) -> Bounds:
    """What an outsider who sees the figures at the places ``shown`` can say of the number of persons in some groups.

    ``group``: (groups,). Whole persons are counted, so the bounds are whole numbers.
    """
    if not group.any():
        return Bounds(0, 0)
    sums, known = counts.members[list(shown)].astype(float), counts.counts[list(shown)].astype(float)
    if len(known) == 0:
        return Bounds(0, np.inf)
    low = _extreme(group.astype(float), sums, known)
    high = -_extreme(-group.astype(float), sums, known) if sums[:, group].any(axis=0).all() else np.inf
    return Bounds(float(np.ceil(low - _EDGE)), float(np.floor(high + _EDGE)))


def _extreme(goal: NDArray[np.float64], sums: NDArray[np.float64], known: NDArray[np.float64]) -> float:
    found = linprog(goal, A_eq=sums, b_eq=known, bounds=(0, None), method="highs")
    if found.status == 3:
        return -np.inf
    if found.status != 0:
        raise ArithmeticError(f"the bounds could not be found: {found.message}")
    return float(found.fun)
