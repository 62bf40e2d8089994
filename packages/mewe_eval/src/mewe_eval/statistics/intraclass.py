"""How alike the members of one group are, and what that costs in precision."""

import math

import numpy as np
from attrs import frozen
from scipy import stats

from .mixed import Method, MixedFit, fit
from .moments import Labels, Moments, check_rows
from .results import Interval, NotEstimable, Vector


@frozen
class Intraclass:
    """An intraclass correlation with its interval. By the mixed model 0 to 1; by ANOVA it may be negative."""

    value: float
    interval: Interval
    between: float
    """Variance between clusters, units of the outcome squared; by ANOVA it may be negative."""
    within: float
    note: str = ""
    """A sentence for the reader, or empty."""


def by_mixed_model(moments: Moments, level: float = 0.95) -> Intraclass:
    """The ICC that a random-intercept model (REML) finds, given its columns, with the profile-likelihood interval.

    Raises what ``mixed.fit`` raises. Source: Donner & Klar 2000, chapter 1; Bates et al. 2015 for the profile.
    """
    return of_fit(fit(moments, Method.REML), level)


def of_fit(model: MixedFit, level: float = 0.95) -> Intraclass:
    """The ICC of a model that is estimated already."""
    return Intraclass(model.icc, model.interval_of_icc(level), model.between, model.within, model.note)


def by_anova(outcome: Vector, cluster: Labels, level: float = 0.95) -> Intraclass:
    """The ICC by one-way analysis of variance of ``outcome`` (n) in clusters (n labels), sizes may differ.

    m0 = (n - sum m^2 / n) / (K - 1) stands for the size; the interval is Searle's with m0, exact for equal sizes.
    Raises NotEstimable NOT_FINITE, TOO_FEW_CLUSTERS (fewer than 2), NO_REPLICATION (one row a cluster), NO_RESIDUAL_VARIANCE.
    Source: Donner 1986 (International Statistical Review 54); Searle 1971.
    """
    outcome = np.asarray(outcome, dtype=float)
    check_rows(outcome[:, None], outcome, cluster)
    _, index, size = np.unique(cluster, return_inverse=True, return_counts=True)
    n, clusters = len(outcome), len(size)
    if clusters < 2:
        raise NotEstimable("TOO_FEW_CLUSTERS", "A variance between clusters needs at least 2 clusters.")
    if n == clusters:
        raise NotEstimable("NO_REPLICATION", "Every cluster has one row: the two variances cannot be told apart.")
    means = np.bincount(index, weights=outcome) / size
    among = float(size @ (means - outcome.mean()) ** 2) / (clusters - 1)
    inside = float(((outcome - means[index]) ** 2).sum()) / (n - clusters)
    if inside == 0:
        raise NotEstimable("NO_RESIDUAL_VARIANCE", "Rows of one cluster do not differ.")
    typical = (n - float(size @ size) / n) / (clusters - 1)
    ratio, share = among / inside, (1 - level) / 2
    low = ratio / float(stats.f.isf(share, clusters - 1, n - clusters))
    high = ratio / float(stats.f.ppf(share, clusters - 1, n - clusters))
    interval = Interval((low - 1) / (low + typical - 1), (high - 1) / (high + typical - 1), level)
    return Intraclass((ratio - 1) / (ratio + typical - 1), interval, (among - inside) / typical, inside)


def design_effect(sizes: Vector, icc: float) -> float:
    """By what the variance of a mean grows because persons come in clusters: 1 + (m - 1) ICC, m = sum m_i^2 / sum m_i.

    ``sizes``: persons of each cluster, 1 or more; ``icc`` -1 to 1. For equal sizes m is the size; for unequal ones it is
    Kish's, the mean size that a person meets. Raises ValueError outside these ranges.
    Source: Kish 1965; Donner, Birkett & Buck 1981.
    """
    sizes = np.asarray(sizes, dtype=float)
    if not sizes.size or not (np.isfinite(sizes) & (sizes >= 1)).all():
        raise ValueError("cluster sizes are 1 or more")
    if not -1 <= icc <= 1:
        raise ValueError("an intraclass correlation is between -1 and 1")
    return 1 + (float(sizes @ sizes) / float(sizes.sum()) - 1) * icc


def effective_size(sizes: Vector, icc: float) -> float:
    """How many persons without clusters would tell as much as these clusters do.

    Raises what ``design_effect`` raises, and ValueError if the design effect is not positive.
    """
    effect = design_effect(sizes, icc)
    if effect <= 0 or not math.isfinite(effect):
        raise ValueError("the design effect is not positive")
    return float(np.asarray(sizes, dtype=float).sum()) / effect
