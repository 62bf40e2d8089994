"""Rooms follow groups: which there are, who is in them, when one writes there, and when they are put away."""

from collections.abc import Iterator
from itertools import permutations, product

import pytest
from mewe_chat import handlers, reports, rules
from mewe_chat.errors import RoomClosed, RoomNotOpenNow
from mewe_chat.model import (
    ListMessagesRequest,
    ListRoomsRequest,
    OpeningHours,
    OpenReportedMessageRequest,
    ReportMessageRequest,
    Room,
    RoomKind,
    WatchMessagesRequest,
)
from mewe_chat.plugin import mewe_feature
from mewe_chat.room_store import room_id
from mewe_chat.store import ROOM
from mewe_core.kit.access import Held, Purpose, Role, Scope, ScopeKind
from mewe_core.kit.errors import ConsentMissing, NotFound
from mewe_core.kit.privacy.telling import ErasureDecided
from mewe_core.kit.standing import StandingChanged
from mewe_core.kit.testing import BEGINNING, ELM, OAK, Party, Stage, drive
from mewe_core.programme.events import GroupChanged, GroupState
from sqlalchemy import select, update
from whenever import Instant

from .talking import acknowledged, gathered, listed, post, side_room, told

LEADERS = room_id(RoomKind.LEADERS, OAK.group_id)
ROOMS = {RoomKind.GROUP: OAK.group_id, RoomKind.LEADERS: LEADERS, RoomKind.SIDE: side_room("ada")}


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Two groups that run."""
    with Stage(mewe_feature()) as stage:
        gathered(stage, OAK, ELM)
        yield stage


def rooms(stage: Stage, *, by: str, archived: bool = False) -> dict[str, Room]:
    """The rooms that somebody is shown, by id."""
    return {one.id: one for one in stage.call(handlers.list_rooms, ListRoomsRequest(archived=archived), by=by).rooms}


def reads(stage: Stage, room: str, *, by: str) -> bool:
    """Whether somebody is let in; by page and by stream alike."""
    ways = []
    for handler, request in (
        (handlers.list_messages, ListMessagesRequest(room)),
        (handlers.watch_messages, WatchMessagesRequest(room)),
    ):
        try:
            stage.call(handler, request, by=by)  # type: ignore[arg-type]
            ways.append(True)
        except NotFound:
            ways.append(False)
    assert len(set(ways)) == 1
    return ways[0]


def test_everybody_is_in_the_rooms_that_are_theirs_and_in_no_other(stage: Stage) -> None:
    """Participants in the group's and their own, leaders in the group's, their own and all at the side; by list and by call."""
    sides = [side_room(one) for one in OAK.participants]
    every = [OAK.group_id, LEADERS, *sides]
    expected = {
        **{one: {OAK.group_id, side_room(one)} for one in OAK.participants},
        **{one: set(every) for one in OAK.leaders},
        OAK.coordinator: set(),
        ELM.leaders[0]: set(),
        ELM.participants[0]: set(),
    }
    for who, theirs in expected.items():
        assert set(rooms(stage, by=who)) & set(every) == theirs
        assert {one for one in every if reads(stage, one, by=who)} == theirs
        for room in set(every) - theirs:
            with pytest.raises(NotFound):
                post(stage, "Hello?", by=who, room=room)
    shown = rooms(stage, by="lena")[side_room("ada")]
    assert (shown.kind, shown.participant_id, shown.group_id) == (RoomKind.SIDE, "ada", OAK.group_id)


def test_what_is_said_in_one_room_is_read_in_no_other(stage: Stage) -> None:
    """Each has its own sequence."""
    for room in (OAK.group_id, LEADERS, side_room("ada"), side_room("bo")):
        assert post(stage, room, by="lena", room=room).sequence == 1
        assert [one.text for one in listed(stage, by="lena", room=room)] == [room]


TELLING = (
    GroupChanged(OAK.group_id, OAK.organisation_id, GroupState.RUNNING),
    StandingChanged("s-ada", "ada", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, BEGINNING, None),
    StandingChanged("s-lena", "lena", Role.LEADER, ScopeKind.GROUP, OAK.group_id, BEGINNING, None),
)


@pytest.mark.parametrize("order", [*permutations(TELLING), TELLING * 2, TELLING[::-1] * 3])
def test_in_whatever_order_and_however_often_it_is_told_the_rooms_are_the_same(order: tuple[object, ...]) -> None:
    """One of the group, one of its leaders, one at the side; nobody has one for leading, or in an organisation."""
    with Stage(mewe_feature()) as stage:
        for event in order:
            stage.hear(event)  # type: ignore[arg-type]
        stage.hear(StandingChanged("o", "ada", Role.PARTICIPANT, ScopeKind.ORGANISATION, OAK.group_id, BEGINNING, None))
        found = stage.all(select(ROOM.c.id), str)
        assert sorted(found) == sorted(ROOMS.values())
        assert stage.all(select(ROOM.c.organisation_id).distinct(), str) == [OAK.organisation_id]


def test_who_has_left_before_the_chat_came_has_no_side_room() -> None:
    """Nor has somebody who was erased."""
    with Stage(mewe_feature()) as stage:
        ended = StandingChanged("s", "bo", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, BEGINNING, BEGINNING)
        stage.hear(ErasureDecided("e", "ada", BEGINNING))
        for event in (ended, *TELLING):
            stage.hear(event)
        assert sorted(stage.all(select(ROOM.c.id), str)) == sorted([OAK.group_id, LEADERS])


def test_a_room_id_tells_nobody_the_participant() -> None:
    """It is made of it, and does not contain it; of each group, kind and person it is another."""
    made = {room_id(kind, group, who) for kind, group, who in product(list(RoomKind)[1:], ["g", "h"], ["ada", "bo"])}
    assert len(made) == 8
    assert all(len(one) == 32 and "ada" not in one for one in made)


def test_who_leaves_keeps_no_side_room_and_the_leaders_keep_what_was_said(stage: Stage) -> None:
    """Coming back, it is the same room, from then on."""
    joined, side = stage.clock.now(), side_room("frida")
    standing = stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    stage.consent("frida", Purpose.CHAT)
    acknowledged(stage, "frida", side)
    post(stage, "Can we talk?", by="frida", room=side)
    now = stage.clock.advance(days=1)
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, since=joined, until=now, standing_id=standing)
    assert rooms(stage, by="frida") == {}
    assert not reads(stage, side, by="frida")
    stage.clock.advance(days=1)
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    post(stage, "Here I am again", by="frida", room=side)
    assert [one.text for one in listed(stage, by="frida", room=side)] == ["Here I am again"]
    assert [one.text for one in listed(stage, by="lena", room=side)] == ["Can we talk?", "Here I am again"]


def test_a_side_room_whose_participant_was_cleared_is_open_to_no_participant(stage: Stage) -> None:
    """Not even to somebody whose id is empty: leaders alone are in it."""
    drive(stage.database.execute(update(ROOM).where(ROOM.c.id == side_room("ada")).values(participant_id="")))
    assert [reads(stage, side_room("ada"), by=who) for who in ("ada", "bo", "lena")] == [False, False, True]
    assert side_room("ada") not in rooms(stage, by="ada")


def test_without_consent_a_side_room_is_closed_as_the_groups_is(stage: Stage) -> None:
    """And is not listed."""
    stage.consent("ada", Purpose.CHAT, covered=False)
    with pytest.raises(ConsentMissing):
        post(stage, "Hej", by="ada", room=side_room("ada"))
    assert rooms(stage, by="ada") == {}


def test_an_emergency_opens_the_groups_room_and_those_at_the_side_and_not_the_leaders(stage: Stage) -> None:
    """To list what was said, from the beginning."""
    for room in (OAK.group_id, side_room("ada"), LEADERS):
        post(stage, "before", by="lena", room=room)
    now = stage.clock.advance(days=1)
    stage.give("rut", Role.EMERGENCY_READER, ScopeKind.GROUP, OAK.group_id, until=now.add(minutes=60))
    for room in (OAK.group_id, side_room("ada")):
        assert [one.text for one in listed(stage, by="rut", room=room)] == ["before"]
    with pytest.raises(NotFound):
        listed(stage, by="rut", room=LEADERS)
    assert rooms(stage, by="rut") == {}


@pytest.mark.parametrize("participant", [None, "", "ada", "bo"])
@pytest.mark.parametrize(("role", "who"), list(product(Role, ["ada", "bo"])))
def test_who_could_see_a_message_of_each_kind_of_room(participant: str | None, role: Role, who: str) -> None:
    """For reports: in a side room its participant, in the leaders' no participant and no reader in an emergency."""
    held = [Held(role, ScopeKind.GROUP, OAK.group_id, BEGINNING, None)]
    scope = Scope(ScopeKind.GROUP, OAK.group_id, participant=participant)
    expected = {
        Role.LEADER: True,
        Role.PARTICIPANT: participant in (None, who),
        Role.EMERGENCY_READER: participant != "",
    }
    assert rules.could_see(held, scope, who, BEGINNING) == expected.get(role, False)


