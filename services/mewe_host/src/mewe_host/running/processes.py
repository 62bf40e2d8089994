"""Each feature in a process of its own on one machine: started, watched, started again when one dies, stopped together."""

import asyncio
import gc
from contextlib import AsyncExitStack

import structlog

from mewe_host.bus.accounts import keep_streams
from mewe_host.bus.connection import Connection
from mewe_host.bus.server import EmbeddedServer
from mewe_host.mix.model import Listening
from mewe_host.running.child import Child
from mewe_host.running.opening import migrated, nats
from mewe_host.running.plan import Plan
from mewe_host.running.steps import Place, Refusal, Steps
from mewe_host.running.stopping import Stop

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0

_LOG = structlog.get_logger()


async def processes(plan: Plan, named: str | None, steps: Steps) -> None:
    """Run each feature of the plan by ``mewe serve`` until somebody asks to stop. Raises Refusal if one does not start."""
    if not plan.mix.nats.embedded:
        raise Refusal(f'{plan.file}, nats.url: mewe up --split brings its own NATS. Allowed: "embedded".')
    stop = Stop()
    stop.listen()
    async with AsyncExitStack() as stack:
        with steps.step("databases") as step:
            step.detail = await migrated(plan)
        with steps.step("NATS") as step:
            server = await nats(plan, stack)
            await _streams(plan, server)
            step.detail = server.address.shown()
        children = [_child(plan, named, name, nth) for nth, name in enumerate(plan.names)]
        stack.push_async_callback(_all_stopped, children, plan.mix.limits.drain_seconds)
        with steps.step("processes") as step:
            if await stop.unless(_all_started(children)) is None:
                return
            step.detail = ", ".join(f"{one.feature} {one.pid}" for one in children)
        gc.enable()
        steps.ready({one.feature: one.place for one in children}, [note for one in children for note in one.notes])
        async with asyncio.TaskGroup() as watching:
            tasks = [watching.create_task(_kept(one)) for one in children]
            await stop.wait()
            for task in tasks:
                task.cancel()


async def _streams(plan: Plan, server: EmbeddedServer) -> None:
    """Make the streams, which none of the processes may."""
    mounted = plan.mounted
    connection = await Connection.open(server.address, name="mewe streams")
    try:
        await keep_streams(connection, mounted.mix.country, mounted.catalogue, mounted.features, replicas=1)
    finally:
        await connection.close()


def _child(plan: Plan, named: str | None, feature: str, nth: int) -> Child:
    arguments = ["serve", named or "everything", feature, "--json"]
    return Child(feature, arguments, Place(_next(plan.mix.http, nth), _next(plan.mix.grpc, nth)))


def _next(first: Listening, nth: int) -> str:
    host = f"[{first.host}]" if ":" in first.host else first.host
    return f"{host}:{first.port + nth if first.port else 0}"


async def _all_started(children: list[Child]) -> bool:
    await asyncio.gather(*(one.start() for one in children))
    return True


async def _all_stopped(children: list[Child], drain_seconds: int) -> None:
    await asyncio.gather(*(one.stop(drain_seconds + 5.0) for one in children))


async def _kept(child: Child) -> None:
    """Start a child again whenever it has ended, at the same place."""
    pause = _FIRST_PAUSE
    while True:
        code = await child.ended()
        _LOG.warning("process ended", feature=child.feature, outcome=str(code))
        try:
            await child.start()
            pause = _FIRST_PAUSE
        except Refusal:
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
