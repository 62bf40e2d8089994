"""What an analysis found, with everything that is needed to defend it; the same for a screen, a page and a program."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from attrs import field, frozen

from mewe_eval.statistics.results import Estimate, Interval

Number: TypeAlias = float | int | None


@frozen
class Figure:
    """One number that was found. ``error``: its standard error; ``df``: degrees of freedom, None for the normal distribution.

    ``low`` and ``high`` bound the interval of the analysis's ``level``; ``p``: two-sided.
    """

    name: str
    value: Number
    error: Number = None
    df: Number = None
    statistic: Number = None
    p: Number = None
    low: Number = None
    high: Number = None

    @classmethod
    def of(cls, name: str, estimate: Estimate, level: float) -> "Figure":
        """The figure of an estimate with its interval."""
        interval = estimate.interval(level)
        df = estimate.df if np.isfinite(estimate.df) else None
        return cls(name, estimate.value, estimate.error, df, estimate.statistic, estimate.p, interval.low, interval.high)

    @classmethod
    def within(cls, name: str, value: float, interval: Interval) -> "Figure":
        """The figure of a value with an interval of its own."""
        return cls(name, value, low=interval.low, high=interval.high)


@frozen
class Found:
    """What one analysis found.

    ``n``: rows that it is of; ``clusters``: how many, if it knows any; ``left_out``: rows that were not used, by the reason.
    ``method``: in words. ``notes``: what whoever reads the figures has to know, such as what was done instead. ``refused``: why
    there are no figures, if there are none.
    """

    kind: str
    name: str
    method: str
    figures: tuple[Figure, ...] = ()
    n: int = 0
    clusters: int | None = None
    left_out: Mapping[str, int] = field(factory=dict)
    notes: tuple[str, ...] = ()
    refused: str | None = None
    about: str = ""
    level: float = 0.95
    instrument: str | None = None


@frozen
class Findings:
    """All that a plan asked for. ``plan_sha256`` and ``data_sha256``: of the bytes of both files, in hexadecimal digits."""

    title: str
    version: str
    plan_sha256: str
    data_sha256: str
    data_cut: str | None
    rows: int
    analyses: tuple[Found, ...]
    notes: tuple[str, ...] = ()
