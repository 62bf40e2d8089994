"""The kit's rules, held up to the chat."""

from mewe_chat import handlers
from mewe_chat.model import PostMessageRequest
from mewe_core.kit.conformance import Conformance
from mewe_core.kit.testing import ELM, OAK, Stage
from mewe_core.programme.events import GroupChanged, GroupState


class TestChat(Conformance):
    """Two groups talk; a stranger is in neither."""

    feature = "chat"

    def furnish(self, stage: Stage) -> None:
        """A message in each room."""
        stage.gather(OAK, ELM)
        for party in (OAK, ELM):
            stage.hear(GroupChanged(party.group_id, party.organisation_id, GroupState.RUNNING))
            stage.call(handlers.post_message, PostMessageRequest("r", party.group_id, "Hej"), by=party.leaders[0])
