"""Who may be in a room, and write in it: every case."""

from itertools import product

import pytest
from mewe_chat.errors import RoomClosed
from mewe_chat.model import ChatSettings, RoomKind
from mewe_chat.rules import MEMBERS, in_room_since, may_post, stays_open
from mewe_chat.store import Writing
from mewe_core.kit.access import Held, Role, Scope, ScopeKind, Standing
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.programme.events import GroupState
from whenever import Instant

JOINED = Instant.from_utc(2026, 9, 1, 14)
LATER = Instant.from_utc(2026, 9, 8, 14)


def standing(*held: tuple[Role, ScopeKind, Instant]) -> Standing:
    """The standing in a group of somebody who holds these roles around it."""
    return Standing(
        Scope(ScopeKind.GROUP, "group-oak"), tuple(Held(role, kind, "anywhere", since, None) for role, kind, since in held)
    )


@pytest.mark.parametrize(("role", "kind"), list(product(Role, ScopeKind)))
def test_only_participants_and_leaders_of_the_group_itself_are_in_its_room(role: Role, kind: ScopeKind) -> None:
    """Of all roles in all scopes, two let somebody in: participant and leader, held in the group."""
    someone = standing((role, kind, JOINED))
    if kind is ScopeKind.GROUP and role in (Role.PARTICIPANT, Role.LEADER):
        assert in_room_since(someone) == JOINED
    else:
        with pytest.raises(NotFound):
            in_room_since(someone)


def test_nobody_without_a_role_is_in_a_room() -> None:
    """An empty standing lets nobody in."""
    with pytest.raises(NotFound):
        in_room_since(standing())


def test_a_participant_who_becomes_a_leader_reads_since_joining_first() -> None:
    """Who holds both roles reads from the earlier of the two."""
    both = standing((Role.LEADER, ScopeKind.GROUP, LATER), (Role.PARTICIPANT, ScopeKind.GROUP, JOINED))
    assert in_room_since(both) == JOINED


def test_a_role_around_the_group_does_not_make_one_read_further_back() -> None:
    """Only the time in the group itself counts."""
    both = standing((Role.LEADER, ScopeKind.GROUP, LATER), (Role.LEADER, ScopeKind.ORGANISATION, JOINED))
    assert in_room_since(both) == LATER


@pytest.mark.parametrize(
    ("is_member", "is_open", "length", "refusal"),
    [
        (True, True, 10, None),
        (True, True, 11, Invalid),
        (True, False, 10, RoomClosed),
        (True, False, 11, RoomClosed),
        (False, True, 10, NotFound),
        (False, True, 11, NotFound),
        (False, False, 10, NotFound),
        (False, False, 11, NotFound),
    ],
)
def test_members_post_in_open_rooms_what_is_not_too_long(
    is_member: bool, is_open: bool, length: int, refusal: type[Exception] | None
) -> None:
    """A stranger learns nothing, a member that the room is closed, a member of an open room that the text is too long."""
    someone = standing((MEMBERS[0], ScopeKind.GROUP, JOINED)) if is_member else standing()
    settings = ChatSettings(longest_message=10)
    here = Writing(RoomKind.GROUP, is_open, False, None, None, None, None)
    if refusal is None:
        may_post(someone, "x" * length, settings, here)
    else:
        with pytest.raises(refusal):
            may_post(someone, "x" * length, settings, here)


@pytest.mark.parametrize("state", list(GroupState))
def test_a_room_closes_with_its_group(state: GroupState) -> None:
    """One writes until the group is completed or ended, the three months to the follow-up included."""
    expected = state in (GroupState.PLANNED, GroupState.RUNNING, GroupState.FOLLOW_UP)
    assert stays_open(state) == expected


@pytest.mark.parametrize("longest", [0, -1, 4001])
def test_a_deployment_cannot_allow_longer_messages_than_the_contract(longest: int) -> None:
    """The setting is a number from 1 to 4,000."""
    with pytest.raises(Invalid):
        ChatSettings(longest_message=longest)
