"""One person's answers are scored exactly, and never at all if they are not finished."""

import math
from fractions import Fraction

import pytest
from attrs import evolve
from mewe_eval.instruments import (
    NoScore,
    NotScorable,
    ScaleScore,
    Scored,
    alerts,
    read_conversion,
    score,
    shipped_instruments,
)
from mewe_eval.instruments.model import Instrument, Method, Missing, Polarity, ReverseAnswers, Rounding, Scale
from mewe_eval.instruments.scoring import rounded

SHIPPED = shipped_instruments()
BRS, PHQ, PANOC, KIDSCREEN = (SHIPPED[name] for name in ("brs", "phq-9", "panoc-yc20", "kidscreen-10"))
TABLE = """
instrument = "kidscreen-10"
version = 1
reference = "a table of this test's own"
points = [
  { score = 33, value = 41.5 },
  { score = 30, value = 38.25 },
]
"""


def lenient(instrument: Instrument, least: int, missing: Missing) -> Instrument:
    """The instrument with a total that needs fewer answers."""
    assert instrument.total is not None
    return evolve(instrument, total=evolve(instrument.total, least=least, missing=missing))


def total_of(instrument: Instrument, answers: dict[str, float | None]) -> ScaleScore:
    """The total, which has to be there."""
    found = score(instrument, answers)
    assert isinstance(found, Scored)
    assert found.total is not None
    return found.total


@pytest.mark.parametrize("missing", [{"6": None}, {"6": math.nan}, {}])
def test_who_has_not_finished_has_no_score(missing: dict[str, float | None]) -> None:
    """None, NaN and nothing are the same: not answered."""
    found = score(BRS, {"1": 3, "2": 3, "3": 3, "4": 3, "5": 3, **missing})
    assert found == NotScorable(reason=NoScore.UNFINISHED, items=("6",))


def test_no_answers_are_no_score() -> None:
    """Every item that counts is named, and those that do not are not."""
    found = score(PHQ, {})
    assert isinstance(found, NotScorable)
    assert found.items == tuple("123456789")


@pytest.mark.parametrize("answer", [0, 6, 2.5, -1, math.inf, True])
def test_an_answer_that_is_not_allowed_is_named(answer: float) -> None:
    """It is neither cut to the range nor left out."""
    found = score(BRS, {"1": 3, "2": answer, "3": 3, "4": 3, "5": 3, "6": 3})
    assert found == NotScorable(reason=NoScore.OUT_OF_RANGE, items=("2",))


def test_an_item_that_there_is_not_is_named() -> None:
    """Somebody has scored the answers to another instrument."""
    assert score(BRS, {"7": 3, "1": 3}) == NotScorable(reason=NoScore.UNKNOWN_ITEM, items=("7",))


def test_a_whole_number_written_as_a_float_is_that_number() -> None:
    """As it comes from JSON or a table."""
    assert total_of(BRS, {str(n): 3.0 for n in range(1, 7)}).score == 3


def test_items_that_were_recoded_before_are_not_turned_round_again() -> None:
    """The same person, once as answered and once as recoded."""
    assert BRS.reverse is not None
    recoded = evolve(BRS, reverse=evolve(BRS.reverse, answers=ReverseAnswers.RECODED))
    assert total_of(BRS, dict(zip("123456", [4, 2, 4, 2, 3, 1], strict=True))).score == 4
    assert total_of(recoded, dict(zip("123456", [4, 4, 4, 4, 3, 5], strict=True))).score == 4


def test_the_item_on_difficulty_is_not_part_of_the_sum() -> None:
    """Whether it is answered or not."""
    nine = dict.fromkeys("123456789", 1)
    assert total_of(PHQ, {**nine, "10": 3}).score == total_of(PHQ, {**nine}).score == 9


def test_a_sum_is_scaled_up_for_what_is_missing_if_the_instrument_says_so() -> None:
    """From two thirds of the items to all; below the minimum there is no score."""
    instrument = lenient(PHQ, 6, Missing.PRORATE)
    found = score(instrument, dict.fromkeys("1234567", 2))
    assert isinstance(found, Scored)
    assert found.prorated
    assert found.total is not None
    assert (found.total.score, found.total.answered, found.total.prorated) == (Fraction(18), 7, True)
    assert total_of(instrument, dict(zip("1234567", [1, 0, 0, 0, 0, 0, 0], strict=True))).score == Fraction(9, 7)
    assert isinstance(score(instrument, dict.fromkeys("12345", 2)), NotScorable)


def test_a_mean_is_that_of_the_answered_if_the_instrument_says_so() -> None:
    """Exactly: a third is a third."""
    instrument = lenient(BRS, 3, Missing.MEAN_OF_ANSWERED)
    found = total_of(instrument, {"1": 1, "3": 1, "5": 2})
    assert (found.score, found.prorated) == (Fraction(4, 3), False)


