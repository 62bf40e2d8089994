"""A topic that is watched, and those who follow it.

What the topic holds is read once past its last item for everybody, and encoded once; what waits for somebody goes out together.
What a unit of this process shows is not even read, where it stands directly behind the last item.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from attrs import define, field
from mewe_core.kit.database import Database
from mewe_core.kit.ports import Follow, Next, Page
from whenever import Instant

from mewe_host.parts import Codec, Desk

PAGE = 200
"""The most items that are read at once."""

QUEUE = 512
"""The most items that wait for one follower."""

ANSWER = 64 * 1024
"""About how many bytes of items one answer of a stream has at most; an item that is larger goes alone."""

Item = tuple[int, bytes, int]
"""Its cursor, it itself, and the cursor at which it was first."""

Allowed = Callable[[Database], Awaitable[bool]]


@define(eq=False)
class Follower:
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
        """Whether it has not ended."""
        return not self.ended

    def wake(self) -> None:
        """Something waits for it."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    def end(self) -> None:
        """It gets nothing more."""
        self.ended = True
        self.queue.clear()
        self.wake()


class Topic:
    """What is watched: one task reads it while anybody does."""

    def __init__(self, desk: Desk, follow: Follow[object], codec: Codec[object]) -> None:
        self.desk = desk
        self.name = follow.topic
        self.page: Page[object] = follow.page
        self.origin = follow.origin
        self.codec = codec
        self.position: int | None = None
        self.followers: set[Follower] = set()
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
        if len(self.shown) >= PAGE:
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


def _hand(follower: Follower, items: list[Item]) -> None:
    queue = follower.queue
    if len(queue) + len(items) > QUEUE:
        queue.clear()
        follower.joined = False
    else:
        queue.extend(items if items[0][0] > follower.reached else [one for one in items if one[0] > follower.reached])
        follower.reached = max(follower.reached, items[-1][0])
    follower.wake()
