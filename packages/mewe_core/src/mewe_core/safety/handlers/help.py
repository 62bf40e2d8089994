"""The doors that are open to everybody, and what became of it. HelpService."""

from collections.abc import Sequence

from attrs import evolve

from mewe_core.kit.access import Held, Role, ScopeKind
from mewe_core.kit.checks import is_identifier
from mewe_core.kit.earlier import opened_from
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import AlertKind, Work
from mewe_core.kit.standing import held_by
from mewe_core.safety import rules
from mewe_core.safety.handlers import gathering, routing, words
from mewe_core.safety.handlers.listing import page, person
from mewe_core.safety.lines import LineKind, lines_of
from mewe_core.safety.model.concerns import ConcernKind, KeptConcern
from mewe_core.safety.model.help import (
    LONGEST,
    AnswerTalkRequestRequest,
    AskForHelpRequest,
    AskToTalkRequest,
    HelpAnswer,
    HelpLine,
    KeptTalk,
    ListHelpLinesRequest,
    ListHelpLinesResponse,
    ListMyConcernsRequest,
    ListMyConcernsResponse,
    ListTalkRequestsRequest,
    ListTalkRequestsResponse,
    MyConcern,
    Reader,
    TalkRequest,
)
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.rules import Reachable
from mewe_core.safety.store import concerns, contacts, doors


async def ask_for_help(request: AskForHelpRequest, work: Work) -> HelpAnswer:
    """Bring it to the contacts of the caller's group, or to the country's own where there is none. Refused to nobody."""
    kept_from = request.kept_from_id if is_identifier(request.kept_from_id or "") else None
    return await _raise(work, ConcernKind.HELP, await _group_of(work), kept_from, request.text)


async def ask_to_talk(request: AskToTalkRequest, work: Work) -> HelpAnswer:
    """Ask the leaders of the caller's group for a talk. Where there is none, the country's own contacts. Refused to nobody."""
    group_id = await _group_of(work)
    leaders = await _leaders(work, group_id)
    if group_id is None or work.caller.person_id is None or not leaders:
        return await _raise(work, ConcernKind.TALK, group_id, None, request.text)
    key = work.new_id()
    where = words.place("safety_talk", key, "text")
    talk = KeptTalk(
        id=key,
        group_id=group_id,
        person_id=work.caller.person_id,
        sealed_text=await words.sealed(work, work.caller.person_id, words.TALK, where, request.text[:LONGEST]),
        create_time=work.now,
        next_time=work.now.add(hours=work.settings(SafetySettings).talk_hours),
        answer_time=None,
        answered_by_id=None,
    )
    await doors.add_talk(work.database, talk)
    await ask_leaders_to_look(work, group_id, AlertKind.CONCERN)
    return HelpAnswer(key, tuple(Reader(one, None) for one in leaders), None, help_lines(work))


async def _raise(work: Work, kind: ConcernKind, group_id: str | None, kept_from: str | None, text: str) -> HelpAnswer:
    if work.caller.person_id is None and await gathering.is_flood(work):
        taken = await gathering.take_in(work, kept_from, text)
        return _answer(work, taken.id, taken.readers)
    caller, key = work.caller.person_id, work.new_id()
    concern = routing.new(work, kind, key, group_id=group_id, about_id=caller, raised_by_id=caller, kept_from_id=kept_from)
    where = words.place("safety_concern", key, "text")
    sealed = await words.sealed(work, key, words.CONCERN, where, text[:LONGEST])
    step = await routing.begin(work, evolve(concern, sealed_text=sealed)) or ()
    return _answer(work, key, step)


def _answer(work: Work, key: str, step: Sequence[Reachable]) -> HelpAnswer:
    readers = tuple(Reader(one.person_id, one.on_duty_at) for one in step)
    return HelpAnswer(key, readers, rules.first_look(step), help_lines(work))


async def _group_of(work: Work) -> str | None:
    """The group that the caller is in now (of several, the last they came to), if safety knows it."""
    if work.caller.person_id is None:
        return None
    held = [one for one in await held_by(work.database, work.caller.person_id) if _in_group(one) and one.at(work.now)]
    for one in sorted(held, key=lambda one: (one.since, one.scope_id), reverse=True):
        if await contacts.group(work.database, one.scope_id) is not None:
            return one.scope_id
    return None