@pytest.mark.parametrize(
    ("number", "decimals", "up", "even"),
    [
        (Fraction(5, 2), 0, 3, 2),
        (Fraction(7, 2), 0, 4, 4),
        (Fraction(-5, 2), 0, -2, -2),
        (Fraction(1, 8), 2, Fraction(13, 100), Fraction(12, 100)),
        (Fraction(2675, 1000), 2, Fraction(268, 100), Fraction(268, 100)),
        (Fraction(1, 3), 1, Fraction(3, 10), Fraction(3, 10)),
    ],
)
def test_a_half_goes_up_or_to_the_even_neighbour(number: Fraction, decimals: int, up: Fraction, even: Fraction) -> None:
    """By the rule that the instrument names, and never by how a float happens to lie."""
    assert rounded(number, Rounding.HALF_UP, decimals) == up
    assert rounded(number, Rounding.HALF_EVEN, decimals) == even
    assert rounded(number, Rounding.NONE, decimals) == number


def test_without_the_owners_table_there_is_no_score() -> None:
    """The sum of KIDSCREEN-10 means nothing by itself."""
    assert score(KIDSCREEN, {str(n): 3 for n in range(1, 11)}) == NotScorable(reason=NoScore.NO_TABLE)


def test_the_owners_table_turns_a_sum_into_a_t_value() -> None:
    """Also a sum that was scaled up and rounded; a sum that the table leaves out has no value."""
    table = read_conversion(TABLE, "table.toml", KIDSCREEN)
    found = score(KIDSCREEN, {str(n): 3 for n in range(1, 11)}, [table])
    assert isinstance(found, Scored)
    assert found.total is not None
    assert (found.total.score, found.total.converted, found.total.unit) == (Fraction(30), Fraction(153, 4), "T")
    nine = {"1": 3, "2": 3, "3": 3, "4": 3, "5": 3, "6": 3, "7": 4, "8": 4, "9": 4}
    again = score(KIDSCREEN, nine, [table])
    assert isinstance(again, Scored)
    assert again.total is not None
    assert (again.total.raw, again.total.score, again.total.converted) == (Fraction(300, 9), Fraction(33), Fraction(83, 2))
    assert score(KIDSCREEN, {str(n): 1 for n in range(1, 11)}, [table]) == NotScorable(reason=NoScore.NOT_IN_TABLE)


def test_single_items_have_no_score() -> None:
    """Ours are read one by one."""
    found = score(SHIPPED["how-things-are"], {"energy": 3})
    assert found == NotScorable(reason=NoScore.NOTHING_TO_SCORE)


def test_without_a_total_no_answers_are_no_score() -> None:
    """Every item of every subscale is named."""
    found = score(SHIPPED["cbi"], {})
    assert isinstance(found, NotScorable)
    assert (found.reason, len(found.items)) == (NoScore.UNFINISHED, 19)


@pytest.mark.parametrize("answer", [1, 2, 3, 9])
def test_a_single_answer_can_raise_an_alert(answer: int) -> None:
    """It waits for no other answer, and an answer that is out of range raises it too."""
    assert [one.item for one in alerts(PHQ, {"9": answer})] == ["9"]
    found = score(PHQ, {"9": answer})
    assert isinstance(found, NotScorable)
    assert [one.item for one in found.alerts] == ["9"]


@pytest.mark.parametrize("answer", [0, None, math.nan])
def test_no_answer_and_not_at_all_raise_none(answer: float | None) -> None:
    """Silence is no sign of anything."""
    assert alerts(PHQ, {"9": answer, "1": 3}) == ()


def test_an_alert_says_whether_it_is_our_inference() -> None:
    """Whoever decides what to do with it sees which are ours."""
    found = alerts(PANOC, {"16": 1, "9": 2, "14": 1, "11": 0})
    assert [(one.item, one.inferred) for one in found] == [("16", False), ("9", True), ("14", True)]


def test_a_subscale_that_is_complete_counts_beside_one_that_is_not() -> None:
    """Where there is no total, nothing depends on all of them."""
    scale = Scale(id="pair", items=("1", "2"), method=Method.SUM, low=2, high=10, polarity=Polarity.NEITHER, source="test")
    other = evolve(scale, id="other", items=("3", "4"))
    found = score(evolve(BRS, total=None, subscales=(scale, other)), {"1": 5, "2": 1})
    assert isinstance(found, Scored)
    pair = found.subscales["pair"]
    assert isinstance(pair, ScaleScore)
    assert pair.score == 10
    assert found.subscales["other"] == NotScorable(reason=NoScore.UNFINISHED, items=("3", "4"))
