"""All events of one process: a relay for each feature that it serves, a listener for each area that one of them hears."""

import asyncio
import contextlib
from collections.abc import Sequence

import nats.errors
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.events import Catalogue
from mewe_core.kit.feature import Feature
from mewe_core.kit.ports import Clock
from mewe_core.kit.witness import AuditCheckpoint

from mewe_host.bus.connection import Connection
from mewe_host.bus.lease import Lease
from mewe_host.bus.listener import Listener
from mewe_host.bus.relay import Relay
from mewe_host.bus.subjects import Names, Told
from mewe_host.desk.hearing import CHECKPOINT, delivered, heard
from mewe_host.parts import Desk

_LOOK = 0.02


class Exchange:
    """Between the desks of this process and those of others. ``replicas``: how many servers keep each message."""

    def __init__(
        self,
        connection: Connection,
        country: str,
        catalogue: Catalogue,
        desks: Sequence[Desk],
        clock: Clock,
        *,
        replicas: int = 1,
    ) -> None:
        names = Names(country)
        self.relays = tuple(
            Relay(Told.of(catalogue, desk.feature.name), desk.store, connection, names, clock, replicas=replicas)
            for desk in desks
        )
        self._leases = {desk.feature.name: Lease(desk.store, "listener") for desk in desks}
        self.listeners = tuple(
            Listener(desk, Told.of(catalogue, area).only(told), connection, names, self._leases[desk.feature.name])
            for desk in desks
            for area, told in sorted(delivered(desk.feature, catalogue).items())
        )
        self.witnesses = tuple(
            Listener(
                desk,
                Told.of(catalogue, area).only({CHECKPOINT}),
                connection,
                names,
                self._leases[desk.feature.name],
                durable=f"{desk.feature.name}-{CHECKPOINT}",
            )
            for desk in desks
            for area in witnessed_areas(desk.feature, catalogue)
        )
        """Nobody waits for these: a feature serves without being a witness."""

    async def start(self) -> None:
        """Begin to publish and to hear."""
        for relay in self.relays:
            await relay.start()
        for listener in (*self.listeners, *self.witnesses):
            listener.start()

    @property
    def is_caught_up(self) -> bool:
        """Whether every feature has, once since the start, heard everything that was told."""
        return all(listener.caught_up.is_set() for listener in self.listeners)

    async def caught_up(self) -> None:
        """Wait for that. It may take until the services that tell the events have started."""
        for listener in self.listeners:
            await listener.caught_up.wait()

    async def settled(self) -> bool:
        """Whether at this moment nothing waits: no event to be published by these features, none to be heard by them."""
        before = sum(relay.published for relay in self.relays)
        try:
            if not self.is_caught_up or await self._left():
                return False
            if any([await relay.waiting() for relay in self.relays]):
                return False
            return not await self._left() and before == sum(relay.published for relay in self.relays)
        except (nats.errors.Error, OSError, TimeoutError):
            return False

    async def flush(self, seconds: float) -> bool:
        """Wait until everything these features have told is published; False if it was not within ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    if not any([await relay.waiting() for relay in self.relays]):
                        return True
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            return False

    async def stop(self) -> None:
        """Stop hearing, then publishing."""
        for listener in (*self.listeners, *self.witnesses):
            await listener.stop()
        for lease in self._leases.values():
            with contextlib.suppress(Unavailable):
                await lease.give_back()
        for relay in self.relays:
            await relay.stop()

    async def _left(self) -> int:
        return sum([await listener.lag() for listener in self.listeners])


def witnessed_areas(feature: Feature, catalogue: Catalogue) -> tuple[str, ...]:
    """The areas whose checkpoints a feature keeps besides those that it hears anyway.

    The first feature of a mix is the witness of all others, and the second that of the first.
    """
    areas = catalogue.tellers(AuditCheckpoint)
    wanted = areas[1:] if feature.name == areas[0] else areas[:1] if feature.name == "".join(areas[1:2]) else ()
    return tuple(sorted({*wanted} - {*heard(feature, catalogue)}))
