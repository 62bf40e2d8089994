"""Who is told that there is something new, once, and when not."""

from collections.abc import Iterator

import pytest
from mewe_chat import handlers, marks, news
from mewe_chat.checks.shipped import CHECKS
from mewe_chat.model import (
    DeleteMessageRequest,
    EditMessageRequest,
    PostMessageRequest,
    RoomKind,
    SetMutedRequest,
)
from mewe_chat.moderation import acting, held
from mewe_chat.moderation.model import DecideHeldMessageRequest, HideMessageRequest, RestoreMessageRequest
from mewe_chat.news_store import WANTED
from mewe_chat.plugin import mewe_feature
from mewe_chat.room_store import room_id
from mewe_chat.store import MEMBER
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.noticing import NoticeDone, NoticeDue
from mewe_core.kit.plugins import load
from mewe_core.kit.privacy.telling import ErasureDecided
from mewe_core.kit.testing import ELM, OAK, Stage
from sqlalchemy import select

from .noting import Notes
from .talking import acknowledged, gathered, post, side_room

EVERYBODY = (*OAK.participants, *OAK.leaders)
LEADERS_ROOM = room_id(RoomKind.LEADERS, OAK.group_id)
WORDS = "jag vill inte leva"
WANTS, MARKS = select(WANTED.c.person_id), select(MEMBER.c.told_sequence).where(MEMBER.c.told_sequence.is_not(None))


@pytest.fixture
def notes() -> Iterator[Notes]:
    """Two groups, in which everybody wants notices."""
    with Stage(mewe_feature(), checks=CHECKS) as stage:
        gathered(stage, OAK, ELM)
        notes = Notes(stage)
        notes.want(*EVERYBODY, *ELM.participants, *ELM.leaders)
        yield notes


def test_who_is_in_the_room_is_told_once_and_nobody_else(notes: Notes) -> None:
    """Ten messages are one thing that is new, to everybody but who wrote them; their notices leave a little later."""
    for number in range(10):
        post(notes.stage, f"{number}", by="ada")
        assert notes.due() == ([] if number else ["bo", "cleo", "lars", "lena"])
    assert {one.due_at for one in notes.stage.events if isinstance(one, NoticeDue)} == {notes.stage.clock.now() + news.GRACE}


def test_nothing_is_told_of_who_does_not_want_it_and_nothing_is_kept(notes: Notes) -> None:
    """Also when they read; where nobody sends notices, that is everybody."""
    notes.want(*EVERYBODY, wanted=False)
    post(notes.stage, "Hej", by="ada")
    notes.read(1, by="bo")
    assert notes.new() == []
    assert notes.stage.all(MARKS, int) == []
    assert sorted(notes.stage.all(WANTS, str)) == sorted((*ELM.participants, *ELM.leaders))


def test_the_chat_is_had_without_notices() -> None:
    """A mix that does not name them starts, and nothing is told."""
    loaded = load(("people", "programme", "safety", "chat"))[0]
    assert "notices" not in {one.name for one in loaded}
    with Stage(loaded[-1]) as stage:
        gathered(stage, OAK)
        post(stage, "Hej", by="ada")
        assert Notes(stage).new() == []


@pytest.mark.parametrize("room", [LEADERS_ROOM, side_room("ada")])
def test_a_smaller_room_is_new_to_who_is_in_it_alone(notes: Notes, room: str) -> None:
    """Leaders among themselves, and a participant's side room."""
    post(notes.stage, "Hej", by="lena", room=room)
    assert notes.due() == (["lars"] if room == LEADERS_ROOM else ["ada", "lars"])


def test_who_has_looked_is_told_of_the_next_one_and_what_they_were_told_is_done(notes: Notes) -> None:
    """Each time another occurrence; reading what was read already says nothing."""
    post(notes.stage, "1", by="ada")
    (first,) = [one for one in notes.new() if one.person_id == "bo"]
    notes.read(1, by="bo")
    assert notes.new() == [NoticeDone(first.occurrence_id, "bo")]
    notes.read(1, by="bo")
    assert notes.new() == []
    post(notes.stage, "2", by="ada")
    (second,) = notes.new()
    assert (second.person_id, len(second.occurrence_id)) == ("bo", 32)
    assert second.occurrence_id != first.occurrence_id


def test_a_mark_that_stays_where_it_was_is_no_look(notes: Notes) -> None:
    """They are not told again of what they were told of, and nothing is done."""
    post(notes.stage, "1", by="ada")
    assert "bo" in notes.due()
    notes.read(0, by="bo")
    post(notes.stage, "2", by="ada")
    assert notes.new() == []


