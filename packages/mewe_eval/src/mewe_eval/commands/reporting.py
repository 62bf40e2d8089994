"""``mewe eval report``, ``figures`` and ``report-countries``: what a study may show of itself, and to whom."""

from collections.abc import Callable, Mapping

from mewe_core.kit.commands import Answer, Argument, Asked, Command, CommandFault, Given
from mewe_core.kit.tables import closest
from whenever import Date

from mewe_eval.commands.checking import text_of
from mewe_eval.disclosure.suppression import AlreadyExposed
from mewe_eval.documents import DocumentFaults
from mewe_eval.instruments import Instrument, read_instrument, shipped_instruments
from mewe_eval.protocol.definition import Protocol
from mewe_eval.protocol.reading import read_protocol, shipped_protocol
from mewe_eval.reports import (
    CountryFigures,
    FiguresUnreadable,
    Ledger,
    LedgerUnreadable,
    NoSuchPart,
    PdfNotInstalled,
    PlansDiffer,
    Report,
    as_csv,
    as_html,
    as_json,
    as_pdf,
    country_figures,
    country_report,
    eu_report,
    read_declared,
    site_report,
)
from mewe_eval.study.data import Study
from mewe_eval.study.reading import StudyFaults, read_study

_SHOWN: Mapping[str, Callable[[Report], str | bytes]] = {"html": as_html, "pdf": as_pdf, "json": as_json, "csv": as_csv}
_ENGLISH = "en"


def reported(asked: Asked) -> Answer:
    """The report of a site or a country, and the ledger with it. Raises CommandFault."""
    site, country = asked.option("SITE"), asked.option("COUNTRY")
    ledger, language = _ledger(asked), asked.option("LANGUAGE")
    if (site is None) == (country is None):
        raise CommandFault("say whose report it is: either --site or --country")
    study, told = _study(asked), language.word if language else _ENGLISH
    try:
        if site is not None:
            report, new = site_report(study, site.word, told, ledger)
        else:
            report, new = country_report(study, country.word if country else "", told, ledger)
    except (NoSuchPart, AlreadyExposed) as fault:
        raise CommandFault(str(fault)) from None
    return Answer(_rendered(report, asked.form), kept={"LEDGER": new.to_json().encode()})


def figures(asked: Asked) -> Answer:
    """What may leave a country, and the ledger with it. Raises CommandFault."""
    ledger, declared = _ledger(asked), asked.option("DECLARED")
    study = _study(asked)
    try:
        told = None if declared is None else read_declared(text_of(declared), declared.word)
        found, new = country_figures(study, asked.one("COUNTRY").word, ledger, told)
    except (NoSuchPart, AlreadyExposed) as fault:
        raise CommandFault(str(fault)) from None
    except DocumentFaults as fault:
        raise CommandFault(*map(str, fault.faults)) from None
    return Answer(found.to_json(), kept={"LEDGER": new.to_json().encode()})


def over_countries(asked: Asked) -> Answer:
    """The report of several countries. Raises CommandFault."""
    several, faults = list[CountryFigures](), list[str]()
    for given in asked.arguments["FIGURES"]:
        try:
            several.append(CountryFigures.from_json(text_of(given)))
        except FiguresUnreadable as fault:
            faults += [f"{given.word}: {line}" for line in str(fault).splitlines()]
    if faults:
        raise CommandFault(*faults)
    language = asked.option("LANGUAGE")
    try:
        report = eu_report(several, language.word if language else _ENGLISH)
    except PlansDiffer as fault:
        raise CommandFault(str(fault)) from None
    return Answer(_rendered(report, asked.form))


def _rendered(report: Report, form: str) -> str | bytes:
    try:
        return _SHOWN[form](report)
    except PdfNotInstalled as fault:
        raise CommandFault(str(fault)) from None


