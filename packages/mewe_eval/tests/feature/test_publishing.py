"""Reports out of what is kept: the library's own, kept as they went out, telling of nobody beside what is out already."""

import json
import pickle
from collections.abc import Iterator, Mapping

import pytest
from attrs import evolve
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.errors import Invalid, NotFound, Unavailable
from mewe_core.kit.feature import Brought
from mewe_core.kit.testing import ELM, NATIONAL, OAK, Party, Stage
from mewe_eval import exporting, publishing
from mewe_eval.errors import AlreadyTold, NobodyYet
from mewe_eval.model import (
    ExportPurpose,
    GetReportRequest,
    GetStudyFileRequest,
    ListCountryReportsRequest,
    ListSiteReportsRequest,
    Publication,
    PublishCountryReportRequest,
    PublishSiteReportRequest,
    ReportForm,
    SiteName,
)
from mewe_eval.publication_store import PERSON, PUBLICATION, Counted
from mewe_eval.reports import CountryFigures, Ledger, as_html, as_json, country_figures, country_report, eu_report, site_report
from mewe_eval.settings import EvaluationSettings, configure
from mewe_eval.study.reading import read_study
from sqlalchemy import select

from .asking import forms, gathered, put, shown, staged

STUDY = "follow-up"
FIR = evolve(OAK, group_id="group-fir", participants=tuple(f"fir-{number}" for number in range(12)), leaders=("nora", "niklas"))
ASH = evolve(ELM, group_id="group-ash", participants=tuple(f"ash-{number}" for number in range(9)), leaders=("olle", "oda"))
ENROLLED = "reach|enrolled||"


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Two groups of one organisation, one of another, and answers before from all but two."""
    with staged() as stage:
        gathered(stage, OAK, FIR, ASH)
        for number, person in enumerate((*FIR.participants, *ASH.participants)):
            answer(stage, person, {"day-to-day": number % 4, "energy": (number + 1) % 4})
        yield stage


def answer(stage: Stage, person: str, answers: Mapping[str, int | None]) -> None:
    """Answer some of the short questions."""
    (form,) = forms(stage, person)
    put(stage, shown(stage, person, form.form_id), answers, by=person)


def publish(stage: Stage, party: Party = OAK, *, by: str = OAK.coordinator, name: str = "", language: str = "") -> Publication:
    """Publish a report of an organisation."""
    request = PublishSiteReportRequest(stage.ids.new(), STUDY, party.organisation_id, name, language)
    return stage.call(publishing.publish_site_report, request, by=by)


def publish_all(stage: Stage, *names: SiteName) -> Publication:
    """Publish a report of the country."""
    return stage.call(
        publishing.publish_country_report, PublishCountryReportRequest(stage.ids.new(), STUDY, names), by=NATIONAL
    )


def content(stage: Stage, of: Publication, form: ReportForm = ReportForm.PAGE, *, by: str = NATIONAL) -> bytes:
    """What was published."""
    return stage.call(publishing.get_report, GetReportRequest(of.publication_id, form), by=by).content


def figures(stage: Stage, of: Publication) -> dict[str, tuple[str, object]]:
    """Every figure of a report: whether it is shown, and its value."""
    table = json.loads(content(stage, of, ReportForm.FIGURES))
    return {
        "|".join((one["section"], one["figure"], one["group"], one["wave"])): (one["state"], one["value"])
        for one in table["figures"]
    }


def out(stage: Stage, party: Party = OAK, *, by: str = OAK.coordinator, page_size: int = 0, page_token: str = "") -> list[str]:
    """Which reports of an organisation are out."""
    request = ListSiteReportsRequest(STUDY, party.organisation_id, page_size, page_token)
    return [one.publication_id for one in stage.call(publishing.list_site_reports, request, by=by).publications]


def test_it_is_the_report_that_the_library_makes_of_the_file(stage: Stage) -> None:
    """To the letter: whoever doubts a figure takes the file and makes it again."""
    published = publish(stage)
    request = GetStudyFileRequest(STUDY, OAK.organisation_id, ExportPurpose.EVALUATION)
    file = stage.call(exporting.get_study_file, request, by=NATIONAL).rows
    deployed = configure(EvaluationSettings(), Brought())
    study = read_study(deployed.protocols[STUDY], deployed.instruments, file, cut=published.as_of)
    report, _ = site_report(study, OAK.organisation_id, "en", Ledger())
    assert content(stage, published, ReportForm.FIGURES).decode() == as_json(report)
    assert figures(stage, published)[ENROLLED] == ("shown", 15)


def test_it_is_there_as_a_page_a_print_and_a_table_in_its_language(stage: Stage) -> None:
    """With the name that people call the place by; the print where the package for it is there."""
    published = publish(stage, name="Borås & Co", language="sv")
    page = content(stage, published).decode()
    assert 'lang="sv"' in page
    assert "Borås &amp; Co" in page
    assert OAK.organisation_id not in page
    assert content(stage, published, ReportForm.PRINT).startswith(b"%PDF-")
    assert content(stage, published, ReportForm.TABLE).startswith(b"section,")
    assert published.forms == (ReportForm.PAGE, ReportForm.PRINT, ReportForm.FIGURES, ReportForm.TABLE)
    with pytest.raises(Invalid) as refused:
        content(stage, published, ReportForm.HANDED_ON)
    assert [one.path for one in refused.value.fields] == ["form"]


def test_no_report_tells_of_few_beside_one_that_is_out(stage: Stage) -> None:
    """One takes back their consent: the number of the others, beside that of all, would be of one person."""
    before = figures(stage, publish(stage))
    stage.consent(FIR.participants[0], Purpose.EVALUATION, covered=False)
    after = figures(stage, publish(stage))
    assert before[ENROLLED] == ("shown", 15)
    assert after[ENROLLED] == ("hidden", None)
    changed = [name for name, figure in after.items() if figure[0] == "shown" and figure != before[name]]
    assert changed == []


def test_the_ledger_is_read_back_as_it_went_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is in which part of which figure, people and leaders; nothing twice, and everything that went out."""
    plain, asked = publishing.computed, list[publishing.Asked]()

    def made(one: publishing.Asked) -> publishing.Made:
        asked.append(one)
        return plain(one)

    monkeypatch.setattr(publishing, "computed", made)
    silent = evolve(
        OAK, group_id="group-yew", participants=tuple(f"yew-{number}" for number in range(7)), leaders=("ylva", "yrsa")
    )
    gathered(stage, silent)
    publish(stage)
    answer(stage, silent.participants[0], {"day-to-day": 2})
    publish_all(stage)
    publish(stage)
    ledger = Ledger()
    for one in asked:
        assert _as_sets(Ledger.from_json(one.ledger)) == _as_sets(ledger)
        study = read_study(one.protocol, one.instruments, one.rows, one.as_of)
        if one.organisation_id:
            _, ledger = site_report(study, one.organisation_id, "en", ledger)
        else:
            _, ledger = country_report(study, "SE", "en", ledger)
            _, ledger = country_figures(study, "SE", ledger)
    assert max(len(one.groups) for one in ledger.publications) > 1
    assert len(ledger.publications) == 4

    def of_leaders(one: publishing.Asked) -> publishing.Made:
        entry = {"report": "r", "date": "2026-09-01", "groups": [["leaders of SE/x/y"], []], "figures": []}
        return publishing.Made({ReportForm.PAGE: b"<p>"}, json.dumps([entry]))

    monkeypatch.setattr(publishing, "computed", of_leaders)
    publish(stage)
    monkeypatch.setattr(publishing, "computed", made)
    publish(stage)
    assert Ledger.from_json(asked[-1].ledger).publications[-1].groups == (("leaders of SE/x/y",), ())


