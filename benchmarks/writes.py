"""Durable writes inside the process: whole units of the chat (message, audit, outbox, kept answer), 64 callers, SQLite."""

import asyncio
import gc
import tempfile
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop
from google.protobuf.timestamp_pb2 import Timestamp
from mewe.kit.v1.standing_pb2 import (
    PURPOSE_CHAT,
    ROLE_PARTICIPANT,
    SCOPE_KIND_GROUP,
    ConsentChanged,
    StandingChanged,
)
from mewe.programme.v1.events_pb2 import GROUP_STATE_RUNNING, GroupChanged
from mewe_chat.checks.chain import Checked
from mewe_core.kit.access import Caller
from mewe_core.kit.standing import admit
from mewe_core.kit.values import micros
from mewe_host.desk.desk import FeatureDesk
from mewe_host.mix import mount
from mewe_host.parts import Envelope, Method, UnitDatabase
from mewe_host.running import opening
from mewe_host.running.desks import desks
from mewe_host.running.host import GARBAGE
from mewe_host.running.plan import Plan
from mewe_host.store.migrate import migrate
from mewe_host.wire.assembling import assemble
from whenever import Instant

from benchmarks.ceilings import spike_writes
from benchmarks.country import MIX
from benchmarks.figures import ROUNDS, Figure, ratio_of, value_of

CALLERS, SECONDS, ROOM, PERSON = 64, 2.0, "r" * 32, "p" * 32
TEXT = "A message of a usual length, as one writes them: about eighty characters, no more."


async def settle(desk: FeatureDesk, read: Method) -> None:
    """A room and one who is in it with consent, as the chat hears of them, and has read what it cannot keep to itself."""
    standing = StandingChanged(
        id="m" * 32,
        person_id=PERSON,
        role=ROLE_PARTICIPANT,
        scope_kind=SCOPE_KIND_GROUP,
        scope_id=ROOM,
        since=Timestamp(seconds=1),
    )
    group = GroupChanged(group_id=ROOM, organisation_id="o" * 32, state=GROUP_STATE_RUNNING)
    consent = ConsentChanged(id="c" * 32, person_id=PERSON, purpose=PURPOSE_CHAT, covered=True)
    heard = (
        ("programme", "standing_changed", "m" * 32, standing),
        ("programme", "group_changed", ROOM, group),
        ("people", "consent_changed", "c" * 32, consent),
    )
    for area, name, aggregate, event in heard:
        payload = event.SerializeToString()
        await desk.hear(Envelope(area, name, uuid.uuid4().hex, aggregate, 1, Instant.now(), payload))
    message = read.request.message(request_id="r", room_id=ROOM, version=1)
    await desk.answer(read, message, read.request.load(message), Caller(PERSON, "s" * 32, "SE"), 30.0)


async def units(desk: FeatureDesk, method: Method) -> float:
    """Units of work a second: savepoint, membership, message, outbox and audit, each answered when it is durable."""
    calls, caller = desk.calls, Caller(PERSON, "s" * 32, "SE")
    message = method.request.message(request_id="u", room_id=ROOM, text=TEXT)
    request, ready = method.request.load(message), Checked()

    async def unit(database: UnitDatabase) -> object:
        now = calls.lent.clock.now()
        standing = await admit(method.rpc.access, caller, database, request, now)
        work = calls.lent.work(caller, standing, now, database, ready)
        answer = await method.rpc.handler(request, work)
        await calls.outbox.tell(work)
        await calls.audit.changed(method, caller, standing, micros(now), database)
        return answer

    return await rate(lambda: desk.store.write(unit))


async def whole(desk: FeatureDesk, method: Method) -> float:
    """Whole calls a second inside the process: the same with the request read, its repeat looked for, its answer kept."""
    caller = Caller(PERSON, "s" * 32, "SE")

    async def call() -> object:
        message = method.request.message(request_id=uuid.uuid4().hex, room_id=ROOM, text=TEXT)
        answered = await desk.answer(method, message, method.request.load(message), caller, 30.0)
        if not answered.message.message.sequence:  # type: ignore[attr-defined]
            raise RuntimeError("a message was held back: what is measured is not what is meant")
        return answered

    return await rate(call)


async def rate(work: Callable[[], Awaitable[object]]) -> float:
    """How often a second it is done by all callers together."""
    loop = asyncio.get_running_loop()
    began, done = loop.time(), 0

    async def again() -> None:
        nonlocal done
        while loop.time() - began < SECONDS:
            await work()
            done += 1

    await asyncio.gather(*(again() for _ in range(CALLERS)))
    return done / (loop.time() - began)


async def rounds() -> tuple[list[float], list[float], list[float]]:
    """Units, whole calls and the spike, in turn."""
    ours, calls, bare = [], [], []
    with tempfile.TemporaryDirectory(prefix="mewe-writes-") as folder:
        async with AsyncExitStack() as stack:
            mix = Path(folder) / "writes.toml"
            mix.write_text(f'{MIX}\n[database]\nurl = "sqlite:{folder}/data"\n[keys]\nfolder = "{folder}/keys"\n')
            mounted = mount(mix)
            plan = Plan(mounted, mounted.only(("chat",)), brings_all=True)
            await migrate(plan.serving, plan.mix.database.url)
            wire = assemble(mounted.features, {"chat"})
            keys = opening.keys(plan)
            here = desks(plan, wire, keys, await opening.keyrings(plan, keys, stack), await opening.stores(plan, stack))
            desk = here.by_name["chat"]
            await here.checker.begin(plan.mounted.brought.checks)
            await desk.start()
            await settle(desk, wire.methods["/mewe.chat.v1.ChatService/AcknowledgeLimitOfConfidentiality"])
            method = wire.methods["/mewe.chat.v1.ChatService/PostMessage"]
            gc.freeze()
            gc.set_threshold(*GARBAGE)
            for number in range(ROUNDS):
                ours.append(await units(desk, method))
                calls.append(await whole(desk, method))
                spike = Path(folder) / f"spike-{number}"
                spike.mkdir()
                bare.append(await spike_writes.rate(spike, CALLERS, SECONDS, TEXT))
    return ours, calls, bare


async def measure() -> list[Figure]:
    """Units a second, and how near the bare spike they and whole calls come."""
    ours, calls, bare = await asyncio.to_thread(uvloop.run, rounds())
    name = f"durable units of work, {CALLERS} callers, SQLite FULL"
    return [
        value_of(f"{name} (bare: 18,273 a second where it was designed)", ours, "{:,.0f} a second", least=10_000),
        ratio_of("the same against a bare spike", ours, bare, "{:,.0f} a second"),
        ratio_of("whole calls in the process, with the answer kept for a repeat", calls, bare, "{:,.0f} a second"),
    ]
