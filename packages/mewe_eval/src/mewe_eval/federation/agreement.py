"""What countries have to have alike before a round: the models of one plan, and the columns that these are made of."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from attrs import fields, frozen

from mewe_eval.analysis.definition import Analysis, MixedModel, Plan
from mewe_eval.analysis.design import OUTCOME, clusters, columns_of, design
from mewe_eval.analysis.plans import PlanFaults, ReadPlan, line_of
from mewe_eval.analysis.shaping import tables as shaped
from mewe_eval.analysis.table import NoSuchColumn, Table, TableUnreadable
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.results import NotEstimable

FEWEST_COUNTRIES = 2

Kinds: TypeAlias = Mapping[str, tuple[str, ...] | None]
"""Of each column what it is: numbers (None), or a category, with the levels that it may have."""

Levels: TypeAlias = Mapping[str, tuple[str, ...]]
"""Of each category its levels, the first being what others are compared to."""


@frozen
class Columns:
    """What a country has for one model. ``kinds``: None if no row has every column; ``rows``: of the table that it is of.

    ``fault``: what its table lacks for this model; empty if nothing.
    """

    kinds: Kinds | None
    rows: int
    fault: str = ""


@frozen
class Offer:
    """What a country tells of its table before a round: its SHA-256, how many rows, and its columns by model."""

    code: str
    sha256: str
    rows: int
    columns: Mapping[str, Columns]


@frozen(eq=False)
class Home:
    """One country's tables (that of its file under None, and each long form), which never leave it."""

    code: str
    tables: Mapping[str | None, Table]

    def offer(self, plan: Plan) -> Offer:
        """What is told of them for the models of a plan."""
        columns = {name: self._columns(wanted) for name, wanted in plan.mixed_model.items() if wanted.long in self.tables}
        return Offer(self.code, self.tables[None].sha256, self.tables[None].rows, columns)

    def _columns(self, wanted: MixedModel) -> Columns:
        rows = self.tables[wanted.long].rows
        try:
            return Columns(self.kinds(wanted), rows)
        except NoSuchColumn as fault:
            return Columns(None, rows, str(fault))

    def kinds(self, wanted: MixedModel) -> Kinds | None:
        """What each column of the terms is here; None if no row has every column. Raises NoSuchColumn."""
        table = self.tables[wanted.long]
        table.numbers(wanted.outcome)
        table.words(wanted.cluster)
        there = table.there(wanted.outcome, *columns_of(wanted.terms), wanted.cluster)
        kinds = dict[str, tuple[str, ...] | None]()
        for name in columns_of(wanted.terms):
            if table.is_numeric(name):
                kinds[name] = None
                continue
            words = table.words(name)
            used = {*words.codes[there].tolist()}
            kinds[name] = tuple(level for place, level in enumerate(words.levels) if name in table.levels or place in used)
        return kinds if there.any() else None

    def moments(self, wanted: MixedModel, levels: Levels) -> Moments:
        """The sums of its rows that have every column; infinite where numbers are too large.

        Raises NotEstimable for a category of one level, and for columns of the design that are called alike.
        """
        table = self.tables[wanted.long]
        there = table.there(wanted.outcome, *columns_of(wanted.terms), wanted.cluster)
        own = clusters(table, (wanted.cluster,), there)
        with np.errstate(over="ignore", invalid="ignore"):
            made = design(table, wanted.terms, there, levels)
            return Moments.of(made.matrix, table.numbers(wanted.outcome)[there], own, (*made.names, OUTCOME))


@frozen(eq=False)
class Model:
    """A model as all agreed on it. ``codes``: the countries that have rows for it; ``rows``: of every country's table."""

    name: str
    wanted: MixedModel
    codes: tuple[str, ...]
    levels: Levels
    rows: int


@frozen(eq=False)
class Agreement:
    """What is to be done: every mixed model of a plan, over countries in the order of their codes."""

    plan: ReadPlan
    homes: tuple[Home, ...]


def agreement(plan: ReadPlan, tables: Mapping[str, bytes]) -> Agreement:
    """What countries, each with its table (CSV), are to do by a plan.

    Raises PlanFaults with everything that is in its way, what is wrong with one country's table led by its code.
    """
    faults = list(_of_files(tables))
    homes = list[Home]()
    for code, content in sorted(tables.items()):
        try:
            homes.append(Home(code, shaped(plan.plan, content)))
        except (TableUnreadable, NoSuchColumn) as fault:
            faults.append(f"{code}: {fault}")
    try:
        models_of(plan, [home.offer(plan.plan) for home in homes])
    except PlanFaults as fault:
        faults += fault.lines
    if faults:
        raise PlanFaults(*faults)
    return Agreement(plan, tuple(homes))


def models_of(plan: ReadPlan, offers: Sequence[Offer]) -> tuple[Model, ...]:
    """The models of a plan over countries that offered this. Raises PlanFaults with everything that is in the way."""
    models, faults = list[Model](), list[str]()
    if not plan.plan.mixed_model:
        faults.append("mixed_model: there is no mixed model in this plan; allowed: at least one section [mixed_model.NAME]")
    for name, wanted in plan.plan.mixed_model.items():
        model = _agreed(plan, name, wanted, offers)
        if isinstance(model, Model):
            models.append(model)
        else:
            faults += model
    if faults:
        raise PlanFaults(*faults)
    return tuple(models)


