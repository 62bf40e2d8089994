"""Looking for words in one's rooms: what is sealed has no index, so a bounded number of messages is opened a call."""

import heapq
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice

from attrs import frozen
from mewe_core.kit import paging
from mewe_core.kit.access import Scope, ScopeKind, may
from mewe_core.kit.errors import Field, Invalid, NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import held_by
from mewe_core.kit.values import micros, moment
from whenever import Instant

from mewe_chat import room_store, rules, sealed, store
from mewe_chat.model import Message, MessageState, RoomKind, SearchMessagesRequest, SearchMessagesResponse
from mewe_chat.room_store import KeptRoom
from mewe_chat.store import KeptMessage

AT_ONCE = 500
"""The most messages that one call opens."""

MOST_ROOMS = 200
"""The most rooms that one call looks into; whoever is in more names one."""

LARGEST, USUAL = 50, 20

_FAR = 2**62

LEAST = 10
"""The fewest messages of a room that one call looks at."""


@frozen(order=True)
class _Position:
    """A message's place among those of all rooms."""

    sent_at: int
    room_id: str
    sequence: int


def normal(text: str) -> str:
    """A text as it is compared: the same for what one reads as the same. Pure."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def matches(text: str, words: Sequence[str]) -> bool:
    """Whether each of the words (made ``normal``) stands in a text. Pure."""
    said = normal(text)
    return all(word in said for word in words)


async def search_messages(request: SearchMessagesRequest, work: Work) -> SearchMessagesResponse:
    """What was said in the caller's rooms since they joined, with these words in it, newest first.

    Raises Invalid for words that are none, and for a page token of another list; NotFound for a room the caller is not in.
    """
    return await looked_for(request, work, at_once=AT_ONCE, least=LEAST)


async def looked_for(request: SearchMessagesRequest, work: Work, *, at_once: int, least: int) -> SearchMessagesResponse:
    """The same, looking at ``at_once`` messages at most, and at ``least`` of each room if there are so many."""
    words = normal(request.words).split()
    if not words:
        raise Invalid(Field("words", "at least one word"))
    if request.page_size < 0:
        raise Invalid(Field("page_size", f"a number from 0 to {LARGEST}"))
    size = min(request.page_size or USUAL, LARGEST)
    list_name = f"messages with words in {request.room_id or ''}"
    before = _position(str(paging.after(list_name, request.page_token, "")))
    rooms = await _rooms(request.room_id, work)
    most = max(least, at_once // max(1, len(rooms)))
    found, reached, looked = list[Message](), before, 0
    for kept, is_last in islice(await _newest_first(rooms, before, most, work), at_once):
        reached, looked = _place(kept), looked + 1
        if kept.state is MessageState.VISIBLE:
            message = await sealed.opened(kept, work.sealing)
            if message.state is MessageState.VISIBLE and matches(message.text, words):
                found.append(message)
        if len(found) == size or is_last:
            break
    else:
        if looked < at_once:
            return SearchMessagesResponse(tuple(found), "")
    return SearchMessagesResponse(tuple(found), paging.token(list_name, _written(reached)))


async def _rooms(room_id: str | None, work: Work) -> list[tuple[KeptRoom, Instant]]:
    """The rooms to look into, with the moment from which on the caller reads each."""
    person_id = work.caller.person_id or ""
    held = tuple(await held_by(work.database, person_id))
    found = []
    mine = await room_store.my_rooms(
        work.database, person_id, work.now, after="", limit=MOST_ROOMS, archived=True, only=room_id
    )
    for room in mine:
        scope = Scope(ScopeKind.GROUP, room.group_id, participant=None if room.kind is RoomKind.GROUP else room.participant_id)
        standing = may(rules.IN_ROOM, work.caller, scope, held, work.now)
        if standing is not None:
            found.append((room, rules.in_room_since(standing)))
    if room_id is not None and not found:
        raise NotFound
    return found


async def _newest_first(
    rooms: Sequence[tuple[KeptRoom, Instant]], before: _Position, most: int, work: Work
) -> Iterator[tuple[KeptMessage, bool]]:
    """The messages of all rooms behind a position, newest first; True beside the last of a room in which there may be more."""
    parts = []
    for room, since in rooms:
        sequence = before.sequence if room.id == before.room_id else _FAR if room.id < before.room_id else 0
        kept = await store.messages_before(work.database, room.id, since, moment(before.sent_at), sequence, most)
        parts.append([(one, len(kept) == most and one is kept[-1]) for one in kept])
    return heapq.merge(*parts, key=lambda item: _place(item[0]), reverse=True)


def _place(kept: KeptMessage) -> _Position:
    return _Position(micros(kept.sent_at), kept.room_id, kept.sequence)


def _written(position: _Position) -> str:
    return f"{position.sent_at} {position.sequence} {position.room_id}"


def _position(written: str) -> _Position:
    if not written:
        return _Position(_LATEST, "", 0)
    sent_at, _, rest = written.partition(" ")
    sequence, _, room_id = rest.partition(" ")
    if not (sent_at.isascii() and sent_at.isdigit() and sequence.isascii() and sequence.isdigit()):
        raise paging.not_of_this_list()
    position = _Position(int(sent_at), room_id, int(sequence))
    if position.sent_at > _LATEST or position.sequence > _FAR:
        raise paging.not_of_this_list()
    return position


_LATEST = micros(Instant.from_utc(9999, 1, 1))
