"""What is asked and what is answered: one coroutine an RPC."""

import json
from collections.abc import Mapping

from mewe_core.kit import paging
from mewe_core.kit.access import Purpose, Role
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Sealing, Work
from mewe_core.kit.standing import covered
from mewe_core.kit.texts import say
from mewe_core.kit.values import micros

from mewe_eval import alerts, group_store, reminding, rules, store
from mewe_eval.errors import FormBegun, FormFinished, FormNotOpen, WordingChanged
from mewe_eval.group_store import KeptGroup
from mewe_eval.instruments import Instrument
from mewe_eval.instruments.model import ItemAlert
from mewe_eval.model import (
    Choice,
    Form,
    FormToAnswer,
    GetFormRequest,
    GroupForm,
    ListFormsRequest,
    ListFormsResponse,
    ListGroupFormsRequest,
    ListGroupFormsResponse,
    PutAnswersRequest,
    PutAnswersResponse,
    Question,
)
from mewe_eval.settings import Deployed
from mewe_eval.store import KeptForm

PACKAGE = "mewe_eval"
PURPOSE = "eval"
"""What the keys of answers are for."""

_DIGITS = 18


async def list_forms(request: ListFormsRequest, work: Work) -> ListFormsResponse:
    """One's own forms that can be answered now, those that close first. Raises Invalid for a page token of another list."""
    size = paging.size(request.page_size)
    time, _, after_id = str(paging.after("forms", request.page_token, "0 ")).partition(" ")
    if not time.isdecimal() or len(time) > _DIGITS:
        raise paging.not_of_this_list()
    found = await work.database.all(
        store.MY_FORMS,
        KeptForm,
        person_id=work.caller.person_id or "",
        now=work.now,
        after_time=int(time),
        after_id=after_id,
        limit=size + 1,
    )
    last = found[size - 1] if len(found) > size else None
    following = "" if last is None else paging.token("forms", f"{micros(last.close_time)} {last.id}")
    return ListFormsResponse(tuple([await _to_answer(one, request.language, work) for one in found[:size]]), following)


async def list_group_forms(request: ListGroupFormsRequest, work: Work) -> ListGroupFormsResponse:
    """The forms of a group's participants that can be answered now. Raises Invalid for a page token of another list."""
    size, name = paging.size(request.page_size), f"forms in {request.group_id}"
    after_person, _, after_id = str(paging.after(name, request.page_token, " ")).partition(" ")
    found = await work.database.all(
        store.GROUP_FORMS,
        KeptForm,
        which=request.group_id,
        now=work.now,
        after_person=after_person,
        after_id=after_id,
        limit=size + 1,
    )
    last = found[size - 1] if len(found) > size else None
    following = "" if last is None else paging.token(name, f"{last.person_id} {last.id}")
    return ListGroupFormsResponse(tuple(_of_group(one, request.language, work) for one in found[:size]), following)


async def get_form(request: GetFormRequest, work: Work) -> Form:
    """A form with its words; with the answers for whoever it is for. Raises NotFound, FormNotOpen."""
    form = await _form(work, request.form_id)
    _is_open(form, work)
    instrument = _instrument(form, work)
    language = rules.language_of(instrument, request.language)
    wording = instrument.texts[language]
    answers = await answers_of(form, work.sealing) if _is_own(form, work) else {}
    questions = tuple(
        Question(
            item.id,
            wording.items[item.id],
            tuple(Choice(value, rules.choice(instrument, wording, item, value)) for value in instrument.allowed(item)),
            answers.get(item.id),
            item.id in answers and answers[item.id] is None,
        )
        for item in rules.asked_items(instrument, _without(form, work), staffed=await _is_staffed(form, instrument, work))
    )
    return Form(
        form.id,
        language,
        work.settings(Deployed).hashes[instrument.id][language],
        _said(instrument.title, language),
        _before(instrument, form, language),
        wording.instruction,
        questions,
        form.finish_time is not None,
    )


async def put_answers(request: PutAnswersRequest, work: Work) -> PutAnswersResponse:
    """Keep answers, and act on those that a person has to look at.

    Raises NotFound, FormNotOpen, FormFinished, FormBegun, WordingChanged.
    """
    form = await store.hold_form(work.database, request.form_id)
    if form is None or not await _may_answer(form, work):
        raise NotFound
    _is_open(form, work)
    if form.finish_time is not None:
        raise FormFinished
    if form.begin_time is not None and not form.typed_by and not _is_own(form, work):
        raise FormBegun
    instrument = _instrument(form, work)
    if work.settings(Deployed).hashes[instrument.id].get(request.language) != request.wording:
        raise WordingChanged
    without, staffed = _without(form, work), await _is_staffed(form, instrument, work)
    before = await answers_of(form, work.sealing)
    taken = rules.taken(instrument, without, before, request.answers)
    asked = rules.asked_items(instrument, without, staffed=staffed)
    finished = request.finish and not taken.refused
    answers = {**{one.id: None for one in asked}, **taken.answers} if finished else taken.answers
    sealed = await work.sealing.seal(form.person_id, PURPOSE, _place(form.id), json.dumps(answers))
    typed_by = form.typed_by if _is_own(form, work) else work.caller.person_id or ""
    counted = sum(one.id in answers for one in asked)
    await work.database.execute(
        store.ANSWER_FORM,
        which=form.id,
        began=form.begin_time or work.now,
        finished=work.now if finished else None,
        read_in=request.language,
        words=request.wording,
        typed=typed_by,
        count=counted,
        sealed=sealed,
        next=None if finished else form.remind_time,
    )
    if finished:
        reminding.done(work, form.id, form.reminded, form.person_id)
    given = {one.item: one.value for one in request.answers}
    if work.settings(Deployed).settings.concern_on_alert:
        for rule in taken.alerts:
            await _raise(work, form, instrument, rule, request)
    shows_help = any(rules.raises(rule, given.get(rule.item)) for rule in instrument.alerts)
    return PutAnswersResponse(counted, finished, shows_help and _is_own(form, work), taken.refused)


