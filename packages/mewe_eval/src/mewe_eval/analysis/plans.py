"""A plan read strictly: everything that is wrong in it at once, with key, line, and what is allowed there."""

import hashlib
import re
import tomllib
from collections.abc import Iterator

from attrs import frozen
from mewe_core.kit.tables import TableFault, TableFaults, structured

from mewe_eval.analysis.definition import Plan


class PlanFaults(Exception):
    """A plan cannot be used; each line is a fault, with its key, its line where one is known, and what is allowed."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@frozen
class ReadPlan:
    """A plan with its text, and the SHA-256 of its bytes in 64 hexadecimal digits: who changes the plan changes this."""

    plan: Plan
    sha256: str
    text: str


def read_plan(content: bytes) -> ReadPlan:
    """The plan in a TOML document. Raises PlanFaults with everything that is wrong in it."""
    try:
        text = content.decode()
        table = tomllib.loads(text)
    except UnicodeDecodeError:
        raise PlanFaults("this is not UTF-8; allowed: a TOML file saved as UTF-8") from None
    except tomllib.TOMLDecodeError as fault:
        raise PlanFaults(f"this is not TOML: {fault}") from None
    try:
        plan = structured(table, Plan)
    except TableFaults as fault:
        raise PlanFaults(*(_told(one, text) for one in fault.faults)) from None
    return ReadPlan(plan, hashlib.sha256(content).hexdigest(), text)


def _told(fault: TableFault, text: str) -> str:
    line = line_of(text, fault.key)
    where = f"{fault.key or 'document'}{'' if line is None else f' (line {line})'}"
    return f"{where}: {fault.problem}; allowed: {fault.allowed}"


def line_of(text: str, key: str) -> int | None:
    """The line, from 1, where a key of a TOML document stands, or else the section that it belongs to; None if neither does."""
    steps = [one.strip('"') for one in re.split(r"\.(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", re.sub(r"\[\d+\]", "", key)) if one]
    best: tuple[int, int] | None = None
    for line, path in _paths(text):
        if path == steps[: len(path)] and (best is None or len(path) > best[0]):
            best = (len(path), line)
    return None if best is None else best[1]


def _paths(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that opens a section or names a key, with its path."""
    section: list[str] = []
    for line, content in enumerate(text.splitlines(), 1):
        if opened := re.match(r"\s*\[\[?([^\]]+)\]\]?\s*(#.*)?$", content):
            section = _steps(opened[1])
            yield line, section
        elif named := re.match(r"\s*((?:[\w-]+|\"[^\"]*\")(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"))*)\s*=", content):
            yield line, [*section, *_steps(named[1])]


def _steps(dotted: str) -> list[str]:
    return [one.strip().strip('"') for one in re.findall(r"\"[^\"]*\"|[\w-]+", dotted)]
