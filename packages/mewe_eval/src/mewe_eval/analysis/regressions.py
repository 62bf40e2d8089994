"""Regressions as a plan asks for them: linear, mixed, covariance analysis, intraclass correlation."""

from collections.abc import Callable, Sequence

import numpy as np
from attrs import evolve, frozen
from numpy.random import PCG64, Generator
from numpy.typing import NDArray
from scipy import linalg

from mewe_eval.analysis import definition as asked
from mewe_eval.analysis.design import OUTCOME, Design, clusters, columns_of, design
from mewe_eval.analysis.found import Figure, Found
from mewe_eval.analysis.table import NoSuchColumn, Table
from mewe_eval.statistics import intraclass, robust, satterthwaite
from mewe_eval.statistics.imputation import impute, shifted
from mewe_eval.statistics.mixed import Method, MixedFit, fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.pooling import pool
from mewe_eval.statistics.results import Estimate, NotEstimable, Vector

_SINGULAR = (
    "Where the intercept variance is zero, tests between clusters would reject too rarely; the lines marked (test) are of the "
    "model in which that variance may be negative, and are those to test with."
)
_NO_SANDWICH = (
    "Errors that are cluster-robust (CR2) need every cluster's rows, which nobody has here: the errors are those of the model, "
    "the degrees of freedom by Satterthwaite."
)


@frozen(eq=False)
class Rows:
    """The rows that a model is of."""

    design: Design
    outcome: Vector
    cluster: NDArray[np.int64] | None
    used: int
    left_out: int

    @property
    def clusters(self) -> int | None:
        """How many clusters they are of."""
        return None if self.cluster is None else len(np.unique(self.cluster))


def linear_model(wanted: asked.LinearModel, table: Table) -> Found:
    """Ordinary regression, by rows that have every column."""
    rows = _rows(table, wanted.outcome, wanted.terms, wanted.cluster)
    found = Found("linear_model", "", _linear(wanted.cluster), n=rows.used, clusters=rows.clusters, left_out=_left_out(rows))
    if wanted.imputation is not None and wanted.cluster is not None:
        return _imputed(found, wanted.imputation, table, wanted.outcome, wanted.terms, wanted.cluster, wanted.level)
    figures, notes = _coefficients(rows, wanted.level)
    return evolve(found, figures=figures, notes=notes)


def mixed_model(wanted: asked.MixedModel, table: Table) -> Found:
    """A random-intercept model: coefficients, variances, intraclass correlation, criterion."""
    rows = _rows(table, wanted.outcome, wanted.terms, wanted.cluster)
    model = _mixed(rows, wanted.method)
    if wanted.inference is asked.Inference.CR2:
        assert rows.cluster is not None
        sandwich = robust.weighted(rows.design.matrix, rows.outcome, rows.cluster, model.ratio)
        names = rows.design.names
        told = _figures(names, [sandwich.estimate(one) for one in np.eye(len(names))], wanted.level)
    else:
        told = _by_the_model(model, wanted)
    return evolve(_whole_model(model, wanted, told), left_out=_left_out(rows))


def model_of_sums(model: MixedFit, wanted: asked.MixedModel) -> Found:
    """The same of a model whose rows are not at hand. CR2 needs them: in its place there is Satterthwaite, and a note."""
    if wanted.inference is not asked.Inference.CR2:
        return _whole_model(model, wanted, _by_the_model(model, wanted))
    instead = evolve(wanted, inference=asked.Inference.SATTERTHWAITE)
    found = _whole_model(model, instead, _by_the_model(model, instead))
    return evolve(found, notes=(*found.notes, _NO_SANDWICH))


def _by_the_model(model: MixedFit, wanted: asked.MixedModel) -> tuple[Figure, ...]:
    """Every coefficient with its error; if the model is singular, a second time as it is to be tested with."""
    names = model.moments.predictors
    if wanted.inference is asked.Inference.SATTERTHWAITE and model.singular:
        tests = [satterthwaite.estimate(model, one) for one in np.eye(len(names))]
        return (
            *(Figure(name, one.value, one.error) for name, one in _each(names, model.wald)),
            *_figures([f"{name} (test)" for name in names], tests, wanted.level),
        )
    return _figures(names, [_inferred(model, one, wanted.inference) for one in np.eye(len(names))], wanted.level)


