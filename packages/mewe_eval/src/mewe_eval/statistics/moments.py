"""The sums from which a random-intercept model is estimated exactly: no person is kept, and the sums of countries add up."""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from .results import NotEstimable, Vector

Labels = NDArray[np.generic]
"""One label for each row: whole numbers or text, in one dimension."""


@frozen
class Clusters:
    """The clusters of one size: ``count``, and ``outer``, the sum over them of s s', s a cluster's column sums (q x q)."""

    count: int
    outer: Vector = field(eq=False)


@frozen
class Moments:
    """Everything a random-intercept model needs to know of a table Z = [X y] with q columns.

    ``n`` rows; ``names`` of the columns of X, then of y (q); ``cross`` is Z'Z (q x q); ``sizes`` says for each cluster size
    what is known of the clusters of that size. Units are those of the columns, multiplied. Sums carry 16 digits: a
    column whose mean is more than 10,000 times its standard deviation (a year, a time stamp) is to be counted from an origin
    that all agree on.
    Source: the sufficient statistics of the compound-symmetric normal model (Searle, Casella & McCulloch 1992, chapter 6).
    """

    n: int
    names: tuple[str, ...]
    cross: Vector = field(eq=False)
    sizes: Mapping[int, Clusters]

    @classmethod
    def of(cls, design: Vector, outcome: Vector, cluster: Labels, names: Sequence[str] = ()) -> Self:
        """The moments of a table: ``design`` n x p (with its column of ones), ``outcome`` n, ``cluster`` n labels.

        ``names`` are those of the p columns and of the outcome; without them x1 .. xp and y. Raises ValueError for shapes that
        do not fit or names that repeat, NotEstimable NOT_FINITE if a number is missing or infinite.
        """
        design, outcome = np.asarray(design, dtype=float), np.asarray(outcome, dtype=float)
        check_rows(design, outcome, cluster)
        table = np.column_stack([design, outcome])
        names = tuple(names) or (*(f"x{number}" for number in range(1, design.shape[1] + 1)), "y")
        if len(names) != table.shape[1] or len(set(names)) != len(names):
            raise ValueError(f"{table.shape[1]} columns need as many different names")
        _, index, counts = np.unique(cluster, return_inverse=True, return_counts=True)
        sums = np.column_stack([np.bincount(index, weights=column, minlength=len(counts)) for column in table.T])
        sizes = {}
        for size in np.unique(counts):
            of_size = sums[counts == size]
            sizes[int(size)] = Clusters(len(of_size), of_size.T @ of_size)
        return cls(len(table), names, table.T @ table, sizes)

    def __add__(self, other: "Moments") -> Self:
        """The moments of both tables together. No cluster may have rows in both. Raises ValueError if the columns differ."""
        if self.names != other.names:
            raise ValueError("moments of different columns cannot be added")
        sizes = dict(self.sizes)
        for size, theirs in other.sizes.items():
            if ours := sizes.get(size):
                sizes[size] = Clusters(ours.count + theirs.count, ours.outer + theirs.outer)
            else:
                sizes[size] = theirs
        return evolve(self, n=self.n + other.n, cross=self.cross + other.cross, sizes=dict(sorted(sizes.items())))

    def keeping(self, names: Sequence[str]) -> Self:
        """The moments of some of the columns, the outcome last. Raises ValueError if a name is unknown."""
        places = [self.names.index(name) for name in names]
        at = np.ix_(places, places)
        sizes = {size: Clusters(of_size.count, of_size.outer[at]) for size, of_size in self.sizes.items()}
        return evolve(self, names=tuple(names), cross=self.cross[at], sizes=sizes)

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return sum(of_size.count for of_size in self.sizes.values())

    @property
    def predictors(self) -> tuple[str, ...]:
        """The names of the columns of X (p)."""
        return self.names[:-1]


def check_rows(design: Vector, outcome: Vector, cluster: Labels) -> None:
    """Raise ValueError for rows that do not fit together, NotEstimable NOT_FINITE if a number or a label is missing."""
    if design.ndim != 2 or outcome.shape != design.shape[:1] or np.shape(cluster) != outcome.shape:
        raise ValueError("design is n x p; outcome and cluster have n entries")
    labels = np.asarray(cluster)
    missing = labels.dtype.kind == "f" and not np.isfinite(labels.astype(float)).all()
    if missing or not (np.isfinite(design).all() and np.isfinite(outcome).all()):
        raise NotEstimable("NOT_FINITE", "A value is missing or infinite: leave the row out, or impute it, before estimating.")
