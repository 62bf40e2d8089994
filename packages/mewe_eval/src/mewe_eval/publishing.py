"""Reports of a study out of what is kept: computed apart, beside everything that is out already, and kept as they went out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from attrs import field, frozen
from mewe_core.kit import paging
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Conflict, Field, Invalid, NotFound, Unavailable
from mewe_core.kit.ports import Work
from mewe_core.kit.preparing import Preparing
from mewe_core.kit.values import columns

from mewe_eval import group_store, publication_store, study_rows
from mewe_eval.errors import AlreadyTold, NobodyYet
from mewe_eval.group_store import KeptGroup
from mewe_eval.instruments import Instrument
from mewe_eval.model import (
    ExportPurpose,
    GetReportRequest,
    GetReportResponse,
    ListCountryReportsRequest,
    ListCountryReportsResponse,
    ListSiteReportsRequest,
    ListSiteReportsResponse,
    Publication,
    PublishCountryReportRequest,
    PublishSiteReportRequest,
    ReportForm,
)
from mewe_eval.protocol.definition import Protocol
from mewe_eval.publication_store import Counted, KeptContent, KeptPublication
from mewe_eval.settings import Deployed
from mewe_eval.study_rows import Kept, Row, Rows

if TYPE_CHECKING:
    from mewe_eval.reports import Report

MEDIA_TYPES: Mapping[ReportForm, str] = {
    ReportForm.PAGE: "text/html; charset=utf-8",
    ReportForm.PRINT: "application/pdf",
    ReportForm.FIGURES: "application/json",
    ReportForm.TABLE: "text/csv; charset=utf-8",
    ReportForm.HANDED_ON: "application/json",
}

AT_ONCE = 20
"""So many groups are read at a time."""

_NEWEST = 2**31 - 1


class _Entry(TypedDict):
    """What the ledger has of a publication (``reports.ledger``), as JSON says it."""

    report: str
    date: str
    groups: list[list[str]]
    figures: list[object]


@frozen
class Asked:
    """What a report is computed from. ``organisation_id``: empty for the country's; ``ledger``: what is out, as JSON."""

    protocol: Protocol
    instruments: Mapping[str, Instrument]
    country: str
    organisation_id: str
    names: Mapping[str, str]
    language: str
    as_of: str
    ledger: str = field(repr=False)
    rows: bytes = field(repr=False)


@frozen
class Made:
    """A report in each form, and what the ledger has of it, as JSON; or what kept it from being made."""

    contents: Mapping[ReportForm, bytes] = field(factory=dict, repr=False)
    entries: str = field(default="[]", repr=False)
    refused: type[NobodyYet] | type[AlreadyTold] | None = None


@frozen
class Ready:
    """A report that can go out while ``last`` is the last that did. ``people``: who is in it, by what the ledger calls them."""

    made: Made
    asked: Asked
    last: int
    people: Mapping[str, tuple[str, str]] = field(repr=False)


async def prepare_site(request: PublishSiteReportRequest, before: Preparing) -> Ready:
    """The report of an organisation, computed. Raises NotFound, NobodyYet, AlreadyTold."""
    return await _prepared(request, request.organisation_id, {request.organisation_id: request.name}, before)


async def prepare_country(request: PublishCountryReportRequest, before: Preparing) -> Ready:
    """The report of the country, computed. Raises NotFound, NobodyYet, AlreadyTold."""
    return await _prepared(request, "", {one.organisation_id: one.name for one in request.names}, before)


async def publish_site_report(request: PublishSiteReportRequest, work: Work) -> Publication:
    """Keep a report of an organisation, whole. Raises Unavailable if another one of the study went out meanwhile."""
    return await _published(work)


async def publish_country_report(request: PublishCountryReportRequest, work: Work) -> Publication:
    """Keep a report of the country, whole. Raises Unavailable if another one of the study went out meanwhile."""
    return await _published(work)


