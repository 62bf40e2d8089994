"""Reports of a study: of a site, of a country, of several countries; as data first, and then as pages, prints and tables.

``ledger`` is what was published before: pass it in, keep the one that comes out.
"""

from mewe_eval.reports.country import country_report
from mewe_eval.reports.eu import PlansDiffer, eu_report
from mewe_eval.reports.figures import CountryFigures, Declared, FiguresUnreadable, country_figures, read_declared
from mewe_eval.reports.ledger import Ledger, LedgerUnreadable
from mewe_eval.reports.model import Report
from mewe_eval.reports.rendering.page import as_html
from mewe_eval.reports.rendering.paper import PdfNotInstalled, as_pdf, findings_pdf
from mewe_eval.reports.rendering.rows import as_csv, as_json
from mewe_eval.reports.site import NoSuchPart, site_report

__all__ = [
    "CountryFigures",
    "Declared",
    "FiguresUnreadable",
    "Ledger",
    "LedgerUnreadable",
    "NoSuchPart",
    "PdfNotInstalled",
    "PlansDiffer",
    "Report",
    "as_csv",
    "as_html",
    "as_json",
    "as_pdf",
    "country_figures",
    "country_report",
    "eu_report",
    "findings_pdf",
    "read_declared",
    "site_report",
]