def test_a_mark_that_goes_back_is_a_look_as_well(notes: Notes) -> None:
    """Whoever puts a room back to unread is told of the next message, by an id that was never told."""
    for text in ("1", "2"):
        post(notes.stage, text, by="ada")
    notes.new()
    for upto in (2, 1, 2, 0):
        notes.read(upto, by="bo")
    assert notes.done() == ["bo"]
    post(notes.stage, "3", by="ada")
    assert notes.due() == ["bo"]
    notes.read(1, by="bo")
    assert notes.done() == ["bo"]
    post(notes.stage, "4", by="ada")
    assert notes.due() == ["bo"]
    ids = [one.occurrence_id for one in notes.stage.events if isinstance(one, NoticeDue) and one.person_id == "bo"]
    assert len(ids) == len(set(ids)) == 3


def test_what_was_read_before_it_was_looked_at_is_not_new(notes: Notes) -> None:
    """Who has the room open is not told."""
    post(notes.stage, "Hej", by="ada")
    notes.read(1, by="bo")
    assert notes.due() == ["cleo", "lars", "lena"]


def test_who_was_muted_makes_nothing_new(notes: Notes) -> None:
    """Until somebody else writes."""
    notes.stage.call(marks.set_muted, SetMutedRequest("r", OAK.group_id, "ada", True), by="bo")
    post(notes.stage, "Hej", by="ada")
    assert notes.due() == ["cleo", "lars", "lena"]
    post(notes.stage, "Hej", by="cleo")
    assert notes.due() == ["ada", "bo"]


def test_what_is_not_there_any_more_is_not_new(notes: Notes) -> None:
    """Hidden, or deleted by who wrote it, before anybody was told; what is restored or changed tells nothing by itself."""
    hidden, deleted = post(notes.stage, "1", by="ada"), post(notes.stage, "2", by="ada")
    notes.stage.call(acting.hide_message, HideMessageRequest("r", OAK.group_id, hidden.id, "Kindly"), by="lena")
    notes.stage.call(handlers.delete_message, DeleteMessageRequest("r", OAK.group_id, deleted.id), by="ada")
    assert notes.due() == []
    notes.stage.call(acting.restore_message, RestoreMessageRequest("r", OAK.group_id, hidden.id, "Sorry"), by="lena")
    notes.stage.call(handlers.edit_message, EditMessageRequest("r", OAK.group_id, hidden.id, "3"), by="ada")
    assert notes.due() == []


def test_what_was_said_before_somebody_joined_is_not_new_to_them(notes: Notes) -> None:
    """What is said from then on is."""
    post(notes.stage, "Hej", by="ada")
    notes.stage.clock.advance(seconds=1)
    notes.want("frida")
    notes.stage.consent("frida", Purpose.CHAT)
    notes.stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    assert "frida" not in notes.due()
    post(notes.stage, "Hej, Frida", by="ada")
    assert notes.due() == ["frida"]


@pytest.mark.parametrize("how", ["left", "consent", "not wanted", "erased"])
def test_who_is_not_in_the_room_any_more_is_told_nothing_and_what_was_told_is_done(notes: Notes, how: str) -> None:
    """However they went; nothing is kept of what they were told, and of the others nothing changes."""
    stage = notes.stage
    standing = stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    stage.consent("frida", Purpose.CHAT)
    notes.want("frida")
    stage.clock.advance(seconds=1)
    post(stage, "Hej", by="ada")
    post(stage, "Hej", by="frida", room=_acknowledged(stage, "frida", side_room("frida")))
    assert notes.due().count("frida") == 1
    if how == "left":
        now = stage.clock.now()
        stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, until=now, standing_id=standing)
    elif how == "consent":
        stage.consent("frida", Purpose.CHAT, covered=False)
    elif how == "not wanted":
        notes.want("frida", wanted=False)
    else:
        stage.hear(ErasureDecided("e", "frida", stage.clock.now()))
        notes.want("frida")
    assert notes.done() == ["frida"]
    post(stage, "Hej då", by="ada")
    assert notes.due() == []
    assert stage.all(select(MEMBER.c.told_sequence).where(MEMBER.c.person_id == "frida"), object) in ([None], [None, None])


def _acknowledged(stage: Stage, who: str, room: str) -> str:
    acknowledged(stage, who, room)
    return room


def test_who_comes_back_is_told_again(notes: Notes) -> None:
    """Of what is said then."""
    one = notes.stage.give("frida", Role.LEADER, ScopeKind.GROUP, OAK.group_id)
    notes.want("frida")
    for round in range(3):
        post(notes.stage, f"{round}", by="ada")
        assert "frida" in notes.due()
        now = notes.stage.clock.now()
        notes.stage.give("frida", Role.LEADER, ScopeKind.GROUP, OAK.group_id, until=now, standing_id=one)
        assert notes.done() == ["frida"]
        post(notes.stage, "meanwhile", by="ada")
        assert "frida" not in notes.due()
        notes.stage.clock.advance(seconds=1)
        notes.stage.give("frida", Role.LEADER, ScopeKind.GROUP, OAK.group_id, standing_id=one)
        assert notes.due() == []


