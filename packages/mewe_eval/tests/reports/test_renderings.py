"""A report reads the same for people, for programs and on paper."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from importlib.resources import files

import pytest
from attrs import evolve
from mewe_core.kit.texts import languages
from mewe_eval.reports import (
    Ledger,
    LedgerUnreadable,
    Report,
    as_csv,
    as_html,
    as_json,
    as_pdf,
    country_report,
    findings_pdf,
    site_report,
)
from mewe_eval.reports.drawing.charts import svg
from mewe_eval.reports.model import Bars, Figure, Flow, Points, Row, Section, State, Style, Table, Text, Whiskers
from mewe_eval.reports.site import NoSuchPart
from mewe_eval.reports.wording import Wording
from mewe_eval.study.analysing import analysed
from mewe_eval.study.known import Known

from .imagined import compared, follow_up, study

PACKAGE = "mewe_eval.reports"
HOSTILE = 'A & B <script>alert(1)</script> "quoted" #eval \\ $x$ *b* [c] @d'
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def site() -> Report:
    """The report of a site."""
    return site_report(study(follow_up(), countries={"SE": 2}, people=20), "SE 1", "sv", Ledger())[0]


@pytest.fixture(scope="module")
def country() -> Report:
    """The report of a country."""
    return country_report(study(compared(), countries={"SE": 12}, people=14), "SE", "en", Ledger())[0]


def test_places_are_called_what_people_call_them() -> None:
    """On the page, where a name is known; figures for programs keep their ids."""
    whole = study(compared(), countries={"SE": 12}, people=14)
    places = {one for one in whole.column(Known.ORGANISATION) if one}
    names = {one: f"Kommun {number}" for number, one in enumerate(sorted(places))}
    plain, _ = country_report(whole, "SE", "en", Ledger())
    named, _ = country_report(whole, "SE", "en", Ledger(), names)
    assert as_json(named) == as_json(plain)
    drawn = {one for one, name in names.items() if f">{name}<" in as_html(named)}
    assert drawn
    assert drawn == {one for one in names if f">{one}<" in as_html(plain)}
    report, _ = site_report(whole, "SE 1", "en", Ledger(), "Borås")
    assert "Borås" in report.title
    assert "SE 1" not in as_html(report)


def test_json_and_csv_have_the_same_numbers(country: Report) -> None:
    """Row by row, with the plan and the day of the data in each."""
    rows = json.loads(as_json(country))["figures"]
    lines = list(csv.DictReader(io.StringIO(as_csv(country))))
    assert [{name: "" if one is None else str(one) for name, one in row.items()} for row in rows] == lines
    assert {(row["plan_sha256"], row["data_cut"]) for row in rows} == {(country.plan_sha256, "2026-11-23")}
    assert len({(one["section"], one["figure"], one["group"], one["wave"]) for one in rows}) == len(rows)


def test_every_effect_can_be_defended(country: Report) -> None:
    """Beside an effect stand its interval, its people, its groups, its method and the version of its instrument."""
    effects = [one for one in country.figures if one.section == "outcomes" and one.is_shown]
    assert effects
    for one in effects:
        assert one.low is not None
        assert one.high is not None
        assert one.low < float(one.value or 0) < one.high
        assert one.clusters == 12
        assert one.method.startswith("Random-intercept model by REML")
        assert one.instrument == "how-things-are 1"


def test_an_effect_is_that_of_the_protocols_own_analysis() -> None:
    """Value, interval, people and groups are those that the findings of the study have."""
    whole = study(compared(), countries={"SE": 12}, people=14)
    found = {one.name: one for one in analysed(whole).analyses}["effect on day-to-day.T1"]
    named = {one.name: one for one in found.figures}
    coefficient = named.get("arm[programme] (test)") or named["arm[programme]"]
    report, _ = country_report(whole, "SE", "en", Ledger())
    effect = {one.key: one for one in report.figures}["outcomes|day-to-day|programme|T1"]
    assert (effect.value, effect.low, effect.high) == pytest.approx(
        (coefficient.value, coefficient.low, coefficient.high), abs=1e-4
    )
    assert effect.n in (found.n, None)
    assert effect.clusters == found.clusters


def test_a_page_needs_nothing_from_elsewhere(site: Report, country: Report) -> None:
    """No script, no link, no picture from elsewhere; language, title and a text beside each drawing."""
    for report in (site, country):
        page = as_html(report)
        assert f'<html lang="{report.language}">' in page
        assert not re.search(r"<script|<link|<img|src=|href=|url\(|@import|https?://(?!www\.w3\.org/2000/svg)", page)
        drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
        assert drawings
        assert page.count("<details>") == len(drawings)
        for one in drawings:
            root = ET.fromstring(one)  # noqa: S314
            assert root.find(f"{SVG}title") is not None
            assert len(root.findtext(f"{SVG}desc") or "") > 20
            sizes = [float(text.get("font-size", "0")) for text in root.iter(f"{SVG}text")]
            width = float(root.get("viewBox", "0 0 0 0").split()[2])
            assert min(sizes) * 343 / width >= 11  # a phone of 375 pixels, less the page's margins


def test_nothing_of_a_drawing_is_cut_off(site: Report, country: Report) -> None:
    """Every shape and every text begins and ends within its drawing."""
    for report in (site, country):
        for drawing in re.findall(r"<svg.*?</svg>", as_html(report), re.DOTALL):
            root = ET.fromstring(drawing)  # noqa: S314
            left, top, width, height = (float(one) for one in root.get("viewBox", "").split())
            for one in root.iter():
                for name in ("x", "x1", "x2", "cx"):
                    assert left <= float(one.get(name, "0")) <= left + width
                for name in ("y", "y1", "y2", "cy"):
                    assert top <= float(one.get(name, "0")) <= top + height


def hostile() -> Report:
    """A report whose every text is made to break out."""
    figure = Figure(section=HOSTILE, name=HOSTILE, value=7, method=HOSTILE)
    blocks = (
        Text(HOSTILE, careful=True),
        Points((HOSTILE,)),
        Table(HOSTILE, (HOSTILE, HOSTILE), (Row(HOSTILE, (figure,)), Row(HOSTILE, (HOSTILE,)))),
        Bars(HOSTILE, ((HOSTILE, figure),), 7),
        Whiskers(HOSTILE, ((HOSTILE, evolve(figure, low=-1.0, high=9.0)),), HOSTILE, HOSTILE),
        Flow(HOSTILE, (HOSTILE,), (Row(HOSTILE, (figure,)),)),
    )
    return Report(
        kind="site",
        of=HOSTILE,
        title=HOSTILE,
        lead=HOSTILE,
        language="en",
        asked="en",
        sections=(Section(HOSTILE, blocks),),
        notes=(HOSTILE,),
        plan=HOSTILE,
        plan_sha256="0" * 64,
        data_sha256=("0" * 64,),
        cut="2026-11-23",
    )


def test_no_text_breaks_out() -> None:
    """Whatever names and titles hold, they are text: on the page, in drawings, on paper."""
    page = as_html(hostile())
    assert "<script" not in page
    assert as_pdf(hostile()).startswith(b"%PDF")
    for one in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        assert ET.fromstring(one).findtext(f"{SVG}title") == HOSTILE  # noqa: S314
    assert '"\'=1+1"' not in as_csv(hostile())
    danger = evolve(
        hostile(), sections=(Section("", (Table("", ("", ""), (Row("", (Figure(section="=1+1", name="x", value=5),)),)),)),)
    )
    assert "\n'=1+1," in as_csv(danger)


def test_paper_is_the_same_each_time_and_can_be_read_aloud(site: Report, country: Report) -> None:
    """PDF/UA-1 with its language and title, byte for byte the same from the same report."""
    for report in (site, country):
        printed = as_pdf(report)
        assert printed == as_pdf(report)
        assert b"pdfuaid:part>1<" in printed
        assert f"/Lang({report.language})".encode() in printed
        assert b"/MarkInfo" in printed


def test_findings_are_printed_too() -> None:
    """Findings of an analysis become PDF/UA-1, with whatever could not be estimated."""
    few = analysed(study(compared(), countries={"SE": 2}, people=5))
    assert any(one.refused for one in few.analyses) or few.analyses
    assert b"pdfuaid:part>1<" in findings_pdf(few)


def test_every_text_is_in_every_language() -> None:
    """English and Swedish have the same texts, and each is filled in with the same names."""
    folder = files(PACKAGE) / "locale"
    found = []
    for tag in languages(PACKAGE):
        lines = (folder / f"{tag}.ftl").read_text("utf-8").splitlines()
        texts = dict(line.split(" = ", 1) for line in lines if " = " in line and not line.startswith("#"))
        found.append({key: sorted(re.findall(r"\{ \$(\w+) \}", text)) for key, text in texts.items()})
    assert languages(PACKAGE) == ("en", "sv")
    assert {key: one for key, one in found[0].items() if key != "other-language"} == {
        key: one for key, one in found[1].items() if key != "other-language"
    }


def test_a_language_without_texts_is_marked() -> None:
    """A report that was asked for in Slovene is in English, says so, and is not called Slovene."""
    report, _ = site_report(study(follow_up(), countries={"SI": 2}, people=20), "SI 1", "sl", Ledger())
    assert (report.language, report.asked) == ("en", "sl")
    assert "another language (sl)" in as_html(report)
    assert '<html lang="en">' in as_html(report)


def test_numbers_read_as_they_do_in_the_language() -> None:
    """A decimal comma and thin spaces in Swedish; a real minus sign in both; nothing is minus nothing."""
    assert Wording("sv").number(-1234.5, 1) == "\N{MINUS SIGN}1\N{NARROW NO-BREAK SPACE}234,5"
    assert Wording("en").number(1234.5, 1, signed=True) == "+1,234.5"
    assert Wording("en").number(-0.001, 2, signed=True) == "0.00"


def test_a_site_is_told_what_it_cannot_conclude(site: Report) -> None:
    """Nobody to compare with, few people, those who left, and what the trial found: in every site's report, with no p-value."""
    page = as_html(site)
    for said in (
        "ingen att jämföra med",
        "Det är få personer",
        "De som slutade",
        "blandade resultat",
        "inte för att se vem som är bäst",
    ):
        assert said in page
    assert not re.search(r"\bp\s*[=<]", re.sub(r"<[^>]*>", "", page))


