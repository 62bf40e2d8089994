"""A figure: what was measured, against what, and whether it keeps its bound."""

import statistics
from collections.abc import Sequence

from attrs import frozen

ROUNDS = 5


@frozen
class Figure:
    """One line of the table. ``bound`` in words; ``held`` None where the figure stands for itself."""

    name: str
    value: str
    ceiling: str
    ratio: str
    bound: str
    held: bool | None


def ratio_of(
    name: str,
    measured: Sequence[float],
    ceiling: Sequence[float],
    unit: str,
    *,
    most: float | None = None,
    least: float | None = None,
) -> Figure:
    """A figure as the median of the ratios, pair by pair; ``unit`` formats a value (``{:.2f} ms``)."""
    ratios = [one / other for one, other in zip(measured, ceiling, strict=True)]
    ratio = statistics.median(ratios)
    held = (most is None or ratio <= most) and (least is None or ratio >= least)
    return Figure(
        name,
        unit.format(statistics.median(measured)),
        unit.format(statistics.median(ceiling)),
        f"{ratio:.2f} ({min(ratios):.2f}-{max(ratios):.2f})",
        f"<= {most:.2f}" if most is not None else f">= {least:.2f}" if least is not None else "",
        None if most is None and least is None else held,
    )


def value_of(
    name: str, measured: Sequence[float], unit: str, *, most: float | None = None, least: float | None = None
) -> Figure:
    """A figure with a bound of its own, as the median."""
    value = statistics.median(measured)
    held = (most is None or value <= most) and (least is None or value >= least)
    bound = most if most is not None else least
    return Figure(name, unit.format(value), "", "", f"{'<=' if most is not None else '>='} {unit.format(bound)}", held)