async def list_site_reports(request: ListSiteReportsRequest, work: Work) -> ListSiteReportsResponse:
    """What is out about an organisation. Raises Invalid for a page token of another list."""
    found, following = await _listed(request, request.organisation_id, work)
    return ListSiteReportsResponse(found, following)


async def list_country_reports(request: ListCountryReportsRequest, work: Work) -> ListCountryReportsResponse:
    """What is out about the country. Raises Invalid for a page token of another list."""
    found, following = await _listed(request, "", work)
    return ListCountryReportsResponse(found, following)


async def get_report(request: GetReportRequest, work: Work) -> GetReportResponse:
    """A report as it went out. Raises NotFound, and Invalid for a form that there is not."""
    found = await publication_store.publication(work.database, request.publication_id)
    if found is None:
        raise NotFound
    content = await work.database.first(publication_store.CONTENT_OF, bytes, which=found.id, form=request.form.value)
    if content is None:
        raise Invalid(Field("form", f"a form in which this report is there: {', '.join(found.forms.split())}"))
    return GetReportResponse(content, MEDIA_TYPES[request.form])


def computed(asked: Asked) -> Made:
    """The report, computed: what takes numpy, and seconds, in a process of its own. Pure."""
    from mewe_eval.disclosure.suppression import AlreadyExposed
    from mewe_eval.reports import Ledger, NoSuchPart, country_figures, country_report, site_report
    from mewe_eval.study.reading import read_study

    study = read_study(asked.protocol, asked.instruments, asked.rows, asked.as_of)
    ledger = Ledger.from_json(asked.ledger)
    out = len(ledger.publications)
    handed_on = b""
    try:
        if asked.organisation_id:
            name = asked.names.get(asked.organisation_id, "")
            report, ledger = site_report(study, asked.organisation_id, asked.language, ledger, name)
        else:
            report, ledger = country_report(study, asked.country, asked.language, ledger, asked.names)
            figures, ledger = country_figures(study, asked.country, ledger)
            handed_on = figures.to_json().encode()
    except NoSuchPart:
        return Made(refused=NobodyYet)
    except AlreadyExposed:
        return Made(refused=AlreadyTold)
    contents = dict(_rendered(report)) | ({ReportForm.HANDED_ON: handed_on} if handed_on else {})
    return Made(contents, json.dumps(json.loads(ledger.to_json())["publications"][out:]))


def _rendered(report: "Report") -> Iterator[tuple[ReportForm, bytes]]:
    from mewe_eval.reports import PdfNotInstalled, as_csv, as_html, as_json, as_pdf

    yield ReportForm.PAGE, as_html(report).encode()
    with suppress(PdfNotInstalled):
        yield ReportForm.PRINT, as_pdf(report)
    yield ReportForm.FIGURES, as_json(report).encode()
    yield ReportForm.TABLE, as_csv(report).encode()


async def _prepared(
    request: PublishSiteReportRequest | PublishCountryReportRequest,
    organisation_id: str,
    names: Mapping[str, str],
    before: Preparing,
) -> Ready:
    deployed = before.settings(Deployed)
    protocol = deployed.protocols.get(request.study_id)
    if protocol is None:
        raise NotFound
    last, ledger = await before.read(partial(_ledger, before, protocol))
    rows, people = list[Row](), dict[str, tuple[str, str]]()
    after: str | None = ""
    while after is not None:
        after, found = await before.read(partial(_groups, before, protocol, organisation_id, after))
        for of, some in found:
            rows += some.rows
            for name, person_id in some.people.items():
                people[f"{before.caller.country}/{of}/{name}"] = (person_id, of)
    if not people:
        raise NobodyYet
    instruments = study_rows.asked_instruments(deployed, protocol)
    asked = Asked(
        protocol,
        {one.id: one for one in instruments},
        before.caller.country,
        organisation_id,
        names,
        request.language or "en",
        before.now.to_tz(deployed.settings.time_zone.key).date().format_iso(),
        ledger,
        study_rows.as_csv(instruments, rows),
    )
    made = await before.compute(computed, asked)
    if made.refused is not None:
        raise made.refused
    return Ready(made, asked, last, people)