async def _raise(work: Work, form: KeptForm, instrument: Instrument, rule: ItemAlert, request: PutAnswersRequest) -> None:
    wording = instrument.texts[request.language]
    item = next(one for one in instrument.items if one.id == rule.item)
    values = [one.value for one in request.answers if one.item == rule.item and one.value in instrument.allowed(item)]
    said = " / ".join(rules.choice(instrument, wording, item, value) for value in values if value is not None)
    await alerts.raise_alert(
        work,
        form,
        title=_said(instrument.title, request.language),
        question=wording.items[rule.item],
        answer=said,
        typed_in=not _is_own(form, work),
    )


async def _form(work: Work, form_id: str) -> KeptForm:
    found = await store.form(work.database, form_id)
    if found is None or not await _may_answer(found, work):
        raise NotFound
    return found


async def _may_answer(form: KeptForm, work: Work) -> bool:
    """Whether it is theirs, or they lead the group and it is a participant's who consents. A leader's own is nobody else's."""
    if _is_own(form, work):
        return True
    consents = await covered(work.database, form.person_id, Purpose.EVALUATION, work.now)
    return form.role == Role.PARTICIPANT.value and consents


def _is_own(form: KeptForm, work: Work) -> bool:
    return form.person_id == work.caller.person_id


def _is_open(form: KeptForm, work: Work) -> None:
    if not form.open_time <= work.now < form.close_time:
        raise FormNotOpen


def _instrument(form: KeptForm, work: Work) -> Instrument:
    """The instrument of a form. Raises FormNotOpen where this deployment does not have it any more, or in another version."""
    found = work.settings(Deployed).instruments.get(form.instrument)
    if found is None or found.version != form.instrument_version or not found.texts or form.study not in _studies(work):
        raise FormNotOpen
    return found


def _studies(work: Work) -> frozenset[str]:
    return frozenset(work.settings(Deployed).protocols)


def _without(form: KeptForm, work: Work) -> tuple[str, ...]:
    protocol = work.settings(Deployed).protocols[form.study]
    asked = (one for one in protocol.asked if (one.wave, one.instrument) == (form.wave, form.instrument))
    return next((one.without for one in asked), ())


async def _is_staffed(form: KeptForm, instrument: Instrument, work: Work) -> bool:
    """Whether somebody looks at what alarms; nobody has to where nothing does."""
    if not instrument.alerts:
        return True
    group = await work.database.first(group_store.GROUP_BY_ID, KeptGroup, which=form.group_id)
    return group is not None and group.staffed


async def answers_of(form: KeptForm, sealing: Sealing) -> dict[str, int | None]:
    """What was answered so far, by item; None: it was skipped. Nothing once the key was destroyed."""
    if not form.sealed_answers:
        return {}
    words = await sealing.open(form.person_id, PURPOSE, _place(form.id), form.sealed_answers)
    return {} if words is None else json.loads(words)


async def _to_answer(form: KeptForm, language: str, work: Work) -> FormToAnswer:
    deployed = work.settings(Deployed)
    study, instrument = deployed.protocols.get(form.study), deployed.instruments.get(form.instrument)
    questions = (
        ()
        if instrument is None or study is None
        else rules.asked_items(instrument, _without(form, work), staffed=await _is_staffed(form, instrument, work))
    )
    return FormToAnswer(
        form.id,
        form.group_id,
        "" if study is None else _said(study.title, language),
        _wave(form, language, work),
        "" if instrument is None else _said(instrument.title, language),
        len(questions),
        form.answered,
        form.close_time,
    )


def _of_group(form: KeptForm, language: str, work: Work) -> GroupForm:
    instrument = work.settings(Deployed).instruments.get(form.instrument)
    title = "" if instrument is None else _said(instrument.title, language)
    wave = _wave(form, language, work)
    return GroupForm(form.id, form.person_id, wave, title, form.finish_time is not None, form.close_time)


def _wave(form: KeptForm, language: str, work: Work) -> str:
    study = work.settings(Deployed).protocols.get(form.study)
    wave = None if study is None else study.waves.get(form.wave)
    return "" if wave is None else _said(wave.title, language)


def _before(instrument: Instrument, form: KeptForm, language: str) -> tuple[str, ...]:
    """Who sees the answers, and when somebody reads one that worries."""
    keys = ["before-leader"] if form.role == Role.LEADER.value else ["before-voluntary", "before-seen-by"]
    if form.role == Role.PARTICIPANT.value:
        keys.append("before-alarming" if instrument.alerts else "before-not-read")
    if not instrument.validated:
        keys.append("before-unvalidated")
    return tuple(say(PACKAGE, language, key) for key in keys)


def _said(texts: Mapping[str, str], language: str) -> str:
    wanted = (language, language.split("-")[0], "en")
    return next((texts[tag] for tag in wanted if tag in texts), next(iter(texts.values())))


def _place(form_id: str) -> str:
    return f"eval_form/{form_id}/sealed_answers"
