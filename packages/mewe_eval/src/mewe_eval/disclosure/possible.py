"""What else could be, for an outsider who sees some figures: other sizes of the groups that give every figure shown.

One such possibility tells of many groups at once that they cannot be known, so most need no program of their own; and it stays
one however many more figures are hidden.
"""

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import OptimizeResult, linprog

from mewe_eval.disclosure.exposure import Bounds, Counts, Members

_EDGE = 1e-6
_TOGETHER, _FEW = 500, 3


@frozen(eq=False)
class Told:
    """What can be said of a group. ``by``: places of the figures that the bounds follow from; without them they do not."""

    bounds: Bounds
    by: tuple[int, ...]


class Possible:
    """What is possible where the figures at the places ``shown`` are seen; the truth is the first possibility."""

    def __init__(self, counts: Counts, shown: Sequence[int]) -> None:
        self._counts = counts
        self._points = counts.sizes[None, :].astype(float)
        self._show(shown)

    def hide(self, figure: int) -> None:
        """One figure fewer is shown. What was possible still is."""
        self._show([place for place in self._shown if place != figure])

    def open_to_doubt(self, targets: Members, fewest: int) -> NDArray[np.bool_]:
        """Of which groups (targets, groups) the possibilities found so far differ by ``fewest`` persons or more."""
        sizes = self._points @ targets.T.astype(float)
        spread = np.floor(sizes.max(axis=0) + _EDGE) - np.ceil(sizes.min(axis=0) - _EDGE)
        return np.asarray((spread >= fewest) | targets[:, ~self._covered].any(axis=1))

    def show(self, figure: int) -> "Possible":
        """What is possible where one figure more is shown; of what was possible before, what gives that figure too."""
        more = Possible(self._counts, sorted([*self._shown, figure]))
        sums = self._points @ self._counts.members[figure]
        more._points = self._points[np.abs(sums - self._counts.counts[figure]) < _EDGE]
        return more

    def look_around(self, targets: Members, fewest: int) -> None:
        """Look for possibilities in which as many as can be of these groups are as small, and as large, as it takes."""
        least = True
        while True:
            rest = targets[~self.open_to_doubt(targets, fewest)][:_TOGETHER]
            if len(rest) < _FEW:
                return
            if least:
                self._smallest(rest)
            self._largest(rest, fewest)
            won = int(self.open_to_doubt(rest, fewest).sum())
            if won < _FEW and least:
                return
            least = won < _FEW

    def told(self, target: Members) -> Told:
        """The least and the most that a group can be; whole persons are counted."""
        if not target.any():
            return Told(Bounds(0, 0), ())
        if not self._shown:
            return Told(Bounds(0, np.inf), ())
        low, below = self._extreme(target, 1.0)
        if target[~self._covered].any():
            return Told(Bounds(float(np.ceil(low - _EDGE)), np.inf), below)
        high, above = self._extreme(target, -1.0)
        return Told(Bounds(float(np.ceil(low - _EDGE)), float(np.floor(high + _EDGE))), tuple(sorted({*below, *above})))

    def _show(self, shown: Sequence[int]) -> None:
        self._shown = list(shown)
        members = self._counts.members[self._shown]
        self._covered = members.any(axis=0)
        self._places = np.flatnonzero(self._covered)
        self._sums = sparse.csr_array(members[:, self._covered].astype(float))
        self._known = self._counts.counts[self._shown].astype(float)

    def _extreme(self, target: Members, sign: float) -> tuple[float, tuple[int, ...]]:
        goal = sign * target[self._covered].astype(float)
        found = linprog(goal, A_eq=self._sums, b_eq=self._known, bounds=(0, None), method="highs")
        self._keep(found)
        by = tuple(self._shown[place] for place in np.flatnonzero(np.abs(found.eqlin.marginals) > _EDGE).tolist())
        return sign * float(found.fun), by

    def _smallest(self, targets: Members) -> None:
        goal = targets[:, self._covered].sum(axis=0).astype(float)
        self._keep(linprog(goal, A_eq=self._sums, b_eq=self._known, bounds=(0, None), method="highs"))

    def _largest(self, targets: Members, fewest: int) -> None:
        """As many as can be made ``fewest`` above the least they were seen to be: each has a number below its size and that."""
        groups, several = len(self._places), len(targets)
        inside = targets[:, self._covered].astype(float)
        most = np.ceil((self._points @ targets.T.astype(float)).min(axis=0)) + fewest
        found = linprog(
            np.concatenate([np.zeros(groups), -np.ones(several)]),
            A_ub=sparse.hstack([sparse.csr_array(-inside), sparse.identity(several)], format="csr"),
            b_ub=np.zeros(several),
            A_eq=sparse.hstack([self._sums, sparse.csr_array((len(self._shown), several))], format="csr"),
            b_eq=self._known,
            bounds=[*((0, None) for _ in range(groups)), *((0, float(one)) for one in most)],
            method="highs",
        )
        self._keep(found, groups)

    def _keep(self, found: OptimizeResult, groups: int | None = None) -> None:
        if found.status != 0:
            raise ArithmeticError(f"the bounds could not be found: {found.message}")
        point = self._points[0].copy()
        point[self._places] = np.maximum(found.x[:groups], 0)
        self._points = np.vstack([self._points, point])
