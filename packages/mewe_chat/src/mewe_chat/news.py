"""Telling those who want notices that there is something new in the chat: that alone, not what, where or from whom.

One who was told of a room is told again only once their mark in it has moved. Nothing here is in the way of who writes.
"""

from mewe_core.kit.access import Purpose
from mewe_core.kit.noticing import NoticeDone, NoticeDue, NoticesWanted
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.telling import is_erased
from mewe_core.kit.standing import ConsentChanged
from whenever import TimeDelta

from mewe_chat import news_store
from mewe_chat.news_store import Told

NOTICE = "chat.notice"
"""What the ids of occurrences are hashed for."""

GRACE = TimeDelta(seconds=10)
"""How long somebody who has the room open has to read a message, before a notice of it leaves."""

_AT_ONCE = 40
"""Rooms looked at in one unit: of each, the people of a group may be told."""


async def tell_new(work: Work) -> bool:
    """Tell for whom the newest messages are new. Due all the time."""
    rooms = await news_store.take_untold(work.database, _AT_ONCE)
    if rooms:
        for one in sorted(await news_store.tell(work.database, rooms, work.now), key=lambda one: one.person_id):
            work.emit(NoticeDue(_of_room(work, one), one.person_id, work.now + GRACE))
    return len(rooms) == _AT_ONCE


async def seen(work: Work, room_id: str, person_id: str, told_sequence: int) -> None:
    """Somebody looked at a room of which they were told when a message was its newest."""
    await _done(work, person_id, [Told(room_id, person_id, told_sequence)])


async def hear_notices_wanted(event: NoticesWanted, work: Work) -> None:
    """Keep who wants notices, and of those who do not want them any more nothing; nor of somebody who was erased."""
    wanted = event.wanted and not await is_erased(work.database, event.person_id)
    await news_store.keep_wanted(work.database, event.person_id, wanted=wanted)
    if not wanted:
        await left(work, event.person_id, None)


async def hear_consent_changed(event: ConsentChanged, work: Work) -> None:
    """What was told of rooms that somebody may not be in any more is done."""
    if event.purpose is Purpose.CHAT and not event.covered:
        await left(work, event.person_id, None)


async def left(work: Work, person_id: str, group_id: str | None) -> None:
    """What somebody was told is done: they are not in the rooms of a group any more; None: not in any."""
    told = await news_store.told(work.database, person_id, group_id)
    if told:
        await _done(work, person_id, told)


async def leads_no_more(work: Work, person_id: str, group_id: str) -> None:
    """What a leader was to decide in a group is not theirs any more."""
    for held_id in await news_store.undecided(work.database, group_id, person_id):
        work.emit(NoticeDone(_of_held(work, held_id, person_id), person_id))


async def held(work: Work, held_id: str, room_id: str) -> None:
    """Tell the leaders of a group that there is something to decide, at once."""
    for person_id in await news_store.leaders(work.database, room_id, work.now):
        work.emit(NoticeDue(_of_held(work, held_id, person_id), person_id, work.now))


async def decided(work: Work, held_id: str, room_id: str) -> None:
    """Whoever leads the group or led it has nothing to decide any more."""
    for person_id in await news_store.leaders_ever(work.database, room_id):
        work.emit(NoticeDone(_of_held(work, held_id, person_id), person_id))


async def _done(work: Work, person_id: str, told: list[Told]) -> None:
    await news_store.forget_told(work.database, person_id, [one.room_id for one in told])
    for one in told:
        work.emit(NoticeDone(_of_room(work, one), person_id))


def _of_room(work: Work, told: Told) -> str:
    """The id of an occurrence: another one for whoever knows the ids of rooms and people, but not the country's keys."""
    return _digest(work, f"room/{told.room_id}/{told.person_id}/{told.told_sequence}")


def _of_held(work: Work, held_id: str, person_id: str) -> str:
    return _digest(work, f"held/{held_id}/{person_id}")


def _digest(work: Work, occurrence: str) -> str:
    return work.keys.digest(NOTICE, occurrence.encode())[:32]
