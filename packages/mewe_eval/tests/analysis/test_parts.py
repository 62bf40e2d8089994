"""Where a part of an analysis cannot be had, the rest of it can; and a table may come from elsewhere than a file."""

import numpy as np
import pytest
from mewe_eval.analysis import definition as asked
from mewe_eval.analysis.people import change
from mewe_eval.analysis.regressions import linear_model
from mewe_eval.analysis.table import Table
from mewe_eval.statistics.results import NotEstimable

CHANCE = np.random.Generator(np.random.PCG64(7))
GROUPS = tuple(f"group {place // 4}" for place in range(40))
OUTCOME = CHANCE.normal(size=40)


def table(arms: tuple[str, ...], outcome: np.ndarray[tuple[int], np.dtype[np.float64]] = OUTCOME) -> Table:
    """Forty people in ten groups."""
    measured = {"before": np.zeros(40), "after": outcome, "outcome": outcome}
    return Table({"arm": arms, "cluster": GROUPS}, "0" * 64, measured=measured)


def test_an_arm_with_too_few_people_is_said_and_the_others_are_shown() -> None:
    """One who is alone changes by no interval; the rest of them do."""
    arms = ("alone", *(("many",) * 39))
    whole = Table({"arm": arms}, "0" * 64, measured={"before": CHANCE.normal(size=40), "after": OUTCOME})
    found = change(asked.Change(before="before", after="after", by="arm"), whole)
    assert {one.name for one in found.figures if one.error is not None} == {
        "many: mean change",
        "many: standardised mean change",
    }
    assert [note.split(":")[0] for note in found.notes] == ["alone"]


def test_no_group_with_enough_people_is_a_refusal() -> None:
    """Never an empty answer that looks like one."""
    whole = Table({"arm": ("a", "b")}, "0" * 64, measured={"before": np.zeros(2), "after": np.ones(2)})
    with pytest.raises(NotEstimable, match="TOO_FEW_PEOPLE"):
        change(asked.Change(before="before", after="after", by="arm"), whole)


def test_a_contrast_that_one_cluster_decides_has_no_error_and_the_others_have() -> None:
    """A category that is in one group alone: its value is shown, and why nothing can be said of how sure it is."""
    arms = tuple("rare" if place < 2 else "waiting" if place // 4 % 2 else "programme" for place in range(40))
    found = linear_model(asked.LinearModel(outcome="outcome", terms=("arm",), cluster="cluster"), table(arms))
    by_name = {one.name: one for one in found.figures}
    assert by_name["arm[waiting]"].error is not None
    assert by_name["arm[rare]"].error is None
    assert by_name["arm[rare]"].value is not None
    assert found.notes == ("arm[rare]: One cluster alone decides this contrast: its error cannot be estimated.",)


def test_numbers_in_place_of_a_column_are_those_that_count() -> None:
    """Whether the column was words or numbers before; imputation rests on it."""
    whole = Table({"x": ("1", "2")}, "0" * 64, measured={"y": np.array([3.0, 4.0])})
    other = whole.with_numbers({"x": np.array([5.0, 6.0]), "y": np.array([7.0, 8.0])})
    assert (other.numbers("x").tolist(), other.numbers("y").tolist()) == ([5, 6], [7, 8])
    assert whole.with_columns({"y": ("9", None)}).numbers("y").tolist()[0] == 9
    assert whole.with_columns({"y": ("9", None)}).there("y").tolist() == [True, False]
