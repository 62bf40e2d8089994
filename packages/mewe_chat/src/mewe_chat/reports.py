"""Reporting a message: nobody is refused. What was said is frozen for those whom the concern is brought to, and nobody else."""

import json
from collections.abc import Sequence

from attrs import evolve
from mewe_core.kit import paging
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Sealing, Work
from mewe_core.kit.standing import held_by
from mewe_core.kit.values import micros, moment
from mewe_core.safety.events import ConcernChanged, ConcernState, Reported, ReportedKind
from whenever import Instant, TimeDelta

from mewe_chat import report_store, rules, sealed, store
from mewe_chat.model import (
    Message,
    MessageState,
    OpenReportedMessageRequest,
    ReportedMessage,
    ReportMessageRequest,
    ReportMessageResponse,
)
from mewe_chat.moderation import model as reported_to_leaders
from mewe_chat.moderation.model import ListReportsRequest, ListReportsResponse
from mewe_chat.personal import FROZEN_DAYS, READING_DAYS
from mewe_chat.report_store import Reading, Report
from mewe_chat.store import KeptMessage

PURPOSE = "concern"
"""What the key of a report is for."""

AN_HOUR = 20
"""So many reports an hour of nobody in particular become a concern each; those beyond are gathered in one."""

MOST_GATHERED = 50_000
"""So many characters are kept of what those say; when it is full, a next one begins."""

MOST_UNSEEN = 4
"""So many of these begin within an hour while nobody has seen one; a report beyond them all is answered like any other."""

LONGEST_GATHERED = 300
"""So many characters are kept of the words of each, and of what it names."""

_AT_ONCE = 100
_DIGITS = 18


async def report_message(request: ReportMessageRequest, work: Work) -> ReportMessageResponse:
    """Take a report from anybody, and answer all alike: nobody learns from it what there is.

    If the message is there and the caller could see it when it stood there, it is frozen with what was said around it; it is
    read as it stands now, and nothing that happens to it or its author later changes the copy.
    """
    report_id, caller_id = work.new_id(), work.caller.person_id
    if caller_id is None and await report_store.of_nobody(work.database, _an_hour_ago(work), AN_HOUR) >= AN_HOUR:
        await _gather(request, work)
        return ReportMessageResponse(report_id, work.now)
    message = await store.message(work.database, request.message_id)
    room_id = request.room_id if message is None else message.room_id
    scope = await store.scope_of_room(work.database, room_id)
    group_id = None if scope is None else scope.id
    held = [] if caller_id is None else await held_by(work.database, caller_id)
    copy = None
    if message is not None and scope is not None and rules.could_see(held, scope, caller_id, message.sent_at):
        copy = await _frozen(report_id, message, work)
    words = None
    if request.text.strip():
        words = await work.sealing.seal(report_id, PURPOSE, _place(report_id, "words"), request.text)
    await report_store.keep(
        work.database,
        Report(
            report_id,
            request.message_id,
            room_id if group_id else None,
            caller_id,
            work.now,
            words,
            copy,
            None,
            None,
            request.reason,
        ),
    )
    work.emit(
        Reported(
            report_id=report_id,
            kind=ReportedKind.MESSAGE,
            thing_id=request.message_id,
            group_id=group_id,
            author_id=None if message is None else message.author_id or None,
            reporter_id=caller_id,
        )
    )
    return ReportMessageResponse(report_id, work.now)


async def raise_by_rule(work: Work, report_id: str, room_id: str, author_id: str, thing_id: str, held: str | None) -> None:
    """Bring what may tell of a crisis to the adults who look after everybody's safety, by rule and reported by nobody.

    ``held``: the words, where they were held back; they are frozen behind the newest messages of the room. Else ``thing_id`` is
    a message, frozen as a reported one is.
    """
    copy = None
    if held is not None:
        last = store.sequence_at(await store.reached(work.database, room_id))
        before = await report_store.last_messages(work.database, room_id, last)
        around = [await _as_it_stands(one, work.sealing) for one in before]
        said = Message(thing_id, room_id, author_id, held, work.now, last + 1)
        copy = await _frozen_copy(report_id, [*around, said], work)
    else:
        message = await store.message(work.database, thing_id)
        copy = None if message is None else await _frozen(report_id, message, work)
    scope = await store.scope_of_room(work.database, room_id)
    kept = Report(report_id, thing_id, room_id, None, work.now, None, copy, None, None, by_rule=True)
    await report_store.keep(work.database, kept)
    group_id = None if scope is None else scope.id
    work.emit(Reported(report_id, ReportedKind.MESSAGE, thing_id, group_id, author_id, None))


async def list_reports(request: ListReportsRequest, work: Work) -> ListReportsResponse:
    """The reports in a room that are not about what the caller wrote. Raises Invalid for a page token of another list."""
    size, name = paging.size(request.page_size), f"reports in {request.room_id}"
    since, _, after = str(paging.after(name, request.page_token, "0 ")).partition(" ")
    if not since.isdecimal() or len(since) > _DIGITS:
        raise paging.not_of_this_list()
    leader_id = work.caller.person_id or ""
    found = await report_store.to_leader(
        work.database, request.room_id, leader_id, since=int(since), after=after, limit=size + 1
    )
    following = ""
    if len(found) > size:
        following = paging.token(name, f"{micros(found[size - 1].create_time)} {found[size - 1].id}")
    shown = [reported_to_leaders.Report(one.id, one.message_id, one.reason, one.create_time) for one in found[:size]]
    return ListReportsResponse(tuple(shown), following)


