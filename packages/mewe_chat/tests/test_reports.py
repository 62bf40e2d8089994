"""Reporting: refused to nobody, told alike to everybody, frozen beyond erasure, opened by those it was brought to alone."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest
from mewe_chat import handlers, report_store, reports, rules
from mewe_chat.model import (
    ListMessagesRequest,
    Message,
    MessageState,
    OpenReportedMessageRequest,
    ReportedMessage,
    ReportMessageRequest,
    ReportMessageResponse,
)
from mewe_chat.personal import FROZEN_DAYS, READING_DAYS
from mewe_chat.plugin import mewe_feature
from mewe_chat.report_store import Reading
from mewe_core.kit.access import Held, Purpose, Role, Scope, ScopeKind
from mewe_core.kit.errors import NotFound, SignedOut
from mewe_core.kit.testing import BEGINNING, ELM, NATIONAL, OAK, STRANGER, Stage, drive
from mewe_core.programme.events import GroupChanged, GroupState
from mewe_core.safety.events import ConcernChanged, ConcernState, Reported, ReportedKind
from sqlalchemy import func, select
from whenever import Instant

from .talking import gathered, post

CONTACT = "carin"
BROUGHT_TO = (Role.CONTACT, ScopeKind.CONCERN)
JOINED, LEFT = BEGINNING, BEGINNING.add(hours=24)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Two groups; in the first, thirteen messages were posted in turn by its three young people."""
    with Stage(mewe_feature()) as stage:
        gathered(stage, OAK, ELM)
        yield stage


@pytest.fixture
def said(stage: Stage) -> list[Message]:
    """What was said."""
    return [post(stage, f"canary {n}", by=OAK.participants[n % 3]) for n in range(13)]


def report(stage: Stage, message_id: str, *, by: str | None, room: str = OAK.group_id, text: str = "") -> ReportMessageResponse:
    """Report a message."""
    return stage.call(reports.report_message, ReportMessageRequest(stage.ids.new(), room, message_id, text), by=by)


def brought(stage: Stage, report_id: str, to: str = CONTACT) -> None:
    """Let the chat hear whom a concern was brought to."""
    stage.give(to, Role.CONTACT, ScopeKind.CONCERN, report_id)


def opened(stage: Stage, report_id: str, *, by: str | None = CONTACT) -> ReportedMessage:
    """Open what was frozen."""
    return stage.call(reports.open_reported_message, OpenReportedMessageRequest(stage.ids.new(), report_id), by=by)


def frozen(stage: Stage, report_id: str) -> list[str]:
    """The words that were frozen, as somebody reads them whom it was brought to."""
    brought(stage, report_id)
    return [one.text for one in opened(stage, report_id).messages]


def concern(stage: Stage, report_id: str, state: ConcernState) -> None:
    """Let the chat hear where a concern stands."""
    stage.hear(ConcernChanged(report_id, state))


@pytest.mark.parametrize(("number", "first", "last"), [(6, 1, 11), (0, 0, 5), (2, 0, 7), (12, 7, 12), (10, 5, 12)])
def test_a_message_is_frozen_with_five_before_and_five_behind(
    stage: Stage, said: list[Message], number: int, first: int, last: int
) -> None:
    """Fewer at the ends of the room; whole messages, in order."""
    one = report(stage, said[number].id, by="bo", text="I am worried")
    brought(stage, one.report_id)
    shown = opened(stage, one.report_id)
    assert shown == ReportedMessage(
        one.report_id, said[number].id, "I am worried", tuple(said[first : last + 1]), stage.clock.now()
    )


def test_it_is_told_by_ids_alone(stage: Stage, said: list[Message]) -> None:
    """Safety learns what, where, who wrote it and who reported it: so it is never brought to the one it is about."""
    one = report(stage, said[1].id, by="cleo", text="canary")
    assert stage.events[-1] == Reported(one.report_id, ReportedKind.MESSAGE, said[1].id, OAK.group_id, "bo", "cleo")


Reporter = Callable[[Stage], str | None]


def left(stage: Stage) -> str:
    """Bo leaves after a day."""
    standing = stage.give("bo2", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, since=JOINED)
    stage.clock.advance(days=2)
    stage.give("bo2", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, since=JOINED, until=LEFT, standing_id=standing)
    return "bo2"