def _whole_model(model: MixedFit, wanted: asked.MixedModel, coefficients: tuple[Figure, ...]) -> Found:
    figures = (
        *coefficients,
        Figure("variance between clusters", model.between),
        Figure("variance within clusters", model.within),
        Figure.within("intraclass correlation", model.icc, model.interval_of_icc(wanted.level)),
        Figure("log likelihood", model.log_likelihood),
        Figure("deviance", model.deviance),
    )
    notes = tuple(one for one in (model.note, _SINGULAR if model.singular else "") if one)
    method = f"Random-intercept model by {wanted.method.value}, {_INFERRED[wanted.inference]}"
    return Found("mixed_model", "", method, figures, model.moments.n, model.moments.clusters, notes=notes)


def covariance_analysis(wanted: asked.CovarianceAnalysis, table: Table) -> Found:
    """ANCOVA of each outcome; every coefficient of the group is an adjusted difference to its first level."""
    terms = (wanted.group, wanted.baseline, *wanted.covariates)
    figures, n, left_out, notes, several = list[Figure](), 0, 0, list[str](), list[Rows]()
    for outcome in wanted.outcomes:
        rows = _rows(table, outcome, terms, wanted.cluster)
        several.append(rows)
        n, left_out = max(n, rows.used), max(left_out, rows.left_out)
        if wanted.imputation is not None and wanted.cluster is not None:
            pooled = _imputed(Found("", "", ""), wanted.imputation, table, outcome, terms, wanted.cluster, wanted.level)
            figures += _named(outcome, pooled.figures)
            continue
        figures += _named(outcome, _figures(rows.design.names, estimates(evolve(rows, cluster=None)), wanted.level))
        if wanted.cluster is not None:
            robust_figures, more = _coefficients(rows, wanted.level)
            figures += _named(f"{outcome}, CR2", robust_figures)
            notes += [f"{outcome}: {one}" for one in more]
            try:
                model = _mixed(rows, asked.Method.REML)
                tests = [satterthwaite.estimate(model, one) for one in np.eye(len(rows.design.names))]
                figures += _named(f"{outcome}, random intercept", _figures(rows.design.names, tests, wanted.level))
                notes += [f"{outcome}: {model.note}"] if model.note else []
            except NotEstimable as refused:
                notes.append(f"{outcome}: no model with a random intercept ({refused.detail})")
    method = "Covariance analysis: each outcome by group at equal baseline"
    if wanted.imputation is not None:
        method += f"; {_imputation(wanted.imputation)}"
    elif wanted.cluster is not None:
        method += "; ordinary, cluster-robust (CR2), and with a random intercept a cluster (Satterthwaite)"
    counted = max((one.clusters or 0 for one in several), default=0) if wanted.cluster is not None else None
    return Found("covariance_analysis", "", method, tuple(figures), n, counted, {"a column is missing": left_out}, tuple(notes))


def intraclass_correlation(wanted: asked.Intraclass, table: Table) -> Found:
    """The intraclass correlation by a mixed model and by analysis of variance, and what clusters cost."""
    rows = _rows(table, wanted.outcome, (), wanted.cluster)
    assert rows.cluster is not None
    moments = Moments.of(rows.design.matrix, rows.outcome, rows.cluster, (*rows.design.names, wanted.outcome))
    model, anova = (
        intraclass.by_mixed_model(moments, wanted.level),
        intraclass.by_anova(rows.outcome, rows.cluster, wanted.level),
    )
    sizes = np.unique(rows.cluster, return_counts=True)[1].astype(float)
    figures = (
        Figure.within("intraclass correlation (REML)", model.value, model.interval),
        Figure.within("intraclass correlation (ANOVA)", anova.value, anova.interval),
        Figure("design effect", intraclass.design_effect(sizes, max(model.value, 0.0))),
        Figure("mean cluster size", float(sizes.mean())),
    )
    notes = (model.note,) if model.note else ()
    method = "Intraclass correlation by a random-intercept model (profile likelihood) and by analysis of variance"
    return Found("intraclass", "", method, figures, rows.used, rows.clusters, _left_out(rows), notes)