def test_a_site_of_a_trial_is_not_said_to_lack_a_comparison() -> None:
    """Where the study compares, the site's report leads to the one that does."""
    report, _ = site_report(study(compared(), countries={"SE": 4}, people=20), "SE 1", "en", Ledger())
    assert "compares with nobody. The study as a whole has a comparison" in as_html(report)


def test_what_there_is_nothing_of_has_no_axis_and_no_empty_table() -> None:
    """Too few to show anything: it says so, in words."""
    hidden = Figure(section="s", name="n", state=State.HIDDEN)
    drawn = svg(Whiskers("Change", (("Days", hidden),), "less", "more"), Wording("en"), "sans")
    assert "Days" in drawn
    assert "not shown" in drawn
    assert "less" not in drawn
    same = Figure(section="s", name="n", value=0.0, style=Style.CHANGE)
    assert "0000001" not in svg(Whiskers("Change", (("Days", same),), "less", "more"), Wording("en"), "sans")
    few, _ = country_report(study(compared(), countries={"SE": 2}, people=6), "SE", "en", Ledger())
    page = as_html(few)
    assert "By gender, there are too few people to show." in page
    assert "Change by gender" not in page


def test_a_hidden_bar_has_no_length() -> None:
    """Where a number is not shown, no shape of the chart is as long as it."""
    hidden = Figure(section="a", name="b", state=State.HIDDEN)
    drawn = svg(Bars("t", (("l", hidden), ("m", Figure(section="a", name="c", value=9))), 9), Wording("en"), "serif")
    assert drawn.count("<rect") == 1
    assert "not shown" in drawn


def test_nobody_of_a_place_is_refused() -> None:
    """A report of a place that the study does not have is refused in words."""
    with pytest.raises(NoSuchPart, match="allowed"):
        site_report(study(follow_up(), countries={"SE": 2}), "Nowhere", "en", Ledger())


def test_a_ledger_is_kept_and_read_again() -> None:
    """What is written is what is read; what is no ledger is refused without telling whom it is of."""
    _, ledger = site_report(study(follow_up(), countries={"SE": 2}, people=12), "SE 1", "en", Ledger())
    assert Ledger.from_json(ledger.to_json()) == ledger
    for broken in (
        "[",
        '{"publications": [{"report": "secret"}]}',
        ledger.to_json().replace('"groups":[0', '"groups":[99999,0', 1),
    ):
        with pytest.raises(LedgerUnreadable) as refused:
            Ledger.from_json(broken)
        assert "secret" not in str(refused.value)