def withdrew(stage: Stage) -> str:
    """Everything that Bo said yes to is taken back."""
    for purpose in Purpose:
        stage.consent("bo", purpose, covered=False)
    return "bo"


def is_over(stage: Stage) -> str:
    """The group has ended."""
    stage.hear(GroupChanged(OAK.group_id, OAK.organisation_id, GroupState.ENDED))
    return "bo"


@pytest.mark.parametrize("who", [lambda _: "bo", lambda _: "lena", left, withdrew, is_over])
def test_whoever_was_there_has_it_frozen(stage: Stage, said: list[Message], who: Reporter) -> None:
    """A member, a leader, somebody who has left, whose consent is withdrawn, whose group has ended."""
    reporter = who(stage)
    assert "canary 1" in frozen(stage, report(stage, said[1].id, by=reporter).report_id)


NOT_THERE: tuple[tuple[str | None, str], ...] = (
    (None, "message"),
    (STRANGER, "message"),
    ("dina", "message"),
    ("maria", "message"),
    (NATIONAL, "message"),
    (OAK.coordinator, "message"),
    ("bo", "nothing"),
    (None, "nothing"),
    (STRANGER, "nothing"),
)


@pytest.mark.parametrize(("who", "what"), NOT_THERE)
def test_a_report_of_anybody_about_anything_is_kept_and_told(
    stage: Stage, said: list[Message], who: str | None, what: str
) -> None:
    """Nobody, a stranger, somebody of another group, a message that never was: an answer of the same shape, and no copy."""
    message_id = said[1].id if what == "message" else "f00d"
    told = len(stage.events)
    one = report(stage, message_id, by=who, text="canary")
    assert one == ReportMessageResponse(one.report_id, stage.clock.now())
    assert isinstance(stage.events[told], Reported)
    brought(stage, one.report_id)
    shown = opened(stage, one.report_id)
    assert (shown.messages, shown.text) == ((), "canary")


def test_a_report_about_a_room_that_never_was_is_kept(stage: Stage) -> None:
    """It belongs to no group, and is told all the same."""
    one = report(stage, "nothing", by="ada", room="nowhere")
    assert stage.events == [Reported(one.report_id, ReportedKind.MESSAGE, "nothing", None, None, "ada")]


def test_the_room_of_the_message_counts_and_not_the_one_that_was_named(stage: Stage, said: list[Message]) -> None:
    """Naming one's own room opens no message of another."""
    one = report(stage, said[1].id, by="dina", room=ELM.group_id)
    assert frozen(stage, one.report_id) == []
    reported = stage.events[-1]
    assert isinstance(reported, Reported)
    assert reported.group_id == OAK.group_id


def test_what_came_before_one_joined_is_not_frozen_by_a_report(stage: Stage, said: list[Message]) -> None:
    """Who joined later could not see it."""
    stage.clock.advance(days=1)
    stage.consent("frida", Purpose.CHAT)
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    assert frozen(stage, report(stage, said[1].id, by="frida").report_id) == []
    assert frozen(stage, report(stage, post(stage, "later", by="ada").id, by="frida").report_id)[-1] == "later"


def test_the_copy_stands_beyond_erasure(stage: Stage, said: list[Message]) -> None:
    """The author's keys are destroyed, and the reporter's: the room shows removed messages, the copy what was said."""
    one = report(stage, said[1].id, by="cleo", text="help")
    for who in OAK.participants:
        drive(stage.sealing.destroy(who))
    page = stage.call(handlers.list_messages, ListMessagesRequest(OAK.group_id), by="lena")
    assert all(shown.state is MessageState.ERASED for shown in page.messages)
    assert frozen(stage, one.report_id) == [f"canary {n}" for n in range(7)]


def test_what_was_removed_before_is_frozen_as_removed(stage: Stage, said: list[Message]) -> None:
    """A report of an erased message is kept, and says so; what others said around it is there."""
    drive(stage.sealing.destroy("bo"))
    one = report(stage, said[1].id, by="cleo")
    brought(stage, one.report_id)
    messages = opened(stage, one.report_id).messages
    assert [shown.state is MessageState.ERASED for shown in messages] == [n % 3 == 1 for n in range(7)]


