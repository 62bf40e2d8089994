"""``make bench``: measures, prints the table, and leaves with 1 if a figure does not keep its bound.

``python -m benchmarks [start|unary|writes|chat|streams|sizes|hosts|diary|diary_web|evaluation|answers ...]``; all if none is.
``--keep`` writes docs/figures.md; of parts that are named, their figures alone are new there.
"""

import asyncio
import importlib
import os
import platform
import sys
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figures import ROUNDS, Figure

_CHAT = ("unary", "writes", "chat", "streams", "sizes", "hosts") if find_spec("mewe_chat") else ()
_DIARY = ("diary", "diary_web") if find_spec("mewe_diary") else ()
_EVALUATION = ("evaluation", *(("answers",) if _CHAT else ())) if find_spec("mewe_eval") else ()
PARTS = ("start", *_CHAT, *_DIARY, *_EVALUATION)
"""What is measured of the features that are installed."""
PAGE = Path(__file__).resolve().parent.parent / "docs/figures.md"
HEAD = ("figure", "measured", "ceiling", "ratio (least-most)", "bound", "held")


HELD = {True: "yes", False: "NO", None: ""}


def rows(figures: list[Figure]) -> list[tuple[str, ...]]:
    """The table's lines."""
    return [(one.name, one.value, one.ceiling, one.ratio, one.bound, HELD[one.held]) for one in figures]


def main(arguments: list[str]) -> int:
    """Measure what was asked for, or say what can be."""
    if "--help" in arguments:
        Console().print(__doc__, markup=False)
        return 0
    figures: list[Figure] = []
    named = [one for one in arguments if not one.startswith("-")]
    for part in named or PARTS:
        figures += asyncio.run(importlib.import_module(f"benchmarks.{part}").measure())
    table = Table(*HEAD, title=f"Medians of {ROUNDS} rounds")
    for row in rows(figures):
        table.add_row(*row)
    Console(width=160).print(table)
    if "--keep" in arguments:
        keep(rows(figures), kept() if named else [])
    return 0 if all(one.held is not False for one in figures) else 1


def kept() -> list[tuple[str, ...]]:
    """The lines that the page has."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines[2:]]


def keep(new: list[tuple[str, ...]], before: list[tuple[str, ...]]) -> None:
    """Write the page of the last figures: new ones in the place of those of the same name, or after all others."""
    machine = f"{os.cpu_count()} processors, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    lines = [
        "# Figures",
        "",
        f"Medians of {ROUNDS} rounds by `make bench`, on {machine}. Ratios are taken pair by pair in one run.",
        "",
    ]
    every = {row[0]: row for row in [*before, *new]}
    lines += ["| " + " | ".join(row) + " |" for row in (HEAD, tuple("---" for _ in HEAD), *every.values())]
    PAGE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
