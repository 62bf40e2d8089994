"""Marks of what one has read, and whom one has muted: one's own, and nobody else's to see."""

from collections.abc import Iterator

import pytest
from mewe_chat import handlers, marks
from mewe_chat.errors import LeaderNotMuted
from mewe_chat.model import ListMutedRequest, ListRoomsRequest, MarkReadRequest, SetMutedRequest
from mewe_chat.plugin import mewe_feature
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.testing import ELM, OAK, STRANGER, Stage

from .talking import gathered, post, side_room


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A group in which five messages stand, and another."""
    with Stage(mewe_feature()) as stage:
        gathered(stage, OAK, ELM)
        for number in range(5):
            post(stage, f"{number}", by="ada")
        yield stage


def mark(stage: Stage, sequence: int, *, by: str, room: str = OAK.group_id) -> int:
    """Mark a room as read; the mark that is kept."""
    return stage.call(marks.mark_read, MarkReadRequest(stage.ids.new(), room, sequence), by=by).read_sequence


def marked(stage: Stage, *, by: str, room: str = OAK.group_id) -> int:
    """The mark in a room, as somebody is shown it."""
    found = stage.call(handlers.list_rooms, ListRoomsRequest(), by=by).rooms
    return next(one.read_sequence for one in found if one.id == room)


def mute(stage: Stage, whom: str, *, by: str, muted: bool = True, room: str = OAK.group_id) -> bool:
    """Mute somebody, or no longer."""
    return stage.call(marks.set_muted, SetMutedRequest(stage.ids.new(), room, whom, muted), by=by).muted


def muted(stage: Stage, *, by: str) -> list[str]:
    """Whom somebody has muted, by pages of one."""
    found, token = list[str](), ""
    while True:
        page = stage.call(marks.list_muted, ListMutedRequest(1, token), by=by)
        found += page.person_ids
        token = page.next_page_token
        if not token:
            return found


def test_a_mark_goes_forward_and_back_and_never_beyond_the_last_message(stage: Stage) -> None:
    """What is unread is what stands behind it."""
    for asked, kept in ((3, 3), (5, 5), (99, 5), (2, 2), (0, 0)):
        assert mark(stage, asked, by="bo") == kept
        assert marked(stage, by="bo") == kept


def test_a_mark_is_ones_own_and_of_one_room(stage: Stage) -> None:
    """Nobody else's list shows it, and what was acknowledged stays."""
    mark(stage, 4, by="bo")
    assert [marked(stage, by=who) for who in ("ada", "lena", "bo")] == [0, 0, 4]
    assert marked(stage, by="bo", room=side_room("bo")) == 0
    assert post(stage, "still", by="bo").sequence == 6


def test_nobody_marks_a_room_they_are_not_in(stage: Stage) -> None:
    """There is no such room."""
    for who, room in ((STRANGER, OAK.group_id), ("bo", side_room("ada")), ("bo", ELM.group_id)):
        with pytest.raises(NotFound):
            mark(stage, 1, by=who, room=room)


def test_muting_is_ones_own_and_can_be_ended(stage: Stage) -> None:
    """By page, and to nobody else; twice is once."""
    for whom in ("bo", "cleo", "bo"):
        assert mute(stage, whom, by="ada")
    assert muted(stage, by="ada") == ["bo", "cleo"]
    assert muted(stage, by="bo") == muted(stage, by="lena") == []
    assert not mute(stage, "bo", by="ada", muted=False)
    assert not mute(stage, "nobody", by="ada", muted=False)
    assert muted(stage, by="ada") == ["cleo"]


def test_leaders_are_not_muted_and_mute_nobody(stage: Stage) -> None:
    """They may have to say something that matters, and to read what does."""
    with pytest.raises(LeaderNotMuted):
        mute(stage, "lena", by="ada")
    with pytest.raises(LeaderNotMuted):
        mute(stage, "lena", by="ada", room=side_room("ada"))
    with pytest.raises(NotFound):
        mute(stage, "ada", by="lena")
    mute(stage, "bo", by="ada")
    stage.give("bo", Role.LEADER, ScopeKind.GROUP, OAK.group_id)
    assert muted(stage, by="ada") == []


@pytest.mark.parametrize("whom", ["ada", STRANGER, ELM.participants[0], OAK.coordinator, "never"])
def test_only_others_of_the_group_are_muted(stage: Stage, whom: str) -> None:
    """Nobody learns from it who there is elsewhere."""
    with pytest.raises(NotFound):
        mute(stage, whom, by="ada")
