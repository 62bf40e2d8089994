"""Streams: what a topic holds is read once past its last item for everybody who watches it, and encoded once; what waits for
somebody goes out together. What a unit of this process shows is not even read, where it stands directly behind the last item.

A follower pages from its own cursor until it meets the topic's position, and then is handed what is read for all. One that is
too slow loses its queue and pages by itself again; nobody else waits for it.

What was read goes out only when every right that may have ended before it was read has been looked at: what is said once this
process knows that somebody has left does not reach them.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import structlog
from attrs import define, field
from mewe_core.kit.database import Database
from mewe_core.kit.ports import Clock, Follow, Next, Page
from nats.aio.msg import Msg
from whenever import Instant

from mewe_host.bus.connection import Connection, Listening
from mewe_host.bus.ending import end
from mewe_host.bus.subjects import EVENT_ID, Names, NotAnEvent, read
from mewe_host.parts import Codec, Desk, Envelope

PAGE = 200
QUEUE = 512
"""The most items that wait for one follower."""

ANSWER = 64 * 1024
"""About how many bytes of items one answer of a stream has at most; an item that is larger goes alone."""

TOGETHER = 0.05
"""Seconds for which a topic that has just given something gives nothing more: where much comes, it goes out together behind
them. Nobody notices so short a time."""

STREAMS = 30
"""How many streams one person may have open in one process, unless the host says otherwise."""

_OWN = 2_000
"""How many events of this process are known again when NATS gives them back."""

_LOOK = 1.0
_RECHECK_PAUSE = 0.1
_CHECKED_AT_ONCE = 40

Item = tuple[int, bytes, int]
"""Its cursor, it itself, and the cursor at which it was first."""

Allowed = Callable[[Database], Awaitable[bool]]


@define(eq=False)
class _Follower:
    """``cursor`` is behind the last item that went out, ``reached`` behind the last that is under way to it.

    What was first at ``since`` or before it is passed over.
    """

    desk: Desk
    allowed: Allowed
    ends_at: Instant
    cursor: int
    reached: int
    since: int
    joined: bool = False
    ended: bool = False
    queue: deque[Item] = field(factory=deque)
    waiter: asyncio.Future[None] | None = None

    def taken(self, items: deque[Item]) -> bytes:
        """Take as many items as one answer has, in order: all of them encoded, one behind the other; none may be for them."""
        taken: list[bytes] = []
        size = 0
        while items and (not taken or size + len(items[0][1]) <= ANSWER):
            self.cursor, encoded, first = items.popleft()
            if first > self.since:
                taken.append(encoded)
                size += len(encoded)
        return b"".join(taken)

    def is_going(self) -> bool:
        return not self.ended

    def wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    def end(self) -> None:
        self.ended = True
        self.queue.clear()
        self.wake()


class _Topic:
    """What is watched: one task reads it while anybody does."""

    def __init__(self, desk: Desk, follow: Follow[object], codec: Codec[object]) -> None:
        self.desk = desk
        self.name = follow.topic
        self.page: Page[object] = follow.page
        self.origin = follow.origin
        self.codec = codec
        self.position: int | None = None
        self.followers: set[_Follower] = set()
        self.shown: dict[int, Next[object]] = {}
        self.unread = False
        self.new = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def items(self, after: int) -> list[Item]:
        """The next page behind a cursor, encoded."""

        async def unit(database: Database) -> Sequence[tuple[int, object]]:
            return await self.page(database, self.desk.sealing, self.name, after, PAGE)

        return [self._encoded(cursor, item) for cursor, item in await self.desk.store.read(unit)]

    def look(self) -> None:
        """There may be something to be read."""
        self.unread = True
        self.new.set()

    def show(self, item: Next[object]) -> None:
        """There is this, and it has not to be read where everything before it is known."""
        if self.position is None or len(self.shown) >= PAGE:
            self.unread = True
        else:
            self.shown[item.behind] = item
        self.new.set()

    async def read(self, rights_known: Callable[[], Awaitable[None]]) -> bool:
        """Hand out everything past the position to those who have joined and may still see it; says whether there was any."""
        found = False
        while self.position is not None and (items := await self._behind(self.position)):
            await rights_known()
            self.position = items[-1][0]
            for follower in self.followers:
                if follower.joined:
                    _hand(follower, items)
            found = True
        return found

    async def _behind(self, position: int) -> list[Item]:
        items, end = list[Item](), position
        while (item := self.shown.pop(end, None)) is not None:
            end = item.cursor
            items.append(self._encoded(end, item.item))
        if not items and (self.unread or self.shown):
            self.unread = False
            self.shown.clear()  # all of it is kept by now, and will be read
            items = await self.items(position)
            self.unread |= len(items) == PAGE
        return items

    def _encoded(self, cursor: int, item: object) -> Item:
        return cursor, self.codec.dump(item).SerializeToString(), cursor if self.origin is None else self.origin(item)


def _hand(follower: _Follower, items: list[Item]) -> None:
    queue = follower.queue
    if len(queue) + len(items) > QUEUE:
        queue.clear()
        follower.joined = False
    else:
        queue.extend(items if items[0][0] > follower.reached else [one for one in items if one[0] > follower.reached])
        follower.reached = max(follower.reached, items[-1][0])
    follower.wake()


class Topics:
    """parts.Live: all that is watched in this process."""

    def __init__(self, clock: Clock, *, streams: int = STREAMS) -> None:
        self._clock = clock
        self._streams = streams
        self._by_person: dict[str, deque[_Follower]] = {}
        self._topics: dict[tuple[str, str, Any], _Topic] = {}
        self._by_name: dict[tuple[str, str], set[_Topic]] = {}
        self._followers: set[_Follower] = set()
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
        follower = _Follower(desk, allowed, ends_at, follow.after, follow.after, follow.since)
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

    def _make_room(self, person_id: str | None, follower: _Follower) -> None:
        if person_id is None:
            return
        own = self._by_person.setdefault(person_id, deque())
        own.append(follower)
        if len(own) > self._streams:
            own.popleft().end()

    def _leave(self, person_id: str | None, follower: _Follower) -> None:
        own = self._by_person.get(person_id or "")
        if own is not None and follower in own:
            own.remove(follower)
        if person_id is not None and not own:
            self._by_person.pop(person_id, None)

    async def _own_page(self, topic: _Topic, follower: _Follower) -> list[Item]:
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

    def _topic(self, desk: Desk, follow: Follow[object], codec: Codec[object]) -> _Topic:
        area = desk.feature.name
        key = (area, follow.topic, follow.page)
        topic = self._topics.get(key)
        if topic is None:
            topic = self._topics[key] = _Topic(desk, follow, codec)
            self._by_name.setdefault((area, follow.topic), set()).add(topic)
            topic.task = asyncio.create_task(self._read(topic), name=f"topic of {area}")
        return topic

    def _drop(self, topic: _Topic) -> None:
        area = topic.desk.feature.name
        self._topics.pop((area, topic.name, topic.page), None)
        named = self._by_name.get((area, topic.name), set())
        named.discard(topic)
        if not named:
            self._by_name.pop((area, topic.name), None)
        if topic.task is not None:
            topic.task.cancel()

    async def _read(self, topic: _Topic) -> None:
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
            by_desk: dict[int, list[_Follower]] = {}
            for follower in self._followers:
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

    async def _check_rights(self, followers: Sequence[_Follower]) -> None:
        allowed: set[_Follower] = set()

        async def unit(database: Database) -> None:
            for follower in followers:
                if not follower.ended and await follower.allowed(database):
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
