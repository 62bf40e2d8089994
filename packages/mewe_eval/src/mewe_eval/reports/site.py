"""A report of one site, for whoever decides there: plain, short, and honest about what it cannot tell."""

from collections.abc import Iterator

import numpy as np
from attrs import evolve, frozen

from mewe_eval.disclosure.exposure import Members
from mewe_eval.protocol.definition import Better
from mewe_eval.reports.counting import ATTENDED, People, change, changed, variable
from mewe_eval.reports.deciding import Decided, Drafts
from mewe_eval.reports.frame import framed
from mewe_eval.reports.ledger import Ledger
from mewe_eval.reports.model import Bars, Block, Figure, Points, Report, Row, Section, Style, Table, Text, Whiskers
from mewe_eval.reports.wording import Wording
from mewe_eval.study.analysing import waves_of
from mewe_eval.study.data import Study
from mewe_eval.study.known import Known

_METHOD = "mean change of the same people, t interval"


class NoSuchPart(Exception):
    """The study knows nobody of that organisation, or country."""


def site_report(study: Study, organisation: str, language: str, ledger: Ledger, name: str = "") -> tuple[Report, Ledger]:
    """The report of an organisation, and the ledger with what it shows. ``name``: what people call it, where it has an id.

    Raises NoSuchPart; AlreadyExposed, if what is out already tells too much.
    """
    part = study.part(People(study).is_in(Known.ORGANISATION, [organisation]))
    if not part.persons:
        raise NoSuchPart(f'nobody is of the organisation "{organisation}"; allowed: one that the study has')
    site = _Site(part, People(part), Wording(language))
    drafts = Drafts(part, part.protocol.publication)
    site.ask(drafts)
    decided, told = drafts.decide(ledger, f"site {organisation}")
    return framed("site", name or organisation, part, site.words, tuple(site.sections(decided))), told


