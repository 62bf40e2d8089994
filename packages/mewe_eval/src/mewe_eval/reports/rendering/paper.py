"""A report, or findings, as PDF that a screen reader can read (PDF/UA-1), by the package ``typst`` (the extra ``pdf``)."""

from collections.abc import Iterator, Sequence
from types import ModuleType

from mewe_eval.analysis.found import Findings, Found
from mewe_eval.analysis.showing import number
from mewe_eval.reports.drawing.charts import cell, described, numeric, svg
from mewe_eval.reports.model import Bars, Block, Flow, Points, Report, Table, Text, Whiskers
from mewe_eval.reports.wording import Wording

_FONT = "Libertinus Serif"
_WIDEST = 34
_NARROWEST = 9
_MOST_TOGETHER = 20
_BESIDE = "8.3cm"
_HEAD = """#set page(paper: "a4", margin: (x: 1.9cm, y: 1.6cm), numbering: "1 / 1")
#set text(font: "Libertinus Serif", size: 10pt, hyphenate: true)
#set par(leading: 0.62em, spacing: 0.9em)
#show heading: set block(above: 1.3em, below: 0.6em, sticky: true)
#show heading.where(level: 1): set text(size: 18pt)
#show heading.where(level: 2): set text(size: 13pt)
#show figure: set block(breakable: true)
#set figure.caption(position: top)
#show figure.where(kind: image): set align(left)
#show figure.caption: it => block(width: 100%, sticky: true, align(left, strong(it.body)))
#set table(stroke: (x, y) => (bottom: 0.4pt + rgb("#8a94a0")), inset: (x: 4pt, y: 3.5pt), align: left + top)
#show table: set text(size: 9pt)
#show table: set par(justify: false)
#show table.cell.where(y: 0): strong
"""


class PdfNotInstalled(Exception):
    """PDF needs a package that is not there; the message names the extra that brings it."""


def as_pdf(report: Report) -> bytes:
    """The report as PDF/UA-1; the same bytes each time. Raises PdfNotInstalled."""
    return _compiled(as_typst(report))


def findings_pdf(findings: Findings) -> bytes:
    """Findings of ``mewe eval analyse`` as PDF/UA-1. Raises PdfNotInstalled."""
    parts = [_opening(findings.title, "en"), f"= {_text(findings.title)}", _text(f"Version {findings.version} of the plan.")]
    parts += [_text(one) for one in findings.notes]
    for one in findings.analyses:
        kind = one.kind.replace("_", " ")
        parts += [f"== {_text(f'{one.name} ({kind})')}", *_found(one)]
    parts += ["#line(length: 100%, stroke: 0.4pt)", _text(f"Plan: SHA-256 {findings.plan_sha256}")]
    cut = "" if findings.data_cut is None else f" as of {findings.data_cut}"
    parts.append(_text(f"Data{cut}: {findings.rows} rows, SHA-256 {findings.data_sha256}"))
    return _compiled("\n\n".join(parts))


def as_typst(report: Report) -> str:
    """The source that the PDF is made of."""
    words = Wording(report.asked)
    parts = [_opening(report.title, report.language), f"= {_text(report.title)}", _text(report.lead)]
    for section in report.sections:
        parts += [f"== {_text(section.title)}", *_blocks(section.blocks, words)]
    parts.append("#line(length: 100%, stroke: 0.4pt)\n#set text(size: 9pt)")
    parts += [_text(one) for one in report.notes]
    parts.append(_text(words.say("origin-plan", plan=report.plan, sha=report.plan_sha256)))
    parts += [_text(words.say("origin-data", cut=report.cut, sha=one)) for one in report.data_sha256]
    return "\n\n".join(parts) + "\n"


def _opening(title: str, language: str) -> str:
    return f"#set document(title: {_quoted(title)}, date: none)\n#set text(lang: {_quoted(language)})\n{_HEAD}"


def _blocks(blocks: Sequence[Block], words: Wording) -> Iterator[str]:
    """Each block below the other; charts that follow each other stand side by side, two and two."""
    beside = list[str]()
    for block in blocks:
        if isinstance(block, Bars | Whiskers | Flow):
            beside.append(_block(block, words))
            continue
        yield from _pairs(beside)
        beside = []
        yield _block(block, words)
    yield from _pairs(beside)


