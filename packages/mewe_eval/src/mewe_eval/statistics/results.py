"""What every estimate has in common: its uncertainty, and the refusal where there is none to give."""

import math

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from scipy import stats

Vector = NDArray[np.float64]
"""Numbers in one dimension, or in as many as the function says."""


class NotEstimable(Exception):
    """The data do not allow this estimate. ``reason`` is one of UPPER_SNAKE, ``detail`` a sentence without anybody's values."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@frozen
class Interval:
    """From ``low`` to ``high``; ``level`` is the share of such intervals that hold the true value (0 < level < 1)."""

    low: float
    high: float
    level: float = 0.95


@frozen
class Estimate:
    """A number with its standard error; ``df``: degrees of freedom of Student's t, infinite for the normal distribution."""

    value: float
    error: float
    df: float = math.inf

    @property
    def statistic(self) -> float:
        """The value in units of its error."""
        return self.value / self.error

    @property
    def p(self) -> float:
        """Two-sided p-value of the hypothesis that the true value is 0; 0 to 1."""
        return float(2 * stats.t.sf(abs(self.statistic), self.df))

    def interval(self, level: float = 0.95) -> Interval:
        """The confidence interval of a level, symmetric around the value."""
        width = self.error * float(stats.t.isf((1 - level) / 2, self.df))
        return Interval(self.value - width, self.value + width, level)
