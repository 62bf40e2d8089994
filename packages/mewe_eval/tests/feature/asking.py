"""What the tests of the feature do again and again: groups with studies, forms, and answers."""

from collections.abc import Mapping

from mewe_core.kit.testing import OAK, Party, Stage
from mewe_core.programme.events import GroupChanged, GroupProtected, GroupState, SessionHeld
from mewe_eval import handlers
from mewe_eval.instruments import SignOff
from mewe_eval.model import (
    Answer,
    Form,
    FormToAnswer,
    GetFormRequest,
    ListFormsRequest,
    PutAnswersRequest,
    PutAnswersResponse,
)
from mewe_eval.plugin import mewe_feature
from mewe_eval.settings import EvaluationSettings
from whenever import Date

STUDY = """id = "worries"
version = 1
title = { en = "Worries", sv = "Oro" }
question = "How are they?"
estimand = "The mean of PHQ-9 when they join."
ages = { least = 14, most = 17 }
arms.programme = { title = { en = "ME-WE" } }
waves.T0 = { title = { en = "Before", sv = "Före" }, windows = [{ after = "joined", closes = 9, reminders = [0, 2] }] }
asked = [{ wave = "T0", instrument = "phq-9" }]
outcomes.total = { instrument = "phq-9", scale = "total" }
analysis = { model = "description", baseline = "T0" }
"""

SIGNED = SignOff(
    instrument="phq-9", by="Dr A", age_from=14, age_to=17, signed_on=Date(2026, 1, 1), valid_until=Date(2030, 1, 1)
)
WORRIES = EvaluationSettings(follow_up=False, protocols=(STUDY,), sign_offs=(SIGNED,))
"""A study that asks PHQ-9 of everybody who joins: its last item is looked at."""

TWO_ARMS = """id = "ways-of-helping"
version = 1
title = { en = "Two ways of helping", sv = "Två sätt att hjälpa" }
question = "How are they after ten weeks, compared with those who wait?"
estimand = "The mean difference at equal baseline, among those who answered."
arms.programme = { title = { en = "ME-WE" } }
arms.waiting = { title = { en = "Waiting" }, programme = false }
asked = [{ wave = "T0", instrument = "how-things-are" }, { wave = "T1", instrument = "how-things-are" }]
outcomes.day-to-day = { instrument = "how-things-are", item = "day-to-day", importance = "primary" }
analysis = { model = "mixed-model", baseline = "T0" }

[assignment]
unit = "group"
ratio = { programme = 1, waiting = 1 }
blocks = [1]

[waves.T0]
title = { en = "Before", sv = "Före" }
windows = [{ after = "joined", closes = 21 }]

[waves.T1]
title = { en = "After ten weeks", sv = "Efter tio veckor" }
windows = [
  { after = "ended", closes = 21, arms = ["programme"] },
  { after = "assigned", days = 70, closes = 21, arms = ["waiting"] },
]
"""
"""A study of two arms, groups drawn in pairs: those who wait are asked by the day of the draw."""


def staged(settings: EvaluationSettings | None = None) -> Stage:
    """Evaluation on a stage."""
    return Stage(mewe_feature(), settings=settings)


def gathered(stage: Stage, *parties: Party, staffed: bool = True) -> None:
    """Running groups, whose adults look at what alarms."""
    for party in parties:
        stage.hear(GroupChanged(group_id=party.group_id, organisation_id=party.organisation_id, state=GroupState.PLANNED))
        stage.hear(GroupProtected(party.group_id, staffed))
    stage.gather(*parties)


def held(stage: Stage, number: int, *, party: Party = OAK, follow_up: bool = False) -> None:
    """A session is held now."""
    stage.hear(SessionHeld(f"session-{party.group_id}-{number}", party.group_id, number, follow_up, stage.clock.now()))


def over(stage: Stage, party: Party = OAK) -> None:
    """The sessions of a group are over: only the follow-up is left."""
    stage.hear(GroupChanged(group_id=party.group_id, organisation_id=party.organisation_id, state=GroupState.FOLLOW_UP))


def forms(stage: Stage, by: str, language: str = "") -> tuple[FormToAnswer, ...]:
    """What somebody can answer now."""
    return stage.call(handlers.list_forms, ListFormsRequest(language=language), by=by).forms


def shown(stage: Stage, by: str, form_id: str | None = None, language: str = "") -> Form:
    """A form, by default one's only one."""
    if form_id is None:
        (one,) = forms(stage, by)
        form_id = one.form_id
    return stage.call(handlers.get_form, GetFormRequest(form_id, language), by=by)


def put(stage: Stage, form: Form, answers: Mapping[str, int | None], *, by: str, finish: bool = False) -> PutAnswersResponse:
    """Answer some of a form."""
    given = tuple(Answer(item, value) for item, value in answers.items())
    request = PutAnswersRequest(stage.ids.new(), form.form_id, form.language, form.wording, given, finish)
    return stage.call(handlers.put_answers, request, by=by)
