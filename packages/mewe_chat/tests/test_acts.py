"""What leaders do to messages and people of their group, and complaints that go past them."""

from collections.abc import Iterator

import pytest
from mewe_chat import handlers, reports
from mewe_chat.checks.shipped import CHECKS
from mewe_chat.errors import MessageGone, RoomClosed
from mewe_chat.model import (
    ListRoomsRequest,
    Message,
    MessageState,
    OpeningHours,
    OpenReportedMessageRequest,
    ReportMessageRequest,
    ReportReason,
)
from mewe_chat.moderation import acting, complaints
from mewe_chat.moderation.errors import AlreadyDecided, LeaderNotPaused, LeadersMessage, OwnCase, Paused
from mewe_chat.moderation.model import (
    Act,
    AnswerComplaintRequest,
    Complaint,
    EndPauseRequest,
    HideMessageRequest,
    ListActsAboutMeRequest,
    ListActsRequest,
    ListMyComplaintsRequest,
    ListReportsRequest,
    MakeComplaintRequest,
    OpenComplaintsRequest,
    OpenHiddenMessageRequest,
    PauseMemberRequest,
    RemoveMessageRequest,
    RestoreMessageRequest,
    SetOpeningHoursRequest,
    SetRoomOpenRequest,
)
from mewe_chat.moderation.rules import ActKind
from mewe_chat.plugin import mewe_feature
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.testing import ELM, OAK, STRANGER, Stage
from mewe_core.programme.events import GroupState

from .talking import gathered, listed, post, side_room, told