def estimates(rows: Rows) -> list[Estimate]:
    """Every coefficient by ordinary least squares; cluster-robust if the rows have clusters."""
    matrix, p = rows.design.matrix, rows.design.matrix.shape[1]
    if rows.cluster is not None:
        sandwich = robust.ordinary(matrix, rows.outcome, rows.cluster)
        return [sandwich.estimate(one) for one in np.eye(p)]
    if rows.used <= p:
        raise NotEstimable("NO_RESIDUAL_DF", f"{rows.used} rows leave no degrees of freedom for {p} coefficients.")
    scale = np.sqrt((matrix**2).sum(axis=0))
    orthogonal, upper = linalg.qr(matrix / np.where(scale > 0, scale, 1), mode="economic")
    follow = [name for name, size in zip(rows.design.names, np.abs(np.diag(upper)), strict=True) if size < 1e-10]
    if follow:
        raise NotEstimable("RANK_DEFICIENT", f"Columns that follow from the others: {', '.join(follow)}.")
    back = linalg.solve_triangular(upper, np.eye(p)) / scale[:, None]
    coefficients = back @ (orthogonal.T @ rows.outcome)
    residuals = rows.outcome - matrix @ coefficients
    df = rows.used - p
    errors = np.sqrt((back**2).sum(axis=1) * float(residuals @ residuals) / df)
    return [Estimate(float(value), float(error), df) for value, error in zip(coefficients, errors, strict=True)]


def _coefficients(rows: Rows, level: float) -> tuple[tuple[Figure, ...], tuple[str, ...]]:
    """Every coefficient that has an error; of the others the value, and a note that says why."""
    names = rows.design.names
    if rows.cluster is None:
        return _figures(names, estimates(rows), level), ()
    sandwich = robust.ordinary(rows.design.matrix, rows.outcome, rows.cluster)
    figures, notes = list[Figure](), list[str]()
    for name, weights, value in zip(names, np.eye(len(names)), sandwich.coefficients.tolist(), strict=True):
        try:
            figures.append(Figure.of(name, sandwich.estimate(weights), level))
        except NotEstimable as refused:
            figures.append(Figure(name, value))
            notes.append(f"{name}: {refused.detail}")
    if not any(one.error is not None for one in figures):
        raise NotEstimable("TOO_FEW_CLUSTERS", "No coefficient has enough clusters to estimate its error.")
    return tuple(figures), tuple(notes)


def _rows(table: Table, outcome: str, terms: Sequence[str], cluster: str | None) -> Rows:
    there = table.there(outcome, *columns_of(terms), *(() if cluster is None else (cluster,)))
    if not there.any():
        raise NotEstimable("TOO_FEW_PEOPLE", "No row has every column of this analysis.")
    made = design(table, terms, there)
    values = table.numbers(outcome)[there]
    groups = None if cluster is None else clusters(table, (cluster,), there)
    return Rows(made, values, groups, len(values), table.rows - len(values))


def _mixed(rows: Rows, method: asked.Method) -> MixedFit:
    assert rows.cluster is not None
    names = (*rows.design.names, OUTCOME)
    return fit(Moments.of(rows.design.matrix, rows.outcome, rows.cluster, names), Method(method.value.lower()))


def _inferred(model: MixedFit, weights: Vector, inference: asked.Inference) -> Estimate:
    if inference is asked.Inference.NORMAL:
        return model.wald(weights)
    if inference is asked.Inference.KENWARD_ROGER:
        return satterthwaite.estimate(model, weights, satterthwaite.Reference.KENWARD_ROGER)
    return satterthwaite.estimate(model, weights)


