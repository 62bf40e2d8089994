"""The chat, handler by handler, on a stage."""

from collections.abc import Iterator

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as draw
from mewe_chat import handlers, sealed, store
from mewe_chat.errors import RoomClosed
from mewe_chat.events import MessagePosted
from mewe_chat.model import (
    ListMessagesRequest,
    ListRoomsRequest,
    Message,
    PostMessageRequest,
    Room,
    RoomKind,
    WatchMessagesRequest,
)
from mewe_chat.plugin import mewe_feature
from mewe_chat.room_store import room_id
from mewe_chat.rules import MEMBERS
from mewe_chat.settings import ChatSettings
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.errors import Invalid, NotFound, SignedOut
from mewe_core.kit.strategies import texts
from mewe_core.kit.testing import ELM, NATIONAL, OAK, STRANGER, Party, Stage
from mewe_core.programme.events import GroupState
from sqlalchemy import select

from .talking import acknowledged, listed, post, rooms_of, side_room, told


def state(stage: Stage, party: Party, state: GroupState) -> None:
    """Let the chat hear where a group stands; who may come to it later may be in its chat."""
    told(stage, party, state)
    for newcomer in (*OAK.participants, "frida"):
        stage.consent(newcomer, Purpose.CHAT)
    for who in (*party.participants, *party.leaders, "frida"):
        for room in rooms_of(stage, party):
            acknowledged(stage, who, room)


def read(stage: Stage, *, by: str, room: str = OAK.group_id) -> list[str]:
    """The texts somebody can read in a room, all pages."""
    return [one.text for one in listed(stage, by=by, room=room)]


def rooms(stage: Stage, *, by: str) -> list[str]:
    """The rooms that somebody is shown."""
    return [one.id for one in stage.call(handlers.list_rooms, ListRoomsRequest(), by=by).rooms]


