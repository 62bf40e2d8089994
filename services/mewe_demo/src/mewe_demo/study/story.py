"""The story of the study, from two fresh deployments to its reports."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from mewe_eval.analysis.found import Number
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from mewe_demo.running import DoesNotRun, running_in
from mewe_demo.story import ZONE
from mewe_demo.study.mixes import mix_of
from mewe_demo.study.play import Part, played
from mewe_demo.study.reporting import Told, told

COUNTRIES = ("SE", "NL")
STEPS = 22
_WAVES = ("T0", "T1", "T2")


async def over_countries(done: Callable[[str], None]) -> tuple[tuple[Part, ...], str]:
    """Each country's part on a deployment of its own, side by side; and as of which day. Raises DoesNotRun, Refused."""

    async def one(country: str, folder: Path) -> tuple[Part, str]:
        async with running_in(folder, "up", mix_of(country, folder).name) as here:
            done(f"{country}: started")
            part = await played(here, country, done)
            return part, here.now().to_tz(ZONE).date().format_iso()

    with contextlib.ExitStack() as folders:
        there = {one: Path(folders.enter_context(tempfile.TemporaryDirectory(prefix="mewe-demo-"))) for one in COUNTRIES}
        async with asyncio.TaskGroup() as both:
            tasks = [both.create_task(one(country, folder)) for country, folder in there.items()]
    found = [task.result() for task in tasks]
    return tuple(part for part, _ in found), max(day for _, day in found)


def play(folder: Path) -> int:
    """Play it, keep what comes of it in a folder, and print what happened; 0 if all went well."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        sys.stderr.write(f"{folder} is not empty; name a folder that is new, and nothing of yours is written over\n")
        return 1
    progress = Progress(console=Console(stderr=True), transient=True)
    task = progress.add_task("Starting", total=STEPS)

    def done(what: str) -> None:
        progress.update(task, advance=1, description=what)

    faults = list[BaseException]()
    with progress:
        try:
            parts, cut = asyncio.run(over_countries(done))
        except* DoesNotRun as several:
            faults += several.exceptions
    if faults:
        sys.stderr.write(f"The study could not be played. {faults[0]}\n")
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    tell(parts, told(parts, folder, cut), folder, Console())
    return 0


def tell(parts: tuple[Part, ...], found: Told, folder: Path, console: Console) -> None:
    """Print what happened, and where the rest is."""
    table = _table("Two arms, four groups, three times of asking")
    for head in ("country", "meets", "waits", "asked", *(f"answered {wave}" for wave in _WAVES)):
        table.add_column(head)
    for part in parts:
        arms = {arm: name for name, arm in part.arms.items()}
        row = (part.country, arms["programme"], arms["waiting"], str(part.asked))
        table.add_row(*row, *(str(part.answered[wave]) for wave in _WAVES))
    console.print(table)
    alarms = _table("An answer that an adult looks at")
    for head in ("country", "help was shown at once", "what the leader read"):
        alarms.add_column(head)
    for part in parts:
        if part.alarm is not None:
            alarms.add_row(part.country, "yes" if part.alarm.shown_help else "NO", part.alarm.leader_read)
    console.print(alarms)
    hold = all(part.draws_hold for part in parts)
    console.print(f"Every draw is made again from the secret that was shown at the end: {'yes' if hold else 'NO'}")
    changes = _table(
        found.within.title, caption="Both countries together, neither of which showed its rows. The people do not exist."
    )
    for head in ("figure", "change", "95 % interval", "answers", "persons"):
        changes.add_column(head)
    refused = list[str]()
    for one in (*found.together.analyses, *found.within.analyses):
        refused += [f"{one.name}: {one.refused.partition('. ')[0]}."] if one.refused else []
        for figure in one.figures:
            if figure.name.startswith(("arm[", "wave[")):
                interval = f"{_number(figure.low)} to {_number(figure.high)}"
                changes.add_row(figure.name, _number(figure.value), interval, str(one.n), str(one.clusters))
    console.print(changes)
    console.print("What four groups cannot tell, and is not told (together.html says more):")
    for line in refused:
        console.print(f"- {line}")
    console.print(f"The reports are in {folder}: {', '.join(one.name for one in found.files)}")


def _number(value: Number) -> str:
    return "?" if value is None else f"{value:.2f}"


def _table(title: str, *, caption: str | None = None) -> Table:
    return Table(title=title, caption=caption, title_justify="left", caption_justify="left", box=box.SIMPLE_HEAD)
