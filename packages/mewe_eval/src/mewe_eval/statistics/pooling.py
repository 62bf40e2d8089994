"""Rubin's rules: one estimate from those of several imputed data sets."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen

from mewe_eval.statistics.results import Estimate, NotEstimable


@frozen
class Pooled:
    """An estimate pooled over m data sets. ``within``, ``between`` and ``total`` are variances (units of the estimate,
    squared).

    ``riv``: relative increase of variance by what is missing (0 and up); ``share``: lambda, the share of the total variance
    that is due to it (0 to 1); ``missing_information``: fmi, the same with the uncertainty of few data sets (0 to 1).
    """

    estimate: Estimate
    within: float
    between: float
    total: float
    riv: float
    share: float
    missing_information: float


def pool(estimates: Sequence[Estimate], complete_df: float | None = None) -> Pooled:
    """Pool the estimates of one number from m >= 2 data sets.

    ``complete_df``: degrees of freedom if nothing were missing; None: those of the estimates, if they have any (their mean).
    Raises NotEstimable TOO_FEW_IMPUTATIONS, NOT_FINITE. Source: Rubin (1987), chapter 3; Barnard and Rubin (1999), Biometrika
    86.
    """
    m = len(estimates)
    if m < 2:
        raise NotEstimable("TOO_FEW_IMPUTATIONS", f"{m} imputed data sets; at least 2 are needed.")
    values, errors = np.array([one.value for one in estimates]), np.array([one.error for one in estimates])
    if not (np.isfinite(values).all() and np.isfinite(errors).all() and (errors > 0).all()):
        raise NotEstimable("NOT_FINITE", "An estimate is no number, or has no standard error.")
    within, between = float((errors**2).mean()), float(values.var(ddof=1))
    total = within + (1 + 1 / m) * between
    riv, share = (1 + 1 / m) * between / within, (1 + 1 / m) * between / total
    complete = float(np.mean([one.df for one in estimates])) if complete_df is None else complete_df
    df = _df(m, share, complete)
    missing = (riv + (0.0 if math.isinf(df) else 2 / (df + 3))) / (riv + 1)
    return Pooled(Estimate(float(values.mean()), math.sqrt(total), df), within, between, total, riv, share, missing)


def _df(m: int, share: float, complete: float) -> float:
    """Barnard and Rubin's degrees of freedom."""
    old = math.inf if share == 0 else (m - 1) / share**2
    if math.isinf(complete):
        return old
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    return observed if math.isinf(old) else old * observed / (old + observed)