def test_what_is_held_back_is_new_to_leaders_at_once_and_to_others_once_delivered(notes: Notes) -> None:
    """One has decided: it is done for all leaders; what is delivered is a message like others."""
    held_id = _held(notes.stage)
    due = notes.new()
    assert [(type(one), one.person_id) for one in due] == [(NoticeDue, "lars"), (NoticeDue, "lena")]
    assert {one.due_at for one in due if isinstance(one, NoticeDue)} == {notes.stage.clock.now()}
    decide = DecideHeldMessageRequest("r", OAK.group_id, held_id, deliver=True)
    notes.stage.call(held.decide_held_message, decide, by="lena")
    new = notes.new()
    assert new[:2] == [NoticeDone(one.occurrence_id, one.person_id) for one in due]
    assert [(type(one), one.person_id) for one in new[2:]] == [(NoticeDue, who) for who in ("bo", "cleo", "lars", "lena")]


def test_what_is_kept_back_is_new_to_no_participant(notes: Notes) -> None:
    """Neither before the leaders decided nor afterwards."""
    held_id = _held(notes.stage)
    assert notes.due() == ["lars", "lena"]
    decide = DecideHeldMessageRequest("r", OAK.group_id, held_id, deliver=False, reason="We talked")
    notes.stage.call(held.decide_held_message, decide, by="lena")
    assert notes.done() == ["lars", "lena"]


def test_a_leader_who_left_has_nothing_to_decide(notes: Notes) -> None:
    """What they were told is done; who does not want notices is told nothing."""
    notes.want("lars", wanted=False)
    leads = notes.stage.give("frida", Role.LEADER, ScopeKind.GROUP, OAK.group_id)
    notes.want("frida")
    _held(notes.stage)
    assert notes.due() == ["frida", "lena"]
    now = notes.stage.clock.now()
    notes.stage.give("frida", Role.LEADER, ScopeKind.GROUP, OAK.group_id, until=now, standing_id=leads)
    notes.stage.give("lars", Role.LEADER, ScopeKind.GROUP, OAK.group_id, until=now, standing_id="of-lars")
    assert notes.done() == ["frida"]
    _held(notes.stage)
    assert notes.due() == ["lena"]


def test_who_leaves_one_group_is_still_told_of_in_another(notes: Notes) -> None:
    """What they were told there is not done, and not told again."""
    leads = notes.stage.give("frida", Role.LEADER, ScopeKind.GROUP, OAK.group_id)
    notes.stage.give("frida", Role.LEADER, ScopeKind.GROUP, ELM.group_id)
    notes.want("frida")
    post(notes.stage, "Hej", by="ada")
    post(notes.stage, "Hej", by="dina", room=ELM.group_id)
    here, there = [one.occurrence_id for one in notes.new() if one.person_id == "frida"]
    now = notes.stage.clock.now()
    notes.stage.give("frida", Role.LEADER, ScopeKind.GROUP, OAK.group_id, until=now, standing_id=leads)
    (done,) = notes.new()
    assert done.occurrence_id in (here, there)
    post(notes.stage, "Hej", by="dina", room=ELM.group_id)
    assert notes.new() == []
    notes.read(2, by="frida", room=ELM.group_id)
    assert {done.occurrence_id, *(one.occurrence_id for one in notes.new())} == {here, there}


def test_more_rooms_than_one_unit_looks_at_are_all_looked_at(notes: Notes) -> None:
    """One unit after the other, and each room once."""
    rooms = []
    for number in range(news._AT_ONCE * 2 + 1):
        who = f"p{number}"
        notes.stage.give(who, Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
        rooms.append(side_room(who))
    notes.want("lars", wanted=False)
    for room in rooms:
        acknowledged(notes.stage, "lars", room)
        post(notes.stage, "Hej", by="lars", room=room)
    assert notes.due() == ["lena"] * len(rooms)
    assert notes.due() == []


def test_a_retry_of_what_the_chat_hears_tells_nothing_twice(notes: Notes) -> None:
    """Wanting notices twice, and not wanting them twice."""
    post(notes.stage, "Hej", by="ada")
    notes.want("bo")
    assert notes.due().count("bo") == 1
    for _ in range(2):
        notes.want("bo", wanted=False)
    assert notes.done() == ["bo"]


def _held(stage: Stage) -> str:
    answer = stage.call(handlers.post_message, PostMessageRequest(stage.ids.new(), OAK.group_id, WORDS), by="ada")
    assert answer.held_id
    return answer.held_id