def test_no_word_of_it_stands_in_the_database(stage: Stage, said: list[Message]) -> None:
    """Neither what was frozen nor what the reporter said."""
    report(stage, said[1].id, by="cleo", text="canary of mine")
    kept = stage.all(select(report_store.REPORT.c.sealed_copy), bytes)
    kept += stage.all(select(report_store.REPORT.c.sealed_words), bytes)
    assert all(one and b"canary" not in one for one in kept)


OTHERS = [*OAK.participants, *OAK.leaders, OAK.coordinator, NATIONAL, STRANGER, "contact of another concern"]


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_opens_it(stage: Stage, said: list[Message], who: str) -> None:
    """Not who reported, not who wrote it, no leader, nobody around: to them there is no report, as if it never was."""
    one = report(stage, said[1].id, by="cleo")
    stage.give("contact of another concern", Role.CONTACT, ScopeKind.CONCERN, "another")
    for report_id in (one.report_id, "never-was"):
        with pytest.raises(NotFound):
            opened(stage, report_id, by=who)
    assert stage.all(select(func.count()).select_from(report_store.READING), int) == [0]


@pytest.mark.parametrize(("role", "kind"), [one for one in product(Role, ScopeKind) if one != BROUGHT_TO])
def test_no_role_around_a_concern_reaches_in(stage: Stage, said: list[Message], role: Role, kind: ScopeKind) -> None:
    """A contact of the whole country is none of the concern; a leader who held that role in the concern itself is none."""
    one = report(stage, said[1].id, by="cleo")
    for scope_id in (one.report_id, OAK.group_id, OAK.organisation_id, "SE"):
        stage.give("ove", role, kind, scope_id)
    with pytest.raises(NotFound):
        opened(stage, one.report_id, by="ove")


def test_it_is_opened_by_no_one_without_signing_in(stage: Stage, said: list[Message]) -> None:
    """And not once the concern is somebody else's."""
    one = report(stage, said[1].id, by="cleo")
    with pytest.raises(SignedOut):
        opened(stage, one.report_id, by=None)
    now = stage.clock.now()
    stage.give(CONTACT, Role.CONTACT, ScopeKind.CONCERN, one.report_id, since=now, until=stage.clock.advance(hours=1))
    with pytest.raises(NotFound):
        opened(stage, one.report_id)


def test_who_opened_it_is_kept_each_time(stage: Stage, said: list[Message]) -> None:
    """Who and when; in the unit that shows it."""
    one = report(stage, said[1].id, by="cleo")
    brought(stage, one.report_id)
    times = []
    for _ in range(2):
        opened(stage, one.report_id)
        times.append(stage.clock.now())
        stage.clock.advance(minutes=5)
    kept = stage.all(select(report_store.READING).order_by(report_store.READING.c.read_time), Reading)
    assert [(entry.report_id, entry.reader_id, entry.read_time) for entry in kept] == [
        (one.report_id, CONTACT, time) for time in times
    ]


def test_it_goes_when_its_concern_has_been_closed_for_long_enough(stage: Stage, said: list[Message]) -> None:
    """Not a moment before, and the key with it; another report stays."""
    one, other = report(stage, said[1].id, by="cleo", text="mine"), report(stage, said[2].id, by="ada")
    copy = stage.all(select(report_store.REPORT.c.sealed_copy).where(report_store.REPORT.c.id == one.report_id), bytes)[0]
    brought(stage, one.report_id)
    concern(stage, one.report_id, ConcernState.CLOSED)
    stage.clock.advance(days=FROZEN_DAYS, seconds=-1)
    stage.do_jobs()
    assert opened(stage, one.report_id).text == "mine"
    stage.clock.advance(seconds=1)
    stage.do_jobs()
    with pytest.raises(NotFound):
        opened(stage, one.report_id)
    assert drive(stage.sealing.open(one.report_id, reports.PURPOSE, f"chat_report/{one.report_id}/sealed_copy", copy)) is None
    assert stage.all(select(report_store.REPORT.c.id), str) == [other.report_id]