async def _groups(
    before: Preparing, protocol: Protocol, organisation_id: str, after: str, database: Database
) -> tuple[str | None, Sequence[tuple[str, Rows]]]:
    """Some groups' rows with their organisations, and behind which group the others are; None: there is no other."""
    if organisation_id:
        groups = await database.all(group_store.GROUPS_OF, KeptGroup, which=organisation_id, after=after, limit=AT_ONCE)
    else:
        groups = await database.all(group_store.GROUPS, KeptGroup, after=after, limit=AT_ONCE)
    kept = Kept(database, before.keys, before.sealing, before.caller.country, before.now)
    rows = [(one.organisation_id, await study_rows.rows_of(one, protocol, ExportPurpose.EVALUATION, kept)) for one in groups]
    return groups[-1].id if len(groups) == AT_ONCE else None, rows


async def _ledger(before: Preparing, protocol: Protocol, database: Database) -> tuple[int, str]:
    """The number of the last report of a study, and the ledger of all of them, as JSON."""
    entries, last = list[_Entry](), 0
    for out in await database.all(publication_store.OF_STUDY, KeptPublication, which=protocol.id):
        last = out.number
        its: list[_Entry] = json.loads(out.figures)
        places = [group for one in its for group in one["groups"]]
        for one in await database.all(publication_store.PEOPLE_OF, Counted, which=out.id):
            name = study_rows.name_of(before.keys, protocol, one.person_id)
            places[one.place].append(f"{out.country}/{one.organisation_id}/{name}")
        entries += its
    return last, json.dumps({"publications": entries})


async def _published(work: Work) -> Publication:
    ready = work.prepared(Ready)
    asked, made = ready.asked, ready.made
    entries: list[_Entry] = json.loads(made.entries)
    places = [group for one in entries for group in one["groups"]]
    counted = [(place, *ready.people[who]) for place, group in enumerate(places) for who in group if who in ready.people]
    for group in places:
        group[:] = [who for who in group if who not in ready.people]
    kept = KeptPublication(
        work.new_id(),
        asked.protocol.id,
        ready.last + 1,
        asked.protocol.version,
        asked.country,
        asked.organisation_id,
        asked.language,
        asked.as_of,
        work.now,
        " ".join(one.value for one in made.contents),
        json.dumps(entries),
    )
    try:
        await work.database.execute(publication_store.ADD, **columns(kept))
    except Conflict:  # another report of the study has gone out since this one was computed, and took its number
        raise Unavailable from None
    for form, content in made.contents.items():
        await work.database.execute(publication_store.ADD_CONTENT, **columns(KeptContent(kept.id, form.value, content)))
    for place, person_id, organisation_id in counted:
        person = Counted(kept.id, place, person_id, organisation_id)
        await work.database.execute(publication_store.ADD_PERSON, **columns(person))
    return _told(kept)


async def _listed(
    request: ListSiteReportsRequest | ListCountryReportsRequest, organisation_id: str, work: Work
) -> tuple[tuple[Publication, ...], str]:
    size, name = paging.size(request.page_size), f"reports of {request.study_id} about {organisation_id}"
    before = paging.after(name, request.page_token, _NEWEST)
    found = await work.database.all(
        publication_store.ABOUT,
        KeptPublication,
        which=request.study_id,
        organisation_id=organisation_id,
        before=before,
        limit=size + 1,
    )
    following = paging.token(name, found[size - 1].number) if len(found) > size else ""
    return tuple(_told(one) for one in found[:size]), following


def _told(kept: KeptPublication) -> Publication:
    forms = tuple(ReportForm(one) for one in kept.forms.split())
    return Publication(
        kept.id,
        kept.study,
        kept.study_version,
        kept.organisation_id,
        kept.language,
        kept.as_of,
        kept.publish_time,
        forms,
    )
