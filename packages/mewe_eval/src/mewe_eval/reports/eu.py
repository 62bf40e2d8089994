"""A report of several countries, of the numbers that they sent: no data of any person are in it, nor were they ever here."""

from collections.abc import Iterator, Sequence

import numpy as np
from attrs import evolve, fields, frozen

from mewe_eval.reports.figures import CountryEffect, CountryFigures, Declared
from mewe_eval.reports.model import Block, Figure, Points, Report, Row, Section, State, Style, Table, Text, Whiskers
from mewe_eval.reports.wording import Wording
from mewe_eval.statistics.meta_analysis import MetaAnalysis, meta_analysis
from mewe_eval.statistics.results import NotEstimable

_METHOD = "meta-analysis of countries, REML, Hartung and Knapp"


class PlansDiffer(Exception):
    """These figures cannot be put together: they are of other plans, or two are of one country."""


def eu_report(countries: Sequence[CountryFigures], language: str) -> Report:
    """The report of countries that worked by one plan. Raises PlansDiffer."""
    plans = {one.plan_sha256 for one in countries}
    if len(plans) != 1:
        raise PlansDiffer(f"these figures are of {len(plans)} plans; allowed: figures of one plan, the same to the byte")
    if len({one.country for one in countries}) < len(countries):
        raise PlansDiffer("two of these are of the same country; allowed: the figures of each country once")
    ordered, words = sorted(countries, key=lambda one: one.country), Wording(language)
    eu, first = _Together(ordered, words), ordered[0]
    name = eu.named("")
    cuts = ", ".join(dict.fromkeys(one.cut for one in ordered))
    of = ", ".join(one.country for one in ordered)
    return Report(
        kind="eu",
        of=of,
        title=words.say("eu-title"),
        lead=words.say("eu-lead", of=of, study=name, cut=cuts),
        language=words.language,
        asked=words.asked,
        sections=tuple(eu.sections()),
        notes=(*words.unread(), words.say("eu-note-hidden")),
        plan=first.plan,
        plan_sha256=first.plan_sha256,
        data_sha256=tuple(one.data_sha256 for one in ordered),
        cut=cuts,
    )


