"""A chat that one can feel safe in: an unkind message is reported and taken away, a word of crisis is answered with help."""

from attrs import frozen
from mewe.chat.v1 import moderation_service_pb2 as moderation
from mewe.chat.v1.chat_service_pb2 import (
    REPORT_REASON_UNKIND,
    ListMessagesRequest,
    Message,
    MessageState,
    PostMessageRequest,
    ReportMessageRequest,
    ReportReason,
)
from mewe.safety.v1.concern_service_pb2 import ListConcernsRequest
from mewe.safety.v1.help_service_pb2 import LINE_KIND_HELPLINE, ListHelpLinesRequest
from mewe_client import Client

UNKIND = "Nobody wants you here."
IN_CRISIS = "I do not want to live any more."
REMOVED_BECAUSE = "This hurts somebody. Let us talk about it on Wednesday."
READ_BY_A_LEADER = "I have read what you wrote, and I am calling you now."


@frozen
class Reported:
    """An unkind message: why it was reported, what others then saw in its place, what its author was told."""

    reason: str
    seen_by_others: tuple[str, ...]
    told_its_author: str


@frozen
class Crisis:
    """A word of crisis: who its writer is shown at once, who saw it, whether a concern was raised, what a leader answered."""

    help_lines: tuple[str, ...]
    others_saw_it: bool
    leaders_saw_it: bool
    concern_raised: bool
    told_its_writer: str


async def taken_away(room_id: str, unkind: Client, reporter: Client, leader: Client) -> Reported:
    """A message hurts somebody: it is reported, hidden by a leader while they look at it, then removed with a reason."""
    said = await unkind.send(unkind.chat.PostMessage, PostMessageRequest(room_id=room_id, text=UNKIND))
    reporter.positions.keep(unkind.positions.shown())
    report = ReportMessageRequest(room_id=room_id, message_id=said.message.id, reason=REPORT_REASON_UNKIND)
    await reporter.send(reporter.chat.ReportMessage, report)
    leader.positions.keep(reporter.positions.shown())
    by = leader.moderation
    [found] = (await leader.send(by.ListReports, moderation.ListReportsRequest(room_id=room_id))).reports
    which = {"room_id": room_id, "message_id": found.message_id}
    seen = list[Message]()
    await leader.send(by.HideMessage, moderation.HideMessageRequest(**which, reason="I am looking at this."))
    seen += [one for one in await _listed(reporter, room_id) if one.id == found.message_id]
    await leader.send(by.RemoveMessage, moderation.RemoveMessageRequest(**which, reason=REMOVED_BECAUSE))
    seen += [one for one in await _listed(reporter, room_id) if one.id == found.message_id]
    acts = (await unkind.send(unkind.moderation.ListActsAboutMe, moderation.ListActsAboutMeRequest())).acts
    return Reported(
        reason=ReportReason.Name(found.reason).removeprefix("REPORT_REASON_").lower(),
        seen_by_others=tuple(_as_seen(one) for one in seen),
        told_its_author=acts[0].reason,
    )


async def answered(room_id: str, young: Client, other: Client, leader: Client) -> Crisis:
    """Somebody writes what may tell of a crisis: help is shown to them at once, leaders see it, the others do not."""
    before = await _concerns(leader)
    said = await young.send(young.chat.PostMessage, PostMessageRequest(room_id=room_id, text=IN_CRISIS))
    lines = await young.send(young.help.ListHelpLines, ListHelpLinesRequest()) if said.show_help else None
    other.positions.keep(young.positions.shown())
    leader.positions.keep(young.positions.shown())
    by = leader.moderation
    held = (await leader.send(by.ListHeldMessages, moderation.ListHeldMessagesRequest(room_id=room_id))).held_messages
    seen = [one.text for one in await _listed(other, room_id)]
    raised = await _concerns(leader) - before
    await leader.send(
        by.DecideHeldMessage,
        moderation.DecideHeldMessageRequest(room_id=room_id, held_id=said.held_id, deliver=False, reason=READ_BY_A_LEADER),
    )
    acts = (await young.send(young.moderation.ListActsAboutMe, moderation.ListActsAboutMeRequest())).acts
    return Crisis(
        help_lines=tuple(one.number for one in lines.lines if one.kind == LINE_KIND_HELPLINE) if lines else (),
        others_saw_it=IN_CRISIS in seen,
        leaders_saw_it=any(one.id == said.held_id and one.text == IN_CRISIS for one in held),
        concern_raised=len(raised) == 1,
        told_its_writer=acts[0].reason,
    )


async def _listed(client: Client, room_id: str) -> list[Message]:
    listed = await client.send(client.chat.ListMessages, ListMessagesRequest(room_id=room_id, page_size=200))
    return list(listed.messages)


async def _concerns(leader: Client) -> set[str]:
    return {one.id for one in (await leader.send(leader.concerns.ListConcerns, ListConcernsRequest())).concerns}


def _as_seen(message: Message) -> str:
    return MessageState.Name(message.state).removeprefix("MESSAGE_STATE_").lower() + (": its words" if message.text else "")
