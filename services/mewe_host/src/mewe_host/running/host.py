"""One process: everything is opened in order, serves until somebody asks to stop, and is closed in order."""

import asyncio
import contextlib
import gc
import os
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack

import structlog

from mewe_host.running import opening
from mewe_host.running.plan import Plan
from mewe_host.running.serving import Serving
from mewe_host.running.steps import Steps
from mewe_host.running.stopping import Stop
from mewe_host.wire.assembling import assemble

_SPARE_SECONDS = 5.0
"""How much longer than its calls a host may take to stop."""

GARBAGE = (20_000, 20, 20)
"""How much is made before it is looked through for rings: what a call makes goes by itself, so looking often finds nothing."""

_LOG = structlog.get_logger()


async def host(plan: Plan, steps: Steps) -> None:
    """Serve the plan's features until somebody asks to stop.

    Raises what a part refuses to start with; whatever was started before it is stopped again.
    """
    stop = Stop()
    stop.listen()
    _take_turns()
    async with AsyncExitStack() as stack:
        with steps.step("contracts") as step:
            wire = assemble(plan.mounted.features, set(plan.names))
            step.detail = f"{len(wire.methods)} methods, {len(wire.events)} events"
        with steps.step("keys"):
            keys = opening.keys(plan)
        with steps.step("databases") as step:
            step.detail = await opening.migrated(plan)
            stores = await opening.stores(plan, stack)
            keyrings = await opening.keyrings(plan, keys, stack)
        with steps.step("NATS") as step:
            connection, step.detail = await opening.connection(plan, stack)
        serving = Serving(plan, wire, keys, keyrings, stores, connection)
        stack.push_async_callback(_at_most, plan.mix.limits.drain_seconds + _SPARE_SECONDS, serving.drain())
        with steps.step("faces") as step:
            place = await serving.listen()
            step.detail = f"{place.http}, gRPC {place.grpc}"
        with steps.step("features"):
            notes = await serving.start()
        with steps.step("catching up"):
            places = await stop.unless(serving.catch_up())
        if places is None:
            return
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        gc.enable()
        steps.ready(places, notes)
        await stop.wait()


def _take_turns() -> None:
    """Have none of this process's threads interrupt another in the middle of its work each time it wakes (Linux).

    A call passes through several threads of gRPC; each takes its turn a moment later, and the processor does less.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # where a container does not allow it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


async def _at_most(seconds: float, work: Coroutine[object, object, None]) -> None:
    """Do the work, but go on without it if it takes longer: a host that was asked to stop stops."""
    doing = asyncio.create_task(work)
    done, _ = await asyncio.wait((doing,), timeout=seconds)
    if done:
        doing.result()
    else:
        _LOG.error("drain given up", seconds=seconds)
        doing.cancel()
