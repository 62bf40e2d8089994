"""A report of one country, for those who judge a study: who was in it, what was done, what came of it, and what is missing."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
from attrs import frozen

from mewe_eval.instruments.model import Respondent
from mewe_eval.protocol.definition import Model
from mewe_eval.reports.baseline import ask_baseline, baseline_table
from mewe_eval.reports.counting import ATTENDED, People, variable
from mewe_eval.reports.deciding import Decided, Drafts
from mewe_eval.reports.effects import SECTION, Effects
from mewe_eval.reports.equality import ask_equality, equality_blocks
from mewe_eval.reports.frame import framed, share
from mewe_eval.reports.harm import ask_harm, harm_blocks
from mewe_eval.reports.ledger import Ledger
from mewe_eval.reports.model import Block, Figure, Flow, Points, Report, Row, Section, Style, Table, Text, Whiskers
from mewe_eval.reports.site import NoSuchPart
from mewe_eval.reports.sites import ask_sites, site_blocks
from mewe_eval.reports.wording import Wording
from mewe_eval.study.analysing import arms
from mewe_eval.study.data import Study
from mewe_eval.study.known import Known


def country_report(
    study: Study, country: str, language: str, ledger: Ledger, names: Mapping[str, str] | None = None
) -> tuple[Report, Ledger]:
    """The report of a country, and the ledger with what it shows. ``names``: what people call organisations, by id.

    Raises NoSuchPart, AlreadyExposed.
    """
    part = part_of(study, country)
    people, words = People(part), Wording(language)
    drafts, effects = Drafts(part, part.protocol.publication), Effects(people, equality=True)
    ask_flow(drafts, people)
    effects.ask(drafts)
    ask_baseline(drafts, people)
    ask_dose(drafts, people)
    _ask_fidelity(drafts, people)
    ask_sites(drafts, people)
    ask_harm(drafts, people)
    ask_equality(drafts, people, effects)
    decided, told = drafts.decide(ledger, f"country {country}")
    sections = tuple(_Country(people, words, decided, names or {}).sections())
    return framed("country", country, part, words, sections), told


def part_of(study: Study, country: str) -> Study:
    """The study of one country. Raises NoSuchPart."""
    part = study.part(People(study).is_in(Known.COUNTRY, [country]))
    if not part.persons:
        raise NoSuchPart(f'nobody is of the country "{country}"; allowed: one that the study has')
    return part


def ask_flow(drafts: Drafts, people: People) -> None:
    """Groups and people by arm: assigned, begun, answered at each wave, analysed, lost."""
    study, protocol = people.study, people.study.protocol
    for arm, who in people.arms():
        groups = study.group_of[who]
        named = len(np.unique(groups[groups >= 0]))
        drafts.known(Figure(section="flow", name="groups", group=arm, value=named))
        drafts.count(Figure(section="flow", name="assigned", group=arm), who)
        drafts.count(Figure(section="flow", name="began", group=arm), who & people.began())
        for wave in protocol.waves:
            drafts.count(Figure(section="flow", name="answered", group=arm, wave=wave), who & people.answered(wave))
    outcome = next(iter(people.measured(process=False)), None)
    for (arm, who), wave in product(people.arms(), people.later(outcome) if outcome else ()):
        both = people.answered_both(protocol.outcomes[outcome or ""], wave)
        drafts.count(Figure(section="flow", name="analysed", group=arm, wave=wave), who & both)
    last = list(protocol.waves)[-1]
    for arm, who in people.arms():
        drafts.count(Figure(section="flow", name="lost", group=arm, wave=last), who & ~people.answered(last))


def ask_dose(drafts: Drafts, people: People) -> None:
    """Sessions that were held, and how many people were at."""
    study = people.study
    attended, held = people.attended(), study.sessions[:, 0]
    for arm, who in people.arms():
        known = who & np.isfinite(attended)
        if not known.any():
            continue
        level = study.protocol.analysis.level
        drafts.known(Figure(section="dose", name="held", group=arm, value=float(held[known].mean()), style=Style.NUMBER))
        drafts.ask_mean(Figure(section="dose", name="attended", group=arm), attended, known, [ATTENDED], level)
        drafts.count(Figure(section="dose", name="at least half", group=arm), known & (2 * attended >= held))


def _ask_fidelity(drafts: Drafts, people: People) -> None:
    study = people.study
    for one in study.protocol.asked:
        if one.role is not Respondent.GROUP_LEADER:
            continue
        there, values = people.forms(one.wave, one.instrument)
        instrument = study.instruments[one.instrument]
        for column, item in enumerate(instrument.items):
            figure = Figure(
                section="fidelity",
                name=item.id,
                group=instrument.id,
                wave=one.wave,
                instrument=f"{instrument.id} {instrument.version}",
            )
            given = there & np.isfinite(values[:, column])
            what = variable(f"{instrument.id}.{item.id}", one.wave)
            drafts.ask_mean(figure, values[:, column], given, [what], study.protocol.analysis.level)


@frozen(eq=False)
class _Country:
    """The sections of the report, of what may be shown."""

    people: People
    words: Wording
    decided: Decided
    names: Mapping[str, str]

    def sections(self) -> Iterator[Section]:
        """In the order in which a study is judged."""
        say = self.words.say
        yield Section(say("country-flow"), tuple(self._flow()))
        yield Section(say("country-baseline"), (baseline_table(self.people, self.words, self.decided),))
        yield Section(say("country-fidelity"), tuple(self._fidelity()))
        yield Section(say("country-outcomes"), tuple(self._outcomes()))
        yield Section(say("country-sites"), tuple(site_blocks(self.people, self.words, self.decided, self.names)))
        yield Section(say("country-missing"), tuple(self._missing()))
        yield Section(say("country-equality"), tuple(equality_blocks(self.people, self.words, self.decided)))
        yield Section(say("country-harm"), tuple(harm_blocks(self.people, self.words, self.decided)))
        yield Section(say("country-conclude"), (Points(tuple(self._conclusions())),))

    def _flow(self) -> Iterator[Block]:
        say, named, waves = self.words.say, self._arms(), self.people.study.protocol.waves
        rows = [self._row(say(f"flow-{name}"), name, "") for name in ("groups", "assigned", "began")]
        rows += [self._row(say("flow-answered", wave=self._wave(wave)), "answered", wave) for wave in waves]
        analysed = {one.wave for one in self.decided.all("flow", "analysed")}
        rows += [self._row(say("flow-analysed", wave=self._wave(wave)), "analysed", wave) for wave in waves if wave in analysed]
        rows.append(self._row(say("flow-lost", wave=self._wave(list(waves)[-1])), "lost", list(waves)[-1]))
        yield Text(say("flow-lead"))
        yield Flow(say("flow-chart"), tuple(named.values()), tuple(rows))

    def _row(self, label: str, name: str, wave: str) -> Row:
        return Row(label, tuple(self.decided[f"flow|{name}|{arm}|{wave}"] for arm in self._arms()))

    def _fidelity(self) -> Iterator[Block]:
        say, study = self.words.say, self.people.study
        rows = []
        for arm, label in self._arms().items():
            if self.decided.all("dose", "held") and any(one.group == arm for one in self.decided.all("dose", "held")):
                cells = tuple(self.decided[f"dose|{name}|{arm}|"] for name in ("held", "attended", "at least half"))
                rows.append(Row(label, (*cells, self.words.people(cells[1]))))
        head = (say("arm"), say("dose-held"), say("dose-attended"), say("dose-half"), say("people"))
        yield Table(say("dose-table"), head, tuple(rows)) if rows else Text(say("attendance-unknown"))
        forms = dict.fromkeys((one.group, one.wave) for one in self.decided.all("fidelity"))
        for form, wave in forms:
            instrument = study.instruments[form]
            wording = instrument.texts.get(self.words.language) or instrument.texts.get("en")
            items = [self.decided[f"fidelity|{item}|{form}|{wave}"] for item in instrument.item_ids()]
            title = say("fidelity-table", form=self.words.of(instrument.title, form), wave=self._wave(wave))
            told = tuple(
                Row(one.name if wording is None else wording.items.get(one.name, one.name), (one, self.words.people(one)))
                for one in items
            )
            yield Table(title, (say("question"), say("mean"), say("forms")), told)

    def _outcomes(self) -> Iterator[Block]:
        say, study = self.words.say, self.people.study
        described = study.protocol.analysis.model is Model.DESCRIPTION
        yield Text(say("mixed-results"), careful=True)
        yield Text(say("outcomes-described" if described else "outcomes-compared"))
        several = len(arms(study.protocol)) > 2 or (described and len(study.protocol.arms) > 1)
        rows, drawn = list[Row](), list[tuple[str, Figure]]()
        for one in self.decided.all(SECTION):
            if one.style is not Style.CHANGE:
                continue
            label = f"{self._label(one.name)} – {self._wave(one.wave)}"
            label += f", {self._arms()[one.group]}" if several else ""
            icc = self.decided[f"icc|{one.name}||{one.wave}"]
            clusters = "" if one.clusters is None else self.words.number(one.clusters)
            rows.append(Row(label, (one, self.words.people(one), clusters, icc)))
            drawn.append((label, one))
        sides = ("less", "more") if described else ("lower-than-comparison", "higher-than-comparison")
        yield Whiskers(say("changes-chart" if described else "effects-chart"), tuple(drawn), say(sides[0]), say(sides[1]))
        value = say("change" if described else "effect")
        yield Table(say("outcomes-table"), (say("outcome"), value, say("people"), say("clusters"), say("icc")), tuple(rows))
        methods = dict.fromkeys(one.method for one in self.decided.all(SECTION) if one.method)
        yield Points(tuple(say("method", method=one) for one in methods))

    def _missing(self) -> Iterator[Block]:
        say, named = self.words.say, self._arms()
        rows = []
        for wave in self.people.study.protocol.waves:
            cells = list[Figure]()
            for arm in named:
                answered = self.decided[f"flow|answered|{arm}|{wave}"]
                cells += [answered, share(answered, self.decided[f"flow|assigned|{arm}|"])]
            rows.append(Row(self._wave(wave), tuple(cells)))
        head = [say("wave")]
        for label in named.values():
            head += [say("missing-answered", arm=label), say("missing-share", arm=label)]
        yield Text(say("missing-lead"))
        yield Table(say("missing-table"), tuple(head), tuple(rows))

    def _conclusions(self) -> Iterator[str]:
        compared = self.people.study.protocol.analysis.model is not Model.DESCRIPTION
        yield self.words.say("country-compared" if compared else "conclude-nobody-to-compare")
        for key in ("country-estimand", "conclude-left", "conclude-no-ranking"):
            yield self.words.say(key, estimand=" ".join(self.people.study.protocol.estimand.split()))

    def _arms(self) -> dict[str, str]:
        protocol = self.people.study.protocol
        return {name: self.words.of(protocol.arms[name].title, name) for name in arms(protocol)}

    def _wave(self, wave: str) -> str:
        return self.words.of(self.people.study.protocol.waves[wave].title, wave)

    def _label(self, name: str) -> str:
        outcome = self.people.study.protocol.outcomes[name]
        return self.words.outcome(name, outcome, self.people.study.instruments[outcome.instrument])