def test_a_report_of_what_one_could_not_see_freezes_nothing(stage: Stage) -> None:
    """Whoever guesses the id of another's side room and a message in it is answered like any other."""
    message = post(stage, "between us", by="ada", room=side_room("ada"))
    request = ReportMessageRequest("r", side_room("ada"), message.id)
    report = stage.call(reports.report_message, request, by="bo")
    stage.give("carin", Role.CONTACT, ScopeKind.CONCERN, report.report_id)
    opened = stage.call(reports.open_reported_message, OpenReportedMessageRequest("o", report.report_id), by="carin")
    assert opened.messages == ()


def test_all_rooms_of_a_group_close_and_open_with_it(stage: Stage) -> None:
    """Its end is kept once; a group that goes on has none."""
    ends = stage.clock.now()
    told(stage, OAK, GroupState.COMPLETED)
    stage.clock.advance(days=1)
    told(stage, OAK, GroupState.ENDED)
    for room, by in ((OAK.group_id, "ada"), (LEADERS, "lena"), (side_room("ada"), "ada")):
        with pytest.raises(RoomClosed):
            post(stage, "late", by=by, room=room)
    ended = select(ROOM.c.ended_time).where(ROOM.c.group_id == OAK.group_id).distinct()
    assert stage.all(ended, Instant) == [ends]
    told(stage, OAK, GroupState.FOLLOW_UP)
    assert post(stage, "again", by="ada", room=side_room("ada")).sequence == 1


