"""How the chat declares itself."""

from mewe_core.kit.access import member, signed_in
from mewe_core.kit.events import Hears
from mewe_core.kit.feature import Feature, Rpc
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.programme.events import GroupChanged

from mewe_chat import handlers, rules, store
from mewe_chat.errors import ERRORS
from mewe_chat.events import EVENTS
from mewe_chat.model import ChatSettings
from mewe_chat.personal import PERSONAL_DATA

IN_ROOM = member(scope=store.group_of_room, roles=rules.MEMBERS)


@hookimpl
def mewe_feature() -> Feature:
    """The chat."""
    return Feature(
        name="chat",
        package="mewe_chat",
        version="0.1.0",
        summary="The chat of a group: for its participants and leaders only.",
        needs=("people", "programme"),
        rpcs=(
            Rpc(handlers.list_rooms, signed_in()),
            Rpc(handlers.post_message, IN_ROOM),
            Rpc(handlers.list_messages, IN_ROOM),
            Rpc(handlers.watch_messages, IN_ROOM),
        ),
        tables=store.METADATA,
        personal=PERSONAL_DATA,
        events=EVENTS,
        hears=(Hears(GroupChanged, handlers.hear_group_changed),),
        errors=ERRORS,
        settings=ChatSettings,
    )