@frozen
class _Together:
    """What several countries found, beside each other."""

    countries: Sequence[CountryFigures]
    words: Wording

    def sections(self) -> Iterator[Section]:
        """The report."""
        say = self.words.say
        yield Section(say("eu-people"), (self._people(),))
        yield Section(say("eu-outcomes"), tuple(self._outcomes()))
        yield Section(say("eu-reaim"), tuple(self._reaim()))
        yield Section(say("eu-tidier"), (Text(say("eu-tidier-lead")), self._tidier()))
        yield Section(say("eu-conclude"), (Points(tuple(say(f"eu-conclude-{one}") for one in ("plan", "few", "ranking"))),))

    def named(self, key: str) -> str:
        """What an outcome, wave or arm is called."""
        for tag in (self.words.language, "en"):
            for one in self.countries:
                if name := one.names.get(tag, {}).get(key):
                    return name
        return key.partition(" ")[2] or self.countries[0].plan

    def _people(self) -> Table:
        say = self.words.say
        names = ("adoption sites", "flow groups", "flow assigned", "flow began", "flow lost")
        rows = [Row(one.country, tuple(self._of_arms(one, name) for name in names)) for one in self.countries]
        totals = [[row.cells[place] for row in rows] for place in range(len(names))]
        rows.append(
            Row(say("all-countries"), tuple(self._sum(name, column) for name, column in zip(names, totals, strict=True)))
        )
        head = (say("country"), *(say(f"eu-{name.split(' ')[1]}") for name in names))
        return Table(say("eu-people-table"), head, tuple(rows))

    def _of_arms(self, of: CountryFigures, name: str) -> Figure:
        """A number of all arms of a country; not shown if that of one arm is not."""
        values = [one.value for one in of.counts if one.name == name]
        known = [one for one in values if one is not None]
        whole = sum(known) if values and len(known) == len(values) else None
        state = State.SHOWN if whole is not None else State.HIDDEN if values else State.UNKNOWN
        return Figure(section="people", name=name, group=of.country, value=whole, state=state)

    def _sum(self, name: str, cells: Sequence[object]) -> Figure:
        values = [one.value for one in cells if isinstance(one, Figure) and one.is_shown and one.value is not None]
        whole = sum(values) if len(values) == len(cells) else None
        state = State.HIDDEN if whole is None else State.SHOWN
        return Figure(section="people", name=name, group="all", value=whole, state=state)

    def _outcomes(self) -> Iterator[Block]:
        say = self.words.say
        yield Text(say("mixed-results"), careful=True)
        several = dict.fromkeys((one.outcome, one.wave, one.arm) for country in self.countries for one in country.effects)
        if not several:
            yield Text(say("eu-no-effects"))
            return
        yield Text(say("eu-outcomes-lead"))
        arms = {arm for _, _, arm in several}
        rows = list[Row]()
        primary = {name for country in self.countries for name in country.primary}
        for outcome, wave, arm in several:
            label = f"{self.named(f'outcome {outcome}')} – {self.named(f'wave {wave}')}"
            label += f", {self.named(f'arm {arm}')}" if len(arms) > 1 else ""
            effects = self._effects(outcome, wave, arm)
            together = _together(list(effects.values()), self.countries[0].level)
            pooled, ahead = self._pooled(outcome, wave, arm, together)
            if outcome in primary:
                drawn = tuple(
                    (self._country_label(country, one), self._effect(country, one)) for country, one in effects.items()
                )
                yield Whiskers(
                    label,
                    drawn,
                    say("lower-than-comparison"),
                    say("higher-than-comparison"),
                    None if pooled is None else (say("countries-together"), pooled),
                    None if ahead is None else (say("next-country"), ahead),
                )
            rows.append(self._heterogeneity(label, outcome, wave, arm, together, pooled, ahead))
        head = ("outcome", "effect", "next-country", "countries", "i2", "tau2", "q")
        yield Table(say("eu-outcomes-table"), tuple(say(one) for one in head), tuple(rows))
        methods = dict.fromkeys(one.method for country in self.countries for one in country.effects)
        yield Points((*(say("method", method=one) for one in methods), say("method", method=_METHOD)))

    def _effects(self, outcome: str, wave: str, arm: str) -> dict[str, CountryEffect]:
        return {
            country.country: one
            for country in self.countries
            for one in country.effects
            if (one.outcome, one.wave, one.arm) == (outcome, wave, arm)
        }

    def _country_label(self, country: str, effect: CountryEffect) -> str:
        if effect.n is None:
            return country
        return self.words.say("country-and-people", country=country, n=self.words.number(effect.n))

    def _effect(self, country: str, one: CountryEffect) -> Figure:
        return Figure(
            section="effects",
            name=one.outcome,
            group=f"{country}, {one.arm}",
            wave=one.wave,
            value=one.value,
            low=one.low,
            high=one.high,
            n=one.n,
            clusters=one.clusters,
            method=one.method,
            instrument=one.instrument,
            style=Style.CHANGE,
        )

    def _pooled(self, outcome: str, wave: str, arm: str, of: MetaAnalysis | None) -> tuple[Figure | None, Figure | None]:
        if of is None:
            return None, None
        interval, values = of.estimate.interval(of.level), list(self._effects(outcome, wave, arm).values())
        known = [one.n for one in values if one.n is not None]
        n = sum(known) if len(known) == len(values) else None
        pooled = Figure(
            section="effects",
            name=outcome,
            group=f"all, {arm}",
            wave=wave,
            value=of.estimate.value,
            low=interval.low,
            high=interval.high,
            n=n,
            clusters=of.k,
            method=_METHOD,
            instrument=values[0].instrument,
            style=Style.CHANGE,
        )
        if of.prediction is None:
            return pooled, None
        ahead = evolve(pooled, name=f"{outcome}: a next country", low=of.prediction.low, high=of.prediction.high)
        return pooled, ahead

    def _heterogeneity(
        self,
        label: str,
        outcome: str,
        wave: str,
        arm: str,
        of: MetaAnalysis | None,
        pooled: Figure | None,
        ahead: Figure | None,
    ) -> Row:
        def figure(name: str, value: float | None, style: Style = Style.NUMBER) -> Figure:
            state = State.UNKNOWN if value is None else State.SHOWN
            group = f"{outcome}, {arm}"
            return Figure(
                section="heterogeneity",
                name=name,
                group=group,
                wave=wave,
                value=value,
                style=style,
                state=state,
                method=_METHOD,
            )

        nothing = figure("effect", None)
        return Row(
            label,
            (
                pooled or nothing,
                self.words.interval(ahead) if ahead is not None else self.words.say("not-known"),
                figure("countries", None if of is None else of.k, Style.COUNT),
                figure("I2", None if of is None else of.i2, Style.PERCENT),
                figure("tau2", None if of is None else of.tau2),
                figure("Q", None if of is None else of.q),
            ),
        )

    def _reaim(self) -> Iterator[Block]:
        say, rows = self.words.say, list[Row]()
        of = [(one, self._arms(one)) for one in self.countries]
        for country, (programme, waves) in of:
            name = country.country
            contact, enrolled = (country.count(f"reach {one}") for one in ("contact", "enrolled"))
            shown = contact is not None and enrolled is not None and contact > 0
            reach = Figure(
                section="reaim",
                name="reach",
                group=name,
                value=100 * (enrolled or 0) / (contact or 1) if shown else None,
                style=Style.PERCENT,
                state=State.SHOWN if shown else State.HIDDEN,
            )
            sites = self._of_arms(country, "adoption sites")
            held, attended = (country.count(f"dose {one}", programme) for one in ("held", "attended"))
            done = say("not-known")
            if held is not None and attended is not None:
                number = self.words.number
                done = say("of-sessions", attended=number(attended, 1), held=number(held, 1))
            last = [one for one in country.effects if waves and one.wave == waves[-1] and one.outcome in country.primary]
            lasting = self._effect(name, last[0]) if last and len(waves) > 1 else say("not-known")
            effect = [one for one in country.effects if one.outcome in country.primary]
            rows.append(Row(name, (reach, self._effect(name, effect[0]) if effect else say("not-known"), sites, done, lasting)))
        head = ("country", "reaim-reach", "reaim-effectiveness", "reaim-adoption", "reaim-implementation", "reaim-maintenance")
        yield Text(say("reaim-lead"))
        yield Table(say("reaim-table"), tuple(say(one) for one in head), tuple(rows))
        yield Points(tuple(say(f"reaim-unknown-{one}") for one in ("reach", "adoption", "maintenance")))

    def _arms(self, of: CountryFigures) -> tuple[str, tuple[str, ...]]:
        """The arm whose sessions are told of, and the waves at which effects are known, in order."""
        arms = dict.fromkeys(one.group for one in of.counts if one.name == "dose held")
        return next(iter(arms), ""), tuple(dict.fromkeys(one.wave for one in of.effects))

    def _tidier(self) -> Table:
        say = self.words.say
        rows = tuple(
            Row(
                say(f"tidier-{one.name.replace('_', '-')}"),
                tuple(getattr(country.declared, one.name) or say("not-told") for country in self.countries),
            )
            for one in fields(Declared)
        )
        return Table(say("eu-tidier-table"), (say("tidier-what"), *(one.country for one in self.countries)), rows)


def _together(effects: Sequence[CountryEffect], level: float) -> MetaAnalysis | None:
    values, errors = np.array([one.value for one in effects]), np.array([one.error for one in effects])
    try:
        return meta_analysis(values, errors**2, level=level)
    except NotEstimable:
        return None
