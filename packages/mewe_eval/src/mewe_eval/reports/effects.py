"""What the protocol's own analysis found, as figures with the people that each is of."""

from collections.abc import Iterator, Mapping

import numpy as np
from attrs import evolve, frozen

from mewe_eval.analysis.definition import LinearModel, MixedModel, Plan
from mewe_eval.analysis.found import Figure as FoundFigure
from mewe_eval.analysis.found import Found
from mewe_eval.analysis.running import carried_out
from mewe_eval.disclosure.exposure import Members
from mewe_eval.protocol.definition import Model
from mewe_eval.reports.counting import People, change, changed, modelled, variable
from mewe_eval.reports.deciding import Drafts
from mewe_eval.reports.model import Figure, Style
from mewe_eval.study.analysing import arms, effect_of, plan_of, table
from mewe_eval.study.known import Known

SECTION = "outcomes"
_ICC = "intraclass correlation (REML)"


@frozen(eq=False)
class Effect:
    """An effect of an arm on an outcome at a wave. ``error``: its standard error; ``of``: each arm's people in it."""

    figure: Figure
    error: float
    df: float | None
    of: tuple[Members, ...]


class Effects:
    """The findings of a study: effects by the protocol's model, and how alike the members of a group are."""

    def __init__(self, people: People, *, equality: bool) -> None:
        study = people.study
        self._people, self._table = people, table(study)
        plan = plan_of(study.protocol)
        self._plan = evolve(plan.plan, describe={}, change={}, family={}, linear_model=_wanted(plan.plan, equality=equality))
        self._found = {one.name: one for one in carried_out(evolve(plan, plan=self._plan), {None: self._table})}

    def effects(self) -> Iterator[Effect]:
        """Every effect that the protocol asks for and the data allow; without a comparison there are none."""
        protocol = self._people.study.protocol
        for name, outcome in self._people.measured(process=False).items():
            for wave in self._people.later(name):
                found = self._found.get(f"effect on {name}.{wave}")
                for arm in arms(protocol)[1:]:
                    figure = Figure(
                        section=SECTION,
                        name=name,
                        group=arm,
                        wave=wave,
                        instrument=self._people.named(outcome),
                        style=Style.CHANGE,
                    )
                    one = _figure(found, effect_of(arm))
                    if found is not None and one is not None and one.value is not None and one.error:
                        whose = self._analysed(f"effect on {name}.{wave}")
                        yield Effect(_filled(figure, one, found), float(one.error), one.df, whose)

    def ask(self, drafts: Drafts) -> None:
        """Effects where the protocol compares; else changes; and intraclass correlations."""
        protocol = self._people.study.protocol
        compared = {one.figure.key: one for one in self.effects()}
        for name, outcome in self._people.measured(process=False).items():
            for wave in self._people.later(name):
                if protocol.analysis.model is Model.DESCRIPTION:
                    self._ask_changes(drafts, name, wave)
                for arm in arms(protocol)[1:] if protocol.analysis.model is not Model.DESCRIPTION else ():
                    figure = Figure(section=SECTION, name=name, group=arm, wave=wave, style=Style.CHANGE)
                    effect = compared.get(figure.key)
                    if effect is None:
                        drafts.unknown(evolve(figure, instrument=self._people.named(outcome)))
                    else:
                        drafts.mean(effect.figure, effect.of, [modelled(name, wave)])
                self._ask_icc(drafts, name, wave)

    def interactions(self, column: str) -> Iterator[tuple[str, str, str, str, FoundFigure, Found, tuple[Members, ...]]]:
        """How effects differ by what is known of people: outcome, wave, arm, level, figure, analysis, each arm's people."""
        protocol = self._people.study.protocol
        for name in self._people.measured(process=False):
            for wave in self._people.later(name):
                analysis = f"effect on {name}.{wave} by {column}"
                found = self._found.get(analysis)
                for arm in arms(protocol)[1:]:
                    for one in found.figures if found is not None else ():
                        start = f"{effect_of(arm)}:{column}["
                        if found is not None and one.name.startswith(start):
                            level = one.name.removeprefix(start).removesuffix("]")
                            yield name, wave, arm, level, one, found, self._analysed(analysis)

    def _analysed(self, analysis: str) -> tuple[Members, ...]:
        """The people of each arm that an analysis used."""
        model: MixedModel | LinearModel = self._plan.mixed_model.get(analysis) or self._plan.linear_model[analysis]
        columns = [one for term in model.terms for one in term.split(":")]
        if isinstance(model, LinearModel) and model.imputation is not None:
            columns = [one for one in columns if not self._table.is_numeric(one)]
        else:
            columns.append(model.outcome)
        there = self._table.there(*columns)
        return tuple(there & who for _, who in self._people.arms())

    def _ask_changes(self, drafts: Drafts, name: str, wave: str) -> None:
        study, outcome = self._people.study, self._people.study.protocol.outcomes[name]
        before, after = (study.values(outcome, one) for one in (study.protocol.analysis.baseline, wave))
        for arm, who in self._people.arms():
            method = "mean change of the same people, t interval"
            named = self._people.named(outcome)
            figure = Figure(
                section=SECTION, name=name, group=arm, wave=wave, instrument=named, method=method, style=Style.CHANGE
            )
            both = who & np.isfinite(before) & np.isfinite(after)
            found = change(figure, before[both], after[both], study.protocol.analysis.level)
            if found is None:
                drafts.withheld(figure)
            else:
                drafts.mean(found, [both], [changed(name, wave)])

    def _ask_icc(self, drafts: Drafts, name: str, wave: str) -> None:
        found = self._found.get(f"clusters of {name}.{wave}")
        named = self._people.named(self._people.study.protocol.outcomes[name])
        figure = Figure(section="icc", name=name, wave=wave, instrument=named, style=Style.NUMBER)
        one = _figure(found, _ICC)
        if found is None or one is None:
            drafts.unknown(figure)
        else:
            there = self._table.there(f"{name}.{wave}")
            drafts.mean(_filled(figure, one, found), [there], [f"{variable(name, wave)} icc"])


def _wanted(plan: Plan, *, equality: bool) -> Mapping[str, LinearModel]:
    """The linear models of effects, and, if they are asked for, of how these differ; not those of sensitivity."""
    return {
        name: one
        for name, one in plan.linear_model.items()
        if ", imputed " not in name and (equality or not _is_of_equality(one))
    }


def _is_of_equality(model: LinearModel) -> bool:
    return any(term.startswith(f"{Known.ARM.value}:") for term in model.terms)


def _figure(found: Found | None, name: str) -> FoundFigure | None:
    """A figure of an analysis; where the model says which line to test with, that one."""
    if found is None:
        return None
    named = {one.name: one for one in found.figures}
    return named.get(f"{name} (test)") or named.get(name)


def _filled(figure: Figure, found: FoundFigure, analysis: Found) -> Figure:
    return evolve(
        figure,
        value=found.value,
        low=found.low,
        high=found.high,
        n=analysis.n,
        clusters=analysis.clusters,
        method=analysis.method,
    )
