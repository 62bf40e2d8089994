"""A table as people export it from a spreadsheet: columns of numbers or of words, with what is missing known as missing."""

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence

import numpy as np
from attrs import field, frozen
from mewe_core.kit.tables import closest
from numpy.typing import NDArray

from mewe_eval.statistics.results import Vector

_SEPARATORS = (",", ";", "\t")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


class TableUnreadable(Exception):
    """The file is no table that can be read; ``line`` counts from 1, and no value is told."""

    def __init__(self, problem: str, allowed: str, line: int | None = None) -> None:
        super().__init__(f"{'' if line is None else f'line {line}: '}{problem}; allowed: {allowed}")


class NoSuchColumn(Exception):
    """A column is not there, or holds words where numbers are wanted. ``allowed`` says what is there."""

    def __init__(self, column: str, problem: str, allowed: str) -> None:
        super().__init__(f'column "{column}": {problem}; allowed: {allowed}')
        self.column = column


@frozen
class Words:
    """A column of categories: ``codes`` index ``levels`` (-1: missing); others are compared to the first level."""

    codes: NDArray[np.int64]
    levels: tuple[str, ...]


@frozen(eq=False)
class Table:
    """Columns of one length. ``sha256``: of the bytes that it was read from, in 64 hexadecimal digits.

    ``measured``: columns that are numbers already, NaN where one is missing; ``columns`` has none of the same name.
    """

    columns: Mapping[str, tuple[str | None, ...]]
    sha256: str
    decimal: str = "."
    levels: Mapping[str, tuple[str, ...]] = field(factory=dict)
    measured: Mapping[str, Vector] = field(factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter([*self.columns.values(), *self.measured.values()]), ()))

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self.columns or name in self.measured

    def is_numeric(self, name: str) -> bool:
        """Whether every value that is there is a number, and no levels are declared for the column."""
        if name in self.measured:
            return True
        return name not in self.levels and all(one is None or self._number(one) is not None for one in self._column(name))

    def numbers(self, name: str) -> Vector:
        """A column of numbers, NaN where it is missing. Raises NoSuchColumn if it is not there or holds words."""
        if name in self.measured:
            return self.measured[name]
        values = [np.nan if one is None else self._number(one) for one in self._column(name)]
        for line, value in enumerate(values, 2):
            if value is None:
                raise NoSuchColumn(name, f"what stands in line {line} is no number", f"numbers such as 12{self.decimal}5")
        return np.array(values, dtype=float)

    def words(self, name: str) -> Words:
        """A column of categories, in the order that was declared, else sorted. Raises NoSuchColumn for a level not declared."""
        column = self._column(name)
        levels = self.levels.get(name) or tuple(sorted({one for one in column if one is not None}, key=_order))
        index = {level: place for place, level in enumerate(levels)}
        for line, one in enumerate(column, 2):
            if one is not None and one not in index:
                raise NoSuchColumn(name, f"what stands in line {line} is none of the levels", ", ".join(levels))
        return Words(np.array([-1 if one is None else index[one] for one in column]), levels)

    def there(self, *names: str) -> NDArray[np.bool_]:
        """For each row whether it has a value in all of these columns."""
        there = np.ones(self.rows, dtype=bool)
        for name in names:
            if name in self.measured:
                there &= np.isfinite(self.measured[name])
            else:
                there &= np.array([one is not None for one in self._column(name)], dtype=bool)
        return there

    def with_columns(self, more: Mapping[str, Sequence[str | None]]) -> "Table":
        """The table with further columns, of the same length."""
        measured = {name: one for name, one in self.measured.items() if name not in more}
        columns = {**self.columns, **{name: tuple(one) for name, one in more.items()}}
        return Table(columns, self.sha256, self.decimal, self.levels, measured)

    def with_numbers(self, more: Mapping[str, Vector]) -> "Table":
        """The table with further columns of numbers, or others in place of those of the same name; of the same length."""
        columns = {name: one for name, one in self.columns.items() if name not in more}
        return Table(columns, self.sha256, self.decimal, self.levels, {**self.measured, **more})

    def _column(self, name: str) -> tuple[str | None, ...]:
        if name not in self.columns:
            raise NoSuchColumn(name, "it is not in the table", closest(name, [*self.columns, *self.measured]))
        return self.columns[name]

    def _number(self, text: str) -> float | None:
        if not _NUMBER.fullmatch(text) or (self.decimal == "." and "," in text):
            return None
        return float(text.replace(",", ".") if self.decimal == "," else text)


def read_table(
    content: bytes,
    *,
    missing: Sequence[str] = ("", "NA"),
    decimal: str = ".",
    separator: str | None = None,
    levels: Mapping[str, tuple[str, ...]] | None = None,
) -> Table:
    """A table from CSV bytes in UTF-8, with or without byte order mark; the first line names the columns.

    ``separator``: a comma, semicolon or tab; whichever the first line holds most often, if None. Raises TableUnreadable.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise TableUnreadable("this is not UTF-8", "a CSV file saved as UTF-8", line) from None
    head = text.split("\n", 1)[0]
    by = separator or max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=by, strict=True)
    try:
        names = [one.strip() for one in next(reader, [])]
        if not names or not all(names):
            raise TableUnreadable("a column has no name", "a first line that names every column, each once", 1)
        if len({*names}) < len(names):
            twice = next(one for one in names if names.count(one) > 1)
            raise TableUnreadable(f'two columns are called "{twice}"', "a first line that names every column, each once", 1)
        rows = list[list[str | None]]()
        for row in reader:
            if not row:
                continue
            if len(row) != len(names):
                raise TableUnreadable(
                    f"there are {len(row)} values", f"{len(names)} values, as many as the first line has names", reader.line_num
                )
            rows.append([None if (value := one.strip()) in missing else value for one in row])
    except csv.Error:
        raise TableUnreadable("a quotation mark is not closed", "values with closed quotation marks", reader.line_num) from None
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return Table(dict(zip(names, columns, strict=True)), hashlib.sha256(content).hexdigest(), decimal, levels or {})


def _order(text: str) -> tuple[bool, float, str]:
    return (False, float(text), "") if _NUMBER.fullmatch(text) and "," not in text else (True, 0.0, text)
