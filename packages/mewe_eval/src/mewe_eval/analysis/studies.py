"""What a plan asks of estimates: of several studies, of several imputations, of several tests."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from mewe_eval.analysis import definition as asked
from mewe_eval.analysis.found import Figure, Found
from mewe_eval.analysis.table import NoSuchColumn, Table
from mewe_eval.statistics import families
from mewe_eval.statistics.meta_analysis import (
    Heterogeneity,
    log_odds_ratio,
    log_risk_ratio,
    meta_analysis,
    tau2_interval,
)
from mewe_eval.statistics.pooling import pool
from mewe_eval.statistics.results import Estimate, Vector

_MEASURES = {"log risk ratio": log_risk_ratio, "log odds ratio": log_odds_ratio}


def studies(wanted: asked.MetaAnalysis, table: Table) -> Found:
    """Each study, and what they say together."""
    effects, variances, there = _effects(wanted, table)
    names = [one for one, use in zip(table.columns[wanted.study], there, strict=True) if use]
    method, count = Heterogeneity(wanted.method.value), len(names)
    figures = together(
        [f"study {name}" for name in names], effects, variances, method, hartung_knapp=wanted.hartung_knapp, level=wanted.level
    )
    test = "Hartung and Knapp's error, t distribution" if wanted.hartung_knapp else "normal distribution"
    kind = "fixed effect" if wanted.method is asked.Heterogeneity.FE else f"random effects, {wanted.method.value}"
    measure = "" if wanted.counts is None else f" of {wanted.counts.measure}s"
    left_out = {"an effect or its variance is missing": int((~there).sum())}
    return Found("meta_analysis", "", f"Meta-analysis{measure} ({kind}; {test})", figures, count, left_out=left_out)


def together(
    names: Sequence[str], effects: Vector, variances: Vector, method: Heterogeneity, *, hartung_knapp: bool, level: float
) -> tuple[Figure, ...]:
    """Each study (k names, effects, variances), all of them together, their heterogeneity, and where a new one is expected."""
    found = meta_analysis(effects, variances, method, hartung_knapp=hartung_knapp, level=level)
    figures = [
        Figure.of(name, Estimate(effect, math.sqrt(variance)), level)
        for name, effect, variance in zip(names, effects.tolist(), variances.tolist(), strict=True)
    ]
    figures.append(Figure.of("together", found.estimate, level))
    if method is Heterogeneity.FE:
        figures.append(Figure("tau squared", found.tau2))
    else:
        figures.append(Figure.within("tau squared", found.tau2, tau2_interval(effects, variances, level)))
    figures += [
        Figure("I squared (percent)", found.i2),
        Figure("H squared", found.h2),
        Figure("Q", found.q, df=found.k - 1, p=found.q_p),
    ]
    if found.prediction is not None:
        figures.append(Figure.within("prediction interval", found.estimate.value, found.prediction))
    return tuple(figures)


def pooling(wanted: asked.Pooling, table: Table) -> Found:
    """Estimates of imputed tables, one a row, pooled for each term."""
    values, errors = table.numbers(wanted.estimate), table.numbers(wanted.error)
    words = table.words(wanted.by) if wanted.by is not None else None
    terms = (
        [(None, np.ones(table.rows, dtype=bool))]
        if words is None
        else [(level, np.asarray(words.codes == place)) for place, level in enumerate(words.levels)]
    )
    figures, counted = list[Figure](), 0
    df = math.inf if wanted.complete_df is None else wanted.complete_df
    for term, rows in terms:
        estimates = [Estimate(value, error) for value, error in zip(values[rows].tolist(), errors[rows].tolist(), strict=True)]
        counted = max(counted, len(estimates))
        found = pool(estimates, df)
        named = "estimate" if term is None else term
        figures += [
            Figure.of(named, found.estimate, wanted.level),
            Figure(f"{named}: variance within", found.within),
            Figure(f"{named}: variance between", found.between),
            Figure(f"{named}: total variance", found.total),
            Figure(f"{named}: relative increase of variance", found.riv),
            Figure(f"{named}: lambda", found.share),
            Figure(f"{named}: fraction of missing information", found.missing_information),
        ]
    method = "Rubin's rules, degrees of freedom by Barnard and Rubin"
    return Found("pooling", "", method, tuple(figures), counted)


def family(wanted: asked.Family, table: Table, found: Mapping[str, Found]) -> Found:
    """P-values adjusted together; those without a value stay without."""
    if wanted.column is not None:
        values, names = table.numbers(wanted.column), [f"row {row}" for row in range(1, table.rows + 1)]
    else:
        values, names = np.array([_p(one, found) for one in wanted.figures]), list(wanted.figures)
    adjust = families.holm if wanted.method is asked.Adjustment.HOLM else families.benjamini_hochberg
    adjusted = adjust(values)
    figures = tuple(
        Figure(name, before, p=after) for name, before, after in zip(names, values.tolist(), adjusted.tolist(), strict=True)
    )
    count = int(np.isfinite(values).sum())
    method = f"P-values of {count} tests adjusted together ({wanted.method.value}); value: as it was, p: adjusted"
    return Found("family", "", method, figures, count)


def _effects(wanted: asked.MetaAnalysis, table: Table) -> tuple[Vector, Vector, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
    if wanted.counts is not None:
        one = wanted.counts
        columns = (one.treated_events, one.treated_others, one.control_events, one.control_others)
        there = table.there(wanted.study, *columns)
        effects, variances = _MEASURES[one.measure](np.column_stack([table.numbers(name)[there] for name in columns]))
        return effects, variances, there
    assert wanted.effect is not None
    spread = wanted.variance or wanted.error or ""
    there = table.there(wanted.study, wanted.effect, spread)
    known = table.numbers(spread)[there]
    return table.numbers(wanted.effect)[there], known if wanted.variance is not None else known**2, there


def _p(named: str, found: Mapping[str, Found]) -> float:
    analysis, _, figure = named.partition("/")
    if analysis not in found:
        raise NoSuchColumn(named, "there is no such analysis in this plan", ", ".join(found) or "none")
    figures = {one.name: one for one in found[analysis].figures if one.p is not None}
    if found[analysis].refused is not None:
        return math.nan
    if f"{figure} (test)" in figures:
        return float(figures[f"{figure} (test)"].p or 0.0)
    if figure not in figures:
        raise NoSuchColumn(named, f'"{analysis}" has no figure "{figure}" with a p-value', ", ".join(figures) or "none")
    return float(figures[figure].p or 0.0)
