"""Nobody can work out from reports, however many and whenever they come, what is hidden in them."""

import csv
import io
import json
import re
from copy import copy
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_eval.disclosure.exposure import Counts
from mewe_eval.disclosure.suppression import AlreadyExposed, exposed
from mewe_eval.reports import Ledger, Report, as_csv, as_html, as_json, country_figures, country_report, site_report
from mewe_eval.reports.counting import People
from mewe_eval.reports.deciding import Drafts
from mewe_eval.reports.model import Figure, State
from mewe_eval.reports.rendering.paper import as_typst
from mewe_eval.study.data import Study
from mewe_eval.study.known import Known

from tests.extent import extent

from .imagined import compared, follow_up, study

FEWEST = {"persons": 5}
TAGS, NUMBER = re.compile(r"<style>.*?</style>|<[^>]*>", re.DOTALL), re.compile(r"\d+(?:[.,]\d+)?")


def earlier(whole: Study, leave: int) -> Study:
    """The same study some time before: without the last people of each organisation."""
    there = np.ones(len(whole.persons), dtype=bool)
    names = np.array([one or "" for one in whole.column(Known.ORGANISATION)])
    for name in set(names.tolist()):
        there[np.flatnonzero(names == name)[-leave:]] = False
    return whole.part(there) if leave else whole


def is_told(ledger: Ledger) -> bool:
    """Whether somebody who has all that is in the ledger can tell a small group, variable by variable."""
    for variable in {one.variable for out in ledger.publications for one in out.figures}:
        sets = {f"{number} {name}": who for number, (name, who) in enumerate(ledger.of(variable)) if who}
        if sets and exposed(Counts.of(sets), tuple(sets), FEWEST.get(variable, 8)):
            return True
    return False


@settings(max_examples=extent(6, 40), deadline=None)
@given(
    seed=st.integers(1, 10_000),
    people=st.integers(4, 18),
    leaves=st.sampled_from([0.05, 0.15, 0.4]),
    newcomers=st.integers(0, 6),
    is_compared=st.booleans(),
)
def test_nothing_is_told_over_two_dates_and_nested_reports(
    seed: int, people: int, leaves: float, newcomers: int, is_compared: bool
) -> None:
    """Each site and the country, in spring and in autumn: what is out together tells of no few people."""
    protocol = compared() if is_compared else follow_up()
    autumn = study(protocol, countries={"SE": 4}, people=people, leaves=leaves, seed=seed)
    ledger, reports = Ledger(), list[Report]()
    for date in (earlier(autumn, newcomers), autumn):
        for site in ("SE 1", "SE 2"):
            report, ledger = site_report(date, site, "sv", ledger)
            reports.append(report)
        report, ledger = country_report(date, "SE", "en", ledger)
        reports.append(report)
    assert not is_told(ledger)
    for out in ledger.publications:
        for one in out.figures:
            counted = sum(len(out.groups[place]) for place in one.groups)
            assert counted >= FEWEST.get(one.variable, 8)
    for report in reports:
        only_what_is_shown(report)


def only_what_is_shown(report: Report) -> None:
    """What is hidden has no number in the data, and no text of any rendering has a number that is not shown."""
    for one in report.figures:
        if one.state is not State.SHOWN:
            assert (one.value, one.low, one.high, one.deviation, one.n, one.clusters) == (None,) * 6
    rows = json.loads(as_json(report))["figures"]
    for row, line in zip(rows, csv.DictReader(io.StringIO(as_csv(report))), strict=True):
        for name in ("value", "low", "high", "deviation", "n", "clusters"):
            assert (row[name] is None) == (line[name] == "")
            assert row["state"] == "shown" or row[name] is None
    allowed = {
        number for row in rows for key in ("value", "low", "high", "deviation", "n", "clusters") for number in ways(row[key])
    }
    for source in (svg_free(as_html(report)), as_typst(report).split("image(bytes(")[0]):
        cells = re.findall(r'<td class="number">([^<]*)</td>', source)
        for text in cells:
            for number in NUMBER.findall(text.replace("\N{NARROW NO-BREAK SPACE}", "")):
                assert number.replace(",", ".") in allowed, (text, report.title)
    for text in re.findall(r"<desc>([^<]*)</desc>", as_html(report)):
        for part in text.split("; "):
            for number in NUMBER.findall(part.rpartition(": ")[2]):
                assert number.replace(",", ".") in allowed, (part, report.title)


def svg_free(page: str) -> str:
    """The page without its drawings, whose coordinates are numbers too."""
    return re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)


def ways(value: float | None) -> set[str]:
    """How a number may be written."""
    return set() if value is None else {f"{abs(value):.{places}f}" for places in range(3)}


def test_a_hidden_number_changes_no_rendering() -> None:
    """Two studies that differ in a hidden number alone give the same pages, tables and prints, byte for byte."""
    first = study(follow_up(), countries={"SE": 2}, people=12, leaves=0.0, seed=3)
    drawn = list[tuple[str, ...]]()
    for few in (2, 3):
        genders = tuple("another" if place < few else None for place in range(len(first.persons)))
        changed = copy(first)
        object.__setattr__(changed, "known", {**first.known, Known.GENDER: genders})
        report, _ = country_report(changed, "SE", "sv", Ledger())
        drawn.append((as_html(report), as_json(report), as_csv(report), as_typst(report)))
    assert drawn[0] == drawn[1]


