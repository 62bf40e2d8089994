"""An export as one page that needs nothing else: for whom it is about, in their language, on a telephone or on paper.

An entry is a list and no row of a table: a table of ten columns cannot be read on a telephone. Words come first, ids last and
small; what was left empty is left out.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from html import escape
from importlib.resources import files
from typing import Any, Final

from babel.dates import format_date, format_datetime
from mewe_core.kit import texts

PACKAGE: Final = "mewe_host.privacy"

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WHEN = re.compile(r"(.*_)?(time|at|on|date|since|until)")
"""What columns are called that hold a moment or a day: in any other, what looks like one is what somebody wrote."""
_COPIES = "kit_"
"""What every feature keeps for itself of what another one tells: shown behind its own."""


def html(document: Mapping[str, Any], language: str) -> str:
    """The page: no script, no picture, no address that anything is fetched from. Everything that somebody wrote is escaped.

    In a language that there are no words of (``nb``), or in that of another country (``sv-FI``), as ``texts.say`` has it.
    """
    language = next((one for one in (language, language.split("-")[0]) if one in texts.languages(PACKAGE)), texts.FALLBACK)

    def say(key: str, **arguments: str | int) -> str:
        return escape(texts.say(PACKAGE, language, key, **arguments))

    when = format_date(datetime.fromisoformat(str(document["exported"])[:10]), "long", locale=language)
    body = [f"<h1>{say('export-title')}</h1>", f"<p>{say('export-about', when=when)}</p>"]
    body += [f"<p>{say('export-keep')}</p>", f"<p class=small>{say('export-reading')}</p>"]
    for feature, tables in document["features"].items():
        inner = sorted(tables, key=lambda one: str(one["table"]).startswith(_COPIES))
        told = "".join(_table(one, language) for one in inner) or f"<p>{say('export-nothing')}</p>"
        body.append(f"<section><h2>{_titled(feature, language)}</h2>{told}</section>")
    head = "<meta charset=utf-8><meta name=viewport content='width=device-width, initial-scale=1'>"
    head += f"<title>{say('export-title')}</title><style>{(files(PACKAGE) / 'export.css').read_text('utf-8')}</style>"
    begin = f"<!doctype html><html lang='{escape(language, quote=True)}'><head>{head}</head>"
    return f"{begin}<body><main>{''.join(body)}</main></body></html>\n"


def _table(one: Mapping[str, Any], language: str) -> str:
    rows: Sequence[Mapping[str, Any]] = one["rows"]
    why = escape(texts.say(PACKAGE, language, "export-why"))
    begin = f"<h3>{_titled(str(one['table']).partition('_')[2], language)}</h3>"
    begin += f"<p class=small>{why} <span lang=en>{escape(one['purpose'])}</span></p>"
    return begin + "".join(_entry(row, language) for row in rows)


def _entry(row: Mapping[str, Any], language: str) -> str:
    there = {name: value for name, value in row.items() if value is not None and value != ""}
    told = "".join(
        f"<div><dt>{_titled(name, language)}</dt><dd>{_value(name, value, language)}</dd></div>"
        for name, value in there.items()
        if not _is_id(name)
    )
    ids = "<br>".join(f"{escape(name)} {escape(str(value))}" for name, value in there.items() if _is_id(name))
    return f"<article><dl>{told}</dl>" + (f"<p class=ids>{ids}</p>" if ids else "") + "</article>"


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith("_id")


def _titled(name: str, language: str) -> str:
    """A name in words: ours where there are some, else its own without the underscores."""
    try:
        return escape(texts.say(PACKAGE, language, f"name-{name.replace('_', '-')}"))
    except KeyError:
        return f"<span lang=en>{escape(name.replace('_', ' ').capitalize())}</span>"


def _value(name: str, value: object, language: str) -> str:
    text = str(value)
    if isinstance(value, bool):
        return escape(texts.say(PACKAGE, language, "export-yes" if value else "export-no"))
    if _WHEN.fullmatch(name):
        with suppress(ValueError):
            if _MOMENT.fullmatch(text):
                return escape(format_datetime(datetime.fromisoformat(text), "medium", locale=language))
            if _DAY.fullmatch(text):
                return escape(format_date(datetime.fromisoformat(text), "long", locale=language))
    return escape(text)
