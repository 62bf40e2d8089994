"""How erasures and returns go on and end: every case there is."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as draw
from mewe_core.kit.strategies import moments
from mewe_core.people.errors import AnotherAdult
from mewe_core.people.privacy import rules as erasing
from mewe_core.people.privacy.model import ErasureState
from mewe_core.people.returning import rules as returning
from whenever import Instant

NOW = Instant.from_utc(2026, 9, 1, 14)
AREAS = ("people", "chat", "safety")


@given(moments(), draw.integers(0, 1000))
def test_what_is_asked_for_now_is_done_after_its_hours(now: Instant, hours: int) -> None:
    """An erasure after those of the deployment; a return waits three days."""
    assert erasing.destruction(now, hours) == now.add(hours=hours)
    assert returning.ends(now) == now.add(hours=72)


@pytest.mark.parametrize(("undone", "decided", "completed"), list(product((None, NOW), repeat=3)))
def test_an_erasure_is_undone_or_goes_its_way(
    undone: Instant | None, decided: Instant | None, completed: Instant | None
) -> None:
    """Asked for, decided, complete; what was undone is nothing else."""
    on_its_way = ErasureState.ASKED if decided is None else ErasureState.COMPLETED if completed else ErasureState.DECIDED
    assert erasing.state(undone, decided, completed) is (ErasureState.UNDONE if undone else on_its_way)


@given(draw.lists(draw.sampled_from(AREAS)), draw.lists(draw.sampled_from((*AREAS, "gone"))))
def test_an_erasure_is_complete_when_every_feature_has_answered(areas: list[str], answered: list[str]) -> None:
    """However often, and whoever else answers."""
    assert erasing.is_complete(areas, answered) is all(one in answered for one in areas)


@pytest.mark.parametrize(("caller", "first", "second"), list(product(("lena", "lars", None), repeat=3)))
def test_the_next_step_of_a_return_is_somebody_elses(caller: str | None, first: str | None, second: str | None) -> None:
    """Nobody does two steps, nor does the person, nor somebody whom nobody knows."""
    if caller is not None and caller not in (first, second):
        returning.another(caller, first, second)
        return
    with pytest.raises(AnotherAdult):
        returning.another(caller, first, second)
