"""Each kind of chart, drawn from what may be shown; and the same in words and as a table."""

import math
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from mewe_eval.reports.drawing.svg import LINE, WIDTH, Drawing, wide, wrapped
from mewe_eval.reports.model import Bars, Cell, Chart, Figure, Flow, Row, Table, Whiskers
from mewe_eval.reports.wording import Wording

_Scale: TypeAlias = Callable[[float], float]
_NUMBER = re.compile(r"[(+\u2212\d][^=]*")
_LEFT, _RIGHT = 12.0, WIDTH - 12.0


def svg(chart: Chart, words: Wording, font: str) -> str:
    """The drawing of a chart."""
    drawing = Drawing(font)
    if isinstance(chart, Bars):
        _bars(drawing, chart, words)
    elif isinstance(chart, Flow):
        _flow(drawing, chart, words)
    else:
        _whiskers(drawing, chart, words)
    return drawing.done(chart.title, described(chart, words))


def described(chart: Chart, words: Wording) -> str:
    """What a chart shows, in words."""
    told = [
        words.say("chart-row", label=row.label, value="; ".join(cell(one, words) for one in row.cells if cell(one, words)))
        for row in as_table(chart, words).rows
    ]
    return "; ".join(told)


def as_table(chart: Chart, words: Wording) -> Table:
    """The same numbers as a table."""
    if isinstance(chart, Flow):
        return Table(chart.title, (words.say("column-what"), *chart.arms), chart.rows)
    if isinstance(chart, Bars):
        rows = tuple(Row(label, (figure,)) for label, figure in chart.rows)
        return Table(chart.title, (words.say("column-what"), words.say("column-value")), rows)
    several = [*chart.rows, *([chart.pooled] if chart.pooled else ())]
    rows = tuple(Row(label, (words.value(one), words.interval(one), words.people(one))) for label, one in several)
    if chart.prediction is not None:
        label, one = chart.prediction
        rows = (*rows, Row(label, ("", words.interval(one), "")))
    head = (words.say("column-what"), words.say("column-value"), words.say("column-from-to"), words.say("people"))
    return Table(chart.title, head, rows)


def numeric(table: Table) -> tuple[bool, ...]:
    """Of each column but that of the labels, whether numbers stand in it."""
    columns = [[row.cells[place] for row in table.rows] for place in range(len(table.head) - 1)]
    return tuple(any(isinstance(one, Figure) or _NUMBER.fullmatch(one) for one in column) for column in columns)


def cell(one: Cell, words: Wording) -> str:
    """What stands in a cell."""
    return one if isinstance(one, str) else words.whole(one)


def _bars(drawing: Drawing, chart: Bars, words: Wording) -> None:
    for label, figure in chart.rows:
        drawing.lines(0, label, WIDTH)
        value = words.value(figure)
        if figure.is_shown and figure.value is not None and chart.whole > 0:
            length = (WIDTH - 60) * float(figure.value) / chart.whole
            drawing.box(0, drawing.y, max(length, 1.0), 16)
            drawing.text(length + 8, drawing.y + 12.5, value, bold=True)
        else:
            drawing.line(0, drawing.y + 8, 40, drawing.y + 8, dash="2 4", faint=True)
            drawing.text(48, drawing.y + 12.5, value)
        drawing.y += 24


def _flow(drawing: Drawing, chart: Flow, words: Wording) -> None:
    columns = max(len(chart.arms), 1)
    width = (WIDTH - 10.0 * (columns - 1)) / columns
    _across(drawing, [[one] for one in chart.arms], width, bold=True)
    for place, row in enumerate(chart.rows):
        texts = [cell(one, words) for one in row.cells]
        label = wrapped(row.label, width - 12)
        if place:
            for column in range(columns):
                x = column * (width + 10) + width / 2
                drawing.line(x, drawing.y, x, drawing.y + 10, faint=True)
            drawing.y += 10
        top = drawing.y
        height = LINE * (len(label) + 1) + 8
        for column, text in enumerate(texts):
            x = column * (width + 10)
            drawing.box(x, top, width, height, filled=False)
            for number, line in enumerate(label):
                drawing.text(x + 6, top + 14 + number * LINE, line)
            drawing.text(x + 6, top + 14 + len(label) * LINE, text, bold=True)
        drawing.y = top + height


def _across(drawing: Drawing, columns: Sequence[Sequence[str]], width: float, *, bold: bool) -> None:
    texts = [[line for text in column for line in wrapped(text, width - 4)] for column in columns]
    for column, lines in enumerate(texts):
        for number, line in enumerate(lines):
            drawing.text(column * (width + 10), drawing.y + 12 + number * LINE, line, bold=bold)
    drawing.y += LINE * max((len(lines) for lines in texts), default=0) + 6