def _as_sets(ledger: Ledger) -> list[tuple[str, str, tuple[frozenset[str], ...], object]]:
    return [(one.report, one.date, tuple(map(frozenset, one.groups)), one.figures) for one in ledger.publications]


def test_what_the_country_shows_is_beside_what_its_places_showed(stage: Stage) -> None:
    """One ledger for a study in a country, whoever publishes."""
    publish(stage)
    publish(stage, ELM, by=ELM.coordinator)
    country = publish_all(stage)
    counted = stage.all(select(PERSON).order_by(PERSON.c.publication_id), Counted)
    assert {one.person_id for one in counted} == {*OAK.participants, *FIR.participants, *ASH.participants}
    kept = stage.all(select(PUBLICATION.c.figures).order_by(PUBLICATION.c.number), str)
    assert len(kept) == 3
    assert not any(one in text for one in (*OAK.participants, *FIR.participants, "SE/school") for text in kept)
    handed_on = CountryFigures.from_json(content(stage, country, ReportForm.HANDED_ON).decode())
    assert handed_on.country == "SE"
    assert 'lang="en"' in as_html(eu_report([handed_on], "en"))


def test_groups_are_looked_at_a_few_at_a_time(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nobody waits for all of a country; every one is in it."""
    monkeypatch.setattr(publishing, "AT_ONCE", 1)
    assert figures(stage, publish(stage))[ENROLLED] == ("shown", 15)
    assert figures(stage, publish_all(stage))["flow|assigned|programme|"] == ("shown", 24)


def test_what_is_out_is_listed_newest_first_and_stays_as_it_was(stage: Stage) -> None:
    """In pages, each of its own list."""
    first = publish(stage)
    page = content(stage, first)
    answer(stage, OAK.participants[0], {"day-to-day": 1})
    second, third = publish(stage), publish(stage)
    country = publish_all(stage)
    assert out(stage) == [third.publication_id, second.publication_id, first.publication_id]
    assert content(stage, first) == page
    request = ListSiteReportsRequest(STUDY, OAK.organisation_id, 2)
    listed = stage.call(publishing.list_site_reports, request, by=NATIONAL)
    assert len(listed.publications) == 2
    assert out(stage, page_token=listed.next_page_token) == [first.publication_id]
    assert out(stage, ELM, by=ELM.coordinator) == []
    with pytest.raises(Invalid):
        out(stage, ELM, by=NATIONAL, page_token=listed.next_page_token)
    whole = stage.call(publishing.list_country_reports, ListCountryReportsRequest(STUDY), by=NATIONAL)
    assert whole.publications == (country,)
    assert country.organisation_id == ""


@pytest.mark.parametrize("who", [FIR.participants[0], FIR.leaders[0], ELM.coordinator])
def test_who_has_no_part_in_it_is_told_of_nothing(stage: Stage, who: str) -> None:
    """Participants, leaders, another place's coordinator."""
    published = publish(stage)
    for asked in (
        lambda: publish(stage, by=who),
        lambda: out(stage, by=who),
        lambda: content(stage, published, by=who),
        lambda: publish(stage, evolve(OAK, organisation_id="nowhere"), by=who),
    ):
        with pytest.raises(NotFound):
            asked()


def test_a_place_does_not_see_the_country(stage: Stage) -> None:
    """Nor does its researcher; the centre sees both."""
    stage.give("rita", Role.RESEARCHER, ScopeKind.ORGANISATION, OAK.organisation_id)
    country, place = publish_all(stage), publish(stage, by="rita")
    request = PublishCountryReportRequest("publishing-by-a-place-1", STUDY)
    for who in ("rita", OAK.coordinator):
        with pytest.raises(NotFound):
            content(stage, country, by=who)
        with pytest.raises(NotFound):
            stage.call(publishing.publish_country_report, request, by=who)
        assert content(stage, place, by=who) == content(stage, place)


def test_a_study_that_is_not_there_or_has_nobody() -> None:
    """Said as it is; a place whose people do not consent has nothing to report, and few are not enough to show."""
    with staged() as stage:
        gathered(stage, OAK)
        few = publish(stage)
        assert figures(stage, few)[ENROLLED] == ("hidden", None)
        for person in OAK.participants:
            stage.consent(person, Purpose.EVALUATION, covered=False)
        with pytest.raises(NobodyYet):
            publish(stage)
        with pytest.raises(NotFound):
            stage.call(
                publishing.publish_site_report,
                PublishSiteReportRequest(stage.ids.new(), "another", OAK.organisation_id),
                by=OAK.coordinator,
            )


def test_two_at_once_are_one_after_the_other(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was computed while another went out knew nothing of it: it is not kept, and may be asked for again."""
    plain, begun = publishing.computed, list[Publication]()

    def slowly(asked: publishing.Asked) -> publishing.Made:
        monkeypatch.setattr(publishing, "computed", plain)
        begun.append(publish(stage))
        return plain(asked)

    monkeypatch.setattr(publishing, "computed", slowly)
    with pytest.raises(Unavailable):
        publish(stage)
    assert out(stage) == [begun[0].publication_id]
    assert len(stage.all(select(PERSON.c.person_id).distinct(), str)) == 15


def test_what_is_refused_apart_is_refused_here(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what goes to the other process and comes back is the same there."""
    asked = list[publishing.Asked]()
    plain = publishing.computed

    def refuses(one: publishing.Asked) -> publishing.Made:
        asked.append(one)
        return publishing.Made(refused=AlreadyTold)

    monkeypatch.setattr(publishing, "computed", refuses)
    with pytest.raises(AlreadyTold):
        publish(stage)
    there = pickle.loads(pickle.dumps(asked[0]))  # noqa: S301
    assert there == asked[0]
    made = plain(there)
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301
    assert out(stage) == []
