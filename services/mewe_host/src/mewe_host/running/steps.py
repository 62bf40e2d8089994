"""Starting, shown step by step; and refusing to start, with what to do about it."""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

from attrs import define, field, frozen


class Refusal(Exception):
    """The program does not start; the message says what is the matter and what to do about it."""


@define
class Step:
    """One step that is being taken. ``detail`` may be set while it runs."""

    name: str
    detail: str = ""


@frozen
class Place:
    """Where a feature answers: ``http`` as ``http://host:port``, ``grpc`` as ``host:port``."""

    http: str
    grpc: str


Places = Mapping[str, Place]
"""Where each feature answers, by its name."""


def shown(places: Places) -> Iterator[tuple[str, str]]:
    """What to go to, and where it is, for people; features that answer at one place are told together."""
    for one in dict.fromkeys(places.values()):
        who = "" if len(set(places.values())) == 1 else ", ".join(name for name, place in places.items() if place == one)
        yield who or "open", one.http
        yield "API", f"{one.http}/openapi.json"
        yield "gRPC", one.grpc


class Steps(Protocol):
    """Where the steps are shown."""

    def step(self, name: str) -> AbstractContextManager[Step]:
        """Take a step: show how it went, and let a fault through."""

    def ready(self, places: Places, notes: Sequence[str]) -> None:
        """Show where to go, and what the features say."""


@define
class PlainSteps:
    """One line a step, for people; a sign of success in front if it went well."""

    stream: TextIO = field(factory=lambda: sys.stdout)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Show that a step is done, how long it took, and its detail. One that fails says so and lets the fault through."""
        step, began = Step(name), time.perf_counter()
        try:
            yield step
        except BaseException:
            self._say(f"  ✗ {name}")
            raise
        took = f"{(time.perf_counter() - began) * 1000:.0f} ms"
        self._say(f"  ✓ {name:<24} {step.detail + ', ' if step.detail else ''}{took}")

    def ready(self, places: Places, notes: Sequence[str]) -> None:
        """Show where to go, and what the features say."""
        self._say("")
        for what, where in shown(places):
            self._say(f"  {what:<12} {where}")
        for note in notes:
            self._say(f"\n  {note}")
        self._say("")

    def _say(self, line: str) -> None:
        self.stream.write(f"{line}\n")
        self.stream.flush()


@define
class JsonSteps:
    """One JSON object a step, for programs that start this one."""

    stream: TextIO = field(factory=lambda: sys.stdout)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Tell that a step is done, or that it failed, and let the fault through."""
        step, began = Step(name), time.perf_counter()
        try:
            yield step
        except BaseException:
            self._say(step=name, ok=False)
            raise
        self._say(step=name, ok=True, detail=step.detail, seconds=round(time.perf_counter() - began, 3))

    def ready(self, places: Places, notes: Sequence[str]) -> None:
        """Tell where to go, and what the features say."""
        addresses = {name: one.grpc for name, one in places.items()}
        health = list(dict.fromkeys(one.http for one in places.values()))
        self._say(step="ready", ok=True, addresses=addresses, health=health, notes=list(notes))

    def _say(self, **line: object) -> None:
        self.stream.write(f"{json.dumps(line)}\n")
        self.stream.flush()