def _ledger(asked: Asked) -> Ledger:
    """What is out already; a file that is not there yet is an empty ledger. Raises CommandFault."""
    given = asked.option("LEDGER")
    if given is None:
        raise CommandFault("--ledger is missing: the file of what was published before; the first time it is made")
    if given.content is None:
        return Ledger()
    try:
        return Ledger.from_json(text_of(given))
    except LedgerUnreadable as fault:
        raise CommandFault(f"{given.word}: {fault}") from None


def _study(asked: Asked) -> Study:
    """The study that the files tell of. Raises CommandFault with everything that is wrong in one of them."""
    instruments = _instruments(asked)
    protocol, data, cut = _protocol(asked.one("PROTOCOL"), instruments), asked.one("DATA"), asked.option("AS-OF")
    if cut is None:
        raise CommandFault("--as-of is missing: as of when the data are, such as --as-of 2026-11-23")
    try:
        Date.parse_iso(cut.word)
    except ValueError:
        raise CommandFault(f"--as-of {cut.word}: this is no date; allowed: such as 2026-11-23") from None
    try:
        return read_study(protocol, instruments, data.content or b"", cut.word)
    except StudyFaults as fault:
        raise CommandFault(*(f"{data.word}, {line}" for line in str(fault).splitlines())) from None


def _instruments(asked: Asked) -> Mapping[str, Instrument]:
    instruments = dict(shipped_instruments())
    for given in asked.arguments.get("QUESTIONNAIRE", ()):
        try:
            one = read_instrument(text_of(given), given.word)
        except DocumentFaults as fault:
            raise CommandFault(*map(str, fault.faults)) from None
        if instruments.get(one.id, one) != one:
            raise CommandFault(f"{given.word}: an instrument of the catalogue is called {one.id}; allowed: an id of its own")
        instruments[one.id] = one
    return instruments


def _protocol(given: Given, instruments: Mapping[str, Instrument]) -> Protocol:
    if given.content is None:
        shipped = shipped_protocol(instruments)
        if given.word == shipped.id:
            return shipped
        raise CommandFault(
            f"{given.word}: there is no such file; allowed: a study in TOML, {closest(given.word, [shipped.id])}"
        )
    try:
        return read_protocol(text_of(given), given.word, instruments)
    except DocumentFaults as fault:
        raise CommandFault(*map(str, fault.faults)) from None


_STUDY = (
    Argument("PROTOCOL", "The study, in TOML (docs/protocol.md), or the name of the shipped one.", named=True),
    Argument("DATA", "Its people and answers, as CSV (docs/protocol.md)."),
)
_BESIDE = (
    Argument("LEDGER", "What was published before: read, and written again with what is shown now.", named=True, option=True),
    Argument("AS-OF", "As of when the data are: 2026-11-23.", word=True, option=True),
    Argument("QUESTIONNAIRE", "A questionnaire of your own that the study uses, in TOML.", several=True, option=True),
)
_LANGUAGE = Argument("LANGUAGE", "Of the report: en, sv. English, if it is left out.", word=True, option=True)

REPORT = Command(
    "report",
    "Report on a study to a site or a country: what may be shown, beside what was published before.",
    reported,
    (
        *_STUDY,
        Argument("SITE", "The organisation whose report it is.", word=True, option=True),
        Argument("COUNTRY", "The country whose report it is.", word=True, option=True),
        _LANGUAGE,
        *_BESIDE,
    ),
    tuple(_SHOWN),
)
FIGURES = Command(
    "figures",
    "What a country hands on for a report over countries: figures that may be shown, and nobody's data.",
    figures,
    (
        *_STUDY,
        Argument("COUNTRY", "The country that they are of.", word=True),
        Argument("DECLARED", "How the programme was delivered there, in TOML (docs/reports.md).", option=True),
        *_BESIDE,
    ),
    ("json",),
)
REPORT_COUNTRIES = Command(
    "report-countries",
    "Report on a study over several countries, from the figures that each of them handed on.",
    over_countries,
    (Argument("FIGURES", "What each country handed on (mewe eval figures).", several=True), _LANGUAGE),
    tuple(_SHOWN),
)
