"""Decisions that need no stage: certificates by the day, states by the sessions."""

from itertools import product

import pytest
from attrs import evolve
from mewe_core.programme import read_programme, rules
from mewe_core.programme.events import GroupState
from mewe_core.programme.model.kept import KeptGroup, KeptSession
from mewe_core.programme.model.sessions import MeetingMode, SessionState
from mewe_core.programme.model.training import Certificate, WithdrawalReason
from mewe_core.programme.plugin import mewe_programmes
from whenever import Date, Instant

NOW = Instant.from_utc(2026, 9, 1, 14)
ME_WE = next(one for one in map(read_programme, mewe_programmes()) if one.id == "me-we")
GIVEN = Certificate("c", "lena", "leader-training", 1, "school", "sven", Date(2026, 9, 1), Date(2027, 9, 1), None, None)
GROUP = KeptGroup(
    id="oak",
    organisation_id="school",
    programme_id="me-we",
    programme_version=1,
    definition_id="d",
    name="Oak",
    state=GroupState.RUNNING,
    time_zone="Europe/Stockholm",
    language="sv",
    capacity=8,
    leaders_needed=2,
    substitute_id=None,
    create_time=NOW,
    begin_time=NOW,
    end_time=None,
    end_reason=None,
    without_consent=False,
    participants=6,
    waiting=0,
    leaders=2,
)
PLANNED, HELD, CANCELLED = SessionState.PLANNED, SessionState.HELD, SessionState.CANCELLED


def session(number: int, state: SessionState, *, follow_up: bool = False) -> KeptSession:
    """One that stands there."""
    start = NOW.add(hours=24 * 7 * number)
    return KeptSession(
        id=f"session-{number}",
        group_id="oak",
        plan_id="thoughts",
        number=number,
        follow_up=follow_up,
        state=state,
        start_time=start,
        end_time=start.add(hours=2),
        mode=MeetingMode.IN_PERSON,
        place=None,
        link=None,
        makes_up_for_id=None,
        cancel_reason=None,
        revision=0,
        change_time=NOW,
        moved=False,
        hold_time=start if state is HELD else None,
        record_time=None,
        corrections=0,
    )


@pytest.mark.parametrize(
    ("certificate", "day", "right"),
    [
        (GIVEN, Date(2027, 9, 1), True),
        (GIVEN, Date(2027, 9, 2), False),
        (evolve(GIVEN, last_date=None), Date(2099, 1, 1), True),
        (evolve(GIVEN, withdraw_time=NOW, withdrawal_reason=WithdrawalReason.MAY_NOT_LEAD), Date(2026, 9, 1), False),
    ],
)
def test_a_certificate_is_good_to_the_end_of_its_last_day(certificate: Certificate, day: Date, *, right: bool) -> None:
    """And not from the moment it was withdrawn."""
    assert rules.is_valid(certificate, day) is right


@pytest.mark.parametrize(("first", "second", "follow_up"), list(product(SessionState, SessionState, (*SessionState, None))))
def test_the_state_of_a_group_follows_its_sessions(
    first: SessionState, second: SessionState, follow_up: SessionState | None
) -> None:
    """Two sessions and a follow-up, or none: every way in which they can stand."""
    sessions = [session(1, first), session(2, second)]
    if follow_up is not None:
        sessions.append(session(3, follow_up, follow_up=True))
    over = PLANNED not in (first, second) and HELD in (first, second)
    done = over and follow_up in (HELD, None)
    expected = GroupState.COMPLETED if done else GroupState.FOLLOW_UP if over else GroupState.RUNNING
    assert rules.state_of(GROUP, sessions) is expected
    assert rules.state_of(evolve(GROUP, state=GroupState.FOLLOW_UP), sessions) is expected


@pytest.mark.parametrize("state", [GroupState.PLANNED, GroupState.COMPLETED, GroupState.ENDED])
def test_a_group_that_has_not_begun_or_is_over_stays_what_it_is(state: GroupState) -> None:
    """Whatever its sessions say."""
    assert rules.state_of(evolve(GROUP, state=state), [session(1, HELD)]) is state


def test_the_follow_up_stays_where_it_is_when_nothing_has_moved() -> None:
    """No change, no new revision in anybody's calendar."""
    series = [session(1, HELD), session(2, PLANNED)]
    follow_up = session(3, PLANNED, follow_up=True)
    moves = rules.follow_up_moves(GROUP, ME_WE, [*series, follow_up])
    assert moves is not None
    settled = evolve(follow_up, start_time=moves[1])
    assert rules.follow_up_moves(GROUP, ME_WE, [*series, settled]) is None


def test_a_follow_up_without_a_series_stays() -> None:
    """If every session of the series is cancelled, there is nothing to count from."""
    assert rules.follow_up_moves(GROUP, ME_WE, [session(1, CANCELLED), session(2, PLANNED, follow_up=True)]) is None