def _whiskers(drawing: Drawing, chart: Whiskers, words: Wording) -> None:
    everything = [*(one for _, one in chart.rows), *(one[1] for one in (chart.pooled, chart.prediction) if one)]
    numbers = [
        float(one)
        for figure in everything
        if figure.is_shown
        for one in (figure.value, figure.low, figure.high)
        if one is not None
    ]
    if not numbers:
        for label, figure in (*chart.rows, *(one for one in (chart.pooled, chart.prediction) if one)):
            _label(drawing, label, figure, words)
        drawing.y += 6
        return
    step, low, high = _axis([*numbers, chart.zero])

    def x(value: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (value - low) / (high - low)

    def zero() -> None:
        drawing.line(x(chart.zero), drawing.y, x(chart.zero), drawing.y + 17, dash="1 3", thick=1.2)

    for label, figure in chart.rows:
        _label(drawing, label, figure, words)
        zero()
        if figure.is_shown and figure.value is not None:
            _interval(drawing, figure, x)
            drawing.dot(x(float(figure.value)), drawing.y + 8)
        drawing.y += 20
    if chart.pooled is not None:
        label, figure = chart.pooled
        drawing.line(0, drawing.y + 2, WIDTH, drawing.y + 2, faint=True)
        drawing.y += 4
        _label(drawing, label, figure, words, bold=True)
        zero()
        if figure.is_shown and figure.value is not None and figure.low is not None and figure.high is not None:
            drawing.diamond(x(float(figure.low)), x(float(figure.value)), x(float(figure.high)), drawing.y + 8)
        drawing.y += 20
    if chart.prediction is not None:
        label, figure = chart.prediction
        _label(drawing, label, figure, words, only_interval=True)
        zero()
        if figure.is_shown and figure.low is not None and figure.high is not None:
            drawing.line(x(float(figure.low)), drawing.y + 8, x(float(figure.high)), drawing.y + 8, thick=3, dash="6 4")
        drawing.y += 20
    drawing.line(_LEFT, drawing.y, _RIGHT, drawing.y, faint=True)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    for place in range(round((high - low) / step) + 1):
        value = low + place * step
        drawing.line(x(value), drawing.y, x(value), drawing.y + 4)
        text = words.number(value, decimals, signed=chart.zero == 0)
        half = wide(text) / 2
        drawing.text(min(max(x(value), half), WIDTH - half), drawing.y + 17, text, anchor="middle")
    drawing.y += 22
    half = WIDTH / 2 - 8
    left, right = wrapped(f"\N{LEFTWARDS ARROW} {chart.left}", half), wrapped(f"{chart.right} \N{RIGHTWARDS ARROW}", half)
    for number, line in enumerate(left):
        drawing.text(0, drawing.y + 12 + number * LINE, line)
    for number, line in enumerate(right):
        drawing.text(WIDTH, drawing.y + 12 + number * LINE, line, anchor="end")
    drawing.y += LINE * max(len(left), len(right)) + 2


def _label(
    drawing: Drawing, label: str, figure: Figure, words: Wording, *, bold: bool = False, only_interval: bool = False
) -> None:
    """The label above its line, and the value at its end if there is room, else below."""
    value = words.interval(figure) if only_interval and figure.is_shown else words.whole(figure)
    room = WIDTH - wide(value) - 10
    lines = wrapped(label, room if wide(label) <= room else WIDTH)
    drawing.y += 3
    for number, line in enumerate(lines):
        drawing.y += LINE
        drawing.text(0, drawing.y - 3, line, bold=bold)
        if number == len(lines) - 1:
            if wide(line) > room:
                drawing.y += LINE
            drawing.text(WIDTH, drawing.y - 3, value, anchor="end", bold=bold)


def _interval(drawing: Drawing, figure: Figure, x: _Scale) -> None:
    if figure.low is None or figure.high is None:
        return
    y, low, high = drawing.y + 8, x(float(figure.low)), x(float(figure.high))
    drawing.line(low, y, high, y, thick=2)
    for end in (low, high):
        drawing.line(end, y - 4, end, y + 4, thick=2)


_SMALLEST = 1e-6
"""Numbers that differ by less are drawn as one."""


def _axis(numbers: Sequence[float]) -> tuple[float, float, float]:
    """A step of 1, 2 or 5 with zeros, and from where to where, so that there are at most seven."""
    low, high = min(numbers), max(numbers)
    width = high - low if high - low > _SMALLEST else 1.0
    power = 10.0 ** math.floor(math.log10(width))
    step = next(one * power / 10 for one in (1, 2, 5, 10, 20, 50, 100) if width / (one * power / 10) <= 5)
    return step, math.floor(low / step) * step, (math.floor(high / step) + 1) * step
