"""What a protocol makes of the data: a plan of analysis, the table that it is of, and what was found.

Both can be written to files, so that whoever doubts a figure runs ``mewe eval analyse`` on them, or any other program.
"""

import csv
import io

import numpy as np

from mewe_eval.analysis import definition as plans
from mewe_eval.analysis.found import Findings
from mewe_eval.analysis.plans import ReadPlan
from mewe_eval.analysis.running import carried_out
from mewe_eval.analysis.table import Table
from mewe_eval.protocol.definition import Importance, MissingData, Model, Protocol
from mewe_eval.statistics.results import Vector
from mewe_eval.study.data import Study, Words
from mewe_eval.study.known import Known

GROUP = "cluster"
"""The column of the groups that people are clustered in; whoever is in none is one of their own."""

_KNOWN = (Known.COUNTRY, Known.ORGANISATION, Known.ARM, Known.GENDER, Known.CARED_FOR)


def table(study: Study) -> Table:
    """One row a person: what is known of them, and a column ``outcome.wave`` for each outcome at each wave."""
    measured: dict[str, Vector] = {}
    for name, outcome in study.protocol.outcomes.items():
        for wave in waves_of(study.protocol, name):
            measured[f"{name}.{wave}"] = study.values(outcome, wave)
    ages = [np.nan if one is None else float(one) for one in study.column(Known.AGE)]
    measured[Known.AGE] = np.array(ages, dtype=float)
    columns: dict[str, Words] = {name.value: study.column(name) for name in _KNOWN}
    columns["person"], columns[GROUP] = study.persons, clusters(study)
    levels = {Known.ARM.value: arms(study.protocol)}
    return Table(columns, study.sha256, levels=levels, measured=measured)


def as_csv(study: Study) -> bytes:
    """The table as a file: with it and the plan, ``mewe eval analyse`` and ``federate`` find what ``analysed`` does."""
    whole = table(study)
    numbers = {name: ["" if np.isnan(one) else repr(one) for one in column.tolist()] for name, column in whole.measured.items()}
    words = {name: [one or "" for one in column] for name, column in whole.columns.items()}
    shown = io.StringIO(newline="")
    writer = csv.writer(shown, lineterminator="\n")
    writer.writerow([*words, *numbers])
    writer.writerows(zip(*words.values(), *numbers.values(), strict=True))
    return shown.getvalue().encode()


def clusters(study: Study) -> tuple[str, ...]:
    """The group of each person, by country, organisation and name; whoever is in none is a group of their own."""
    return tuple(
        f"person {number}" if place < 0 else "/".join(study.groups[place])
        for number, place in enumerate(study.group_of.tolist(), 1)
    )


def arms(protocol: Protocol) -> tuple[str, ...]:
    """The arms, those first that others are compared to: who waits, or gets less."""
    return tuple(sorted(protocol.arms, key=lambda name: protocol.arms[name].programme))


def waves_of(protocol: Protocol, outcome: str) -> tuple[str, ...]:
    """The waves at which participants are asked what an outcome is of, in order."""
    instrument = protocol.outcomes[outcome].instrument
    asked = {one.wave for one in protocol.asked if one.instrument == instrument}
    return tuple(wave for wave in protocol.waves if wave in asked)


def plan_of(protocol: Protocol) -> ReadPlan:
    """The plan of analysis that a protocol has declared; it names columns of ``table``. Its hash is the protocol's."""
    wanted = _Wanted(protocol)
    for name, outcome in protocol.outcomes.items():
        wanted.add(name, outcome.importance)
    return ReadPlan(wanted.plan(), protocol.sha256, "")


def analysed(study: Study) -> Findings:
    """Everything that the protocol asks for. An analysis that the data do not allow says so in its place."""
    plan, whole = plan_of(study.protocol), table(study)
    found = carried_out(plan, {None: whole})
    return Findings(
        plan.plan.title, plan.plan.version, study.protocol.sha256, study.sha256, study.cut, len(study.persons), found
    )


