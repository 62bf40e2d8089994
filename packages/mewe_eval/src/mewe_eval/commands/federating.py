"""``mewe eval federate``: a plan and one table a country in, one analysis over all of them out."""

import re
from collections import Counter

from mewe_core.kit.commands import Answer, Argument, Asked, Command, CommandFault

from mewe_eval.analysis.plans import PlanFaults, read_plan
from mewe_eval.analysis.showing import as_html, as_json, as_text
from mewe_eval.federation.rounds import federated

_SHOWN = {"text": as_text, "json": as_json, "html": as_html}
_CODE = re.compile(r"[A-Za-z]{2}([-_][A-Za-z0-9]+)*")


def federate(asked: Asked) -> Answer:
    """The mixed models of a plan over all countries. Raises CommandFault with everything that is wrong."""
    plan, files = asked.one("PLAN"), asked.arguments["COUNTRY"]
    codes = [_code(one.word) for one in files]
    wrong = [
        f"{one.word}: the file is not named after a country; allowed: two letters and .csv, such as SE.csv"
        for one, code in zip(files, codes, strict=True)
        if not _CODE.fullmatch(code)
    ]
    wrong += [f"{code}: there are {count} files of it; allowed: one" for code, count in Counter(codes).items() if count > 1]
    if wrong:
        raise CommandFault(*wrong)
    try:
        read = read_plan(plan.content or b"")
    except PlanFaults as fault:
        raise CommandFault(*(f"{plan.word}, {line}" for line in fault.lines)) from None
    try:
        tables = {code: one.content or b"" for code, one in zip(codes, files, strict=True)}
        return Answer(_SHOWN[asked.form](federated(read, tables)))
    except PlanFaults as fault:
        raise CommandFault(*fault.lines) from None


def _code(word: str) -> str:
    return re.split(r"[/\\]", word)[-1].rpartition(".")[0].upper()


FEDERATE = Command(
    "federate",
    "Analyse the tables of several countries as one, each showing the others nothing but masked sums.",
    federate,
    (
        Argument("PLAN", "The plan, in TOML: its mixed models are carried out (docs/analysis.md)."),
        Argument("COUNTRY", "One table a country, as CSV, named after it: SE.csv NL.csv.", several=True),
    ),
    tuple(_SHOWN),
)
