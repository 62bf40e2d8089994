"""An export as one page that needs nothing else: for the person whom it is about, in their language."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from mewe_core.kit import texts

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2733;background:#fff}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{border:1px solid #c8d0d9;padding:.3rem .5rem;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}h2{margin-top:2.5rem}.why{color:#55606d}"
)


def html(document: Mapping[str, Any], language: str) -> str:
    """The page: no script, no picture, no address that anything is fetched from. Everything that somebody wrote is escaped."""

    def say(key: str, **arguments: str | int) -> str:
        return escape(texts.say(__package__, language, key, **arguments))

    body = [f"<h1>{say('export-title')}</h1>", f"<p>{say('export-about', when=str(document['exported'])[:10])}</p>"]
    body += [f"<p>{say('export-keep')}</p>"]
    for feature, tables in document["features"].items():
        body.append(f"<h2>{escape(feature)}</h2>")
        body += [_table(one, say("export-why")) for one in tables] or [f"<p>{say('export-nothing')}</p>"]
    head = f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>{say('export-title')}</title>"
    begin = f"<!doctype html><html lang='{escape(language, quote=True)}'><head>{head}<style>{_STYLE}</style></head>"
    return f"{begin}<body>{''.join(body)}</body></html>\n"


def _table(one: Mapping[str, Any], why: str) -> str:
    rows: Sequence[Mapping[str, Any]] = one["rows"]
    names = list(rows[0])
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = "".join("<tr>" + "".join(f"<td>{_cell(row[name])}</td>" for name in names) + "</tr>" for row in rows)
    caption = f"<h3>{escape(one['table'])}</h3><p class=why>{why} {escape(one['purpose'])}</p>"
    return f"{caption}<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _cell(value: object) -> str:
    return "" if value is None else escape(str(value))