def _in_group(one: Held) -> bool:
    return one.scope_kind is ScopeKind.GROUP and one.role in (Role.PARTICIPANT, Role.LEADER)


async def _leaders(work: Work, group_id: str | None) -> list[str]:
    if group_id is None:
        return []
    there = await contacts.holders(work.database, Role.LEADER, ScopeKind.GROUP, group_id, work.now)
    return [one for one in there if one != work.caller.person_id]


async def ask_leaders_to_look(work: Work, group_id: str, kind: AlertKind) -> None:
    """Alert those leaders of a group whose address is known, as they are contacts of it."""
    leaders = await contacts.holders(work.database, Role.LEADER, ScopeKind.GROUP, group_id, work.now)
    scopes = frozenset(await routing.around(work, group_id))
    for one in await routing.standing_contacts(work, ScopeKind.GROUP, group_id, scopes):
        if one.person_id in leaders:
            await routing.alert_contact(work, one.id, kind)


def help_lines(work: Work) -> tuple[HelpLine, ...]:
    """The country's numbers: emergency first, then whoever is open now, then who may be."""
    today = work.now.to_tz("UTC").date()
    lines = [
        HelpLine(
            kind=one.kind,
            name=one.name,
            number=one.number,
            open_now=one.is_open(work.now),
            source=one.source,
            verified_date=one.verified_on,
            overdue=one.is_overdue(today),
        )
        for one in lines_of(work.caller.country, work.settings(SafetySettings).lines)
    ]
    order = {True: 0, None: 1, False: 2}
    return tuple(sorted(lines, key=lambda one: (one.kind is not LineKind.EMERGENCY, order[one.open_now])))


async def list_help_lines(request: ListHelpLinesRequest, work: Work) -> ListHelpLinesResponse:
    """The telephone numbers of the country, for everybody."""
    return ListHelpLinesResponse(help_lines(work))


async def list_my_concerns(request: ListMyConcernsRequest, work: Work) -> ListMyConcernsResponse:
    """What became of what the caller has asked or reported; of whoever came back on a new device, only since then.

    Raises Invalid for a page token of another list.
    """
    mine = person(work)
    since = await opened_from(work.database, mine)
    found, following = await page(
        "my concerns",
        request.page_size,
        request.page_token,
        lambda after, limit: concerns.raised_by(work.database, mine, max(after, since), limit),
        lambda one: (one.create_time, one.id),
    )
    return ListMyConcernsResponse(tuple([await _mine(work, one) for one in found]), following)


async def _mine(work: Work, one: KeptConcern) -> MyConcern:
    where = words.place("safety_concern", one.id, "words")
    return MyConcern(
        id=one.id,
        kind=one.kind,
        state=one.state,
        create_time=one.create_time,
        acknowledge_time=one.acknowledge_time,
        acknowledged_by_id=one.acknowledged_by_id,
        close_time=one.close_time,
        outcome=one.outcome,
        words=await words.opened(work, one.id, words.CONCERN, where, one.sealed_words),
    )


async def list_talk_requests(request: ListTalkRequestsRequest, work: Work) -> ListTalkRequestsResponse:
    """Who of the group wants to talk to a leader. Raises Invalid for a page token of another list."""
    found, following = await page(
        f"talk requests {request.group_id}",
        request.page_size,
        request.page_token,
        lambda after, limit: doors.talks(work.database, request.group_id, after, limit),
        lambda one: (one.create_time, one.id),
    )
    return ListTalkRequestsResponse(tuple([await _talk(work, one) for one in found]), following)


async def answer_talk_request(request: AnswerTalkRequestRequest, work: Work) -> TalkRequest:
    """Keep who has talked with them; the first who says so stands."""
    await doors.answer_talk(work.database, request.talk_request_id, person(work), work.now)
    talk = await doors.talk(work.database, request.talk_request_id)
    if talk is None:
        raise NotFound
    return await _talk(work, talk)


async def _talk(work: Work, one: KeptTalk) -> TalkRequest:
    where = words.place("safety_talk", one.id, "text")
    return TalkRequest(
        id=one.id,
        group_id=one.group_id,
        person_id=one.person_id,
        text=await words.opened(work, one.person_id, words.TALK, where, one.sealed_text),
        create_time=one.create_time,
        answer_time=one.answer_time,
        answered_by_id=one.answered_by_id,
    )
