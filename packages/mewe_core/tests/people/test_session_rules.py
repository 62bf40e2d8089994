"""How long a device session may live, how many there are, who may end those of another: over everything there is."""

from itertools import product

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from mewe_core.kit.access import Held, Role, Scope, ScopeKind, Standing
from mewe_core.kit.errors import Failure
from mewe_core.people.errors import RoleNotYours, SessionOver, SignedOutByStaff
from mewe_core.people.model import PeopleSettings
from mewe_core.people.passkeys.settings import PasskeySettings
from mewe_core.people.session_rules import STAFF, Begun, Way, ends, last_moment, may_sign_out, staff_since, surplus
from whenever import Instant

NOW = Instant.from_utc(2026, 11, 22, 12)
DAY = 24
PASSKEYS = PasskeySettings(rp_id="mewe.example", origins=("https://mewe.example",))
OFFERS = {False: PeopleSettings(), True: PeopleSettings(passkeys=PASSKEYS)}
NOT_STAFF = {Role.PARTICIPANT, Role.GUARDIAN}


def held(role: Role, since: Instant = NOW, until: Instant | None = None) -> Held:
    """A role in some scope."""
    return Held(role, ScopeKind.GROUP, "g", since, until)


@pytest.mark.parametrize("role", Role)
def test_whoever_is_not_a_participant_or_guardian_is_staff(role: Role) -> None:
    """A role that is new is of the staff until somebody says otherwise."""
    assert (role in STAFF) == (role not in NOT_STAFF)
    assert (staff_since([held(role)], NOW) is None) == (role in NOT_STAFF)


def test_staff_is_who_holds_a_role_now() -> None:
    """Since the first of those that hold; one that has ended or is to come counts for nothing."""
    long, just = NOW.add(hours=-DAY), NOW
    assert staff_since([held(Role.LEADER, just), held(Role.SUPERVISOR, long)], NOW) == long
    assert staff_since([held(Role.LEADER, just), held(Role.SUPERVISOR, long, NOW)], NOW) == just
    assert staff_since([held(Role.NATIONAL, NOW.add(hours=1))], NOW) is None


LIVES = [
    (Way.CODE, False, False, 365 * DAY),
    (Way.CODE, False, True, 365 * DAY),
    (Way.CODE, True, False, 365 * DAY),
    (Way.CODE, True, True, 72),
    (Way.PASSKEY, False, False, 365 * DAY),
    (Way.PASSKEY, False, True, 365 * DAY),
    (Way.PASSKEY, True, False, 7 * DAY),
    (Way.PASSKEY, True, True, 7 * DAY),
    (Way.ISSUER, False, False, 365 * DAY),
    (Way.ISSUER, False, True, 365 * DAY),
    (Way.ISSUER, True, False, 7 * DAY),
    (Way.ISSUER, True, True, 7 * DAY),
]


def test_every_life_is_named() -> None:
    """By how one signed in, whether one is of the staff, and whether passkeys are set up."""
    assert {row[:3] for row in LIVES} == set(product(Way, (False, True), (False, True)))


@pytest.mark.parametrize(("way", "staff", "offered", "hours"), LIVES)
@pytest.mark.parametrize("most", [None, 1, 12, 168])
def test_how_long_a_session_lives(way: Way, staff: bool, offered: bool, hours: int, most: int | None) -> None:
    """Young people a year, staff a week, staff by a code three days if they can make a passkey; or as the sign-in says."""
    since = NOW.add(hours=-500 * DAY) if staff else None
    last = last_moment(Begun(NOW, way, most), since, OFFERS[offered])
    assert last == NOW.add(hours=min(hours, most or hours))


@pytest.mark.parametrize(
    ("became_staff", "made", "ends"),
    [(10, 10, 17), (10, 12, 19), (10, 1, 13), (10, 9, 16), (0, 1, 8), (0, 0, 7), (364, 364, 365)],
)
def test_a_passkey_that_is_made_later_counts_from_then(became_staff: int, made: int, ends: int) -> None:
    """In days since a session began with a code; what the code was good for since the first role is never cut short."""
    begun = Begun(NOW, Way.PASSKEY, passkey_at=NOW.add(hours=made * DAY))
    last = last_moment(begun, NOW.add(hours=became_staff * DAY), PeopleSettings(passkeys=PASSKEYS))
    assert last == NOW.add(hours=ends * DAY)


