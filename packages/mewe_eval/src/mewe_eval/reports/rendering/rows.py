"""A report for programs: JSON and CSV with the same numbers, a row for each figure."""

import csv
import io
import json

from mewe_eval.reports.model import Figure, Number, Report

COLUMNS = (
    *("section", "figure", "group", "wave", "state", "value", "low", "high", "deviation", "n", "clusters"),
    *("method", "instrument", "plan_sha256", "data_cut"),
)


def as_json(report: Report) -> str:
    """Every figure as an object with the columns as keys; ``null`` where there is no number."""
    whole = {
        "report": report.kind,
        "of": report.of,
        "language": report.language,
        "plan": report.plan,
        "plan_sha256": report.plan_sha256,
        "data_sha256": list(report.data_sha256),
        "data_cut": report.cut,
        "figures": [dict(zip(COLUMNS, _row(report, one), strict=True)) for one in report.figures],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_csv(report: Report) -> str:
    """The same rows; an empty cell where there is no number."""
    shown = io.StringIO(newline="")
    writer = csv.writer(shown, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(one) for one in _row(report, figure)] for figure in report.figures)
    return shown.getvalue()


def _row(report: Report, one: Figure) -> tuple[Number | str, ...]:
    which = (one.section, one.name, one.group, one.wave, one.state.value)
    numbers = (one.value, one.low, one.high, one.deviation, one.n, one.clusters)
    return (*which, *numbers, one.method, one.instrument, report.plan_sha256, report.cut)


def _harmless(one: Number | str) -> Number | str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{one}" if isinstance(one, str) and one[:1] in ("=", "+", "-", "@", "\t") else "" if one is None else one