def _pairs(charts: Sequence[str]) -> Iterator[str]:
    for place in range(0, len(charts), 2):
        several = charts[place : place + 2]
        yield f"#grid(columns: {len(several)}, gutter: 0.6cm, {', '.join(f'[{one}]' for one in several)})"


def _block(block: Block, words: Wording) -> str:
    if isinstance(block, Text):
        inside = _text(block.text)
        bar = 'stroke: (left: 2pt + rgb("#b58900")), inset: (left: 8pt, y: 3pt)'
        return f"#block({bar})[{inside}]" if block.careful else inside
    if isinstance(block, Points):
        return "\n".join(f"- {_text(one)}" for one in block.items)
    if isinstance(block, Table):
        rows = [(row.label, *(cell(one, words) for one in row.cells)) for row in block.rows]
        return _table(block.caption, block.head, rows, numeric(block))
    drawn, alt = _quoted(svg(block, words, _FONT)), _quoted(f"{block.title}. {described(block, words)}")
    image = f'image(bytes({drawn}), format: "svg", width: {_BESIDE}, alt: {alt})'
    caption = f"kind: image, supplement: none, numbering: none, caption: [{_text(block.title)}], alt: {alt}"
    return f"#[\n#show figure: set block(breakable: false)\n#figure({image}, {caption})\n]"


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    columns = ", ".join(f"{_weight([row[place] for row in rows], head[place])}fr" for place in range(len(head)))
    align = ", ".join(["left", *("right" if one else "left" for one in numeric)])
    named = ", ".join(f"[{_text(one)}]" for one in head)
    cells = "\n".join("  " + ", ".join(f"[{_text(one)}]" for one in row) + "," for row in rows)
    whole = f"table(columns: ({columns}), align: ({align}),\n  table.header({named}),\n{cells}\n)"
    table = f"#figure({whole}, kind: table, supplement: none, numbering: none, caption: [{_text(caption)}])"
    return table if len(rows) > _MOST_TOGETHER else f"#[\n#show figure: set block(breakable: false)\n{table}\n]"


def _weight(cells: Sequence[str], head: str) -> int:
    """How much room a column wants beside the others, in letters; a heading may be broken, a word may not."""
    longest = max((len(one) for one in cells), default=0)
    return max(min(longest, _WIDEST), *(len(word) for word in head.split()), _NARROWEST) + 2


def _found(found: Found) -> list[str]:
    said = [_text(found.about)] if found.about else []
    if found.refused is not None:
        return [*said, _text(f"No figures: {found.refused}")]
    of = [f"n = {found.n}", *([] if found.clusters is None else [f"{found.clusters} clusters"])]
    of += [f"{count} left out: {reason}" for reason, count in found.left_out.items() if count]
    said += [_text(f"{found.method}."), _text("; ".join(of))]
    head = ("", "value", "error", "df", "statistic", "p", "from", "to")
    rows = [
        (one.name, *(number(value) for value in (one.value, one.error, one.df, one.statistic, one.p, one.low, one.high)))
        for one in found.figures
    ]
    used = [place for place in range(len(head)) if place == 0 or any(row[place] for row in rows)]
    if rows:
        named = ["figure", *(head[place] for place in used[1:])]
        caption = f"{found.name}, {round(found.level * 100, 2):g} % intervals"
        said.append(_table(caption, named, [[row[place] for place in used] for row in rows], [True] * (len(used) - 1)))
    return [*said, *(_text(one) for one in found.notes)]


def _quoted(text: str) -> str:
    """A text as a string of typst."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{escaped}"'


def _text(text: str) -> str:
    """A text as it is: no letter of it means anything."""
    return f"#{_quoted(text)};" if text else ""


def _compiled(source: str) -> bytes:
    return bytes(_typst().compile(source.encode(), format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True, timestamp=0))


def _typst() -> ModuleType:
    try:
        import typst
    except ImportError:
        raise PdfNotInstalled('PDF needs the package typst; allowed: pip install "mewe-eval[pdf]"') from None
    return typst
