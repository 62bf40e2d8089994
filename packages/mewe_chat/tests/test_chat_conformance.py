"""The kit's rules, held up to the chat."""

from mewe_chat import handlers, marks, reports
from mewe_chat.model import PostMessageRequest, ReportMessageRequest, SetMutedRequest
from mewe_chat.moderation import acting, complaints
from mewe_chat.moderation.model import MakeComplaintRequest, PauseMemberRequest
from mewe_core.kit.conformance import Conformance
from mewe_core.kit.testing import ELM, OAK, Stage

from .talking import gathered, post


class TestChat(Conformance):
    """Two groups talk; a stranger is in neither."""

    feature = "chat"
    open_lists = ("list_checks",)

    def furnish(self, stage: Stage) -> None:
        """A message in the room of each group, and somebody who is muted there."""
        gathered(stage, OAK, ELM)
        for party in (OAK, ELM):
            post(stage, "Hej", by=party.leaders[0], room=party.group_id)
            mute = SetMutedRequest("r", party.group_id, party.participants[0], muted=True)
            stage.call(marks.set_muted, mute, by=party.participants[1])
            message = post(stage, "Hej igen", by=party.participants[0], room=party.group_id)
            report = ReportMessageRequest("r", party.group_id, message.id)
            stage.call(reports.report_message, report, by=party.participants[1])
            worried = PostMessageRequest("r", party.group_id, "Jag vill inte leva")
            assert stage.call(handlers.post_message, worried, by=party.participants[0]).held_id
            told = PauseMemberRequest("r", party.group_id, party.participants[0], 1, "A while")
            act = stage.call(acting.pause_member, told, by=party.leaders[0])
            complaint = MakeComplaintRequest("r", party.group_id, "Unfair", act.id)
            stage.call(complaints.make_complaint, complaint, by=party.participants[0])
