"""The kit's rules, held up to evaluation."""

from mewe_core.kit.conformance import Conformance
from mewe_core.kit.testing import ELM, OAK, Stage

from .asking import forms, gathered, put, shown


class TestEvaluation(Conformance):
    """Two groups are asked; a stranger is in neither."""

    feature = "eval"

    def furnish(self, stage: Stage) -> None:
        """Somebody of each group has begun to answer."""
        gathered(stage, OAK, ELM)
        for party in (OAK, ELM):
            who = party.participants[0]
            assert forms(stage, who)
            put(stage, shown(stage, who), {"day-to-day": 3}, by=who)
