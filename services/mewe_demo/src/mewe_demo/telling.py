"""What happened, as tables: made of the API's answers alone."""

from attrs import frozen
from mewe.kit.v1.standing_pb2 import Role
from mewe.people.v1.people_service_pb2 import Organisation
from mewe.programme.v1.events_pb2 import GroupState
from mewe.programme.v1.group_service_pb2 import (
    Attendance,
    GroupSummary,
    MeetingMode,
    MembershipState,
    Session,
    SessionState,
)
from mewe.programme.v1.programme_service_pb2 import Programme
from mewe.programme.v1.recruitment_service_pb2 import Funnel, RecruitmentReason, RecruitmentState
from mewe.programme.v1.training_service_pb2 import Certificate
from rich import box
from rich.console import Console
from rich.table import Table

from mewe_demo.care import Forgotten, Help, Own
from mewe_demo.conversation import Chat
from mewe_demo.diaries import Kept
from mewe_demo.moderating import Crisis, Reported

MARKS = {
    Attendance.ATTENDANCE_PRESENT: "•",
    Attendance.ATTENDANCE_LATE: "•",
    Attendance.ATTENDANCE_EXCUSED: "–",
    Attendance.ATTENDANCE_ABSENT: "○",
}
"""Was there, had said that they could not come, was not there; a blank: not in the group, or not marked."""


@frozen
class Tale:
    """Everything the story ends with."""

    organisation: Organisation
    training: GroupSummary
    certificates: tuple[Certificate, ...]
    programme: Programme
    funnel: Funnel
    summary: GroupSummary
    calendar_events: int
    moved: frozenset[str]
    chat: Chat
    unkind: Reported
    crisis: Crisis
    diary: Kept
    help: Help
    own: Own
    forgotten: Forgotten


def tell(tale: Tale, console: Console) -> None:
    """Print the tables."""
    group = tale.summary.group
    console.print(
        f"\n[bold]{tale.organisation.name}[/bold] ran [bold]{tale.programme.name}[/bold], version {group.programme_version}."
    )
    held = sum(one.session.state == SessionState.SESSION_STATE_HELD for one in tale.training.sessions)
    console.print(f"Training: {held} sessions, {len(tale.certificates)} certificates.")
    console.print(_sessions(tale))
    console.print(_members(tale.summary))
    console.print(_funnel(tale.funnel))
    chat = _table("The chat", heads=False)
    chat.add_row("messages", str(tale.chat.messages))
    chat.add_row("reached everybody who stayed, once each", "yes" if tale.chat.reached_all else "NO")
    chat.add_row("reached the one who left", str(tale.chat.reached_who_left))
    chat.add_row("what they were told when they wrote after that", tale.chat.refused_who_left)
    chat.add_row("what a member was told after the last session", tale.chat.refused_at_the_end)
    console.print(chat)
    console.print(_unkind(tale.unkind))
    console.print(_crisis(tale.crisis))
    console.print(_diary(tale.diary))
    console.print(_help(tale.help))
    console.print(_own(tale.own))
    console.print(_forgotten(tale.forgotten))
    console.print(f"Their device was told at once: {tale.forgotten.told_at_once}")
    console.print(
        f"The group is {_word(GroupState.Name(group.state), 'GROUP_STATE_')}; its calendar has {tale.calendar_events} events."
    )


def _table(title: str, *, heads: bool = True, caption: str | None = None) -> Table:
    return Table(
        title=title, caption=caption, title_justify="left", caption_justify="left", show_header=heads, box=box.SIMPLE_HEAD
    )


def _sessions(tale: Tale) -> Table:
    table = _table("Sessions", caption="f: the follow-up  *: moved  done: activities, + adapted, - skipped")
    for head in ("", "aim", "when", "where", "there", "done"):
        table.add_column(head, no_wrap=head != "aim", min_width=24 if head == "aim" else None)
    aims = {one.id: one.aim for one in tale.programme.sessions}
    for one in tale.summary.sessions:
        session = one.session
        notes = "*" if session.id in tale.moved else ""
        done = str(one.delivered) + (f" +{one.adapted}" if one.adapted else "") + (f" -{one.skipped}" if one.skipped else "")
        table.add_row(
            _short(session),
            aims[session.plan_id],
            f"{session.start.date} {session.start.time}{notes}",
            "online" if session.mode == MeetingMode.MEETING_MODE_ONLINE else "met",
            f"{one.attended} of {one.marked}",
            done,
        )
    return table


