"""What is held back while several act at once, on both databases: one decides, and nothing of who was erased is delivered."""

import asyncio

import pytest
from mewe_chat import handlers
from mewe_chat.checks.chain import Checked
from mewe_chat.model import ListMessagesRequest
from mewe_chat.moderation import held, held_store
from mewe_chat.moderation.errors import AlreadyDecided
from mewe_chat.moderation.model import DecideHeldMessageRequest, DecideHeldMessageResponse, HeldCause
from mewe_chat.plugin import IN_ROOM, LEADS, mewe_feature
from mewe_core.kit.access import Caller
from mewe_core.kit.errors import NotFound
from mewe_core.kit.privacy import telling
from mewe_core.kit.privacy.erasing import erase_some, pending
from mewe_core.kit.testing import OAK
from mewe_host.parts import UnitDatabase

from .test_chat_on_both_databases import NOBODY, OakRoom, play, url

__all__ = ["url"]

WORDS = "jag vill inte leva"


async def held_back(room: OakRoom) -> str:
    """Something of ada's is held back."""

    async def unit(database: UnitDatabase) -> str:
        work = room.work(database, Caller("ada", "session-of-ada", "SE"))
        answer = await held.answer(work, Checked(cause=HeldCause.CRISIS), OAK.group_id, WORDS)
        return answer.held_id

    return await room.store.write(unit)


async def delivered(room: OakRoom, held_id: str, by: str) -> DecideHeldMessageResponse:
    """A leader delivers it."""
    request = DecideHeldMessageRequest(f"r-{by}", OAK.group_id, held_id, deliver=True)
    return await room.write(held.decide_held_message, request, LEADS, by)


async def texts(room: OakRoom) -> list[str]:
    """What a peer reads."""
    page = await room.read(handlers.list_messages, ListMessagesRequest(OAK.group_id, page_size=200), IN_ROOM, "bo")
    return [one.text for one in page.messages]


async def erased(room: OakRoom) -> None:
    """Ada is erased, to the end."""
    await room.store.write(lambda database: telling.begin(database, "e", "ada", room.clock.now()))
    more = True
    while more:

        async def unit(database: UnitDatabase) -> bool:
            work = room.work(database, NOBODY)
            todo = await pending(work)
            return bool(todo) and (await erase_some(mewe_feature(), todo[0], (), work)).more

        more = await room.store.write(unit)


def test_of_two_leaders_who_decide_at_once_one_does(url: str) -> None:
    """The other is told so, and it stands in the room once."""

    async def story(room: OakRoom) -> None:
        for _ in range(5):
            held_id = await held_back(room)
            answers = await asyncio.gather(
                *(delivered(room, held_id, by) for by in (*OAK.leaders, *OAK.leaders)), return_exceptions=True
            )
            assert sum(isinstance(one, DecideHeldMessageResponse) for one in answers) == 1
            assert sum(isinstance(one, AlreadyDecided) for one in answers) == 3
        assert await texts(room) == [WORDS] * 5

    play(url, story)


@pytest.mark.parametrize("first", ["the erasure", "the leader", "both"])
def test_nothing_of_somebody_who_was_erased_is_read_whoever_comes_first(url: str, first: str) -> None:
    """What was delivered is cleared; what was not is gone."""

    async def story(room: OakRoom) -> None:
        held_id = await held_back(room)
        if first == "the leader":
            await delivered(room, held_id, "lena")
            assert await texts(room) == [WORDS]
            await erased(room)
        elif first == "the erasure":
            await erased(room)
            with pytest.raises(NotFound):
                await delivered(room, held_id, "lena")
        else:
            answers = await asyncio.gather(erased(room), delivered(room, held_id, "lena"), return_exceptions=True)
            assert answers[0] is None
            assert isinstance(answers[1], NotFound | AlreadyDecided | DecideHeldMessageResponse)
        assert WORDS not in await texts(room)
        kept = await room.store.read(lambda database: held_store.held(database, OAK.group_id, held_id))
        assert kept is None

    play(url, story)
