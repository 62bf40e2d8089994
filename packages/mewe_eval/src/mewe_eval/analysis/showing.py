"""Findings as text for a terminal, as JSON for programs, as a page to read and print."""

import html
import json
import math
from collections.abc import Iterable, Sequence

import attrs

from mewe_eval.analysis.found import Figure, Findings, Found, Number

_HEAD = ("", "value", "error", "df", "statistic", "p", "from", "to")

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; margin: .75rem 0; }
caption { text-align: start; font-weight: 600; padding-bottom: .25rem; }
th, td { padding: .2rem .75rem .2rem 0; text-align: end; font-variant-numeric: tabular-nums; border-bottom: 1px solid #8886; }
th:first-child, td:first-child { text-align: start; }
.note { border-inline-start: 4px solid #b58900; padding-inline-start: .75rem; }
.scroll { overflow-x: auto; }
footer { margin-top: 3rem; font-size: .875rem; overflow-wrap: anywhere; }
"""


def as_json(findings: Findings) -> str:
    """Everything, as one JSON object in the order of the classes of ``found``; a number that is none is ``null``."""
    return json.dumps(_plain(attrs.asdict(findings)), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def as_text(findings: Findings) -> str:
    """What somebody reads in a terminal; numbers with six digits."""
    lines = [f"{findings.title} (version {findings.version})", ""]
    lines += [f"! {note}" for note in findings.notes]
    for one in findings.analyses:
        lines += [_heading(one), *(f"  {line}" for line in _around(one))]
        lines += [f"  {line}" for line in _lines(one.figures)]
        lines += [f"  ! {note}" for note in one.notes]
        lines.append("")
    return "\n".join([*lines, *_origin(findings)]) + "\n"


def as_html(findings: Findings) -> str:
    """A page of its own, with no script and nothing loaded from elsewhere."""
    title = html.escape(findings.title)
    body = [f"<h1>{title}</h1>", f"<p>Version {html.escape(findings.version)} of the plan.</p>"]
    body += [f'<p class="note">{html.escape(note)}</p>' for note in findings.notes]
    for one in findings.analyses:
        body.append(f"<section><h2>{html.escape(_heading(one))}</h2>")
        body += [f"<p>{html.escape(line)}</p>" for line in _around(one)]
        if one.figures:
            body.append(_table(one))
        body += [f'<p class="note">{html.escape(note)}</p>' for note in one.notes]
        body.append("</section>")
    body.append("<footer>" + "".join(f"<p>{html.escape(line)}</p>" for line in _origin(findings)) + "</footer>")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n" + "\n".join(body) + "\n</main>\n</body>\n</html>\n"
    )


def number(value: Number) -> str:
    """A number with six digits that tell; what is none is empty."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def _p(value: Number) -> str:
    return "< 0.0001" if value is not None and value < 0.0001 else number(None if value is None else round(value, 4))


def _cells(figure: Figure) -> tuple[str, ...]:
    one = figure
    numbers = (one.value, one.error, one.df, one.statistic)
    return (one.name, *map(number, numbers), _p(one.p), number(one.low), number(one.high))


def _columns(figures: Iterable[Figure]) -> tuple[list[tuple[str, ...]], list[int]]:
    rows = [_cells(one) for one in figures]
    return rows, [place for place in range(len(_HEAD)) if place == 0 or any(row[place] for row in rows)]


def _lines(figures: Sequence[Figure]) -> list[str]:
    if not figures:
        return []
    rows, used = _columns(figures)
    whole = [_HEAD, *rows]
    widths = {place: max(len(row[place]) for row in whole) for place in used}
    return [
        "  ".join(row[place].ljust(widths[place]) if place == 0 else row[place].rjust(widths[place]) for place in used).rstrip()
        for row in whole
    ]


def _table(found: Found) -> str:
    rows, used = _columns(found.figures)
    head = "".join(f'<th scope="col">{_HEAD[place]}</th>' for place in used)
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{html.escape(row[place])}</th>' if place == 0 else f"<td>{html.escape(row[place])}</td>"
            for place in used
        )
        + "</tr>"
        for row in rows
    )
    caption = html.escape(f"{found.name}, {round(found.level * 100, 2):g} % intervals")
    table = f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll">{table}</div>'


def _heading(found: Found) -> str:
    return f"{found.name} ({found.kind.replace('_', ' ')})"


def _around(found: Found) -> list[str]:
    said = [found.about] if found.about else []
    if found.refused is not None:
        return [*said, f"No figures: {found.refused}"]
    of = [f"n = {found.n}"]
    if found.clusters is not None:
        of.append(f"{found.clusters} clusters")
    of += [f"{count} left out: {reason}" for reason, count in found.left_out.items() if count]
    return [*said, f"{found.method}.", "; ".join(of)]


def _origin(findings: Findings) -> list[str]:
    cut = "" if findings.data_cut is None else f", as of {findings.data_cut}"
    return [
        f"Plan {findings.title}, version {findings.version}, SHA-256 {findings.plan_sha256}",
        f"Data: {findings.rows} rows{cut}, SHA-256 {findings.data_sha256}",
    ]


def _plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
