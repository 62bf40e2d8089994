"""The programme keeps to what every feature keeps to."""

from mewe_core.kit.access import Role
from mewe_core.kit.conformance import Conformance
from mewe_core.kit.testing import Stage
from mewe_core.programme.emergency.handlers import begin_emergency_reading
from mewe_core.programme.emergency.model import BeginEmergencyReadingRequest
from mewe_core.programme.funnel import RecruitmentState
from mewe_core.programme.handlers import recruitment
from mewe_core.programme.model.recruitment import AddCandidateRequest
from mewe_core.programme.testing import School


class TestProgramme(Conformance):
    """With a running group, a candidate and certificates of a school that a stranger does not know."""

    feature = "programme"
    open_lists = ("list_programmes",)

    def furnish(self, stage: Stage) -> None:
        """Put something there."""
        school = School(stage)
        group = school.running("ada", "bo")
        school.join(group, "lotta", role=Role.PARTICIPANT)
        school.invite("cleo")
        request = AddCandidateRequest("r", "school", "me-we", "cleo", RecruitmentState.REFERRED)
        stage.call(recruitment.add_candidate, request, by="karin")
        begin = BeginEmergencyReadingRequest("r", group.id, "Somebody may be in danger")
        stage.call(begin_emergency_reading, begin, by="sven")