def room_of(stage: Stage, by: str) -> Room:
    """The room of the group, as somebody is shown it."""
    (found,) = [one for one in stage.call(handlers.list_rooms, ListRoomsRequest(), by=by).rooms if one.id == OAK.group_id]
    return found


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The chat of two running groups of two schools."""
    with Stage(mewe_feature()) as stage:
        stage.gather(OAK, ELM)
        state(stage, OAK, GroupState.RUNNING)
        state(stage, ELM, GroupState.RUNNING)
        yield stage


def test_a_message_gets_the_next_place_in_its_room(stage: Stage) -> None:
    """Sequences are 1, 2, 3 ... a room, and each message is told as an event without its text."""
    first = post(stage, "Hej!", by="ada")
    elsewhere = post(stage, "Hallo", by="dina", room=ELM.group_id)
    second = post(stage, "Hej på dig", by="lena")
    assert [first.sequence, elsewhere.sequence, second.sequence] == [1, 1, 2]
    assert first == Message(first.id, OAK.group_id, "ada", "Hej!", stage.clock.now(), 1)
    assert stage.events == [
        MessagePosted(room_id=one.room_id, message_id=one.id, sequence=one.sequence) for one in (first, elsewhere, second)
    ]


def test_a_room_is_read_in_order_by_page(stage: Stage) -> None:
    """All pages together are what was said, once each."""
    for n in range(5):
        post(stage, f"{n}", by="ada")
    assert read(stage, by="bo") == ["0", "1", "2", "3", "4"]


def test_the_page_token_of_one_room_is_worth_nothing_in_another(stage: Stage) -> None:
    """A token belongs to the list that gave it."""
    stage.give("ada", Role.PARTICIPANT, ScopeKind.GROUP, ELM.group_id)
    post(stage, "one", by="ada")
    post(stage, "two", by="ada")
    page = stage.call(handlers.list_messages, ListMessagesRequest(OAK.group_id, page_size=1), by="ada")
    with pytest.raises(Invalid):
        stage.call(handlers.list_messages, ListMessagesRequest(ELM.group_id, page_token=page.next_page_token), by="ada")


@pytest.mark.parametrize("who", [STRANGER, NATIONAL, OAK.coordinator, ELM.coordinator, *ELM.participants, *ELM.leaders])
def test_nobody_outside_the_group_learns_that_there_is_a_room(stage: Stage, who: str) -> None:
    """Others, the coordinator and the national centre included, get the answer that a room that never was would give."""
    post(stage, "Between us", by="ada")
    for room in (OAK.group_id, "group-that-never-was"):
        with pytest.raises(NotFound) as posting:
            post(stage, "Hello?", by=who, room=room)
        with pytest.raises(NotFound) as listing:
            stage.call(handlers.list_messages, ListMessagesRequest(room), by=who)
        with pytest.raises(NotFound) as watching:
            stage.follow(handlers.watch_messages, WatchMessagesRequest(room), by=who)
        assert {type(one.value) for one in (posting, listing, watching)} == {NotFound}
    assert OAK.group_id not in [one.id for one in stage.call(handlers.list_rooms, ListRoomsRequest(), by=who).rooms]


def test_a_leader_in_the_organisation_is_not_a_leader_of_its_groups(stage: Stage) -> None:
    """A role that somebody holds in the school, whatever it is called, opens no room."""
    for role in Role:
        stage.give("ove", role, ScopeKind.ORGANISATION, OAK.organisation_id)
        stage.give("ove", role, ScopeKind.COUNTRY, "SE")
    with pytest.raises(NotFound):
        read(stage, by="ove")
    assert stage.call(handlers.list_rooms, ListRoomsRequest(), by="ove").rooms == ()


@pytest.mark.parametrize("role", [one for one in Role if one not in MEMBERS])
def test_another_role_in_the_group_itself_opens_no_room(stage: Stage, role: Role) -> None:
    """A supervisor of the group is not in its chat: neither listed nor let in."""
    stage.give("sven", role, ScopeKind.GROUP, OAK.group_id)
    assert stage.call(handlers.list_rooms, ListRoomsRequest(), by="sven").rooms == ()
    with pytest.raises(NotFound):
        stage.follow(handlers.watch_messages, WatchMessagesRequest(OAK.group_id), by="sven")
    with pytest.raises(NotFound):
        post(stage, "Hello?", by="sven")
    if role is not Role.EMERGENCY_READER:
        with pytest.raises(NotFound):
            read(stage, by="sven")


@pytest.mark.parametrize("kind", [ScopeKind.ORGANISATION, ScopeKind.COUNTRY])
def test_an_id_of_another_kind_opens_no_room(stage: Stage, kind: ScopeKind) -> None:
    """A role in an organisation that has the id of a group is no role in the group."""
    stage.give("ove", Role.LEADER, kind, OAK.group_id)
    assert stage.call(handlers.list_rooms, ListRoomsRequest(), by="ove").rooms == ()
    with pytest.raises(NotFound):
        read(stage, by="ove")


def test_the_last_page_says_that_it_is_the_last(stage: Stage) -> None:
    """Also if it is full: no token leads to an empty page."""
    post(stage, "one", by="ada")
    post(stage, "two", by="ada")
    page = stage.call(handlers.list_messages, ListMessagesRequest(OAK.group_id, page_size=2), by="ada")
    assert (len(page.messages), page.next_page_token) == (2, "")
    rooms = stage.call(handlers.list_rooms, ListRoomsRequest(page_size=2), by="ada")
    assert (len(rooms.rooms), rooms.next_page_token) == (2, "")


def test_nobody_reads_without_signing_in(stage: Stage) -> None:
    """Every RPC of the chat wants somebody."""
    with pytest.raises(SignedOut):
        stage.call(handlers.list_rooms, ListRoomsRequest())
    with pytest.raises(SignedOut):
        stage.call(handlers.list_messages, ListMessagesRequest(OAK.group_id))
    with pytest.raises(SignedOut):
        stage.call(handlers.post_message, PostMessageRequest("r", OAK.group_id, "Hej"))


def test_who_joins_later_reads_from_then_on(stage: Stage) -> None:
    """What was said before one joined stays with those who were there, by page and by stream alike."""
    post(stage, "before", by="ada")
    stage.clock.advance(days=7)
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    assert read(stage, by="frida") == []
    post(stage, "after", by="ada")
    assert read(stage, by="frida") == ["after"]
    followed = stage.follow(handlers.watch_messages, WatchMessagesRequest(OAK.group_id, after_cursor=0), by="frida")
    assert [one.text for one in followed] == ["after"]
    assert read(stage, by="bo") == ["before", "after"]


def test_a_message_of_the_moment_of_joining_is_read(stage: Stage) -> None:
    """``since`` is included."""
    stage.clock.advance(days=7)
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    post(stage, "now", by="ada")
    assert read(stage, by="frida") == ["now"]


def test_who_has_left_reads_and_writes_nothing_more(stage: Stage) -> None:
    """From the moment the role ends on, the room does not exist for them."""
    joined = stage.clock.now()
    standing = stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    stage.clock.advance(days=1)
    post(stage, "I am off", by="frida")
    now = stage.clock.advance(days=1)
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, since=joined, until=now, standing_id=standing)
    with pytest.raises(NotFound):
        post(stage, "Still here?", by="frida")
    with pytest.raises(NotFound):
        read(stage, by="frida")
    with pytest.raises(NotFound):
        stage.follow(handlers.watch_messages, WatchMessagesRequest(OAK.group_id), by="frida")
    assert stage.call(handlers.list_rooms, ListRoomsRequest(), by="frida").rooms == ()
    assert read(stage, by="ada") == ["I am off"]


def test_who_comes_back_reads_from_coming_back(stage: Stage) -> None:
    """A second time in the group does not open what was said in between, nor the first time."""
    now = stage.clock.now()
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, since=now, until=stage.clock.advance(days=1))
    post(stage, "without her", by="ada")
    stage.clock.advance(days=1)
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id)
    post(stage, "welcome back", by="ada")
    assert read(stage, by="frida") == ["welcome back"]


def test_a_role_that_begins_tomorrow_opens_nothing_today(stage: Stage) -> None:
    """Neither the room nor its place in the list."""
    stage.give("frida", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, since=stage.clock.now().add(hours=1))
    assert stage.call(handlers.list_rooms, ListRoomsRequest(), by="frida").rooms == ()
    with pytest.raises(NotFound):
        read(stage, by="frida")
    stage.clock.advance(hours=1)
    assert rooms(stage, by="frida") == sorted([OAK.group_id, side_room("frida")])


def test_a_stream_goes_on_behind_the_last_message_one_has(stage: Stage) -> None:
    """No gap and no repeat, at every place and with every page size."""
    for n in range(1, 8):
        post(stage, f"{n}", by="ada")
    for after in range(9):
        for page_size in (1, 2, 3, 100):
            request = WatchMessagesRequest(OAK.group_id, after_cursor=store.cursor_at(after))
            followed = stage.follow(handlers.watch_messages, request, by="bo", page_size=page_size)
            assert [one.sequence for one in followed] == list(range(after + 1, 8))


def test_all_who_follow_a_room_share_its_topic_and_page(stage: Stage) -> None:
    """The host reads a page once for everybody who watches."""
    answers = [stage.call(handlers.watch_messages, WatchMessagesRequest(OAK.group_id), by=one) for one in ("ada", "lena")]
    assert {(one.topic, one.page) for one in answers} == {(OAK.group_id, sealed.page_of_room)}


def test_the_event_heard_twice_makes_one_room(stage: Stage) -> None:
    """A replay changes nothing: not the messages, not the sequence."""
    post(stage, "Hej", by="ada")
    state(stage, OAK, GroupState.RUNNING)
    assert room_of(stage, "ada") == Room(
        OAK.group_id, OAK.group_id, True, 1, RoomKind.GROUP, limit_version=1, acknowledged_version=1
    )
    assert len(rooms(stage, by="ada")) == 2
    assert post(stage, "Hej igen", by="bo").sequence == 2


@pytest.mark.parametrize("ending", [GroupState.COMPLETED, GroupState.ENDED])
def test_a_closed_room_can_be_read_and_not_written_in(stage: Stage, ending: GroupState) -> None:
    """A refused message takes no place in the room and tells nothing."""
    post(stage, "last words", by="ada")
    events = len(stage.events)
    state(stage, OAK, ending)
    with pytest.raises(RoomClosed):
        post(stage, "too late", by="ada")
    assert read(stage, by="ada") == ["last words"]
    assert room_of(stage, "ada") == Room(
        OAK.group_id, OAK.group_id, False, 1, RoomKind.GROUP, limit_version=1, acknowledged_version=1
    )
    assert len(stage.events) == events
    assert stage.all(select(store.ROOM.c.last_sequence).where(store.ROOM.c.id == OAK.group_id), int) == [1]


def test_rooms_are_listed_by_page(stage: Stage) -> None:
    """A leader of many groups finds each room once."""
    for n in range(7):
        group = Party(f"group-{n}", "school-north", (), ("lena",), "karin")
        state(stage, group, GroupState.PLANNED)
        stage.give("lena", Role.LEADER, ScopeKind.GROUP, group.group_id)
    groups = [*(f"group-{n}" for n in range(7)), OAK.group_id]
    seen, token = list[str](), ""
    while True:
        page = stage.call(handlers.list_rooms, ListRoomsRequest(page_size=3, page_token=token), by="lena")
        seen += [one.id for one in page.rooms]
        token = page.next_page_token
        if not token:
            break
    assert seen == sorted([*groups, *(room_id(RoomKind.LEADERS, one) for one in groups), *map(side_room, OAK.participants)])


def test_a_deployment_may_ask_for_shorter_messages() -> None:
    """The refusal names the field and the rule, and nothing is kept."""
    with Stage(mewe_feature(), settings=ChatSettings(longest_message=5)) as stage:
        stage.gather(OAK)
        state(stage, OAK, GroupState.RUNNING)
        post(stage, "short", by="ada")
        with pytest.raises(Invalid) as refused:
            post(stage, "longer", by="ada")
        assert [one.path for one in refused.value.fields] == ["text"]
        assert "longer" not in str(refused.value.fields)
        assert post(stage, "again", by="ada").sequence == 2


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "x" * 4001, "bell \x07", "\x00"])
def test_what_is_no_text_is_refused(text: str) -> None:
    """Blank, too long, or with control characters: Invalid, with the field's name."""
    with pytest.raises(Invalid) as refused:
        PostMessageRequest(request_id="r", room_id="room", text=text)
    assert [one.path for one in refused.value.fields] == ["text"]


