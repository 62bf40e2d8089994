"""A listener: one feature hears one area, each aggregate in order, many aggregates at once.

A message is acknowledged when what it did is kept. What cannot be taken in is parked with its aggregate; the rest goes on.
Where several processes serve a feature (PostgreSQL), one of them hears for all: shared out between them, the events of one
aggregate would overtake each other.
"""

import asyncio
import contextlib
from collections.abc import Coroutine

import nats.errors
import structlog
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Unavailable
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig
from nats.js.errors import APIError, NotFoundError

from mewe_host.bus import outbox, streams
from mewe_host.bus.connection import Connection
from mewe_host.bus.ending import end
from mewe_host.bus.lease import Lease
from mewe_host.bus.replay import NoAnswer, ask
from mewe_host.bus.subjects import Names, NotAnEvent, Told, read
from mewe_host.parts import Desk, Envelope, Taken

_BATCH = 256
_AT_ONCE = streams.AT_ONCE
_FETCH_SECONDS = 5.0
_TRIES = (0.05, 0.25, 1.0)
_LONGEST_PAUSE = 2.0
_LOOK = 0.1
_LEASE_LOOK = 1.0

_AWAY = (nats.errors.Error, OSError, TimeoutError)


class Listener:
    """What one feature hears of one area, in this process: the events of ``told``, and no others.

    ``lease``: the right to hear for the feature. ``durable``: what its place in the streams is called; None: as the feature.
    """

    def __init__(
        self, desk: Desk, told: Told, connection: Connection, names: Names, lease: Lease, *, durable: str | None = None
    ) -> None:
        self._desk = desk
        self._lease = lease
        self._told = told
        self._durable = durable or desk.feature.name
        self._connection = connection
        self._names = names
        self._lanes: dict[str, dict[str, tuple[Envelope, Msg]]] = {}
        self._under_way = 0
        self._room = asyncio.Event()
        self._room.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._behind = set(self._told.streams(names))
        self._log = structlog.get_logger(part="listener", feature=desk.feature.name, area=told.area)
        self.caught_up = asyncio.Event()
        """Set when everything has been heard that the area had told when this began to look, by whichever process."""

    @property
    def feature(self) -> str:
        """The feature that hears."""
        return self._desk.feature.name

    def start(self) -> None:
        """Begin to hear; the area's streams need not be there yet."""
        if not self._behind:
            self.caught_up.set()
        for stream in self._told.streams(self._names):
            self._spawn(self._pull(stream), f"{self._desk.feature.name} hears {stream}")
            self._spawn(self._catch_up(stream), f"{self._desk.feature.name} catches up with {stream}")

    async def stop(self) -> None:
        """End; what is not acknowledged comes again."""
        await end(*self._tasks)

    async def lag(self) -> int:
        """How many messages are still to be heard, those under way included. Raises NotFoundError while a stream is missing."""
        client = await self._connection.client()
        stream = client.jetstream(timeout=2)
        lags = [await self._lag(stream, name) for name in self._told.streams(self._names)]
        return sum(lags) + self._under_way

    async def _lag(self, stream: JetStreamContext, name: str) -> int:
        return streams.left(await stream.consumer_info(name, self._durable))

    async def _catch_up(self, name: str) -> None:
        told: int | None = None
        while True:
            with contextlib.suppress(*_AWAY):
                client = await self._connection.client()
                stream = client.jetstream(timeout=2)
                told = await streams.told_so_far(stream, name) if told is None else told
                if told is not None:
                    place = await stream.consumer_info(name, self._durable)
                    if streams.heard_up_to(place) >= told or not (streams.left(place) or self._under_way):
                        break
            await asyncio.sleep(_LOOK)
        self._behind.discard(name)
        if not self._behind:
            self.caught_up.set()

    async def _pull(self, name: str) -> None:
        pause = _TRIES[0]
        while True:
            try:
                if not await self._lease.held():
                    await asyncio.sleep(_LEASE_LOOK)
                    continue
                client = await self._connection.client()
                stream = client.jetstream(timeout=2)
                await streams.hear(stream, name, self.consumer(name))
                with contextlib.suppress(APIError):
                    await stream.reset_consumer(name, self._durable)
                subscription = await stream.pull_subscribe_bind(self._durable, name)
                pause = _TRIES[0]
                try:
                    await self._fetch(subscription)
                finally:
                    with contextlib.suppress(*_AWAY):
                        await subscription.unsubscribe()
            except NotFoundError:
                self._log.info("stream_awaited", stream=name)
            except (*_AWAY, Unavailable) as fault:
                self._log.warning("listener_waits", stream=name, reason=type(fault).__name__)
            except Exception as fault:
                self._log.error("listener_failed", stream=name, reason=type(fault).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def consumer(self, name: str) -> ConsumerConfig:
        """How JetStream keeps what this feature has heard of a stream: everything from the start, one durable a feature."""
        return streams.consumer(
            self._durable, [self._names.told(self._told.area, one) for one in self._told.streams(self._names)[name]]
        )

    async def _fetch(self, subscription: JetStreamContext.PullSubscription) -> None:
        while await self._lease.held():
            await self._room.wait()
            try:
                messages = await subscription.fetch(_BATCH, timeout=_FETCH_SECONDS)
            except TimeoutError:
                await subscription.consumer_info()
                continue
            for message in messages:
                await self._offer(message)

    async def _offer(self, message: Msg) -> None:
        try:
            envelope = read(message.subject, message.headers, message.data)
        except NotAnEvent as fault:
            self._log.error("not_an_event", reason=str(fault))
            await message.term()
            return
        lane = self._lanes.get(envelope.aggregate_id)
        if lane is None:
            lane = self._lanes[envelope.aggregate_id] = {}
            self._spawn(self._drive(envelope.aggregate_id), "lane")
        if envelope.event_id not in lane:
            self._under_way += 1
            if self._under_way >= _AT_ONCE:
                self._room.clear()
        lane[envelope.event_id] = (envelope, message)

    async def _drive(self, aggregate_id: str) -> None:
        lane = self._lanes[aggregate_id]
        pause, waited_for = _TRIES[0], ""
        while lane:
            event_id, (envelope, message) = min(lane.items(), key=_sequence)
            if not await self._take(envelope, look_elsewhere=event_id == waited_for):
                waited_for = event_id
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                with contextlib.suppress(*_AWAY):
                    await message.in_progress()
                continue
            pause = _TRIES[0]
            _, newest = lane.pop(event_id)
            self._under_way -= 1
            if self._under_way < _AT_ONCE:
                self._room.set()
            with contextlib.suppress(*_AWAY):
                await newest.ack()
        del self._lanes[aggregate_id]

    async def _take(self, envelope: Envelope, *, look_elsewhere: bool) -> bool:
        """Whether it was taken in. What is missing before it may be on its way in the area's other stream, so wait once."""
        try:
            if await self._hear(envelope) is Taken.GAP:
                if not look_elsewhere:
                    return False
                await self._hear_again(envelope)
        except (Unavailable, NoAnswer) as fault:
            self._log.warning("event_waits", event_name=envelope.name, reason=type(fault).__name__)
            return False
        except Exception as fault:
            self._log.error("event_not_taken", event_name=envelope.name, reason=type(fault).__name__)
            return False
        return True

    async def _taken(self, aggregate_id: str) -> int:
        async def unit(database: Database) -> int:
            return await outbox.taken(database, self._told.area, aggregate_id)

        return await self._desk.store.read(unit)

    async def _hear_again(self, wanted: Envelope) -> None:
        after = await self._taken(wanted.aggregate_id)
        self._log.info("gap", event_name=wanted.name, count=wanted.sequence - after - 1)
        while after < wanted.sequence:
            told = await ask(self._connection, self._names, self._told.area, wanted.aggregate_id, after)
            for envelope in told or (wanted,):
                if await self._hear(envelope) is Taken.GAP:
                    self._log.warning("events_gone", count=envelope.sequence - after - 1)
                    await self._hear(envelope, earlier_gone=True)
                after = max(after, envelope.sequence)

    async def _hear(self, envelope: Envelope, *, earlier_gone: bool = False) -> Taken:
        for pause in (*_TRIES, None):
            try:
                return await self._desk.hear(envelope, earlier_gone=earlier_gone)
            except Unavailable:
                raise
            except Exception as fault:
                reason = type(fault).__name__
                if pause is None:
                    self._log.error("event_parked", event_name=envelope.name, reason=reason)
                    await self._desk.park(envelope, reason)
                    break
                self._log.warning("event_tried_again", event_name=envelope.name, reason=reason)
                await asyncio.sleep(pause)
        return Taken.PARKED

    def _spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _sequence(entry: tuple[str, tuple[Envelope, Msg]]) -> int:
    return entry[1][0].sequence
