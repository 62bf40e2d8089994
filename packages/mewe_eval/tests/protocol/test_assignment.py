"""Randomisation: nobody can foresee it, and everybody can check it afterwards."""

from collections import Counter

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from mewe_eval.protocol.assignment import Assigned, NotAssignable, arm_of, assigned, balance, commitment, verify
from mewe_eval.protocol.definition import Assignment, Unit
from whenever import Instant

EVEN = Assignment(unit=Unit.GROUP, ratio={"programme": 1, "waiting": 1}, blocks=(1, 2))
NOW = Instant.from_utc(2026, 11, 23)
SECRET = bytes(range(32))


def log_of(assignment: Assignment, secret: bytes, strata: list[str]) -> list[Assigned]:
    """A log of one unit after the other."""
    log = list[Assigned]()
    for number, stratum in enumerate(strata):
        log.append(assigned(assignment, secret, log, stratum, f"group-{number}", NOW.add(minutes=number)))
    return log


@given(
    secret=st.binary(min_size=32, max_size=32),
    ratio=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strata=st.lists(st.sampled_from("abc"), max_size=40),
)
def test_arms_are_never_further_apart_than_one_block(secret: bytes, ratio: tuple[int, int], strata: list[str]) -> None:
    """In each stratum, at every moment; and whoever has the secret draws the same again."""
    assignment = evolve(EVEN, ratio={"programme": ratio[0], "waiting": ratio[1]})
    log = log_of(assignment, secret, strata)
    verify(assignment, secret, commitment(secret), log)
    for stratum in "abc":
        for end in range(len(log) + 1):
            counted = balance([one for one in log[:end] if one.stratum == stratum])
            off = counted.get("programme", 0) * ratio[1] - counted.get("waiting", 0) * ratio[0]
            assert abs(off) <= max(EVEN.blocks) * ratio[0] * ratio[1]


def test_every_order_of_a_block_is_as_likely() -> None:
    """Of 12,000 secrets, each of the six orders of two and two gets a sixth: within five standard errors."""
    two = evolve(EVEN, blocks=(2,))
    drawn = Counter(tuple(arm_of(two, number.to_bytes(32), "a", place) for place in range(4)) for number in range(12_000))
    assert len(drawn) == 6
    assert all(abs(count - 2000) < 5 * (12_000 * 5 / 36) ** 0.5 for count in drawn.values())


def test_an_arm_cannot_be_told_from_those_before() -> None:
    """After one of each, the next is one as often as the other: a block may have ended there, or not."""
    again = list[bool]()
    for number in range(12_000):
        first, second, third = (arm_of(EVEN, number.to_bytes(32), "a", place) for place in range(3))
        again += [third == first] if first != second else []
    assert abs(sum(again) / len(again) - 0.5) < 5 * 0.5 / len(again) ** 0.5


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda log: log[1:], "entry 1 does not follow"),
        (lambda log: [*log[:2], *log[3:]], "entry 3 does not follow"),
        (lambda log: [*log[:2], evolve(log[2], assign_time=NOW), *log[3:]], "entry 4 does not follow"),
        (lambda log: [*log[:2], evolve(log[2], unit_id="group-0"), *log[3:]], "entry 3 assigns somebody for the second time"),
        (lambda log: [*log[:2], evolve(log[2], arm=_other(log[2].arm)), *log[3:]], "entry 3 is not the arm that was drawn"),
    ],
)
def test_a_log_that_was_changed_is_found(changed: object, said: str) -> None:
    """An entry left out, altered, or put in again."""
    assert callable(changed)
    log = log_of(EVEN, SECRET, ["a"] * 6)
    with pytest.raises(NotAssignable, match=said):
        verify(EVEN, SECRET, commitment(SECRET), changed(log))


def test_another_secret_is_found() -> None:
    """Whoever would like another order cannot have one afterwards."""
    with pytest.raises(NotAssignable, match="not the one that was published"):
        verify(EVEN, bytes(32), commitment(SECRET), [])


def test_nobody_is_assigned_twice() -> None:
    """Asking again gives no second chance."""
    log = log_of(EVEN, SECRET, ["a"])
    with pytest.raises(NotAssignable, match="already"):
        assigned(EVEN, SECRET, log, "b", "group-0", NOW)


def _other(arm: str) -> str:
    return "waiting" if arm == "programme" else "programme"
