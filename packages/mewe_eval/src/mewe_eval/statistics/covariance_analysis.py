"""The adjusted difference of two arms: covariance analysis per wave, arm by time, and whether it differs between subgroups."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from . import robust, satterthwaite
from .mixed import Method, MixedFit, fit
from .moments import Labels, Moments
from .results import Estimate, Vector


@frozen
class Design:
    """Columns of a model with their names: ``columns`` n x p."""

    names: tuple[str, ...]
    columns: Vector = field(eq=False)

    def contrast(self, weights: Mapping[str, float]) -> Vector:
        """A contrast (p) from weights by column name; other columns count 0. Raises ValueError if a name is unknown."""
        contrast = np.zeros(len(self.names))
        for name, weight in weights.items():
            contrast[self.names.index(name)] = weight
        return contrast

    def complete(self, outcome: Vector) -> NDArray[np.bool_]:
        """Which rows (n, true or false) lack nothing, neither in the columns nor in the outcome."""
        return np.asarray(np.isfinite(self.columns).all(axis=1) & np.isfinite(np.asarray(outcome, dtype=float)))


@frozen
class AdjustedDifference:
    """The difference of the arms (arm 1 minus arm 0) at equal baseline and covariates, in units of the outcome.

    ``mixed`` by the random-intercept model, with the df of ``satterthwaite``; ``robust`` the same coefficient by ordinary least
    squares with CR2 errors, to compare. ``n`` rows were complete. If one tells another story than the other, report both.
    """

    mixed: Estimate
    robust: Estimate
    fit: MixedFit
    n: int


def ancova(arm: Vector, baseline: Vector, covariates: Mapping[str, Vector] | None = None) -> Design:
    """1, ``arm`` (n, 0 or 1), ``baseline`` (n) and covariates (each n) as columns, as they are.

    Missing values stay missing. Nothing is centred by the data's own mean, so that the sums of several countries add up.
    Raises ValueError if an arm is neither 0 nor 1, or a covariate is called as another column.
    Source: Vickers & Altman 2001 (BMJ 323); EMA guideline on adjustment for baseline covariates 2015.
    """
    arm = _arms(arm)
    columns = {"intercept": np.ones(len(arm)), "arm": arm, "baseline": baseline}
    return _design(columns, covariates)


def subgroup_ancova(arm: Vector, baseline: Vector, subgroup: Vector, covariates: Mapping[str, Vector] | None = None) -> Design:
    """``ancova`` with the columns ``subgroup`` (n, 0 or 1) and ``arm:subgroup`` as well.

    The coefficient of ``arm`` is the effect in subgroup 0, that of ``arm:subgroup`` by how much it differs in subgroup 1: the
    test of equality. ``subgroup_effects`` has both effects as contrasts. Raises ValueError for anything but 0 and 1.
    """
    arm, subgroup = _arms(arm), _arms(subgroup)
    columns = {"intercept": np.ones(len(arm)), "arm": arm, "subgroup": subgroup, "arm:subgroup": arm * subgroup}
    columns["baseline"] = baseline
    return _design(columns, covariates)


def subgroup_effects(design: Design) -> dict[str, Vector]:
    """Contrasts of a ``subgroup_ancova``: the effect of the arm in subgroup 0, in subgroup 1, and their difference."""
    return {
        "in subgroup 0": design.contrast({"arm": 1}),
        "in subgroup 1": design.contrast({"arm": 1, "arm:subgroup": 1}),
        "difference": design.contrast({"arm:subgroup": 1}),
    }


def adjusted_difference(
    design: Design, outcome: Vector, cluster: Labels, weights: Vector | None = None, method: Method = Method.REML
) -> AdjustedDifference:
    """One wave: the contrast (p ``weights``; the column ``arm`` without them) from the complete rows of a table.

    ``outcome`` n, units of the instrument; ``cluster`` n labels. Raises what ``mixed.fit`` and ``RobustFit.estimate`` raise.
    Source: analysis of covariance with cluster random intercept, Donner & Klar 2000, chapter 7; CR2 see ``robust``.
    """
    weights = design.contrast({"arm": 1}) if weights is None else weights
    kept = design.complete(outcome)
    columns, values, labels = design.columns[kept], np.asarray(outcome, dtype=float)[kept], np.asarray(cluster)[kept]
    model = fit(Moments.of(columns, values, labels, (*design.names, "outcome")), method)
    compared = robust.ordinary(columns, values, labels).estimate(weights)
    return AdjustedDifference(satterthwaite.estimate(model, weights), compared, model, int(kept.sum()))


def arm_by_time(arm: Vector, wave: Labels, waves: Sequence[str], covariates: Mapping[str, Vector] | None = None) -> Design:
    """The arm-by-time model in long form: each row one person at one wave; ``waves`` in their order, the first is the baseline.

    Columns: intercept, arm, for each later wave ``wave:<name>`` and ``arm:<name>``, then the covariates. ``arm:<name>``
    is how much more arm 1 has changed since the first wave than arm 0 (the effect at that wave); ``between_waves`` has the
    contrasts. The random intercept is then that of the person; where persons come in clusters, use CR2 by cluster.
    Raises ValueError if a wave is not among ``waves``, or fewer than 2 waves are named.
    """
    arm, wave = _arms(arm), np.asarray(wave)
    if len(waves) < 2 or not np.isin(wave, list(waves)).all():
        raise ValueError("rows belong to the waves named, two or more")
    columns = {"intercept": np.ones(len(arm)), "arm": arm}
    for name in waves[1:]:
        at = (wave == name).astype(float)
        columns |= {f"wave:{name}": at, f"arm:{name}": arm * at}
    return _design(columns, covariates)


def between_waves(design: Design, waves: Sequence[str]) -> dict[str, Vector]:
    """Contrasts of an ``arm_by_time`` design: the effect at each later wave since the first, and from each to the next."""
    effects = {f"{waves[0]} to {name}": design.contrast({f"arm:{name}": 1}) for name in waves[1:]}
    steps = {f"{a} to {b}": design.contrast({f"arm:{a}": -1, f"arm:{b}": 1}) for a, b in pairwise(waves[1:])}
    return effects | steps


def _arms(arm: Vector) -> Vector:
    arm = np.asarray(arm, dtype=float)
    if not np.isin(arm[np.isfinite(arm)], (0, 1)).all():
        raise ValueError("an arm or subgroup is 0 or 1")
    return arm


def _design(columns: dict[str, Vector], covariates: Mapping[str, Vector] | None) -> Design:
    covariates = covariates or {}
    if twice := columns.keys() & covariates.keys():
        raise ValueError(f"covariates called as another column: {', '.join(sorted(twice))}")
    everything = {name: np.asarray(values, dtype=float) for name, values in (columns | dict(covariates)).items()}
    return Design(tuple(everything), np.column_stack(list(everything.values())))
