"""Who may be in a room, and write in it: every case."""

from itertools import product

import pytest
from mewe_chat.errors import LimitNotAcknowledged, RoomClosed, RoomNotOpenNow
from mewe_chat.model import RoomKind
from mewe_chat.rules import in_room_since, may_write, stays_open
from mewe_chat.settings import LIMIT_VERSION, ChatSettings, Deployed
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


SHORT = Deployed(ChatSettings(longest_message=10))
NIGHT = (20 * 60, 6 * 60, "Europe/Stockholm")
EVENING, MORNING = Instant.from_utc(2026, 9, 8, 19), Instant.from_utc(2026, 9, 8, 8)


@pytest.mark.parametrize("roles", [(), (Role.PARTICIPANT,), (Role.LEADER,), (Role.PARTICIPANT, Role.LEADER)])
@pytest.mark.parametrize("kind", list(RoomKind))
@pytest.mark.parametrize(("is_open", "closed"), [(True, False), (True, True), (False, False), (False, True)])
@pytest.mark.parametrize("hours", [(None, None, None), NIGHT])
@pytest.mark.parametrize("now", [EVENING, MORNING])
@pytest.mark.parametrize("acknowledged", [None, 0, LIMIT_VERSION, LIMIT_VERSION + 1])
@pytest.mark.parametrize("length", [10, 11])
def test_who_may_write_what_where_and_when(
    roles: tuple[Role, ...],
    kind: RoomKind,
    is_open: bool,
    closed: bool,
    hours: tuple[int | None, int | None, str | None],
    now: Instant,
    acknowledged: int | None,
    length: int,
) -> None:
    """Every case. A stranger learns nothing; then come the room, the limit of confidentiality, the hours, and the text."""
    someone = standing(*((role, ScopeKind.GROUP, JOINED) for role in roles))
    room = Writing(kind, is_open, closed, *hours, acknowledged)
    expected: type[Exception] | None = None
    if length == 11:
        expected = Invalid
    if kind is RoomKind.GROUP and hours == NIGHT and now == MORNING and Role.LEADER not in roles:
        expected = RoomNotOpenNow
    if kind is not RoomKind.LEADERS and acknowledged != LIMIT_VERSION:
        expected = LimitNotAcknowledged
    if closed or not is_open:
        expected = RoomClosed
    if not roles:
        expected = NotFound
    if expected is None:
        may_write(someone, "x" * length, SHORT, room, now)
    else:
        with pytest.raises(expected):
            may_write(someone, "x" * length, SHORT, room, now)


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
