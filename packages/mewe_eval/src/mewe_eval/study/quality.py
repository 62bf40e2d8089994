"""What is to be looked at in a study before anybody relies on it. Lines are those of the file that ``as_csv`` writes."""

from collections.abc import Iterator

from mewe_eval.analysis import definition as plans
from mewe_eval.analysis.found import Findings
from mewe_eval.analysis.plans import ReadPlan
from mewe_eval.analysis.running import carried_out
from mewe_eval.analysis.table import Table, read_table
from mewe_eval.exports.files import as_csv
from mewe_eval.instruments.model import TOTAL, Instrument, Respondent
from mewe_eval.study.data import Study
from mewe_eval.study.known import Known


def quality(study: Study) -> Findings:
    """What participants answered: who is there twice, straight lines, items against the others, one time against the next."""
    table = _of_participants(read_table(as_csv(study)), tuple(study.protocol.waves))
    plan = ReadPlan(_plan(study), study.protocol.sha256, "")
    found = carried_out(plan, {None: table})
    return Findings(plan.plan.title, plan.plan.version, plan.sha256, table.sha256, study.cut, table.rows, found)


def _of_participants(table: Table, waves: tuple[str, ...]) -> Table:
    """Their rows, which stand first."""
    rows = table.columns["role"].count(Respondent.PARTICIPANT.value)
    columns = {name: column[:rows] for name, column in table.columns.items()}
    return Table(columns, table.sha256, levels={"wave": waves})


def _plan(study: Study) -> plans.Plan:
    asked = {one.instrument for one in study.protocol.asked if one.role is Respondent.PARTICIPANT}
    scales = dict(one for name in study.instruments if name in asked for one in _scales(study.instruments[name]))
    wanted = plans.Quality(
        person="person",
        site=(Known.COUNTRY.value, Known.ORGANISATION.value),
        wave="wave",
        scales=tuple(scales),
        level=study.protocol.analysis.level,
    )
    return plans.Plan(
        title=next(iter(study.protocol.title.values())),
        version=str(study.protocol.version),
        scales=scales,
        quality={"participants": wanted},
    )


def _scales(instrument: Instrument) -> Iterator[tuple[str, plans.Scale]]:
    """Each scale whose items are answered alike, and each item that is in none, by itself."""
    alone = dict.fromkeys(instrument.item_ids())
    for scale in instrument.scales():
        members = instrument.members(scale)
        sets = {instrument.allowed(item) for item in instrument.items if item.id in members}
        if len(sets) == 1:
            name = instrument.id if scale.id == TOTAL else f"{instrument.id} ({scale.id})"
            yield name, _scale(instrument, members, sets.pop(), scale.least)
            alone = {item: None for item in alone if item not in members}
    for item in instrument.items:
        if item.id in alone:
            yield f"{instrument.id}: {item.id}", _scale(instrument, (item.id,), instrument.allowed(item), None)


def _scale(instrument: Instrument, members: tuple[str, ...], allowed: tuple[int, ...], least: int | None) -> plans.Scale:
    reverse = instrument.recoded_here()
    return plans.Scale(
        items=tuple(f"{instrument.id}.{one}" for one in members),
        lowest=allowed[0],
        highest=allowed[-1],
        reverse=tuple(f"{instrument.id}.{one}" for one in members if one in reverse),
        minimum=least,
    )