def test_a_deployment_may_let_codes_do() -> None:
    """It says so by its name; then a code keeps staff signed in as long as anybody."""
    settings = PeopleSettings(passkeys=PASSKEYS, staff_sign_in="code")
    assert last_moment(Begun(NOW, Way.CODE), NOW, settings) == NOW.add(hours=365 * DAY)


@pytest.mark.parametrize("way", Way)
def test_who_becomes_staff_later_has_hours_for_a_passkey(way: Way) -> None:
    """Who was a participant for months is not signed out when they become a leader, if they have a code alone."""
    later = NOW.add(hours=100 * DAY)
    last = last_moment(Begun(NOW, way), later, OFFERS[True])
    assert last == (later.add(hours=72) if way is Way.CODE else NOW.add(hours=7 * DAY))


hours_ = st.integers(-1000 * DAY, 1000 * DAY)


@given(
    way=st.sampled_from(Way),
    most=st.none() | st.integers(1, 168),
    staff=st.none() | hours_,
    used=hours_,
    idle=st.none() | st.just(8),
    offered=st.booleans(),
)
def test_no_session_lives_longer_than_the_longest(
    way: Way,
    most: int | None,
    staff: int | None,
    used: int,
    idle: int | None,
    offered: bool,
) -> None:
    """However it is used, whatever its person is; being staff, or a shorter word of the sign-in, never makes it longer."""
    settings = OFFERS[offered]
    since = None if staff is None else NOW.add(hours=staff)
    last = last_moment(Begun(NOW, way, most), since, settings)
    assert last <= last_moment(Begun(NOW, way, most), None, settings) <= NOW.add(hours=24 * settings.longest_days)
    assert last <= last_moment(Begun(NOW, way), since, settings)
    assert ends(NOW.add(hours=used), last, settings, idle) <= last


@frozen
class One:
    """A session that was used."""

    id: str
    refresh_time: Instant


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(2, 50))
def test_of_too_many_those_unused_the_longest_end(moments: list[int], most: int) -> None:
    """As few as it takes, and nobody who stays was unused longer than one who goes."""
    others = [One(f"{n:02}", NOW.add(hours=at)) for n, at in enumerate(moments)]
    going = surplus(others, most)
    assert len(others) - len(going) == min(len(others), most - 1)
    gone = [one.refresh_time for one in others if one.id in going]
    stay = [one.refresh_time for one in others if one.id not in going]
    assert not gone or not stay or max(gone) <= min(stay)


def may(mine: Role, theirs: list[Held]) -> bool:
    """Whether somebody with a role around a person may sign them out."""
    standing = Standing(Scope(ScopeKind.GROUP, "g", "o"), (held(mine),))
    try:
        may_sign_out(theirs, standing, NOW)
    except RoleNotYours:
        return False
    return True


@pytest.mark.parametrize(("mine", "theirs"), list(product((Role.LEADER, Role.COORDINATOR, Role.NATIONAL), (None, *Role))))
def test_who_may_sign_whom_out(mine: Role, theirs: Role | None) -> None:
    """Leaders: whoever is not of the staff. Coordinators: everybody but who acts for the country. The centre: everybody."""
    expected = {
        Role.LEADER: theirs in {None, *NOT_STAFF},
        Role.COORDINATOR: theirs is not Role.NATIONAL,
        Role.NATIONAL: True,
    }
    assert may(mine, [] if theirs is None else [held(theirs)]) == expected[mine]
    both = [held(Role.PARTICIPANT)] + ([] if theirs is None else [held(theirs)])
    assert may(mine, both) == expected[mine], "one who takes part as well is no less of the staff"
    assert theirs is None or may(mine, [held(theirs, NOW.add(hours=-2), NOW)]), "what has ended protects nobody"


@pytest.mark.parametrize("failure", [SessionOver, SignedOutByStaff])
def test_who_is_signed_out_is_told_whom_to_ask_and_that_help_needs_no_sign_in(failure: type[Failure]) -> None:
    """A young person cannot sign in again by themselves: nothing asks them to."""
    assert failure.sentence.endswith(" You can ask for help without signing in.")
    assert "Ask " in failure.sentence
    assert "sign in again" not in failure.sentence
