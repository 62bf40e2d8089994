"""How the tally declares itself."""

from mewe_chat.events import MessagePosted
from mewe_core.kit.access import Role, member
from mewe_core.kit.events import Hears
from mewe_core.kit.feature import Feature, Rpc
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.kit.personal import holds_nothing

from tests.faults.tally import handlers, store


@hookimpl
def mewe_feature() -> Feature:
    """The tally."""
    return Feature(
        name="tally",
        package="tests.faults.tally",
        version="0.1.0",
        summary="How many messages were posted in a room.",
        needs=("people", "programme", "chat"),
        rpcs=(Rpc(handlers.get_tally, member(scope=store.group_of_room, roles=(Role.PARTICIPANT, Role.LEADER))),),
        tables=store.METADATA,
        personal=holds_nothing(store.METADATA),
        hears=(Hears(MessagePosted, handlers.hear_message_posted),),
    )
