"""Streams: who follows which topic in this process, what is new there, and whose right to it has ended.

A follower pages from its own cursor until it meets the topic's position, and then is handed what is read for all. One that is
too slow loses its queue and pages by itself again; nobody else waits for it.

What was read goes out only when every right that may have ended before it was read has been looked at: what is said once this
process knows that somebody has left does not reach them.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any

import structlog
from mewe_core.kit.database import Database
from mewe_core.kit.ports import Clock, Follow, Next
from nats.aio.msg import Msg
from whenever import Instant

from mewe_host.bus.connection import Connection, Listening
from mewe_host.bus.ending import end
from mewe_host.bus.subjects import EVENT_ID, Names, NotAnEvent, read
from mewe_host.bus.topic import PAGE, Allowed, Follower, Item, Topic
from mewe_host.parts import Codec, Desk, Envelope
from mewe_host.store.once import ReadOnce

TOGETHER = 0.08
"""Seconds for which a topic that has just given something gives nothing more: where much comes, it goes out together behind
them. Nobody notices so short a time."""

STREAMS = 30
"""How many streams one person may have open in one process, unless the host says otherwise."""

_OWN = 2_000
"""How many events of this process are known again when NATS gives them back."""

_LOOK = 1.0
_RECHECK_PAUSE = 0.1
_CHECKED_AT_ONCE = 40


class Topics:
    """parts.Live: all that is watched in this process."""

    def __init__(self, clock: Clock, *, streams: int = STREAMS) -> None:
        self._clock = clock
        self._streams = streams
        self._by_person: dict[str, deque[Follower]] = {}
        self._topics: dict[tuple[str, str, Any], Topic] = {}
        self._by_name: dict[tuple[str, str], set[Topic]] = {}
        self._followers: set[Follower] = set()
        self._told: dict[str, None] = {}
        self._recheck = asyncio.Event()
        self._asked = self._checked = 0
        self._was_checked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._listening: list[Listening] = []
        self._stopped = False
        self._log = structlog.get_logger(part="live")

    @property
    def open_streams(self) -> int:
        """How many streams are open."""
        return len(self._followers)

    def start(self) -> None:
        """Begin to look after those who follow."""
        self._tasks = [
            asyncio.create_task(self._look(), name="watched topics"),
            asyncio.create_task(self._check(), name="rights of followers"),
        ]

    async def hear(self, connection: Connection, country: str, areas: Sequence[str]) -> None:
        """Look into a topic also when NATS says that something happened in it: other processes may write what is watched.

        A topic is known by the id of the aggregate that its events belong to.
        """
        names = Names(country)
        for area in areas:
            self._listening.append(await connection.listen(names.area(area), self._heard))
        connection.on_up(self._wake_all)

    async def stop(self) -> None:
        """End every stream."""
        self._stopped = True
        for listening in self._listening:
            await listening.end()
        for follower in self._followers:
            follower.end()
        self._was_checked.set()
        await end(*self._tasks, *(topic.task for topic in self._topics.values()))

    def told(self, envelopes: Sequence[Envelope], shown: Sequence[Next[object]] = ()) -> None:
        """A unit of this process is kept: what it shows is there, and there may be more in the other topics of what it told."""
        for envelope in envelopes:
            self._told[envelope.event_id] = None
            if not any(one.topic == envelope.aggregate_id for one in shown):
                self.wake(envelope.area, envelope.aggregate_id)
        for item in shown:
            for topic in self._by_name.get((envelopes[0].area, item.topic), ()):
                if topic.page is item.page:
                    topic.show(item)
                else:
                    topic.look()
        while len(self._told) > _OWN:
            del self._told[next(iter(self._told))]

    def wake(self, area: str, topic: str) -> None:
        """There may be something new in a topic."""
        for one in self._by_name.get((area, topic), ()):
            one.look()

    def recheck(self, person_id: str | None = None) -> None:
        """Somebody's standing or session may have ended: everybody's is looked at, at most ten times a second."""
        self._asked += 1
        self._recheck.set()

    async def follow(
        self,
        desk: Desk,
        follow: Follow[object],
        codec: Codec[object],
        allowed: Allowed,
        ends_at: Instant,
        person_id: str | None,
    ) -> AsyncIterator[bytes]:
        """The items of a topic behind a cursor, then new ones as they come, until ``allowed`` says no or ``ends_at``.

        Where a person opens more than one may have, their oldest stream ends: a telephone that lost its network again and again
        leaves streams behind that nobody reads, and they must not keep its newest out.
        """
        if self._stopped or ends_at <= self._clock.now():
            return
        topic = self._topic(desk, follow, codec)
        follower = Follower(desk, allowed, ends_at, follow.after, follow.after, follow.since)
        topic.followers.add(follower)
        self._followers.add(follower)
        self._make_room(person_id, follower)
        queue, loop = follower.queue, asyncio.get_running_loop()
        try:
            while follower.is_going():
                while follower.is_going() and not follower.joined:
                    page = deque(await self._own_page(topic, follower))
                    while page and follower.is_going():
                        if together := follower.taken(page):
                            yield together
                while queue:
                    if together := follower.taken(queue):
                        yield together
                if follower.joined and follower.is_going():
                    follower.waiter = loop.create_future()
                    await follower.waiter
        finally:
            self._followers.discard(follower)
            self._leave(person_id, follower)
            topic.followers.discard(follower)
            if not topic.followers:
                self._drop(topic)

    def _make_room(self, person_id: str | None, follower: Follower) -> None:
        if person_id is None:
            return
        own = self._by_person.setdefault(person_id, deque())
        own.append(follower)
        if len(own) > self._streams:
            own.popleft().end()

    def _leave(self, person_id: str | None, follower: Follower) -> None:
        own = self._by_person.get(person_id or "")
        if own is not None and follower in own:
            own.remove(follower)
        if person_id is not None and not own:
            self._by_person.pop(person_id, None)

    async def _own_page(self, topic: Topic, follower: Follower) -> list[Item]:
        known = topic.position
        items = await topic.items(follower.cursor)
        await self._rights_known()
        if len(items) < PAGE:
            reached = max(items[-1][0] if items else follower.cursor, known or 0)
            if topic.position is None:
                topic.position = reached
                topic.look()  # what came while this page was under way woke nobody
            if topic.position <= reached:
                follower.reached = reached
                follower.joined = True
        return items

    def _topic(self, desk: Desk, follow: Follow[object], codec: Codec[object]) -> Topic:
        area = desk.feature.name
        key = (area, follow.topic, follow.page)
        topic = self._topics.get(key)
        if topic is None:
            topic = self._topics[key] = Topic(desk, follow, codec)
            self._by_name.setdefault((area, follow.topic), set()).add(topic)
            topic.task = asyncio.create_task(self._read(topic), name=f"topic of {area}")
        return topic

    def _drop(self, topic: Topic) -> None:
        area = topic.desk.feature.name
        self._topics.pop((area, topic.name, topic.page), None)
        named = self._by_name.get((area, topic.name), set())
        named.discard(topic)
        if not named:
            self._by_name.pop((area, topic.name), None)
        if topic.task is not None:
            topic.task.cancel()

    async def _read(self, topic: Topic) -> None:
        while True:
            await topic.new.wait()
            topic.new.clear()
            try:
                if await topic.read(self._rights_known):
                    await asyncio.sleep(TOGETHER)
            except Exception as fault:
                self._log.warning("topic_not_read", area=topic.desk.feature.name, reason=type(fault).__name__)
                await asyncio.sleep(_RECHECK_PAUSE)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            self._wake_all()
            self._recheck.set()

    async def _check(self) -> None:
        while True:
            await self._recheck.wait()
            self._recheck.clear()
            now, asked = self._clock.now(), self._asked
            by_desk: dict[int, list[Follower]] = {}
            for topic in self._topics.values():  # one topic behind the other: what its followers have in common is read once
                for follower in topic.followers:
                    if follower.ends_at <= now:
                        follower.end()
                    else:
                        by_desk.setdefault(id(follower.desk), []).append(follower)
            for followers in by_desk.values():
                for start in range(0, len(followers), _CHECKED_AT_ONCE):
                    await self._check_rights(followers[start : start + _CHECKED_AT_ONCE])
            self._checked, was_checked = asked, self._was_checked
            self._was_checked = asyncio.Event()
            was_checked.set()
            await asyncio.sleep(_RECHECK_PAUSE)

    async def _rights_known(self) -> None:
        """Return when every right that was to be looked at by now has been."""
        asked = self._asked
        while self._checked < asked and not self._stopped:
            await self._was_checked.wait()

    async def _check_rights(self, followers: Sequence[Follower]) -> None:
        allowed: set[Follower] = set()

        async def unit(database: Database) -> None:
            once = ReadOnce(database)
            for follower in followers:
                if not follower.ended and await follower.allowed(once):
                    allowed.add(follower)

        try:
            async with asyncio.timeout(_LOOK):
                await followers[0].desk.store.read(unit)
        except Exception as fault:
            self._log.warning("rights_not_checked", reason=type(fault).__name__)
        for follower in followers:
            if follower not in allowed:
                follower.end()

    def _wake_all(self) -> None:
        for topic in self._topics.values():
            topic.look()

    async def _heard(self, message: Msg) -> None:
        if message.headers and message.headers.get(EVENT_ID, "") in self._told:
            return  # of this process, which was woken when it was kept
        with contextlib.suppress(NotAnEvent):
            envelope = read(message.subject, message.headers, message.data)
            self.wake(envelope.area, envelope.aggregate_id)
