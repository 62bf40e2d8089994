"""The kit's rules, held up to evaluation."""

from typing import Any

from attrs import evolve
from mewe_core.kit.conformance import Conformance
from mewe_core.kit.testing import ELM, NATIONAL, OAK, Stage
from mewe_eval import assigning, publishing
from mewe_eval.model import AssignArmRequest, PublishCountryReportRequest, PublishSiteReportRequest
from mewe_eval.settings import EvaluationSettings

from .asking import TWO_ARMS, forms, gathered, put, shown


class TestEvaluation(Conformance):
    """Two groups are asked, and reports of them are out; a stranger is in neither."""

    feature = "eval"
    settings = EvaluationSettings(protocols=(TWO_ARMS,))

    def example(self, kind: type[Any], id_: str) -> Any:
        """What names a study names the one that draws."""
        one = super().example(kind, id_)
        return evolve(one, study_id="ways-of-helping") if hasattr(one, "study_id") else one

    def furnish(self, stage: Stage) -> None:
        """Somebody of each group has begun to answer."""
        gathered(stage, OAK, ELM)
        for party in (OAK, ELM):
            who = party.participants[0]
            form = next(one.form_id for one in forms(stage, who) if one.study_title == "How things are going")
            put(stage, shown(stage, who, form), {"day-to-day": 3}, by=who)
            stage.call(assigning.assign_arm, AssignArmRequest(stage.ids.new(), "ways-of-helping", party.group_id), by=NATIONAL)
            asked = PublishSiteReportRequest(stage.ids.new(), "ways-of-helping", party.organisation_id)
            stage.call(publishing.publish_site_report, asked, by=party.coordinator)
        whole = PublishCountryReportRequest(stage.ids.new(), "ways-of-helping")
        stage.call(publishing.publish_country_report, whole, by=NATIONAL)
