"""An answer that a person has to look at acts at once: adults are told that there is something, and only they can open it."""

import json

from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work
from mewe_core.safety.events import ConcernChanged, ConcernState, Reported, ReportedKind
from whenever import TimeDelta

from mewe_eval import alert_store
from mewe_eval.alert_store import KeptAlert, Reading
from mewe_eval.model import OpenReportedAnswerRequest, ReportedAnswer
from mewe_eval.personal import FROZEN_DAYS, READING_DAYS
from mewe_eval.store import KeptForm

PURPOSE = "concern"
"""What the key of an alert is for."""

_AT_ONCE = 100


async def raise_alert(work: Work, form: KeptForm, *, title: str, question: str, answer: str, typed_in: bool) -> None:
    """Bring an answer to the adults who look after everybody's safety, by rule and reported by nobody."""
    report_id = work.new_id()
    copy = await work.sealing.seal(report_id, PURPOSE, _place(report_id), json.dumps([title, question, answer]))
    await alert_store.keep(work.database, KeptAlert(report_id, form.id, form.person_id, work.now, typed_in, copy))
    work.emit(Reported(report_id, ReportedKind.ANSWER, form.id, form.group_id, form.person_id, None))


async def open_reported_answer(request: OpenReportedAnswerRequest, work: Work) -> ReportedAnswer:
    """What was asked and answered; that it was read, by whom and when, is kept. Raises NotFound."""
    found = await alert_store.alert(work.database, request.report_id)
    if found is None or work.caller.person_id is None:
        raise NotFound
    words = await work.sealing.open(found.id, PURPOSE, _place(found.id), found.sealed_copy)
    if words is None:
        raise NotFound
    await alert_store.note_reading(work.database, Reading(work.new_id(), found.id, work.caller.person_id, work.now))
    title, question, answer = json.loads(words)
    return ReportedAnswer(found.id, found.person_id, question, answer, title, found.create_time, found.typed_in)


async def hear_concern_changed(event: ConcernChanged, work: Work) -> None:
    """Keep what was answered until its concern is closed, and some time after; one that is opened again is kept on."""
    if event.state is ConcernState.CLOSED:
        await work.database.execute(alert_store.CLOSE, which=event.concern_id, now=work.now)
    else:
        await work.database.execute(alert_store.OPEN_AGAIN, which=event.concern_id)


async def forget_closed(work: Work) -> bool:
    """Destroy alerts whose concern has been closed for long enough, row and key; old readings go as well."""
    before = work.now - TimeDelta(hours=24 * FROZEN_DAYS)
    due = await work.database.all(alert_store.CLOSED_BEFORE, str, moment=before, limit=_AT_ONCE)
    for alert_id in due:
        await work.database.execute(alert_store.FORGET, which=alert_id)
    old = work.now - TimeDelta(hours=24 * READING_DAYS)
    gone = await work.database.execute(alert_store.FORGET_READINGS, moment=old, limit=_AT_ONCE)
    for alert_id in due:
        await work.sealing.destroy(alert_id, PURPOSE)
    return len(due) == _AT_ONCE or gone == _AT_ONCE


def _place(alert_id: str) -> str:
    return f"eval_alert/{alert_id}/sealed_copy"