def test_an_ended_groups_rooms_go_to_the_archive_and_come_back_with_it(stage: Stage) -> None:
    """After the days that the deployment says, to the second; whoever asks still finds and reads them."""
    post(stage, "Goodbye", by="ada")
    told(stage, OAK, GroupState.COMPLETED)
    stage.clock.advance(days=30, seconds=-1)
    stage.do_jobs()
    assert len(rooms(stage, by="lena")) == 5
    stage.clock.advance(seconds=1)
    stage.do_jobs()
    assert rooms(stage, by="lena") == {}
    kept = rooms(stage, by="lena", archived=True)
    assert len(kept) == 5
    assert all(one.archived for one in kept.values())
    assert [one.text for one in listed(stage, by="ada")] == ["Goodbye"]
    told(stage, OAK, GroupState.RUNNING)
    stage.do_jobs()
    assert len(rooms(stage, by="lena")) == 5


def test_more_rooms_than_are_put_away_at_once_all_go() -> None:
    """In bounded steps."""
    with Stage(mewe_feature()) as stage:
        for number in range(260):
            party = Party(f"group-{number}", "school", (), (), "karin")
            told(stage, party, GroupState.ENDED)
        stage.clock.advance(days=31)
        stage.do_jobs()
        assert stage.all(select(ROOM.c.archived).distinct(), bool) == [True]


def test_hours_hold_for_participants_in_the_groups_room_alone(stage: Stage) -> None:
    """Leaders write at any time, and a side room is always open; a list says when it opens."""
    values = {"opens": 8 * 60, "closes": 21 * 60, "zone": "Europe/Stockholm"}
    drive(stage.database.execute(update(ROOM).where(ROOM.c.group_id == OAK.group_id).values(**values)))
    until = stage.clock.now().to_tz("Europe/Stockholm")
    stage.clock.advance(hours=22 - until.hour, minutes=-until.minute)
    with pytest.raises(RoomNotOpenNow):
        post(stage, "Is anybody awake?", by="ada")
    assert post(stage, "Good night", by="lena").sequence == 1
    assert post(stage, "I cannot sleep", by="ada", room=side_room("ada")).sequence == 1
    shown = rooms(stage, by="ada")[OAK.group_id]
    assert shown.hours == OpeningHours("08:00", "21:00", "Europe/Stockholm")
    assert shown.opens_next is not None
    stage.clock.advance(hours=10)
    assert post(stage, "Good morning", by="ada").sequence == 2
    assert rooms(stage, by="ada")[OAK.group_id].opens_next is None


def test_a_leader_who_closes_a_room_closes_it_to_everybody(stage: Stage) -> None:
    """That it was closed is shown, and what stands there is read."""
    drive(stage.database.execute(update(ROOM).where(ROOM.c.id == OAK.group_id).values(closed_by_leader=True)))
    for who in ("ada", "lena"):
        with pytest.raises(RoomClosed):
            post(stage, "Hello?", by=who)
    assert not rooms(stage, by="ada")[OAK.group_id].open
    assert reads(stage, OAK.group_id, by="ada")


def test_a_reply_is_to_what_one_sees_in_the_same_room(stage: Stage) -> None:
    """Not to what stands in another room, nor to what was said before one came; a refused one takes no place."""
    first = post(stage, "What shall we do?", by="ada")
    elsewhere = post(stage, "Between us", by="bo", room=side_room("bo"))
    assert post(stage, "Play", by="bo", reply_to=first.id).reply_to_id == first.id
    assert [one.reply_to_id for one in listed(stage, by="ada")] == ["", first.id]
    stage.clock.advance(days=1)
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    stage.consent("frida", Purpose.CHAT)
    acknowledged(stage, "frida", OAK.group_id)
    for who, what in (("bo", elsewhere.id), ("bo", "never"), ("frida", first.id)):
        with pytest.raises(NotFound):
            post(stage, "Yes", by=who, reply_to=what)
    assert post(stage, "Hello", by="frida").sequence == 3
