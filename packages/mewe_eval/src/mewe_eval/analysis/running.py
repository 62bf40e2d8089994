"""A plan carried out on a table: every analysis for itself, so that one that cannot be done is in no other's way."""

from collections.abc import Callable, Iterator, Mapping

from attrs import evolve, fields

from mewe_eval.analysis import definition as asked
from mewe_eval.analysis import people, regressions, studies
from mewe_eval.analysis.found import Findings, Found
from mewe_eval.analysis.plans import PlanFaults, ReadPlan, line_of
from mewe_eval.analysis.shaping import tables
from mewe_eval.analysis.table import NoSuchColumn, Table, TableUnreadable
from mewe_eval.statistics.results import NotEstimable


def analyse(plan: ReadPlan, content: bytes) -> Findings:
    """Everything a plan asks for, of the table in these bytes (CSV).

    An analysis that the data do not allow says so in its place. Raises PlanFaults with every analysis, scale or long form that
    names something which is not in the table, and if the table cannot be read.
    """
    try:
        shaped = tables(plan.plan, content)
    except (TableUnreadable, NoSuchColumn) as fault:
        raise PlanFaults(f"the table: {fault}") from None
    found = carried_out(plan, shaped)
    whole = shaped[None]
    return Findings(plan.plan.title, plan.plan.version, plan.sha256, whole.sha256, plan.plan.data.cut, whole.rows, found)


def carried_out(plan: ReadPlan, shaped: Mapping[str | None, Table]) -> tuple[Found, ...]:
    """Every analysis of a plan. ``shaped``: the table (None), with its scales, and each long form by its name.

    Raises PlanFaults with every analysis that names something which is not in the table.
    """
    found, faults = dict[str, Found](), list[str]()
    for kind, name, wanted in _wanted(plan.plan):
        key = f"{kind}.{name}"
        if wanted.long not in shaped:
            there = ", ".join(sorted(str(one) for one in shaped if one is not None)) or "none is declared"
            faults.append(_fault(plan, f"{key}.long", f'there is no long form "{wanted.long}"; allowed: {there}'))
            continue
        try:
            one = _carried_out(plan.plan, wanted, shaped[wanted.long], found)
        except NoSuchColumn as fault:
            faults.append(_fault(plan, key, str(fault)))
            continue
        except NotEstimable as refused:
            one = Found(kind, name, "", refused=f"{refused.detail} ({refused.reason})")
        found[name] = evolve(one, kind=kind, name=name, about=wanted.about, level=wanted.level)
    if faults:
        raise PlanFaults(*faults)
    return tuple(found.values())


def _wanted(plan: asked.Plan) -> Iterator[tuple[str, str, asked.Analysis]]:
    """Every analysis with its kind and name, those of a family last."""
    for kind in fields(asked.Plan):
        several = getattr(plan, kind.name)
        if isinstance(several, Mapping):
            yield from ((kind.name, name, one) for name, one in several.items() if isinstance(one, asked.Analysis))


def _carried_out(plan: asked.Plan, wanted: asked.Analysis, table: Table, found: Mapping[str, Found]) -> Found:
    if isinstance(wanted, asked.Reliability):
        if wanted.scale not in plan.scales:
            raise NoSuchColumn(
                wanted.scale, "there is no such scale in this plan", ", ".join(plan.scales) or "none is declared"
            )
        return people.scale_reliability(wanted, table, plan.scales[wanted.scale])
    if isinstance(wanted, asked.Family):
        return studies.family(wanted, table, found)
    carry: Callable[[asked.Analysis, Table], Found] = _CARRIED_OUT[type(wanted)]
    return carry(wanted, table)


_CARRIED_OUT: Mapping[type[asked.Analysis], Callable[..., Found]] = {
    asked.Describe: people.describe,
    asked.Change: people.change,
    asked.Difference: people.difference,
    asked.ReliableChange: people.reliable_change,
    asked.LinearModel: regressions.linear_model,
    asked.MixedModel: regressions.mixed_model,
    asked.CovarianceAnalysis: regressions.covariance_analysis,
    asked.Intraclass: regressions.intraclass_correlation,
    asked.MetaAnalysis: studies.studies,
    asked.Pooling: studies.pooling,
}


def _fault(plan: ReadPlan, key: str, problem: str) -> str:
    line = line_of(plan.text, key)
    return f"{key}{'' if line is None else f' (line {line})'}: {problem}"
