"""``mewe eval federate``: one file a country, and everything that stands in the way said at once."""

import re
from collections.abc import Iterator, Sequence

from mewe_core.kit.commands import Answer, Argument, Asked, Command, CommandFault, Given

from mewe_eval.analysis.plans import PlanFaults, ReadPlan, read_plan
from mewe_eval.analysis.showing import as_html, as_json, as_text
from mewe_eval.federation.agreement import Agreement, agreement
from mewe_eval.federation.rounds import carried_out

SHOWN = {"text": as_text, "json": as_json, "html": as_html}
"""What findings can be shown as."""
_NAMED = re.compile(r"(?:.*[/\\])?([^/\\]+?)(?:\.[^./\\]*)?", re.DOTALL)
CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def over_countries(asked: Asked) -> Answer:
    """The findings of a plan over countries. Raises CommandFault with everything that is wrong in plan, files and tables."""
    (plan,), files = asked.arguments["PLAN"], asked.arguments["COUNTRY"]
    faults = list(_names(files))
    agreed: Agreement | None = None
    try:
        agreed = agreement(_read(plan), {code_of(one.word): one.content or b"" for one in files})
    except PlanFaults as fault:
        words = {code_of(one.word): one.word for one in files}
        faults += [_where(line, plan.word, words) for line in fault.lines]
    if agreed is None or faults:
        raise CommandFault(*faults)
    return Answer(SHOWN[asked.form](carried_out(agreed)))


def code_of(word: str) -> str:
    """What a file is called, without its folder and its ending."""
    named = _NAMED.fullmatch(word)
    return named[1] if named else word


FEDERATE = Command(
    "federate",
    "Estimate the mixed models of a plan over several countries, of which none shows its rows.",
    over_countries,
    (
        Argument("PLAN", "The plan, in TOML (docs/analysis.md)."),
        Argument("COUNTRY", "Each country's table, as CSV, called after its code: SE.csv NL.csv.", several=True),
    ),
    tuple(SHOWN),
)


def _read(plan: Given) -> ReadPlan:
    return read_plan(plan.content or b"")


def _names(files: Sequence[Given]) -> Iterator[str]:
    seen = dict[str, str]()
    for one in files:
        code = code_of(one.word)
        if not CODE.fullmatch(code):
            yield f"{one.word}: this is no country's code; allowed: two capital letters before the ending (SE.csv, SE-AB.csv)"
        if code in seen:
            yield f"{one.word}: {code} is there twice, with {seen[code]}; allowed: one file a country"
        seen.setdefault(code, one.word)


def _where(line: str, plan: str, words: dict[str, str]) -> str:
    code, _, problem = line.partition(": ")
    if code == "countries":
        return line
    return f"{words[code]}, {problem}" if code in words else f"{plan}, {line}"
