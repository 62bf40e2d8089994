"""A person's own data, from the declarations: what is found by them alone, opened, in words and in a form for machines."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import BigInteger
from whenever import Instant

from mewe_core.kit.feature import Feature
from mewe_core.kit.personal import SEALED, Personal
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.rows import Line, lines
from mewe_core.kit.values import moment

PAGE = 200
"""The most rows that one page of an export holds."""

_MOMENTS = ("_time", "_at", "_moment")
_MOMENT_NAMES = frozenset({"since", "until", "at"})


@frozen
class Exported:
    """A page of an export: tables with their purpose and rows, and where the next page begins (None: this was the last)."""

    tables: tuple[Mapping[str, Any], ...]
    following: tuple[int, int] | None


async def export_some(feature: Feature, person_id: str, work: Work, *, after: tuple[int, int] = (0, 0)) -> Exported:
    """At most ``PAGE`` rows about a person, from line and row ``after`` on. Read only; nothing of anybody else is in it."""
    here = [line for line in lines(feature.personal, feature.tables) if line.one.exported]
    place, skipped = after
    found: list[Mapping[str, Any]] = []
    left = PAGE
    while place < len(here):
        line = here[place]
        rows = await _rows(line, person_id, work, offset=skipped, limit=left)
        if rows:
            found.append({**_heading(line.one), "rows": rows})
        left -= len(rows)
        if left <= 0:
            return Exported(tuple(found), (place, skipped + len(rows)))
        place, skipped = place + 1, 0
    return Exported(tuple(found), None)


async def export_all(feature: Feature, person_id: str, work: Work) -> list[Mapping[str, Any]]:
    """Every page, put together."""
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    after: tuple[int, int] | None = (0, 0)
    while after is not None:
        page = await export_some(feature, person_id, work, after=after)
        join(merged, page.tables)
        after = page.following
    return list(merged.values())


def join(merged: dict[tuple[str, str], dict[str, Any]], tables: Sequence[Mapping[str, Any]]) -> None:
    """Put the tables of one page to those of the pages before it. Pure, but for ``merged``."""
    for one in tables:
        kept = merged.setdefault((one["table"], one["purpose"]), {**one, "rows": []})
        kept["rows"] = [*kept["rows"], *one["rows"]]


def _heading(one: Personal) -> dict[str, Any]:
    """What stands above the rows of a line; who can open them, where that is not the platform."""
    heading = {"table": one.table, "purpose": one.purpose, "basis": one.basis.value}
    return heading if one.opened_by is None else {**heading, "opened_by": one.opened_by}


async def _rows(line: Line, person_id: str, work: Work, *, offset: int, limit: int) -> list[dict[str, Any]]:
    cells: list[Any] = await work.database.all(line.export, line.row, person=person_id, offset=offset, limit=limit)
    return [await _shown(line, row, work) for row in cells]


async def _shown(line: Line, row: Any, work: Work) -> dict[str, Any]:
    width = len(line.exported)
    values = [getattr(row, f"cell{place}") for place in range(width + 2)]
    row_id, about = values[width], values[width + 1]
    shown: dict[str, Any] = {}
    for name, value in zip(line.exported, values, strict=False):
        if isinstance(value, bytes) and line.one.opened_by is not None:
            shown[name] = b64encode(value).decode()
        elif isinstance(value, bytes):
            shown[name.removeprefix(SEALED)] = await _opened(line, name, str(row_id), str(about), value, work)
        else:
            shown[name] = readable(name, value, is_big=isinstance(line.table.c[name].type, BigInteger))
    return shown


async def _opened(line: Line, name: str, row_id: str, about: str, sealed: bytes, work: Work) -> str | None:
    if not sealed or line.one.sealed is None:
        return None
    for column in (name, name.removeprefix(SEALED)):
        try:
            return await work.sealing.open(about, line.one.sealed, f"{line.one.table}/{row_id}/{column}", sealed)
        except ValueError:
            continue
    return None


def readable(name: str, value: object, *, is_big: bool) -> object:
    """A value as people read it: moments in ISO 8601, everything else as it is. Pure."""
    if is_big and isinstance(value, int) and (name.endswith(_MOMENTS) or name in _MOMENT_NAMES):
        return moment(value).format_iso()
    return value


def document(person_id: str, country: str, at: Instant, features: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """The whole export for machines: every feature by its name."""
    return {
        "kind": "mewe.export.v1",
        "person": person_id,
        "country": country,
        "exported": at.format_iso(),
        "features": {name: list(tables) for name, tables in sorted(features.items())},
    }
