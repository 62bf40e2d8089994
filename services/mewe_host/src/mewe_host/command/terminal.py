"""Steps on a terminal: in colour, with a sign that something is going on."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from attrs import define, field
from rich.console import Console
from rich.markup import escape

from mewe_host.running.steps import Places, Step, shown


@define
class TerminalSteps:
    """One line a step; the one that is being taken turns."""

    console: Console = field(factory=lambda: Console(highlight=False))

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Show that a step is taken, then how it went, and let a fault through."""
        step, began = Step(name), time.perf_counter()
        try:
            with self.console.status(f"{name} ..."):
                yield step
        except BaseException:
            self.console.print(f"  [red]✗[/] {name}")
            raise
        detail = f"{escape(step.detail)}, " if step.detail else ""
        self.console.print(
            f"  [green]✓[/] {name:<12} [dim]{detail}{(time.perf_counter() - began) * 1000:.0f} ms[/]", soft_wrap=True
        )

    def ready(self, places: Places, notes: Sequence[str]) -> None:
        """Show where to go, and what the features say."""
        self.console.print()
        for what, where in shown(places):
            self.console.print(f"  [bold]{what:<12}[/] {escape(where)}", soft_wrap=True)
        for note in notes:
            self.console.print(f"\n  {escape(note)}", soft_wrap=True)
        self.console.print("\n  [dim]Ctrl-C stops everything.[/]\n")