@pytest.mark.parametrize("state", [one for one in ConcernState if one is not ConcernState.CLOSED])
def test_it_stays_while_its_concern_is_not_closed(stage: Stage, said: list[Message], state: ConcernState) -> None:
    """However long; and where one that was closed is taken up again, it is kept on, and its time begins anew."""
    one = report(stage, said[1].id, by="cleo")
    concern(stage, one.report_id, ConcernState.CLOSED)
    stage.clock.advance(days=FROZEN_DAYS - 1)
    concern(stage, one.report_id, state)
    stage.clock.advance(days=10 * FROZEN_DAYS)
    stage.do_jobs()
    assert len(frozen(stage, one.report_id)) == 7
    concern(stage, one.report_id, ConcernState.CLOSED)
    stage.clock.advance(days=FROZEN_DAYS - 1)
    concern(stage, one.report_id, ConcernState.CLOSED)
    stage.clock.advance(days=1)
    stage.do_jobs()
    assert stage.all(select(func.count()).select_from(report_store.REPORT), int) == [0]


def test_a_concern_of_another_kind_closes_nothing_here(stage: Stage, said: list[Message]) -> None:
    """Concerns that no report of the chat became are heard, and change nothing."""
    report(stage, said[1].id, by="cleo")
    concern(stage, "another", ConcernState.CLOSED)
    stage.clock.advance(days=2 * FROZEN_DAYS)
    stage.do_jobs()
    assert stage.all(select(func.count()).select_from(report_store.REPORT), int) == [1]


def test_however_many_are_due_all_go(stage: Stage, said: list[Message]) -> None:
    """Some at once, until there are no more; the clock set back brings none of them back."""
    for _ in range(250):
        concern(stage, report(stage, said[1].id, by="cleo").report_id, ConcernState.CLOSED)
    stage.clock.advance(days=FROZEN_DAYS)
    stage.do_jobs()
    stage.clock.advance(days=-FROZEN_DAYS)
    assert stage.all(select(func.count()).select_from(report_store.REPORT), int) == [0]


def test_readings_are_forgotten_in_their_time(stage: Stage, said: list[Message]) -> None:
    """Long after the copy itself may be gone."""
    one = report(stage, said[1].id, by="cleo")
    brought(stage, one.report_id)
    opened(stage, one.report_id)
    stage.clock.advance(days=READING_DAYS, seconds=-1)
    stage.do_jobs()
    assert stage.all(select(func.count()).select_from(report_store.READING), int) == [1]
    stage.clock.advance(seconds=1)
    stage.do_jobs()
    assert stage.all(select(func.count()).select_from(report_store.READING), int) == [0]


def test_words_are_not_shown_where_a_report_is_written_down(stage: Stage, said: list[Message]) -> None:
    """Neither in the request nor in what is shown."""
    request = ReportMessageRequest("r", "room", "message", "canary")
    one = report(stage, said[1].id, by="cleo", text="canary")
    brought(stage, one.report_id)
    assert "canary" not in repr(request) + repr(opened(stage, one.report_id))


MOMENTS = [JOINED.add(seconds=-1), JOINED, JOINED.add(seconds=1), LEFT.add(seconds=-1), LEFT]


@pytest.mark.parametrize(("role", "kind", "scope_id"), list(product(Role, ScopeKind, [OAK.group_id, ELM.group_id])))
@pytest.mark.parametrize("sent_at", MOMENTS)
@pytest.mark.parametrize("until", [LEFT, None])
def test_who_could_see_a_message(role: Role, kind: ScopeKind, scope_id: str, sent_at: Instant, until: Instant | None) -> None:
    """Participants and leaders of that very group at the moment it came, and who read it later in an emergency; nobody else."""
    held = Held(role, kind, scope_id, JOINED, until)
    in_room = role in (Role.PARTICIPANT, Role.LEADER) and kind is ScopeKind.GROUP and scope_id == OAK.group_id
    in_time = sent_at in MOMENTS[1:4] or (until is None and sent_at in MOMENTS[1:])
    in_emergency = role is Role.EMERGENCY_READER and kind is ScopeKind.GROUP and scope_id == OAK.group_id
    not_later = until is None or sent_at in MOMENTS[:4]
    expected = (in_room and in_time) or (in_emergency and not_later)
    assert rules.could_see([held], Scope(ScopeKind.GROUP, OAK.group_id), "ada", sent_at) == expected
