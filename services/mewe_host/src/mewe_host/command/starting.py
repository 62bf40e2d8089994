"""Commands that run until they are stopped."""

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from mewe_host.mix import found, mount
from mewe_host.mix.model import Mix
from mewe_host.running.plan import Plan, elsewhere, secrets
from mewe_host.running.refusing import refusing
from mewe_host.running.steps import JsonSteps, PlainSteps, Steps


def up(named: str | None, *, http: str | None, grpc: str | None, split: bool, json: bool) -> int:
    """Run every feature of a mix with all it needs, in this process or (``split``) each in one of its own."""
    steps = _steps(json=json)
    with steps.step("mix") as step:
        mounted = elsewhere(mount(found(named)), http=http, grpc=grpc)
        secrets(mounted, mounted.features)
        step.detail = f"{Path(mounted.file).name}: {', '.join(one.name for one in mounted.features)}"
    plan = Plan(mounted, mounted.features, brings_all=True)

    def host() -> Coroutine[Any, Any, None]:
        from mewe_host.running.host import host

        return host(plan, steps)

    def processes() -> Coroutine[Any, Any, None]:
        from mewe_host.running.processes import processes

        return processes(plan, named, steps)

    return _run(plan.mix, plan.file, processes if split else host)


def serve(named: str, features: tuple[str, ...], *, http: str | None, grpc: str | None, json: bool) -> int:
    """Run some features of a mix in this process, where databases and NATS are there already."""
    steps = _steps(json=json)
    with steps.step("mix") as step:
        mounted = elsewhere(mount(found(named)), http=http, grpc=grpc)
        plan = Plan(mounted, mounted.only(features), brings_all=False)
        secrets(mounted, plan.serving)
        step.detail = f"{Path(mounted.file).name}: {', '.join(plan.names)}"

    def host() -> Coroutine[Any, Any, None]:
        from mewe_host.running.host import host

        return host(plan, steps)

    return _run(plan.mix, plan.file, host)


def _run(mix: Mix, file: str, work: Callable[[], Coroutine[Any, Any, None]]) -> int:
    from mewe_host.running import logging
    from mewe_host.running.stopping import run

    with logging.to(mix.log.file), refusing(file):
        run(work())
    return 0


def _steps(*, json: bool) -> Steps:
    if json:
        return JsonSteps()
    if sys.stdout.isatty():
        from mewe_host.command.terminal import TerminalSteps

        return TerminalSteps()
    return PlainSteps()
