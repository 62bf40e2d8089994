"""How much one person may ask for: as many as there are a minute, evenly again, and of everybody for themselves."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mewe_host.allowance import MINUTE, Allowance, Allowances, full_again, waits
from mewe_host.desk.failures import TooManyCalls

PAUSES = st.lists(st.integers(0, 20_000), max_size=200)
"""Thousandths of a second between one call and the next."""


def taken(allowances: Allowances, now: float, person: str = "p1", *, much: bool = False) -> bool:
    """Whether somebody may."""
    try:
        allowances.take(person, now, much=much)
    except TooManyCalls:
        return False
    return True


@given(PAUSES, st.integers(1, 60))
def test_a_bucket_is_what_everybody_means_by_it(pauses: list[int], a_minute: int) -> None:
    """It holds a minute's worth, fills up evenly, is never fuller than full, and gives whenever there is one in it."""
    full_at, now, there = 0.0, Fraction(10_000), Fraction(a_minute)
    for pause in pauses:
        now += Fraction(pause, 1000)
        there = min(Fraction(a_minute), there + Fraction(pause * a_minute, 60_000))
        wait = waits(full_at, float(now), a_minute)
        if there >= 1:
            assert wait <= 0
            there -= 1
            full_at = full_again(full_at, float(now), a_minute)
        elif there < 1 - Fraction(1, 100):
            assert wait == pytest.approx(float((1 - there) * 60 / a_minute), abs=0.0011 * 60 / a_minute)


@pytest.mark.parametrize("a_minute", [1, 2, 7, 60, 300, 1_000_000])
def test_exactly_so_many_at_once(a_minute: int) -> None:
    """Whatever the clock shows, and however the division comes out: not one less, and not one more."""
    for now in (0.0, 0.1, 12_345.678, 1e7):
        allowances = Allowances(Allowance(a_minute, a_minute))
        most = min(a_minute, 1000)
        if a_minute == most:
            assert [taken(allowances, now) for _ in range(most + 2)] == [True] * most + [False] * 2
        else:
            assert all(taken(allowances, now) for _ in range(most))


@given(PAUSES, st.integers(1, 30), st.integers(1, 30))
def test_in_no_minute_more_than_twice_what_a_minute_gives(pauses: list[int], calls: int, lists: int) -> None:
    """However they are spread, and lists are never more than their own."""
    allowances, now, given_at, listed_at = Allowances(Allowance(calls, lists)), 0.0, list[float](), list[float]()
    for number, pause in enumerate(pauses):
        now += pause / 1000
        if taken(allowances, now, much=number % 2 == 0):
            given_at.append(now)
            if number % 2 == 0:
                listed_at.append(now)
    for moments, most in ((given_at, 2 * calls + 1), (listed_at, 2 * lists + 1)):
        assert all(sum(begin <= one < begin + MINUTE for one in moments) <= most for begin in moments)


def test_who_waits_as_long_as_they_are_told_is_answered() -> None:
    """And nobody who waits less by a second's fraction that matters; the seconds are whole, and one at least."""
    allowances = Allowances(Allowance(4, 2))
    assert [taken(allowances, 0.0, much=True) for _ in range(2)] == [True, True]
    with pytest.raises(TooManyCalls) as refused:
        allowances.take("p1", 0.0, much=True)
    assert refused.value.after_seconds == 30
    assert not taken(allowances, 29.0, much=True)
    assert taken(allowances, 30.0, much=True)
    quick = Allowances(Allowance(300, 120))
    while taken(quick, 0.0):
        pass
    with pytest.raises(TooManyCalls) as soon:
        quick.take("p1", 0.0, much=False)
    assert soon.value.after_seconds == 1


def test_a_refusal_takes_nothing() -> None:
    """Whoever goes on trying is not kept out for longer; and a list that is refused leaves the other calls as they were."""
    allowances = Allowances(Allowance(3, 1))
    assert taken(allowances, 0.0, much=True)
    assert not any(taken(allowances, 0.0, much=True) for _ in range(100))
    assert [taken(allowances, 0.0) for _ in range(3)] == [True, True, False]
    assert not any(taken(allowances, 19.0) for _ in range(100))
    assert taken(allowances, 20.0)


def test_everybody_has_their_own() -> None:
    """One who has used it all up takes nothing from the next."""
    allowances = Allowances(Allowance(2, 2))
    assert [taken(allowances, 0.0, "p1") for _ in range(3)] == [True, True, False]
    assert taken(allowances, 0.0, "p2")


def test_it_is_remembered_of_so_many_and_no_more() -> None:
    """Memory is bounded, and whoever calls on and on is not forgotten while others come and go."""
    allowances = Allowances(Allowance(2, 2), most=10)
    taken(allowances, 0.0, "busy")
    taken(allowances, 0.0, "busy")
    for number in range(1000):
        assert taken(allowances, 0.0, f"p{number}")
        assert not taken(allowances, 0.0, "busy")
    assert len(allowances) == 10
