"""Retention: what is past the term that its declaration promises goes, by itself, in units of at most 500 rows.

Keys that belong to a row (a closed concern's, say) go with it, and before it: a unit that is undone leaves a row that cannot be
opened, and is due again.
"""

from attrs import frozen

from mewe_core.kit.feature import Feature
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.erasing import destroy_with_rows
from mewe_core.kit.privacy.rows import Line, lines
from mewe_core.kit.privacy.rules import HOURS_PER_DAY
from mewe_core.kit.values import Parameter


@frozen
class PastTerm:
    """How many rows of a table are past their term, and what that is (days)."""

    table: str
    days: int
    rows: int


async def past_term(feature: Feature, work: Work) -> list[PastTerm]:
    """What a run would remove or empty now; nothing is changed."""
    found = []
    for line in lines(feature.personal, feature.tables):
        if line.count_due is None or line.one.retention_days is None:
            continue
        rows = await work.database.first(line.count_due, int, **_before(line, work))
        if rows:
            found.append(PastTerm(line.one.table, line.one.retention_days, rows))
    return found


async def retain_some(feature: Feature, work: Work) -> int:
    """Remove or empty at most 500 rows that are past their term; says how many, 0 when there are none left."""
    for line in lines(feature.personal, feature.tables):
        if line.retain is not None:
            if line.retain_ids is not None:
                ids = await work.database.all(line.retain_ids, str, **_before(line, work))
                await destroy_with_rows(ids, line.retain_keys, work)
            gone = await work.database.execute(line.retain, **_before(line, work))
            if gone:
                return gone
    return 0


def _before(line: Line, work: Work) -> dict[str, Parameter]:
    """The moment (or the date, in UTC) before which a row of the line is past its term."""
    moment = work.now.subtract(hours=HOURS_PER_DAY * (line.one.retention_days or 0))
    return {"before": moment.to_tz("UTC").date() if line.past_is_text else moment}