async def _gather(request: ReportMessageRequest, work: Work) -> None:
    """Take a report in with those of this hour that nobody has seen: its words, and which message it names.

    Whatever begins a new one is told.
    """
    there = await report_store.hold_gathered(work.database, _an_hour_ago(work))
    said = f"{request.message_id[:LONGEST_GATHERED]}: {request.text.strip()[:LONGEST_GATHERED]}\n"
    if there is not None:
        before = await _opened(there.id, "words", there.sealed_words, work.sealing) or ""
        if len(before) + len(said) <= MOST_GATHERED:
            words = await work.sealing.seal(there.id, PURPOSE, _place(there.id, "words"), before + said)
            await report_store.say_more(work.database, there.id, words)
            return
        if await report_store.unseen(work.database, _an_hour_ago(work), MOST_UNSEEN) >= MOST_UNSEEN:
            return
    new_id = work.new_id()
    words = await work.sealing.seal(new_id, PURPOSE, _place(new_id, "words"), said)
    kept = Report(new_id, report_store.GATHERED, None, None, work.now, words, None, None, None)
    await report_store.keep(work.database, kept)
    work.emit(Reported(new_id, ReportedKind.MESSAGE, report_store.GATHERED, None, None, None))


def _an_hour_ago(work: Work) -> Instant:
    return work.now - TimeDelta(hours=1)


async def open_reported_message(request: OpenReportedMessageRequest, work: Work) -> ReportedMessage:
    """What was reported, with what was said around it; that it was read, by whom and when, is kept. Raises NotFound."""
    found = await report_store.report(work.database, request.report_id)
    if found is None or work.caller.person_id is None:
        raise NotFound
    await report_store.see(work.database, found.id, work.now)
    await report_store.note_reading(work.database, Reading(work.new_id(), found.id, work.caller.person_id, work.now))
    return ReportedMessage(
        report_id=found.id,
        message_id=found.message_id,
        text=await _opened(found.id, "words", found.sealed_words, work.sealing) or "",
        messages=_thawed(await _opened(found.id, "copy", found.sealed_copy, work.sealing)),
        report_time=found.create_time,
        reason=found.reason,
    )


async def hear_concern_changed(event: ConcernChanged, work: Work) -> None:
    """Keep what was frozen until its concern is closed, and some time after; one that is opened again is kept on.

    To what somebody has acknowledged no more is added.
    """
    if event.state is not ConcernState.RAISED:
        await report_store.see(work.database, event.concern_id, work.now)
    if event.state is ConcernState.CLOSED:
        await work.database.execute(report_store.CLOSE, which=event.concern_id, now=work.now)
    else:
        await work.database.execute(report_store.OPEN_AGAIN, which=event.concern_id)


async def forget_closed(work: Work) -> bool:
    """Destroy reports whose concern has been closed for long enough, row and key; old readings go as well.

    Keys go last: they are gone whatever becomes of the unit, and a row that stayed is due again.
    """
    before = work.now - TimeDelta(hours=24 * FROZEN_DAYS)
    due = await work.database.all(report_store.CLOSED_BEFORE, str, moment=before, limit=_AT_ONCE)
    for report_id in due:
        await work.database.execute(report_store.FORGET, which=report_id)
    old = work.now - TimeDelta(hours=24 * READING_DAYS)
    gone = await work.database.execute(report_store.FORGET_READINGS, moment=old, limit=_AT_ONCE)
    for report_id in due:
        await work.sealing.destroy(report_id, PURPOSE)
    return len(due) == _AT_ONCE or gone == _AT_ONCE


async def _frozen(report_id: str, reported: KeptMessage, work: Work) -> bytes:
    """The message and what was said around it, with who said it, under the report's own key."""
    around = await report_store.messages_around(work.database, reported)
    return await _frozen_copy(report_id, [await _as_it_stands(one, work.sealing) for one in around], work)


async def _as_it_stands(kept: KeptMessage, sealing: Sealing) -> Message:
    """A message with its words, also where a leader hides it from the others."""
    message = await sealed.opened(kept, sealing)
    if kept.state is not MessageState.HIDDEN:
        return message
    return evolve(message, text=await sealed.words_of(kept, sealing) or "")


async def _frozen_copy(report_id: str, around: Sequence[Message], work: Work) -> bytes:
    text = json.dumps(
        [
            [
                one.id,
                one.room_id,
                one.author_id,
                one.text,
                micros(one.sent_at),
                one.sequence,
                one.state,
                one.edited_time and micros(one.edited_time),
                one.reply_to_id,
            ]
            for one in around
        ]
    )
    return await work.sealing.seal(report_id, PURPOSE, _place(report_id, "copy"), text)


def _thawed(copy: str | None) -> tuple[Message, ...]:
    if copy is None:
        return ()
    return tuple(
        Message(
            id_,
            room_id,
            author_id,
            text,
            moment(sent_at),
            sequence,
            MessageState(state),
            None if edited_time is None else moment(edited_time),
            reply_to_id,
        )
        for id_, room_id, author_id, text, sent_at, sequence, state, edited_time, reply_to_id in json.loads(copy)
    )


async def _opened(report_id: str, what: str, words: bytes | None, sealing: Sealing) -> str | None:
    return None if words is None else await sealing.open(report_id, PURPOSE, _place(report_id, what), words)


def _place(report_id: str, what: str) -> str:
    return f"chat_report/{report_id}/sealed_{what}"
