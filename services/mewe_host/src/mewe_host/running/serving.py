"""The features of one process at work: their desks, the guard before them, the faces, the exchange of events behind them."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from functools import partial
from pathlib import Path

import structlog

from mewe_host.alerts import delivery as delivering
from mewe_host.alerts import setting_up
from mewe_host.alerts.delivery import Delivery
from mewe_host.allowance import Allowance
from mewe_host.bus.connection import Connection
from mewe_host.bus.exchange import Exchange
from mewe_host.desk import checkpoints
from mewe_host.desk.accesses import WRITTEN_EVERY
from mewe_host.desk.acting import Acting
from mewe_host.desk.sealing import Sealer
from mewe_host.desk.trimming import Trimmer
from mewe_host.guard import CallGuard
from mewe_host.identity import acts
from mewe_host.identity.keys import FileKeys
from mewe_host.keyring.keyring import Keyring
from mewe_host.mix import Mix, in_the_clear
from mewe_host.parts import Store
from mewe_host.privacy.erasing import Erasing
from mewe_host.running import seen
from mewe_host.running.chores import Chores
from mewe_host.running.desks import desks
from mewe_host.running.faces import Faces
from mewe_host.running.health import Health
from mewe_host.running.metrics import Metrics
from mewe_host.running.plan import Plan
from mewe_host.running.pushes import pushing
from mewe_host.running.steps import Place, Places
from mewe_host.wire.assembling import Wire

_FLUSH_SECONDS = 2.0
_LOOK_AT_QUEUES = 5.0
_CLEAR_AWAY = 600.0
_RETAIN = 3600.0
_REFRESH = 1.0
_SEAL = 1.0
_JOBS = 1.0
_TIDY = 1.0
_NOTE_TIME = 1.0
_ALERTS = 1.0
_REPLICAS = 3

_LOG = structlog.get_logger()


def replicas(mix: Mix) -> int:
    """How many servers of NATS keep each message."""
    return min(_REPLICAS, max(1, len(mix.nats.monitoring)))


class Serving:
    """One process's features, from listening to the last call."""

    def __init__(
        self,
        plan: Plan,
        wire: Wire,
        keys: FileKeys,
        keyrings: Mapping[str, Keyring],
        stores: Mapping[str, Store],
        connection: Connection,
    ) -> None:
        mix = plan.mix
        pushes = pushing(mix)
        here = desks(plan, wire, keys, keyrings, stores, pushes.offered)
        self._plan = plan
        self._connection = connection
        self._chores = Chores()
        self._health = Health.of(plan.names)
        self._metrics = Metrics()
        self._desks = here.by_name
        self._live = here.live
        self._issuers = here.issuers
        self._checker = here.checker
        self._metrics.streams(lambda: self._live.open_streams)
        self._exchange = Exchange(
            connection,
            mix.country,
            plan.mounted.catalogue,
            tuple(self._desks.values()),
            here.clock,
            replicas=replicas(mix),
        )
        file = checkpoints.beside(Path(mix.keys.folder))
        self._sealers = [Sealer(name, desk.store, keys, here.clock, file, desk.tell) for name, desk in self._desks.items()]
        book = acts.beside(Path(mix.keys.folder))
        self._acting = [Acting(desk.store, keys, here.clock, book) for desk in self._desks.values()]
        self._trimmers = [Trimmer(name, desk.store, keys, here.clock) for name, desk in self._desks.items()]
        guard = CallGuard(
            wire.methods,
            self._desks,
            here.trust,
            self._live,
            here.clock,
            check=self._health.check,
            observe=self._metrics.observe,
            most_calls=mix.limits.calls_at_once,
            allowance=Allowance(mix.limits.calls_a_minute, mix.limits.lists_a_minute),
        )
        self._keyrings = keyrings
        self._clock = here.clock
        self._metrics.clock(lambda: self._clock.behind.total("seconds"))
        self._pushes = pushes
        senders = {**setting_up.senders(mix.alerts), **pushes.senders}
        self._deliveries = {
            name: Delivery(name, desk.store, keyrings[name], here.clock, senders) for name, desk in self._desks.items()
        }
        self._faces = Faces(plan, guard, wire, self._health, self._metrics, self._settled, self._notes, here.clock)
        self._erasing = Erasing(plan.mix, plan.mounted.catalogue, self._desks, keys, here.clock)

    async def listen(self) -> Place:
        """Let the faces listen; no feature is ready yet. Raises Refusal if an address is taken."""
        return await self._faces.listen()

    async def start(self) -> list[str]:
        """Start each feature, once nobody who was erased is in it any more.

        Gives what they say to whoever started the host, and what does not work without more settings.
        """
        await self._clock.learn(desk.store for desk in self._desks.values())
        await self._erasing.replay()
        await self._checker.begin(self._plan.mounted.brought.checks)
        said = [line for desk in self._desks.values() for line in await desk.start()]
        clear = in_the_clear.notes(self._plan.mix)
        return [*said, *clear, *setting_up.notes(self._plan.mix.alerts), *seen.notes(self._clock, self._plan.file)]

    async def catch_up(self) -> Places:
        """Tell and hear events from now on; each feature takes calls as soon as it knows what had happened before."""
        self._live.start()
        if not self._plan.mix.database.embedded:  # an embedded file has one writer, and it wakes its own streams
            await self._live.hear(self._connection, self._plan.mix.country, self._plan.names)
        await self._exchange.start()
        await asyncio.gather(*(self._ready(name) for name in self._desks))
        self._metrics.ready(True)
        self._chores.every(_LOOK_AT_QUEUES, "queues", self._look_at_queues)
        self._chores.every(_NOTE_TIME, "noting the time", self._clock.keep)
        self._chores.every(_CLEAR_AWAY, "clearing away", self._clear_away)
        self._chores.every(_RETAIN, "retention", self._erasing.retain)
        for acting in self._acting:
            self._chores.every(_SEAL, "acts", acting.keep)
        for sealer in self._sealers:
            self._chores.every(_SEAL, "sealing", sealer.seal)
        for name, desk in self._desks.items():
            self._chores.every(WRITTEN_EVERY, f"accesses of {name}", desk.accesses.keep)
            self._chores.every(_ALERTS, f"alerts of {name}", self._deliveries[name].deliver)
            self._chores.every(_TIDY, f"keyring of {name}", self._keyrings[name].shelf.tidy)
            if desk.feature.jobs:
                self._chores.every(_JOBS, f"jobs of {name}", desk.do_jobs)
        for name in self._desks:
            self._chores.every(_JOBS, f"erasures of {name}", partial(self._erasing.go_on, name, self._connection))
        if not self._plan.mix.database.embedded:
            self._chores.every(_REFRESH, "refreshing", self._refresh)
        return self._faces.places(self._plan.names)

    async def drain(self) -> None:
        """Take no new calls, end the streams, finish the calls that run, publish what they told; then stop. May be repeated."""
        self._health.stop()
        self._metrics.ready(False)
        await self._faces.tell_ready()
        await self._chores.stop()
        await self._live.stop()
        await self._faces.stop()
        for desk in self._desks.values():
            await desk.settle()
        await self._finish(desk.accesses.keep() for desk in self._desks.values())
        await self._finish(acting.keep() for acting in self._acting)
        await self._finish(sealer.finish() for sealer in self._sealers)
        await self._finish((self._clock.keep(),))
        await self._finish(one.finish(_FLUSH_SECONDS) for one in self._deliveries.values())
        if self._connection.is_up:
            await self._exchange.flush(_FLUSH_SECONDS)
        await self._exchange.stop()
        await self._issuers.close()
        await self._pushes.close()
        await self._checker.close()

    async def _ready(self, feature: str) -> None:
        for listener in self._exchange.listeners:
            if listener.feature == feature:
                await listener.caught_up.wait()
        self._health.caught_up(feature)
        await self._faces.tell_ready()

    async def _look_at_queues(self) -> None:
        for relay, (name, desk) in zip(self._exchange.relays, self._desks.items(), strict=True):
            parked = len(await desk.parked())
            delivery = self._deliveries[name]
            alerts, lacking = await delivery.waiting(), len(delivery.without_sender)
            self._metrics.alerts(name, waiting=alerts.count, without_sender=lacking, given_up=delivery.given_up)
            self._metrics.queues(name, unpublished=await relay.waiting(), lag=await self._lag(name), parked=parked)

    async def _lag(self, feature: str) -> int:
        return sum([await one.lag() for one in self._exchange.listeners if one.feature == feature])

    def _notes(self) -> tuple[str, ...]:
        """What somebody should look at, though calls are taken."""
        late = delivering.faults(tuple(self._deliveries.values()))
        return (*late, *self._checker.notes(), *seen.notes(self._clock, self._plan.file))

    async def _settled(self) -> bool:
        """Whether nothing waits, once what is due by the clock is done."""
        for desk in self._desks.values():
            await desk.do_jobs()
            await self._erasing.go_on(desk.feature.name, self._connection)
        return await self._exchange.settled()

    async def _clear_away(self) -> None:
        for desk in self._desks.values():
            await desk.clear_away()
        for trimmer in self._trimmers:
            await trimmer.let_go()

    async def _finish(self, ends: Iterable[Awaitable[object]]) -> None:
        """What cannot be written or sealed now is lost, or sealed after the next start."""
        for fault in await asyncio.gather(*ends, return_exceptions=True):
            if isinstance(fault, BaseException):
                _LOG.warning("audit not finished", exc_info=fault)

    async def _refresh(self) -> None:
        for desk in self._desks.values():
            await desk.refresh()
