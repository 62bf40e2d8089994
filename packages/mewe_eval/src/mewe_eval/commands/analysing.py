"""``mewe eval analyse``: a plan and a table in, findings out."""

from mewe_core.kit.commands import Answer, Argument, Asked, Command, CommandFault

from mewe_eval.analysis.plans import PlanFaults, read_plan
from mewe_eval.analysis.running import analyse
from mewe_eval.analysis.showing import as_html, as_json, as_text

_SHOWN = {"text": as_text, "json": as_json, "html": as_html}


def analysed(asked: Asked) -> Answer:
    """The findings of a plan on a table. Raises CommandFault with everything that is wrong in either."""
    plan, data = asked.one("PLAN"), asked.one("DATA")
    try:
        findings = analyse(read_plan(plan.content or b""), data.content or b"")
    except PlanFaults as fault:
        raise CommandFault(*(_where(line, plan.word, data.word) for line in fault.lines)) from None
    return Answer(_SHOWN[asked.form](findings))


def _where(line: str, plan: str, data: str) -> str:
    of_table = line.removeprefix("the table: ")
    return f"{plan}, {line}" if of_table == line else f"{data}, {of_table}"


ANALYSE = Command(
    "analyse",
    "Analyse a table as a plan says: every figure with its uncertainty, and what it is of.",
    analysed,
    (
        Argument("PLAN", "The plan, in TOML (docs/analysis.md)."),
        Argument("DATA", "The table, as CSV."),
    ),
    tuple(_SHOWN),
)