@frozen(eq=False)
class _Site:
    """A site's people, as its report sees them: those who wait are not in it."""

    study: Study
    people: People
    words: Wording

    def ask(self, drafts: Drafts) -> None:
        """Every figure that the report would like to show."""
        for name, who in self._funnel().items():
            drafts.count(Figure(section="reach", name=name), who)
        self._ask_attendance(drafts)
        level = self.study.protocol.analysis.level
        for name, outcome in self.people.measured(process=False).items():
            before = self.study.values(outcome, self.study.protocol.analysis.baseline)
            for wave in self.people.later(name):
                both = self.people.answered_both(outcome, wave) & self.people.in_programme()
                after = self.study.values(outcome, wave)
                figure = self._figure("change", name, wave, _METHOD)
                found = change(figure, before[both], after[both], level)
                if found is None:
                    drafts.withheld(evolve(figure, style=Style.CHANGE))
                    continue
                drafts.mean(found, [both], [changed(name, wave)])
        for name, outcome in self.people.measured(process=True).items():
            for wave in waves_of(self.study.protocol, name):
                values = np.where(self.people.in_programme(), self.study.values(outcome, wave), np.nan)
                figure = self._figure("sessions", name, wave, "mean, t interval")
                drafts.ask_mean(figure, values, np.isfinite(values), [variable(name, wave)], level)

    def sections(self, decided: Decided) -> Iterator[Section]:
        """The report, of what may be shown."""
        say = self.words.say
        yield Section(say("site-reach"), tuple(self._reach(decided)))
        yield Section(say("site-attendance"), tuple(self._attendance(decided)))
        yield Section(say("site-change"), tuple(self._changes(decided)))
        if decided.all("sessions"):
            yield Section(say("site-sessions"), tuple(self._about_sessions(decided)))
        yield Section(say("site-conclude"), (Points(tuple(self._conclusions())),))

    def _figure(self, section: str, name: str, wave: str, method: str) -> Figure:
        outcome = self.study.protocol.outcomes[name]
        return Figure(section=section, name=name, wave=wave, method=method, instrument=self.people.named(outcome))

    def _funnel(self) -> dict[str, Members]:
        """Each step with those who came as far or farther."""
        mine, people, study = self.people.in_programme(), self.people, self.study
        steps = {"contact": mine, "enrolled": people.enrolled() & mine, "began": people.began() & mine}
        for wave in study.protocol.waves:
            steps[f"answered {wave}"] = people.answered(wave) & mine
        return steps

    def _ask_attendance(self, drafts: Drafts) -> None:
        attended, held = self.people.attended(), self.study.sessions[:, 0]
        known = np.isfinite(attended) & self.people.in_programme()
        drafts.count(Figure(section="attendance", name="known"), known)
        for name, part in (("at least one", attended > 0), ("at least half", 2 * attended >= held), ("all", attended >= held)):
            drafts.count(Figure(section="attendance", name=name), known & part)
        figure = Figure(section="attendance", name="sessions attended", method="mean, t interval")
        drafts.ask_mean(figure, attended, known, [ATTENDED], self.study.protocol.analysis.level)
        most = held[known]
        if len(most):
            drafts.known(Figure(section="attendance", name="sessions held", value=float(most.mean()), style=Style.NUMBER))

    def _reach(self, decided: Decided) -> Iterator[Block]:
        say, waves = self.words.say, self.study.protocol.waves
        labels = {name: say(f"funnel-{name}") for name in ("contact", "enrolled", "began")}
        labels |= {f"answered {name}": say("funnel-answered", wave=self._wave(name)) for name in waves}
        rows = tuple((labels[one.name], one) for one in decided.all("reach"))
        yield Text(say("site-reach-lead"))
        yield bars(say("funnel-chart"), rows)

    def _attendance(self, decided: Decided) -> Iterator[Block]:
        say = self.words.say
        rows = [(say(f"attended-{one.name.replace(' ', '-')}"), one) for one in decided.all("attendance")]
        counted = tuple((label, one) for label, one in rows if one.style is Style.COUNT)
        held = decided.all("attendance", "sessions held")
        if not held:
            yield Text(say("attendance-unknown"))
            return
        attended = decided["attendance|sessions attended||"]
        if attended.is_shown:
            number = self.words.number
            yield Text(
                say(
                    "attendance-mean",
                    attended=number(attended.value or 0, 1),
                    held=number(held[0].value or 0, 0 if (held[0].value or 0) % 1 == 0 else 1),
                )
            )
        yield bars(say("attendance-chart"), counted)

    def _changes(self, decided: Decided) -> Iterator[Block]:
        say, outcomes = self.words.say, self.study.protocol.outcomes
        yield Text(say("site-change-lead", wave=self._wave(self.study.protocol.analysis.baseline)))
        for wave in self.study.protocol.waves:
            rows = tuple(
                (self._label(one.name), one) for one in decided.all("change") if one.wave == wave and one.name in outcomes
            )
            if rows:
                yield Whiskers(say("change-chart", wave=self._wave(wave)), rows, say("less"), say("more"))
        scales = tuple(Row(self._label(name), (self._range(name),)) for name in self.people.measured(process=False))
        yield Table(say("scales-table"), (say("question"), say("range")), scales)

    def _about_sessions(self, decided: Decided) -> Iterator[Block]:
        say, outcomes = self.words.say, self.study.protocol.outcomes
        rows = [one for one in decided.all("sessions") if one.name in outcomes]
        yield Table(
            say("sessions-table"),
            (say("question"), say("wave"), say("mean"), say("people")),
            tuple(
                Row(f"{self._label(one.name)} ({self._range(one.name)})", (self._wave(one.wave), one, self.words.people(one)))
                for one in rows
            ),
        )
        yield Text(say("free-text"))

    def _conclusions(self) -> Iterator[str]:
        compared = any(not arm.programme for arm in self.study.protocol.arms.values())
        yield self.words.say("conclude-compared" if compared else "conclude-nobody-to-compare")
        for key in ("conclude-few", "conclude-left", "conclude-interval", "conclude-no-ranking", "mixed-results"):
            yield self.words.say(key)

    def _wave(self, wave: str) -> str:
        return self.words.of(self.study.protocol.waves[wave].title, wave)

    def _label(self, name: str) -> str:
        outcome = self.study.protocol.outcomes[name]
        label = self.words.outcome(name, outcome, self.study.instruments[outcome.instrument])
        return self.words.say("less-is-better", question=label) if outcome.better is Better.LOWER else label

    def _range(self, name: str) -> str:
        outcome = self.study.protocol.outcomes[name]
        low, high = self.words.ends(outcome, self.study.instruments[outcome.instrument])
        return self.words.say("ends", low=low, high=high)


def bars(title: str, rows: tuple[tuple[str, Figure], ...]) -> Bars:
    """Bars of numbers of persons: as long as they are of the most that is shown, which tells nothing of what is hidden."""
    return Bars(title, rows, float(max((one.value or 0 for _, one in rows if one.is_shown), default=1)))