def test_a_single_newcomer_is_not_told() -> None:
    """A report of one person more, some months later, hides what would differ by that person."""
    autumn = study(follow_up(), countries={"SE": 2}, people=12, leaves=0.0)
    spring = earlier(autumn, 1)
    first, ledger = site_report(spring, "SE 1", "en", Ledger())
    second, _ = site_report(autumn, "SE 1", "en", ledger)
    reach = {one.name: one for one in second.figures if one.section == "reach"}
    assert {one.name: one.value for one in first.figures if one.section == "reach"}["contact"] == 23
    assert reach["contact"].state is State.HIDDEN
    alone, _ = site_report(autumn, "SE 1", "en", Ledger())
    assert {one.name: one.value for one in alone.figures}["contact"] == 24


def test_the_same_report_twice_is_the_same() -> None:
    """What is out is shown again as it was, and the ledger does not grow."""
    whole = study(compared(), countries={"SE": 6}, people=12)
    first, ledger = country_report(whole, "SE", "en", Ledger())
    assert country_report(whole, "SE", "en", ledger) == (first, ledger)


def test_a_protocol_may_be_stricter() -> None:
    """A protocol that hides counts below twenty has none of them in its reports."""
    strict = compared("[publication]\nfewest_counted = 20\nfewest_averaged = 30\n")
    report, ledger = country_report(study(strict, countries={"SE": 6}, people=9, seed=2), "SE", "en", Ledger())
    counts = [one.value for one in report.figures if one.section in ("flow", "baseline", "worse") and one.name != "groups"]
    assert all(one is None or one >= 20 for one in counts if isinstance(one, int))
    sizes = [
        sum(len(out.groups[place]) for place in one.groups)
        for out in ledger.publications
        for one in out.figures
        if one.variable != "persons"
    ]
    assert min(sizes) >= 30


def test_people_who_all_say_the_same_are_not_told() -> None:
    """A mean of answers that are all alike would tell everybody's: it is withheld, however many they are."""
    whole = study(follow_up(), countries={"SE": 2}, people=12)
    drafts = Drafts(whole, whole.protocol.publication)
    key = drafts.ask_mean(Figure(section="x", name="y"), np.ones(24), People(whole).everybody, ["y"], 0.95)
    decided, _ = drafts.decide(Ledger(), "r")
    assert decided[key].state is State.HIDDEN


def test_what_leaves_a_country_is_held_to_the_same() -> None:
    """The figures for the European report go into the ledger like any other report, and tell of no few beside it."""
    whole = study(compared(), countries={"SE": 6}, people=9, seed=5)
    _, ledger = country_report(whole, "SE", "en", Ledger())
    figures, ledger = country_figures(whole, "SE", ledger)
    assert not is_told(ledger)
    people = [one.value for one in figures.counts if one.name.startswith(("flow", "reach")) and one.name != "flow groups"]
    assert all(one is None or one >= 5 for one in people)


def test_the_ledger_is_of_pseudonyms_by_country_and_place() -> None:
    """Two people of one pseudonym in two places are two, so that nobody is taken for another."""
    whole = study(follow_up(), countries={"SE": 4}, people=12)
    _, ledger = country_report(whole, "SE", "en", Ledger())
    names = {person for out in ledger.publications for group in out.groups for person in group}
    assert {"/".join(one.split("/")[:2]) for one in names if not one.startswith("leaders")} == {"SE/SE 1", "SE/SE 2"}


def test_what_was_told_too_much_is_said() -> None:
    """Where what is out tells of a single person already, a further report of them is refused."""
    whole = study(follow_up(), countries={"SE": 2}, people=12, leaves=0.0)
    names = tuple(f"SE/SE 1/{person}" for person in whole.persons)
    told = {("a", "persons"): np.arange(24) < 24, ("b", "persons"): np.arange(24) < 23}
    with pytest.raises(AlreadyExposed):
        site_report(whole, "SE 1", "en", Ledger().with_figures("by hand", "2026-01-01", names, told))


def test_the_steps_of_a_site_never_grow() -> None:
    """Whoever came far came through every step before, so that the funnel's bars never grow."""
    report, _ = site_report(study(follow_up(), countries={"SE": 4}, people=20), "SE 1", "en", Ledger())
    steps = [one.value for one in report.figures if one.section == "reach" and one.value is not None]
    assert len(steps) > 3
    assert all(first >= second for first, second in pairwise(steps))


def test_a_number_of_people_is_told_beside_a_mean_only_where_it_is_shown_itself() -> None:
    """So with the standard deviation: from it and the mean somebody may work out how many there were."""
    whole = study(follow_up(), countries={"SE": 2}, people=20, leaves=0.15)
    everybody = People(whole).everybody
    some, all_but = np.zeros_like(everybody), np.ones_like(everybody)
    some[:10], all_but[:3] = True, False
    drafts = Drafts(whole, whole.protocol.publication)
    drafts.count(Figure(section="s", name="everybody"), everybody)
    values = np.arange(len(everybody), dtype=float)
    for name, who in (("all but three", all_but), ("ten", some)):
        drafts.ask_mean(Figure(section="s", name=name), values, who, [name], 0.95, spread=True)
    decided, _ = drafts.decide(Ledger(), "r")
    told, hidden = decided["s|ten||"], decided["s|all but three||"]
    assert (told.is_shown, told.n, told.deviation is None) == (True, 10, False)
    assert (hidden.is_shown, hidden.n, hidden.deviation) == (True, None, None)