WHY = "That hurts somebody"


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Two groups talk."""
    with Stage(mewe_feature(), checks=CHECKS) as stage:
        gathered(stage, OAK, ELM)
        yield stage


def hidden(stage: Stage, message: Message, *, by: str) -> Message:
    """Hide a message."""
    return stage.call(acting.hide_message, HideMessageRequest("r", message.room_id, message.id, WHY), by=by)


def restored(stage: Stage, message: Message, *, by: str) -> Message:
    """Show it again."""
    return stage.call(acting.restore_message, RestoreMessageRequest("r", message.room_id, message.id), by=by)


def removed(stage: Stage, message: Message, *, by: str) -> Message:
    """Remove it."""
    return stage.call(acting.remove_message, RemoveMessageRequest("r", message.room_id, message.id, WHY), by=by)


def opened(stage: Stage, message: Message, *, by: str) -> str:
    """Read a hidden one."""
    request = OpenHiddenMessageRequest("r", message.room_id, message.id)
    return stage.call(acting.open_hidden_message, request, by=by).text


def paused(stage: Stage, person: str, *, by: str, hours: int = 2) -> Act:
    """Pause somebody."""
    return stage.call(acting.pause_member, PauseMemberRequest("r", OAK.group_id, person, hours, WHY), by=by)


def about(stage: Stage, person: str) -> list[Act]:
    """What was decided about somebody."""
    return list(stage.call(acting.list_acts_about_me, ListActsAboutMeRequest(), by=person).acts)


def test_a_hidden_message_is_read_by_leaders_and_its_author_alone_until_it_is_shown_again(stage: Stage) -> None:
    """Its author is told why."""
    message = post(stage, "Du är dum", by="ada")
    assert hidden(stage, message, by="lena").state is MessageState.HIDDEN
    assert [(one.text, one.state) for one in listed(stage, by="bo")] == [("", MessageState.HIDDEN)]
    assert opened(stage, message, by="lars") == opened(stage, message, by="ada") == "Du är dum"
    for who in ("bo", STRANGER, OAK.coordinator, ELM.leaders[0]):
        with pytest.raises(NotFound):
            opened(stage, message, by=who)
    assert [(one.kind, one.reason, one.message_id) for one in about(stage, "ada")] == [(ActKind.HIDDEN, WHY, message.id)]
    assert about(stage, "bo") == []
    assert restored(stage, message, by="lars").text == "Du är dum"
    assert [one.text for one in listed(stage, by="bo")] == ["Du är dum"]
    with pytest.raises(MessageGone):
        restored(stage, message, by="lars")


def test_a_removed_message_is_gone_for_good(stage: Stage) -> None:
    """For leaders too; its place stays."""
    message = post(stage, "Du är dum", by="ada")
    assert removed(stage, message, by="lena").state is MessageState.REMOVED
    for again in (hidden, restored, removed):
        with pytest.raises(MessageGone):
            again(stage, message, by="lars")
    with pytest.raises(NotFound):
        opened(stage, message, by="lena")
    assert [(one.sequence, one.text) for one in listed(stage, by="lena")] == [(1, "")]


def test_nobody_judges_in_their_own_case(stage: Stage) -> None:
    """What a leader wrote the other may hide and show again, and not remove; the leader themselves none of it."""
    message = post(stage, "Hej", by="lena")
    for act in (hidden, restored, removed):
        with pytest.raises(OwnCase):
            act(stage, message, by="lena")
    with pytest.raises(LeadersMessage):
        removed(stage, message, by="lars")
    hidden(stage, message, by="lars")
    with pytest.raises(OwnCase):
        restored(stage, message, by="lena")
    assert restored(stage, message, by="lars").text == "Hej"


@pytest.mark.parametrize("by", ["ada", STRANGER, OAK.coordinator, ELM.leaders[0]])
def test_only_leaders_of_the_group_act(stage: Stage, by: str) -> None:
    """To everybody else there is nothing there to be acted on."""
    message = post(stage, "Hej", by="bo")
    for act in (hidden, restored, removed):
        with pytest.raises(NotFound):
            act(stage, message, by=by)
    with pytest.raises(NotFound):
        paused(stage, "bo", by=by)
    with pytest.raises(NotFound):
        stage.call(acting.set_room_open, SetRoomOpenRequest("r", OAK.group_id, open=False), by=by)
    with pytest.raises(NotFound):
        stage.call(acting.list_acts, ListActsRequest(OAK.group_id), by=by)


def test_a_message_is_acted_on_in_its_own_room_alone(stage: Stage) -> None:
    """Who leads two groups names the right one."""
    message = post(stage, "Hej", by="dina", room=ELM.group_id)
    with pytest.raises(NotFound):
        stage.call(acting.hide_message, HideMessageRequest("r", OAK.group_id, message.id, WHY), by="lena")


def test_a_pause_holds_in_the_groups_room_and_leaves_the_way_to_leaders_open(stage: Stage) -> None:
    """For the hours that were said, or until it is ended; the room says until when."""
    until = paused(stage, "ada", by="lena").until_time
    with pytest.raises(Paused):
        post(stage, "Hej", by="ada")
    assert post(stage, "Hej", by="ada", room=side_room("ada")).text == "Hej"
    rooms = {one.id: one.paused_until for one in stage.call(handlers.list_rooms, ListRoomsRequest(), by="ada").rooms}
    assert rooms[OAK.group_id] == until == stage.clock.now().add(hours=2)
    assert rooms[side_room("ada")] is None
    stage.clock.advance(hours=2)
    assert post(stage, "Hej", by="ada").text == "Hej"
    paused(stage, "ada", by="lena")
    stage.call(acting.end_pause, EndPauseRequest("r", OAK.group_id, "ada"), by="lars")
    assert post(stage, "Hej", by="ada").text == "Hej"
    assert [one.kind for one in about(stage, "ada")] == [ActKind.PAUSE_ENDED, ActKind.PAUSED, ActKind.PAUSED]


def test_a_shorter_pause_takes_the_place_of_a_longer_one(stage: Stage) -> None:
    """The last word counts."""
    paused(stage, "ada", by="lena", hours=100)
    paused(stage, "ada", by="lars", hours=1)
    stage.clock.advance(hours=1)
    assert post(stage, "Hej", by="ada").text == "Hej"


@pytest.mark.parametrize(("person", "fault"), [("lars", LeaderNotPaused), ("lena", LeaderNotPaused), ("dina", NotFound)])
def test_leaders_are_not_paused_nor_who_is_not_in_the_group(stage: Stage, person: str, fault: type[Exception]) -> None:
    """Not even by themselves."""
    with pytest.raises(fault):
        paused(stage, person, by="lena")


def test_a_pause_is_for_the_room_of_the_group_alone(stage: Stage) -> None:
    """The side room stays open to its participant."""
    room = side_room("ada")
    with pytest.raises(NotFound):
        stage.call(acting.pause_member, PauseMemberRequest("r", room, "ada", 1, WHY), by="lena")
    with pytest.raises(NotFound):
        stage.call(acting.set_room_open, SetRoomOpenRequest("r", room, open=False), by="lena")


def test_a_closed_room_is_opened_again_but_not_once_the_programme_has_ended(stage: Stage) -> None:
    """Each is kept; leaders see what was decided, newest first, by pages."""
    for is_open in (False, True):
        stage.call(acting.set_room_open, SetRoomOpenRequest("r", OAK.group_id, is_open, WHY), by="lena")
        stage.clock.advance(seconds=1)
        if is_open:
            post(stage, "Hej", by="ada")
        else:
            with pytest.raises(RoomClosed):
                post(stage, "Hej", by="ada")
    hours = OpeningHours("08:00", "21:00", "Europe/Stockholm")
    stage.call(acting.set_opening_hours, SetOpeningHoursRequest("r", OAK.group_id, hours), by="lena")
    (room, *_) = (one for one in stage.call(handlers.list_rooms, ListRoomsRequest(), by="ada").rooms if one.id == OAK.group_id)
    assert room.hours == hours
    page = stage.call(acting.list_acts, ListActsRequest(OAK.group_id, 2), by="lars")
    rest = stage.call(acting.list_acts, ListActsRequest(OAK.group_id, 2, page.next_page_token), by="lars")
    assert [one.kind for one in (*page.acts, *rest.acts)] == [ActKind.HOURS_SET, ActKind.OPENED, ActKind.CLOSED]
    assert page.acts[1].reason == WHY
    told(stage, OAK, GroupState.ENDED)
    with pytest.raises(RoomClosed):
        stage.call(acting.set_room_open, SetRoomOpenRequest("r", OAK.group_id, open=True), by="lena")


def test_hours_that_are_none_are_refused(stage: Stage) -> None:
    """And nothing is changed."""
    wrong = SetOpeningHoursRequest("r", OAK.group_id, OpeningHours("8", "21:00", "Europe/Stockholm"))
    with pytest.raises(Invalid):
        stage.call(acting.set_opening_hours, wrong, by="lena")


def test_leaders_see_reports_but_of_what_they_wrote_and_never_who_reported(stage: Stage) -> None:
    """With the reason that was given; nobody is refused for giving none."""
    first, second = post(stage, "Hej", by="ada"), post(stage, "Hej", by="lena")
    for message, reason in ((first, ReportReason.UNKIND), (first, None), (second, ReportReason.WORRIED)):
        request = ReportMessageRequest(stage.ids.new(), OAK.group_id, message.id, "Ada said it", reason)
        stage.call(reports.report_message, request, by="bo")
        stage.clock.advance(seconds=1)

    def seen(by: str, size: int = 0, token: str = "") -> list[tuple[str, ReportReason | None]]:
        page = stage.call(reports.list_reports, ListReportsRequest(OAK.group_id, size, token), by=by)
        found = [(one.message_id, one.reason) for one in page.reports]
        return found + (seen(by, size, page.next_page_token) if page.next_page_token else [])

    about_ada = [(first.id, ReportReason.UNKIND), (first.id, None)]
    assert seen("lena") == seen("lena", 1) == about_ada
    assert seen("lars") == seen("lars", 1) == [*about_ada, (second.id, ReportReason.WORRIED)]
    for who in ("ada", "bo", OAK.coordinator):
        with pytest.raises(NotFound):
            seen(who)


def test_what_a_leader_hides_is_still_frozen_with_its_words_when_it_is_reported(stage: Stage) -> None:
    """Hiding keeps nothing from those whom the concern is brought to; they read the reason too."""
    message = post(stage, "Jag vet var du bor", by="ada")
    hidden(stage, message, by="lena")
    request = ReportMessageRequest("r", OAK.group_id, message.id, "", ReportReason.THREAT)
    report_id = stage.call(reports.report_message, request, by="bo").report_id
    stage.give("karin", Role.CONTACT, ScopeKind.CONCERN, report_id)
    report = stage.call(reports.open_reported_message, OpenReportedMessageRequest("r", report_id), by="karin")
    assert [one.text for one in report.messages] == ["Jag vet var du bor"]
    assert report.reason is ReportReason.THREAT


def complained(stage: Stage, *, by: str, act_id: str | None = None) -> str:
    """Complain."""
    request = MakeComplaintRequest(stage.ids.new(), OAK.group_id, "It is unfair", act_id)
    return stage.call(complaints.make_complaint, request, by=by).complaint_id


def read(stage: Stage, *, by: str, organisation_id: str = OAK.organisation_id) -> list[Complaint]:
    """The complaints that somebody reads."""
    request = OpenComplaintsRequest(stage.ids.new(), organisation_id)
    return list(stage.call(complaints.open_complaints, request, by=by).complaints)


def test_a_complaint_goes_past_the_leaders_and_is_answered_once(stage: Stage) -> None:
    """With the act that it is about; nothing is told that a leader could hear."""
    act = paused(stage, "ada", by="lena")
    before = len(stage.events)
    complaint_id = complained(stage, by="ada", act_id=act.id)
    assert len(stage.events) == before
    (one,) = read(stage, by=OAK.coordinator)
    assert (one.id, one.person_id, one.text) == (complaint_id, "ada", "It is unfair")
    assert one.act is not None
    assert (one.act.leader_id, one.act.reason) == ("lena", WHY)
    for who in ("ada", "lena", "lars", STRANGER, ELM.coordinator):
        with pytest.raises(NotFound):
            read(stage, by=who)
    answer = AnswerComplaintRequest("r", complaint_id, "I have talked to them")
    for who in ("ada", "lena", ELM.coordinator):
        with pytest.raises(NotFound):
            stage.call(complaints.answer_complaint, answer, by=who)
    assert stage.call(complaints.answer_complaint, answer, by=OAK.coordinator).answer == "I have talked to them"
    with pytest.raises(AlreadyDecided):
        stage.call(complaints.answer_complaint, AnswerComplaintRequest("r", complaint_id, "No"), by=OAK.coordinator)
    (mine,) = stage.call(complaints.list_my_complaints, ListMyComplaintsRequest(), by="ada").complaints
    assert mine.answer == "I have talked to them"
    assert stage.call(complaints.list_my_complaints, ListMyComplaintsRequest(), by="bo").complaints == ()


def test_who_has_left_or_takes_back_consent_can_still_complain(stage: Stage) -> None:
    """And who was never a participant cannot, nor about an act that concerns somebody else."""
    standing = stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    stage.clock.advance(days=1)
    now = stage.clock.now()
    stage.give(
        "frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, since=now.add(hours=-20), until=now, standing_id=standing
    )
    stage.consent("bo", Purpose.CHAT, covered=False)
    assert {complained(stage, by="frida"), complained(stage, by="bo")} == {one.id for one in read(stage, by=OAK.coordinator)}
    for who in (STRANGER, "lena", "dina", OAK.coordinator):
        with pytest.raises(NotFound):
            complained(stage, by=who)
    act = paused(stage, "ada", by="lena")
    with pytest.raises(Invalid):
        complained(stage, by="bo", act_id=act.id)


def test_a_coordinator_who_leads_the_group_neither_reads_nor_answers(stage: Stage) -> None:
    """Nor one who once did: another coordinator of the organisation does."""
    standing = stage.give("karin", Role.LEADER, ScopeKind.GROUP, OAK.group_id)
    stage.clock.advance(days=1)
    now = stage.clock.now()
    stage.give("karin", Role.LEADER, ScopeKind.GROUP, OAK.group_id, since=now.add(hours=-9), until=now, standing_id=standing)
    complaint_id = complained(stage, by="ada")
    assert read(stage, by="karin") == []
    with pytest.raises(NotFound):
        stage.call(complaints.answer_complaint, AnswerComplaintRequest("r", complaint_id, "No"), by="karin")
    stage.give("kim", Role.COORDINATOR, ScopeKind.ORGANISATION, OAK.organisation_id)
    assert len(read(stage, by="kim")) == 1
