"""The columns of a regression: an intercept, numbers as they are, each category beside the first, and products of both."""

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from mewe_eval.analysis.table import Table, Words
from mewe_eval.statistics.results import NotEstimable, Vector

INTERCEPT = "(Intercept)"
OUTCOME = "outcome of the model"
"""What sums call the last of their columns."""


@frozen(eq=False)
class Design:
    """A matrix (rows, columns) with the names of its columns; a category is called ``column[level]``, a product ``a:b``."""

    matrix: Vector
    names: tuple[str, ...]


def columns_of(terms: Sequence[str]) -> tuple[str, ...]:
    """Every column that some terms are made of, each once."""
    return tuple(dict.fromkeys(one.strip() for term in terms for one in term.split(":")))


def design(
    table: Table, terms: Sequence[str], rows: NDArray[np.bool_], levels: Mapping[str, Sequence[str]] | None = None
) -> Design:
    """The design of some rows that have all these columns.

    Levels that no row has are left out, unless ``levels`` names them: those of a category that several tables agreed on. The
    first that is there is what others are compared to. Raises NoSuchColumn; NotEstimable for a column that is the same in all
    rows, and for columns of the design that are called alike, such as those of a term that is there twice.
    """
    parts = [(np.ones((int(rows.sum()), 1)), [INTERCEPT])]
    for term in terms:
        matrix, own = np.ones((int(rows.sum()), 1)), [""]
        for column in term.split(":"):
            other, others = _column(table, column.strip(), rows, (levels or {}).get(column.strip(), ()))
            matrix = (matrix[:, :, None] * other[:, None, :]).reshape(len(matrix), -1)
            own = [f"{name}:{one}" if name else one for name in own for one in others]
        parts.append((matrix, own))
    names = [name for _, several in parts for name in several]
    if twice := sorted({one for one in names if [*names, OUTCOME].count(one) > 1}):
        raise NotEstimable("RANK_DEFICIENT", f"Columns of the design that are called alike: {', '.join(twice)}.")
    return Design(np.hstack([matrix for matrix, _ in parts]), tuple(names))


def _column(table: Table, name: str, rows: NDArray[np.bool_], agreed: Sequence[str]) -> tuple[Vector, list[str]]:
    if table.is_numeric(name):
        return table.numbers(name)[rows][:, None], [name]
    words = table.words(name)
    codes = words.codes[rows]
    there = [place for place, level in enumerate(words.levels) if level in agreed or (codes == place).any()]
    if len(there) < 2:
        raise NotEstimable("NO_VARIANCE", f'column "{name}" is the same in all rows that can be used')
    return np.stack([(codes == place).astype(float) for place in there[1:]], axis=1), [
        f"{name}[{words.levels[place]}]" for place in there[1:]
    ]


def clusters(table: Table, names: Sequence[str], rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """A number for each of some rows: the same for those of one cluster. Several columns name a cluster together."""
    several = [_words(table, name).codes[rows] for name in names]
    _, numbers = np.unique(np.stack(several, axis=1), axis=0, return_inverse=True)
    return np.asarray(numbers, dtype=np.int64).reshape(-1)


def _words(table: Table, name: str) -> Words:
    return table.words(name)
