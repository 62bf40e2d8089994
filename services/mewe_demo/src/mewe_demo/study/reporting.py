"""What comes of the study: three reports, and one model over both countries of which neither shows its rows."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen
from mewe_eval.analysis.found import Findings
from mewe_eval.analysis.plans import read_plan
from mewe_eval.analysis.showing import as_html as findings_as_html
from mewe_eval.federation.rounds import federated
from mewe_eval.instruments import shipped_instruments
from mewe_eval.protocol.reading import read_protocol
from mewe_eval.reports import CountryFigures, Ledger, as_html, as_pdf, country_figures, country_report, eu_report, site_report
from mewe_eval.study.analysing import as_csv, plan_of
from mewe_eval.study.reading import read_study

from mewe_demo.study.mixes import protocol
from mewe_demo.study.play import Part

WITHIN_PERSONS = """
title = "How low mood changed within persons"
version = "1"
[long.times]
wave = "wave"
waves = ["T0", "T1", "T2"]
columns.mood = ["low-mood.T0", "low-mood.T1", "low-mood.T2"]
person = "person"
[mixed_model."low mood within persons"]
long = "times"
outcome = "mood"
terms = ["wave"]
cluster = "person"
"""
"""A second plan: of four groups nobody can tell what the arms did, but of many persons how they changed. It compares nobody."""


@frozen
class Told:
    """What was written, and what the countries found together: by the study's plan, and within persons."""

    files: tuple[Path, ...]
    together: Findings
    within: Findings


def told(parts: Sequence[Part], folder: Path, cut: str) -> Told:
    """Write everything to a folder: of each country its file, codebook and reports, and what they have in common."""
    instruments, files = shipped_instruments(), dict[str, bytes]()
    tables, figures = dict[str, bytes](), list[CountryFigures]()
    study = read_protocol(protocol(), "protocol.toml", instruments)
    for part in parts:
        read = read_study(study, instruments, part.rows, cut=cut)
        site, ledger = site_report(read, part.organisation, "en", Ledger())
        country, ledger = country_report(read, part.country, "en", ledger)
        _, ledger = country_figures(read, part.country, ledger)
        figures.append(CountryFigures.from_json(part.published.handed_on.decode()))
        tables[part.country] = as_csv(read)
        files |= {
            f"{part.country}-study.csv": part.rows,
            f"{part.country}-codebook.csv": part.codebook,
            f"{part.country}-ledger.json": ledger.to_json().encode(),
            f"{part.country}-site.html": as_html(site).encode(),
            f"{part.country}-site.pdf": as_pdf(site),
            f"{part.country}-country.html": as_html(country).encode(),
            f"{part.country}-country.pdf": as_pdf(country),
            f"{part.country}-published-site.html": part.published.site_page,
            f"{part.country}-published-country.html": part.published.country_page,
        }
    over = eu_report(figures, "en")
    together, within = federated(plan_of(study), tables), federated(read_plan(WITHIN_PERSONS.encode()), tables)
    files |= {
        "protocol.toml": protocol().encode(),
        "countries.html": as_html(over).encode(),
        "countries.pdf": as_pdf(over),
        "together.html": findings_as_html(together).encode(),
        "within-persons.html": findings_as_html(within).encode(),
    }
    return Told(_written(files, folder), together, within)


def _written(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return tuple(folder / name for name in files)