def test_time_never_falls_along_a_room(stage: Stage) -> None:
    """A host whose clock is behind gives the last message's moment, so that reading since joining cannot skip a message."""
    stage.clock.advance(days=1)
    first = post(stage, "from a host ahead", by="ada")
    stage.clock.advance(seconds=-30)
    second = post(stage, "from a host behind", by="ada")
    assert second.sent_at == first.sent_at
    assert read(stage, by="bo") == [first.text, second.text]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts())
def test_a_message_is_read_as_it_was_written(stage: Stage, text: str) -> None:
    """Every text that is accepted comes back unchanged, whatever is in it."""
    posted = post(stage, text, by="ada")
    request = WatchMessagesRequest(OAK.group_id, after_cursor=store.cursor_at(posted.sequence - 1))
    assert stage.follow(handlers.watch_messages, request, by="bo") == [evolve(posted, cursor=store.cursor_at(posted.sequence))]
    assert posted.text == text


@settings(max_examples=40, deadline=None)
@given(
    steps=draw.lists(
        draw.tuples(draw.sampled_from(["join", "leave", "post"]), draw.sampled_from(["ada", "bo", "cleo"])), max_size=30
    )
)
def test_everybody_reads_exactly_what_was_said_while_they_were_in(steps: list[tuple[str, str]]) -> None:
    """Whoever joins, leaves and writes in whatever order: one reads what came since one's last joining, or nothing."""
    said, since, standings = list[str](), dict[str, int](), dict[str, tuple[str, object]]()
    with Stage(mewe_feature()) as stage:
        state(stage, OAK, GroupState.RUNNING)
        for number, (what, who) in enumerate(steps):
            now = stage.clock.advance(minutes=1)
            if what == "join" and who not in since:
                since[who] = len(said)
                standings[who] = (stage.give(who, Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id), now)
            elif what == "leave" and since.pop(who, None) is not None:
                standing_id, _ = standings[who]
                stage.give(who, Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, since=now, until=now, standing_id=standing_id)
            elif what == "post" and who in since:
                post(stage, f"{number}", by=who)
                said.append(f"{number}")
        for who in ("ada", "bo", "cleo"):
            if who in since:
                assert read(stage, by=who) == said[since[who] :]
            else:
                with pytest.raises(NotFound):
                    read(stage, by=who)
