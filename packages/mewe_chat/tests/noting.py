"""What the tests of notices do again and again: let people want them, and look at what the chat told of whom."""

from attrs import define
from mewe_chat import marks
from mewe_chat.model import MarkReadRequest
from mewe_core.kit.noticing import NoticeDone, NoticeDue, NoticesWanted
from mewe_core.kit.testing import OAK, Stage


@define
class Notes:
    """What the chat told of notices, looked at bit by bit."""

    stage: Stage
    looked_at: int = 0

    def want(self, *people: str, wanted: bool = True) -> None:
        """Let people want notices, or not."""
        for one in people:
            self.stage.hear(NoticesWanted(one, wanted))

    def new(self) -> list[NoticeDue | NoticeDone]:
        """What was told since the last look; the jobs are done before."""
        self.stage.do_jobs()
        found = self.stage.events[self.looked_at :]
        self.looked_at = len(self.stage.events)
        return [one for one in found if isinstance(one, NoticeDue | NoticeDone)]

    def due(self) -> list[str]:
        """For whom something is due since the last look; nothing is done."""
        new = self.new()
        assert all(isinstance(one, NoticeDue) for one in new), new
        return sorted(one.person_id for one in new)

    def done(self) -> list[str]:
        """For whom something is done since the last look; nothing is due."""
        new = self.new()
        assert all(isinstance(one, NoticeDone) for one in new), new
        return sorted(one.person_id for one in new)

    def read(self, upto: int, *, by: str, room: str = OAK.group_id) -> None:
        """Have somebody mark a room as read."""
        self.stage.call(marks.mark_read, MarkReadRequest(self.stage.ids.new(), room, upto), by=by)
