"""A report as a page of its own: no script, nothing from elsewhere; for a phone, a screen, a printer."""

from html import escape

from mewe_eval.reports.drawing.charts import as_table, cell, numeric, svg
from mewe_eval.reports.model import Block, Points, Report, Table, Text
from mewe_eval.reports.wording import Wording

_FONT = "system-ui, sans-serif"
_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2329; --line: #8a94a066; --careful: #b58900; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181c; --ink: #e8eaed; } }
* { box-sizing: border-box; }
body { font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.2; text-wrap: balance; margin: .5rem 0 .75rem; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.25rem 0 .5rem; }
p { margin: .5rem 0; }
.lead { font-size: 1.05rem; }
.careful { border-inline-start: 4px solid var(--careful); padding-inline-start: .75rem; }
figure { margin: 1rem 0; max-width: 30rem; break-inside: avoid; }
figcaption { font-weight: 600; margin-bottom: .5rem; }
svg { display: block; width: 100%; height: auto; }
summary { cursor: pointer; padding: .35rem 0; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .9375rem; }
caption { text-align: start; font-weight: 600; padding-bottom: .25rem; }
th, td { text-align: start; vertical-align: top; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 500; } thead th { font-weight: 600; }
td.number, th.number { text-align: end; font-variant-numeric: tabular-nums; }
li { margin: .35rem 0; }
footer { margin-top: 3rem; font-size: .875rem; overflow-wrap: anywhere; padding-top: .75rem; }
footer { border-top: 1px solid var(--line); }
@media print {
  :root { --paper: #fff; --ink: #000; } main { max-width: none; padding: 0; } body { font-size: 10.5pt; }
  h2 { break-after: avoid; } tr, li { break-inside: avoid; } figure { max-width: 11cm; } details { display: none; }
  .scroll { overflow: visible; } @page { margin: 2cm; }
}
"""


def as_html(report: Report) -> str:
    """The page."""
    words = Wording(report.asked)
    title = escape(report.title)
    body = [f"<h1>{title}</h1>", f'<p class="lead">{escape(report.lead)}</p>']
    for section in report.sections:
        body.append(f"<section><h2>{escape(section.title)}</h2>")
        body += [_block(one, words) for one in section.blocks]
        body.append("</section>")
    origin = [words.say("origin-plan", plan=report.plan, sha=report.plan_sha256)]
    origin += [words.say("origin-data", cut=report.cut, sha=one) for one in report.data_sha256]
    body.append("<footer>" + "".join(f"<p>{escape(one)}</p>" for one in (*report.notes, *origin)) + "</footer>")
    return (
        f'<!doctype html>\n<html lang="{escape(report.language, quote=True)}">\n<head>\n<meta charset="utf-8">\n'
        f'<title>{title}</title>\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n" + "\n".join(body) + "\n</main>\n</body>\n</html>\n"
    )


def _block(block: Block, words: Wording) -> str:
    if isinstance(block, Text):
        return f'<p class="careful">{escape(block.text)}</p>' if block.careful else f"<p>{escape(block.text)}</p>"
    if isinstance(block, Points):
        return "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in block.items) + "</ul>"
    if isinstance(block, Table):
        return _table(block, words)
    alternative = f"<details><summary>{escape(words.say('numbers'))}</summary>{_table(as_table(block, words), words)}</details>"
    return f"<figure><figcaption>{escape(block.title)}</figcaption>{svg(block, words, _FONT)}{alternative}</figure>"


def _table(table: Table, words: Wording) -> str:
    kinds = ["", *(' class="number"' if one else "" for one in numeric(table))]
    head = "".join(f'<th scope="col"{kind}>{escape(one)}</th>' for one, kind in zip(table.head, kinds, strict=True))
    rows = "".join(
        f'<tr><th scope="row">{escape(row.label)}</th>'
        + "".join(f"<td{kind}>{escape(cell(one, words))}</td>" for one, kind in zip(row.cells, kinds[1:], strict=True))
        + "</tr>"
        for row in table.rows
    )
    whole = f"<table><caption>{escape(table.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="scroll">{whole}</div>'
