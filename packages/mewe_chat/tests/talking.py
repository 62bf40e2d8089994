"""What the chat's tests do again and again: groups whose rooms stand, and messages in them."""

from mewe_chat import handlers
from mewe_chat.model import ListMessagesRequest, Message, PostMessageRequest
from mewe_core.kit.testing import OAK, Party, Stage
from mewe_core.programme.events import GroupChanged, GroupState


def told(stage: Stage, party: Party, state: GroupState = GroupState.RUNNING) -> None:
    """Let the chat hear where a group stands."""
    stage.hear(GroupChanged(group_id=party.group_id, organisation_id=party.organisation_id, state=state))


def gathered(stage: Stage, *parties: Party) -> None:
    """Running groups, in whose rooms everybody may write."""
    stage.gather(*parties)
    for party in parties:
        told(stage, party)


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
