"""What the chat's tests do again and again: groups whose rooms stand, and messages in them."""

from mewe_chat import handlers, member_store
from mewe_chat.model import ListMessagesRequest, Message, PostMessageRequest, RoomKind
from mewe_chat.room_store import room_id
from mewe_chat.settings import LIMIT_VERSION
from mewe_chat.store import ROOM
from mewe_core.kit.testing import OAK, Party, Stage, drive
from mewe_core.programme.events import GroupChanged, GroupState
from sqlalchemy import select


def told(stage: Stage, party: Party, state: GroupState = GroupState.RUNNING) -> None:
    """Let the chat hear where a group stands."""
    stage.hear(GroupChanged(group_id=party.group_id, organisation_id=party.organisation_id, state=state))


def acknowledged(stage: Stage, who: str, room: str, version: int = LIMIT_VERSION) -> None:
    """Let somebody have read the limit of confidentiality in a room."""
    drive(member_store.acknowledge(stage.database, room, who, version, stage.clock.now()))


def gathered(stage: Stage, *parties: Party) -> None:
    """Running groups, in whose rooms everybody may write."""
    stage.gather(*parties)
    for party in parties:
        told(stage, party)
        for who in (*party.participants, *party.leaders):
            for room in rooms_of(stage, party):
                acknowledged(stage, who, room)


def rooms_of(stage: Stage, party: Party) -> list[str]:
    """The rooms that a group has."""
    return stage.all(select(ROOM.c.id).where(ROOM.c.group_id == party.group_id), str)


def side_room(who: str, group_id: str = OAK.group_id) -> str:
    """The id of somebody's side room."""
    return room_id(RoomKind.SIDE, group_id, who)


def post(stage: Stage, text: str, *, by: str, room: str = OAK.group_id, reply_to: str | None = None) -> Message:
    """Say something that is delivered at once."""
    request = PostMessageRequest(stage.ids.new(), room, text, reply_to)
    message = stage.call(handlers.post_message, request, by=by).message
    assert message is not None
    return message


def listed(stage: Stage, *, by: str, room: str = OAK.group_id, page_size: int = 2) -> list[Message]:
    """Everything that somebody reads in a room, by pages."""
    messages, token = list[Message](), ""
    while True:
        page = stage.call(handlers.list_messages, ListMessagesRequest(room, page_size, token), by=by)
        messages += page.messages
        token = page.next_page_token
        if not token:
            return messages