_INFERRED = {
    asked.Inference.SATTERTHWAITE: "degrees of freedom by Satterthwaite",
    asked.Inference.KENWARD_ROGER: "errors and degrees of freedom by Kenward and Roger",
    asked.Inference.CR2: "errors cluster-robust (CR2), degrees of freedom by Satterthwaite",
    asked.Inference.NORMAL: "by the normal distribution",
}


def _imputed(
    found: Found, how: asked.Imputation, table: Table, outcome: str, terms: Sequence[str], cluster: str, level: float
) -> Found:
    """The coefficients of completed tables, pooled. Rows without a cluster are left out; categories have to be complete."""
    columns = list(dict.fromkeys((outcome, *columns_of(terms), *how.with_columns)))
    numeric = [one for one in columns if table.is_numeric(one)]
    words = [one for one in columns if one not in numeric]
    there = table.there(cluster, *words)
    groups = clusters(table, (cluster,), there)
    known = design(table, words, there).matrix[:, 1:]
    values = np.column_stack([*(table.numbers(one)[there] for one in numeric), known])
    generator = Generator(PCG64(how.seed))
    completed = impute(values, groups, generator, data_sets=how.sets, iterations=how.iterations)
    if how.delta:
        completed = shifted(
            values, completed, column=numeric.index(outcome), rows=_delta_rows(how, table)[there], delta=how.delta
        )
    pooled, names = list[list[Estimate]](), tuple[str, ...]()
    for one in completed:
        whole = table.with_numbers({name: _spread(one[:, place], there) for place, name in enumerate(numeric)})
        made = design(whole, terms, there)
        names = made.names
        pooled.append(estimates(Rows(made, whole.numbers(outcome)[there], groups, int(there.sum()), 0)))
    results = [pool([one[place] for one in pooled]).estimate for place in range(len(names))]
    missing = int((~np.isfinite(values)).any(axis=1).sum())
    return evolve(
        found,
        method=f"{found.method}; {_imputation(how)}",
        figures=_figures(names, results, level),
        n=int(there.sum()),
        clusters=len(np.unique(groups)),
        left_out={"cluster or category is missing": int((~there).sum())},
        notes=(f"{missing} of {int(there.sum())} rows lacked a number and were completed {how.sets} times (seed {how.seed}).",),
    )


def _delta_rows(how: asked.Imputation, table: Table) -> NDArray[np.bool_]:
    if how.delta_group is None:
        return np.ones(table.rows, dtype=bool)
    words = table.words(how.delta_group)
    if how.delta_level not in words.levels:
        raise NoSuchColumn(how.delta_group, f'no row has the delta_level "{how.delta_level}"', ", ".join(words.levels))
    return np.asarray(words.codes == words.levels.index(how.delta_level))


def _spread(column: Vector, there: NDArray[np.bool_]) -> Vector:
    """A column of all rows from that of some."""
    whole = np.full(len(there), np.nan)
    whole[there] = column
    return whole


def _imputation(how: asked.Imputation) -> str:
    shift = f", imputed outcomes shifted by {how.delta:g}" if how.delta else ""
    return f"{how.sets} imputations by chained equations with random intercepts{shift}, pooled by Rubin's rules"


def _linear(cluster: str | None) -> str:
    return "Linear regression" + (
        "" if cluster is None else ", errors cluster-robust (CR2), degrees of freedom by Satterthwaite"
    )


def _left_out(rows: Rows) -> dict[str, int]:
    return {"a column is missing": rows.left_out}


def _figures(names: Sequence[str], several: Sequence[Estimate], level: float) -> tuple[Figure, ...]:
    return tuple(Figure.of(name, one, level) for name, one in zip(names, several, strict=True))


def _named(outcome: str, figures: Sequence[Figure]) -> list[Figure]:
    return [evolve(one, name=f"{outcome}: {one.name}") for one in figures]


def _each(names: Sequence[str], estimate: Callable[[Vector], Estimate]) -> list[tuple[str, Estimate]]:
    return [(name, estimate(one)) for name, one in zip(names, np.eye(len(names)), strict=True)]