def left_aside(plan: Plan) -> list[str]:
    """The analyses of a plan that are no mixed models."""
    found = list[str]()
    for kind in fields(Plan):
        several = getattr(plan, kind.name)
        if kind.name != "mixed_model" and isinstance(several, Mapping):
            found += [f"{kind.name}.{name}" for name, one in several.items() if isinstance(one, Analysis)]
    return found


def kept(moments: Moments, terms: Sequence[str], levels: Levels) -> Moments:
    """The sums over all countries without the columns of levels that nobody has; the first that somebody has is compared to.

    Raises NotEstimable for a category of which all rows have one level. Where a category stands in products alone, its columns
    stay, and what follows from others is refused when the model is estimated.
    """
    involved, gone = _involved(terms, levels), set[tuple[str, str]]()
    alone = [one.strip() for one in terms]
    for column in (one for one in levels if one in alone):
        counts = {
            level: round(float(moments.cross[0, involved.index(frozenset([(column, level)]))])) for level in levels[column][1:]
        }
        counts[levels[column][0]] = moments.n - sum(counts.values())
        there = [level for level in levels[column] if counts[level]]
        if len(there) < 2:
            raise NotEstimable("NO_VARIANCE", f'column "{column}" is the same in all rows that can be used')
        gone |= {(column, level) for level in levels[column] if level not in there[1:]}
    names = [name for name, parts in zip(moments.predictors, involved, strict=True) if not parts & gone]
    return moments.keeping([*names, moments.names[-1]])


def _involved(terms: Sequence[str], levels: Levels) -> list[frozenset[tuple[str, str]]]:
    """For each column of the design, which levels of which categories it is of."""
    columns = [frozenset[tuple[str, str]]()]
    for term in terms:
        products = [frozenset[tuple[str, str]]()]
        for column in (one.strip() for one in term.split(":")):
            own = [frozenset([(column, level)]) for level in levels[column][1:]] if column in levels else [frozenset()]
            products = [one | other for one in products for other in own]
        columns += products
    return columns


def _of_files(tables: Mapping[str, bytes]) -> Iterator[str]:
    if len(tables) < FEWEST_COUNTRIES:
        yield f"countries: {len(tables)} with a table; allowed: at least {FEWEST_COUNTRIES}, with one file each"
    codes = sorted(tables)
    for place, code in enumerate(codes):
        for other in codes[:place]:
            if tables[other] == tables[code]:
                yield f"{code}: this is the same table as {other}'s, to the last byte; allowed: each country's own"


def _agreed(plan: ReadPlan, name: str, wanted: MixedModel, offers: Sequence[Offer]) -> Model | list[str]:
    """The model, or what is in its way."""
    key = f"mixed_model.{name}"
    if wanted.long is not None and wanted.long not in plan.plan.long:
        there = ", ".join(sorted(plan.plan.long)) or "none is declared"
        return [_fault(plan, f"{key}.long", f'there is no long form "{wanted.long}"; allowed: {there}')]
    kinds, faults = dict[str, Kinds](), list[str]()
    for offer in offers:
        columns = offer.columns[name]
        if columns.fault:
            faults.append(_fault(plan, key, f"{offer.code}: {columns.fault}"))
        elif columns.kinds is not None:
            kinds[offer.code] = columns.kinds
    levels = dict[str, tuple[str, ...]]()
    for column in columns_of(wanted.terms):
        alike = _alike(column, {code: own[column] for code, own in kinds.items()})
        if isinstance(alike, str):
            faults.append(_fault(plan, key, alike))
        elif alike is not None:
            levels[column] = alike
    terms = [":".join(part.strip() for part in one.split(":")) for one in wanted.terms]
    faults += [_fault(plan, f"{key}.terms", f'"{one}" is there twice; allowed: each term once') for one in _twice(terms)]
    if faults:
        return faults
    return Model(name, wanted, tuple(kinds), levels, sum(one.columns[name].rows for one in offers))


def _alike(column: str, kinds: Mapping[str, tuple[str, ...] | None]) -> tuple[str, ...] | str | None:
    """The levels of a column (None: numbers) if all countries have the same, else the sentence that says what they have."""
    several = list(kinds.values())
    if not several or all(one == several[0] for one in several):
        return several[0] if several else None
    numbers = [code for code, own in kinds.items() if own is None]
    words = [code for code, own in kinds.items() if own is not None]
    union = sorted({level for own in several if own is not None for level in own})
    declare = (
        f"data.levels.{_quoted(column)} = [{', '.join(_quoted(one, always=True) for one in union)}], in the order you want"
    )
    if numbers:
        return (
            f'column "{column}": numbers in {", ".join(numbers)}, words in {", ".join(words)}; allowed: numbers in all, '
            "or categories declared in the plan (data.levels)"
        )
    has = ", ".join(f"{code} has {' and '.join(kinds[code] or ())}" for code in words)
    return f'column "{column}": its categories are not the same in all countries ({has}); declare {declare}'


def _quoted(name: str, *, always: bool = False) -> str:
    """A text or, without quotes if it needs none, a key of TOML."""
    plain = name.replace("_", "").replace("-", "")
    return name if not always and plain.isascii() and plain.isalnum() else json.dumps(name, ensure_ascii=False)


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({one for one in names if names.count(one) > 1})


def _fault(plan: ReadPlan, key: str, problem: str) -> str:
    line = line_of(plan.text, key)
    return f"{key}{'' if line is None else f' (line {line})'}: {problem}"