class _Wanted:
    """The analyses of a protocol, as they come together."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._asked = protocol.analysis
        self._describe = dict[str, plans.Describe]()
        self._change = dict[str, plans.Change]()
        self._mixed = dict[str, plans.MixedModel]()
        self._linear = dict[str, plans.LinearModel]()
        self._intraclass = dict[str, plans.Intraclass]()
        self._primary = list[str]()

    def add(self, outcome: str, importance: Importance) -> None:
        """What is asked of one outcome."""
        waves, first = waves_of(self._protocol, outcome), self._asked.baseline
        columns = tuple(f"{outcome}.{wave}" for wave in waves)
        self._describe[outcome] = plans.Describe(columns=columns, by=Known.ARM.value, level=self._asked.level)
        if importance is Importance.PROCESS or first not in waves:
            return
        for wave in waves:
            if wave != first:
                self._compare(outcome, f"{outcome}.{first}", f"{outcome}.{wave}", importance)

    def plan(self) -> plans.Plan:
        """All of them."""
        family = {"primary": plans.Family(figures=tuple(self._primary))} if len(self._primary) > 1 else {}
        return plans.Plan(
            title=next(iter(self._protocol.title.values())),
            version=str(self._protocol.version),
            data=plans.Data(levels={Known.ARM.value: arms(self._protocol)}),
            describe=self._describe,
            change=self._change,
            mixed_model=self._mixed,
            linear_model=self._linear,
            intraclass=self._intraclass,
            family=family,
        )

    def _compare(self, outcome: str, before: str, after: str, importance: Importance) -> None:
        level, asked = self._asked.level, self._asked
        self._change[f"change of {after}"] = plans.Change(before=before, after=after, by=Known.ARM.value, level=level)
        self._intraclass[f"clusters of {after}"] = plans.Intraclass(outcome=after, cluster=GROUP, level=level)
        for column in asked.equality:
            name = f"change of {after} by {column}"
            if asked.model is Model.DESCRIPTION:
                self._change[name] = plans.Change(before=before, after=after, by=column, level=level)
        if asked.model is Model.DESCRIPTION:
            return
        terms = (before, Known.ARM.value, *asked.covariates)
        name = f"effect on {after}"
        if asked.model is Model.MIXED:
            self._mixed[name] = plans.MixedModel(outcome=after, terms=terms, cluster=GROUP, level=level)
        else:
            self._linear[name] = plans.LinearModel(
                outcome=after, terms=terms, cluster=GROUP, imputation=self._imputation(0.0), level=level
            )
        for delta in asked.deltas:
            self._linear[f"{name}, imputed {delta:+g}"] = plans.LinearModel(
                outcome=after, terms=terms, cluster=GROUP, imputation=self._imputation(delta), level=level
            )
        for column in asked.equality:
            self._linear[f"{name} by {column}"] = plans.LinearModel(
                outcome=after,
                terms=(before, Known.ARM.value, column, f"{Known.ARM.value}:{column}"),
                cluster=GROUP,
                level=level,
            )
        if importance is Importance.PRIMARY:
            self._primary += [f"{name}/{effect_of(arm)}" for arm in arms(self._protocol)[1:]]

    def _imputation(self, delta: float) -> plans.Imputation | None:
        if self._asked.missing is not MissingData.IMPUTATION:
            return None
        programme = next((one for one in arms(self._protocol) if self._protocol.arms[one].programme), None)
        return plans.Imputation(
            seed=self._asked.seed,
            sets=self._asked.sets,
            delta=delta,
            delta_group=Known.ARM.value if delta else None,
            delta_level=programme if delta else None,
        )


def effect_of(arm: str) -> str:
    """What the figure of an arm is called in a comparison: it beside the first arm."""
    return f"{Known.ARM.value}[{arm}]"
