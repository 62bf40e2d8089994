"""The kit's rules, held up to the chat."""

from mewe_chat import marks
from mewe_chat.model import SetMutedRequest
from mewe_core.kit.conformance import Conformance
from mewe_core.kit.testing import ELM, OAK, Stage

from .talking import gathered, post


class TestChat(Conformance):
    """Two groups talk; a stranger is in neither."""

    feature = "chat"

    def furnish(self, stage: Stage) -> None:
        """A message in the room of each group, and somebody who is muted there."""
        gathered(stage, OAK, ELM)
        for party in (OAK, ELM):
            post(stage, "Hej", by=party.leaders[0], room=party.group_id)
            mute = SetMutedRequest("r", party.group_id, party.participants[0], muted=True)
            stage.call(marks.set_muted, mute, by=party.participants[1])