def _members(summary: GroupSummary) -> Table:
    table = _table("Attendance", caption="• there  – had said they could not come  ○ not there")
    sessions = [one.session for one in summary.sessions]
    for head in ("", *(_short(session) for session in sessions), "came", ""):
        table.add_column(head)
    participants = [one for one in summary.members if one.membership.role == Role.ROLE_PARTICIPANT]
    for number, member in enumerate(participants, 1):
        marks = {mark.session_id: MARKS.get(mark.attendance, " ") for mark in member.marks}
        left = member.membership.state == MembershipState.MEMBERSHIP_STATE_ENDED
        row = [marks.get(session.id, " ") for session in sessions]
        table.add_row(f"participant {number}", *row, str(member.attended), "left" if left else "")
    return table


def _funnel(funnel: Funnel) -> Table:
    table = _table("The way in", heads=False)
    ways_out = {way_out.state for way_out in funnel.exits}
    for step in funnel.steps:
        if step.reached and step.state not in ways_out:
            table.add_row(_word(RecruitmentState.Name(step.state), "RECRUITMENT_STATE_"), str(step.reached), "")
    for way_out in funnel.exits:
        state = _word(RecruitmentState.Name(way_out.state), "RECRUITMENT_STATE_")
        table.add_row(
            f"  out: {state}", str(way_out.count), _word(RecruitmentReason.Name(way_out.reason), "RECRUITMENT_REASON_")
        )
    return table


def _unkind(unkind: Reported) -> Table:
    table = _table("A message that hurt", heads=False)
    table.add_row("why it was reported", unkind.reason)
    table.add_row("what the others then saw in its place", ", ".join(unkind.seen_by_others))
    table.add_row("what its author was told", unkind.told_its_author)
    return table


def _crisis(crisis: Crisis) -> Table:
    table = _table("A word of crisis", heads=False)
    table.add_row("whom its writer was shown at once", ", ".join(crisis.help_lines))
    table.add_row("the other young people saw it", "YES" if crisis.others_saw_it else "no")
    table.add_row("the leaders saw it", "yes" if crisis.leaders_saw_it else "NO")
    table.add_row("a concern was raised", "yes" if crisis.concern_raised else "NO")
    table.add_row("what a leader told its writer", crisis.told_its_writer)
    return table


def _diary(kept: Kept) -> Table:
    table = _table("A diary", heads=False)
    table.add_row("entries written before there was an account", str(kept.before_an_account))
    table.add_row("the service can read a word of it", "YES" if kept.service_can_read else "no")
    table.add_row("entries on the second device, by a code shown on the first", str(kept.on_the_second_device))
    table.add_row("versions kept of an entry that both changed", str(kept.versions_after_both_wrote))
    same = "yes" if kept.words_of_the_key_are_the_same else "NO"
    table.add_row("a leader's key has the words that the leader says", same)
    table.add_row("what the leader read, of the one entry that was shared", kept.leader_read)
    table.add_row("how many readers its writer sees", str(kept.writer_sees_readers))
    table.add_row("what the leader is told once it was taken back", kept.after_it_was_taken_back)
    return table


def _help(given: Help) -> Table:
    table = _table("A cry for help", heads=False)
    reads = "a leader reads it" if given.readers == 1 else f"{given.readers} leaders read it"
    now = " now" if given.somebody_now else ""
    table.add_row("what was said at once", f"{reads}{now}; in an emergency: {', '.join(given.emergency)}")
    table.add_row("what was done, in order", ", ".join(word.replace("_", " ") for word in given.log))
    table.add_row("what the young person reads", given.told)
    return table


def _own(own: Own) -> Table:
    table = _table("Everything of one's own")
    for head in ("feature", "tables", "rows"):
        table.add_column(head)
    for feature, tables, rows in own.features:
        table.add_row(feature, str(tables), str(rows))
    return table


def _forgotten(erased: Forgotten) -> Table:
    table = _table(
        "Forgotten: what each feature has signed for",
        caption=f"All was done after {erased.hours} hours.",
    )
    for head in ("feature", "keys destroyed", "rows"):
        table.add_column(head)
    for feature, keys, rows in erased.features:
        table.add_row(feature, str(keys), ", ".join(f"{count} {done}" for done, count in sorted(rows.items())))
    return table


def _short(session: Session) -> str:
    return "f" if session.follow_up else str(session.number)


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower().replace("_", " ")
