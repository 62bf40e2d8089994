"""A report as pure data: sections of sentences, tables and charts, made of figures that may be shown.

Whatever may not be shown is not in it: a figure that is hidden has no number, so that no renderer can give it away.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import TypeAlias

from attrs import frozen

Number: TypeAlias = float | int | None


class State(StrEnum):
    """Whether a figure is shown. ``HIDDEN``: of too few, or it would tell of too few. ``UNKNOWN``: there is none to show."""

    SHOWN = "shown"
    HIDDEN = "hidden"
    UNKNOWN = "unknown"


class Style(StrEnum):
    """How a number reads: whole persons, a percentage, a number with an interval, a difference with its sign."""

    COUNT = "count"
    PERCENT = "percent"
    NUMBER = "number"
    CHANGE = "change"


@frozen(kw_only=True)
class Figure:
    """One number, with what is needed to defend it.

    ``section``, ``name``, ``group`` and ``wave`` say which; together no two of a report are alike. ``low`` and ``high``: its
    interval. ``deviation``: standard deviation of what it is the mean of. ``n``: persons, ``clusters``: groups that it is of;
    None also where they may not be shown. ``instrument``: with its version.
    """

    section: str
    name: str
    group: str = ""
    wave: str = ""
    value: Number = None
    low: Number = None
    high: Number = None
    deviation: Number = None
    n: int | None = None
    clusters: int | None = None
    method: str = ""
    instrument: str = ""
    style: Style = Style.COUNT
    state: State = State.SHOWN

    @property
    def key(self) -> str:
        """Which figure this is, in one word."""
        return "|".join((self.section, self.name, self.group, self.wave))

    @property
    def is_shown(self) -> bool:
        """Whether there is a number."""
        return self.state is State.SHOWN and self.value is not None


Cell: TypeAlias = Figure | str


@frozen
class Row:
    """A line of a table, with what it is of."""

    label: str
    cells: tuple[Cell, ...]


@frozen
class Table:
    """``head`` names every column, that of the labels first."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]


@frozen
class Bars:
    """How many of how many: each row's bar is its part of ``whole``, the most that a bar can be."""

    title: str
    rows: tuple[tuple[str, Figure], ...]
    whole: float


@frozen
class Whiskers:
    """Numbers with their intervals on one axis: changes, or a forest of sites or countries.

    ``pooled`` is drawn apart, with ``prediction`` (from, to) where a next one is expected. ``left`` and ``right`` say what lies
    on either side of ``zero``.
    """

    title: str
    rows: tuple[tuple[str, Figure], ...]
    left: str
    right: str
    pooled: tuple[str, Figure] | None = None
    prediction: tuple[str, Figure] | None = None
    zero: float = 0.0


@frozen
class Flow:
    """How people go through a study: a column for each arm, a row for each stage."""

    title: str
    arms: tuple[str, ...]
    rows: tuple[Row, ...]


Chart: TypeAlias = Bars | Whiskers | Flow


@frozen
class Text:
    """A paragraph. ``careful``: it says what cannot be concluded, and stands out."""

    text: str
    careful: bool = False


@frozen
class Points:
    """Sentences one below the other."""

    items: tuple[str, ...]


Block: TypeAlias = Text | Points | Table | Chart


@frozen
class Section:
    """A part with a heading of its own."""

    title: str
    blocks: tuple[Block, ...]


@frozen(kw_only=True)
class Report:
    """Everything that is shown. ``language``: of the texts; ``asked``: the one that was asked for.

    ``of``: whom it is of. ``notes``: below everything. ``plan``: title and version of the protocol, ``plan_sha256`` and
    ``data_sha256`` of their bytes, ``cut``: as of when the data are.
    """

    kind: str
    of: str
    title: str
    lead: str
    language: str
    asked: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    plan: str
    plan_sha256: str
    data_sha256: tuple[str, ...]
    cut: str

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure once, in the order of the report."""
        return tuple({one.key: one for section in self.sections for block in section.blocks for one in _of(block)}.values())


def _of(block: Block) -> Iterator[Figure]:
    if isinstance(block, Table | Flow):
        yield from (cell for row in block.rows for cell in row.cells if isinstance(cell, Figure))
    elif isinstance(block, Bars | Whiskers):
        yield from (figure for _, figure in block.rows)
        if isinstance(block, Whiskers):
            yield from (one[1] for one in (block.pooled, block.prediction) if one is not None)
