"""How people who do not exist answer: a little better where their group met, and not all of them every time."""

from random import Random

from attrs import define, field
from mewe.eval.v1 import evaluation_service_pb2 as evaluation
from mewe_client import Client

BETTER_LOW = ("helping-weighs",)
"""Items of the questions of our own where less is better; of PHQ-9, whose items are numbers, all are."""
ABOUT_ONESELF = {"gender": (12, 7, 1), "age": (0, 1, 1, 1, 1)}
"""Items that say nothing of how one is, and how often each of their answers is given."""
ALARMING = "9"
"""The item of PHQ-9 that an adult looks at."""


@define
class Respondent:
    """Somebody who is asked. ``mood``: how they are, 0 as most; higher is better."""

    client: Client
    mood: float
    here: bool = True
    answered: list[str] = field(factory=list)


async def answers(who: Respondent, wave: str, gain: float, chance: Random, *, alarming: bool = False) -> str | None:
    """Answer every form there is. Says which form shows help, if one does.

    ``gain``: how much better they are than before; ``alarming``: whether they say what an adult has to look at.
    """
    me, helped = who.client, None
    state = who.mood + gain + chance.gauss(0, 0.4)
    listed = await me.send(me.evaluation.ListForms, evaluation.ListFormsRequest(language="en"))
    for one in listed.forms:
        form = await me.send(me.evaluation.GetForm, evaluation.GetFormRequest(form_id=one.form_id, language="en"))
        low = all(question.item.isdigit() for question in form.questions)
        given = [_answer(question, -state if low else state, chance, alarming=alarming) for question in form.questions]
        request = evaluation.PutAnswersRequest(
            form_id=form.form_id, language=form.language, wording=form.wording, answers=given, finish=True
        )
        put = await me.send(me.evaluation.PutAnswers, request)
        helped = form.form_id if put.show_help else helped
        who.answered.append(wave)
    return helped


def _answer(question: evaluation.Question, state: float, chance: Random, *, alarming: bool) -> evaluation.Answer:
    """An answer by how somebody is; of the questions of our own, one in fifty is skipped."""
    if question.item == ALARMING:
        return evaluation.Answer(item=question.item, value=question.choices[2 if alarming else 0].value)
    if question.item in ABOUT_ONESELF:
        weights = ABOUT_ONESELF[question.item]
        return evaluation.Answer(item=question.item, value=chance.choices(question.choices, weights)[0].value)
    if not question.item.isdigit() and chance.random() < 0.02:
        return evaluation.Answer(item=question.item)
    turned = -state if question.item in BETTER_LOW else state
    last = len(question.choices) - 1
    place = round((0.5 + 0.2 * (turned + chance.gauss(0, 0.5))) * last)
    return evaluation.Answer(item=question.item, value=question.choices[min(max(place, 0), last)].value)
